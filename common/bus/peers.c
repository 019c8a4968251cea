/* SPDX-License-Identifier: Apache-2.0
 *
 * The list of a client's peers as settings write it, and what is said of the connection.
 */
#include "bus/link_internal.h"

#include <arpa/inet.h>
#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"

#define SCHEME "tcp://"

enum { LATE_MS = 500 };

/* The next word of a list, which words of blanks part; empty = none is left. */
static struct slice next_word(const char **at)
{
    const char *start = *at + strspn(*at, " \t,");
    const size_t size = strcspn(start, " \t,");
    *at = start + size;
    return slice_of(start, size);
}

static bool is_numeric(const char *host)
{
    struct in6_addr address;
    char inner[RESOLVER_HOST_MAX + 1];
    if (host[0] != '[') {
        return inet_pton(AF_INET, host, &address) == 1;
    }
    (void)snprintf(inner, sizeof inner, "%.*s", (int)strcspn(host + 1, "%]"), host + 1);
    return inet_pton(AF_INET6, inner, &address) == 1;
}

/* "tcp://HOST:PORT", HOST a name, an IPv4 address, or an IPv6 address in brackets. */
static bool parse_endpoint(struct slice text, struct link_peer *peer)
{
    const size_t scheme = sizeof SCHEME - 1;
    if (text.size >= BUS_ENDPOINT_MAX || text.size <= scheme ||
        memcmp(text.data, SCHEME, scheme) != 0) {
        return false;
    }
    (void)snprintf(peer->endpoint, sizeof peer->endpoint, "%.*s", SLICE_ARG(text));
    const char *colon = strrchr(peer->endpoint, ':'); /* the scheme's, if there is no other */
    const size_t host_size = (size_t)(colon - peer->endpoint) - scheme;
    const size_t port_size = strlen(colon + 1);
    if (colon < peer->endpoint + scheme + 1 || port_size == 0 || port_size > RESOLVER_PORT_MAX ||
        strspn(colon + 1, "0123456789") != port_size) {
        return false;
    }
    memcpy(peer->host, peer->endpoint + scheme, host_size);
    memcpy(peer->port, colon + 1, port_size);
    peer->numeric = is_numeric(peer->host);
    const bool port = strtoul(peer->port, NULL, 10) - 1 < UINT16_MAX;
    return port && (peer->numeric || strpbrk(peer->host, "[]:*;/") == NULL);
}

static enum status parse_endpoints(const char *list, struct link *link, struct error *error)
{
    const char *at = list;
    for (struct slice word = next_word(&at); word.size != 0; word = next_word(&at)) {
        if (link->peer_count == BUS_PEERS_MAX) {
            return error_set(error, STATUS_INVALID, "%.200s: more than %d endpoints", list,
                             BUS_PEERS_MAX);
        }
        if (!parse_endpoint(word, &link->peers[link->peer_count++])) {
            return error_set(error, STATUS_INVALID, "%.*s: an endpoint looks like tcp://HOST:PORT",
                             (int)(word.size < 200 ? word.size : 200), (const char *)word.data);
        }
    }
    return link->peer_count != 0
               ? STATUS_OK
               : error_set(error, STATUS_INVALID,
                           "an endpoint is missing: it looks like tcp://HOST:PORT");
}

/* One key for all, or one each, in the same order. */
static enum status parse_keys(const char *list, struct link *link, struct error *error)
{
    const char *at = list != NULL ? list : "";
    const char *endpoint = link->peers[0].endpoint;
    unsigned count = 0;
    for (struct slice word = next_word(&at); word.size != 0; word = next_word(&at)) {
        uint8_t key[BUS_KEY_SIZE];
        char text[BUS_KEY_TEXT_SIZE + 1];
        (void)snprintf(text, sizeof text, "%.*s", SLICE_ARG(word));
        if (bus_key_decode(text, key) != STATUS_OK) {
            return error_set(error, STATUS_INVALID,
                             "%s: the server's key is not a Z85 text of 40 characters", endpoint);
        }
        if (count < link->peer_count) {
            memcpy(link->peers[count].server_key, text, BUS_KEY_TEXT_SIZE);
        }
        count++;
    }
    for (unsigned i = 1; i < link->peer_count && count == 1; i++) {
        memcpy(link->peers[i].server_key, link->peers[0].server_key, BUS_KEY_TEXT_SIZE);
    }
    if (count == 0) {
        return error_set(error, STATUS_INVALID,
                         "%s: the server's key is not a Z85 text of 40 characters", endpoint);
    }
    return count == 1 || count == link->peer_count
               ? STATUS_OK
               : error_set(error, STATUS_INVALID,
                           "%s: %u server keys for %u endpoints: give one key for all, or one "
                           "for each in the same order",
                           endpoint, count, link->peer_count);
}

