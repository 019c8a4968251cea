/* SPDX-License-Identifier: Apache-2.0
 *
 * The library's monitor says what became of an attempt, but a server with another key and one that
 * does not know ours end the handshake alike. CurveZMQ (rfc.zeromq.org/spec/26) tells them apart:
 *
 *     both     greeting: signature, version, mechanism CURVE, role; 64 bytes
 *     client   HELLO: our short-term key, and a box of zeros that only the server's key opens
 *     server   WELCOME; with another key it cannot open the box and ends the connection
 */
#include "bus/probe.h"

#include <netdb.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include "base/clock.h"
#include "bus/link_internal.h"

enum {
    GREETING_SIZE = 64,
    VERSION = 10,
    MECHANISM = 12,
    HELLO_SIZE = 202, /* with its frame's two bytes */
    HELLO_VERSION = 8,
    HELLO_PUBLIC = 82,
    HELLO_NONCE = 114,
    HELLO_BOX = 122,
    SIGNED_ZEROS = 64,
    WELCOME_START = 10 /* of its frame: flags, size, the command's name */
};

/* To the address in numbers that the link tries; −1 = not connected in time. */
static int connect_to(const struct link *link, int timeout_ms)
{
    const struct addrinfo hints = {.ai_socktype = SOCK_STREAM,
                                   .ai_flags = AI_NUMERICHOST | AI_NUMERICSERV};
    const struct timeval timeout = {timeout_ms / 1000, (timeout_ms % 1000) * 1000L};
    struct addrinfo *address = NULL;
    char host[RESOLVER_ADDRESS_MAX];
    (void)snprintf(host, sizeof host, "%s", link->known.addresses[link->address]);
    char *colon = strrchr(host, ':');
    if (colon == NULL) {
        return -1;
    }
    *colon = '\0';
    const bool brackets = host[0] == '[';
    if (brackets) {
        colon[-1] = '\0';
    }
    if (getaddrinfo(host + brackets, colon + 1, &hints, &address) != 0) {
        return -1;
    }
    int fd = socket(address->ai_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd >= 0 && (setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &timeout, sizeof timeout) != 0 ||
                    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &timeout, sizeof timeout) != 0 ||
                    connect(fd, address->ai_addr, address->ai_addrlen) != 0)) {
        (void)close(fd);
        fd = -1;
    }
    freeaddrinfo(address);
    return fd;
}

static bool fill_hello(const uint8_t server_key[BUS_KEY_SIZE], uint8_t hello[HELLO_SIZE])
{
    static const uint8_t zeros[SIGNED_ZEROS];
    uint8_t nonce[crypto_box_NONCEBYTES] = "CurveZMQHELLO---";
    uint8_t secret[crypto_box_SECRETKEYBYTES];
    memset(hello, 0, HELLO_SIZE);
    hello[0] = 4; /* a command */
    hello[1] = HELLO_SIZE - 2;
    memcpy(hello + 2, "\x05HELLO", 6);
    hello[HELLO_VERSION] = 1;
    nonce[crypto_box_NONCEBYTES - 1] = 1;
    hello[HELLO_NONCE + 7] = 1;
    const bool made =
        crypto_box_keypair(hello + HELLO_PUBLIC, secret) == 0 &&
        crypto_box_easy(hello + HELLO_BOX, zeros, sizeof zeros, nonce, server_key, secret) == 0;
    sodium_memzero(secret, sizeof secret);
    return made;
}

