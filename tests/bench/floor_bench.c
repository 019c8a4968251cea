/* SPDX-License-Identifier: Apache-2.0
 *
 * The floor under every acknowledgement: so many bytes appended to a file and synced, again and
 * again. Nothing that keeps its promise can be faster with one write at a time.
 *
 *     floor_bench --directory D --bytes N --writes N
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/require.h"
#include "peer.h"

enum { PATH_MAX_BYTES = 4096, BYTES_MAX = 16 << 20, WRITES_MAX = 1000000 };

static double write_synced(int file, const uint8_t *bytes, size_t size)
{
    const double from_s = clock_s();
    if (write(file, bytes, size) != (ssize_t)size || fdatasync(file) != 0) {
        fail("floor_bench: writing failed");
    }
    return (clock_s() - from_s) * 1e3;
}

int main(int argc, char **argv)
{
    char path[PATH_MAX_BYTES];
    const size_t size = option_number(argc, argv, "--bytes", 0);
    const size_t writes = option_number(argc, argv, "--writes", 0);
    if (size == 0 || size > BYTES_MAX || writes == 0 || writes > WRITES_MAX) {
        fail("floor_bench: --bytes is 1 to %d, --writes 1 to %d", BYTES_MAX, WRITES_MAX);
    }
    (void)snprintf(path, sizeof path, "%s/floor", option_text(argc, argv, "--directory", NULL));
    const int file = open(path, O_CREAT | O_TRUNC | O_WRONLY | O_CLOEXEC, 0600);
    uint8_t *bytes = malloc(size);
    double *latencies = calloc(writes, sizeof *latencies);
    if (file < 0) {
        fail("floor_bench: %s cannot be made", path);
    }
    require(bytes != NULL && latencies != NULL);
    memset(bytes, 0x5a, size);
    const double started_s = clock_s();
    for (size_t i = 0; i < writes; i++) {
        latencies[i] = write_synced(file, bytes, size);
    }
    const double seconds = clock_s() - started_s;
    (void)printf("{\"bytes\":%zu,\"writes\":%zu,\"writes_per_s\":%.1f,\"sync_ms_p50\":%.3f,"
                 "\"sync_ms_p99\":%.3f}\n",
                 size, writes, (double)writes / seconds, percentile(latencies, writes, 0.5),
                 percentile(latencies, writes, 0.99));
    (void)close(file);
    (void)unlink(path);
    free(latencies);
    free(bytes);
    return 0;
}
