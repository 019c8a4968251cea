/* SPDX-License-Identifier: Apache-2.0
 *
 * A request over HTTP, from its headers to its answer, as the handlers of the routes see it. It
 * belongs to the library's thread while it is read and while its answer is sent, and to one worker
 * in between.
 */
#ifndef HOSO_GATEWAY_WEB_H
#define HOSO_GATEWAY_WEB_H

#include <microhttpd.h>
#include <stdatomic.h>

#include "base/arena.h"
#include "base/buffer.h"
#include "client/client.h"
#include "registry/registry.h"
#include "services/gateway/http/route.h"

enum {
    WEB_ARENA_BYTES = 256 << 10,  /* parameters and small texts of one request */
    WEB_ANSWER_BYTES = 128 << 20, /* one answer, as it is rendered */
    WEB_VALUE_MAX = 1024,         /* bytes of one parameter */
    WEB_PARAMETERS_MAX = 24,      /* of one route */
    WEB_ETAG_SIZE = 48,
    WEB_ADDRESS_SIZE = 46,
    WEB_BODY_SMALL = 16 << 10, /* of a log-in, a close */
    WEB_BODY_EVENTS = 4 << 20,
    WEB_BODY_CATALOGUE = 16 << 20,
    WEB_HEADER_TEXT_SIZE = 256,
    WEB_NOTES_MAX = 4,
    WEB_READ_MS = 60000 /* to receive a whole request */
};

/* Who asks. */
enum web_credential { WEB_NOBODY, WEB_BY_COOKIE, WEB_BY_TOKEN, WEB_BY_PROXY };

struct web_principal {
    enum web_credential by;
    char name[BUS_NAME_MAX + 1];
    enum role role;
    int64_t expires_ms; /* of the session, unix; 0 = it has no end */
};

/* Why a request was not answered with what it asked for: a row of problem.c. */
enum web_problem {
    PROBLEM_NONE,
    PROBLEM_INVALID,
    PROBLEM_UNAUTHORIZED,
    PROBLEM_DENIED,
    PROBLEM_NOT_FOUND,
    PROBLEM_METHOD,
    PROBLEM_TOO_LARGE,
    PROBLEM_MEDIA_TYPE,
    PROBLEM_TOO_MANY,
    PROBLEM_INTERNAL,
    PROBLEM_UNAVAILABLE,
    PROBLEM_COUNT
};

struct web_answer {
    unsigned status; /* 0 = none yet */
    const char *type;
    struct buffer text;
    const uint8_t *ready; /* bytes that are not ours to free, in place of the text */
    size_t ready_size;
    bool gzipped;
    struct MHD_Response *own; /* in place of all that: a stream */
    unsigned retry_s;         /* Retry-After; 0 = none */
    const char *allow;        /* Allow */
    const char *cached;       /* Cache-Control; NULL = no-store, or with an ETag no-cache */
    char etag[WEB_ETAG_SIZE];
    char policy[WEB_HEADER_TEXT_SIZE]; /* Content-Security-Policy; empty = the usual one */
    char file[WEB_HEADER_TEXT_SIZE];   /* Content-Disposition; empty = none */
    char cookie[WEB_HEADER_TEXT_SIZE]; /* Set-Cookie; empty = none */
};

struct web_request {
    struct gateway *gateway;
    struct MHD_Connection *connection;
    const struct web_route *route; /* NULL = none */
    struct web_request *next;      /* in a lane's queue */
    struct arena arena;
    const char *rest; /* of the path: what the braces stand for */
    const char *values[WEB_PARAMETERS_MAX];
    struct buffer body;
    struct web_principal who;
    char address[WEB_ADDRESS_SIZE]; /* the asker's */
    bool secure;                    /* came to the proxy by TLS */
    bool english;
    bool dispatched;   /* handled, or with a lane */
    atomic_bool ready; /* its answer is */
    size_t received;   /* of the body */
    int64_t started_ms;
    uint64_t started_us;
    struct hoso_client *client; /* of the worker at work */
    struct {
        const char *name, *text;
    } notes[WEB_NOTES_MAX]; /* for the audit log */
    struct web_answer answer;
};

#endif