/* FOREIGN or SILENT = it does not even greet; else which key is wrong. */
static enum bus_fault shake_hands(int fd, const uint8_t server_key[BUS_KEY_SIZE])
{
    static const uint8_t welcome[] = "\x07WELCOME";
    static const uint8_t greeting[GREETING_SIZE] = {[0] = 0xff, [9] = 0x7f, [VERSION] = 3, 1,  'C',
                                                    'U',        'R',        'V',           'E'};
    uint8_t theirs[GREETING_SIZE];
    uint8_t hello[HELLO_SIZE];
    uint8_t start[WELCOME_START];
    if (!fill_hello(server_key, hello) ||
        send(fd, greeting, sizeof greeting, MSG_NOSIGNAL) != (ssize_t)sizeof greeting) {
        return BUS_FAULT_SILENT;
    }
    const ssize_t size = recv(fd, theirs, sizeof theirs, MSG_WAITALL);
    if (size <= 0) {
        return BUS_FAULT_SILENT;
    }
    if (size != (ssize_t)sizeof theirs || theirs[VERSION] < 3 ||
        memcmp(theirs + MECHANISM, "CURVE", sizeof "CURVE") != 0) {
        return BUS_FAULT_FOREIGN;
    }
    const bool answered = send(fd, hello, sizeof hello, MSG_NOSIGNAL) == (ssize_t)sizeof hello &&
                          recv(fd, start, sizeof start, MSG_WAITALL) == (ssize_t)sizeof start;
    return answered && memcmp(start + 2, welcome, sizeof welcome - 1) == 0 ? BUS_FAULT_NO_RIGHT
                                                                           : BUS_FAULT_WRONG_KEY;
}

enum bus_fault bus_examine(const struct bus_socket *socket, int timeout_ms)
{
    const struct link *link = socket->link;
    const enum bus_fault fault = bus_fault(socket);
    uint8_t server_key[BUS_KEY_SIZE];
    if ((fault != BUS_FAULT_REJECTED && fault != BUS_FAULT_SILENT) || sodium_init() < 0 ||
        bus_key_decode(link->peers[link->peer].server_key, server_key) != STATUS_OK) {
        return fault;
    }
    const int fd = connect_to(link, timeout_ms / 3 + 1); /* connect, greeting, WELCOME */
    if (fd < 0) {
        return fault;
    }
    const enum bus_fault found = shake_hands(fd, server_key);
    (void)close(fd);
    return found;
}

const char *bus_examine_text(const struct bus_socket *socket, int timeout_ms)
{
    const enum bus_fault fault = bus_examine(socket, timeout_ms);
    return fault == BUS_FAULT_NAME ? bus_fault_text(socket) : fault_text(fault);
}

/* An attempt was made, and this became of it. */
static enum bus_fault await_fault(struct bus_socket *socket, int64_t end_ms)
{
    struct bus_poll_item item = {.socket = socket};
    const struct link *link = socket->link;
    while (!bus_is_up(socket) && clock_ms() < end_ms &&
           (link->fault == BUS_FAULT_NONE || link->lookup != NULL)) {
        const int64_t left_ms = end_ms - clock_ms();
        (void)bus_poll(&item, 1, left_ms > 0 ? (int)left_ms : 0);
        bus_look_at_link(socket);
    }
    return bus_is_up(socket) ? BUS_FAULT_NONE : bus_fault(socket);
}

bool bus_probe(struct bus *bus, const char *endpoints, const char *server_keys, unsigned index,
               int timeout_ms, char ret_endpoint[BUS_ENDPOINT_SIZE], enum bus_fault *ret_fault)
{
    const struct bus_limits limits = {.message_bytes = 1, .queue_messages = 1};
    const struct bus_plan plan = {.endpoint = endpoints, .server_key_text = server_keys};
    struct bus_socket *socket = NULL;
    struct link *list = calloc(1, sizeof *list);
    const bool there =
        list != NULL && link_parse(&plan, list, NULL) == STATUS_OK && index < list->peer_count;
    if (there) {
        const struct link_peer *peer = &list->peers[index];
        (void)snprintf(ret_endpoint, BUS_ENDPOINT_SIZE, "%s", peer->endpoint);
        *ret_fault = BUS_FAULT_UNREACHABLE;
        if (bus_connect(bus, peer->endpoint, peer->server_key, &limits, &socket, NULL) ==
            STATUS_OK) {
            *ret_fault = await_fault(socket, clock_ms() + timeout_ms);
        }
        if (*ret_fault == BUS_FAULT_REJECTED || *ret_fault == BUS_FAULT_SILENT) {
            *ret_fault = bus_examine(socket, timeout_ms);
        }
        bus_close(socket);
    }
    free(list);
    return there;
}
