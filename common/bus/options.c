/* SPDX-License-Identifier: Apache-2.0
 *
 * Every limit of every socket, as one table. The library's defaults are dangerous (messages of any
 * size, lingering for ever, silent drops, any key admitted), so nothing is left to them.
 *
 * No heartbeats of ZMTP: in libzmq 4.3.4 their timer aborts the process when it fires for a
 * connection that was reset, or on a reader whose queue is full. TCP keepalive and the deadlines of
 * our own protocols find dead peers. Clients reconnect by link.c.
 */
#include "bus/bus_internal.h"

#include <errno.h>
#include <string.h>
#include <zmq.h>

/* Declared for drafts only, but every 4.3 library knows the number. */
#ifndef ZMQ_ZAP_ENFORCE_DOMAIN
#define ZMQ_ZAP_ENFORCE_DOMAIN 93
#endif

enum {
    /* A CURVE frame is this much longer than what it carries, at most; a handshake needs some room,
       too. */
    CURVE_OVERHEAD = 64,
    HANDSHAKE_BYTES = 1024,
    QUEUE_MESSAGES_MAX = 1 << 20
};

enum { ALL = BUS_SERVERS | BUS_CLIENTS };

struct socket_option {
    const char *name;
    int number;
    int value;
    int kinds; /* of enum bus_kind */
};

static const struct socket_option options[] = {
    {"linger_ms", ZMQ_LINGER, 1000, ALL},
    {"handshake_ms", ZMQ_HANDSHAKE_IVL, BUS_HANDSHAKE_MS, ALL},
    {"heartbeat_ms", ZMQ_HEARTBEAT_IVL, 0, ALL},
    {"keepalive", ZMQ_TCP_KEEPALIVE, 1, ALL},
    {"keepalive_idle_s", ZMQ_TCP_KEEPALIVE_IDLE, 60, ALL},
    {"keepalive_interval_s", ZMQ_TCP_KEEPALIVE_INTVL, 10, ALL},
    {"keepalive_count", ZMQ_TCP_KEEPALIVE_CNT, 6, ALL},
    /* A peer that takes nothing for so long is cut off, and what waits for it is freed. */
    {"untaken_ms", ZMQ_TCP_MAXRT, BUS_UNTAKEN_MS, BUS_ROUTER},
    {"backlog", ZMQ_BACKLOG, 1024, BUS_SERVERS},
    {"router_mandatory", ZMQ_ROUTER_MANDATORY, 1, BUS_ROUTER},
    {"router_handover", ZMQ_ROUTER_HANDOVER, 0, BUS_ROUTER},
    {"xpub_nodrop", ZMQ_XPUB_NODROP, 0, BUS_XPUB},
    {"xpub_verbose", ZMQ_XPUB_VERBOSE, 0, BUS_XPUB},
    {"xpub_verboser", ZMQ_XPUB_VERBOSER, 0, BUS_XPUB},
    {"zap_enforce_domain", ZMQ_ZAP_ENFORCE_DOMAIN, 1, BUS_SERVERS},
    {"curve_server", ZMQ_CURVE_SERVER, 1, BUS_SERVERS},
    {"immediate", ZMQ_IMMEDIATE, 0, BUS_CLIENTS},
    /* Never, in effect: link.c closes the socket before. With −1, which means never, the library
       drops what was received and not yet read. */
    {"reconnect_ms", ZMQ_RECONNECT_IVL, 3600000, BUS_CLIENTS},
    {"connect_timeout_ms", ZMQ_CONNECT_TIMEOUT, 5000, BUS_CLIENTS},
};

enum { OPTION_COUNT = sizeof options / sizeof options[0] };

/* The first failure sticks. */
struct setter {
    void *handle;
    int code;
};

static void set(struct setter *setter, int number, const void *value, size_t size)
{
    if (setter->code == 0 && zmq_setsockopt(setter->handle, number, value, size) != 0) {
        setter->code = errno;
    }
}

