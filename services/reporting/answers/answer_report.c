/* SPDX-License-Identifier: Apache-2.0
 *
 * RunReport: the engine over the replica's ledger, catalogue and figures out of one read
 * transaction.
 */
#include "base/clock.h"
#include "base/localday.h"
#include "log/log.h"
#include "services/reporting/metrics.h"
#include "services/reporting/answers/closed.h"
#include "services/reporting/answers/request.h"
#include "services/reporting/answers/silence.h"
#include "services/reporting/server.h"

enum {
    QUICK_UNITS_MAX = 400, /* units of a report that is made at once: a millisecond or two */
    QUICK_UNITS_BY_FIELD_MAX = 40
};

/* `context` is a struct ledger_view. */
static void read_unit(void *context, struct slice unit, struct days days, struct figures *sum)
{
    const struct ledger_cell cell = {.unit = unit, .all = true};
    ledger_read(context, &cell, days.from, days.to, sum);
}

static void scan_unit(void *context, struct slice unit, struct days days, ledger_visit *visit,
                      void *visit_context)
{
    ledger_scan_unit(context, unit, days.from, days.to, visit, visit_context);
}

static void log_violations(const Hoso__V1__Report *report)
{
    for (size_t i = 0; i < report->n_checks; i++) {
        if (!report->checks[i]->ok) {
            log_event(LOG_ERROR, "reporting.identity", "a report does not balance", "form",
                      report->form, "unit", report->unit, "from", report->period->from, "to",
                      report->period->to, "check", report->checks[i]->id, "text",
                      report->checks[i]->text, NULL);
        }
    }
}

/* It would keep others waiting for more than a few milliseconds. */
static bool is_large(const struct report_scope *scope, const Hoso__V1__RunReportRequest *run)
{
    const unsigned sides = run->compare != HOSO__V1__COMPARISON__COMPARISON_UNSPECIFIED ? 2 : 1;
    const enum form_rows rows = scope->form->rows;
    const bool by_field = rows == ROWS_FIELDS || rows == ROWS_PROCEDURES;
    return scope->units.unit_count * sides >
           (by_field ? QUICK_UNITS_BY_FIELD_MAX : QUICK_UNITS_MAX);
}

/* Which ledger is read: as it is, as it was closed, or both side by side. */
struct version {
    bool closed;   /* the report's own figures are those of the close */
    bool compared; /* its figures are beside those of today */
    struct ledger_close close;
    struct ledger_view own, other;
};

/* False: refused. From here on the view is that of the close, where that is what was asked. */
static bool take_version(struct request *request, struct version *ret_version)
{
    const Hoso__V1__RunReportRequest *run = request->body->run_report;
    struct store_txn *txn = &request->copy.txn;
    struct version version = {.compared = run->compare == HOSO__V1__COMPARISON__CLOSED};
    version.closed = run->as_closed != 0 && !version.compared;
    version.own = ledger_now(txn, REPLICA_LEDGER);
    if (version.closed || version.compared) {
        const int32_t number = run->as_closed != 0 ? run->as_closed : -1;
        if (!closed_find(request, number, run->unit, run->period, &version.close) ||
            (version.closed && !closed_enter(request, &version.close))) {
            return false;
        }
        version.other = ledger_closed(txn, REPLICA_LEDGER, version.close.number);
        version.own = version.closed ? version.other : version.own;
    }
    *ret_version = version;
    return true;
}

/* False: refused. */
static bool set_compared(struct request *request, struct version *version,
                         struct engine_input *input)
{
    const Hoso__V1__Comparison with = request->body->run_report->compare;
    if (with == HOSO__V1__COMPARISON__COMPARISON_UNSPECIFIED) {
        return true;
    }
    input->compared = (struct engine_compared){with, input->source, input->days};
    if (version->compared) {
        input->compared.source.context = &version->other;
        return true;
    }
    if (with != HOSO__V1__COMPARISON__PREVIOUS && with != HOSO__V1__COMPARISON__YEAR_AGO) {
        (void)request_refuse(request, HOSO__V1__ERROR_CODE__ERROR_CODE_INVALID, "compare",
                             "%u is no comparison: give PREVIOUS, YEAR_AGO or CLOSED",
                             (unsigned)with);
        return false;
    }
    if (!engine_compared_days(with, input->days, &input->compared.days)) {
        (void)request_refuse(request, HOSO__V1__ERROR_CODE__ERROR_CODE_INVALID, "compare",
                             "the period to compare with begins before 2000-01-01, the first day "
                             "that counts: give a later period");
        return false;
    }
    return true;
}

