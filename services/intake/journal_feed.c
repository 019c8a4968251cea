/* SPDX-License-Identifier: Apache-2.0
 *
 * Blocks go from the read transaction's pages into the packed answer, copied once. The answer's
 * memory is bounded by FEED_BYTES_MAX and the largest block.
 */
#include "services/intake/journal_feed.h"

#include <stdlib.h>

#include "base/clock.h"
#include "hoso/v1/journal.pb-c.h"
#include "journal/block.h"
#include "log/log.h"
#include "services/intake/metrics.h"

enum {
    REQUEST_BYTES_MAX = 4 << 10,
    QUEUE_MESSAGES_MAX = 64,
    REQUESTS_MAX = 64, /* readers that wait */
    ARENA_BYTES_MAX = 256 << 10,
    REPLY_BYTES_MAX = FEED_BYTES_MAX + BLOCK_BYTES_MAX + FEED_BLOCKS_MAX * 8 + 1024,
    CHECK_INTERVAL_MS = 60000
};

static int64_t turn(void *context)
{
    struct journal_feed *feed = context;
    const int64_t now_ms = clock_ms();
    if (feed->next_check_ms <= now_ms) {
        journal_check_readers(feed->options.journal);
        feed->next_check_ms = now_ms + CHECK_INTERVAL_MS;
    }
    return feed->next_check_ms;
}

enum status journal_feed_init(struct journal_feed *feed, const struct journal_feed_options *options,
                              struct error *error)
{
    *feed = (struct journal_feed){.options = *options, .committed = {.fd = -1}};
    feed->blocks = calloc(FEED_BLOCKS_MAX, sizeof *feed->blocks);
    if (feed->blocks == NULL) {
        return error_set(error, STATUS_TOO_LARGE, "no memory for the journal feed");
    }
    const enum status status = bus_wake_init(&feed->committed);
    if (status != STATUS_OK) {
        return error_set(error, status, "no event file descriptor for the journal feed");
    }
    const struct endpoint_options endpoint = {
        .service = options->service,
        .listen = options->listen,
        .messages = options->messages,
        .request = &hoso__v1__journal_request__descriptor,
        .reply = &hoso__v1__journal_reply__descriptor,
        .limits = {.request_bytes = REQUEST_BYTES_MAX,
                   .queue_messages = QUEUE_MESSAGES_MAX,
                   .key_requests = REQUESTS_MAX / 2,
                   .all_requests = REQUESTS_MAX,
                   .key_bytes = (size_t)REQUESTS_MAX * REQUEST_BYTES_MAX,
                   .all_bytes = (size_t)REQUESTS_MAX * REQUEST_BYTES_MAX,
                   .reply_bytes = REPLY_BYTES_MAX,
                   .arena_bytes = ARENA_BYTES_MAX},
        .metrics = {.unsent = INTAKE_UNSENT_ANSWERS, .waiting = INTAKE_PARKED_READERS},
        .context = feed,
        .wake = &feed->committed,
        .turn = turn};
    return endpoint_open(&endpoint, &feed->endpoint, error);
}

void journal_feed_fini(struct journal_feed *feed)
{
    endpoint_close(feed->endpoint);
    bus_wake_fini(&feed->committed);
    free(feed->blocks);
}

bool journal_feed_reached(void *context, struct cut wanted)
{
    const struct journal_feed *feed = context;
    return atomic_load(feed->options.position) >= wanted.position;
}

enum status journal_feed_wait(struct endpoint_request *request, struct endpoint_wait *ret_wait)
{
    const Hoso__V1__ReadJournalRequest *read =
        ((const Hoso__V1__JournalRequest *)request->wire)->read;
    const uint64_t after = read->after_position;
    ret_wait->cut = (struct cut){0, after < UINT64_MAX ? after + 1 : after};
    ret_wait->wait_ms = read->wait_ms < FEED_WAIT_MAX_MS ? read->wait_ms : FEED_WAIT_MAX_MS;
    return STATUS_OK;
}

/* As many whole blocks as fit, at least one if there is one. */
static size_t collect_blocks(struct journal_feed *feed, struct journal_reader *reader,
                             uint32_t max_bytes)
{
    struct slice block;
    size_t count = 0;
    size_t bytes = 0;
    while (count < FEED_BLOCKS_MAX && journal_read_next(reader, &block)) {
        bytes += block.size;
        if (count > 0 && bytes > max_bytes) {
            break;
        }
        feed->blocks[count].len = block.size;
        feed->blocks[count].data = (uint8_t *)(uintptr_t)block.data; /* packing only reads it */
        count++;
    }
    return count;
}

static enum status answer(struct endpoint_request *request, struct journal_reader *reader)
{
    struct journal_feed *feed = request->context;
    const Hoso__V1__ReadJournalRequest *asked =
        ((const Hoso__V1__JournalRequest *)request->wire)->read;
    const uint32_t max_bytes =
        asked->max_bytes < FEED_BYTES_MAX ? asked->max_bytes : FEED_BYTES_MAX;
    Hoso__V1__Cut cut = HOSO__V1__CUT__INIT;
    Hoso__V1__ReadJournalReply read = HOSO__V1__READ_JOURNAL_REPLY__INIT;
    Hoso__V1__JournalReply reply = HOSO__V1__JOURNAL_REPLY__INIT;
    read.n_blocks = collect_blocks(feed, reader, max_bytes);
    read.blocks = feed->blocks;
    cut.incarnation = journal_incarnation(feed->options.journal);
    cut.position = reader->end;
    read.cut = &cut;
    reply.body_case = HOSO__V1__JOURNAL_REPLY__BODY_READ;
    reply.read = &read;
    return reader->txn.status == STATUS_OK ? endpoint_answer(request, &reply.base)
                                           : reader->txn.status;
}

enum status journal_feed_read(struct endpoint_request *request)
{
    struct journal_feed *feed = request->context;
    const Hoso__V1__ReadJournalRequest *asked =
        ((const Hoso__V1__JournalRequest *)request->wire)->read;
    struct journal_reader reader;
    if (asked->backed_up != 0) {
        metrics_set(feed->options.service->metrics, INTAKE_BACKUP, 0, (uint64_t)clock_unix_ms());
    }
    journal_read_begin(feed->options.journal, asked->after_position, &reader);
    const enum status status = answer(request, &reader);
    const enum status read = journal_read_end(&reader);
    if (read == STATUS_OK) {
        return status;
    }
    log_event(LOG_ERROR, "intake.read_failed", "the journal cannot be read", "status",
              status_text(read), NULL);
    return request->answered ? STATUS_OK
                             : endpoint_fail(request, STATUS_INTERNAL, "",
                                             "the journal cannot be read; intake's log has the "
                                             "reason");
}
