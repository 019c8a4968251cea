/* SPDX-License-Identifier: Apache-2.0
 *
 * The library calls server_handle again and again for one request: with its headers, with each
 * piece of its body, at the body's end, and once more after it was resumed.
 */
#include "services/gateway/http/server.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/require.h"
#include "services/gateway/login/audit.h"
#include "services/gateway/http/deadline.h"
#include "services/gateway/http/lane.h"
#include "services/gateway/metrics.h"

/* Is it the route's path? Of one with braces, `*ret_rest` is what they stand for. */
static bool is_path(const struct web_route *route, const char *url, const char **ret_rest)
{
    const char *brace = strchr(route->path, '{');
    const size_t size = brace != NULL ? (size_t)(brace - route->path) : strlen(route->path);
    if (strncmp(route->path, url, size) != 0 || (url[size] != '\0') != (brace != NULL)) {
        return false;
    }
    *ret_rest = brace != NULL ? url + size : NULL;
    return true;
}

/* HEAD is GET without the text. */
static bool is_method(const char *own, const char *method)
{
    return strcmp(own, method) == 0 ||
           (strcmp(method, MHD_HTTP_METHOD_HEAD) == 0 && strcmp(own, MHD_HTTP_METHOD_GET) == 0);
}

/* Fails with what there is instead. The last row takes any path that no other has. */
static void find_route(struct web_request *request, const char *url, const char *method)
{
    struct buffer allow;
    const char *rest = NULL;
    buffer_init(&allow, WEB_HEADER_TEXT_SIZE);
    for (const struct web_route *route = gateway_routes;
         route->path != NULL && (allow.size == 0 || route[1].path != NULL); route++) {
        if (!is_path(route, url, &rest)) {
            continue;
        }
        if (is_method(route->method, method)) {
            request->route = route;
            request->rest = rest != NULL ? arena_string(&request->arena, slice_text(rest)) : NULL;
            break;
        }
        buffer_printf(&allow, "%s%s", allow.size != 0 ? ", " : "", route->method);
    }
    if (request->route == NULL && allow.size != 0) {
        request->answer.allow = arena_string(&request->arena, buffer_slice(&allow));
        if (strcmp(method, MHD_HTTP_METHOD_OPTIONS) == 0) {
            (void)web_answer(request, MHD_HTTP_NO_CONTENT, NULL);
        } else {
            web_fail(request, PROBLEM_METHOD, NULL, "this path takes %s", request->answer.allow);
        }
    } else if (request->route == NULL) {
        web_fail(request, PROBLEM_NOT_FOUND, NULL,
                 "there is no such path: GET /v1/openapi.yaml describes all of them");
    }
    buffer_fini(&allow);
}

static void check_body(struct web_request *request)
{
    const struct web_route *route = request->route;
    const char *type = web_header(request, MHD_HTTP_HEADER_CONTENT_TYPE);
    const char *length = web_header(request, MHD_HTTP_HEADER_CONTENT_LENGTH);
    if (route->body_max == 0) {
        return;
    }
    char *main =
        arena_string(&request->arena, slice_of(type, type != NULL ? strcspn(type, "; ") : 0));
    if (main == NULL || !web_is_word(route->body, main)) {
        web_fail(request, PROBLEM_MEDIA_TYPE, "Content-Type", "send the body as one of: %s",
                 route->body);
    } else if (length != NULL && strtoull(length, NULL, 10) > route->body_max) {
        web_fail(request, PROBLEM_TOO_LARGE, NULL, "the body may have at most %zu bytes",
                 route->body_max);
    }
}

static struct web_request *request_new(struct gateway *gateway, struct MHD_Connection *connection)
{
    struct web_request *request = calloc(1, sizeof *request);
    if (request == NULL) {
        return NULL;
    }
    request->gateway = gateway;
    request->connection = connection;
    request->started_ms = clock_ms();
    request->started_us = clock_us();
    arena_init(&request->arena, WEB_ARENA_BYTES);
    buffer_init(&request->answer.text, WEB_ANSWER_BYTES);
    buffer_init(&request->body, 0);
    atomic_fetch_add(&gateway->requests, 1);
    return request;
}

static bool speaks_english(const struct web_request *request)
{
    const char *given =
        MHD_lookup_connection_value(request->connection, MHD_GET_ARGUMENT_KIND, "lang");
    const char *header = web_header(request, MHD_HTTP_HEADER_ACCEPT_LANGUAGE);
    return given != NULL
               ? strcmp(given, "en") == 0
               : header != NULL && web_preference(header, "en") > web_preference(header, "vi");
}

/* With the headers: everything that can be refused before the body is read is. */
static void begin(struct web_request *request, const char *url, const char *method)
{
    request->english = speaks_english(request);
    find_route(request, url, method);
    if (request->answer.status == 0 && server_authenticate(request) &&
        web_read_parameters(request)) {
        request->body.max = request->route->body_max;
        check_body(request);
    }
}

static enum MHD_Result take_body(struct web_request *request, const char *piece, size_t *size)
{
    request->received += *size;
    if (request->received > SERVER_DISCARD_BYTES) {
        return MHD_NO;
    }
    if (request->answer.status == 0) {
        buffer_put(&request->body, piece, *size);
        if (buffer_status(&request->body) != STATUS_OK) {
            web_fail(request, PROBLEM_TOO_LARGE, NULL, "the body may have at most %zu bytes",
                     request->body.max);
        }
    }
    *size = 0;
    return MHD_YES;
}

