/* SPDX-License-Identifier: Apache-2.0
 *
 * A ring of look-ups and the thread that works it off. Both the asker and the thread hold a
 * look-up; the last of them to release it frees it. The same goes for the resolver itself.
 */
#include "bus/resolver_internal.h"

#include <netdb.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "base/require.h"
#include "bus/bus.h"

struct lookup {
    struct resolver *resolver;
    char host[RESOLVER_HOST_MAX + 1];
    char port[RESOLVER_PORT_MAX + 1];
    struct bus_wake wake;
    bool done;      /* what follows is under the resolver's lock */
    bool abandoned; /* by its asker: the thread frees it */
    struct lookup_result result;
};

struct resolver {
    pthread_mutex_t lock;
    pthread_cond_t changed;
    struct lookup *queue[RESOLVER_QUEUE_MAX]; /* from `first` on, as a ring */
    unsigned first;
    unsigned count;
    unsigned holders; /* the owner, the thread, and each look-up */
    bool running;
    bool closed;
};

static void lock(struct resolver *resolver)
{
    require(pthread_mutex_lock(&resolver->lock) == 0);
}

static void unlock(struct resolver *resolver)
{
    require(pthread_mutex_unlock(&resolver->lock) == 0);
}

/* Under the lock, which is given back. */
static void let_go(struct resolver *resolver)
{
    const bool last = --resolver->holders == 0;
    unlock(resolver);
    if (last) {
        (void)pthread_mutex_destroy(&resolver->lock);
        (void)pthread_cond_destroy(&resolver->changed);
        free(resolver);
    }
}

static void lookup_free(struct lookup *lookup)
{
    bus_wake_fini(&lookup->wake);
    free(lookup);
}

static void add_address(struct lookup_result *result, const struct addrinfo *address)
{
    char host[RESOLVER_ADDRESS_MAX - RESOLVER_PORT_MAX - 4];
    char port[RESOLVER_PORT_MAX + 1];
    const bool ipv6 = address->ai_family == AF_INET6;
    if (getnameinfo(address->ai_addr, address->ai_addrlen, host, sizeof host, port, sizeof port,
                    NI_NUMERICHOST | NI_NUMERICSERV) != 0) {
        return;
    }
    result->ipv6[result->count] = ipv6;
    (void)snprintf(result->addresses[result->count++], RESOLVER_ADDRESS_MAX,
                   ipv6 ? "[%s]:%s" : "%s:%s", host, port);
}

static void resolve(const char *host, const char *port, struct lookup_result *ret_result)
{
    const struct addrinfo hints = {.ai_socktype = SOCK_STREAM, .ai_flags = AI_ADDRCONFIG};
    struct addrinfo *found = NULL;
    *ret_result = (struct lookup_result){.code = getaddrinfo(host, port, &hints, &found)};
    for (const struct addrinfo *address = found;
         address != NULL && ret_result->count < RESOLVER_ADDRESSES_MAX;
         address = address->ai_next) {
        add_address(ret_result, address);
    }
    if (ret_result->code == 0 && ret_result->count == 0) {
        ret_result->code = EAI_NONAME;
    }
    if (found != NULL) {
        freeaddrinfo(found);
    }
}

/* Under the lock. */
static void finish(struct lookup *lookup, const struct lookup_result *result)
{
    struct resolver *resolver = lookup->resolver;
    lookup->result = *result;
    lookup->done = true;
    if (lookup->abandoned) {
        lookup_free(lookup);
        resolver->holders--; /* the thread holds it still */
    } else {
        bus_wake_signal(&lookup->wake);
    }
}

/* Under the lock: the next one that is still wanted; NULL = none. */
static struct lookup *take_next(struct resolver *resolver)
{
    static const struct lookup_result none = {.code = EAI_AGAIN};
    while (resolver->count != 0) {
        struct lookup *next = resolver->queue[resolver->first];
        resolver->first = (resolver->first + 1) % RESOLVER_QUEUE_MAX;
        resolver->count--;
        if (!next->abandoned) {
            return next;
        }
        finish(next, &none);
    }
    return NULL;
}

static bool same_name(const struct lookup *a, const struct lookup *b)
{
    return strcmp(a->host, b->host) == 0 && strcmp(a->port, b->port) == 0;
}

