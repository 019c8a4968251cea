/* SPDX-License-Identifier: Apache-2.0
 *
 * Events of every kind, with and without what their kind does not need, from short to the limits.
 */
#include "random_event.h"

#include "base/localday.h"
#include "base/require.h"

uint32_t random_below(uint64_t *seed, uint32_t limit)
{
    *seed = *seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (uint32_t)((*seed >> 33) % limit);
}

/* Of no blanks at the ends and no two in a row, so that taking it changes nothing. */
static struct slice random_text(uint64_t *seed, struct arena *arena, uint32_t min, uint32_t max)
{
    static const char *const characters[] = {"a", "Z", "7", ".", "-", "\"", "\\",
                                             " ", "/", "ẩ", "ợ", "Đ", "–",  "日"};
    enum { COUNT = sizeof characters / sizeof *characters };
    const uint32_t limit = random_below(seed, 4) == 0 ? max : min + (max - min) / 8;
    const uint32_t wanted = min + random_below(seed, limit - min + 1);
    uint8_t *text = arena_alloc(arena, max + 4);
    require(text != NULL);
    size_t size = 0;
    while (size < wanted) {
        const struct slice character = slice_text(characters[random_below(seed, COUNT)]);
        const bool gap = size == 0 || text[size - 1] == ' ' || size + 1 >= wanted;
        if (size + character.size <= max && !(gap && character.data[0] == ' ')) {
            memcpy(text + size, character.data, character.size);
            size += character.size;
        }
    }
    return slice_of(text, size);
}

static int64_t random_time(uint64_t *seed)
{
    switch (random_below(seed, 8)) {
    case 0:
        return TIME_MIN_MS;
    case 1:
        return TIME_MAX_MS - 1;
    default:
        return TIME_MIN_MS + (int64_t)random_below(seed, 36525) * 86400000 +
               random_below(seed, 86400000);
    }
}

struct event random_event(uint64_t *seed, struct arena *arena)
{
    const bool full = random_below(seed, 2) == 0; /* also what its kind does not carry */
    const enum event_kind kind = (enum event_kind)(1 + random_below(seed, KIND_COUNT - 1));
    const bool received = full || kind == KIND_RECEIVED;
    struct event event = {
        .kind = kind,
        .event_id = random_text(seed, arena, 1, EVENT_ID_MAX),
        .dossier = random_text(seed, arena, 1, EVENT_ID_MAX),
        .occurred_at_ms = random_time(seed),
        .due_at_ms = random_below(seed, 2) == 0 ? 0 : random_time(seed),
        .out_of_territory = random_below(seed, 4) == 0,
        .apology_sent = random_below(seed, 4) == 0,
        .paid_online = random_below(seed, 4) == 0,
    };
    if (full || event_kind_has_unit(kind)) {
        event.unit = random_text(seed, arena, 1, EVENT_CODE_MAX);
    }
    if (full || event_kind_has_procedure(kind)) {
        event.procedure = random_text(seed, arena, 1, EVENT_CODE_MAX);
    }
    if (received) {
        event.field = random_text(seed, arena, 1, EVENT_CODE_MAX);
        event.channel = (enum channel)(1 + random_below(seed, CHANNEL_COUNT - 1));
        event.level = (enum service_level)(1 + random_below(seed, LEVEL_COUNT - 1));
    }
    if (full || kind == KIND_VOIDED) {
        event.voids = random_text(seed, arena, 1, EVENT_ID_MAX);
    }
    if (full || kind == KIND_PETITION_RECEIVED) {
        event.petition_class = (enum petition_class)(1 + random_below(seed, CLASS_COUNT - 1));
    }
    event.reason = random_text(seed, arena, 0, EVENT_REASON_MAX);
    return event;
}
