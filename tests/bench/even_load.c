/* SPDX-License-Identifier: Apache-2.0
 *
 * Writes a part of the even load (workload.h) as NDJSON: `--count` lines after the first `--skip`
 * of a year of `--events`. Into `--counts` goes what a report must say after these lines, as JSON.
 *
 *     even_load --events N [--skip S] [--count C] [--counts FILE]
 */
#include <stdio.h>
#include <stdlib.h>

#include "base/require.h"
#include "event/event_json.h"
#include "peer.h"
#include "workload.h"

static void write_counts(const char *path, const struct workload_counts *counts)
{
    FILE *file = fopen(path, "w");
    if (file == NULL) {
        fail("%s cannot be written", path);
    }
    (void)fprintf(file, "{\"received\":%llu,\"resolved\":%llu,\"returned\":%llu}\n",
                  (unsigned long long)counts->received, (unsigned long long)counts->resolved,
                  (unsigned long long)counts->returned);
    (void)fclose(file);
}

int main(int argc, char **argv)
{
    const uint64_t skip = option_number(argc, argv, "--skip", 0);
    const uint64_t count = option_number(argc, argv, "--count", UINT64_MAX - skip);
    const char *counts_path = option_text(argc, argv, "--counts", "");
    struct workload *workload = workload_new(option_number(argc, argv, "--events", 2000000));
    struct buffer line;
    struct event event;
    buffer_init(&line, EVENT_JSON_MAX + 1);
    for (uint64_t i = 0; i < skip + count && workload_next(workload, &event); i++) {
        if (i >= skip) {
            buffer_clear(&line);
            event_to_json(&event, &line);
            buffer_u8(&line, '\n');
            require(buffer_status(&line) == STATUS_OK);
            require(fwrite(line.data, 1, line.size, stdout) == line.size);
        }
    }
    const struct workload_counts counts = workload_counts(workload);
    if (counts_path[0] != '\0') {
        write_counts(counts_path, &counts);
    }
    buffer_fini(&line);
    workload_free(workload);
    return fflush(stdout) == 0 ? 0 : 1;
}
