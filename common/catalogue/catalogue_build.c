/* SPDX-License-Identifier: Apache-2.0
 *
 * From the packed message to sorted rows: texts, lengths, dates, enum values, ids given twice and
 * spans that overlap. Rows point into the unpacked message, which lives as long as the catalogue.
 * How units hang together is checked by catalogue_link().
 */
#include "catalogue/catalogue_internal.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/localday.h"
#include "base/text.h"
#include "wire/wire.h"

enum status fault_set(struct fault *fault, const char *table, uint32_t row, const char *column,
                      const char *format, ...)
{
    va_list arguments;
    fault->table = table;
    fault->row = row;
    fault->other = CATALOGUE_NONE;
    fault->column = column;
    va_start(arguments, format);
    vsnprintf(fault->text, sizeof fault->text, format, arguments);
    va_end(arguments);
    return STATUS_INVALID;
}

enum status fault_too_large(struct fault *fault, const char *what)
{
    fault_set(fault, NULL, 0, NULL, "%s", what);
    return STATUS_TOO_LARGE;
}

enum status place_text(const struct place *place, const char *column, const char *given, size_t max,
                       struct slice *ret_text)
{
    const struct slice text = slice_text(given);
    struct slice normal;
    if (text.size > max) {
        return fault_set(place->fault, place->table, place->row, column,
                         "\"%.40s…\" has %zu bytes, at most %zu are allowed; shorten it", given,
                         text.size, max);
    }
    const enum status status = text_normalise(text, &place->catalogue->arena, &normal);
    if (status == STATUS_TOO_LARGE) {
        return fault_too_large(place->fault,
                               "the catalogue needs too much memory; make it smaller");
    }
    if (status != STATUS_OK || !slice_equal(text, normal)) {
        return fault_set(place->fault, place->table, place->row, column,
                         "\"%.80s\" is not in Unicode form NFC; normalise it", given);
    }
    *ret_text = text;
    return STATUS_OK;
}

enum status place_name(const struct place *place, const char *column, const char *given, size_t max,
                       struct slice *ret_text)
{
    if (given[0] == '\0') {
        return fault_set(place->fault, place->table, place->row, column, "is empty; fill it in");
    }
    return place_text(place, column, given, max, ret_text);
}

static enum status take_day(const struct place *place, const char *column, const char *given,
                            int32_t otherwise, int32_t *ret_day)
{
    if (given[0] == '\0') {
        *ret_day = otherwise;
    } else if (!localday_parse(slice_text(given), ret_day)) {
        return fault_set(place->fault, place->table, place->row, column,
                         "\"%.40s\" is not a date; write YYYY-MM-DD, 2000-01-01 to 2099-12-31",
                         given);
    }
    return STATUS_OK;
}

/* Inclusive texts to the half-open span [from, to). */
enum status place_span(const struct place *place, const char *from, const char *to,
                       int32_t *ret_from, int32_t *ret_to)
{
    enum status status = take_day(place, "valid_from", from, INT32_MIN, ret_from);
    if (status == STATUS_OK) {
        status = take_day(place, "valid_to", to, INT32_MAX, ret_to);
    }
    if (status != STATUS_OK) {
        return status;
    }
    if (*ret_to != INT32_MAX) {
        *ret_to += 1;
    }
    if (*ret_from >= *ret_to) {
        return fault_set(place->fault, place->table, place->row, "valid_to",
                         "%s is before valid_from %s; swap or mend the dates", to, from);
    }
    return STATUS_OK;
}

static enum status take_unit(const struct place *place, const Hoso__V1__Unit *given,
                             struct unit_row *ret_row)
{
    struct unit *unit = &ret_row->unit;
    enum status status = place_name(place, "id", given->id, CATALOGUE_ID_MAX, &unit->id);
    if (status == STATUS_OK) {
        status = place_text(place, "code", given->code, CATALOGUE_ID_MAX, &unit->code);
    }
    if (status == STATUS_OK) {
        status = place_name(place, "name", given->name, CATALOGUE_NAME_MAX, &unit->name);
    }
    if (status == STATUS_OK) {
        status = place_text(place, "name_en", given->name_en, CATALOGUE_NAME_MAX, &unit->name_en);
    }
    if (status == STATUS_OK) {
        status = place_text(place, "parent", given->parent, CATALOGUE_ID_MAX, &unit->parent);
    }
    if (status == STATUS_OK) {
        status =
            place_span(place, given->valid_from, given->valid_to, &unit->from_day, &unit->to_day);
    }
    if (status != STATUS_OK) {
        return status;
    }
    if ((int)given->tier <= TIER_NONE || (int)given->tier >= TIER_COUNT) {
        return fault_set(place->fault, place->table, place->row, "tier",
                         "%d is not a tier; give NATION, MINISTRY, PROVINCE, DEPARTMENT, DISTRICT "
                         "or COMMUNE",
                         (int)given->tier);
    }
    if (given->n_successors > CATALOGUE_CODES_MAX) {
        return fault_set(place->fault, place->table, place->row, "successors",
                         "%zu are given, at most %d are allowed; keep those who took over most",
                         given->n_successors, CATALOGUE_CODES_MAX);
    }
    unit->tier = (enum tier)given->tier;
    unit->successors = (struct code_list){given->successors, (uint32_t)given->n_successors};
    unit->print_order = given->print_order;
    ret_row->origin = place->row;
    ret_row->parent = CATALOGUE_NONE;
    return STATUS_OK;
}

