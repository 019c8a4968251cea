/* SPDX-License-Identifier: Apache-2.0
 *
 * What is wrong with a catalogue is collected, so that a list of thousands of rows is mended at one
 * go; and the checks of single texts and dates that all rows share.
 */
#include <stdarg.h>
#include <stdio.h>

#include "base/localday.h"
#include "base/text.h"
#include "catalogue/catalogue_internal.h"

__attribute__((format(printf, 5, 0))) static void fill(struct fault *fault, const char *table,
                                                       uint32_t row, const char *column,
                                                       const char *format, va_list arguments)
{
    *fault = (struct fault){.table = table, .row = row, .other = CATALOGUE_NONE, .column = column};
    vsnprintf(fault->text, sizeof fault->text, format, arguments);
}

/* The last place is used again when all are taken. */
static struct fault *next_place(struct fault list[FAULTS_MAX], uint32_t *count)
{
    const uint32_t at = (*count)++;
    return &list[at < FAULTS_MAX ? at : FAULTS_MAX - 1];
}

struct fault *fault_add(struct faults *faults, const char *table, uint32_t row, const char *column,
                        const char *format, ...)
{
    va_list arguments;
    struct fault *fault = next_place(faults->list, &faults->count);
    va_start(arguments, format);
    fill(fault, table, row, column, format, arguments);
    va_end(arguments);
    faults->status = status_first(faults->status, STATUS_INVALID);
    return fault;
}

struct fault *warning_add(struct faults *faults, const char *table, uint32_t row,
                          const char *column, const char *format, ...)
{
    va_list arguments;
    struct fault *fault = next_place(faults->warnings, &faults->warning_count);
    va_start(arguments, format);
    fill(fault, table, row, column, format, arguments);
    va_end(arguments);
    return fault;
}

enum status fault_too_large(struct faults *faults, const char *what)
{
    (void)fault_add(faults, NULL, 0, NULL, "%s", what);
    faults->status = STATUS_TOO_LARGE;
    return STATUS_TOO_LARGE;
}

void fault_overlap(struct faults *faults, const char *table, uint32_t row, uint32_t other,
                   struct slice id)
{
    fault_add(faults, table, row, "valid_from",
              "%.*s has two rows for the same day; end one the day before the other begins",
              SLICE_ARG(id))
        ->other = other;
}

struct slice place_text(const struct place *place, const char *column, const char *given,
                        size_t max)
{
    const struct slice text = slice_text(given);
    struct slice normal;
    if (text.size > max) {
        fault_add(place->faults, place->table, place->row, column,
                  "\"%.40s…\" has %zu bytes, at most %zu are allowed; shorten it", given, text.size,
                  max);
        return (struct slice){0};
    }
    const enum status status = text_normalise(text, &place->catalogue->arena, &normal);
    if (status == STATUS_TOO_LARGE) {
        (void)fault_too_large(place->faults, FAULT_MEMORY);
    } else if (status != STATUS_OK || !slice_equal(text, normal)) {
        fault_add(place->faults, place->table, place->row, column,
                  "\"%.80s\" is not in Unicode form NFC; normalise it", given);
    } else {
        return text;
    }
    return (struct slice){0};
}

struct slice place_name(const struct place *place, const char *column, const char *given,
                        size_t max)
{
    if (given[0] == '\0') {
        fault_add(place->faults, place->table, place->row, column, "is empty; fill it in");
        return (struct slice){0};
    }
    return place_text(place, column, given, max);
}

static int32_t take_day(const struct place *place, const char *column, const char *given,
                        int32_t otherwise)
{
    int32_t day = otherwise;
    if (given[0] != '\0' && !localday_parse(slice_text(given), &day)) {
        fault_add(place->faults, place->table, place->row, column,
                  "\"%.40s\" is not a date; write YYYY-MM-DD, 2000-01-01 to 2099-12-31", given);
        return otherwise;
    }
    return day;
}

void place_span(const struct place *place, const char *from, const char *to, int32_t *ret_from,
                int32_t *ret_to)
{
    *ret_from = take_day(place, "valid_from", from, INT32_MIN);
    *ret_to = take_day(place, "valid_to", to, INT32_MAX);
    if (*ret_to != INT32_MAX) {
        *ret_to += 1;
    }
    if (*ret_from >= *ret_to) {
        fault_add(place->faults, place->table, place->row, "valid_to",
                  "%s is before valid_from %s; swap or mend the dates", to, from);
    }
}

struct code_list place_codes(const struct place *place, const char *column, char **given,
                             size_t count)
{
    if (count > CATALOGUE_CODES_MAX) {
        fault_add(place->faults, place->table, place->row, column,
                  "%zu are given, at most %d are allowed; drop some", count, CATALOGUE_CODES_MAX);
        return (struct code_list){0};
    }
    for (size_t i = 0; i < count; i++) {
        (void)place_name(place, column, given[i], CATALOGUE_ID_MAX);
        for (size_t j = 0; j < i; j++) {
            if (strcmp(given[i], given[j]) == 0) {
                fault_add(place->faults, place->table, place->row, column,
                          "%.64s is given twice; keep one", given[i]);
            }
        }
    }
    return (struct code_list){given, (uint32_t)count};
}

int span_compare(struct slice id_a, int32_t from_a, struct slice id_b, int32_t from_b)
{
    const int order = slice_compare(id_a, id_b);
    return order != 0 ? order : (from_a > from_b) - (from_a < from_b);
}
