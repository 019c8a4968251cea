/* SPDX-License-Identifier: Apache-2.0
 *
 * A client's life: settings from options or from a file, a bus with our keys, connections made when
 * they are first needed. Statuses of our libraries and error codes of the servers become the public
 * ones here, once.
 */
#include "client/client.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { QUEUE_MESSAGES = 64 };

static const char *const peer_names[PEER_COUNT] = {"intake", "reporting", "journal",
                                                   "ledger", "totals",    "totals_restricted"};

const char *peer_name(enum peer peer)
{
    return peer_names[peer];
}

const char *hoso_version(void)
{
    return HOSO_VERSION;
}

const char *hoso_status_text(enum hoso_status status)
{
    static const char *const texts[] = {
        [HOSO_OK] = "ok",
        [HOSO_INVALID] = "invalid input",
        [HOSO_NOT_FOUND] = "not found",
        [HOSO_DENIED] = "not allowed",
        [HOSO_TOO_LARGE] = "over a limit",
        [HOSO_FULL] = "storage is full",
        [HOSO_IO] = "input/output error",
        [HOSO_CORRUPT] = "stored data are damaged",
        [HOSO_BUSY] = "in use or queue full",
        [HOSO_NOT_READY] = "still catching up",
        [HOSO_UNAVAILABLE] = "no answer in time",
        [HOSO_FENCED] = "another instance took over",
        [HOSO_CONFLICT] = "conflicts with what is there",
        [HOSO_INTERNAL] = "broken invariant",
    };
    const size_t index = (size_t)status;
    return index < sizeof texts / sizeof *texts ? texts[index] : "unknown status";
}

enum hoso_status client_fail(struct hoso_error *error, enum hoso_status status, const char *field,
                             const char *format, ...)
{
    if (error != NULL) {
        va_list arguments;
        va_start(arguments, format);
        error->status = status;
        (void)snprintf(error->field, sizeof error->field, "%s", field != NULL ? field : "");
        (void)vsnprintf(error->text, sizeof error->text, format, arguments);
        va_end(arguments);
    }
    return status;
}

enum hoso_status client_fail_inner(struct hoso_error *error, enum status status,
                                   const struct error *inner)
{
    static const enum hoso_status map[STATUS_COUNT] = {
        [STATUS_OK] = HOSO_OK,
        [STATUS_INVALID] = HOSO_INVALID,
        [STATUS_NOT_FOUND] = HOSO_NOT_FOUND,
        [STATUS_EXISTS] = HOSO_CONFLICT,
        [STATUS_DENIED] = HOSO_DENIED,
        [STATUS_TOO_LARGE] = HOSO_TOO_LARGE,
        [STATUS_FULL] = HOSO_FULL,
        [STATUS_IO] = HOSO_IO,
        [STATUS_CORRUPT] = HOSO_CORRUPT,
        [STATUS_VERSION] = HOSO_CORRUPT,
        [STATUS_BUSY] = HOSO_BUSY,
        [STATUS_TIMEOUT] = HOSO_UNAVAILABLE,
        [STATUS_UNAVAILABLE] = HOSO_UNAVAILABLE,
        [STATUS_NOT_READY] = HOSO_NOT_READY,
        [STATUS_CLOSED] = HOSO_UNAVAILABLE,
        [STATUS_CONFLICT] = HOSO_CONFLICT,
        [STATUS_INTERNAL] = HOSO_INTERNAL,
    };
    const bool has_text = inner != NULL && inner->text[0] != '\0';
    return client_fail(error, map[status], NULL, "%s",
                       has_text ? inner->text : status_text(status));
}

enum hoso_status client_fail_reply(struct hoso_error *error, const Hoso__V1__Error *reply)
{
    static const enum hoso_status map[] = {
        [HOSO__V1__ERROR_CODE__ERROR_CODE_INVALID] = HOSO_INVALID,
        [HOSO__V1__ERROR_CODE__ERROR_CODE_DENIED] = HOSO_DENIED,
        [HOSO__V1__ERROR_CODE__ERROR_CODE_NOT_FOUND] = HOSO_NOT_FOUND,
        [HOSO__V1__ERROR_CODE__ERROR_CODE_NOT_READY] = HOSO_NOT_READY,
        [HOSO__V1__ERROR_CODE__ERROR_CODE_BUSY] = HOSO_BUSY,
        [HOSO__V1__ERROR_CODE__ERROR_CODE_TOO_LARGE] = HOSO_TOO_LARGE,
        [HOSO__V1__ERROR_CODE__ERROR_CODE_UNAVAILABLE] = HOSO_UNAVAILABLE,
    };
    const size_t code = (size_t)reply->code;
    const bool known = code < sizeof map / sizeof *map && map[code] != HOSO_OK;
    return client_fail(error, known ? map[code] : HOSO_INTERNAL, reply->field, "%s", reply->text);
}

enum hoso_status client_open_on(struct bus *bus, const struct client_settings *settings,
                                struct hoso_client **ret_client, struct hoso_error *error)
{
    struct hoso_client *client = calloc(1, sizeof *client);
    if (client == NULL) {
        return client_fail(error, HOSO_TOO_LARGE, NULL, "out of memory");
    }
    client->settings = *settings;
    client->bus = bus;
    client->shares_bus = true;
    buffer_init(&client->out, CLIENT_REQUEST_BYTES);
    *ret_client = client;
    return HOSO_OK;
}