static void set_number(struct setter *setter, int number, int value)
{
    set(setter, number, &value, sizeof value);
}

static void set_text(struct setter *setter, int number, const char *value)
{
    set(setter, number, value, strlen(value));
}

static void set_limits(struct setter *setter, const struct bus_plan *plan)
{
    const struct bus_limits *limits = &plan->limits;
    const bool answers = plan->kind == BUS_ROUTER && limits->queue_messages < BUS_ANSWERS_MAX;
    const uint32_t bytes =
        limits->message_bytes > HANDSHAKE_BYTES ? limits->message_bytes : HANDSHAKE_BYTES;
    const int64_t frame_bytes = (int64_t)bytes + CURVE_OVERHEAD;
    set(setter, ZMQ_MAXMSGSIZE, &frame_bytes, sizeof frame_bytes);
    set_number(setter, ZMQ_RCVHWM, (int)limits->queue_messages);
    set_number(setter, ZMQ_SNDHWM, answers ? BUS_ANSWERS_MAX : (int)limits->queue_messages);
}

static void set_keys(struct setter *setter, const struct bus_keys *keys,
                     const struct bus_plan *plan)
{
    if ((plan->kind & BUS_SERVERS) != 0) {
        set_text(setter, ZMQ_ZAP_DOMAIN, plan->domain);
    } else {
        set_text(setter, ZMQ_CURVE_SERVERKEY, plan->server_key_text);
        set_text(setter, ZMQ_CURVE_PUBLICKEY, keys->public_text);
    }
    set_text(setter, ZMQ_CURVE_SECRETKEY, keys->secret_text);
}

enum status bus_options_set(const struct bus *bus, void *handle, const struct bus_plan *plan,
                            struct error *error)
{
    const struct bus_limits *limits = &plan->limits;
    const char *endpoint = plan->endpoint;
    /* In the library 0 means "without limit". */
    if (limits->queue_messages == 0 || limits->queue_messages > QUEUE_MESSAGES_MAX ||
        limits->message_bytes == 0) {
        return error_set(error, STATUS_INVALID, "%s: a socket needs limits", endpoint);
    }
    struct setter setter = {handle, 0};
    for (size_t i = 0; i < OPTION_COUNT; i++) {
        if ((options[i].kinds & (int)plan->kind) != 0) {
            set_number(&setter, options[i].number, options[i].value);
        }
    }
    set_number(&setter, ZMQ_IPV6, plan->ipv6);
    set_limits(&setter, plan);
    set_keys(&setter, &bus->keys, plan);
    if (setter.code != 0) {
        return error_set(error, bus_translate(setter.code), "%s: cannot set up the socket: %s",
                         endpoint, zmq_strerror(setter.code));
    }
    return STATUS_OK;
}

static bool get_number(const struct bus_socket *socket, int number, int64_t *ret_value)
{
    int value = 0;
    size_t size = sizeof value;
    if (zmq_getsockopt(socket->handle, number, &value, &size) != 0) {
        return false;
    }
    *ret_value = value;
    return true;
}

bool bus_option(const struct bus_socket *socket, const char *name, int64_t *ret_value)
{
    for (size_t i = 0; i < OPTION_COUNT; i++) {
        if (strcmp(options[i].name, name) == 0) {
            return get_number(socket, options[i].number, ret_value);
        }
    }
    if (strcmp(name, "frame_bytes") == 0) {
        size_t size = sizeof *ret_value;
        return zmq_getsockopt(socket->handle, ZMQ_MAXMSGSIZE, ret_value, &size) == 0;
    }
    if (strcmp(name, "receive_queue") == 0) {
        return get_number(socket, ZMQ_RCVHWM, ret_value);
    }
    if (strcmp(name, "send_queue") == 0) {
        return get_number(socket, ZMQ_SNDHWM, ret_value);
    }
    return strcmp(name, "ipv6") == 0 && get_number(socket, ZMQ_IPV6, ret_value);
}
