/* SPDX-License-Identifier: Apache-2.0
 *
 * Attempts, and what the library's monitor says of them. It does not say why a connection was not
 * made, but a refusal comes at once and silence lasts.
 */
#include "bus/link_internal.h"

#include <errno.h>
#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "base/clock.h"

enum {
    PAUSE_MIN_MS = 50, /* between rounds; doubles up to … */
    PAUSE_MAX_MS = 1000,
    STABLE_MS = 1000,        /* a session that lasts so long makes the pauses short again */
    REFUSED_MS = 2500,       /* a refusal comes sooner */
    DRAIN_MS = 100,          /* for the owner to read what came before a session's end */
    ATTEMPT_MS = 10000,      /* the library ends its attempts sooner */
    NAME_PATIENCE_MS = 3000, /* then the next peer is tried */
    SILENCE_MS = BUS_HANDSHAKE_MS - 500 /* a handshake that fails later got no answer */
};

static void poll_fd(const struct link *link, int operation, int fd)
{
    struct epoll_event event = {.events = EPOLLIN};
    if (link->epoll_fd >= 0 && fd >= 0) {
        (void)epoll_ctl(link->epoll_fd, operation, fd, &event);
    }
}

static void poll_handle(const struct link *link, int operation, void *handle)
{
    int fd = -1;
    size_t size = sizeof fd;
    if (link->epoll_fd >= 0 && handle != NULL && zmq_getsockopt(handle, ZMQ_FD, &fd, &size) == 0) {
        poll_fd(link, operation, fd);
    }
}

static void end_lookup(struct link *link)
{
    if (link->lookup != NULL) {
        poll_fd(link, EPOLL_CTL_DEL, lookup_fd(link->lookup));
        lookup_end(link->lookup);
        link->lookup = NULL;
    }
}

/* Closes what the attempt or session used; what it had not sent yet is dropped. */
static void close_handle(struct bus_socket *socket)
{
    struct link *link = socket->link;
    const int linger_ms = 0;
    if (socket->handle == NULL) {
        return;
    }
    poll_handle(link, EPOLL_CTL_DEL, socket->handle);
    poll_handle(link, EPOLL_CTL_DEL, link->monitor);
    bus_monitor_close(socket->handle, link->monitor);
    link->monitor = NULL;
    (void)zmq_setsockopt(socket->handle, ZMQ_LINGER, &linger_ms, sizeof linger_ms);
    (void)zmq_close(socket->handle);
    socket->handle = NULL;
}

static void enter(struct link *link, enum link_phase phase)
{
    link->phase = phase;
    link->begun_ms = clock_ms();
}

static void wait_until(struct link *link, int64_t due_ms)
{
    enter(link, LINK_WAITING);
    link->due_ms = due_ms;
}

static void begin_lookup(struct link *link)
{
    const struct link_peer *peer = &link->peers[link->peer];
    if (link->lookup != NULL || peer->numeric) {
        return;
    }
    if (lookup_begin(link->bus->resolver, peer->host, peer->port, &link->lookup) == STATUS_OK) {
        poll_fd(link, EPOLL_CTL_ADD, lookup_fd(link->lookup));
    } else {
        link->fault = BUS_FAULT_NAME;
        link->name_code = EAI_MEMORY;
    }
}

/* What is known of the peer without asking. */
static void choose_peer(struct link *link, unsigned index)
{
    const struct link_peer *peer = &link->peers[index];
    end_lookup(link);
    link->peer = index;
    link->address = 0;
    link->known = (struct lookup_result){.count = 0};
    if (peer->numeric) {
        link->known.count = 1;
        link->known.ipv6[0] = peer->host[0] == '[';
        (void)snprintf(link->known.addresses[0], RESOLVER_ADDRESS_MAX, "%.70s:%s", peer->host,
                       peer->port);
    }
}

/* A random part, so that not all clients of a server that was down come at the same moment. */
static int64_t next_pause_ms(struct link *link)
{
    const int pause_ms = link->pause_ms;
    link->pause_ms = pause_ms * 2 < PAUSE_MAX_MS ? pause_ms * 2 : PAUSE_MAX_MS;
    return pause_ms / 2 + (int64_t)(clock_us() % (unsigned)pause_ms) / 2;
}

/* On to the next address or peer: at once, or after a pause if all were tried. */
static void try_next(struct link *link)
{
    bool round = ++link->address >= link->known.count;
    if (round) {
        link->address = 0;
        round = ++link->peers_tried >= link->peer_count;
        if (link->peer_count > 1) {
            choose_peer(link, (link->peer + 1) % link->peer_count);
        }
    }
    if (round) {
        link->peers_tried = 0;
    }
    begin_lookup(link);
    wait_until(link, clock_ms() + (round ? next_pause_ms(link) : 0));
}

static void fail_attempt(struct bus_socket *socket, enum bus_fault fault)
{
    struct link *link = socket->link;
    close_handle(socket);
    link->fault = fault;
    link->news = true;
    try_next(link);
}

