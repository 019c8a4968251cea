/* SPDX-License-Identifier: Apache-2.0
 *
 * All services of a unit. Each node that the period needs has a run of records, one a field and
 * layer; the runs are in the same order, so they are read side by side, field by field. Of one
 * field the records' lists are in the order of procedures, and are read side by side, too.
 */
#include <stdlib.h>

#include "base/require.h"
#include "ledger/need.h"

/* A needed node of all fields of the unit. */
struct node_run {
    struct store_cursor cursor;
    const struct need *need;
    struct ledger_cell cell; /* of the record it stands on */
    struct slice key, node;
    bool more; /* it stands on a record of the unit */
};

/* The lists of one record. */
struct field_part {
    const struct need *need;
    struct reader lists;
    struct slice procedure, list;
    bool more;
};

struct unit_scan {
    const struct ledger_view *view;
    struct slice unit;
    struct node_run *runs;
    unsigned run_count;
    struct field_part *parts; /* of the field */
    unsigned part_count, part_capacity;
};

static void settle(const struct unit_scan *scan, struct node_run *run, bool more)
{
    const uint8_t header[] = {LEDGER_FAMILY_FIELD, (uint8_t)run->need->level,
                              (uint8_t)(run->need->node >> 8), (uint8_t)run->need->node};
    run->more =
        more && run->key.size > sizeof header && memcmp(run->key.data, header, sizeof header) == 0;
    if (run->more && !node_key_parse(run->key, &run->cell)) {
        store_fail(scan->view->txn, STATUS_CORRUPT);
        run->more = false;
    }
    run->more = run->more && slice_equal(run->cell.unit, scan->unit);
}

static void open_run(const struct unit_scan *scan, const struct need *need, struct node_run *run)
{
    uint8_t name[NODE_NAME_MAX];
    uint8_t key[NODE_KEY_MAX];
    const struct ledger_cell first = {.unit = scan->unit};
    const size_t size = node_name(&first, name);
    run->need = need;
    store_cursor_open(scan->view->txn, scan->view->table, &run->cursor);
    settle(scan, run,
           store_cursor_seek(&run->cursor,
                             node_key(slice_of(name, size), need->level, need->node, key),
                             &run->key, &run->node));
}

/* The run whose field comes first, or NULL when all have ended. */
static const struct node_run *first_run(const struct unit_scan *scan)
{
    const struct node_run *first = NULL;
    for (unsigned i = 0; i < scan->run_count; i++) {
        const struct node_run *run = &scan->runs[i];
        if (run->more && (first == NULL || slice_compare(run->cell.field, first->cell.field) < 0)) {
            first = run;
        }
    }
    return first;
}

static void next_list(const struct unit_scan *scan, struct field_part *part)
{
    part->more = node_list_next(&part->lists, &part->procedure, &part->list);
    store_fail(scan->view->txn, part->lists.failed ? STATUS_CORRUPT : STATUS_OK);
}

static void add_part(struct unit_scan *scan, const struct node_run *run)
{
    if (scan->part_count == scan->part_capacity) {
        scan->part_capacity = scan->part_capacity != 0 ? 2 * scan->part_capacity : 32;
        scan->parts = reallocarray(scan->parts, scan->part_capacity, sizeof *scan->parts);
        require(scan->parts != NULL);
    }
    struct field_part *part = &scan->parts[scan->part_count++];
    *part = (struct field_part){.need = run->need, .lists = reader_of(run->node)};
    next_list(scan, part);
}

/* Takes the records of one field, of the layers that count, and moves the runs on. */
static void take_field(struct unit_scan *scan, struct slice field)
{
    scan->part_count = 0;
    for (unsigned i = 0; i < scan->run_count; i++) {
        struct node_run *run = &scan->runs[i];
        while (run->more && slice_equal(run->cell.field, field)) {
            if (run->cell.layer < scan->view->below) {
                add_part(scan, run);
            }
            settle(scan, run, store_cursor_next(&run->cursor, &run->key, &run->node));
        }
    }
}

static const struct field_part *first_part(const struct unit_scan *scan)
{
    const struct field_part *first = NULL;
    for (unsigned i = 0; i < scan->part_count; i++) {
        const struct field_part *part = &scan->parts[i];
        if (part->more && (first == NULL || slice_compare(part->procedure, first->procedure) < 0)) {
            first = part;
        }
    }
    return first;
}

/* Adds up the lists of one procedure and moves the parts on. */
static void take_procedure(const struct unit_scan *scan, struct slice procedure,
                           struct figures *figures)
{
    for (unsigned i = 0; i < scan->part_count; i++) {
        struct field_part *part = &scan->parts[i];
        if (part->more && slice_equal(part->procedure, procedure)) {
            const bool whole = need_add(part->need, part->list, figures);
            store_fail(scan->view->txn, whole ? STATUS_OK : STATUS_CORRUPT);
            next_list(scan, part);
        }
    }
}

static void visit_field(struct unit_scan *scan, struct slice field, struct figures *figures,
                        ledger_visit *visit, void *context)
{
    take_field(scan, field);
    for (const struct field_part *first = first_part(scan); first != NULL;
         first = first_part(scan)) {
        const struct ledger_cell cell = {
            .unit = scan->unit, .field = field, .procedure = first->procedure};
        take_procedure(scan, cell.procedure, figures);
        visit(context, &cell, figures);
        figures_clear(figures);
    }
}

void ledger_scan_unit(const struct ledger_view *view, struct slice unit, int32_t from_day,
                      int32_t to_day, ledger_visit *visit, void *context)
{
    struct needs needs;
    struct unit_scan scan = {.view = view, .unit = unit};
    struct figures figures = {0};
    needs_of_period(view, false, from_day, to_day, &needs);
    scan.run_count = needs.count;
    scan.runs = calloc(needs.count + 1U, sizeof *scan.runs);
    require(scan.runs != NULL);
    for (unsigned i = 0; i < needs.count; i++) {
        open_run(&scan, &needs.needs[i], &scan.runs[i]);
    }
    for (const struct node_run *first = first_run(&scan); first != NULL; first = first_run(&scan)) {
        /* records stay where they are while the transaction lasts */
        visit_field(&scan, first->cell.field, &figures, visit, context);
    }
    for (unsigned i = 0; i < needs.count; i++) {
        store_cursor_close(&scan.runs[i].cursor);
    }
    free(scan.parts);
    free(scan.runs);
}
