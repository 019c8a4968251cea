/* SPDX-License-Identifier: Apache-2.0
 *
 * The guard of the listening sockets: a ZAP 1.0 handler (rfc.zeromq.org/spec/27) in its own thread.
 * It answers every CURVE handshake with 200 and the name of the key's owner, or with 300. Not 400:
 * after that a client's library gives up for ever, but a key may be registered while its owner is
 * already trying. Without the guard the library would admit any key; so it is started before any
 * server socket, the domain is enforced, and a server's bus is only handed out after a random key
 * was seen to be refused.
 */
#include "bus/bus_internal.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <zmq.h>

#include "base/require.h"

#define ZAP_ENDPOINT "inproc://zeromq.zap.01"
#define ZAP_VERSION "1.0"
#define PROOF_ENDPOINT "tcp://127.0.0.1:*"

enum { ZAP_REQUEST_ID_MAX = 255, ZAP_FIELD_MAX = 255, PROOF_MS = 3000, PROOF_MESSAGE_BYTES = 1024 };

struct guard {
    void *handle;
    bus_admit *admit;
    void *admit_context;
    pthread_t thread;
};

/* Frames of a question, in order. */
enum zap_frame {
    ZAP_FRAME_VERSION,
    ZAP_FRAME_REQUEST_ID,
    ZAP_FRAME_DOMAIN,
    ZAP_FRAME_ADDRESS,
    ZAP_FRAME_IDENTITY,
    ZAP_FRAME_MECHANISM,
    ZAP_FRAME_KEY,
    ZAP_FRAME_COUNT
};

struct zap_question {
    uint8_t frames[ZAP_FRAME_COUNT][ZAP_FIELD_MAX];
    size_t sizes[ZAP_FRAME_COUNT];
    bool sound;
};

/* Reads all frames of one question, sound or not; false = the context is shutting down. */
static bool read_question(void *handle, struct zap_question *question)
{
    *question = (struct zap_question){.sound = true};
    int more = 1;
    for (unsigned i = 0; more != 0; i++) {
        zmq_msg_t frame;
        (void)zmq_msg_init(&frame);
        int received;
        do {
            received = zmq_msg_recv(&frame, handle, 0);
        } while (received < 0 && errno == EINTR);
        if (received < 0) {
            (void)zmq_msg_close(&frame);
            return false;
        }
        more = zmq_msg_more(&frame);
        const size_t size = zmq_msg_size(&frame);
        if (i < ZAP_FRAME_COUNT && size <= ZAP_FIELD_MAX) {
            memcpy(question->frames[i], zmq_msg_data(&frame), size);
            question->sizes[i] = size;
        } else {
            question->sound = false;
        }
        question->sound = question->sound && (more != 0 || i + 1 == ZAP_FRAME_COUNT);
        (void)zmq_msg_close(&frame);
    }
    return true;
}

static bool frame_is(const struct zap_question *question, enum zap_frame frame, const char *text)
{
    return question->sizes[frame] == strlen(text) &&
           memcmp(question->frames[frame], text, strlen(text)) == 0;
}

static bool admits(const struct guard *guard, const struct zap_question *question,
                   char name[BUS_NAME_MAX + 1])
{
    char domain[ZAP_FIELD_MAX + 1] = "";
    if (!question->sound || !frame_is(question, ZAP_FRAME_VERSION, ZAP_VERSION) ||
        !frame_is(question, ZAP_FRAME_MECHANISM, "CURVE") ||
        question->sizes[ZAP_FRAME_KEY] != BUS_KEY_SIZE) {
        return false;
    }
    memcpy(domain, question->frames[ZAP_FRAME_DOMAIN], question->sizes[ZAP_FRAME_DOMAIN]);
    return guard->admit(guard->admit_context, domain, question->frames[ZAP_FRAME_KEY], name) &&
           name[0] != '\0';
}

/* A failure in the middle only happens at shutdown, and then nothing waits for the answer. */
static void answer(const struct guard *guard, const struct zap_question *question)
{
    char name[BUS_NAME_MAX + 1] = "";
    const bool admitted = admits(guard, question, name);
    const char *code = admitted ? "200" : "300";
    const char *text = admitted ? "OK" : "unknown key";
    const size_t name_size = admitted ? strnlen(name, BUS_NAME_MAX) : 0;
    const uint8_t *request_id = question->frames[ZAP_FRAME_REQUEST_ID];
    void *handle = guard->handle;
    if (zmq_send(handle, ZAP_VERSION, strlen(ZAP_VERSION), ZMQ_SNDMORE) >= 0 &&
        zmq_send(handle, request_id, question->sizes[ZAP_FRAME_REQUEST_ID], ZMQ_SNDMORE) >= 0 &&
        zmq_send(handle, code, strlen(code), ZMQ_SNDMORE) >= 0 &&
        zmq_send(handle, text, strlen(text), ZMQ_SNDMORE) >= 0 &&
        zmq_send(handle, name, name_size, ZMQ_SNDMORE) >= 0) {
        (void)zmq_send(handle, "", 0, 0);
    }
}

