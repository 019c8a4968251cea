/* SPDX-License-Identifier: Apache-2.0
 *
 * event_from_json against jansson itself, so that the reader of plain lines accepts nothing that is
 * not JSON, and against the way back.
 */
#include <jansson.h>

#include "base/require.h"
#include "base/text.h"
#include "event/event_json.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require_json(struct slice line)
{
    json_error_t error;
    json_t *json = json_loadb((const char *)line.data, line.size,
                              JSON_REJECT_DUPLICATES | JSON_ALLOW_NUL, &error);
    require(json_is_object(json));
    json_decref(json);
}

static void require_round_trip(const struct event *event, struct arena *arena)
{
    struct buffer buffers[3];
    for (int i = 0; i < 3; i++) {
        buffer_init(&buffers[i], EVENT_JSON_MAX);
    }
    struct event again;
    struct event_fault fault;
    event_to_json(event, &buffers[0]);
    require(event_from_json(buffer_slice(&buffers[0]), arena, &again, &fault) == STATUS_OK);
    event_encode(event, &buffers[1]);
    event_encode(&again, &buffers[2]);
    require(slice_equal(buffer_slice(&buffers[1]), buffer_slice(&buffers[2])));
    require(buffers[1].size <= EVENT_RECORD_MAX);
    for (int i = 0; i < 3; i++) {
        buffer_fini(&buffers[i]);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena arena;
    struct event event;
    struct event_fault fault = {.field = NULL};
    const struct slice line = slice_of(data, size);
    arena_init(&arena, 1 << 20);
    const enum status status = event_from_json(line, &arena, &event, &fault);
    if (status == STATUS_OK) {
        require_json(line);
        require_round_trip(&event, &arena);
    } else {
        require(status == STATUS_INVALID);
        require(fault.field != NULL && text_is_clean(slice_text(fault.field)));
        require(fault.reason[0] != '\0' && text_is_clean(slice_text(fault.reason)));
    }
    arena_fini(&arena);
    return 0;
}
