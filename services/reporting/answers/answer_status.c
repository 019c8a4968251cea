/* SPDX-License-Identifier: Apache-2.0
 *
 * Status: what this service says of itself, copy complete or not.
 */
#include "service/status_reply.h"
#include "services/reporting/answers/request.h"
#include "services/reporting/server.h"

enum outcome answer_status(struct request *request)
{
    struct service *service = server_options(request->server)->service;
    Hoso__V1__StatusReply *reply = status_reply_new(service, request->arena);
    if (reply == NULL) {
        return request_fail(request, STATUS_TOO_LARGE);
    }
    request->reply->body_case = HOSO__V1__REPORTING_REPLY__BODY_STATUS;
    request->reply->status = reply;
    return REQUEST_ANSWERED;
}
