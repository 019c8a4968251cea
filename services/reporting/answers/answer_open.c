/* SPDX-License-Identifier: Apache-2.0
 *
 * ListOpen: aggregation has the index of what is open; here is who may see which units, and their
 * order.
 */
#include "base/localday.h"
#include "services/reporting/answers/request.h"
#include "services/reporting/server.h"

#define CODE(name) HOSO__V1__ERROR_CODE__ERROR_CODE_##name

enum { LIST_DAYS_MAX = 366 };

static bool find_scope(struct request *request, struct slice root, int32_t today,
                       struct scope *ret_scope)
{
    const struct catalogue *catalogue = request->view->catalogue;
    if (catalogue == NULL || (root.size != 0 && !catalogue_has_unit(catalogue, root))) {
        (void)request_refuse(request, CODE(NOT_FOUND), "unit",
                             catalogue == NULL ? "no catalogue was published yet"
                                               : "there is no unit \"%.64s\" in the catalogue",
                             request->body->list_open->unit);
        return false;
    }
    if (root.size != 0 && !request_may_see(request, root)) {
        (void)request_refuse(request, CODE(DENIED), "unit", "\"%s\" has no right to unit %.64s",
                             request->from->user, request->body->list_open->unit);
        return false;
    }
    int32_t tree_day = today;
    if (!request_day(request, "tree_at", request->body->list_open->tree_at, today, &tree_day)) {
        return false;
    }
    const struct scope_question question = {root, today, today + 1, tree_day, true};
    return request_units(request, &question, ret_scope);
}

/* What the row and those below it count. */
static void add_subtree(struct request *request, const struct scope *scope, uint32_t at,
                        Hoso__V1__ScanOpenRequest *scan)
{
    for (uint32_t i = at; i < scope->rows[at].end; i++) {
        for (uint32_t k = scope->rows[i].unit_first; k < scope->rows[i].unit_end; k++) {
            scan->units[scan->n_units++] = arena_string(request->arena, scope->units[k]->id);
        }
    }
}

static enum status fill_units(struct request *request, const struct scope *scope, bool all,
                              Hoso__V1__ScanOpenRequest *scan)
{
    scan->units = arena_array(request->arena, scope->unit_count + 1U, sizeof(char *));
    for (uint32_t i = 0; scan->units != NULL && i < scope->count;) {
        if (all || request_is_granted(request, scope->rows[i].unit)) {
            add_subtree(request, scope, i, scan);
            i = scope->rows[i].end;
        } else {
            i++;
        }
    }
    const bool fits =
        scan->units != NULL && scan->n_units <= SCAN_UNITS_MAX && !request->arena->exceeded;
    return fits ? STATUS_OK : STATUS_TOO_LARGE;
}

static enum outcome empty_page(struct request *request)
{
    Hoso__V1__OpenPage *page = arena_alloc(request->arena, sizeof *page);
    char today[DATE_TEXT_SIZE];
    if (page == NULL) {
        return request_fail(request, STATUS_TOO_LARGE);
    }
    localday_format(localday_today(), today);
    hoso__v1__open_page__init(page);
    page->cut = request_cut(request);
    page->at = arena_string(request->arena, slice_text(today));
    request->reply->body_case = HOSO__V1__REPORTING_REPLY__BODY_OPEN;
    request->reply->open = page;
    return REQUEST_ANSWERED;
}

enum outcome answer_open(struct request *request)
{
    const Hoso__V1__ListOpenRequest *list = request->body->list_open;
    const struct slice root = slice_text(list->unit);
    const int32_t today = localday_today();
    Hoso__V1__ScanOpenRequest scan = HOSO__V1__SCAN_OPEN_REQUEST__INIT;
    Hoso__V1__LedgerRequest ledger = HOSO__V1__LEDGER_REQUEST__INIT;
    struct scope scope;
    if ((unsigned)list->state > HOSO__V1__OPEN_STATE__OPEN_STATE_AWAITING_RECEPTION) {
        return request_refuse(request, CODE(INVALID), "state", "there is no such state");
    }
    if (list->days > LIST_DAYS_MAX) {
        return request_refuse(request, CODE(INVALID), "days", "%u is over %d", list->days,
                              LIST_DAYS_MAX);
    }
    if (!request_limit(request, list->limit, &scan.limit) ||
        !find_scope(request, root, today, &scope)) {
        return REQUEST_ANSWERED;
    }
    const bool all = root.size != 0 || request_may_see(request, slice_text(""));
    const enum status status = fill_units(request, &scope, all, &scan);
    if (status != STATUS_OK) {
        return request_fail(request, status);
    }
    if (scan.n_units == 0) {
        return empty_page(request);
    }
    scan.state = list->state != 0 ? list->state : HOSO__V1__OPEN_STATE__OPEN_STATE_PROCESSING;
    scan.day = today;
    scan.due_before = list->all ? 0 : today + (int32_t)list->days;
    scan.count = list->count;
    scan.after = list->after;
    scan.min_position = request->view->cut.position;
    ledger.body_case = HOSO__V1__LEDGER_REQUEST__BODY_SCAN_OPEN;
    ledger.scan_open = &scan;
    return server_forward(request, &ledger);
}
