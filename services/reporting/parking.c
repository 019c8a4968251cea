/* SPDX-License-Identifier: Apache-2.0
 *
 * A few hundred at most, so walking the list is cheaper than any order would be.
 */
#include "services/reporting/parking.h"

#include <stdlib.h>
#include <string.h>

enum status parking_add(struct parking *parking, const struct envelope *from, struct slice payload,
                        uint64_t min_position, int64_t deadline_ms)
{
    if (parking->count == PARKED_MAX) {
        return STATUS_BUSY;
    }
    struct parked *parked = malloc(sizeof *parked + payload.size);
    if (parked == NULL) {
        return STATUS_BUSY;
    }
    parked->from = *from;
    parked->min_position = min_position;
    parked->deadline_ms = deadline_ms;
    parked->size = payload.size;
    memcpy(parked->payload, payload.data, payload.size);
    parking->items[parking->count++] = parked;
    return STATUS_OK;
}

struct parked *parking_take(struct parking *parking, bool ready, uint64_t position, int64_t now_ms)
{
    for (unsigned i = 0; i < parking->count; i++) {
        struct parked *parked = parking->items[i];
        if ((ready && parked->min_position <= position) || parked->deadline_ms <= now_ms) {
            parking->items[i] = parking->items[--parking->count];
            return parked;
        }
    }
    return NULL;
}

uint64_t parking_position(const struct parking *parking)
{
    uint64_t position = UINT64_MAX;
    for (unsigned i = 0; i < parking->count; i++) {
        if (parking->items[i]->min_position < position) {
            position = parking->items[i]->min_position;
        }
    }
    return position;
}

int64_t parking_deadline(const struct parking *parking)
{
    int64_t deadline = INT64_MAX;
    for (unsigned i = 0; i < parking->count; i++) {
        if (parking->items[i]->deadline_ms < deadline) {
            deadline = parking->items[i]->deadline_ms;
        }
    }
    return deadline;
}

void parking_fini(struct parking *parking)
{
    for (unsigned i = 0; i < parking->count; i++) {
        free(parking->items[i]);
    }
    parking->count = 0;
}