int span_compare(struct slice id_a, int32_t from_a, struct slice id_b, int32_t from_b)
{
    const int order = slice_compare(id_a, id_b);
    return order != 0 ? order : (from_a > from_b) - (from_a < from_b);
}

static int compare_units(const void *a, const void *b)
{
    const struct unit *left = &((const struct unit_row *)a)->unit;
    const struct unit *right = &((const struct unit_row *)b)->unit;
    return span_compare(left->id, left->from_day, right->id, right->from_day);
}

enum status fault_overlap(struct fault *fault, const char *table, uint32_t row, uint32_t other,
                          struct slice id)
{
    fault_set(fault, table, row, "valid_from",
              "%.*s has two rows for the same day; end one the day before the other begins",
              SLICE_ARG(id));
    fault->other = other;
    return STATUS_INVALID;
}

/* Rows are sorted: gives every id its range of rows. */
static enum status group_units(struct catalogue *catalogue, struct fault *fault)
{
    for (uint32_t i = 0; i < catalogue->row_count; i++) {
        struct unit_row *row = &catalogue->rows[i];
        const struct unit_row *before = i > 0 ? row - 1 : NULL;
        if (before == NULL || !slice_equal(before->unit.id, row->unit.id)) {
            catalogue->ids[catalogue->id_count++].row_first = i;
        } else if (before->unit.to_day > row->unit.from_day) {
            return fault_overlap(fault, "units", row->origin, before->origin, row->unit.id);
        }
        row->id = catalogue->id_count - 1;
        catalogue->ids[row->id].row_end = i + 1;
    }
    return STATUS_OK;
}

static enum status build_units(struct catalogue *catalogue, const Hoso__V1__Catalogue *message,
                               struct fault *fault)
{
    const size_t count = message->n_units;
    if (count > CATALOGUE_UNITS_MAX) {
        return fault_too_large(fault, "more than 20000 rows of units; drop some");
    }
    catalogue->rows = arena_array(&catalogue->arena, count, sizeof *catalogue->rows);
    catalogue->ids = arena_array(&catalogue->arena, count, sizeof *catalogue->ids);
    if (catalogue->arena.exceeded) {
        return fault_too_large(fault, "the units need too much memory; make the catalogue smaller");
    }
    for (uint32_t i = 0; i < count; i++) {
        const struct place place = {catalogue, fault, "units", i};
        const enum status status = take_unit(&place, message->units[i], &catalogue->rows[i]);
        if (status != STATUS_OK) {
            return status;
        }
    }
    catalogue->row_count = (uint32_t)count;
    if (count > 0) {
        qsort(catalogue->rows, count, sizeof *catalogue->rows, compare_units);
    }
    return group_units(catalogue, fault);
}

static enum status build(struct catalogue *catalogue, struct slice packed, struct fault *fault)
{
    ProtobufCMessage *message;
    struct error error;
    fault->table = NULL;
    if (packed.size > CATALOGUE_BYTES_MAX) {
        return fault_too_large(fault,
                               "the catalogue is over 6 MiB; shorten its names or drop rows");
    }
    catalogue->packed = arena_copy(&catalogue->arena, packed);
    enum status status = wire_unpack(&hoso__v1__catalogue__descriptor, catalogue->packed,
                                     &catalogue->arena, &message, &error);
    if (status != STATUS_OK) {
        fault_set(fault, NULL, 0, NULL, "%.*s", (int)(sizeof fault->text - 1), error.text);
        return status;
    }
    const Hoso__V1__Catalogue *given = (const Hoso__V1__Catalogue *)message;
    status = build_units(catalogue, given, fault);
    if (status == STATUS_OK) {
        status = catalogue_link(catalogue, fault);
    }
    if (status == STATUS_OK) {
        status = catalogue_succession(catalogue, fault);
    }
    if (status == STATUS_OK) {
        status = catalogue_build_fields(catalogue, given, fault);
    }
    if (status == STATUS_OK) {
        status = catalogue_build_procedures(catalogue, given, fault);
    }
    return status;
}

enum status catalogue_build(struct slice packed, struct catalogue **ret_catalogue,
                            struct fault *ret_fault)
{
    struct catalogue *catalogue = calloc(1, sizeof *catalogue);
    if (catalogue == NULL) {
        return fault_too_large(ret_fault, "out of memory for the catalogue; try again with more");
    }
    arena_init(&catalogue->arena, CATALOGUE_ARENA_MAX);
    buffer_init(&catalogue->ancestors,
                (CATALOGUE_STEPS_MAX + CATALOGUE_UNITS_MAX) * sizeof(uint32_t));
    const enum status status = build(catalogue, packed, ret_fault);
    if (status != STATUS_OK) {
        catalogue_free(catalogue);
        return status;
    }
    *ret_catalogue = catalogue;
    return STATUS_OK;
}
