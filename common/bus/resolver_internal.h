/* SPDX-License-Identifier: Apache-2.0
 *
 * Names are looked up in a thread of their own: getaddrinfo waits for name servers, 20 seconds and
 * more if none answers, and must stop neither a socket nor an end of the process. Nothing waits for
 * that thread: once it is closed it ends by itself after the look-up that it is in, and frees what
 * it used. It is started for the first name; addresses in numbers never come here.
 */
#ifndef HOSO_BUS_RESOLVER_INTERNAL_H
#define HOSO_BUS_RESOLVER_INTERNAL_H

#include <stdbool.h>

#include "base/status.h"

enum {
    RESOLVER_QUEUE_MAX = 64,    /* look-ups that wait for the thread */
    RESOLVER_ADDRESSES_MAX = 8, /* of one name; more are left out */
    RESOLVER_HOST_MAX = 255,
    RESOLVER_PORT_MAX = 5,
    RESOLVER_ADDRESS_MAX = 80 /* "[2001:db8::1%eth0]:7303" and NUL */
};

struct resolver;
struct lookup;

/* What a name was found to mean. */
struct lookup_result {
    int code; /* of getaddrinfo; 0 = found */
    unsigned count;
    bool ipv6[RESOLVER_ADDRESSES_MAX];
    char addresses[RESOLVER_ADDRESSES_MAX][RESOLVER_ADDRESS_MAX];
};

enum status resolver_open(struct resolver **ret_resolver) MUST_USE;
void resolver_close(struct resolver *resolver); /* NULL-safe; never waits */

/* BUSY = too many wait, TOO_LARGE = no memory, thread or descriptor is left. */
enum status lookup_begin(struct resolver *resolver, const char *host, const char *port,
                         struct lookup **ret_lookup) MUST_USE;
int lookup_fd(const struct lookup *lookup); /* readable once it is done */
/* True = it is done. */
bool lookup_done(struct lookup *lookup, struct lookup_result *ret_result) MUST_USE;
void lookup_end(struct lookup *lookup); /* NULL-safe; never waits */

#endif
