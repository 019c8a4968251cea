/* SPDX-License-Identifier: Apache-2.0
 *
 * The model of a source at intake: a list of what was taken, and the epoch.
 */
#include "tests/unit/client/fake_intake.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/require.h"
#include "wire/wire.h"

enum { ARENA_BYTES = 32 << 20, MESSAGE_BYTES = 8 << 20, FAULTS_MAX = 100 };

static bool admit_anyone(void *context, const char *address, const uint8_t public_key[BUS_KEY_SIZE],
                         char ret_name[BUS_NAME_MAX + 1])
{
    struct fake_intake *intake = context;
    (void)address;
    uint8_t known[BUS_KEY_SIZE];
    require(bus_key_decode(intake->client_keys.public_text, known) == STATUS_OK);
    memcpy(ret_name, "counter", sizeof "counter");
    return memcmp(known, public_key, BUS_KEY_SIZE) == 0;
}

static void take(struct fake_intake *intake, const char *event_id)
{
    require(intake->count < FAKE_EVENTS_MAX);
    intake->taken[intake->count] = strdup(event_id);
    require(intake->taken[intake->count] != NULL);
    intake->count++;
}

/* INVALID with its faults, or UNSPECIFIED. */
static Hoso__V1__AppendResult find_faults(const Hoso__V1__AppendRequest *append,
                                          struct arena *arena, Hoso__V1__AppendReply *reply)
{
    reply->faults = arena_array(arena, FAULTS_MAX, sizeof *reply->faults);
    require(reply->faults != NULL);
    for (uint32_t i = 0; i < append->n_events && reply->n_faults < FAULTS_MAX; i++) {
        if (strcmp(append->events[i]->unit, "bad") == 0) {
            Hoso__V1__EventFault *fault = arena_alloc(arena, sizeof *fault);
            require(fault != NULL);
            hoso__v1__event_fault__init(fault);
            fault->index = i;
            fault->field = (char *)(uintptr_t) "unit";
            fault->reason = (char *)(uintptr_t) "is bad";
            reply->faults[reply->n_faults++] = fault;
        }
    }
    return reply->n_faults != 0 ? HOSO__V1__APPEND_RESULT__APPEND_RESULT_INVALID
                                : HOSO__V1__APPEND_RESULT__APPEND_RESULT_UNSPECIFIED;
}

static Hoso__V1__AppendResult compare(const struct fake_intake *intake,
                                      const Hoso__V1__AppendRequest *append)
{
    for (size_t i = 0; i < append->n_events; i++) {
        const uint64_t sequence = append->first_sequence + i;
        if (sequence > intake->count ||
            strcmp(intake->taken[sequence - 1], append->events[i]->event_id) != 0) {
            return HOSO__V1__APPEND_RESULT__APPEND_RESULT_CONFLICT;
        }
    }
    return HOSO__V1__APPEND_RESULT__APPEND_RESULT_DUPLICATE;
}

static Hoso__V1__AppendResult result_of(struct fake_intake *intake,
                                        const Hoso__V1__AppendRequest *append, struct arena *arena,
                                        Hoso__V1__AppendReply *reply)
{
    if (!intake->open) {
        return HOSO__V1__APPEND_RESULT__APPEND_RESULT_NOT_OPEN;
    }
    if (append->epoch != intake->epoch) {
        return HOSO__V1__APPEND_RESULT__APPEND_RESULT_FENCED;
    }
    if (append->first_sequence <= intake->count) {
        return compare(intake, append);
    }
    if (append->first_sequence > intake->count + 1) {
        return HOSO__V1__APPEND_RESULT__APPEND_RESULT_GAP;
    }
    if (find_faults(append, arena, reply) == HOSO__V1__APPEND_RESULT__APPEND_RESULT_INVALID) {
        return HOSO__V1__APPEND_RESULT__APPEND_RESULT_INVALID;
    }
    for (size_t i = 0; i < append->n_events; i++) {
        take(intake, append->events[i]->event_id);
    }
    return HOSO__V1__APPEND_RESULT__APPEND_RESULT_ACK;
}

