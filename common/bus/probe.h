/* SPDX-License-Identifier: Apache-2.0
 *
 * What stands at an endpoint, for people who look for a fault.
 */
#ifndef HOSO_BUS_PROBE_H
#define HOSO_BUS_PROBE_H

#include "bus/link.h"

enum { BUS_ENDPOINT_SIZE = 256 /* with NUL */ };

/* Of a client whose handshake was ended or not answered (REJECTED, SILENT): finds out which of the
 * two keys is the reason, by a connection of its own that goes as far as a server answers a
 * stranger, which is to the point where it proves its key. Other faults are returned as they are.
 * Takes `timeout_ms` at most. */
enum bus_fault bus_examine(const struct bus_socket *socket, int timeout_ms);
const char *bus_examine_text(const struct bus_socket *socket, int timeout_ms);

/* Connects to the endpoint number `index` of a list as bus_connect takes it: NONE = it is there and
 * knows our key. Takes about `timeout_ms` at most. False = there are not so many. */
bool bus_probe(struct bus *bus, const char *endpoints, const char *server_keys, unsigned index,
               int timeout_ms, char ret_endpoint[BUS_ENDPOINT_SIZE], enum bus_fault *ret_fault);

#endif