enum hoso_status client_open(const struct client_settings *settings,
                             struct hoso_client **ret_client, struct hoso_error *error)
{
    struct bus *bus = NULL;
    struct error inner = {.status = STATUS_OK};
    const enum status status = bus_new(&settings->keys, NULL, NULL, &bus, &inner);
    if (status != STATUS_OK) {
        return client_fail_inner(error, status, &inner);
    }
    const enum hoso_status opened = client_open_on(bus, settings, ret_client, error);
    if (opened == HOSO_OK) {
        (*ret_client)->shares_bus = false;
    } else {
        bus_free(bus);
    }
    return opened;
}

/* False if `text` is too long for the setting. */
static bool copy(char *setting, size_t size, const char *text)
{
    return text == NULL || (size_t)snprintf(setting, size, "%s", text) < size;
}

enum hoso_status hoso_client_open(const struct hoso_options *options,
                                  struct hoso_client **ret_client, struct hoso_error *error)
{
    struct client_settings settings = {.timeout_ms = CLIENT_TIMEOUT_MS, .reporting_day = 1};
    if (options->timeout_ms != 0) {
        settings.timeout_ms = options->timeout_ms;
    }
    const bool fits =
        copy(settings.endpoint[PEER_INTAKE], sizeof settings.endpoint[0], options->intake) &&
        copy(settings.endpoint[PEER_REPORTING], sizeof settings.endpoint[0], options->reporting) &&
        copy(settings.endpoint[PEER_TOTALS], sizeof settings.endpoint[0], options->totals) &&
        copy(settings.endpoint[PEER_TOTALS_RESTRICTED], sizeof settings.endpoint[0],
             options->totals_restricted) &&
        copy(settings.server_key[PEER_INTAKE], sizeof settings.server_key[0],
             options->intake_key) &&
        copy(settings.server_key[PEER_REPORTING], sizeof settings.server_key[0],
             options->reporting_key) &&
        copy(settings.server_key[PEER_TOTALS], sizeof settings.server_key[0],
             options->reporting_key) &&
        copy(settings.server_key[PEER_TOTALS_RESTRICTED], sizeof settings.server_key[0],
             options->reporting_key) &&
        copy(settings.keys.public_text, BUS_KEY_TEXT_SIZE, options->public_key) &&
        copy(settings.keys.secret_text, BUS_KEY_TEXT_SIZE, options->secret_key);
    if (!fits) {
        return client_fail(error, HOSO_INVALID, NULL,
                           "an option is too long: endpoints and their keys have at most %d bytes, "
                           "our keys 40",
                           CLIENT_ENDPOINT_MAX);
    }
    return client_open(&settings, ret_client, error);
}

enum hoso_status hoso_client_open_file(const char *path, unsigned timeout_ms,
                                       struct hoso_client **ret_client, struct hoso_error *error)
{
    struct client_settings settings;
    enum hoso_status status = client_settings_load(path, NULL, &settings, error);
    if (status != HOSO_OK) {
        return status;
    }
    if (timeout_ms != 0) {
        settings.timeout_ms = timeout_ms;
    }
    return client_open(&settings, ret_client, error);
}

void hoso_client_close(struct hoso_client *client)
{
    if (client == NULL) {
        return;
    }
    for (unsigned peer = 0; peer < PEER_COUNT; peer++) {
        exchange_close(client->exchanges[peer]);
    }
    if (!client->shares_bus) {
        bus_free(client->bus);
    }
    buffer_fini(&client->out);
    free(client);
}

enum hoso_status client_check_named(const struct hoso_client *client, enum peer peer,
                                    struct hoso_error *error)
{
    return client->settings.endpoint[peer][0] != '\0'
               ? HOSO_OK
               : client_fail(error, HOSO_INVALID, peer_name(peer),
                             "the client's configuration does not say where \"%s\" is",
                             peer_name(peer));
}

static const struct bus_limits reply_limits = {.message_bytes = CLIENT_REPLY_BYTES,
                                               .queue_messages = QUEUE_MESSAGES};

enum hoso_status client_exchange(struct hoso_client *client, enum peer peer,
                                 const ProtobufCMessageDescriptor *reply,
                                 struct exchange **ret_exchange, struct hoso_error *error)
{
    const struct client_settings *settings = &client->settings;
    const struct exchange_options options = {.bus = client->bus,
                                             .endpoints = settings->endpoint[peer],
                                             .server_keys = settings->server_key[peer],
                                             .limits = reply_limits,
                                             .request_bytes = CLIENT_REQUEST_BYTES,
                                             .reply = reply};
    struct error inner = {.status = STATUS_OK};
    const enum hoso_status named = client_check_named(client, peer, error);
    if (named != HOSO_OK) {
        return named;
    }
    const enum status status = exchange_open(&options, ret_exchange, &inner);
    return status == STATUS_OK ? HOSO_OK : client_fail_inner(error, status, &inner);
}

/* A result: the arena, then what the caller sees. */
struct result {
    struct arena arena;
    _Alignas(max_align_t) unsigned char body[];
};

void *result_new(size_t size)
{
    struct result *result = calloc(1, sizeof *result + size);
    if (result == NULL) {
        return NULL;
    }
    arena_init(&result->arena, CLIENT_RESULT_BYTES);
    return result->body;
}

static struct result *result_of(void *body)
{
    return (struct result *)((unsigned char *)body - offsetof(struct result, body));
}

struct arena *result_arena(void *result)
{
    return &result_of(result)->arena;
}

void hoso_free(void *result)
{
    if (result != NULL) {
        arena_fini(&result_of(result)->arena);
        free(result_of(result));
    }
}
