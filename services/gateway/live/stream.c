/* SPDX-License-Identifier: Apache-2.0
 *
 * GET /v1/totals. Which units a principal may follow is what reporting answers when it is asked for
 * them on the principal's behalf.
 */
#include <stdlib.h>
#include <string.h>

#include "client/hoso_read.h"
#include "services/gateway/handlers.h"
#include "services/gateway/live/live.h"

enum { STREAM_BLOCK_BYTES = 8 << 10 };

/* The library's callback: the next bytes of the stream. */
static ssize_t stream_read(void *context, uint64_t position, char *room, size_t size)
{
    struct live_stream *stream = context;
    (void)position;
    if (stream->sent == stream->event.size && !live_next(stream)) {
        return 0; /* suspended */
    }
    const size_t left = stream->event.size - stream->sent;
    const size_t taken = left < size ? left : size;
    if (left == 0) {
        return MHD_CONTENT_READER_END_OF_STREAM;
    }
    memcpy(room, stream->event.data + stream->sent, taken);
    stream->sent += taken;
    return (ssize_t)taken;
}

static void stream_free(void *context)
{
    struct live_stream *stream = context;
    live_leave(stream);
    buffer_fini(&stream->event);
    free(stream);
}

/* The units at the top of what the principal may see. */
static bool set_roots(struct live_stream *stream, const struct hoso_units *units)
{
    for (size_t i = 0; i < units->count; i++) {
        const struct hoso_unit *unit = &units->units[i];
        if (unit->depth != 0) {
            continue;
        }
        if (stream->root_count == LIVE_ROOTS_MAX || strlen(unit->id) >= REGISTRY_UNIT_SIZE) {
            return false;
        }
        memcpy(stream->roots[stream->root_count++], unit->id, strlen(unit->id) + 1);
    }
    return true;
}

static void answer_stream(struct web_request *request, const struct hoso_units *units)
{
    struct live *live = request->gateway->live;
    struct live_stream *stream = calloc(1, sizeof *stream);
    if (stream == NULL || !set_roots(stream, units)) {
        free(stream);
        web_fail(request, PROBLEM_INVALID, "unit", "that is too much for one stream: name a unit");
        return;
    }
    stream->connection = request->connection;
    buffer_init(&stream->event, LIVE_EVENT_BYTES);
    if (!live_join(live, stream, web_header(request, "Last-Event-ID"))) {
        free(stream);
        request->answer.retry_s = 30;
        web_fail(request, PROBLEM_UNAVAILABLE, NULL, "as many streams are open as there may be");
        return;
    }
    struct MHD_Response *response = MHD_create_response_from_callback(
        MHD_SIZE_UNKNOWN, STREAM_BLOCK_BYTES, stream_read, stream, stream_free);
    if (response == NULL) {
        stream_free(stream);
        web_fail(request, PROBLEM_INTERNAL, NULL, "out of memory");
        return;
    }
    (void)web_answer(request, MHD_HTTP_OK, "text/event-stream");
    request->answer.own = response;
}

void handle_totals(struct web_request *request)
{
    struct hoso_units *units = NULL;
    struct hoso_error error;
    if (request->gateway->live == NULL) {
        web_fail(request, PROBLEM_UNAVAILABLE, NULL,
                 "this gateway follows no live totals: its setting `totals` is empty");
        return;
    }
    if (hoso_units_list(request->client, web_text(request, "unit"), NULL, &units, &error) !=
        HOSO_OK) {
        web_fail_client(request, &error);
        return;
    }
    answer_stream(request, units);
    hoso_free(units);
}
