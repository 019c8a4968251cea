/* SPDX-License-Identifier: Apache-2.0
 *
 * Only that there is an answer is checked here: blocks have a checksum and a chain of their own.
 */
#include "services/hoso/journal_read.h"

static enum hoso_status ask(struct hoso_client *client, Hoso__V1__ReadJournalRequest *read,
                            struct arena *arena, const Hoso__V1__ReadJournalReply **ret_reply,
                            struct hoso_error *error)
{
    Hoso__V1__JournalRequest request = HOSO__V1__JOURNAL_REQUEST__INIT;
    request.body_case = HOSO__V1__JOURNAL_REQUEST__BODY_READ;
    request.read = read;
    const struct call call = {
        .peer = PEER_JOURNAL,
        .request = &request.base,
        .reply = &hoso__v1__journal_reply__descriptor,
        .expect = HOSO__V1__JOURNAL_REPLY__BODY_READ,
    };
    ProtobufCMessage *body = NULL;
    arena_reset(arena);
    const enum hoso_status status = client_call(client, &call, arena, &body, error);
    if (status != HOSO_OK) {
        return status;
    }
    const Hoso__V1__ReadJournalReply *reply = (const Hoso__V1__ReadJournalReply *)body;
    if (reply->cut == NULL) {
        return client_fail(error, HOSO_INTERNAL, NULL, "intake gave blocks without its cut");
    }
    *ret_reply = reply;
    return HOSO_OK;
}

enum hoso_status journal_read(struct hoso_client *client, uint64_t after_position,
                              uint32_t max_bytes, struct arena *arena,
                              const Hoso__V1__ReadJournalReply **ret_reply,
                              struct hoso_error *error)
{
    Hoso__V1__ReadJournalRequest read = HOSO__V1__READ_JOURNAL_REQUEST__INIT;
    read.after_position = after_position;
    read.max_bytes = max_bytes;
    return ask(client, &read, arena, ret_reply, error);
}

enum hoso_status journal_backed_up(struct hoso_client *client, uint64_t position,
                                   struct arena *arena, struct hoso_error *error)
{
    const Hoso__V1__ReadJournalReply *reply;
    Hoso__V1__ReadJournalRequest read = HOSO__V1__READ_JOURNAL_REQUEST__INIT;
    read.after_position = position;
    read.max_bytes = 1;
    read.backed_up = position;
    return ask(client, &read, arena, &reply, error);
}
