/* SPDX-License-Identifier: Apache-2.0
 *
 * ListOpen: aggregation has the index of what is open now; what was open on another day it finds as
 * it finds the dossiers behind a cell, so that the list is the one that a report of that day
 * counts. Here is who may see which units, and their order.
 */
#include "base/localday.h"
#include "services/reporting/answers/list_head.h"
#include "services/reporting/server.h"

#define CODE(name) HOSO__V1__ERROR_CODE__ERROR_CODE_##name

enum { LIST_DAYS_MAX = 366 };

static bool find_scope(struct request *request, struct slice root, int32_t day,
                       struct scope *ret_scope)
{
    if (root.size != 0 && !request_unit(request, request->body->list_open->unit)) {
        return false;
    }
    if (request->view->catalogue == NULL) {
        (void)request_refuse(request, CODE(NOT_FOUND), "unit", "no catalogue was published yet");
        return false;
    }
    int32_t tree_day = day;
    if (!request_day(request, "tree_at", request->body->list_open->tree_at, day, &tree_day)) {
        return false;
    }
    const struct scope_question question = {root, day, day + 1, tree_day, true};
    return request_units(request, &question, ret_scope);
}

struct open_units { /* in the order of the list */
    char **ids;
    size_t count;
};

/* What the row and those below it count. */
static void add_subtree(struct request *request, const struct scope *scope, uint32_t at,
                        struct open_units *units)
{
    for (uint32_t i = at; i < scope->rows[at].end; i++) {
        for (uint32_t k = scope->rows[i].unit_first; k < scope->rows[i].unit_end; k++) {
            units->ids[units->count++] = arena_string(request->arena, scope->units[k]->id);
        }
    }
}

static enum status fill_units(struct request *request, const struct scope *scope, bool all,
                              struct open_units *units)
{
    units->ids = arena_array(request->arena, scope->unit_count + 1U, sizeof(char *));
    for (uint32_t i = 0; units->ids != NULL && i < scope->count;) {
        if (all || request_is_granted(request, scope->rows[i].unit)) {
            add_subtree(request, scope, i, units);
            i = scope->rows[i].end;
        } else {
            i++;
        }
    }
    const bool fits =
        units->ids != NULL && units->count <= SCAN_UNITS_MAX && !request->arena->exceeded;
    return fits ? STATUS_OK : STATUS_TOO_LARGE;
}

/* What is asked, checked. */
struct open_question {
    int32_t day;
    int32_t due_before; /* 0 = any */
    Hoso__V1__OpenState state;
    uint32_t limit;
    struct open_units units;
    Hoso__V1__ListHead *head;
};

/* From the index of what is open now. */
static enum outcome ask_now(struct request *request, const struct open_question *question)
{
    const Hoso__V1__ListOpenRequest *list = request->body->list_open;
    Hoso__V1__ScanOpenRequest scan = HOSO__V1__SCAN_OPEN_REQUEST__INIT;
    Hoso__V1__LedgerRequest ledger = HOSO__V1__LEDGER_REQUEST__INIT;
    scan.units = question->units.ids;
    scan.n_units = question->units.count;
    scan.state = question->state;
    scan.day = question->day;
    scan.due_before = question->due_before;
    scan.count = list->count;
    scan.after = list->after;
    scan.limit = question->limit;
    scan.min_position = request->view->cut.position;
    scan.min_incarnation = request->view->cut.incarnation;
    scan.head = question->head;
    ledger.body_case = HOSO__V1__LEDGER_REQUEST__BODY_SCAN_OPEN;
    ledger.scan_open = &scan;
    return server_forward(request, &ledger);
}

