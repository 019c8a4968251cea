/* SPDX-License-Identifier: Apache-2.0
 *
 * The journal, read block by block from its beginning: nothing of what was counted before is used.
 */
#include "services/hoso/verify/verify.h"

#include <inttypes.h>

#include "aggregate/aggregate.h"
#include "journal/chain.h"
#include "services/hoso/journal_read.h"

struct counting {
    struct hoso_client *client;
    struct aggregate *aggregate;
    struct cut cut;
    struct arena arena;
    struct progress progress;
    struct chain chain;  /* what was checked */
    struct slice *batch; /* blocks to be applied */
    unsigned batch_count;
    uint64_t pending; /* their events, and those applied since the last commit */
};

/* The block must follow the one before, and not reach over the cut. */
static enum hoso_status check_block(struct counting *counting, struct slice bytes,
                                    struct block *ret_block, struct hoso_error *error)
{
    struct error inner = {.status = STATUS_OK};
    const enum status status = chain_follow(&counting->chain, bytes, ret_block, &inner);
    if (status != STATUS_OK) {
        return client_fail(error, HOSO_CORRUPT, NULL, "%s", inner.text);
    }
    if (counting->chain.position > counting->cut.position) {
        return client_fail(error, HOSO_CORRUPT, NULL,
                           "the ledger's cut %" PRIu64 " is inside of a block",
                           counting->cut.position);
    }
    return HOSO_OK;
}

static enum hoso_status apply(struct counting *counting, struct hoso_error *error)
{
    struct error inner = {.status = STATUS_OK};
    if (counting->batch_count == 0) {
        return HOSO_OK;
    }
    const enum status status = aggregate_apply(counting->aggregate, counting->cut.incarnation,
                                               counting->batch, counting->batch_count, &inner);
    counting->batch_count = 0;
    return status == STATUS_OK ? HOSO_OK : client_fail_inner(error, status, &inner);
}

static enum hoso_status commit(struct counting *counting, struct hoso_error *error)
{
    struct error inner = {.status = STATUS_OK};
    const enum status status = aggregate_commit(counting->aggregate, &inner);
    counting->pending = 0;
    return status == STATUS_OK ? HOSO_OK : client_fail_inner(error, status, &inner);
}

static enum hoso_status take_blocks(struct counting *counting,
                                    const Hoso__V1__ReadJournalReply *reply,
                                    struct hoso_error *error)
{
    counting->batch = arena_array(&counting->arena, reply->n_blocks, sizeof *counting->batch);
    if (counting->batch == NULL) {
        return client_fail(error, HOSO_TOO_LARGE, NULL, "too many blocks in one answer");
    }
    enum hoso_status status = HOSO_OK;
    for (size_t i = 0; status == HOSO_OK && i < reply->n_blocks; i++) {
        const struct slice bytes = slice_of(reply->blocks[i].data, reply->blocks[i].len);
        struct block block;
        if (counting->chain.position == counting->cut.position) {
            break;
        }
        status = check_block(counting, bytes, &block, error);
        if (status == HOSO_OK && counting->pending + block.count > AGGREGATE_BATCH_MAX) {
            status = apply(counting, error);
            status = status == HOSO_OK ? commit(counting, error) : status;
        }
        if (status == HOSO_OK) {
            counting->batch[counting->batch_count++] = bytes;
            counting->pending += block.count;
        }
    }
    return status == HOSO_OK ? apply(counting, error) : status;
}

static enum hoso_status read_on(struct counting *counting, struct hoso_error *error)
{
    const Hoso__V1__ReadJournalReply *reply = NULL;
    const enum hoso_status status =
        journal_read(counting->client, counting->chain.position, JOURNAL_READ_BYTES,
                     &counting->arena, &reply, error);
    if (status != HOSO_OK) {
        return status;
    }
    if (reply->cut->incarnation != counting->cut.incarnation) {
        return client_fail(error, HOSO_CONFLICT, NULL,
                           "the ledger was counted from another journal than intake's");
    }
    if (reply->n_blocks == 0) {
        return client_fail(error, HOSO_CONFLICT, NULL,
                           "the journal ends at position %" PRIu64
                           ", but the ledger counts up to %" PRIu64,
                           counting->chain.position, counting->cut.position);
    }
    return take_blocks(counting, reply, error);
}

enum hoso_status verify_count(struct hoso_client *client, struct store *store, struct cut cut,
                              struct hoso_error *error)
{
    struct counting counting = {.client = client, .cut = cut};
    struct error inner = {.status = STATUS_OK};
    const enum status status = aggregate_open(store, &counting.aggregate, &inner);
    if (status != STATUS_OK) {
        return client_fail_inner(error, status, &inner);
    }
    arena_init(&counting.arena, JOURNAL_ARENA_BYTES);
    progress_begin(&counting.progress, "events", cut.position);
    enum hoso_status result = HOSO_OK;
    while (result == HOSO_OK && counting.chain.position < cut.position) {
        result = read_on(&counting, error);
        progress_update(&counting.progress, counting.chain.position, counting.chain.position);
    }
    result = result == HOSO_OK ? commit(&counting, error) : result;
    progress_clear(&counting.progress);
    arena_fini(&counting.arena);
    aggregate_close(counting.aggregate);
    return result;
}
