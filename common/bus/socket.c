/* SPDX-License-Identifier: Apache-2.0
 *
 * Sockets, and the messages of ROUTER and DEALER. On the wire a message is one frame; a ROUTER puts
 * the sender's identity before it, and the name that the guard gave to the sender's key travels
 * with the payload frame (on a polled ROUTER the identity frame lacks it).
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <zmq.h>

#include "base/require.h"
#include "bus/bus_internal.h"

/* After this many bad messages in a row the caller's loop gets its turn again. */
enum { DROPS_IN_A_ROW_MAX = 64 };

static int zmq_type(enum bus_kind kind)
{
    switch (kind) {
    case BUS_ROUTER:
        return ZMQ_ROUTER;
    case BUS_DEALER:
        return ZMQ_DEALER;
    case BUS_XPUB:
        return ZMQ_XPUB;
    default:
        return ZMQ_SUB;
    }
}

/* Neither bound nor connected yet. */
static enum status socket_new(struct bus *bus, const struct bus_plan *plan,
                              struct bus_socket **ret_socket, struct error *error)
{
    const char *endpoint = plan->endpoint;
    if (strncmp(endpoint, "tcp://", 6) != 0 || strlen(endpoint) >= BUS_ENDPOINT_MAX) {
        return error_set(error, STATUS_INVALID, "%.*s: an endpoint looks like tcp://HOST:PORT",
                         BUS_ENDPOINT_MAX, endpoint);
    }
    struct bus_socket *socket = calloc(1, sizeof *socket);
    if (socket == NULL) {
        return error_set(error, STATUS_TOO_LARGE, "%s: out of memory", endpoint);
    }
    socket->kind = plan->kind;
    socket->message_bytes = plan->limits.message_bytes;
    memcpy(socket->endpoint, endpoint, strlen(endpoint) + 1);
    socket->handle = zmq_socket(bus->context, zmq_type(plan->kind));
    enum status status;
    if (socket->handle == NULL) {
        status = error_set(error, bus_translate(errno), "%s: cannot make a socket: %s", endpoint,
                           zmq_strerror(errno));
    } else {
        status = bus_options_set(bus, socket->handle, plan, error);
    }
    if (status != STATUS_OK) {
        bus_close(socket);
        return status;
    }
    *ret_socket = socket;
    return STATUS_OK;
}

void bus_close(struct bus_socket *socket)
{
    if (socket != NULL) {
        if (socket->handle != NULL) {
            (void)zmq_close(socket->handle);
        }
        free(socket);
    }
}

static enum status check_plan(const struct bus *bus, const struct bus_plan *plan,
                              struct error *error)
{
    uint8_t key[BUS_KEY_SIZE];
    if ((plan->kind & BUS_SERVERS) != 0) {
        return bus->guard != NULL ? STATUS_OK
                                  : error_set(error, STATUS_DENIED, "%s: no server without a guard",
                                              plan->endpoint);
    }
    if (plan->server_key_text == NULL || bus_key_decode(plan->server_key_text, key) != STATUS_OK) {
        return error_set(error, STATUS_INVALID,
                         "%s: the server's key is not a Z85 text of 40 characters", plan->endpoint);
    }
    return STATUS_OK;
}

static bool bind_or_connect(struct bus_socket *socket, const char *endpoint)
{
    size_t size = sizeof socket->endpoint;
    if ((socket->kind & BUS_CLIENTS) != 0) {
        return zmq_connect(socket->handle, endpoint) == 0;
    }
    return zmq_bind(socket->handle, endpoint) == 0 &&
           zmq_getsockopt(socket->handle, ZMQ_LAST_ENDPOINT, socket->endpoint, &size) == 0;
}

enum status bus_socket_open(struct bus *bus, const struct bus_plan *plan,
                            struct bus_socket **ret_socket, struct error *error)
{
    struct bus_socket *socket = NULL;
    enum status status = check_plan(bus, plan, error);
    if (status == STATUS_OK) {
        status = socket_new(bus, plan, &socket, error);
    }
    if (status != STATUS_OK) {
        return status;
    }
    if (!bind_or_connect(socket, plan->endpoint)) {
        const int code = errno;
        bus_close(socket);
        return error_set(error, bus_translate(code), "%s: cannot %s: %s", plan->endpoint,
                         (plan->kind & BUS_SERVERS) != 0 ? "listen" : "connect",
                         zmq_strerror(code));
    }
    *ret_socket = socket;
    return STATUS_OK;
}

