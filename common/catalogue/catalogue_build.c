/* SPDX-License-Identifier: Apache-2.0
 *
 * From the packed message to sorted rows: texts, lengths, dates, enum values, ids given twice and
 * spans that overlap. Rows point into the unpacked message, which lives as long as the catalogue.
 * How units hang together is checked by catalogue_link(). A step whose rows are faulty ends the
 * steps that need them, and no others.
 */
#include <stdlib.h>

#include "catalogue/catalogue_internal.h"
#include "wire/wire.h"

_Static_assert((int)CATALOGUE_UNITS_MAX == (int)WIRE_REPEATED_MAX, "wire_unpack counts them");

static void take_unit(const struct place *place, const Hoso__V1__Unit *given,
                      struct unit_row *ret_row)
{
    struct unit *unit = &ret_row->unit;
    unit->id = place_name(place, "id", given->id, CATALOGUE_ID_MAX);
    unit->code = place_text(place, "code", given->code, CATALOGUE_ID_MAX);
    unit->name = place_name(place, "name", given->name, CATALOGUE_NAME_MAX);
    unit->name_en = place_text(place, "name_en", given->name_en, CATALOGUE_NAME_MAX);
    unit->parent = place_text(place, "parent", given->parent, CATALOGUE_ID_MAX);
    place_span(place, given->valid_from, given->valid_to, &unit->from_day, &unit->to_day);
    unit->successors = place_codes(place, "successors", given->successors, given->n_successors);
    unit->aliases = place_codes(place, "aliases", given->aliases, given->n_aliases);
    if ((int)given->tier <= TIER_NONE || (int)given->tier >= TIER_COUNT) {
        fault_add(place->faults, place->table, place->row, "tier",
                  "%d is not a tier; give NATION, MINISTRY, PROVINCE, DEPARTMENT, DISTRICT or "
                  "COMMUNE",
                  (int)given->tier);
    }
    unit->tier = (enum tier)given->tier;
    unit->print_order = given->print_order;
    ret_row->origin = place->row;
    ret_row->parent = CATALOGUE_NONE;
}

static int compare_units(const void *a, const void *b)
{
    const struct unit *left = &((const struct unit_row *)a)->unit;
    const struct unit *right = &((const struct unit_row *)b)->unit;
    return span_compare(left->id, left->from_day, right->id, right->from_day);
}

/* Rows are sorted: gives every id its range of rows. */
static void group_units(struct catalogue *catalogue, struct faults *faults)
{
    for (uint32_t i = 0; i < catalogue->row_count; i++) {
        struct unit_row *row = &catalogue->rows[i];
        const struct unit_row *before = i > 0 ? row - 1 : NULL;
        if (before == NULL || !slice_equal(before->unit.id, row->unit.id)) {
            catalogue->ids[catalogue->id_count++].row_first = i;
        } else if (row->unit.id.size > 0 && before->unit.to_day > row->unit.from_day) {
            fault_overlap(faults, "units", row->origin, before->origin, row->unit.id);
        }
        row->id = catalogue->id_count - 1;
        catalogue->ids[row->id].row_end = i + 1;
    }
}

static void build_units(struct catalogue *catalogue, const Hoso__V1__Catalogue *message,
                        struct faults *faults)
{
    const size_t count = message->n_units; /* at most CATALOGUE_UNITS_MAX: more are no message */
    catalogue->rows = arena_array(&catalogue->arena, count, sizeof *catalogue->rows);
    catalogue->ids = arena_array(&catalogue->arena, count, sizeof *catalogue->ids);
    if (catalogue->arena.exceeded) {
        (void)fault_too_large(faults, FAULT_MEMORY);
        return;
    }
    for (uint32_t i = 0; i < count; i++) {
        const struct place place = {catalogue, faults, "units", i};
        take_unit(&place, message->units[i], &catalogue->rows[i]);
    }
    catalogue->row_count = (uint32_t)count;
    if (count > 0) {
        qsort(catalogue->rows, count, sizeof *catalogue->rows, compare_units);
    }
    group_units(catalogue, faults);
    catalogue_link(catalogue, faults);
    if (faults->status == STATUS_OK) {
        catalogue_succession(catalogue, faults);
    }
}

static void build(struct catalogue *catalogue, struct slice packed, struct faults *faults)
{
    ProtobufCMessage *message;
    struct error error;
    if (packed.size > CATALOGUE_BYTES_MAX) {
        (void)fault_too_large(faults,
                              "the catalogue is over 16 MiB; shorten its names or drop rows");
        return;
    }
    catalogue->packed = arena_copy(&catalogue->arena, packed);
    const enum status status = wire_unpack(&hoso__v1__catalogue__descriptor, catalogue->packed,
                                           &catalogue->arena, &message, &error);
    if (status != STATUS_OK) {
        fault_add(faults, NULL, 0, NULL, "%.*s", (int)(sizeof faults->list->text - 1), error.text);
        faults->status = status;
        return;
    }
    const Hoso__V1__Catalogue *given = (const Hoso__V1__Catalogue *)message;
    build_units(catalogue, given, faults);
    catalogue_build_fields(catalogue, given, faults);
    catalogue_build_procedures(catalogue, given, faults);
    if (faults->status == STATUS_OK) {
        catalogue_build_names(catalogue, given, faults);
    }
}

enum status catalogue_build(struct slice packed, struct catalogue **ret_catalogue,
                            struct faults *faults)
{
    struct catalogue *catalogue = calloc(1, sizeof *catalogue);
    faults->count = faults->warning_count = 0;
    faults->status = STATUS_OK;
    if (catalogue == NULL) {
        return fault_too_large(faults, "out of memory for the catalogue; try again with more");
    }
    arena_init(&catalogue->arena, CATALOGUE_ARENA_MAX);
    buffer_init(&catalogue->ancestors,
                (CATALOGUE_STEPS_MAX + CATALOGUE_UNITS_MAX) * sizeof(uint32_t));
    build(catalogue, packed, faults);
    if (faults->status != STATUS_OK) {
        catalogue_free(catalogue);
        return faults->status;
    }
    *ret_catalogue = catalogue;
    return STATUS_OK;
}
