/* SPDX-License-Identifier: Apache-2.0
 *
 * How fast aggregation can go by itself: journal blocks of the even load (workload.h), made in
 * memory, applied to a store on disk in batches. Prints one JSON line a batch size.
 *
 *     aggregate_bench DIRECTORY [EVENTS [BLOCKS]]
 */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "aggregate/aggregate.h"
#include "base/localday.h"
#include "base/require.h"
#include "ledger/ledger.h"
#include "workload.h"

enum {
    BLOCK_EVENTS_COUNT = 1000,
    INCARNATION = 1,
    READ_ROUNDS = 50,
    SCAN_ROUNDS = 10,
    STEP_EVENTS = 2000000 /* a line for each */
};

struct journal {
    struct workload *workload;
    struct buffer payload;
    struct buffer record;
    uint64_t position;
    uint8_t hash[BLOCK_HASH_SIZE];
};

static double now_s(void)
{
    struct timespec now;
    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}

/* False = the load has ended. */
static bool put_event(struct journal *journal)
{
    struct event event;
    if (!workload_next(journal->workload, &event)) {
        return false;
    }
    buffer_clear(&journal->record);
    event_encode(&event, &journal->record);
    buffer_text(&journal->payload, buffer_slice(&journal->record));
    return true;
}

/* At the end of the load the last block is short, and those after it are none. */
static bool make_block(struct journal *journal, struct buffer *bytes)
{
    uint32_t count = 0;
    buffer_clear(&journal->payload);
    while (count < BLOCK_EVENTS_COUNT && put_event(journal)) {
        count++;
    }
    if (count == 0) {
        return false;
    }
    struct block block = {.kind = BLOCK_EVENTS,
                          .first_position = journal->position + 1,
                          .count = count,
                          .source = slice_text("counter"),
                          .epoch = 1,
                          .first_sequence = journal->position + 1,
                          .payload = buffer_slice(&journal->payload)};
    memcpy(block.previous, journal->hash, BLOCK_HASH_SIZE);
    buffer_init(bytes, BLOCK_BYTES_MAX);
    block_encode(&block, bytes, journal->hash);
    journal->position += count;
    return true;
}

/* What a report over all units reads: the ALL cells at both ends of a period. */
static void measure_reads(struct store *store, int32_t days)
{
    const int32_t from_day = localday_of_date((struct date){2024, 11, 19});
    struct store_txn txn;
    const double from = now_s();
    store_begin_read(store, &txn);
    const struct ledger_view now = ledger_now(&txn, TABLE_LEDGER);
    for (unsigned i = 0; i < READ_ROUNDS; i++) {
        for (unsigned place = 0; place < WORKLOAD_UNITS; place++) {
            char unit[16];
            struct figures figures = {0};
            (void)snprintf(unit, sizeof unit, "H27.%03u", place + 1);
            const struct ledger_cell cell = {.unit = slice_text(unit), .all = true};
            ledger_read(&now, &cell, from_day, from_day + days, &figures);
        }
    }
    require(txn.status == STATUS_OK);
    store_abort(&txn);
    (void)printf("{\"bench\":\"ledger_read\",\"units\":%u,\"days\":%d,\"ms_per_report\":%.3f}\n",
                 WORKLOAD_UNITS, days, (now_s() - from) * 1e3 / READ_ROUNDS);
}

static void count_service(void *context, const struct ledger_cell *cell,
                          const struct figures *figures)
{
    unsigned *services = context;
    (void)cell;
    *services += figures->measures != 0;
}

/* What a report by fields or procedures reads: all services of all units. */
static void measure_scans(struct store *store, int32_t days)
{
    const int32_t from_day = localday_of_date((struct date){2024, 12, 19}) - days;
    struct store_txn txn;
    unsigned services = 0;
    const double from = now_s();
    store_begin_read(store, &txn);
    const struct ledger_view now = ledger_now(&txn, TABLE_LEDGER);
    for (unsigned i = 0; i < SCAN_ROUNDS; i++) {
        services = 0;
        for (unsigned place = 0; place < WORKLOAD_UNITS; place++) {
            char unit[16];
            (void)snprintf(unit, sizeof unit, "H27.%03u", place + 1);
            ledger_scan_unit(&now, slice_text(unit), from_day, from_day + days, count_service,
                             &services);
        }
    }
    require(txn.status == STATUS_OK);
    store_abort(&txn);
    (void)printf("{\"bench\":\"ledger_scan\",\"services\":%u,\"days\":%d,\"ms_per_report\":%.3f}\n",
                 services, days, (now_s() - from) * 1e3 / SCAN_ROUNDS);
}

