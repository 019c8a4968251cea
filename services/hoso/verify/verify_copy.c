/* SPDX-License-Identifier: Apache-2.0
 *
 * The ledger's copy: the same questions and answers as a replica's, one by one. And the comparison.
 */
#include "services/hoso/verify/verify.h"

#include <inttypes.h>
#include <stdio.h>

#include "aggregate/aggregate.h"
#include "base/localday.h"
#include "hoso/v1/ledger.pb-c.h"
#include "ledger/node.h"
#include "replica/copy.h"
#include "replica/replica.h"

enum { REPLY_BYTES = 64 << 20, SHOWN_MAX = 10 };

/* What one answer does to the copy; `ret_source` = how far aggregation is. */
static enum status take(struct copy *copy, const Hoso__V1__LedgerRequest *request,
                        const ProtobufCMessage *body, uint64_t *ret_source)
{
    bool advanced = false;
    if (request->body_case == HOSO__V1__LEDGER_REQUEST__BODY_CHANGES) {
        const Hoso__V1__ChangesReply *reply = (const Hoso__V1__ChangesReply *)body;
        *ret_source = reply->cut != NULL ? reply->cut->position : 0;
        const enum status status = copy_take_changes(copy, reply, &advanced);
        return status == STATUS_OK ? copy_commit(copy) : status;
    }
    const Hoso__V1__SnapshotReply *page = (const Hoso__V1__SnapshotReply *)body;
    *ret_source = page->cut != NULL ? page->cut->position : 0;
    return copy_take_page(copy, page, &advanced);
}

static enum hoso_status ask(struct hoso_client *client, struct copy *copy, struct arena *arena,
                            uint64_t *ret_source, struct hoso_error *error)
{
    struct copy_request request;
    arena_reset(arena);
    copy_next_request(copy, &request);
    const bool is_changes = request.message.body_case == HOSO__V1__LEDGER_REQUEST__BODY_CHANGES;
    if (is_changes) {
        request.changes.wait_ms = 0;
    }
    const struct call call = {
        .peer = PEER_LEDGER,
        .request = &request.message.base,
        .reply = &hoso__v1__ledger_reply__descriptor,
        .expect = is_changes ? HOSO__V1__LEDGER_REPLY__BODY_CHANGES
                             : HOSO__V1__LEDGER_REPLY__BODY_SNAPSHOT,
    };
    ProtobufCMessage *body = NULL;
    const enum hoso_status status = client_call(client, &call, arena, &body, error);
    if (status != HOSO_OK) {
        return status;
    }
    const enum status taken = take(copy, &request.message, body, ret_source);
    return taken == STATUS_OK
               ? HOSO_OK
               : client_fail(error, taken == STATUS_UNAVAILABLE ? HOSO_NOT_READY : HOSO_CONFLICT,
                             NULL, "cannot copy the ledger: %s", status_text(taken));
}

/* We count as aggregation did: by the same rules, with its local days. */
static enum hoso_status count_alike(const struct derivation *theirs, struct hoso_error *error)
{
    localday_set_offset(theirs->utc_offset_minutes);
    if (theirs->fold_version != aggregate_derivation().fold_version) {
        return client_fail(error, HOSO_CONFLICT, NULL,
                           "aggregation counts by version %u of the rules, this command by version "
                           "%u: use the hoso that was installed with aggregation",
                           theirs->fold_version, aggregate_derivation().fold_version);
    }
    return HOSO_OK;
}

enum hoso_status verify_copy(struct hoso_client *client, struct store *store, struct cut *ret_cut,
                             struct hoso_error *error)
{
    struct copy copy;
    struct arena arena;
    struct progress progress;
    uint64_t goal = 0;
    const enum status status = copy_init(&copy, store);
    if (status != STATUS_OK) {
        return client_fail_inner(error, status, NULL);
    }
    arena_init(&arena, REPLY_BYTES);
    progress_begin(&progress, "answers", 0);
    enum hoso_status result = HOSO_OK;
    for (uint64_t asked = 1; result == HOSO_OK; asked++) {
        uint64_t source = 0;
        result = ask(client, &copy, &arena, &source, error);
        goal = goal != 0 ? goal : source;
        progress_update(&progress, 0, asked);
        if (copy_is_ready(&copy.state) && copy.state.cut.position >= goal) {
            break;
        }
    }
    progress_clear(&progress);
    copy_abandon(&copy);
    arena_fini(&arena);
    if (result == HOSO_OK) {
        *ret_cut = copy.state.cut;
        result = count_alike(&copy.state.derivation, error);
    }
    return result;
}

/* The cell in words. */
static void print_difference(const char *what, struct slice key)
{
    struct ledger_cell cell;
    if (node_key_parse(key, &cell)) {
        (void)fprintf(stderr, "  %s: unit %.*s", what, SLICE_ARG(cell.unit));
        if (!cell.all) {
            (void)fprintf(stderr, ", field %.*s", SLICE_ARG(cell.field));
        }
        (void)fputc('\n', stderr);
    } else if (slice_equal(key, ledger_catalogue_key())) {
        (void)fprintf(stderr, "  %s: the catalogue\n", what);
    } else {
        (void)fprintf(stderr, "  %s: a key of %zu bytes that is no cell\n", what, key.size);
    }
}

/* Both sides in key order. */
struct copy_walk {
    struct store_txn txn;
    struct store_cursor cursor;
    struct slice key;
    struct slice value;
    bool more;
};

static void walk_begin(struct copy_walk *walk, struct store *store, unsigned table)
{
    store_begin_read(store, &walk->txn);
    store_cursor_open(&walk->txn, table, &walk->cursor);
    walk->more = store_cursor_first(&walk->cursor, &walk->key, &walk->value);
}

static void walk_next(struct copy_walk *walk)
{
    walk->more = store_cursor_next(&walk->cursor, &walk->key, &walk->value);
}

static enum status walk_end(struct copy_walk *walk)
{
    store_cursor_close(&walk->cursor);
    return store_commit(&walk->txn);
}

static int order(const struct copy_walk *a, const struct copy_walk *b)
{
    if (!a->more || !b->more) {
        return a->more ? -1 : 1;
    }
    return slice_compare(a->key, b->key);
}

static void count_difference(uint64_t *count, const struct verify_result *result, const char *what,
                             struct slice key)
{
    if (result->different + result->missing + result->extra < SHOWN_MAX) {
        print_difference(what, key);
    }
    (*count)++;
}

enum status verify_compare(struct store *counted, struct store *copied,
                           struct verify_result *ret_result)
{
    struct verify_result result = {0};
    struct copy_walk ours;
    struct copy_walk theirs;
    walk_begin(&ours, counted, TABLE_LEDGER);
    walk_begin(&theirs, copied, REPLICA_LEDGER);
    while (ours.more || theirs.more) {
        const int side = order(&ours, &theirs);
        if (side < 0) {
            count_difference(&result.missing, &result, "not in the ledger", ours.key);
            walk_next(&ours);
        } else if (side > 0) {
            count_difference(&result.extra, &result, "only in the ledger", theirs.key);
            walk_next(&theirs);
        } else {
            result.records++;
            if (!slice_equal(ours.value, theirs.value)) {
                count_difference(&result.different, &result, "other amounts", ours.key);
            }
            walk_next(&ours);
            walk_next(&theirs);
        }
    }
    const enum status status = walk_end(&ours);
    const enum status other = walk_end(&theirs);
    if (status == STATUS_OK && other == STATUS_OK) {
        *ret_result = result;
    }
    return status != STATUS_OK ? status : other;
}