/* False = no answer. */
static bool answer_append(struct fake_intake *intake, const Hoso__V1__AppendRequest *append,
                          struct arena *arena, Hoso__V1__AppendReply *reply)
{
    const enum trick trick =
        intake->trick_next < intake->trick_count ? intake->tricks[intake->trick_next++] : BEHAVE;
    intake->appends++;
    switch (trick) {
    case IGNORE:
        return false;
    case SAY_BUSY:
        reply->result = HOSO__V1__APPEND_RESULT__APPEND_RESULT_BUSY;
        return true;
    case SAY_FULL:
        reply->result = HOSO__V1__APPEND_RESULT__APPEND_RESULT_FULL;
        return true;
    case SAY_FENCED:
        reply->result = HOSO__V1__APPEND_RESULT__APPEND_RESULT_FENCED;
        return true;
    default:
        reply->result = result_of(intake, append, arena, reply);
        reply->next_sequence = intake->count + 1;
        return trick != LOSE_ANSWER;
    }
}

static void answer(struct fake_intake *intake, const struct bus_message *message,
                   struct arena *arena, struct buffer *out)
{
    ProtobufCMessage *unpacked = NULL;
    struct error error;
    require(wire_unpack(&hoso__v1__intake_request__descriptor, message->payload, arena, &unpacked,
                        &error) == STATUS_OK);
    const Hoso__V1__IntakeRequest *request = (const Hoso__V1__IntakeRequest *)unpacked;
    Hoso__V1__IntakeReply reply = HOSO__V1__INTAKE_REPLY__INIT;
    Hoso__V1__OpenReply open = HOSO__V1__OPEN_REPLY__INIT;
    Hoso__V1__AppendReply append = HOSO__V1__APPEND_REPLY__INIT;
    Hoso__V1__Cut cut = HOSO__V1__CUT__INIT;
    bool answered = !intake->silent;
    reply.request_id = request->request_id;
    if (answered && request->body_case == HOSO__V1__INTAKE_REQUEST__BODY_OPEN) {
        intake->open = true;
        open.epoch = ++intake->epoch;
        open.next_sequence = intake->count + 1;
        open.max_events = intake->max_events;
        open.max_bytes = 1 << 20;
        open.cut = &cut;
        reply.body_case = HOSO__V1__INTAKE_REPLY__BODY_OPEN;
        reply.open = &open;
    } else if (answered) {
        answered = answer_append(intake, request->append, arena, &append);
        append.cut = &cut;
        reply.body_case = HOSO__V1__INTAKE_REPLY__BODY_APPEND;
        reply.append = &append;
    }
    cut.incarnation = 7;
    cut.position = intake->count;
    if (answered) {
        buffer_clear(out);
        wire_pack(&reply.base, out);
        const enum status status = bus_send(intake->socket, message, buffer_slice(out));
        require(status == STATUS_OK || status == STATUS_UNAVAILABLE); /* it may have closed */
    }
}

static void *run(void *context)
{
    struct fake_intake *intake = context;
    struct arena arena;
    struct buffer out;
    arena_init(&arena, ARENA_BYTES);
    buffer_init(&out, MESSAGE_BYTES);
    for (;;) {
        struct bus_message message;
        struct bus_poll_item items[2] = {{.socket = intake->socket, .fd = -1},
                                         {.fd = intake->stop.fd}};
        (void)bus_poll(items, 2, -1);
        if (items[1].readable) {
            break;
        }
        while (bus_receive(intake->socket, &message) == STATUS_OK) {
            require(pthread_mutex_lock(&intake->lock) == 0);
            answer(intake, &message, &arena, &out);
            require(pthread_mutex_unlock(&intake->lock) == 0);
            bus_message_fini(&message);
            arena_reset(&arena);
        }
    }
    buffer_fini(&out);
    arena_fini(&arena);
    return NULL;
}

