/* SPDX-License-Identifier: Apache-2.0
 *
 * Reports and the list of forms: what reporting answers, as plain structs that point into the
 * answer's own memory.
 */
#include "client/call/read_internal.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "client/client.h"
#include "hoso/v1/reporting.pb-c.h"

enum { WAIT_MAX_MS = 30000 };

char *text_in(const char *text)
{
    return (char *)(uintptr_t)(text != NULL ? text : "");
}

static enum hoso_status ask_once(struct hoso_client *client, Hoso__V1__ReportingRequest *request,
                                 unsigned expect, unsigned wait_ms, void *result,
                                 ProtobufCMessage **ret_body, struct hoso_error *error)
{
    if (result == NULL) {
        (void)client_fail(error, HOSO_TOO_LARGE, NULL, "out of memory");
        return HOSO_TOO_LARGE;
    }
    const struct call call = {
        .peer = PEER_REPORTING,
        .request = &request->base,
        .reply = &hoso__v1__reporting_reply__descriptor,
        .expect = expect,
        .wait_ms = wait_ms,
    };
    return client_call(client, &call, result_arena(result), ret_body, error);
}

enum hoso_status ask_reporting(struct hoso_client *client, Hoso__V1__ReportingRequest *request,
                               unsigned expect, void *result, ProtobufCMessage **ret_body,
                               struct hoso_error *error)
{
    return ask_once(client, request, expect, 0, result, ret_body, error);
}

enum hoso_status ask_waiting(struct hoso_client *client, Hoso__V1__ReportingRequest *request,
                             unsigned expect, uint64_t min_position, uint32_t *wait_ms,
                             void *result, ProtobufCMessage **ret_body, struct hoso_error *error)
{
    const int64_t end_ms = clock_ms() + client->settings.timeout_ms;
    enum hoso_status status;
    do {
        const int64_t left_ms = end_ms - clock_ms();
        *wait_ms = min_position == 0 || left_ms < 0 ? 0
                   : left_ms < WAIT_MAX_MS          ? (uint32_t)left_ms
                                                    : WAIT_MAX_MS;
        status = ask_once(client, request, expect, *wait_ms, result, ret_body, error);
    } while (status == HOSO_NOT_READY && min_position != 0 && clock_ms() < end_ms);
    return status;
}

void *result_array(void *result, size_t count, size_t size)
{
    return arena_array(result_arena(result), count != 0 ? count : 1, size);
}

struct hoso_cut cut_of(const Hoso__V1__Cut *wire)
{
    return wire != NULL ? (struct hoso_cut){wire->incarnation, wire->position}
                        : (struct hoso_cut){0};
}

static const struct hoso_column *columns_of(void *result, size_t count,
                                            Hoso__V1__Column *const *wire)
{
    struct hoso_column *columns = result_array(result, count, sizeof *columns);
    for (size_t i = 0; columns != NULL && i < count; i++) {
        columns[i] = (struct hoso_column){
            .id = wire[i]->id,
            .label = wire[i]->label,
            .number = wire[i]->number,
            .value = wire[i]->value,
            .caption_count = wire[i]->n_captions != 0 ? wire[i]->n_captions : 1,
            .captions = (const char *const *)(wire[i]->n_captions != 0 ? wire[i]->captions
                                                                       : &wire[i]->label),
        };
    }
    return columns;
}

static struct hoso_cell cell_of(const Hoso__V1__Cell *wire)
{
    if (wire->value_case == HOSO__V1__CELL__VALUE_RATIO) {
        return (struct hoso_cell){
            .n = wire->ratio->n, .d = wire->ratio->d, .text = wire->ratio->text};
    }
    if (wire->value_case == HOSO__V1__CELL__VALUE_NUMBER) {
        return (struct hoso_cell){.n = wire->number};
    }
    return (struct hoso_cell){.text = ""};
}

/* False: the row has neither no cells nor one for each column, or not one text for each of the
 * stub, or memory ended. */
