/* SPDX-License-Identifier: Apache-2.0
 *
 * What units are called, from the catalogue. A unit that this key
 * may not see is called by its id.
 */
#ifndef HOSO_REPORT_UNIT_NAMES_H
#define HOSO_REPORT_UNIT_NAMES_H

#include <stdbool.h>

#include "client/hoso_read.h"

struct unit_names {
    struct hoso_units *units; /* NULL = none */
    const struct hoso_unit **by_id;
    bool english;
};

/* Of the subtree of `unit` on the day; keeps the old names if they cannot be loaded. */
void unit_names_load(struct unit_names *names, struct hoso_client *client, const char *unit,
                     const char *day);
void unit_names_fini(struct unit_names *names);
const char *unit_name(const struct unit_names *names, const char *id);

#endif