/* What was received before can still be read. */
static void end_session(struct link *link)
{
    if (clock_ms() - link->begun_ms >= STABLE_MS) {
        link->pause_ms = PAUSE_MIN_MS;
    }
    enter(link, LINK_ENDED);
    link->fault = BUS_FAULT_LOST;
    link->news = true;
}

/* The same address again, while its name is looked up anew. */
static void close_session(struct bus_socket *socket)
{
    struct link *link = socket->link;
    close_handle(socket);
    link->peers_tried = 0;
    begin_lookup(link);
    wait_until(link, clock_ms() + next_pause_ms(link));
}

/* The last step of an attempt's making; anything that fails is the attempt's failure. */
static bool connect_handle(struct bus_socket *socket)
{
    const int events = ZMQ_EVENT_CONNECTED | ZMQ_EVENT_CLOSED | ZMQ_EVENT_DISCONNECTED |
                       ZMQ_EVENT_HANDSHAKE_SUCCEEDED | ZMQ_EVENT_HANDSHAKE_FAILED_AUTH |
                       ZMQ_EVENT_HANDSHAKE_FAILED_NO_DETAIL | ZMQ_EVENT_HANDSHAKE_FAILED_PROTOCOL;
    struct link *link = socket->link;
    char endpoint[sizeof "tcp://" + RESOLVER_ADDRESS_MAX];
    bool made = bus_monitor_open(link->bus, link->bus->outgoing, socket->handle, events,
                                 &link->monitor) == STATUS_OK;
    for (unsigned i = 0; i < link->topic_count && made; i++) {
        made = zmq_setsockopt(socket->handle, ZMQ_SUBSCRIBE, link->topics[i],
                              strlen(link->topics[i])) == 0;
    }
    (void)snprintf(endpoint, sizeof endpoint, "tcp://%s", link->known.addresses[link->address]);
    return made && zmq_connect(socket->handle, endpoint) == 0;
}

static enum status begin_attempt(struct bus_socket *socket, struct error *error)
{
    struct link *link = socket->link;
    const struct link_peer *peer = &link->peers[link->peer];
    const struct bus_plan plan = {.kind = socket->kind,
                                  .endpoint = peer->endpoint,
                                  .server_key_text = peer->server_key,
                                  .limits = link->limits,
                                  .ipv6 = link->known.ipv6[link->address]};
    enum status status = bus_handle_open(link->bus, &plan, &socket->handle, error);
    if (status != STATUS_OK) {
        return status;
    }
    if (!connect_handle(socket)) {
        status = error_set(error, bus_translate(errno), "%s: cannot connect: %s", peer->endpoint,
                           zmq_strerror(errno));
        return status;
    }
    poll_handle(link, EPOLL_CTL_ADD, socket->handle);
    poll_handle(link, EPOLL_CTL_ADD, link->monitor);
    enter(link, LINK_CONNECTING);
    return STATUS_OK;
}

/* Due while waiting: connect, or leave a peer whose name stays unknown. */
static void try_peer(struct bus_socket *socket)
{
    struct link *link = socket->link;
    if (link->known.count != 0) {
        if (begin_attempt(socket, NULL) != STATUS_OK) {
            fail_attempt(socket, BUS_FAULT_UNREACHABLE);
        }
    } else if (link->peer_count > 1 && clock_ms() - link->begun_ms >= NAME_PATIENCE_MS) {
        fail_attempt(socket, BUS_FAULT_NAME);
    } else {
        begin_lookup(link);
        link->due_ms = link->lookup == NULL   ? clock_ms() + PAUSE_MAX_MS
                       : link->peer_count > 1 ? link->begun_ms + NAME_PATIENCE_MS
                                              : INT64_MAX;
    }
}

/* The index of the address that is being tried, among those of a new answer; count = not there. */
static unsigned find_address(const struct link *link, const struct lookup_result *result)
{
    unsigned i = 0;
    while (i < result->count &&
           (link->known.count == 0 ||
            strcmp(result->addresses[i], link->known.addresses[link->address]) != 0)) {
        i++;
    }
    return i;
}

static void take_lookup(struct bus_socket *socket)
{
    struct link *link = socket->link;
    struct lookup_result result;
    if (link->lookup == NULL || !lookup_done(link->lookup, &result)) {
        return;
    }
    end_lookup(link);
    if (result.code != 0) {
        link->name_code = result.code;
        if (link->known.count == 0) {
            fail_attempt(socket, BUS_FAULT_NAME);
        }
        return;
    }
    const unsigned index = find_address(link, &result);
    const bool known = index < result.count;
    link->known = result;
    link->address = known ? index : 0;
    if (!known && link->phase != LINK_UP) {
        close_handle(socket);
        wait_until(link, clock_ms());
    }
}

