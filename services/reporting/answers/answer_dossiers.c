/* SPDX-License-Identifier: Apache-2.0
 *
 * ListDossiers and Quality: this service holds no dossier, so it checks rights, turns a cell into
 * terms and units, and asks aggregation.
 */
#include <string.h>

#include "services/reporting/answers/closed.h"
#include "services/reporting/answers/list_head.h"
#include "services/reporting/answers/request.h"
#include "services/reporting/server.h"

#define CODE(name) HOSO__V1__ERROR_CODE__ERROR_CODE_##name

static const char *guess_figure(struct request *request, const struct form *form, const char *id)
{
    struct text_guess guess = text_guess_of(slice_text(id));
    for (unsigned i = 0; i < form->shown_count; i++) {
        text_guess_try(&guess, form->figures[i].id);
    }
    return request_guess(request, &guess);
}

/* What the cell asked for counts. */
static bool find_cell(struct request *request, const struct form *form,
                      struct engine_cell *ret_cell)
{
    const Hoso__V1__ListDossiersRequest *list = request->body->list_dossiers;
    const char *which = "column";
    if (engine_cell_find(form, list->column, list->row, ret_cell, &which) != STATUS_OK) {
        (void)request_refuse(
            request, CODE(NOT_FOUND), which,
            "form %s has no cell in column \"%.64s\" and row \"%.64s\": `hoso "
            "form show` lists columns and lines, the report's JSON has its rows%s",
            form->id, list->column, list->row,
            guess_figure(request, form, form->rows == ROWS_LINES ? list->row : list->column));
        return false;
    }
    if (ret_cell->figure->value.count == 0) {
        (void)request_refuse(request, CODE(INVALID), "row", "\"%.64s\" is a heading", list->row);
        return false;
    }
    return true;
}

/* Of a ratio, the dossiers above the line. */
static enum status fill_terms(struct request *request, const struct engine_cell *cell,
                              Hoso__V1__ScanDossiersRequest *scan)
{
    const struct expression *expression = &cell->figure->value;
    scan->terms = arena_array(request->arena, expression->count, sizeof(Hoso__V1__CellTerm *));
    Hoso__V1__CellTerm *terms = arena_array(request->arena, expression->count, sizeof *terms);
    if (scan->terms == NULL || terms == NULL) {
        return STATUS_TOO_LARGE;
    }
    for (unsigned i = 0; i < expression->count; i++) {
        const struct term *term = &expression->terms[i];
        if ((term->slots & cell->slots) == 0) {
            continue;
        }
        hoso__v1__cell_term__init(&terms[i]);
        terms[i].measure = message_text(measure_name((enum measure)term->measure));
        terms[i].side = (Hoso__V1__Side)term->side;
        terms[i].slots = term->slots & cell->slots;
        terms[i].coefficient = term->coefficient;
        terms[i].days = term->days;
        scan->terms[scan->n_terms++] = &terms[i];
    }
    return STATUS_OK;
}

/* The row of the unit that is asked about; false = refused. */
static bool find_row(struct request *request, const struct scope *scope, uint32_t *ret_row)
{
    const Hoso__V1__ListDossiersRequest *list = request->body->list_dossiers;
    for (uint32_t i = 0; i < scope->count; i++) {
        const struct unit *unit = scope->rows[i].unit;
        if (unit != NULL && slice_equal(unit->id, slice_text(list->unit))) {
            *ret_row = i;
            return true;
        }
    }
    (void)request_refuse(request, CODE(NOT_FOUND), "unit",
                         "the report of \"%.64s\" has no row of \"%.64s\"", list->report_unit,
                         list->unit);
    return false;
}

