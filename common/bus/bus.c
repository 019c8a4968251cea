/* SPDX-License-Identifier: Apache-2.0
 *
 * Keys, the contexts, waiting and waking. A server's bus is only handed out once its guard is
 * proven; keys are wiped when they are no longer needed.
 */
#include "bus/bus.h"

#include <errno.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>
#include <zmq.h>

#include "base/clock.h"
#include "base/require.h"
#include "bus/link_internal.h"

enum status bus_translate(int code)
{
    switch (code) {
    case EAGAIN:
        return STATUS_BUSY;
    case EHOSTUNREACH:
        return STATUS_UNAVAILABLE;
    case ETERM:
        return STATUS_CLOSED;
    case EADDRINUSE:
        return STATUS_EXISTS;
    case EACCES:
    case EPERM:
        return STATUS_DENIED;
    case EINVAL:
    case ENODEV:
    case EPROTONOSUPPORT:
        return STATUS_INVALID;
    case EMFILE:
    case ENOMEM:
        return STATUS_TOO_LARGE;
    default:
        return STATUS_IO;
    }
}

enum status bus_keys_generate(struct bus_keys *ret_keys)
{
    struct bus_keys keys;
    if (zmq_curve_keypair(keys.public_text, keys.secret_text) != 0) {
        return bus_translate(errno);
    }
    *ret_keys = keys;
    sodium_memzero(&keys, sizeof keys);
    return STATUS_OK;
}

enum status bus_key_decode(const char *text, uint8_t ret_key[BUS_KEY_SIZE])
{
    uint8_t key[BUS_KEY_SIZE];
    if (strlen(text) != BUS_KEY_TEXT_SIZE - 1 || zmq_z85_decode(key, text) == NULL) {
        return STATUS_INVALID;
    }
    memcpy(ret_key, key, sizeof key);
    sodium_memzero(key, sizeof key);
    return STATUS_OK;
}

void bus_key_encode(const uint8_t key[BUS_KEY_SIZE], char ret_text[BUS_KEY_TEXT_SIZE])
{
    (void)zmq_z85_encode(ret_text, key, BUS_KEY_SIZE);
}

enum status bus_keys_derive(const char *secret_text, struct bus_keys *ret_keys)
{
    uint8_t secret[BUS_KEY_SIZE];
    struct bus_keys keys;
    const enum status status = bus_key_decode(secret_text, secret);
    sodium_memzero(secret, sizeof secret);
    if (status != STATUS_OK) {
        return status;
    }
    memcpy(keys.secret_text, secret_text, sizeof keys.secret_text);
    if (zmq_curve_public(keys.public_text, keys.secret_text) != 0) {
        return bus_translate(errno);
    }
    *ret_keys = keys;
    sodium_memzero(&keys, sizeof keys);
    return STATUS_OK;
}

static enum status check_keys(const struct bus_keys *keys, struct error *error)
{
    struct bus_keys derived;
    if (bus_keys_derive(keys->secret_text, &derived) != STATUS_OK) {
        return error_set(error, STATUS_INVALID,
                         "the secret key is not a Z85 text of 40 characters");
    }
    const bool same = strcmp(derived.public_text, keys->public_text) == 0;
    sodium_memzero(&derived, sizeof derived);
    return same ? STATUS_OK
                : error_set(error, STATUS_INVALID,
                            "the public key does not belong to the secret key");
}

enum status bus_new(const struct bus_keys *keys, bus_admit *admit, void *context,
                    struct bus **ret_bus, struct error *error)
{
    enum status status = check_keys(keys, error);
    if (status != STATUS_OK) {
        return status;
    }
    struct bus *bus = calloc(1, sizeof *bus);
    if (bus == NULL) {
        return error_set(error, STATUS_TOO_LARGE, "out of memory");
    }
    bus->keys = *keys;
    bus->outgoing = zmq_ctx_new();
    bus->listening = admit != NULL ? zmq_ctx_new() : NULL;
    if (bus->outgoing == NULL || (admit != NULL && bus->listening == NULL)) {
        status =
            error_set(error, bus_translate(errno), "cannot start the bus: %s", zmq_strerror(errno));
    } else if (resolver_open(&bus->resolver) != STATUS_OK) {
        status = error_set(error, STATUS_TOO_LARGE, "out of memory");
    }
    if (status == STATUS_OK && admit != NULL) {
        status = guard_start(bus->listening, admit, context, &bus->guard, error);
        if (status == STATUS_OK) {
            status = guard_prove(bus, error);
        }
    }
    if (status != STATUS_OK) {
        bus_free(bus);
        return status;
    }
    *ret_bus = bus;
    return STATUS_OK;
}

static void end_context(void *context)
{
    while (context != NULL && zmq_ctx_term(context) != 0 && errno == EINTR) {
    }
}