static void *guard_main(void *argument)
{
    struct guard *guard = argument;
    struct zap_question question;
    while (read_question(guard->handle, &question)) {
        answer(guard, &question);
    }
    (void)zmq_close(guard->handle);
    return NULL;
}

/* The guard never handles a signal: the service's signal thread does. */
static int start_thread(struct guard *guard)
{
    sigset_t all;
    sigset_t before;
    (void)sigfillset(&all);
    (void)pthread_sigmask(SIG_SETMASK, &all, &before);
    const int code = pthread_create(&guard->thread, NULL, guard_main, guard);
    (void)pthread_sigmask(SIG_SETMASK, &before, NULL);
    return code;
}

enum status guard_start(void *context, bus_admit *admit, void *admit_context,
                        struct guard **ret_guard, struct error *error)
{
    int code = ENOMEM;
    struct guard *guard = calloc(1, sizeof *guard);
    if (guard == NULL) {
        goto out;
    }
    *guard = (struct guard){.admit = admit, .admit_context = admit_context};
    guard->handle = zmq_socket(context, ZMQ_REP);
    const int linger_ms = 0;
    if (guard->handle == NULL ||
        zmq_setsockopt(guard->handle, ZMQ_LINGER, &linger_ms, sizeof linger_ms) != 0 ||
        zmq_bind(guard->handle, ZAP_ENDPOINT) != 0) {
        code = errno;
        goto out;
    }
    code = start_thread(guard);
    if (code == 0) {
        *ret_guard = guard;
        return STATUS_OK;
    }
out:
    if (guard != NULL && guard->handle != NULL) {
        (void)zmq_close(guard->handle);
    }
    free(guard);
    return error_set(error, bus_translate(code), "cannot start the guard: %s", zmq_strerror(code));
}

void guard_join(struct guard *guard)
{
    if (guard != NULL) {
        require(pthread_join(guard->thread, NULL) == 0);
        free(guard);
    }
}

/* Waits for what came of the stranger's handshake; 0 = nothing in time. */
static unsigned await_verdict(void *monitor)
{
    zmq_pollitem_t item = {.socket = monitor, .events = ZMQ_POLLIN};
    unsigned verdict = 0;
    return zmq_poll(&item, 1, PROOF_MS) == 1 && bus_monitor_next(monitor, &verdict) ? verdict : 0;
}

enum status guard_prove(struct bus *bus, struct error *error)
{
    const int events = ZMQ_EVENT_HANDSHAKE_SUCCEEDED | ZMQ_EVENT_HANDSHAKE_FAILED_AUTH |
                       ZMQ_EVENT_HANDSHAKE_FAILED_NO_DETAIL | ZMQ_EVENT_HANDSHAKE_FAILED_PROTOCOL;
    const struct bus_limits limits = {PROOF_MESSAGE_BYTES, 1};
    struct bus stranger = {.outgoing = bus->outgoing};
    struct bus_socket *server = NULL;
    struct bus_socket *client = NULL;
    void *monitor = NULL;
    unsigned verdict = 0;
    enum status status = bus_keys_generate(&stranger.keys);
    if (status == STATUS_OK) {
        status = bus_bind(bus, PROOF_ENDPOINT, &limits, &server, error);
    }
    if (status == STATUS_OK) {
        status = bus_monitor_open(bus, bus->listening, server->handle, events, &monitor);
    }
    if (status == STATUS_OK) {
        status = bus_connect(&stranger, bus_endpoint(server), bus->keys.public_text, &limits,
                             &client, error);
    }
    if (status == STATUS_OK) {
        verdict = await_verdict(monitor);
    }
    bus_close(client);
    bus_monitor_close(server != NULL ? server->handle : NULL, monitor);
    bus_close(server);
    if (status != STATUS_OK) {
        return error_set(error, status, "cannot test the guard: %s", status_text(status));
    }
    if (verdict != ZMQ_EVENT_HANDSHAKE_FAILED_AUTH) {
        return error_set(error, STATUS_DENIED, "the guard was not seen to refuse a random key (%s)",
                         verdict == ZMQ_EVENT_HANDSHAKE_SUCCEEDED ? "it was let in" : "no verdict");
    }
    return STATUS_OK;
}