/* Of the rows from `first` on, as far as its subtree. */
static enum status fill_units(struct request *request, const struct scope *scope, uint32_t first,
                              const struct engine_cell *cell, Hoso__V1__ScanDossiersRequest *scan)
{
    scan->units = arena_array(request->arena, scope->unit_count, sizeof(char *));
    if (scan->units == NULL) {
        return STATUS_TOO_LARGE;
    }
    for (uint32_t i = first; i < scope->rows[first].end; i++) {
        const struct scope_row *row = &scope->rows[i];
        for (uint32_t unit = row->unit_first;
             unit < row->unit_end && engine_cell_covers(cell, scope, first, i); unit++) {
            scan->units[scan->n_units++] = arena_string(request->arena, scope->units[unit]->id);
        }
    }
    const bool fits = scan->n_units <= SCAN_UNITS_MAX && !request->arena->exceeded;
    return fits ? STATUS_OK : STATUS_TOO_LARGE;
}

static enum outcome dossiers(struct request *request, const struct form_set *set)
{
    const Hoso__V1__ListDossiersRequest *list = request->body->list_dossiers;
    const bool below = list->report_unit[0] != '\0';
    const struct report_question question = {.form = list->form,
                                             .unit = below ? list->report_unit : list->unit,
                                             .period = list->period,
                                             .tree_at = list->tree_at,
                                             .split = !below};
    const uint64_t position = request->view->cut.position;
    uint32_t row = 0;
    Hoso__V1__ScanDossiersRequest scan = HOSO__V1__SCAN_DOSSIERS_REQUEST__INIT;
    Hoso__V1__LedgerRequest ledger = HOSO__V1__LEDGER_REQUEST__INIT;
    struct engine_cell cell;
    struct report_scope scope;
    struct ledger_close close;
    const bool closed = list->as_closed != 0 || list->restated;
    if (closed) {
        const int32_t number = list->as_closed != 0 ? list->as_closed : -1;
        if (!closed_find(request, number, question.unit, list->period, &close) ||
            (!list->restated && !closed_enter(request, &close))) {
            return REQUEST_ANSWERED;
        }
        scan.until_position = close.position;
        scan.restated = list->restated;
    }
    if (!request_scope(request, set, &question, &scope) || !find_row(request, &scope.units, &row) ||
        !find_cell(request, scope.form, &cell) ||
        !request_limit(request, list->limit, &scan.limit)) {
        return REQUEST_ANSWERED;
    }
    scan.head = list_head_of_cell(request, &scope, &cell, closed ? &close : NULL);
    enum status status = fill_terms(request, &cell, &scan);
    if (status == STATUS_OK) {
        status = fill_units(request, &scope.units, row, &cell, &scan);
    }
    if (scan.head == NULL || status != STATUS_OK) {
        return request_is_refused(request) ? REQUEST_ANSWERED
                                           : request_fail(request, STATUS_TOO_LARGE);
    }
    if (scan.n_units == 0 || scan.n_terms == 0) {
        return list_empty(request, scan.head, scope.question.to_day - 1);
    }
    scan.count = list->count;
    scan.field = list->field;
    scan.no_field = cell.no_field;
    scan.procedure = list->procedure;
    scan.from_day = scope.question.from_day;
    scan.to_day = scope.question.to_day;
    scan.after = list->after;
    scan.min_position = position;
    scan.min_incarnation = request->view->cut.incarnation;
    ledger.body_case = HOSO__V1__LEDGER_REQUEST__BODY_SCAN_DOSSIERS;
    ledger.scan_dossiers = &scan;
    return server_forward(request, &ledger);
}

enum outcome answer_dossiers(struct request *request)
{
    struct forms *forms = server_options(request->server)->forms;
    const struct form_set *set = forms_begin(forms);
    const enum outcome outcome = dossiers(request, set);
    forms_end(forms, set);
    return outcome;
}