/* The stocks that dossiers in a state are counted in. */
static void set_stocks(Hoso__V1__OpenState state, Hoso__V1__ScanDossiersRequest *scan)
{
    static const enum measure stocks[][2] = {
        [HOSO__V1__OPEN_STATE__OPEN_STATE_PROCESSING] = {MEASURE_PROCESSING_IN_TIME,
                                                         MEASURE_PROCESSING_OVERDUE},
        [HOSO__V1__OPEN_STATE__OPEN_STATE_WAITING_SUPPLEMENT] = {MEASURE_WAITING_SUPPLEMENT,
                                                                 MEASURE_COUNT},
        [HOSO__V1__OPEN_STATE__OPEN_STATE_WAITING_PAYMENT] = {MEASURE_WAITING_PAYMENT,
                                                              MEASURE_COUNT},
        [HOSO__V1__OPEN_STATE__OPEN_STATE_STOPPED] = {MEASURE_STOPPED, MEASURE_COUNT},
        [HOSO__V1__OPEN_STATE__OPEN_STATE_AWAITING_RECEPTION] =
            {MEASURE_AWAITING_RECEPTION, MEASURE_AWAITING_RECEPTION_OVERDUE},
    };
    scan->n_terms = 0;
    for (unsigned i = 0; i < 2 && stocks[state][i] != MEASURE_COUNT; i++) {
        Hoso__V1__CellTerm *term = scan->terms[scan->n_terms++];
        hoso__v1__cell_term__init(term);
        term->measure = message_text(measure_name(stocks[state][i]));
        term->side = HOSO__V1__SIDE__SIDE_CLOSE;
        term->slots = UINT16_MAX;
        term->coefficient = 1;
    }
}

/* Of another day, by folding what can have been open then. */
static enum outcome ask_then(struct request *request, const struct open_question *question)
{
    const Hoso__V1__ListOpenRequest *list = request->body->list_open;
    Hoso__V1__ScanDossiersRequest scan = HOSO__V1__SCAN_DOSSIERS_REQUEST__INIT;
    Hoso__V1__LedgerRequest ledger = HOSO__V1__LEDGER_REQUEST__INIT;
    Hoso__V1__CellTerm terms[2];
    Hoso__V1__CellTerm *places[] = {&terms[0], &terms[1]};
    scan.terms = places;
    set_stocks(question->state, &scan);
    scan.units = question->units.ids;
    scan.n_units = question->units.count;
    scan.from_day = question->day;
    scan.to_day = question->day + 1;
    scan.due_before = question->due_before;
    scan.count = list->count;
    scan.after = list->after;
    scan.limit = question->limit;
    scan.min_position = request->view->cut.position;
    scan.min_incarnation = request->view->cut.incarnation;
    scan.head = question->head;
    ledger.body_case = HOSO__V1__LEDGER_REQUEST__BODY_SCAN_DOSSIERS;
    ledger.scan_dossiers = &scan;
    return server_forward(request, &ledger);
}

enum outcome answer_open(struct request *request)
{
    const Hoso__V1__ListOpenRequest *list = request->body->list_open;
    const struct slice root = slice_text(list->unit);
    const int32_t today = localday_today();
    struct open_question question = {.day = today};
    struct scope scope;
    if ((unsigned)list->state > HOSO__V1__OPEN_STATE__OPEN_STATE_AWAITING_RECEPTION) {
        return request_refuse(request, CODE(INVALID), "state", "there is no such state");
    }
    if (list->days > LIST_DAYS_MAX) {
        return request_refuse(request, CODE(INVALID), "days", "%u is over %d", list->days,
                              LIST_DAYS_MAX);
    }
    if (!request_limit(request, list->limit, &question.limit) ||
        !request_day(request, "at", list->at, today, &question.day) ||
        !find_scope(request, root, question.day, &scope)) {
        return REQUEST_ANSWERED;
    }
    question.state = list->state != 0 ? list->state : HOSO__V1__OPEN_STATE__OPEN_STATE_PROCESSING;
    question.due_before = list->all ? 0 : question.day + (int32_t)list->days;
    question.head = list_head_of_open(request, question.day);
    const bool all = root.size != 0 || request_may_see(request, slice_text(""));
    const enum status status = fill_units(request, &scope, all, &question.units);
    if (question.head == NULL || status != STATUS_OK) {
        return request_is_refused(request) ? REQUEST_ANSWERED
                                           : request_fail(request, STATUS_TOO_LARGE);
    }
    if (question.units.count == 0) {
        return list_empty(request, question.head, question.day);
    }
    return question.day == today ? ask_now(request, &question) : ask_then(request, &question);
}
