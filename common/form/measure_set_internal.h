/* SPDX-License-Identifier: Apache-2.0
 *
 * The names that an expression (expression.h) may use: measures, several measures by one name, and
 * what stands in brackets.
 */
#ifndef HOSO_FORM_MEASURE_SET_INTERNAL_H
#define HOSO_FORM_MEASURE_SET_INTERNAL_H

#include "form/form.h"

struct measure_set {
    uint64_t measures; /* bit set over enum measure */
    bool stock;
    bool petition;
};

/* False: there is no such name. */
bool measure_set_find(struct slice name, struct measure_set *ret_set);
const char *measure_set_nearest(struct slice name); /* for "did you mean", or NULL */

/* At most one part of each kind may stand in brackets. */
enum slot_kind { SLOT_CHANNEL, SLOT_LEVEL, SLOT_CLASS, SLOT_KINDS };

struct slot_name {
    const char *name;
    enum slot_kind kind;
    uint8_t value; /* enum channel, service_level or petition_class */
};

const struct slot_name *slot_name_find(struct slice name); /* or NULL */
uint32_t slot_name_slots(const struct slot_name *name);

#endif