void bus_free(struct bus *bus)
{
    if (bus == NULL) {
        return;
    }
    if (bus->listening != NULL) {
        (void)zmq_ctx_shutdown(bus->listening);
        guard_join(bus->guard);
    }
    end_context(bus->listening);
    end_context(bus->outgoing);
    resolver_close(bus->resolver);
    sodium_memzero(&bus->keys, sizeof bus->keys);
    free(bus);
}

/* What the library polls for one item: a client's socket also has its monitor and its look-up. */
struct polled {
    zmq_pollitem_t items[BUS_POLL_MAX * 3];
    unsigned owners[BUS_POLL_MAX * 3]; /* indexes of the caller's items */
    int count;
};

static void add_polled(struct polled *polled, unsigned owner, void *handle, int fd)
{
    polled->owners[polled->count] = owner;
    polled->items[polled->count++] = (zmq_pollitem_t){
        .socket = handle, .fd = fd, .events = ZMQ_POLLIN | (handle != NULL ? 0 : ZMQ_POLLERR)};
}

static void add_item(struct polled *polled, unsigned owner, const struct bus_poll_item *item)
{
    const struct bus_socket *socket = item->socket;
    const struct link *link = socket != NULL ? socket->link : NULL;
    if (socket == NULL) {
        add_polled(polled, owner, NULL, item->fd);
    } else if (socket->handle != NULL) {
        add_polled(polled, owner, socket->handle, 0);
    }
    if (link != NULL && link->monitor != NULL) {
        add_polled(polled, owner, link->monitor, 0);
    }
    if (link != NULL && link->lookup != NULL) {
        add_polled(polled, owner, NULL, lookup_fd(link->lookup));
    }
}

/* Lets clients that have no session get on. True = one of them has news. */
static bool turn_links(struct bus_poll_item *items, unsigned count, int64_t *due_ms)
{
    bool news = false;
    for (unsigned i = 0; i < count; i++) {
        struct link *link = items[i].socket != NULL ? items[i].socket->link : NULL;
        if (link != NULL && link->phase != LINK_UP) {
            link_turn(items[i].socket, false);
            *due_ms = link_due_ms(link) < *due_ms ? link_due_ms(link) : *due_ms;
        }
        items[i].readable = link != NULL && link->news;
        news = news || items[i].readable;
    }
    return news;
}

/* −1 = interrupted. */
static int poll_once(struct bus_poll_item *items, unsigned count, int timeout_ms)
{
    struct polled polled = {.count = 0};
    int readable = 0;
    for (unsigned i = 0; i < count; i++) {
        add_item(&polled, i, &items[i]);
    }
    if (zmq_poll(polled.items, polled.count, timeout_ms) < 0) {
        require(errno == EINTR);
        return -1;
    }
    for (int i = 0; i < polled.count; i++) {
        items[polled.owners[i]].readable |= polled.items[i].revents != 0;
    }
    for (unsigned i = 0; i < count; i++) {
        readable += items[i].readable;
    }
    return readable;
}

int bus_poll(struct bus_poll_item *items, unsigned count, int timeout_ms)
{
    const int64_t end_ms = timeout_ms < 0 ? INT64_MAX : clock_ms() + timeout_ms;
    require(count <= BUS_POLL_MAX);
    for (;;) {
        int64_t due_ms = end_ms;
        const bool news = turn_links(items, count, &due_ms);
        const int64_t left_ms = due_ms == INT64_MAX ? -1 : due_ms - clock_ms();
        const int wait_ms = news || (left_ms < 0 && due_ms != INT64_MAX) ? 0
                            : left_ms > INT32_MAX                        ? INT32_MAX
                                                                         : (int)left_ms;
        const int readable = poll_once(items, count, wait_ms);
        if (readable != 0 || clock_ms() >= end_ms) {
            return readable > 0 ? readable : 0;
        }
    }
}

enum status bus_wake_init(struct bus_wake *wake)
{
    const int fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (fd < 0) {
        return bus_translate(errno);
    }
    wake->fd = fd;
    return STATUS_OK;
}

void bus_wake_fini(struct bus_wake *wake)
{
    if (wake->fd >= 0) {
        (void)close(wake->fd);
    }
    wake->fd = -1;
}

/* EAGAIN means that the counter is full, so it is signalled already. */
void bus_wake_signal(struct bus_wake *wake)
{
    const uint64_t one = 1;
    ssize_t written;
    do {
        written = write(wake->fd, &one, sizeof one);
    } while (written < 0 && errno == EINTR);
    require(written == (ssize_t)sizeof one || errno == EAGAIN);
}

void bus_wake_drain(struct bus_wake *wake)
{
    uint64_t count;
    ssize_t taken;
    do {
        taken = read(wake->fd, &count, sizeof count);
    } while (taken < 0 && errno == EINTR);
    require(taken == (ssize_t)sizeof count || errno == EAGAIN);
}
