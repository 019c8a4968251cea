/* SPDX-License-Identifier: Apache-2.0
 *
 * ListCloses: the latest first, a bounded number of records a page.
 */
#include "services/reporting/answers/closed.h"
#include "services/reporting/server.h"

#define CODE(name) HOSO__V1__ERROR_CODE__ERROR_CODE_##name

enum { STEPS_MAX = 10000 };

/* In the subtree that was asked for, and the asker's. */
static bool is_shown(struct request *request, const struct ledger_close *close)
{
    const struct slice asked = slice_text(request->body->list_closes->unit);
    return (asked.size == 0 || scope_covers(request->view->catalogue, asked, close->unit)) &&
           request_may_see(request, close->unit);
}

static enum status fill(struct request *request, uint32_t limit, Hoso__V1__ClosePage *page)
{
    const uint32_t before = request->body->list_closes->before;
    struct ledger_close close = {.number = before != 0 ? before : UINT32_MAX};
    page->closes = arena_array(request->arena, limit, sizeof(Hoso__V1__ClosedPeriod *));
    if (page->closes == NULL) {
        return STATUS_TOO_LARGE;
    }
    for (unsigned steps = 0;
         ledger_close_previous(&request->copy.txn, REPLICA_LEDGER, close.number, &close); steps++) {
        if (page->n_closes == limit || steps == STEPS_MAX) {
            page->next = close.number + 1;
            break;
        }
        if (is_shown(request, &close)) {
            Hoso__V1__ClosedPeriod *message = closed_message(request, &close);
            if (message == NULL) {
                return STATUS_TOO_LARGE;
            }
            page->closes[page->n_closes++] = message;
        }
    }
    return request->copy.txn.status;
}

enum outcome answer_closes(struct request *request)
{
    const Hoso__V1__ListClosesRequest *list = request->body->list_closes;
    const struct slice unit = slice_text(list->unit);
    uint32_t limit = 0;
    if (unit.size != 0 && !request_unit(request, list->unit)) {
        return REQUEST_ANSWERED;
    }
    if (!request_limit(request, list->limit, &limit)) {
        return REQUEST_ANSWERED;
    }
    Hoso__V1__ClosePage *page = arena_alloc(request->arena, sizeof *page);
    if (page == NULL) {
        return request_fail(request, STATUS_TOO_LARGE);
    }
    hoso__v1__close_page__init(page);
    page->cut = request_cut(request);
    const enum status status = fill(request, limit, page);
    if (status != STATUS_OK) {
        return request_fail(request, status);
    }
    request->reply->body_case = HOSO__V1__REPORTING_REPLY__BODY_CLOSES;
    request->reply->closes = page;
    return REQUEST_ANSWERED;
}