static uint64_t written_bytes(void)
{
    char line[128];
    unsigned long long bytes = 0;
    FILE *io = fopen("/proc/self/io", "r");
    require(io != NULL);
    while (fgets(line, sizeof line, io) != NULL && sscanf(line, "write_bytes: %llu", &bytes) != 1) {
    }
    (void)fclose(io);
    return bytes;
}

static void check(enum status status, const struct error *error)
{
    if (status != STATUS_OK) {
        (void)fprintf(stderr, "%s\n", error->text);
        exit(1);
    }
}

/* Applies the next blocks in one batch; returns the seconds that took, 0 = the load has ended. */
static double apply_some(struct aggregate *aggregate, struct journal *journal, unsigned blocks_max)
{
    struct error error = {0};
    struct buffer *bytes = calloc(blocks_max, sizeof *bytes);
    struct slice *blocks = calloc(blocks_max, sizeof *blocks);
    unsigned count = 0;
    require(bytes != NULL && blocks != NULL);
    while (count < blocks_max && make_block(journal, &bytes[count])) {
        blocks[count] = buffer_slice(&bytes[count]);
        count++;
    }
    const double from = now_s();
    if (count != 0) {
        check(aggregate_apply(aggregate, INCARNATION, blocks, count, &error), &error);
        check(aggregate_commit(aggregate, &error), &error);
    }
    const double spent = now_s() - from;
    for (unsigned i = 0; i < count; i++) {
        buffer_fini(&bytes[i]);
    }
    free(blocks);
    free(bytes);
    return count != 0 ? spent : 0;
}

/* What was applied, and what that took. */
struct progress {
    double events, seconds, written;
};

static void print_progress(unsigned batch_events, const struct progress *now,
                           const struct progress *before, struct store *store)
{
    const double events = now->events - before->events;
    (void)printf("{\"bench\":\"aggregate\",\"batch_events\":%u,\"history\":%.0f,\"events\":%.0f,"
                 "\"events_per_s\":%.0f,\"disk_bytes_per_event\":%.0f,"
                 "\"written_bytes_per_event\":%.0f}\n",
                 batch_events, before->events, events, events / (now->seconds - before->seconds),
                 (double)store_usage(store).used_bytes / now->events,
                 (now->written - before->written) / events);
    (void)fflush(stdout);
}

/* Applies the whole load, with a line for each STEP_EVENTS. */
static void apply_all(struct aggregate *aggregate, struct journal *journal, unsigned batch_blocks,
                      struct store *store)
{
    const unsigned batch_events = batch_blocks * BLOCK_EVENTS_COUNT;
    struct progress before = {.written = (double)written_bytes()};
    struct progress now = before;
    double seconds = 0;
    while ((seconds = apply_some(aggregate, journal, batch_blocks)) != 0) {
        now.seconds += seconds;
        now.events = (double)journal->position;
        if (now.events - before.events >= STEP_EVENTS) {
            now.written = (double)written_bytes();
            print_progress(batch_events, &now, &before, store);
            before = now;
        }
    }
    if (now.events > before.events) {
        now.written = (double)written_bytes();
        print_progress(batch_events, &now, &before, store);
    }
}

static void measure(const char *directory, uint64_t total, unsigned batch_blocks)
{
    char path[512];
    struct error error = {0};
    struct store *store = NULL;
    struct aggregate *aggregate = NULL;
    struct journal journal = {.workload = workload_new(total)};
    (void)snprintf(path, sizeof path, "%s/batch-%u", directory, batch_blocks * BLOCK_EVENTS_COUNT);
    const struct store_options options = {
        path, aggregate_tables, AGGREGATE_SCHEMA, UINT64_C(1) << 36, false, false};
    check(store_open(&options, &store, &error), &error);
    check(aggregate_open(store, &aggregate, &error), &error);
    buffer_init(&journal.payload, BLOCK_BYTES_MAX);
    buffer_init(&journal.record, EVENT_RECORD_MAX);
    apply_all(aggregate, &journal, batch_blocks, store);
    measure_reads(store, 31);
    measure_reads(store, 366);
    measure_scans(store, 31);
    measure_scans(store, 366);
    workload_free(journal.workload);
    buffer_fini(&journal.record);
    buffer_fini(&journal.payload);
    aggregate_close(aggregate);
    store_close(store);
}

int main(int argc, char **argv)
{
    static const unsigned batches[] = {1, 32};
    if (argc < 2) {
        (void)fprintf(stderr, "usage: aggregate_bench DIRECTORY [EVENTS [BLOCKS]]\n");
        return 2;
    }
    const uint64_t total = argc > 2 ? strtoull(argv[2], NULL, 10) : 400000;
    if (argc > 3) {
        measure(argv[1], total, (unsigned)strtoul(argv[3], NULL, 10));
        return 0;
    }
    for (size_t i = 0; i < sizeof batches / sizeof batches[0]; i++) {
        measure(argv[1], total, batches[i]);
    }
    return 0;
}
