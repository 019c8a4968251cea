/* SPDX-License-Identifier: Apache-2.0
 *
 * Directly over libzmq, without the limits and checks of common/bus, so that as little as possible
 * of what is measured is the client's own work.
 */
#include "peer.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <time.h>
#include <zmq.h>

#include "base/require.h"

enum { ANSWER_MS = 60000, MESSAGES_MAX = 4096 };

void fail(const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    (void)vfprintf(stderr, format, arguments);
    va_end(arguments);
    (void)fputc('\n', stderr);
    exit(1);
}

double clock_s(void)
{
    struct timespec now;
    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}

double clock_cpu_s(void)
{
    struct rusage usage;
    (void)getrusage(RUSAGE_SELF, &usage);
    return (double)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) +
           (double)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) * 1e-6;
}

const char *option_text(int argc, char **argv, const char *name, const char *fallback)
{
    for (int i = 1; i + 1 < argc; i += 2) {
        if (strcmp(argv[i], name) == 0) {
            return argv[i + 1];
        }
    }
    if (fallback == NULL) {
        fail("%s: %s is needed", argv[0], name);
    }
    return fallback;
}

uint64_t option_number(int argc, char **argv, const char *name, uint64_t fallback)
{
    const char *text = option_text(argc, argv, name, "");
    char *end;
    const uint64_t value = strtoull(text, &end, 10);
    if (*end != '\0') {
        fail("%s: %s is no number", argv[0], name);
    }
    return text[0] != '\0' ? value : fallback;
}

unsigned peer_read_keys(const char *path, struct peer_keys *keys, unsigned max)
{
    FILE *file = fopen(path, "r");
    unsigned count = 0;
    if (file == NULL) {
        fail("%s cannot be read", path);
    }
    while (count < max &&
           fscanf(file, "%40s %40s", keys[count].public_text, keys[count].secret_text) == 2) {
        count++;
    }
    (void)fclose(file);
    return count;
}

void *peer_connect(void *context, const char *endpoint, const char *server_key,
                   const struct peer_keys *keys)
{
    static const int linger = 0;
    static const int messages = MESSAGES_MAX;
    void *socket = zmq_socket(context, ZMQ_DEALER);
    if (socket == NULL || zmq_setsockopt(socket, ZMQ_LINGER, &linger, sizeof linger) != 0 ||
        zmq_setsockopt(socket, ZMQ_SNDHWM, &messages, sizeof messages) != 0 ||
        zmq_setsockopt(socket, ZMQ_RCVHWM, &messages, sizeof messages) != 0 ||
        zmq_setsockopt(socket, ZMQ_CURVE_SERVERKEY, server_key, PEER_KEY_SIZE) != 0 ||
        zmq_setsockopt(socket, ZMQ_CURVE_PUBLICKEY, keys->public_text, PEER_KEY_SIZE) != 0 ||
        zmq_setsockopt(socket, ZMQ_CURVE_SECRETKEY, keys->secret_text, PEER_KEY_SIZE) != 0 ||
        zmq_connect(socket, endpoint) != 0) {
        fail("%s: %s", endpoint, zmq_strerror(zmq_errno()));
    }
    return socket;
}

void peer_send(void *socket, struct slice message)
{
    if (zmq_send(socket, message.data, message.size, 0) < 0) {
        fail("sending: %s", zmq_strerror(zmq_errno()));
    }
}

void peer_receive(void *socket, struct buffer *message)
{
    zmq_pollitem_t item = {.socket = socket, .events = ZMQ_POLLIN};
    zmq_msg_t frame;
    if (zmq_poll(&item, 1, ANSWER_MS) != 1) {
        fail("no answer within %d ms", ANSWER_MS);
    }
    require(zmq_msg_init(&frame) == 0);
    if (zmq_msg_recv(&frame, socket, 0) < 0) {
        fail("receiving: %s", zmq_strerror(zmq_errno()));
    }
    buffer_clear(message);
    buffer_put(message, zmq_msg_data(&frame), zmq_msg_size(&frame));
    require(buffer_status(message) == STATUS_OK);
    (void)zmq_msg_close(&frame);
}

static int by_value(const void *a, const void *b)
{
    const double x = *(const double *)a;
    const double y = *(const double *)b;
    return (x > y) - (x < y);
}

double percentile(double *values, size_t count, double share)
{
    require(count != 0);
    qsort(values, count, sizeof *values, by_value);
    size_t index = (size_t)(share * (double)count);
    return values[index < count ? index : count - 1];
}
