/* SPDX-License-Identifier: Apache-2.0
 *
 * A sorted array: there are few sources, and fewer whose events are refused.
 */
#include "services/intake/refused.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"

void refused_init(struct refused *refused)
{
    *refused = (struct refused){.since_ms = clock_unix_ms()};
}

void refused_fini(struct refused *refused)
{
    free(refused->sources);
    *refused = (struct refused){.count = 0};
}

/* The place of the name, or where it belongs. */
static unsigned place_of(const struct refused *refused, const char *name)
{
    unsigned low = 0;
    for (unsigned high = refused->count; low < high;) {
        const unsigned middle = low + (high - low) / 2;
        const bool before = strcmp(refused->sources[middle].name, name) < 0;
        low = before ? middle + 1 : low;
        high = before ? high : middle;
    }
    return low;
}

static bool make_room(struct refused *refused)
{
    if (refused->count < refused->capacity) {
        return true;
    }
    const unsigned capacity = refused->capacity != 0 ? 2 * refused->capacity : 16;
    struct refused_source *sources = refused->count < REGISTRY_ENTRIES_MAX
                                         ? reallocarray(refused->sources, capacity, sizeof *sources)
                                         : NULL;
    if (sources != NULL) {
        refused->sources = sources;
        refused->capacity = capacity;
    }
    return sources != NULL;
}

void refused_add(struct refused *refused, const char *name, uint64_t events)
{
    const unsigned place = place_of(refused, name);
    const bool known = place < refused->count && strcmp(refused->sources[place].name, name) == 0;
    if (!known && !make_room(refused)) {
        return;
    }
    struct refused_source *source = &refused->sources[place];
    if (!known) {
        memmove(source + 1, source, (refused->count++ - place) * sizeof *source);
        *source = (struct refused_source){.events = 0};
        (void)snprintf(source->name, sizeof source->name, "%s", name);
    }
    source->events += events;
    source->last_ms = clock_unix_ms();
}

enum status refused_answer(struct endpoint_request *request, const struct refused *refused)
{
    const bool all = request->principal->role == ROLE_ADMIN;
    Hoso__V1__CountRefusedReply answer = HOSO__V1__COUNT_REFUSED_REPLY__INIT;
    Hoso__V1__IntakeReply reply = HOSO__V1__INTAKE_REPLY__INIT;
    Hoso__V1__RefusedOfSource *lines =
        arena_array(request->arena, refused->count + 1U, sizeof *lines);
    answer.sources = arena_array(request->arena, refused->count + 1U, sizeof *answer.sources);
    if (lines == NULL || answer.sources == NULL) {
        return STATUS_TOO_LARGE;
    }
    for (unsigned i = 0; i < refused->count; i++) {
        const struct refused_source *source = &refused->sources[i];
        if (all || strcmp(source->name, request->caller.user) == 0) {
            Hoso__V1__RefusedOfSource *line = &lines[answer.n_sources];
            hoso__v1__refused_of_source__init(line);
            line->source = (char *)(uintptr_t)source->name;
            line->events = source->events;
            line->last_ms = source->last_ms;
            answer.sources[answer.n_sources++] = line;
        }
    }
    answer.since_ms = refused->since_ms;
    reply.body_case = HOSO__V1__INTAKE_REPLY__BODY_COUNT_REFUSED;
    reply.count_refused = &answer;
    return endpoint_answer(request, &reply.base);
}
