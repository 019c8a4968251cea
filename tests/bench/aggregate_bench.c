/* SPDX-License-Identifier: Apache-2.0
 *
 * How fast aggregation can go by itself: journal blocks made in memory, applied to a store on disk
 * in batches. Prints one JSON line a batch size.
 *
 *     aggregate_bench DIRECTORY [EVENTS]
 */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "aggregate/aggregate.h"
#include "base/localday.h"
#include "base/require.h"
#include "ledger/ledger.h"

enum {
    UNITS = 230,
    PROCEDURES = 2700,
    EVENTS_PER_DOSSIER = 5,
    BLOCK_EVENTS_COUNT = 1000,
    INCARNATION = 1,
    READ_ROUNDS = 50,
    TEXT_MAX = 64
};

struct journal {
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

static uint64_t next_random(uint64_t *seed)
{
    *seed += UINT64_C(0x9e3779b97f4a7c15);
    uint64_t z = *seed;
    z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
    return z ^ (z >> 31);
}

/* Event `i` of a stream in which dossiers of about two weeks overlap, over two years. */
static void make_event(struct buffer *payload, struct buffer *record, uint64_t i, uint64_t total)
{
    static const enum event_kind kinds[EVENTS_PER_DOSSIER] = {
        KIND_RECEIVED, KIND_COMPONENTS_DIGITISED, KIND_RESOLVED, KIND_RESULT_DIGITISED,
        KIND_HANDED_OVER};
    const uint64_t window = total / 50 + EVENTS_PER_DOSSIER;
    const uint64_t step = i / window % EVENTS_PER_DOSSIER;
    const uint64_t dossier = i / (window * EVENTS_PER_DOSSIER) * window + i % window;
    uint64_t seed = dossier * 7919;
    char id[TEXT_MAX];
    char code[TEXT_MAX];
    char unit[16];
    char procedure[TEXT_MAX];
    char field[TEXT_MAX];
    const uint64_t place = next_random(&seed) % UNITS;
    const uint64_t service = next_random(&seed) % PROCEDURES;
    const int64_t start = localday_start_ms(localday_of_date((struct date){2023, 1, 1}));
    const int64_t received = start + (int64_t)(dossier * 5 * 720 / total) * 86400000 + 30000000;
    (void)snprintf(unit, sizeof unit, "H27.%03u", (unsigned)place);
    (void)snprintf(procedure, sizeof procedure, "1.%06u", (unsigned)service);
    (void)snprintf(field, sizeof field, "field-%02u", (unsigned)(service % 14));
    (void)snprintf(code, sizeof code, "%s-%08llu", unit, (unsigned long long)dossier);
    (void)snprintf(id, sizeof id, "e-%llu", (unsigned long long)step);
    const struct event event = {
        .event_id = slice_text(id),
        .dossier = slice_text(code),
        .unit = step == 0 ? slice_text(unit) : (struct slice){0},
        .procedure = step == 0 ? slice_text(procedure) : (struct slice){0},
        .field = step == 0 ? slice_text(field) : (struct slice){0},
        .kind = kinds[step],
        .channel = step == 0 ? (enum channel)(1 + next_random(&seed) % 3) : CHANNEL_NONE,
        .level = step == 0 ? (enum service_level)(1 + next_random(&seed) % 3) : LEVEL_NONE_GIVEN,
        .occurred_at_ms = received + (int64_t)step * 3 * 86400000,
        .due_at_ms = step == 0 ? received + 10 * 86400000 : 0,
    };
    buffer_clear(record);
    event_encode(&event, record);
    buffer_text(payload, buffer_slice(record));
}

static void make_block(struct journal *journal, struct buffer *bytes, uint64_t total)
{
    buffer_clear(&journal->payload);
    for (unsigned i = 0; i < BLOCK_EVENTS_COUNT; i++) {
        make_event(&journal->payload, &journal->record, journal->position + i, total);
    }
    struct block block = {.kind = BLOCK_EVENTS,
                          .first_position = journal->position + 1,
                          .count = BLOCK_EVENTS_COUNT,
                          .source = slice_text("counter"),
                          .epoch = 1,
                          .first_sequence = journal->position + 1,
                          .payload = buffer_slice(&journal->payload)};
    memcpy(block.previous, journal->hash, BLOCK_HASH_SIZE);
    buffer_init(bytes, BLOCK_BYTES_MAX);
    block_encode(&block, bytes, journal->hash);
    journal->position += BLOCK_EVENTS_COUNT;
}

/* What a report over all units reads: the ALL cells at both ends of a period. */
static void measure_reads(struct store *store, int32_t days)
{
    const int32_t from_day = localday_of_date((struct date){2023, 11, 19});
    struct store_txn txn;
    const double from = now_s();
    store_begin_read(store, &txn);
    const struct ledger_view now = ledger_now(&txn, TABLE_LEDGER);
    for (unsigned i = 0; i < READ_ROUNDS; i++) {
        for (unsigned place = 0; place < UNITS; place++) {
            char unit[16];
            struct figures figures = {0};
            (void)snprintf(unit, sizeof unit, "H27.%03u", place);
            const struct ledger_cell cell = {.unit = slice_text(unit), .all = true};
            ledger_read(&now, &cell, from_day, from_day + days, &figures);
        }
    }
    require(txn.status == STATUS_OK);
    store_abort(&txn);
    (void)printf("{\"bench\":\"ledger_read\",\"units\":%u,\"days\":%d,\"ms_per_report\":%.3f}\n",
                 UNITS, days, (now_s() - from) * 1e3 / READ_ROUNDS);
}

static void measure(const char *directory, uint64_t total, unsigned batch_blocks)
{
    char path[512];
    struct error error = {0};
    struct store *store = NULL;
    struct aggregate *aggregate = NULL;
    (void)snprintf(path, sizeof path, "%s/batch-%u", directory, batch_blocks * BLOCK_EVENTS_COUNT);
    const struct store_options options = {
        path, aggregate_tables, AGGREGATE_SCHEMA, UINT64_C(1) << 36, false, false};
    if (store_open(&options, &store, &error) != STATUS_OK ||
        aggregate_open(store, &aggregate, &error) != STATUS_OK) {
        (void)fprintf(stderr, "%s\n", error.text);
        exit(1);
    }
    struct journal journal = {0};
    struct buffer *bytes = calloc(batch_blocks, sizeof *bytes);
    struct slice *blocks = calloc(batch_blocks, sizeof *blocks);
    require(bytes != NULL && blocks != NULL);
    buffer_init(&journal.payload, BLOCK_BYTES_MAX);
    buffer_init(&journal.record, EVENT_RECORD_MAX);
    double spent = 0;
    while (journal.position < total) {
        for (unsigned i = 0; i < batch_blocks; i++) {
            make_block(&journal, &bytes[i], total);
            blocks[i] = buffer_slice(&bytes[i]);
        }
        const double from = now_s();
        enum status status = aggregate_apply(aggregate, INCARNATION, blocks, batch_blocks, &error);
        status = status == STATUS_OK ? aggregate_commit(aggregate, &error) : status;
        spent += now_s() - from;
        for (unsigned i = 0; i < batch_blocks; i++) {
            buffer_fini(&bytes[i]);
        }
        if (status != STATUS_OK) {
            (void)fprintf(stderr, "%s\n", error.text);
            exit(1);
        }
    }
    (void)printf(
        "{\"bench\":\"aggregate\",\"batch_events\":%u,\"events\":%llu,\"events_per_s\":%.0f,"
        "\"disk_bytes_per_event\":%.0f}\n",
        batch_blocks * BLOCK_EVENTS_COUNT, (unsigned long long)journal.position,
        (double)journal.position / spent,
        (double)store_usage(store).used_bytes / (double)journal.position);
    measure_reads(store, 31);
    measure_reads(store, 366);
    free(blocks);
    free(bytes);
    buffer_fini(&journal.record);
    buffer_fini(&journal.payload);
    aggregate_close(aggregate);
    store_close(store);
}

int main(int argc, char **argv)
{
    static const unsigned batches[] = {1, 4, 16};
    if (argc < 2) {
        (void)fprintf(stderr, "usage: aggregate_bench DIRECTORY [EVENTS]\n");
        return 2;
    }
    const uint64_t total = argc > 2 ? strtoull(argv[2], NULL, 10) : 400000;
    for (size_t i = 0; i < sizeof batches / sizeof batches[0]; i++) {
        measure(argv[1], total, batches[i]);
    }
    return 0;
}
