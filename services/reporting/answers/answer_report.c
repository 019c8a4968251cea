/* SPDX-License-Identifier: Apache-2.0
 *
 * RunReport: the engine over the replica's ledger, catalogue and figures out of one read
 * transaction.
 */
#include "base/clock.h"
#include "log/log.h"
#include "services/reporting/metrics.h"
#include "services/reporting/answers/request.h"
#include "services/reporting/server.h"

enum {
    ENDED_UNITS_READ_MAX = 2000, /* ended units looked at for the note */
    ENDED_UNITS_NAMED_MAX = 20,  /* and named in it */
    QUICK_UNITS_MAX = 16,        /* units of a report that is made at once */
    QUICK_UNITS_BY_FIELD_MAX = 2
};

/* `context` is the replica's read transaction. */
static void read_unit(void *context, struct slice unit, struct days days, struct figures *sum)
{
    const struct ledger_cell cell = {.unit = unit, .all = true};
    ledger_read(context, REPLICA_LEDGER, &cell, days.from, days.to, sum);
}

static void scan_unit(void *context, struct slice unit, struct days days, ledger_visit *visit,
                      void *visit_context)
{
    ledger_scan_unit(context, REPLICA_LEDGER, unit, days.from, days.to, visit, visit_context);
}

static bool counts_in_period(const struct figures *figures)
{
    for (unsigned measure = 0; measure < MEASURE_COUNT; measure++) {
        const bool stock = measure_is_stock((enum measure)measure);
        for (unsigned slot = 0; slot < SLOT_COUNT; slot++) {
            const int64_t from = figures->from[measure][slot];
            const int64_t to = figures->to[measure][slot];
            if (from != to || (stock && from != 0)) {
                return true;
            }
        }
    }
    return false;
}

/* Names the units below the root that had ended on the tree's day and still have counts in the
 * period: they are in no row. */
static enum status note_ended_units(struct request *request, const struct report_scope *scope,
                                    bool english)
{
    struct store_txn *txn = &request->copy.txn;
    const struct catalogue *catalogue = request->view->catalogue;
    const struct slice root = scope->units.rows[0].unit->id;
    const char *names = NULL;
    unsigned found = 0;
    unsigned read = 0;
    const uint32_t count = catalogue_unit_count(catalogue);
    for (uint32_t i = 0; i < count && read < ENDED_UNITS_READ_MAX; i++) {
        const struct unit *unit = catalogue_unit_at(catalogue, i);
        struct figures figures = {0};
        if (unit->to_day > scope->tree_day || !scope_covers(catalogue, root, unit->id) ||
            !ledger_has_unit(txn, REPLICA_LEDGER, unit->id)) {
            continue;
        }
        read++;
        read_unit(txn, unit->id, scope->days, &figures);
        if (counts_in_period(&figures) && ++found <= ENDED_UNITS_NAMED_MAX) {
            names =
                arena_printf(request->arena, "%s%s%.*s (%.*s)", names != NULL ? names : "",
                             names != NULL ? ", " : "", SLICE_ARG(unit->name), SLICE_ARG(unit->id));
        }
    }
    if (found == 0) {
        return STATUS_OK;
    }
    const char *more = found > ENDED_UNITS_NAMED_MAX ? ", …" : "";
    const char *note = arena_printf(request->arena,
                                    english ? "Not included: counts of this period that stayed "
                                              "with %u units ended before the tree's day: %s%s. "
                                              "Give tree_at to see them."
                                            : "Chưa gồm số liệu trong kỳ của %u đơn vị đã kết thúc "
                                              "trước ngày của cây đơn vị: %s%s. Chọn tree_at để "
                                              "xem các đơn vị đó.",
                                    found, names != NULL ? names : "", more);
    return report_add_note(request->reply->report, request->arena, note);
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

static bool parse_lang(struct request *request, const char *lang, bool *ret_english)
{
    *ret_english = strcmp(lang, "en") == 0;
    if (*ret_english || lang[0] == '\0' || strcmp(lang, "vi") == 0) {
        return true;
    }
    (void)request_refuse(request, HOSO__V1__ERROR_CODE__ERROR_CODE_INVALID, "lang",
                         "\"%.16s\" is no language of the forms: give vi or en", lang);
    return false;
}

/* What would keep small reports waiting for more than a few milliseconds. */
static bool is_large(const struct report_scope *scope)
{
    const enum form_rows rows = scope->form->rows;
    const bool by_field = rows == ROWS_FIELDS || rows == ROWS_PROCEDURES;
    return scope->units.unit_count > (by_field ? QUICK_UNITS_BY_FIELD_MAX : QUICK_UNITS_MAX);
}

static enum outcome make_report(struct request *request, const struct form_set *set)
{
    const Hoso__V1__RunReportRequest *run = request->body->run_report;
    const struct report_question question = {run->form, run->unit, run->period, run->tree_at};
    struct report_scope scope;
    struct engine_input input = {.catalogue = request->view->catalogue};
    if (!parse_lang(request, run->lang, &input.english) ||
        !request_scope(request, set, &question, &scope)) {
        return REQUEST_ANSWERED;
    }
    if (request->at->lane == ENDPOINT_QUICK && is_large(&scope)) {
        return REQUEST_LONG;
    }
    input.form = scope.form;
    input.scope = scope.units;
    input.source = (struct figures_source){&request->copy.txn, read_unit, scan_unit};
    input.days = scope.days;
    input.all_rows = run->all_rows;
    unsigned violations = 0;
    Hoso__V1__Report *report = arena_alloc(request->arena, sizeof *report);
    Hoso__V1__Cut *cut = request_cut(request);
    if (report == NULL || cut == NULL) {
        return request_fail(request, STATUS_TOO_LARGE);
    }
    request->reply->body_case = HOSO__V1__REPORTING_REPLY__BODY_REPORT;
    request->reply->report = report;
    enum status status = engine_run(&input, request->arena, report, &violations);
    report->cut = cut;
    status = status == STATUS_OK ? note_ended_units(request, &scope, input.english) : status;
    status = request->view->txn.status != STATUS_OK ? request->view->txn.status : status;
    if (status != STATUS_OK) {
        return request_fail(request, status);
    }
    if (violations != 0) {
        metrics_add(server_options(request->server)->service->metrics,
                    REPORTING_IDENTITY_VIOLATIONS, 0, violations);
        log_violations(report);
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
