/* SPDX-License-Identifier: Apache-2.0
 *
 * How many events stand behind what a new catalogue changes, as intake's journal has them.
 */
#ifndef HOSO_CATALOGUE_CATALOGUE_USES_H
#define HOSO_CATALOGUE_CATALOGUE_USES_H

#include "base/arena.h"
#include "catalogue/catalogue.h"
#include "client/client.h"

enum { USES_UNITS, USES_FIELDS, USES_PROCEDURES, USES_TABLES };

struct catalogue_uses {
    struct {
        char **ids; /* sorted, each once */
        uint64_t *events;
        size_t count;
    } tables[USES_TABLES];
};

/* Of every id that is in `before` and changes or goes, or of those alone that go. In the arena.
 * DENIED = this key is no administrator's. */
enum hoso_status catalogue_uses_count(struct hoso_client *client, const struct catalogue *before,
                                      const struct catalogue *after, bool gone_alone,
                                      struct arena *arena, struct catalogue_uses *ret_uses,
                                      struct hoso_error *error);

#endif