enum status link_parse(const struct bus_plan *plan, struct link *link, struct error *error)
{
    const enum status status = parse_endpoints(plan->endpoint, link, error);
    return status == STATUS_OK ? parse_keys(plan->server_key_text, link, error) : status;
}

bool bus_is_up(const struct bus_socket *socket)
{
    return socket->link->phase == LINK_UP;
}

uint64_t bus_session(const struct bus_socket *socket)
{
    return socket->link->session;
}

unsigned bus_peer_count(const struct bus_socket *socket)
{
    return socket->link->peer_count;
}

/* Nothing has failed yet: is it late? A name that is being looked up is. */
static enum bus_fault late_fault(const struct link *link)
{
    const bool late = clock_ms() >= link->begun_ms + LATE_MS;
    switch (link->phase) {
    case LINK_WAITING:
        return link->known.count == 0 ? BUS_FAULT_NAME : BUS_FAULT_NONE;
    case LINK_CONNECTING:
        return late ? BUS_FAULT_UNREACHABLE : BUS_FAULT_NONE;
    case LINK_SHAKING:
        return late ? BUS_FAULT_SILENT : BUS_FAULT_NONE;
    default:
        return BUS_FAULT_NONE;
    }
}

enum bus_fault bus_fault(const struct bus_socket *socket)
{
    const struct link *link = socket->link;
    return link->fault != BUS_FAULT_NONE ? link->fault : late_fault(link);
}

bool bus_is_refused(const struct bus_socket *socket)
{
    const enum bus_fault fault = bus_fault(socket);
    return fault == BUS_FAULT_NAME || fault == BUS_FAULT_REFUSED || fault == BUS_FAULT_FOREIGN ||
           fault == BUS_FAULT_REJECTED;
}

const char *fault_text(enum bus_fault fault)
{
    static const char *const texts[BUS_FAULT_COUNT] = {
        [BUS_FAULT_NONE] = "it does not answer",
        [BUS_FAULT_NAME] = "its name is not resolved",
        [BUS_FAULT_REFUSED] = "nothing listens there",
        [BUS_FAULT_UNREACHABLE] = "there is no way there: the host is down, the address is wrong, "
                                  "or a firewall is between",
        [BUS_FAULT_SILENT] = "it takes the connection and does not answer: it hangs, or our key is "
                             "not in its registry",
        [BUS_FAULT_FOREIGN] = "another program than hoso listens there",
        [BUS_FAULT_REJECTED] = "it ends the connection: its key is not the server key that is "
                               "configured, or our key is not in its registry",
        [BUS_FAULT_WRONG_KEY] = "its key is not the server key that is configured",
        [BUS_FAULT_NO_RIGHT] = "our key is not in its registry, or has expired",
        [BUS_FAULT_LOST] = "the connection was lost",
    };
    return texts[fault];
}

const char *bus_fault_text(const struct bus_socket *socket)
{
    struct link *link = socket->link;
    if (bus_fault(socket) != BUS_FAULT_NAME) {
        return fault_text(bus_fault(socket));
    }
    const char *host = link->peers[link->peer].host;
    if (link->name_code != 0) {
        (void)snprintf(
            link->text, sizeof link->text,
            "the name \"%s\" cannot be resolved (%s): check the name and the name server", host,
            gai_strerror(link->name_code));
    } else {
        (void)snprintf(link->text, sizeof link->text,
                       "the name \"%s\" is not resolved: no name server has answered yet", host);
    }
    return link->text;
}
