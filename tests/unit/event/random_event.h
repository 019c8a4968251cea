/* SPDX-License-Identifier: Apache-2.0
 *
 * Valid events at random, the same for the same seed.
 */
#ifndef HOSO_TESTS_RANDOM_EVENT_H
#define HOSO_TESTS_RANDOM_EVENT_H

#include "event/event.h"

uint32_t random_below(uint64_t *seed, uint32_t limit);

/* Passes event_check; texts live in the arena. */
struct event random_event(uint64_t *seed, struct arena *arena);

#endif
