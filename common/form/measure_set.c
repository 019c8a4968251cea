/* SPDX-License-Identifier: Apache-2.0
 *
 * Two tables: names for several measures, and names of slots.
 */
#include "form/measure_set_internal.h"

#include "base/text.h"
#include "form/expression.h"

#define BIT(measure) UINT64_C(1) << MEASURE_##measure

static const struct {
    const char *name;
    uint64_t measures;
    bool stock;
} groups[] = {
    {"resolved",
     BIT(RESOLVED_EARLY) | BIT(RESOLVED_ON_TIME) | BIT(RESOLVED_LATE_APOLOGY) |
         BIT(RESOLVED_LATE_NO_APOLOGY),
     false},
    {"resolved_late", BIT(RESOLVED_LATE_APOLOGY) | BIT(RESOLVED_LATE_NO_APOLOGY), false},
    {"petition_resolved", BIT(PETITION_RESOLVED_ON_TIME) | BIT(PETITION_RESOLVED_LATE), false},
    {"processing", BIT(PROCESSING_IN_TIME) | BIT(PROCESSING_OVERDUE), true},
    {"unresolved",
     BIT(PROCESSING_IN_TIME) | BIT(PROCESSING_OVERDUE) | BIT(WAITING_SUPPLEMENT) |
         BIT(WAITING_PAYMENT) | BIT(STOPPED),
     true},
    {"petition_open", BIT(PETITION_OPEN_IN_TIME) | BIT(PETITION_OPEN_OVERDUE), true},
};

static const struct slot_name slot_names[] = {
    {"online", SLOT_CHANNEL, CHANNEL_ONLINE},
    {"direct", SLOT_CHANNEL, CHANNEL_DIRECT},
    {"postal", SLOT_CHANNEL, CHANNEL_POSTAL},
    {"full", SLOT_LEVEL, LEVEL_FULL},
    {"partial", SLOT_LEVEL, LEVEL_PARTIAL},
    {"not_online", SLOT_LEVEL, LEVEL_NOT_ONLINE},
    {"administrative", SLOT_CLASS, CLASS_ADMINISTRATIVE},
    {"business", SLOT_CLASS, CLASS_BUSINESS},
};

static bool is_petition(uint64_t measures)
{
    const uint64_t all = BIT(PETITION_RECEIVED) | BIT(PETITION_RESOLVED_ON_TIME) |
                         BIT(PETITION_RESOLVED_LATE) | BIT(PETITION_OPEN_IN_TIME) |
                         BIT(PETITION_OPEN_OVERDUE);
    return (measures & all) != 0;
}

bool measure_set_find(struct slice name, struct measure_set *ret_set)
{
    const enum measure measure = measure_of(name);
    if (measure != MEASURE_COUNT) {
        const uint64_t measures = UINT64_C(1) << measure;
        *ret_set = (struct measure_set){measures, measure_is_stock(measure), is_petition(measures)};
        return true;
    }
    for (unsigned i = 0; i < COUNT_OF(groups); i++) {
        if (slice_equal(slice_text(groups[i].name), name)) {
            *ret_set = (struct measure_set){groups[i].measures, groups[i].stock,
                                            is_petition(groups[i].measures)};
            return true;
        }
    }
    return false;
}

const char *measure_set_nearest(struct slice name)
{
    struct text_guess guess = text_guess_of(name);
    for (unsigned i = 0; i < MEASURE_COUNT; i++) {
        text_guess_try(&guess, measure_name((enum measure)i));
    }
    for (unsigned i = 0; i < COUNT_OF(groups); i++) {
        text_guess_try(&guess, groups[i].name);
    }
    return guess.nearest;
}

bool expression_is_measure(struct slice name)
{
    struct measure_set set;
    return measure_set_find(name, &set);
}

const struct slot_name *slot_name_find(struct slice name)
{
    for (unsigned i = 0; i < COUNT_OF(slot_names); i++) {
        if (slice_equal(slice_text(slot_names[i].name), name)) {
            return &slot_names[i];
        }
    }
    return NULL;
}

uint32_t slot_name_slots(const struct slot_name *name)
{
    switch (name->kind) {
    case SLOT_CHANNEL:
        return slots_of((enum channel)name->value, LEVEL_NONE_GIVEN);
    case SLOT_LEVEL:
        return slots_of(CHANNEL_NONE, (enum service_level)name->value);
    default:
        return slots_of_class((enum petition_class)name->value);
    }
}