/* Adds every unit that was ever below the root: what happened stays with the unit that had it. */
static enum status add_covered(struct request *request, struct slice root, size_t *count,
                               char ***units)
{
    const struct unit *const *covered = NULL;
    uint32_t more = 0;
    const enum status status =
        scope_covered(request->view->catalogue, root, request->arena, &covered, &more);
    if (status != STATUS_OK) {
        return status;
    }
    char **all = arena_array(request->arena, *count + more + 1, sizeof *all);
    if (all == NULL || *count + more > SCAN_UNITS_MAX) {
        return STATUS_TOO_LARGE;
    }
    if (*count != 0) {
        memcpy(all, *units, *count * sizeof *all);
    }
    for (uint32_t i = 0; i < more; i++) {
        all[(*count)++] = arena_string(request->arena, covered[i]->id);
    }
    *units = all;
    return request->arena->exceeded ? STATUS_TOO_LARGE : STATUS_OK;
}

/* The same for every unit that the caller may see. Without a catalogue nothing is known of them. */
static enum status add_granted(struct request *request, size_t *count, char ***units)
{
    const struct principal *principal = request->at->principal;
    enum status status = STATUS_OK;
    for (unsigned i = 0;
         request->view->catalogue != NULL && i < principal->unit_count && status == STATUS_OK;
         i++) {
        status = add_covered(request, slice_text(principal->units[i]), count, units);
    }
    return status;
}

enum outcome answer_quality(struct request *request)
{
    const Hoso__V1__QualityRequest *quality = request->body->quality;
    const struct slice unit = slice_text(quality->unit);
    Hoso__V1__ScanQualityRequest scan = HOSO__V1__SCAN_QUALITY_REQUEST__INIT;
    Hoso__V1__LedgerRequest ledger = HOSO__V1__LEDGER_REQUEST__INIT;
    if (unit.size != 0 && !request_unit(request, quality->unit)) {
        return REQUEST_ANSWERED;
    }
    if (!request_limit(request, quality->limit, &scan.limit)) {
        return REQUEST_ANSWERED;
    }
    const bool narrow = unit.size != 0 || !request_may_see(request, unit); /* no units = all */
    if (narrow) {
        const enum status status = unit.size != 0
                                       ? add_covered(request, unit, &scan.n_units, &scan.units)
                                       : add_granted(request, &scan.n_units, &scan.units);
        if (status != STATUS_OK) {
            return request_fail(request, status);
        }
    }
    if (narrow && scan.n_units == 0) {
        return request_refuse(request, CODE(DENIED), "unit",
                              "\"%s\" has a right to no unit of the catalogue",
                              request->from->user);
    }
    scan.kind = quality->kind;
    scan.after = quality->after;
    scan.min_position = request->view->cut.position;
    scan.min_incarnation = request->view->cut.incarnation;
    ledger.body_case = HOSO__V1__LEDGER_REQUEST__BODY_SCAN_QUALITY;
    ledger.scan_quality = &scan;
    return server_forward(request, &ledger);
}

enum outcome answer_dossier(struct request *request)
{
    Hoso__V1__ReadDossierRequest read = HOSO__V1__READ_DOSSIER_REQUEST__INIT;
    Hoso__V1__LedgerRequest ledger = HOSO__V1__LEDGER_REQUEST__INIT;
    read.dossier = request->body->get_dossier->dossier;
    read.all = request_may_see(request, slice_text(""));
    read.min_position = request->view->cut.position;
    read.min_incarnation = request->view->cut.incarnation;
    const size_t size = strlen(read.dossier);
    if (size == 0 || size > EVENT_ID_MAX) {
        return request_refuse(request, CODE(INVALID), "dossier", "a code has 1 to %d bytes",
                              EVENT_ID_MAX);
    }
    if (!read.all) {
        const enum status status = add_granted(request, &read.n_units, &read.units);
        if (status != STATUS_OK) {
            return request_fail(request, status);
        }
    }
    ledger.body_case = HOSO__V1__LEDGER_REQUEST__BODY_READ_DOSSIER;
    ledger.read_dossier = &read;
    return server_forward(request, &ledger);
}
