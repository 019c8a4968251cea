/* SPDX-License-Identifier: Apache-2.0
 *
 * The address is taken before the service starts, so that a mistake is reported at once; the
 * library's thread begins when the service serves.
 */
#include "service/http.h"

#include <errno.h>
#include <microhttpd.h>
#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "service/observe.h"

enum { ADDRESS_MAX = 64, BACKLOG = 16 };

#define TYPE_TEXT "text/plain; charset=utf-8"
#define TYPE_METRICS "text/plain; version=0.0.4; charset=utf-8"

struct http {
    struct service *service;
    int fd; /* −1 once the library has it */
    struct MHD_Daemon *daemon;
};

/* An answer with a copy of the text. */
static enum MHD_Result answer(struct MHD_Connection *connection, unsigned code, const char *type,
                              struct slice text)
{
    struct MHD_Response *response = MHD_create_response_from_buffer(
        text.size, (void *)(uintptr_t)text.data, MHD_RESPMEM_MUST_COPY);
    if (response == NULL) {
        return MHD_NO;
    }
    enum MHD_Result result = MHD_add_response_header(response, MHD_HTTP_HEADER_CONTENT_TYPE, type);
    if (result == MHD_YES && code == MHD_HTTP_METHOD_NOT_ALLOWED) {
        result = MHD_add_response_header(response, MHD_HTTP_HEADER_ALLOW, "GET, HEAD");
    }
    if (result == MHD_YES) {
        result = MHD_queue_response(connection, code, response);
    }
    MHD_destroy_response(response);
    return result;
}

static enum MHD_Result answer_text(struct MHD_Connection *connection, unsigned code,
                                   const char *text)
{
    return answer(connection, code, TYPE_TEXT, slice_text(text));
}

static enum MHD_Result answer_metrics(struct http *http, struct MHD_Connection *connection)
{
    struct observation observation;
    struct buffer text;
    enum MHD_Result result = MHD_NO;
    service_observe(http->service, &observation);
    buffer_init(&text, METRICS_TEXT_MAX);
    metrics_render(http->service->metrics, &text);
    result = buffer_status(&text) == STATUS_OK
                 ? answer(connection, MHD_HTTP_OK, TYPE_METRICS, buffer_slice(&text))
                 : answer_text(connection, MHD_HTTP_INTERNAL_SERVER_ERROR, "out of memory\n");
    buffer_fini(&text);
    return result;
}

static enum MHD_Result answer_ready(struct http *http, struct MHD_Connection *connection)
{
    struct observation observation;
    char text[READY_REASON_MAX + 16];
    service_observe(http->service, &observation);
    if (observation.reason[0] == '\0') {
        return answer_text(connection, MHD_HTTP_OK, "ready\n");
    }
    (void)snprintf(text, sizeof text, "not ready: %s\n", observation.reason);
    return answer_text(connection, MHD_HTTP_SERVICE_UNAVAILABLE, text);
}

/* The library's callback: once for the headers is enough, a body is not read. */
static enum MHD_Result handle(void *context, struct MHD_Connection *connection, const char *url,
                              const char *method, const char *version, const char *upload,
                              size_t *upload_size, void **state)
{
    struct http *http = context;
    (void)version;
    (void)upload;
    (void)upload_size;
    (void)state;
    if (strcmp(method, MHD_HTTP_METHOD_GET) != 0 && strcmp(method, MHD_HTTP_METHOD_HEAD) != 0) {
        return answer_text(connection, MHD_HTTP_METHOD_NOT_ALLOWED, "only GET and HEAD\n");
    }
    if (strcmp(url, "/metrics") == 0) {
        return answer_metrics(http, connection);
    }
    if (strcmp(url, "/livez") == 0) {
        return service_is_alive(http->service)
                   ? answer_text(connection, MHD_HTTP_OK, "alive\n")
                   : answer_text(connection, MHD_HTTP_SERVICE_UNAVAILABLE, "stuck: restart it\n");
    }
    if (strcmp(url, "/readyz") == 0) {
        return answer_ready(http, connection);
    }
    return answer_text(connection, MHD_HTTP_NOT_FOUND, "there are /metrics, /livez and /readyz\n");
}