static bool row_of(struct hoso_report *report, const Hoso__V1__Row *wire, struct hoso_row *ret_row)
{
    const size_t columns = report->column_count;
    struct hoso_cell *cells = NULL;
    if (wire->n_stub != report->stub_count) {
        return false;
    }
    if (wire->n_cells != 0) {
        cells = wire->n_cells == columns ? result_array(report, columns, sizeof *cells) : NULL;
        if (cells == NULL) {
            return false;
        }
    }
    for (size_t i = 0; i < wire->n_cells; i++) {
        cells[i] = cell_of(wire->cells[i]);
    }
    *ret_row = (struct hoso_row){
        .unit = wire->unit,
        .label = wire->label,
        .field = wire->field,
        .procedure = wire->procedure,
        .text = wire->text,
        .id = wire->id,
        .level = wire->level,
        .cells = cells,
        .kind = (enum hoso_row_kind)wire->kind,
        .stub = (const char *const *)wire->stub,
    };
    return true;
}

/* By the number of enum Comparison. */
static const char *const comparisons[] = {"", "previous", "year-ago", "closed"};

static bool comparison_of(const char *name, Hoso__V1__Comparison *ret_comparison)
{
    for (unsigned i = 0; i < sizeof comparisons / sizeof *comparisons; i++) {
        if (strcmp(comparisons[i], name) == 0) {
            *ret_comparison = (Hoso__V1__Comparison)i;
            return true;
        }
    }
    return false;
}

static void fill_compared(struct hoso_report *report, const Hoso__V1__Compared *wire)
{
    const bool known =
        wire != NULL && (unsigned)wire->with < sizeof comparisons / sizeof *comparisons;
    const Hoso__V1__Period *period = wire != NULL ? wire->period : NULL;
    report->compared = known ? comparisons[wire->with] : "";
    report->compared_label = wire != NULL ? wire->label : "";
    report->compared_from = period != NULL ? period->from : "";
    report->compared_to = period != NULL ? period->to : "";
}

static void fill_closed(struct hoso_report *report, const Hoso__V1__Report *wire)
{
    const Hoso__V1__ClosedPeriod *closed =
        wire->closed != NULL || wire->compared == NULL ? wire->closed : wire->compared->closed;
    struct hoso_close *close = closed != NULL ? result_array(report, 1, sizeof *close) : NULL;
    if (close != NULL) {
        *close = close_of(closed);
    }
    report->closed = close;
}

static bool fill_report(struct hoso_report *report, const Hoso__V1__Report *wire)
{
    const Hoso__V1__Period *period = wire->period;
    struct hoso_row *rows = result_array(report, wire->n_rows, sizeof *rows);
    struct hoso_check *checks = result_array(report, wire->n_checks, sizeof *checks);
    *report = (struct hoso_report){
        .form = wire->form,
        .title = wire->title,
        .unit = wire->unit,
        .unit_name = wire->unit_name,
        .from = period != NULL ? period->from : "",
        .to = period != NULL ? period->to : "",
        .cut = cut_of(wire->cut),
        .column_count = wire->n_columns,
        .row_count = wire->n_rows,
        .check_count = wire->n_checks,
        .note_count = wire->n_notes,
        .columns = columns_of(report, wire->n_columns, wire->columns),
        .rows = rows,
        .checks = checks,
        .notes = (const char *const *)wire->notes,
        .stub_count = wire->n_stub,
        .stub = columns_of(report, wire->n_stub, wire->stub),
        .legal_basis = wire->legal_basis,
        .paper = wire->paper,
        .counted_in = wire->counted_in,
        .digest = wire->digest,
    };
    fill_compared(report, wire->compared);
    fill_closed(report, wire);
    if (rows == NULL || checks == NULL || report->columns == NULL || report->stub == NULL) {
        return false;
    }
    for (size_t i = 0; i < wire->n_rows; i++) {
        if (!row_of(report, wire->rows[i], &rows[i])) {
            return false;
        }
    }
    for (size_t i = 0; i < wire->n_checks; i++) {
        checks[i] =
            (struct hoso_check){wire->checks[i]->id, wire->checks[i]->text, wire->checks[i]->ok};
    }
    return true;
}