enum status bus_bind(struct bus *bus, const char *endpoint, const struct bus_limits *limits,
                     struct bus_socket **ret_socket, struct error *error)
{
    const struct bus_plan plan = {
        .kind = BUS_ROUTER, .endpoint = endpoint, .domain = BUS_DOMAIN, .limits = *limits};
    return bus_socket_open(bus, &plan, ret_socket, error);
}

enum status bus_connect(struct bus *bus, const char *endpoint, const char *server_key_text,
                        const struct bus_limits *limits, struct bus_socket **ret_socket,
                        struct error *error)
{
    const struct bus_plan plan = {.kind = BUS_DEALER,
                                  .endpoint = endpoint,
                                  .server_key_text = server_key_text,
                                  .limits = *limits};
    return bus_socket_open(bus, &plan, ret_socket, error);
}

const char *bus_endpoint(const struct bus_socket *socket)
{
    return socket->endpoint;
}

/* The library delivers whole messages, so only a first frame can be missing. */
enum status bus_receive_frame(struct bus_socket *socket, zmq_msg_t *frame)
{
    while (zmq_msg_recv(frame, socket->handle, ZMQ_DONTWAIT) < 0) {
        if (errno != EINTR) {
            return errno == EAGAIN ? STATUS_TIMEOUT : bus_translate(errno);
        }
    }
    return STATUS_OK;
}

static enum status receive_peer(struct bus_socket *socket, struct bus_message *message)
{
    zmq_msg_t frame;
    (void)zmq_msg_init(&frame);
    const enum status status = bus_receive_frame(socket, &frame);
    if (status == STATUS_OK) {
        const size_t size = zmq_msg_size(&frame);
        require(size <= BUS_IDENTITY_MAX && zmq_msg_more(&frame));
        memcpy(message->peer, zmq_msg_data(&frame), size);
        message->peer_size = (uint8_t)size;
    }
    (void)zmq_msg_close(&frame);
    return status;
}

bool bus_skip_rest(struct bus_socket *socket, zmq_msg_t *first)
{
    const bool several = zmq_msg_more(first) != 0;
    bool more = several;
    while (more) {
        zmq_msg_t frame;
        (void)zmq_msg_init(&frame);
        more = bus_receive_frame(socket, &frame) == STATUS_OK && zmq_msg_more(&frame) != 0;
        (void)zmq_msg_close(&frame);
    }
    return several;
}

bool bus_copy_user(zmq_msg_t *frame, char user[BUS_NAME_MAX + 1])
{
    const char *name = zmq_msg_gets(frame, "User-Id");
    const size_t size = name != NULL ? strlen(name) : 0;
    if (size == 0 || size > BUS_NAME_MAX) {
        return false;
    }
    memcpy(user, name, size + 1);
    return true;
}

/* INVALID = it came, but is to be dropped. */
static enum status receive_one(struct bus_socket *socket, zmq_msg_t *frame,
                               struct bus_message *message)
{
    enum status status = socket->kind == BUS_ROUTER ? receive_peer(socket, message) : STATUS_OK;
    if (status == STATUS_OK) {
        status = bus_receive_frame(socket, frame);
    }
    if (status != STATUS_OK) {
        return status;
    }
    message->payload = slice_of(zmq_msg_data(frame), zmq_msg_size(frame));
    const bool several = bus_skip_rest(socket, frame);
    if (several || message->payload.size > socket->message_bytes ||
        (socket->kind == BUS_ROUTER && !bus_copy_user(frame, message->user))) {
        return STATUS_INVALID;
    }
    return STATUS_OK;
}

