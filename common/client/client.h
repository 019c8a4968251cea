/* SPDX-License-Identifier: Apache-2.0
 *
 * Inside of libhoso, and for the command `hoso`: a client's peers, one call at a time to each, and
 * results whose memory is one arena.
 */
#ifndef HOSO_CLIENT_CLIENT_H
#define HOSO_CLIENT_CLIENT_H

#include <protobuf-c/protobuf-c.h>

#include "base/arena.h"
#include "base/buffer.h"
#include "base/status.h"
#include "bus/exchange.h"
#include "client/hoso.h"
#include "client/hoso_read.h"
#include "hoso/v1/common.pb-c.h"

enum peer {
    PEER_INTAKE,
    PEER_REPORTING,
    PEER_JOURNAL,
    PEER_LEDGER,
    PEER_TOTALS, /* feeds, not called: their key is reporting's */
    PEER_TOTALS_RESTRICTED,
    PEER_COUNT
};

enum {
    CLIENT_ENDPOINT_MAX = 1024, /* a list of endpoints, or of their keys */
    CLIENT_PATH_MAX = 1023,
    CLIENT_TIMEOUT_MS = 10000,
    CLIENT_REQUEST_BYTES = 2 << 20, /* what intake takes; more would end the connection for good */
    CLIENT_REPLY_BYTES = 64 << 20,  /* the largest message taken */
    CLIENT_RESULT_BYTES = 512 << 20 /* the largest result, unpacked */
};

struct client_settings {
    char endpoint[PEER_COUNT][CLIENT_ENDPOINT_MAX + 1]; /* empty = not used */
    char server_key[PEER_COUNT][CLIENT_ENDPOINT_MAX + 1];
    char outbox[CLIENT_PATH_MAX + 1]; /* empty = none */
    bool outbox_missing;              /* … because there is no file beside which it could be */
    struct bus_keys keys;
    unsigned timeout_ms;
    unsigned refused_ms; /* a call ends sooner where nothing can come; 0 = it does not */
    int reporting_day;   /* on which a month of reports begins; for the command */
    bool any_filesystem;
};

struct hoso_client {
    struct client_settings settings;
    struct bus *bus;
    bool shares_bus;
    const char *principal;                  /* for whom a gateway asks; NULL = for itself */
    struct exchange *exchanges[PEER_COUNT]; /* opened at first use */
    struct buffer out;
};

enum hoso_status client_fail(struct hoso_error *error, enum hoso_status status, const char *field,
                             const char *format, ...) __attribute__((format(printf, 4, 5)));
/* A status of our libraries, with its sentence. */
enum hoso_status client_fail_inner(struct hoso_error *error, enum status status,
                                   const struct error *inner);
/* What a server said. */
enum hoso_status client_fail_reply(struct hoso_error *error, const Hoso__V1__Error *reply);

const char *peer_name(enum peer peer);
/* Sources as in struct config_sources. INVALID names file and line, or the variable, and setting.
 */
enum hoso_status client_settings_load(const char *path, char *const *environment,
                                      struct client_settings *ret_settings,
                                      struct hoso_error *error);
enum hoso_status client_open(const struct client_settings *settings,
                             struct hoso_client **ret_client, struct hoso_error *error);
/* The same on a bus that others use, too, with its keys. It outlives the client. */
enum hoso_status client_open_on(struct bus *bus, const struct client_settings *settings,
                                struct hoso_client **ret_client, struct hoso_error *error);
/* INVALID = the configuration does not name the peer. */
enum hoso_status client_check_named(const struct hoso_client *client, enum peer peer,
                                    struct hoso_error *error);
/* A connection of its own, for one question at a time; INVALID as client_check_named. */
enum hoso_status client_exchange(struct hoso_client *client, enum peer peer,
                                 const ProtobufCMessageDescriptor *reply,
                                 struct exchange **ret_exchange, struct hoso_error *error);

/* From now on the client, whose key has the role gateway, asks for this principal; NULL = for
 * itself. The name outlives its calls. */
void client_act_for(struct hoso_client *client, const char *principal);

struct call {
    enum peer peer;
    ProtobufCMessage *request; /* its request_id is filled in */
    const ProtobufCMessageDescriptor *reply;
    unsigned expect;  /* number of the body's field that is the good answer */
    unsigned wait_ms; /* that the server may take longer by */
};

/* Asks, waits for the answer, unpacks it into the arena and gives the body. An Error body becomes a
 * failure. */
enum hoso_status client_call(struct hoso_client *client, const struct call *call,
                             struct arena *arena, ProtobufCMessage **ret_body,
                             struct hoso_error *error);

/* The peer was silent for the timeout; the socket knows why, NULL = there is none. */
enum hoso_status client_no_answer(const struct hoso_client *client, enum peer peer,
                                  const struct bus_socket *socket, struct hoso_error *error);
/* What came of the call: its body, or the failure. */
enum hoso_status client_take_news(const struct hoso_client *client, const struct call *call,
                                  const struct exchange *exchange, enum exchange_news news,
                                  const struct exchange_answer *answer, const struct error *inner,
                                  ProtobufCMessage **ret_body, struct hoso_error *error);

/* A result of `size` bytes with an arena for all that it points to. result_arena gives that arena;
 * hoso_free frees both. */
void *result_new(size_t size);
struct arena *result_arena(void *result);

#endif
