/* SPDX-License-Identifier: Apache-2.0
 *
 * The connection behind a client's socket (bus_connect, bus_subscribe): whether it is up, and why
 * not.
 */
#ifndef HOSO_BUS_LINK_H
#define HOSO_BUS_LINK_H

#include "bus/bus.h"

/* Why a client has no connection. */
enum bus_fault {
    BUS_FAULT_NONE,        /* it has one, or the first attempt is under way */
    BUS_FAULT_NAME,        /* the host's name is not resolved */
    BUS_FAULT_REFUSED,     /* the host is there, nothing listens */
    BUS_FAULT_UNREACHABLE, /* no way there, or no answer in time: down, or a firewall */
    BUS_FAULT_SILENT,      /* it takes the connection and says nothing */
    BUS_FAULT_FOREIGN,     /* another program listens there */
    BUS_FAULT_REJECTED,    /* it ended the handshake: it has another key, or does not know ours */
    BUS_FAULT_WRONG_KEY,   /* it has another key (bus_examine) */
    BUS_FAULT_NO_RIGHT,    /* it has the right key and does not know ours (bus_examine) */
    BUS_FAULT_LOST,        /* the connection ended */
    BUS_FAULT_COUNT
};

/* A session is a connection whose handshake succeeded; they are counted. What was sent
 * in one is lost with it: who waits for an answer asks again in the next one. */
bool bus_is_up(const struct bus_socket *socket);
uint64_t bus_session(const struct bus_socket *socket);
unsigned bus_peer_count(const struct bus_socket *socket);
enum bus_fault bus_fault(const struct bus_socket *socket);
/* It is known that an answer will not come from there: the name is unknown, nothing or another
 * program listens, or the peer ends the handshake. */
bool bus_is_refused(const struct bus_socket *socket);
/* The fault as the end of a sentence that begins with the endpoint; lives until the next call. */
const char *bus_fault_text(const struct bus_socket *socket);
/* Ends the connection to a peer that does not answer, or cannot now: connects to the next of the
 * list, or anew to the only one. */
void bus_leave(struct bus_socket *socket);

/* For a poll of one's own. It becomes readable when there may be something new, but
 * only if bus_receive was called until TIMEOUT since the last time, and since sending. −1 = there
 * is none. Without anything new bus_receive is due at bus_due_ms, INT64_MAX = never. */
int bus_fd(struct bus_socket *socket);
int64_t bus_due_ms(const struct bus_socket *socket);

#endif