/* The whole request is here. The answer is there afterwards, or the request is suspended. */
static void dispatch(struct web_request *request)
{
    struct gateway *gateway = request->gateway;
    const struct web_route *route = request->route; /* NULL: refused already */
    const enum web_lane lane = route != NULL ? route->lane : WEB_AT_ONCE;
    request->dispatched = true;
    deadline_set(request->connection, DEADLINE_NONE);
    if (request->answer.status != 0 || lane == WEB_AT_ONCE) {
        if (request->answer.status == 0 && route != NULL) {
            route->handle(request);
        }
        web_handled(request);
        return;
    }
    MHD_suspend_connection(request->connection);
    if (!lane_push(lane == WEB_HASH ? gateway->hashing : gateway->work, request)) {
        request->answer.retry_s = SERVER_RETRY_S;
        web_fail(request, PROBLEM_UNAVAILABLE, NULL,
                 "more requests wait than the gateway can take: ask again in a moment");
        web_handled(request);
        MHD_resume_connection(request->connection);
    }
}

void web_handled(struct web_request *request)
{
    const struct web_route *route = request->route;
    if (request->answer.status == 0) {
        web_fail(request, PROBLEM_INTERNAL, NULL, "out of memory");
    }
    if (route != NULL && !route->unaudited && !audit_write(request->gateway->audit, request)) {
        request->answer.retry_s = SERVER_RETRY_S;
        web_fail(request, PROBLEM_UNAVAILABLE, NULL,
                 "the audit log cannot be written: tell the administrator");
    }
    web_compress(request);
    atomic_store(&request->ready, true);
}

static enum MHD_Result server_handle(void *context, struct MHD_Connection *connection,
                                     const char *url, const char *method, const char *version,
                                     const char *upload, size_t *upload_size, void **state)
{
    struct gateway *gateway = context;
    struct web_request *request = *state;
    (void)version;
    if (request == NULL) {
        request = request_new(gateway, connection);
        if (request == NULL) {
            return MHD_NO;
        }
        *state = request;
        deadline_set(connection, DEADLINE_BODY);
        begin(request, url, method);
        return MHD_YES;
    }
    if (*upload_size != 0) {
        return take_body(request, upload, upload_size);
    }
    if (!request->dispatched) {
        dispatch(request);
    }
    if (!atomic_load(&request->ready)) {
        return MHD_YES; /* suspended */
    }
    if (request->answer.own == NULL) {
        deadline_set(connection, DEADLINE_ANSWER);
    }
    return web_send(request);
}

static void completed(void *context, struct MHD_Connection *connection, void **state,
                      enum MHD_RequestTerminationCode code)
{
    struct gateway *gateway = context;
    struct web_request *request = *state;
    (void)code;
    deadline_set(connection, DEADLINE_HEAD);
    if (request == NULL) {
        return;
    }
    *state = NULL;
    count_request(gateway->service->metrics, request);
    if (request->answer.own != NULL) {
        MHD_destroy_response(request->answer.own);
    }
    arena_fini(&request->arena);
    buffer_fini(&request->body);
    buffer_fini(&request->answer.text);
    free(request);
    atomic_fetch_sub(&gateway->requests, 1);
}

/* With a queue for what it has not accepted yet, and with the address taken before. */
enum status server_start(struct gateway *gateway, struct error *error)
{
    const struct gateway_settings *settings = gateway->settings;
    if (listen(gateway->fd, SERVER_BACKLOG) != 0) {
        return error_set(error, STATUS_IO, "listen: cannot listen: %s; choose another port",
                         strerror(errno));
    }
    gateway->daemon = MHD_start_daemon(
        MHD_USE_EPOLL_INTERNAL_THREAD | MHD_ALLOW_SUSPEND_RESUME, 0, NULL, NULL, server_handle,
        gateway, MHD_OPTION_LISTEN_SOCKET, gateway->fd, MHD_OPTION_THREAD_POOL_SIZE,
        (unsigned)SERVER_THREADS, MHD_OPTION_CONNECTION_LIMIT, (unsigned)settings->connections,
        MHD_OPTION_PER_IP_CONNECTION_LIMIT, (unsigned)settings->connections_per_address,
        MHD_OPTION_CONNECTION_TIMEOUT, (unsigned)SERVER_IDLE_S, MHD_OPTION_CONNECTION_MEMORY_LIMIT,
        (size_t)SERVER_CONNECTION_BYTES, MHD_OPTION_STRICT_FOR_CLIENT, 1,
        MHD_OPTION_NOTIFY_COMPLETED, completed, gateway, MHD_OPTION_NOTIFY_CONNECTION,
        deadlines_notify, gateway->deadlines, MHD_OPTION_END);
    if (gateway->daemon == NULL) {
        return error_set(error, STATUS_IO, "listen: the threads of HTTP do not start");
    }
    gateway->fd = -1; /* the library closes it */
    return STATUS_OK;
}

void server_quiesce(struct gateway *gateway)
{
    const MHD_socket fd = MHD_quiesce_daemon(gateway->daemon);
    if (fd != MHD_INVALID_SOCKET) {
        (void)close(fd);
    }
}

void server_stop(struct gateway *gateway)
{
    const int64_t until_ms = clock_ms() + SERVER_LINGER_MS;
    while (atomic_load(&gateway->requests) != 0 && clock_ms() < until_ms) {
        const struct timespec moment = {.tv_nsec = 10000000};
        (void)nanosleep(&moment, NULL);
    }
    MHD_stop_daemon(gateway->daemon);
    gateway->daemon = NULL;
}

unsigned server_connections(const struct gateway *gateway)
{
    const union MHD_DaemonInfo *info =
        MHD_get_daemon_info(gateway->daemon, MHD_DAEMON_INFO_CURRENT_CONNECTIONS);
    return info != NULL ? info->num_connections : 0;
}
