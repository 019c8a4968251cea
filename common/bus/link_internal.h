/* SPDX-License-Identifier: Apache-2.0
 *
 * The outgoing side of a client's socket: to which of its peers it connects, and how that goes.
 *
 *     WAITING ──due──▶ CONNECTING ──TCP──▶ SHAKING ──handshake──▶ UP ──lost──▶ ENDED
 *        ▲                 │ fails            │ fails              │ left         │ all read
 *        └─────────────────┴──────────────────┴────────────────────┴──────────────┘
 *
 * Each attempt is a new socket of the library with a monitor, connected to an address in numbers,
 * and closed when it fails: the library never reconnects by itself and never looks up a name. What
 * to try next: another address of the name, then the next peer of the list. A name is looked up
 * again after each round and after each loss; the addresses known so far are tried meanwhile.
 */
#ifndef HOSO_BUS_LINK_INTERNAL_H
#define HOSO_BUS_LINK_INTERNAL_H

#include "bus/bus_internal.h"
#include "bus/feed.h"
#include "bus/link.h"
#include "bus/resolver_internal.h"

enum { BUS_TOPICS_MAX = 16 /* of one subscriber */ };

enum link_phase { LINK_WAITING, LINK_CONNECTING, LINK_SHAKING, LINK_UP, LINK_ENDED };

struct link_peer {
    char endpoint[BUS_ENDPOINT_MAX];
    char host[RESOLVER_HOST_MAX + 1];
    char port[RESOLVER_PORT_MAX + 1];
    bool numeric;
    char server_key[BUS_KEY_TEXT_SIZE];
};

struct link {
    struct bus *bus;
    struct bus_limits limits;
    struct link_peer peers[BUS_PEERS_MAX];
    unsigned peer_count;
    unsigned peer;
    unsigned peers_tried;       /* in this round */
    struct lookup *lookup;      /* under way; NULL = none */
    struct lookup_result known; /* addresses of the peer */
    unsigned address;           /* which of them is tried */
    enum link_phase phase;
    int64_t begun_ms; /* the phase */
    int64_t due_ms;   /* while waiting: when to go on */
    int pause_ms;
    enum bus_fault fault;
    enum bus_fault verdict; /* of the handshake under way, if it fails */
    int name_code;          /* why the name was not found */
    uint64_t session;
    bool news; /* since the owner last looked */
    void *monitor;
    int epoll_fd; /* −1 until the owner wants it */
    char text[BUS_ENDPOINT_MAX + 200];
    unsigned topic_count;
    char topics[BUS_TOPICS_MAX][BUS_TOPIC_MAX + 1];
};

/* peers.c: the plan's lists of endpoints and keys. INVALID. */
enum status link_parse(const struct bus_plan *plan, struct link *link,
                       struct error *error) MUST_USE;

/* Without what only the socket knows. */
const char *fault_text(enum bus_fault fault);

/* Parses the lists, and begins. INVALID, TOO_LARGE. */
enum status link_open(struct bus *bus, const struct bus_plan *plan, struct bus_socket *socket,
                      struct error *error) MUST_USE;
void link_close(struct bus_socket *socket);
/* Does what is due: takes in what the monitor and the resolver say, begins or ends an attempt.
 * `drained` = all is read that was received: a session that ended can be closed. */
void link_turn(struct bus_socket *socket, bool drained);
/* When link_turn has something to do without anything having arrived; INT64_MAX = never. */
int64_t link_due_ms(const struct link *link);
/* For bus_fd. */
int link_fd(struct bus_socket *socket);

#endif
