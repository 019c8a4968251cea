/* SPDX-License-Identifier: Apache-2.0
 *
 * What was refused of each source is intake's to say.
 */
#include <string.h>

#include "client/call/read_internal.h"
#include "hoso/v1/publisher.pb-c.h"

/* Both are sorted by name. */
static void fill(struct hoso_sources *sources, const Hoso__V1__CountRefusedReply *reply)
{
    struct hoso_source *lines = (struct hoso_source *)(uintptr_t)sources->sources;
    size_t at = 0;
    for (size_t i = 0; i < sources->count; i++) {
        while (at < reply->n_sources && strcmp(reply->sources[at]->source, lines[i].source) < 0) {
            at++;
        }
        const bool found =
            at < reply->n_sources && strcmp(reply->sources[at]->source, lines[i].source) == 0;
        lines[i].refused = found ? (int64_t)reply->sources[at]->events : 0;
    }
}

enum hoso_status hoso_sources_add_refused(struct hoso_client *client, struct hoso_sources *sources,
                                          struct hoso_error *error)
{
    Hoso__V1__CountRefusedRequest count = HOSO__V1__COUNT_REFUSED_REQUEST__INIT;
    Hoso__V1__IntakeRequest request = HOSO__V1__INTAKE_REQUEST__INIT;
    request.body_case = HOSO__V1__INTAKE_REQUEST__BODY_COUNT_REFUSED;
    request.count_refused = &count;
    const struct call call = {.peer = PEER_INTAKE,
                              .request = &request.base,
                              .reply = &hoso__v1__intake_reply__descriptor,
                              .expect = HOSO__V1__INTAKE_REPLY__BODY_COUNT_REFUSED};
    ProtobufCMessage *body = NULL;
    const enum hoso_status status = client_call(client, &call, result_arena(sources), &body, error);
    if (status == HOSO_OK) {
        fill(sources, (const Hoso__V1__CountRefusedReply *)body);
    }
    return status;
}