/* Under the lock: what was found is the answer to all that wait for the same name. */
static void finish_all(struct lookup *found, const struct lookup_result *result)
{
    struct resolver *resolver = found->resolver;
    for (unsigned left = resolver->count; left != 0; left--) {
        struct lookup *lookup = resolver->queue[resolver->first];
        resolver->first = (resolver->first + 1) % RESOLVER_QUEUE_MAX;
        resolver->count--;
        if (same_name(lookup, found)) {
            finish(lookup, result);
        } else {
            resolver->queue[(resolver->first + resolver->count++) % RESOLVER_QUEUE_MAX] = lookup;
        }
    }
    finish(found, result);
}

static void *resolver_main(void *context)
{
    struct resolver *resolver = context;
    lock(resolver);
    for (;;) {
        struct lookup *lookup = take_next(resolver);
        if (lookup != NULL) {
            struct lookup_result result;
            unlock(resolver);
            resolve(lookup->host, lookup->port, &result);
            lock(resolver);
            finish_all(lookup, &result);
        } else if (resolver->closed) {
            break;
        } else {
            require(pthread_cond_wait(&resolver->changed, &resolver->lock) == 0);
        }
    }
    let_go(resolver);
    return NULL;
}

/* Under the lock. The thread handles no signal: the program's own threads do. */
static bool start_thread(struct resolver *resolver)
{
    pthread_t thread;
    sigset_t all;
    sigset_t before;
    (void)sigfillset(&all);
    (void)pthread_sigmask(SIG_SETMASK, &all, &before);
    resolver->running = pthread_create(&thread, NULL, resolver_main, resolver) == 0;
    (void)pthread_sigmask(SIG_SETMASK, &before, NULL);
    if (resolver->running) {
        require(pthread_detach(thread) == 0);
        resolver->holders++;
    }
    return resolver->running;
}

enum status resolver_open(struct resolver **ret_resolver)
{
    struct resolver *resolver = calloc(1, sizeof *resolver);
    if (resolver == NULL) {
        return STATUS_TOO_LARGE;
    }
    resolver->holders = 1;
    require(pthread_mutex_init(&resolver->lock, NULL) == 0);
    require(pthread_cond_init(&resolver->changed, NULL) == 0);
    *ret_resolver = resolver;
    return STATUS_OK;
}

void resolver_close(struct resolver *resolver)
{
    if (resolver != NULL) {
        lock(resolver);
        resolver->closed = true;
        require(pthread_cond_signal(&resolver->changed) == 0);
        let_go(resolver);
    }
}

enum status lookup_begin(struct resolver *resolver, const char *host, const char *port,
                         struct lookup **ret_lookup)
{
    struct lookup *lookup = calloc(1, sizeof *lookup);
    if (lookup == NULL || bus_wake_init(&lookup->wake) != STATUS_OK) {
        free(lookup);
        return STATUS_TOO_LARGE;
    }
    lookup->resolver = resolver;
    (void)snprintf(lookup->host, sizeof lookup->host, "%s", host);
    (void)snprintf(lookup->port, sizeof lookup->port, "%s", port);
    enum status status = STATUS_OK;
    lock(resolver);
    resolver->holders++;
    if (resolver->count == RESOLVER_QUEUE_MAX) {
        status = STATUS_BUSY;
    } else if (!resolver->running && !start_thread(resolver)) {
        status = STATUS_TOO_LARGE;
    } else {
        resolver->queue[(resolver->first + resolver->count++) % RESOLVER_QUEUE_MAX] = lookup;
        require(pthread_cond_signal(&resolver->changed) == 0);
    }
    if (status != STATUS_OK) {
        lookup_free(lookup);
        let_go(resolver);
        return status;
    }
    unlock(resolver);
    *ret_lookup = lookup;
    return STATUS_OK;
}

int lookup_fd(const struct lookup *lookup)
{
    return lookup->wake.fd;
}

bool lookup_done(struct lookup *lookup, struct lookup_result *ret_result)
{
    lock(lookup->resolver);
    const bool done = lookup->done;
    if (done) {
        *ret_result = lookup->result;
    }
    unlock(lookup->resolver);
    return done;
}

void lookup_end(struct lookup *lookup)
{
    if (lookup == NULL) {
        return;
    }
    struct resolver *resolver = lookup->resolver;
    lock(resolver);
    if (lookup->done) {
        lookup_free(lookup);
        let_go(resolver);
    } else {
        lookup->abandoned = true; /* the thread frees it */
        unlock(resolver);
    }
}
