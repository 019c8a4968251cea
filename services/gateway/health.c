/* SPDX-License-Identifier: Apache-2.0
 *
 * `--health` and `--ready`: asks the gateway that runs with these settings for /readyz, as anybody
 * could.
 */
#include <errno.h>
#include <netdb.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include "service/health.h"
#include "services/gateway/gateway.h"

enum { ANSWER_SIZE = 4096, HOST_SIZE = 64 };

#define QUESTION "GET /readyz HTTP/1.0\r\n\r\n"

/* An address to listen on everywhere is none to connect to. */
static const char *reachable(const char *host)
{
    return strcmp(host, "0.0.0.0") == 0 || strcmp(host, "[::]") == 0 ? "127.0.0.1" : host;
}

static int connect_to(const char *listen)
{
    const struct addrinfo hints = {.ai_socktype = SOCK_STREAM,
                                   .ai_flags = AI_NUMERICHOST | AI_NUMERICSERV};
    const struct timeval limit = {.tv_sec = HEALTH_TIMEOUT_MS / 1000};
    struct addrinfo *address = NULL;
    char text[HOST_SIZE];
    const char *colon = strrchr(listen, ':');
    int fd = -1;
    (void)snprintf(text, sizeof text, "%.*s", colon != NULL ? (int)(colon - listen) : 0, listen);
    const char *host = reachable(text);
    if (host[0] == '[') {
        text[strlen(text) - 1] = '\0';
        host++;
    }
    if (colon != NULL && getaddrinfo(host, colon + 1, &hints, &address) == 0) {
        fd = socket(address->ai_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
        if (fd >= 0 && (setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit) != 0 ||
                        setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit) != 0 ||
                        connect(fd, address->ai_addr, address->ai_addrlen) != 0)) {
            (void)close(fd);
            fd = -1;
        }
        freeaddrinfo(address);
    }
    return fd;
}

/* The whole answer; false = there is none in time. */
static bool ask(int fd, char answer[ANSWER_SIZE])
{
    size_t size = 0;
    ssize_t got = send(fd, QUESTION, strlen(QUESTION), MSG_NOSIGNAL);
    while (got > 0 && size < ANSWER_SIZE - 1) {
        got = recv(fd, answer + size, ANSWER_SIZE - 1 - size, 0);
        size += got > 0 ? (size_t)got : 0;
    }
    answer[size] = '\0';
    return got == 0 && strncmp(answer, "HTTP/1.", 7) == 0;
}

enum status gateway_health(const void *settings, struct health *ret_health, struct error *error)
{
    const char *listen = ((const struct gateway_settings *)settings)->service.listen;
    char answer[ANSWER_SIZE];
    const int fd = connect_to(listen);
    const bool answered = fd >= 0 && ask(fd, answer);
    if (fd >= 0) {
        (void)close(fd);
    }
    if (!answered) {
        return error_set(error, STATUS_UNAVAILABLE, "%s: no answer", listen);
    }
    const char *body = strstr(answer, "\r\n\r\n");
    body = body != NULL ? body + 4 : "";
    ret_health->ready = strncmp(answer + strlen("HTTP/1.1 "), "200", 3) == 0;
    (void)snprintf(ret_health->reason, sizeof ret_health->reason, "%.*s", (int)strcspn(body, "\n"),
                   body);
    (void)snprintf(ret_health->text, sizeof ret_health->text, "gateway %s %s", HOSO_VERSION,
                   ret_health->ready ? "is ready" : "answers");
    return STATUS_OK;
}