/* Of days to come nothing is missing yet. */
static enum status find_silence(struct request *request, struct engine_input *input)
{
    const int32_t today = localday_today();
    const int32_t last_day = input->days.to - 1 < today ? input->days.to - 1 : today;
    return input->days.from <= today ? silence_of(&request->copy.txn, &input->scope, last_day,
                                                  request->arena, &input->silence)
                                     : STATUS_OK;
}

/* Names the close that is reported, or compared with; before the report is made, which tells of it.
 */
static enum status name_close(struct request *request, const struct version *version,
                              struct engine_input *input, Hoso__V1__ClosedPeriod **ret_closed)
{
    const bool named = version->closed || version->compared;
    *ret_closed = named ? closed_message(request, &version->close) : NULL;
    input->closed = version->closed ? *ret_closed : NULL;
    return named && *ret_closed == NULL ? STATUS_TOO_LARGE : STATUS_OK;
}

static enum status fill_report(struct request *request, const struct version *version,
                               const struct scope_question *question, struct engine_input *input,
                               unsigned *ret_violations)
{
    Hoso__V1__Report *report = arena_alloc(request->arena, sizeof *report);
    Hoso__V1__Cut *cut = request_cut(request);
    if (report == NULL || cut == NULL) {
        return STATUS_TOO_LARGE;
    }
    request->reply->body_case = HOSO__V1__REPORTING_REPLY__BODY_REPORT;
    request->reply->report = report;
    enum status status =
        scope_moves_of(input->catalogue, question, &input->scope, request->arena, &input->moves);
    if (status == STATUS_OK && !version->closed) { /* who is silent today changes */
        status = find_silence(request, input);
    }
    Hoso__V1__ClosedPeriod *closed = NULL;
    if (status == STATUS_OK) {
        status = name_close(request, version, input, &closed);
    }
    if (status == STATUS_OK) {
        status = engine_run(input, request->arena, report, ret_violations);
    }
    report->cut = cut;
    if (status == STATUS_OK && version->compared) {
        report->compared->closed = closed;
    } else if (status == STATUS_OK) {
        report->closed = closed;
    }
    return status_first(request->view->txn.status, status);
}

static enum outcome make_report(struct request *request, const struct form_set *set)
{
    const Hoso__V1__RunReportRequest *run = request->body->run_report;
    const struct report_question question = {
        .form = run->form, .unit = run->unit, .period = run->period, .tree_at = run->tree_at};
    struct report_scope scope;
    struct engine_input input = {.form = NULL};
    struct version version;
    unsigned violations = 0;
    if (!take_version(request, &version) || !request_lang(request, run->lang, &input.english) ||
        !request_scope(request, set, &question, &scope) ||
        ((version.closed || version.compared) && !closed_holds(request, &version.close, &scope))) {
        return REQUEST_ANSWERED;
    }
    if (request->at->lane == ENDPOINT_QUICK && is_large(&scope, run)) {
        return REQUEST_LONG;
    }
    input.catalogue = request->view->catalogue;
    input.form = scope.form;
    input.scope = scope.units;
    input.source = (struct figures_source){&version.own, read_unit, scan_unit};
    input.days = (struct days){scope.question.from_day, scope.question.to_day};
    input.tree_day = scope.question.tree_day;
    input.all_rows = run->all_rows;
    input.depth = run->depth;
    if (!set_compared(request, &version, &input)) {
        return REQUEST_ANSWERED;
    }
    const enum status status = fill_report(request, &version, &scope.question, &input, &violations);
    if (status != STATUS_OK) {
        return request_fail(request, status);
    }
    if (violations != 0) {
        metrics_add(server_options(request->server)->service->metrics,
                    REPORTING_IDENTITY_VIOLATIONS, 0, violations);
        log_violations(request->reply->report);
    }
    return REQUEST_ANSWERED;
}

enum outcome answer_report(struct request *request)
{
    struct forms *forms = server_options(request->server)->forms;
    const struct form_set *set = forms_begin(forms);
    const uint64_t begun_us = clock_us();
    const enum outcome outcome = make_report(request, set);
    if (outcome == REQUEST_ANSWERED) {
        count_report(server_options(request->server)->service->metrics,
                     request->body->run_report->form,
                     request->reply->body_case == HOSO__V1__REPORTING_REPLY__BODY_REPORT,
                     clock_us() - begun_us);
    }
    forms_end(forms, set);
    return outcome;
}