/* "127.0.0.1:7311", "[::1]:7311". Names are refused: what they mean may change. */
static enum status resolve(const char *setting, const char *listen, struct addrinfo **ret_address,
                           struct error *error)
{
    const struct addrinfo hints = {
        .ai_family = AF_UNSPEC,
        .ai_socktype = SOCK_STREAM,
        .ai_flags = AI_NUMERICHOST | AI_NUMERICSERV | AI_PASSIVE,
    };
    char host[ADDRESS_MAX + 1];
    const char *colon = strrchr(listen, ':');
    const size_t size = colon != NULL ? (size_t)(colon - listen) : 0;
    const bool brackets = size > 2 && listen[0] == '[' && listen[size - 1] == ']';
    const size_t skip = brackets ? 1 : 0;
    if (size > 2 * skip && size <= ADDRESS_MAX && colon[1] != '\0') {
        memcpy(host, listen + skip, size - 2 * skip);
        host[size - 2 * skip] = '\0';
        if (brackets == (strchr(host, ':') != NULL) &&
            getaddrinfo(host, colon + 1, &hints, ret_address) == 0) {
            return STATUS_OK;
        }
    }
    return error_set(error, STATUS_INVALID,
                     "%s: \"%s\" is no address and port in numbers: write it like "
                     "127.0.0.1:7311 or [::1]:7311",
                     setting, listen);
}

enum status http_check(const char *listen, struct error *error)
{
    struct addrinfo *address = NULL;
    const enum status status =
        listen[0] != '\0' ? resolve("http_listen", listen, &address, error) : STATUS_OK;
    if (address != NULL) {
        freeaddrinfo(address);
    }
    return status;
}

static enum status bind_to(const struct addrinfo *address, const char *setting, const char *listen,
                           int *ret_fd, struct error *error)
{
    const int on = 1;
    const int fd = socket(address->ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd >= 0 && setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) == 0 &&
        bind(fd, address->ai_addr, address->ai_addrlen) == 0) {
        *ret_fd = fd;
        return STATUS_OK;
    }
    const int code = errno;
    if (fd >= 0) {
        (void)close(fd);
    }
    return error_set(error, code == EADDRINUSE ? STATUS_BUSY : STATUS_IO,
                     "%s: cannot listen on %s: %s; %s", setting, listen, strerror(code),
                     code == EADDRINUSE ? "end what listens there, or choose another port"
                                        : "choose an address of this machine and a free port");
}

enum status http_take_address(const char *setting, const char *listen, int *ret_fd,
                              struct error *error)
{
    struct addrinfo *address = NULL;
    enum status status = resolve(setting, listen, &address, error);
    if (status == STATUS_OK) {
        status = bind_to(address, setting, listen, ret_fd, error);
        freeaddrinfo(address);
    }
    return status;
}

enum status http_open(const char *listen, struct service *service, struct http **ret_http,
                      struct error *error)
{
    int fd = -1;
    if (listen[0] == '\0') {
        return STATUS_OK;
    }
    const enum status status = http_take_address("http_listen", listen, &fd, error);
    if (status != STATUS_OK) {
        return status;
    }
    struct http *http = calloc(1, sizeof *http);
    if (http == NULL) {
        (void)close(fd);
        return error_set(error, STATUS_TOO_LARGE, "no memory for HTTP");
    }
    *http = (struct http){.service = service, .fd = fd};
    *ret_http = http;
    return STATUS_OK;
}

enum status http_start(struct http *http, struct error *error)
{
    if (http == NULL) {
        return STATUS_OK;
    }
    if (listen(http->fd, BACKLOG) != 0) {
        return error_set(error, errno == EADDRINUSE ? STATUS_BUSY : STATUS_IO,
                         "http_listen: cannot listen: %s; choose another port", strerror(errno));
    }
    http->daemon = MHD_start_daemon(
        MHD_USE_INTERNAL_POLLING_THREAD | MHD_USE_POLL, 0, NULL, NULL, handle, http,
        MHD_OPTION_LISTEN_SOCKET, http->fd, MHD_OPTION_CONNECTION_LIMIT,
        (unsigned)HTTP_CONNECTIONS_MAX, MHD_OPTION_CONNECTION_TIMEOUT, (unsigned)HTTP_TIMEOUT_S,
        MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t)HTTP_CONNECTION_BYTES, MHD_OPTION_END);
    http->fd = -1; /* the library closes it, whether it started or not */
    return http->daemon != NULL
               ? STATUS_OK
               : error_set(error, STATUS_IO, "http_listen: the HTTP thread does not start");
}

void http_close(struct http *http)
{
    if (http == NULL) {
        return;
    }
    if (http->daemon != NULL) {
        MHD_stop_daemon(http->daemon);
    }
    if (http->fd >= 0) {
        (void)close(http->fd);
    }
    free(http);
}
