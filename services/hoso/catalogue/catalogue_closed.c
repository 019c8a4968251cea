/* SPDX-License-Identifier: Apache-2.0
 *
 * Which changes of units reach back into closed periods: the tree of a closed day would be another
 * one, so what was closed and what is reported of it today no longer have the same rows.
 */
#include <stdio.h>
#include <string.h>

#include "base/localday.h"
#include "catalogue/catalogue_diff.h"
#include "catalogue/scope.h"
#include "client/hoso_period.h"
#include "services/hoso/catalogue/catalogue_internal.h"

enum { CLOSES_LOOKED_AT = 1000, WARNINGS_MAX = 100 };

struct closed_check {
    const struct hoso_closes *closes;
    const struct catalogue *before, *after;
    struct slice id; /* looked at last: the changes of one unit follow each other */
    unsigned warnings;
};

/* The unit's row of the day, else the last one before it. */
static const struct unit *row_at(const struct catalogue *catalogue, struct slice id, int32_t day)
{
    const struct unit *row = catalogue_unit(catalogue, id, day);
    return row != NULL ? row : catalogue_unit_before(catalogue, id, day);
}

static bool same_codes(const struct code_list *a, const struct code_list *b)
{
    bool same = a->count == b->count;
    for (uint32_t i = 0; i < a->count && same; i++) {
        same = strcmp(a->codes[i], b->codes[i]) == 0;
    }
    return same;
}

/* As far as the days up to `day` tell them apart. What a row is called does not matter. */
static bool same_row(const struct unit *a, const struct unit *b, int32_t day)
{
    const bool ended = a->to_day <= day || b->to_day <= day;
    return a->from_day == b->from_day && slice_equal(a->parent, b->parent) &&
           (!ended || (a->to_day == b->to_day && same_codes(&a->successors, &b->successors)));
}

/* Has the unit another history up to that day? */
static bool differs(const struct closed_check *check, struct slice id, int32_t day)
{
    const struct unit *before = row_at(check->before, id, day);
    const struct unit *after = row_at(check->after, id, day);
    while (before != NULL && after != NULL) {
        if (!same_row(before, after, day)) {
            return true;
        }
        before = catalogue_unit_before(check->before, id, before->from_day);
        after = catalogue_unit_before(check->after, id, after->from_day);
    }
    return before != after;
}

static void warn_of(void *context, const struct catalogue_change *change)
{
    struct closed_check *check = context;
    if (change->table[0] != 'u' || slice_equal(check->id, change->id)) {
        return;
    }
    check->id = change->id;
    for (size_t i = 0; i < check->closes->count; i++) {
        const struct hoso_close *close = &check->closes->closes[i];
        const struct slice unit = slice_text(close->unit);
        int32_t day = 0;
        const bool covered = localday_parse(slice_text(close->to), &day) &&
                             (scope_covers(check->before, unit, change->id) ||
                              scope_covers(check->after, unit, change->id));
        if (covered && differs(check, change->id, day)) {
            if (check->warnings++ < WARNINGS_MAX) {
                command_warn("units: %.*s changes before %s, up to which %s was closed "
                             "(close %u): today's reports of that time get other rows than the "
                             "close has",
                             SLICE_ARG(change->id), close->to, close->unit, close->number);
            }
            return;
        }
    }
}

void catalogue_warn_of_closed(struct hoso_client *client, const struct catalogue *before,
                              const struct catalogue *after, struct arena *arena)
{
    const struct hoso_closes_query query = {.limit = CLOSES_LOOKED_AT};
    struct hoso_closes *closes = NULL;
    struct hoso_error error;
    if (hoso_closes_list(client, &query, &closes, &error) != HOSO_OK) {
        command_warn("whether closed periods are concerned is not known: %s", error.text);
        return;
    }
    struct closed_check check = {.closes = closes, .before = before, .after = after};
    if (closes->count != 0 && catalogue_diff(before, after, arena, warn_of, &check) == STATUS_OK &&
        check.warnings > WARNINGS_MAX) {
        command_warn("and %u more", check.warnings - WARNINGS_MAX);
    }
    hoso_free(closes);
}
