/* SPDX-License-Identifier: Apache-2.0
 *
 * What stands at an endpoint, for people who look for a fault: the library only says that no answer
 * came. A connection of its own shakes hands as far as a CURVE server answers a stranger, which is
 * to the point where it proved its key; it never says who we are.
 */
#ifndef HOSO_BUS_PROBE_H
#define HOSO_BUS_PROBE_H

#include "bus/bus.h"

enum bus_probe {
    PROBE_INVALID,     /* not tcp://HOST:PORT, or no key */
    PROBE_UNKNOWN,     /* the host's name has no address */
    PROBE_REFUSED,     /* the host is there, nothing listens */
    PROBE_UNREACHABLE, /* no way there, or no answer in time: down, or a firewall */
    PROBE_SILENT,      /* it takes the connection and says nothing: it hangs, or is no server */
    PROBE_FOREIGN,     /* something else listens there */
    PROBE_WRONG_KEY,   /* a CURVE server with another key */
    PROBE_RIGHT_KEY    /* it proved that it has the secret key that belongs to this public one */
};

/* Takes `timeout_ms` at most, and a name's resolution. */
enum bus_probe bus_probe(const char *endpoint, const char *server_key_text, int timeout_ms);

#endif
