/* SPDX-License-Identifier: Apache-2.0
 *
 * ZMTP 3.1 and CurveZMQ (rfc.zeromq.org/spec/26), as far as the server's WELCOME:
 *
 *     both     greeting: signature, version, mechanism CURVE, role; 64 bytes
 *     client   HELLO: our short-term key, and a box of zeros that only the server's key opens
 *     server   WELCOME; with another key it cannot open the box and ends the connection
 */
#include "bus/probe.h"

#include <errno.h>
#include <netdb.h>
#include <poll.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"

enum {
    GREETING_SIZE = 64,
    SIGNATURE_LAST = 9,
    VERSION = 10,
    MECHANISM = 12,
    HELLO_SIZE = 202, /* with its frame's two bytes */
    HELLO_VERSION = 8,
    HELLO_PUBLIC = 82,
    HELLO_NONCE = 114,
    HELLO_BOX = 122,
    SIGNED_ZEROS = 64,
    WELCOME_START = 10, /* of its frame: flags, size, the command's name */
    HOST_MAX = 255
};

static const uint8_t mechanism[20] = "CURVE"; /* padded, as in the greeting */

struct probing {
    int fd;
    int64_t deadline_ms;
};

/* True once the socket is ready for it; false at the deadline. */
static bool wait_for(const struct probing *probing, short events)
{
    for (;;) {
        struct pollfd item = {probing->fd, events, 0};
        const int64_t left_ms = probing->deadline_ms - clock_ms();
        const int ready = left_ms > 0 ? poll(&item, 1, (int)left_ms) : 0;
        if (ready >= 0 || errno != EINTR) {
            return ready == 1;
        }
    }
}

/* A connection that ends, or brings nothing in time, gives less than `size`. */
static size_t receive(const struct probing *probing, uint8_t *bytes, size_t size)
{
    size_t have = 0;
    while (have < size && wait_for(probing, POLLIN)) {
        const ssize_t more = recv(probing->fd, bytes + have, size - have, 0);
        if (more > 0) {
            have += (size_t)more;
        } else if (more == 0 || (errno != EAGAIN && errno != EINTR)) {
            break;
        }
    }
    return have;
}

static bool send_all(const struct probing *probing, const uint8_t *bytes, size_t size)
{
    size_t done = 0;
    while (done < size && wait_for(probing, POLLOUT)) {
        const ssize_t more = send(probing->fd, bytes + done, size - done, MSG_NOSIGNAL);
        if (more < 0 && errno != EAGAIN && errno != EINTR) {
            break;
        }
        done += more > 0 ? (size_t)more : 0;
    }
    return done == size;
}

static void fill_greeting(uint8_t greeting[GREETING_SIZE])
{
    memset(greeting, 0, GREETING_SIZE);
    greeting[0] = 0xff;
    greeting[SIGNATURE_LAST] = 0x7f;
    greeting[VERSION] = 3;
    greeting[VERSION + 1] = 1;
    memcpy(greeting + MECHANISM, mechanism, sizeof mechanism);
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

static enum bus_probe shake_hands(const struct probing *probing,
                                  const uint8_t server_key[BUS_KEY_SIZE])
{
    static const uint8_t welcome[] = "\x07WELCOME";
    uint8_t greeting[GREETING_SIZE];
    uint8_t hello[HELLO_SIZE];
    uint8_t start[WELCOME_START];
    uint8_t theirs[GREETING_SIZE];
    fill_greeting(greeting);
    const bool sent = send_all(probing, greeting, sizeof greeting);
    const size_t size = sent ? receive(probing, theirs, sizeof theirs) : 0;
    if (size == 0) {
        return PROBE_SILENT;
    }
    if (size != sizeof theirs || theirs[0] != 0xff || theirs[VERSION] < 3 ||
        memcmp(theirs + MECHANISM, mechanism, sizeof mechanism) != 0) {
        return PROBE_FOREIGN;
    }
    if (!fill_hello(server_key, hello)) {
        return PROBE_INVALID;
    }
    const bool answered = send_all(probing, hello, sizeof hello) &&
                          receive(probing, start, sizeof start) == sizeof start;
    return answered && memcmp(start + 2, welcome, sizeof welcome - 1) == 0 ? PROBE_RIGHT_KEY
                                                                           : PROBE_WRONG_KEY;
}

static enum bus_probe connect_to(struct probing *probing, const struct addrinfo *address)
{
    int code = 0;
    socklen_t size = sizeof code;
    probing->fd = socket(address->ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (probing->fd < 0) {
        return PROBE_UNREACHABLE;
    }
    if (connect(probing->fd, address->ai_addr, address->ai_addrlen) != 0) {
        code = errno;
    }
    if (code == EINPROGRESS) {
        code = ETIMEDOUT;
        if (wait_for(probing, POLLOUT)) {
            (void)getsockopt(probing->fd, SOL_SOCKET, SO_ERROR, &code, &size);
        }
    }
    return code == 0 ? PROBE_RIGHT_KEY : code == ECONNREFUSED ? PROBE_REFUSED : PROBE_UNREACHABLE;
}

/* The first address that takes a connection, or what became of the last. */
static enum bus_probe probe_addresses(const struct addrinfo *address,
                                      const uint8_t server_key[BUS_KEY_SIZE], int64_t deadline_ms)
{
    enum bus_probe result = PROBE_UNKNOWN;
    for (; address != NULL; address = address->ai_next) {
        struct probing probing = {-1, deadline_ms};
        result = connect_to(&probing, address);
        const bool connected = result == PROBE_RIGHT_KEY;
        if (connected) {
            result = shake_hands(&probing, server_key);
        }
        if (probing.fd >= 0) {
            (void)close(probing.fd);
        }
        if (connected) {
            break;
        }
    }
    return result;
}

enum bus_probe bus_probe(const char *endpoint, const char *server_key_text, int timeout_ms)
{
    static const char scheme[] = "tcp://";
    const struct addrinfo hints = {.ai_socktype = SOCK_STREAM, .ai_flags = AI_ADDRCONFIG};
    struct addrinfo *addresses = NULL;
    uint8_t server_key[BUS_KEY_SIZE];
    char host[HOST_MAX + 1];
    const int64_t deadline_ms = clock_ms() + timeout_ms;
    const char *start = endpoint + sizeof scheme - 1;
    const char *colon = strrchr(endpoint, ':');
    if (strncmp(endpoint, scheme, sizeof scheme - 1) != 0 || colon < start || sodium_init() < 0 ||
        bus_key_decode(server_key_text, server_key) != STATUS_OK) {
        return PROBE_INVALID;
    }
    const bool brackets = start[0] == '[' && colon > start + 1 && colon[-1] == ']';
    const int size = (int)(colon - start) - (brackets ? 2 : 0);
    (void)snprintf(host, sizeof host, "%.*s", size, start + (brackets ? 1 : 0));
    if (getaddrinfo(host, colon + 1, &hints, &addresses) != 0) {
        return PROBE_UNKNOWN;
    }
    const enum bus_probe result = probe_addresses(addresses, server_key, deadline_ms);
    freeaddrinfo(addresses);
    return result;
}
