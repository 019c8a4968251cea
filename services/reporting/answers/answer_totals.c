/* SPDX-License-Identifier: Apache-2.0
 *
 * TotalsSnapshot: from where a subscriber of the totals feed begins.
 */
#include "services/reporting/feed/feed.h"
#include "services/reporting/answers/request.h"
#include "services/reporting/server.h"

#define CODE(name) HOSO__V1__ERROR_CODE__ERROR_CODE_##name

enum outcome answer_totals(struct request *request)
{
    struct feed *feed = server_options(request->server)->feed;
    const Hoso__V1__TotalsSnapshotRequest *asked = request->body->totals_snapshot;
    const enum totals_feed which = asked->restricted ? TOTALS_RESTRICTED : TOTALS_PUBLIC;
    const struct slice unit = slice_text(asked->unit);
    if (feed != NULL && !feed_may_ask(feed, which, request->from->user, unit)) {
        return request_refuse(request, CODE(DENIED), asked->restricted ? "restricted" : "unit",
                              "\"%s\" has no right to all units of this feed", request->from->user);
    }
    switch (feed != NULL
                ? feed_snapshot(feed, which, unit, request->arena, &request->reply->totals_snapshot)
                : STATUS_INVALID) {
    case STATUS_OK:
        request->reply->body_case = HOSO__V1__REPORTING_REPLY__BODY_TOTALS_SNAPSHOT;
        return REQUEST_ANSWERED;
    case STATUS_INVALID:
        return request_refuse(request, CODE(NOT_FOUND), "restricted",
                              "this service publishes no such feed");
    case STATUS_UNAVAILABLE:
        return request_refuse(request, CODE(NOT_READY), "",
                              "the totals are not complete yet: try again");
    case STATUS_NOT_FOUND:
        return request_refuse(request, CODE(NOT_FOUND), "unit",
                              "there is no unit \"%.64s\" in today's tree of this feed",
                              asked->unit);
    default:
        return request_fail(request, STATUS_TOO_LARGE);
    }
}
