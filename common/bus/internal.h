/* SPDX-License-Identifier: Apache-2.0
 *
 * What the sources of the bus share. Only common/bus and its tests include this.
 */
#ifndef HOSO_BUS_INTERNAL_H
#define HOSO_BUS_INTERNAL_H

#include <stdatomic.h>
#include <stdbool.h>

#include "bus/bus.h"

enum { BUS_ENDPOINT_MAX = 256 };

struct guard;

struct bus {
    void *context;
    struct bus_keys keys;
    struct guard *guard; /* NULL = clients only */
};

struct bus_socket {
    void *handle;
    bool server;
    uint32_t message_bytes;
    _Atomic uint64_t dropped;
    char endpoint[BUS_ENDPOINT_MAX];
};

/* errno after a failed call of the library. */
enum status bus_translate(int code) MUST_USE;

/* Sets every option of a socket; `server_key_text` NULL = a server. */
enum status bus_options_set(const struct bus *bus, void *handle, const char *endpoint,
                            const char *server_key_text, const struct bus_limits *limits,
                            struct error *error) MUST_USE;

/* What the library says an option is ("linger_ms", "receive_queue", …); false = no such option, or
 * one that can only be written. For tests. */
bool bus_option(const struct bus_socket *socket, const char *name, int64_t *ret_value);

/* The guard answers the library's question who a key belongs to, in its own thread, until the
 * context shuts down. */
enum status guard_start(void *context, bus_admit *admit, void *admit_context,
                        struct guard **ret_guard, struct error *error) MUST_USE;
void guard_join(struct guard *guard); /* NULL-safe; after the context's shutdown */

/* OK only if a server socket of this bus was seen to refuse a random key. */
enum status guard_prove(struct bus *bus, struct error *error) MUST_USE;

#endif