enum status bus_receive(struct bus_socket *socket, struct bus_message *ret_message)
{
    zmq_msg_t *frame = malloc(sizeof *frame);
    if (frame == NULL) {
        return STATUS_BUSY;
    }
    enum status status = STATUS_INVALID;
    for (unsigned drops = 0; status == STATUS_INVALID && drops < DROPS_IN_A_ROW_MAX; drops++) {
        struct bus_message message = {.frame = frame};
        (void)zmq_msg_init(frame);
        status = receive_one(socket, frame, &message);
        if (status == STATUS_OK) {
            *ret_message = message;
            return STATUS_OK;
        }
        (void)zmq_msg_close(frame);
        if (status == STATUS_INVALID) {
            atomic_fetch_add_explicit(&socket->dropped, 1, memory_order_relaxed);
        }
    }
    free(frame);
    return status == STATUS_INVALID ? STATUS_TIMEOUT : status;
}

void bus_message_fini(struct bus_message *message)
{
    if (message->frame != NULL) {
        (void)zmq_msg_close(message->frame);
        free(message->frame);
    }
    *message = (struct bus_message){.frame = NULL};
}

int bus_send_frame(struct bus_socket *socket, zmq_msg_t *frame, int flags)
{
    int sent;
    do {
        sent = zmq_msg_send(frame, socket->handle, ZMQ_DONTWAIT | flags);
    } while (sent < 0 && errno == EINTR);
    return sent;
}

/* Takes the body. Both frames are made before the first is sent, so that no half of a message can
 * be left in the socket. */
static enum status send_body(struct bus_socket *socket, const uint8_t *peer, uint8_t peer_size,
                             zmq_msg_t *body)
{
    zmq_msg_t head;
    enum status status = STATUS_OK;
    if (peer_size != 0 && zmq_msg_init_size(&head, peer_size) != 0) {
        status = bus_translate(errno);
    } else if (peer_size != 0) {
        memcpy(zmq_msg_data(&head), peer, peer_size);
        if (bus_send_frame(socket, &head, ZMQ_SNDMORE) < 0) {
            status = bus_translate(errno);
            (void)zmq_msg_close(&head);
        }
    }
    if (status == STATUS_OK && bus_send_frame(socket, body, 0) < 0) {
        status = bus_translate(errno);
    }
    (void)zmq_msg_close(body);
    return status;
}

static enum status send_message(struct bus_socket *socket, const uint8_t *peer, uint8_t peer_size,
                                struct slice payload)
{
    zmq_msg_t body;
    if (zmq_msg_init_size(&body, payload.size) != 0) {
        return bus_translate(errno);
    }
    if (payload.size != 0) {
        memcpy(zmq_msg_data(&body), payload.data, payload.size);
    }
    return send_body(socket, peer, peer_size, &body);
}

enum status bus_send(struct bus_socket *socket, const struct bus_message *to, struct slice payload)
{
    require(socket->kind == (to != NULL ? BUS_ROUTER : BUS_DEALER));
    return to != NULL ? bus_send_to(socket, to->peer, to->peer_size, payload)
                      : send_message(socket, NULL, 0, payload);
}

enum status bus_send_to(struct bus_socket *socket, const uint8_t *peer, uint8_t peer_size,
                        struct slice payload)
{
    require(socket->kind == BUS_ROUTER && peer_size != 0);
    return send_message(socket, peer, peer_size, payload);
}

enum status bus_send_owned(struct bus_socket *socket, const uint8_t *peer, uint8_t peer_size,
                           void *data, size_t size, bus_release *release, void *hint)
{
    zmq_msg_t body;
    require(socket->kind == BUS_ROUTER && peer_size != 0);
    if (zmq_msg_init_data(&body, data, size, release, hint) != 0) {
        const enum status status = bus_translate(errno);
        release(data, hint);
        return status;
    }
    return send_body(socket, peer, peer_size, &body);
}

int bus_fd(const struct bus_socket *socket)
{
    int fd = -1;
    size_t size = sizeof fd;
    return zmq_getsockopt(socket->handle, ZMQ_FD, &fd, &size) == 0 ? fd : -1;
}

uint64_t bus_dropped(const struct bus_socket *socket)
{
    return atomic_load_explicit(&socket->dropped, memory_order_relaxed);
}
