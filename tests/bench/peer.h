/* SPDX-License-Identifier: Apache-2.0
 *
 * What the measuring clients share: options, a DEALER with CURVE, clocks, percentiles. A client
 * that cannot go on says why and exits with 1: a bench has nothing to rescue.
 */
#ifndef HOSO_BENCH_PEER_H
#define HOSO_BENCH_PEER_H

#include <stddef.h>
#include <stdint.h>

#include "base/buffer.h"
#include "base/slice.h"

enum { PEER_KEY_SIZE = 41 }; /* Z85 and NUL */

struct peer_keys {
    char public_text[PEER_KEY_SIZE];
    char secret_text[PEER_KEY_SIZE];
};

_Noreturn __attribute__((format(printf, 1, 2))) void fail(const char *format, ...);

double clock_s(void);     /* CLOCK_MONOTONIC, which every process of the machine shares */
double clock_cpu_s(void); /* of this process, all threads */

/* `--name value` out of the command line; without a default it must be there. */
const char *option_text(int argc, char **argv, const char *name, const char *fallback);
uint64_t option_number(int argc, char **argv, const char *name, uint64_t fallback);

/* Up to `max` pairs from a file of lines "PUBLIC SECRET"; returns how many there are. */
unsigned peer_read_keys(const char *path, struct peer_keys *keys, unsigned max);

void *peer_connect(void *context, const char *endpoint, const char *server_key,
                   const struct peer_keys *keys);
void peer_send(void *socket, struct slice message);
/* Waits at most a minute, then fails. Replaces what `message` holds. */
void peer_receive(void *socket, struct buffer *message);

/* Sorts. `share` 0.99 = the 99th percentile. */
double percentile(double *values, size_t count, double share);

#endif