enum hoso_status hoso_report_run(struct hoso_client *client, const struct hoso_query *query,
                                 struct hoso_report **ret_report, struct hoso_error *error)
{
    Hoso__V1__Period period = HOSO__V1__PERIOD__INIT;
    period.from = text_in(query->from);
    period.to = text_in(query->to);
    Hoso__V1__RunReportRequest run = HOSO__V1__RUN_REPORT_REQUEST__INIT;
    run.form = text_in(query->form);
    run.unit = text_in(query->unit);
    run.period = &period;
    run.tree_at = text_in(query->tree_at);
    run.lang = text_in(query->lang);
    run.min_position = query->min_cut.position;
    run.min_incarnation = query->min_cut.incarnation;
    run.all_rows = query->all_rows != 0;
    run.as_closed = query->as_closed;
    run.depth = query->depth;
    if (query->compare != NULL && !comparison_of(query->compare, &run.compare)) {
        return client_fail(error, HOSO_INVALID, "compare",
                           "\"%.32s\" is no comparison: give previous, year-ago or closed",
                           query->compare);
    }
    Hoso__V1__ReportingRequest request = HOSO__V1__REPORTING_REQUEST__INIT;
    request.body_case = HOSO__V1__REPORTING_REQUEST__BODY_RUN_REPORT;
    request.run_report = &run;

    struct hoso_report *report = result_new(sizeof *report);
    ProtobufCMessage *body = NULL;
    enum hoso_status status = ask_waiting(client, &request, HOSO__V1__REPORTING_REPLY__BODY_REPORT,
                                          run.min_position, &run.wait_ms, report, &body, error);
    if (status == HOSO_OK && !fill_report(report, (const Hoso__V1__Report *)body)) {
        status = client_fail(error, HOSO_TOO_LARGE, NULL,
                             "the report is too large, or its rows do not fit its columns");
    }
    if (status != HOSO_OK) {
        hoso_free(report);
        return status;
    }
    *ret_report = report;
    return HOSO_OK;
}

static bool fill_forms(struct hoso_forms *forms, const Hoso__V1__ListFormsReply *wire)
{
    struct hoso_form *lines = result_array(forms, wire->n_forms, sizeof *lines);
    for (size_t i = 0; lines != NULL && i < wire->n_forms; i++) {
        const Hoso__V1__FormLine *line = wire->forms[i];
        lines[i] = (struct hoso_form){
            .form = line->form,
            .title = line->title,
            .column_count = line->n_columns,
            .columns = columns_of(forms, line->n_columns, line->columns),
            .line_count = line->n_lines,
            .lines = columns_of(forms, line->n_lines, line->lines),
            .stub_count = line->n_stub,
            .stub = columns_of(forms, line->n_stub, line->stub),
            .rows = line->rows,
            .legal_basis = line->legal_basis,
            .paper = line->paper,
            .counted_in = line->counted_in,
            .digest = line->digest,
            .valid_from = line->valid_from,
            .valid_to = line->valid_to,
            .file = line->file,
            .note_count = line->n_notes,
            .notes = (const char *const *)line->notes,
        };
        if (lines[i].columns == NULL || lines[i].lines == NULL || lines[i].stub == NULL) {
            return false;
        }
    }
    *forms = (struct hoso_forms){.count = wire->n_forms, .forms = lines};
    return lines != NULL;
}

enum hoso_status hoso_forms_list(struct hoso_client *client, const char *lang,
                                 struct hoso_forms **ret_forms, struct hoso_error *error)
{
    Hoso__V1__ListFormsRequest list = HOSO__V1__LIST_FORMS_REQUEST__INIT;
    list.lang = text_in(lang);
    Hoso__V1__ReportingRequest request = HOSO__V1__REPORTING_REQUEST__INIT;
    request.body_case = HOSO__V1__REPORTING_REQUEST__BODY_LIST_FORMS;
    request.list_forms = &list;

    struct hoso_forms *forms = result_new(sizeof *forms);
    ProtobufCMessage *body = NULL;
    enum hoso_status status =
        ask_reporting(client, &request, HOSO__V1__REPORTING_REPLY__BODY_FORMS, forms, &body, error);
    if (status == HOSO_OK && !fill_forms(forms, (const Hoso__V1__ListFormsReply *)body)) {
        status = client_fail(error, HOSO_TOO_LARGE, NULL, "the list of forms is too large");
    }
    if (status != HOSO_OK) {
        hoso_free(forms);
        return status;
    }
    *ret_forms = forms;
    return HOSO_OK;
}