static void take_event(struct bus_socket *socket, unsigned event)
{
    struct link *link = socket->link;
    const int64_t spent_ms = clock_ms() - link->begun_ms;
    switch (event) {
    case ZMQ_EVENT_CONNECTED:
        enter(link, LINK_SHAKING);
        link->verdict = BUS_FAULT_FOREIGN; /* if nothing else is said of its end */
        break;
    case ZMQ_EVENT_HANDSHAKE_SUCCEEDED:
        enter(link, LINK_UP);
        end_lookup(link);
        link->fault = BUS_FAULT_NONE;
        link->peers_tried = 0;
        link->session++;
        link->news = true;
        break;
    case ZMQ_EVENT_HANDSHAKE_FAILED_AUTH:
        link->verdict = BUS_FAULT_REJECTED;
        break;
    case ZMQ_EVENT_HANDSHAKE_FAILED_NO_DETAIL:
        link->verdict = spent_ms >= SILENCE_MS ? BUS_FAULT_SILENT : BUS_FAULT_REJECTED;
        break;
    case ZMQ_EVENT_DISCONNECTED:
        if (link->phase == LINK_UP) {
            end_session(link);
        } else {
            fail_attempt(socket, link->verdict);
        }
        break;
    case ZMQ_EVENT_CLOSED:
        fail_attempt(socket, spent_ms < REFUSED_MS ? BUS_FAULT_REFUSED : BUS_FAULT_UNREACHABLE);
        break;
    default: /* the handshake failed against the protocol */
        break;
    }
}

void link_turn(struct bus_socket *socket, bool drained)
{
    struct link *link = socket->link;
    unsigned event = 0;
    while (link->monitor != NULL && bus_monitor_next(link->monitor, &event)) {
        take_event(socket, event);
    }
    take_lookup(socket);
    if (link->phase == LINK_ENDED && (drained || clock_ms() >= link->begun_ms + DRAIN_MS)) {
        close_session(socket);
    }
    if (link->phase == LINK_WAITING && clock_ms() >= link->due_ms) {
        try_peer(socket);
    } else if ((link->phase == LINK_CONNECTING || link->phase == LINK_SHAKING) &&
               clock_ms() >= link->begun_ms + ATTEMPT_MS) {
        fail_attempt(socket,
                     link->phase == LINK_SHAKING ? BUS_FAULT_SILENT : BUS_FAULT_UNREACHABLE);
    }
}

int64_t link_due_ms(const struct link *link)
{
    switch (link->phase) {
    case LINK_WAITING:
        return link->due_ms;
    case LINK_UP:
        return INT64_MAX;
    case LINK_ENDED:
        return link->begun_ms + DRAIN_MS;
    default:
        return link->begun_ms + ATTEMPT_MS;
    }
}

int link_fd(struct bus_socket *socket)
{
    struct link *link = socket->link;
    if (link->epoll_fd < 0) {
        link->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
        poll_handle(link, EPOLL_CTL_ADD, socket->handle);
        poll_handle(link, EPOLL_CTL_ADD, link->monitor);
        poll_fd(link, EPOLL_CTL_ADD, link->lookup != NULL ? lookup_fd(link->lookup) : -1);
    }
    return link->epoll_fd;
}

enum status link_open(struct bus *bus, const struct bus_plan *plan, struct bus_socket *socket,
                      struct error *error)
{
    struct link *link = calloc(1, sizeof *link);
    if (link == NULL) {
        return error_set(error, STATUS_TOO_LARGE, "%.*s: out of memory", BUS_ENDPOINT_MAX,
                         plan->endpoint);
    }
    socket->link = link;
    link->bus = bus;
    link->limits = plan->limits;
    link->pause_ms = PAUSE_MIN_MS;
    link->epoll_fd = -1;
    enum status status = link_parse(plan, link, error);
    if (status != STATUS_OK) {
        return status;
    }
    choose_peer(link, 0);
    if (link->known.count != 0) {
        return begin_attempt(socket, error);
    }
    /* A fault of the plan is reported now, though the name is not known yet. */
    void *handle = NULL;
    status = bus_handle_open(bus, plan, &handle, error);
    if (status == STATUS_OK) {
        (void)zmq_close(handle);
        wait_until(link, 0);
        try_peer(socket);
    }
    return status;
}

void link_close(struct bus_socket *socket)
{
    struct link *link = socket->link;
    if (link == NULL) {
        return;
    }
    end_lookup(link);
    if (link->phase != LINK_UP) {
        close_handle(socket);
    } else {
        bus_monitor_close(socket->handle, link->monitor); /* what was sent still goes out */
    }
    if (link->epoll_fd >= 0) {
        (void)close(link->epoll_fd);
    }
    free(link);
    socket->link = NULL;
}

void bus_leave(struct bus_socket *socket)
{
    struct link *link = socket->link;
    if (link->phase == LINK_UP || link->phase == LINK_SHAKING) {
        link->address = link->known.count;
        fail_attempt(socket, BUS_FAULT_SILENT);
    }
}