/* The socket belongs to the thread that uses it: made before and closed after it. */
void fake_intake_start(struct fake_intake *intake)
{
    const struct bus_limits limits = {.message_bytes = MESSAGE_BYTES, .queue_messages = 1000};
    struct error error;
    *intake = (struct fake_intake){.max_events = 1000};
    require(pthread_mutex_init(&intake->lock, NULL) == 0);
    require(bus_wake_init(&intake->stop) == STATUS_OK);
    require(bus_keys_generate(&intake->keys) == STATUS_OK);
    require(bus_keys_generate(&intake->client_keys) == STATUS_OK);
    require(bus_new(&intake->keys, admit_anyone, intake, &intake->bus, &error) == STATUS_OK);
    require(bus_bind(intake->bus, "tcp://127.0.0.1:*", &limits, &intake->socket, &error) ==
            STATUS_OK);
    require(pthread_create(&intake->thread, NULL, run, intake) == 0);
}

void fake_intake_stop(struct fake_intake *intake)
{
    bus_wake_signal(&intake->stop);
    require(pthread_join(intake->thread, NULL) == 0);
    bus_close(intake->socket);
    bus_free(intake->bus);
    bus_wake_fini(&intake->stop);
    for (uint64_t i = 0; i < intake->count; i++) {
        free(intake->taken[i]);
    }
    require(pthread_mutex_destroy(&intake->lock) == 0);
}

void fake_intake_play(struct fake_intake *intake, enum trick trick)
{
    require(pthread_mutex_lock(&intake->lock) == 0);
    require(intake->trick_count < FAKE_TRICKS_MAX);
    intake->tricks[intake->trick_count++] = trick;
    require(pthread_mutex_unlock(&intake->lock) == 0);
}

void fake_intake_forget_tricks(struct fake_intake *intake)
{
    require(pthread_mutex_lock(&intake->lock) == 0);
    intake->trick_next = intake->trick_count = 0;
    require(pthread_mutex_unlock(&intake->lock) == 0);
}

void fake_intake_silence(struct fake_intake *intake, bool silent)
{
    require(pthread_mutex_lock(&intake->lock) == 0);
    intake->silent = silent;
    require(pthread_mutex_unlock(&intake->lock) == 0);
}

void fake_intake_take(struct fake_intake *intake, const char *prefix, unsigned count)
{
    require(pthread_mutex_lock(&intake->lock) == 0);
    for (unsigned i = 0; i < count; i++) {
        char id[32];
        (void)snprintf(id, sizeof id, "%s-%u", prefix, i);
        take(intake, id);
    }
    require(pthread_mutex_unlock(&intake->lock) == 0);
}

void fake_intake_restore(struct fake_intake *intake, uint64_t count, bool marked)
{
    require(pthread_mutex_lock(&intake->lock) == 0);
    while (intake->count > count) {
        free(intake->taken[--intake->count]);
    }
    intake->open = intake->open && !marked;
    require(pthread_mutex_unlock(&intake->lock) == 0);
}

unsigned fake_intake_has(struct fake_intake *intake, const char *event_id)
{
    unsigned found = 0;
    require(pthread_mutex_lock(&intake->lock) == 0);
    for (uint64_t i = 0; i < intake->count; i++) {
        found += strcmp(intake->taken[i], event_id) == 0;
    }
    require(pthread_mutex_unlock(&intake->lock) == 0);
    return found;
}

uint64_t fake_intake_count(struct fake_intake *intake)
{
    require(pthread_mutex_lock(&intake->lock) == 0);
    const uint64_t count = intake->count;
    require(pthread_mutex_unlock(&intake->lock) == 0);
    return count;
}

struct hoso_client *fake_intake_client(struct fake_intake *intake, unsigned timeout_ms)
{
    const struct hoso_options options = {
        .intake = bus_endpoint(intake->socket),
        .intake_key = intake->keys.public_text,
        .public_key = intake->client_keys.public_text,
        .secret_key = intake->client_keys.secret_text,
        .timeout_ms = timeout_ms,
    };
    struct hoso_client *client = NULL;
    struct hoso_error error;
    require(hoso_client_open(&options, &client, &error) == HOSO_OK);
    return client;
}
