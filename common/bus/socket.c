/* SPDX-License-Identifier: Apache-2.0
 *
 * Sockets, and the messages of ROUTER and DEALER. On the wire a message is one frame; a ROUTER puts
 * the sender's identity before it, and the name that the guard gave to the sender's key travels
 * with the payload frame (on a polled ROUTER the identity frame lacks it).
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zmq.h>

#include "base/require.h"
#include "bus/link_internal.h"

enum {
    DROPS_IN_A_ROW_MAX = 64, /* bad messages; then the caller's loop gets its turn again */
    MONITOR_EVENT_SIZE = 6
};

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

enum status bus_handle_open(const struct bus *bus, const struct bus_plan *plan, void **ret_handle,
                            struct error *error)
{
    const bool server = (plan->kind & BUS_SERVERS) != 0;
    void *handle = zmq_socket(server ? bus->listening : bus->outgoing, zmq_type(plan->kind));
    if (handle == NULL) {
        return error_set(error, bus_translate(errno), "%s: cannot make a socket: %s",
                         plan->endpoint, zmq_strerror(errno));
    }
    const enum status status = bus_options_set(bus, handle, plan, error);
    if (status != STATUS_OK) {
        (void)zmq_close(handle);
        return status;
    }
    *ret_handle = handle;
    return STATUS_OK;
}

enum status bus_monitor_open(struct bus *bus, void *context, void *handle, int events,
                             void **ret_monitor)
{
    char name[64];
    const int linger_ms = 0;
    void *monitor = zmq_socket(context, ZMQ_PAIR);
    if (monitor == NULL) {
        return bus_translate(errno);
    }
    (void)snprintf(name, sizeof name, "inproc://hoso.monitor.%llu",
                   (unsigned long long)atomic_fetch_add(&bus->monitors, 1));
    if (zmq_setsockopt(monitor, ZMQ_LINGER, &linger_ms, sizeof linger_ms) != 0 ||
        zmq_socket_monitor(handle, name, events) != 0 || zmq_connect(monitor, name) != 0) {
        const enum status status = bus_translate(errno);
        bus_monitor_close(handle, monitor);
        return status;
    }
    *ret_monitor = monitor;
    return STATUS_OK;
}

/* An event is two frames: number and value, then the address. */
bool bus_monitor_next(void *monitor, unsigned *ret_event)
{
    uint8_t event[MONITOR_EVENT_SIZE];
    uint8_t address[1];
    uint16_t number;
    int received;
    do {
        received = zmq_recv(monitor, event, sizeof event, ZMQ_DONTWAIT);
    } while (received < 0 && errno == EINTR);
    if (received != (int)sizeof event) {
        return false;
    }
    memcpy(&number, event, sizeof number);
    (void)zmq_recv(monitor, address, sizeof address, ZMQ_DONTWAIT);
    *ret_event = number;
    return true;
}

/* In this order: the library would wait for ever to report to a monitor that is closed. */
void bus_monitor_close(void *handle, void *monitor)
{
    if (monitor != NULL) {
        (void)zmq_socket_monitor(handle, NULL, 0);
        (void)zmq_close(monitor);
    }
}

void bus_close(struct bus_socket *socket)
{
    if (socket != NULL) {
        link_close(socket);
        if (socket->handle != NULL) {
            (void)zmq_close(socket->handle);
        }
        free(socket);
    }
}

/* IPv4 literals are left alone, so that bus_endpoint gives back what everyone can connect to. */
static bool wants_ipv6(const char *endpoint)
{
    const char *host = endpoint + strlen("tcp://");
    return host[strspn(host, "0123456789.")] != ':';
}

static enum status server_open(struct bus *bus, const struct bus_plan *plan,
                               struct bus_socket *socket, struct error *error)
{
    struct bus_plan own = *plan;
    size_t size = sizeof socket->endpoint;
    if (strncmp(plan->endpoint, "tcp://", 6) != 0) {
        return error_set(error, STATUS_INVALID, "%.*s: an endpoint looks like tcp://HOST:PORT",
                         BUS_ENDPOINT_MAX, plan->endpoint);
    }
    if (bus->guard == NULL) {
        return error_set(error, STATUS_DENIED, "%s: no server without a guard", plan->endpoint);
    }
    own.ipv6 = wants_ipv6(plan->endpoint);
    const enum status status = bus_handle_open(bus, &own, &socket->handle, error);
    if (status != STATUS_OK) {
        return status;
    }
    if (zmq_bind(socket->handle, plan->endpoint) != 0 ||
        zmq_getsockopt(socket->handle, ZMQ_LAST_ENDPOINT, socket->endpoint, &size) != 0) {
        return error_set(error, bus_translate(errno), "%s: cannot listen: %s", plan->endpoint,
                         zmq_strerror(errno));
    }
    return STATUS_OK;
}

enum status bus_socket_open(struct bus *bus, const struct bus_plan *plan,
                            struct bus_socket **ret_socket, struct error *error)
{
    struct bus_socket *socket = calloc(1, sizeof *socket);
    if (socket == NULL) {
        return error_set(error, STATUS_TOO_LARGE, "%.*s: out of memory", BUS_ENDPOINT_MAX,
                         plan->endpoint);
    }
    socket->kind = plan->kind;
    socket->message_bytes = plan->limits.message_bytes;
    const enum status status = (plan->kind & BUS_SERVERS) != 0
                                   ? server_open(bus, plan, socket, error)
                                   : link_open(bus, plan, socket, error);
    if (status != STATUS_OK) {
        bus_close(socket);
        return status;
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

enum status bus_connect(struct bus *bus, const char *endpoints, const char *server_keys,
                        const struct bus_limits *limits, struct bus_socket **ret_socket,
                        struct error *error)
{
    const struct bus_plan plan = {.kind = BUS_DEALER,
                                  .endpoint = endpoints,
                                  .server_key_text = server_keys,
                                  .limits = *limits};
    return bus_socket_open(bus, &plan, ret_socket, error);
}

const char *bus_endpoint(const struct bus_socket *socket)
{
    const struct link *link = socket->link;
    return link != NULL ? link->peers[link->peer].endpoint : socket->endpoint;
}

/* The library delivers whole messages, so only a first frame can be missing. */
enum status bus_receive_frame(struct bus_socket *socket, zmq_msg_t *frame)
{
    while (socket->handle != NULL) {
        if (zmq_msg_recv(frame, socket->handle, ZMQ_DONTWAIT) >= 0) {
            return STATUS_OK;
        }
        if (errno != EINTR) {
            return errno == EAGAIN ? STATUS_TIMEOUT : bus_translate(errno);
        }
    }
    return STATUS_TIMEOUT;
}

/* All is read that came before the connection's end: the owner learns of that now. */
void bus_look_at_link(struct bus_socket *socket)
{
    if (socket->link != NULL) {
        link_turn(socket, true);
        socket->link->news = false;
    }
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
    if (status == STATUS_TIMEOUT) {
        bus_look_at_link(socket);
    }
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
    if (socket->link != NULL) {
        link_turn(socket, false);
        if (socket->link->phase != LINK_UP) {
            return STATUS_BUSY;
        }
    }
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

int bus_fd(struct bus_socket *socket)
{
    require(socket->link != NULL);
    return link_fd(socket);
}

int64_t bus_due_ms(const struct bus_socket *socket)
{
    return link_due_ms(socket->link);
}

uint64_t bus_dropped(const struct bus_socket *socket)
{
    return atomic_load_explicit(&socket->dropped, memory_order_relaxed);
}
