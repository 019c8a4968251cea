/* SPDX-License-Identifier: Apache-2.0
 *
 * The copy and its one state record, "state" in the state table:
 *
 *     u8 phase, u32 fold version, u32 UTC offset in minutes (two's complement), u64 incarnation,
 *     u64 position, u64 ready_at, u64 catalogue_version   (big-endian)
 *
 * It is written in the same transaction as the records it speaks of. A snapshot that was
 * interrupted starts over: its pages' cuts would drift too far apart to be worth keeping.
 */
#include "replica/copy.h"

#include "base/buffer.h"
#include "base/localday.h"
#include "ledger/ledger.h"
#include "replica/replica.h"

enum { STATE_BYTES = 41 };

const char *const replica_tables[] = {"ledger", "state", NULL};

static struct slice state_key(void)
{
    return slice_text("state");
}

enum status copy_read_state(struct store_txn *txn, struct copy_state *ret_state)
{
    struct slice value;
    struct copy_state state = {0};
    if (store_get(txn, REPLICA_STATE, state_key(), &value)) {
        struct reader reader = reader_of(value);
        state.phase = (enum copy_phase)reader_u8(&reader);
        state.derivation.fold_version = reader_u32(&reader);
        state.derivation.utc_offset_minutes = (int32_t)reader_u32(&reader);
        state.cut.incarnation = reader_u64(&reader);
        state.cut.position = reader_u64(&reader);
        state.ready_at = reader_u64(&reader);
        state.catalogue_version = reader_u64(&reader);
        if (!reader_done(&reader) || state.phase > COPY_FOLLOWING) {
            return STATUS_CORRUPT;
        }
    }
    if (txn->status == STATUS_OK) {
        *ret_state = state;
    }
    return txn->status;
}

static void put_state(struct store_txn *txn, const struct copy_state *state)
{
    struct buffer buffer;
    buffer_init(&buffer, STATE_BYTES);
    buffer_u8(&buffer, (uint8_t)state->phase);
    buffer_u32(&buffer, state->derivation.fold_version);
    buffer_u32(&buffer, (uint32_t)state->derivation.utc_offset_minutes);
    buffer_u64(&buffer, state->cut.incarnation);
    buffer_u64(&buffer, state->cut.position);
    buffer_u64(&buffer, state->ready_at);
    buffer_u64(&buffer, state->catalogue_version);
    store_put(txn, REPLICA_STATE, state_key(), buffer_slice(&buffer));
    buffer_fini(&buffer);
}

bool copy_has_other_days(const struct copy_state *state)
{
    return state->derivation.fold_version != 0 &&
           state->derivation.utc_offset_minutes != localday_offset_minutes();
}

bool copy_is_ready(const struct copy_state *state)
{
    return state->phase == COPY_FOLLOWING && state->cut.position >= state->ready_at;
}

enum status copy_init(struct copy *copy, struct store *store)
{
    *copy = (struct copy){.store = store};
    struct store_txn txn;
    store_begin_read(store, &txn);
    const enum status status = copy_read_state(&txn, &copy->state);
    store_abort(&txn);
    copy->start_over = copy->state.phase != COPY_FOLLOWING;
    copy->pending = copy->state;
    copy->catalogues = copy->state.catalogue_version;
    return status;
}

void copy_abandon(struct copy *copy)
{
    if (copy->open) {
        store_abort(&copy->txn);
    }
    copy->open = false;
    copy->in_batch = false;
    copy->next_part = 0;
    copy->pending = copy->state;
}

void copy_next_request(struct copy *copy, struct copy_request *ret_request)
{
    hoso__v1__ledger_request__init(&ret_request->message);
    if (copy->start_over || copy->state.phase != COPY_FOLLOWING) {
        Hoso__V1__SnapshotRequest *snapshot = &ret_request->snapshot;
        hoso__v1__snapshot_request__init(snapshot);
        snapshot->after_key.data = copy->after_key;
        snapshot->after_key.len = copy->start_over ? 0 : copy->after_size;
        snapshot->max_bytes = COPY_PAGE_BYTES;
        ret_request->message.body_case = HOSO__V1__LEDGER_REQUEST__BODY_SNAPSHOT;
        ret_request->message.snapshot = snapshot;
        return;
    }
    Hoso__V1__ChangesRequest *changes = &ret_request->changes;
    hoso__v1__changes_request__init(changes);
    hoso__v1__derivation__init(&ret_request->derivation);
    ret_request->derivation.fold_version = copy->state.derivation.fold_version;
    ret_request->derivation.utc_offset_minutes = copy->state.derivation.utc_offset_minutes;
    changes->after_position = copy->pending.cut.position;
    changes->part = copy->next_part;
    changes->max_bytes = COPY_PAGE_BYTES;
    changes->wait_ms = COPY_WAIT_MS;
    changes->derivation = &ret_request->derivation;
    ret_request->message.body_case = HOSO__V1__LEDGER_REQUEST__BODY_CHANGES;
    ret_request->message.changes = changes;
}

static void open_txn(struct copy *copy)
{
    if (!copy->open) {
        store_begin_write(copy->store, &copy->txn);
        copy->open = true;
        copy->txn_bytes = 0;
    }
}

void copy_forget_changes(struct copy *copy)
{
    if (copy->changed != NULL && !copy->in_batch) {
        changed_units_clear(copy->changed);
    }
}

bool copy_is_pending(const struct copy *copy)
{
    return copy->open && !copy->in_batch;
}

enum status copy_commit(struct copy *copy)
{
    if (!copy_is_pending(copy)) {
        return STATUS_OK;
    }
    put_state(&copy->txn, &copy->pending);
    const enum status status = store_commit(&copy->txn);
    copy->open = false;
    if (status == STATUS_OK) {
        copy->state = copy->pending;
        copy->commits++;
    } else {
        copy_abandon(copy);
    }
    return status;
}

static void apply_entry(struct copy *copy, struct store_cursor *cursor,
                        const Hoso__V1__LedgerEntry *entry)
{
    const struct slice key = slice_of(entry->key.data, entry->key.len);
    const struct slice value = slice_of(entry->value.data, entry->value.len);
    if (value.size == 0) {
        store_delete(&copy->txn, REPLICA_LEDGER, key);
    } else {
        store_cursor_put(cursor, key, value);
    }
    if (slice_equal(key, ledger_catalogue_key())) {
        copy->pending.catalogue_version = ++copy->catalogues;
    }
    if (copy->changed != NULL) {
        changed_units_take(copy->changed, key);
    }
    copy->txn_bytes += key.size + value.size;
}

/* Entries come in key order, so the cursor mostly stays on its page. */
static void apply_entries(struct copy *copy, Hoso__V1__LedgerEntry *const *entries, size_t count)
{
    struct store_cursor cursor;
    store_cursor_open(&copy->txn, REPLICA_LEDGER, &cursor);
    for (size_t i = 0; i < count; i++) {
        apply_entry(copy, &cursor, entries[i]);
    }
    store_cursor_close(&cursor);
}

/* Keys that the store would refuse must not reach a transaction. */
static bool entries_fit(Hoso__V1__LedgerEntry *const *entries, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (entries[i]->key.len == 0 || entries[i]->key.len > STORE_KEY_MAX) {
            return false;
        }
    }
    return true;
}

/* The part continues its batch, or begins one that holds our position. */
static bool part_fits(const struct copy *copy, const Hoso__V1__ChangePart *part)
{
    if (copy->in_batch) {
        return part->to_position == copy->batch_to && part->part == copy->next_part;
    }
    const uint64_t position = copy->pending.cut.position;
    return part->part == 0 && part->from_position <= position && position < part->to_position;
}

/* Does the answer hold the end of the batch that begins with this part? */
static bool ends_in(const Hoso__V1__ChangesReply *reply, size_t at)
{
    const uint64_t batch = reply->parts[at]->to_position;
    while (at < reply->n_parts && reply->parts[at]->to_position == batch) {
        if (reply->parts[at++]->last) {
            return true;
        }
    }
    return false;
}

/* A batch whose end is in another answer must be alone in its transaction: if that does not come,
 * only this batch is to be dropped. */
static enum status before_part(struct copy *copy, const Hoso__V1__ChangesReply *reply, size_t at)
{
    return reply->parts[at]->part == 0 && !ends_in(reply, at) ? copy_commit(copy) : STATUS_OK;
}

/* A catalogue decides who may see what, so it is not used before it is committed. */
static enum status after_part(struct copy *copy)
{
    const bool full = copy->txn_bytes >= COPY_COMMIT_BYTES;
    const bool catalogue = copy->pending.catalogue_version != copy->state.catalogue_version;
    return copy->txn.status != STATUS_OK ? copy->txn.status
           : full || catalogue           ? copy_commit(copy)
                                         : STATUS_OK;
}

static void take_part(struct copy *copy, const Hoso__V1__ChangePart *part)
{
    open_txn(copy);
    copy->in_batch = !part->last;
    copy->batch_to = part->to_position;
    copy->next_part = part->last ? 0 : part->part + 1;
    apply_entries(copy, part->entries, part->n_entries);
    if (part->last) {
        copy->pending.cut.position = part->to_position;
        copy->batches++;
    }
}

static enum status reject(struct copy *copy)
{
    copy_abandon(copy);
    return STATUS_CONFLICT;
}

enum status copy_take_changes(struct copy *copy, const Hoso__V1__ChangesReply *reply,
                              bool *ret_moved)
{
    enum status status = STATUS_OK;
    if (reply->cut == NULL || (copy->in_batch && reply->n_parts == 0 && !reply->snapshot_needed)) {
        return reject(copy);
    }
    if (reply->snapshot_needed || reply->cut->incarnation != copy->state.cut.incarnation) {
        copy_abandon(copy);
        copy->start_over = true;
        return STATUS_OK;
    }
    for (size_t i = 0; i < reply->n_parts && status == STATUS_OK; i++) {
        const Hoso__V1__ChangePart *part = reply->parts[i];
        if (!part_fits(copy, part) || !entries_fit(part->entries, part->n_entries)) {
            return reject(copy);
        }
        status = before_part(copy, reply, i);
        if (status == STATUS_OK) {
            take_part(copy, part);
            status = after_part(copy);
        }
        *ret_moved = *ret_moved || part->last;
    }
    if (status != STATUS_OK) {
        copy_abandon(copy);
    }
    return status;
}

/* Without one: fold version 0, of no use. */
static struct derivation derivation_of(const Hoso__V1__SnapshotReply *page)
{
    return page->derivation != NULL ? (struct derivation){page->derivation->fold_version,
                                                          page->derivation->utc_offset_minutes}
                                    : (struct derivation){0};
}

/* The first page empties the copy and fixes the cut from which changes will be applied. */
static void begin_snapshot(struct copy *copy, const Hoso__V1__SnapshotReply *page)
{
    store_clear(&copy->txn, REPLICA_LEDGER);
    copy->pending.phase = COPY_COPYING;
    copy->pending.derivation = derivation_of(page);
    copy->pending.cut = (struct cut){page->cut->incarnation, page->cut->position};
    copy->pending.ready_at = 0;
    copy->pending.catalogue_version = ++copy->catalogues;
    copy->after_size = 0;
    copy->snapshots++;
    if (copy->changed != NULL) {
        copy->changed->snapshot = true;
        copy->changed->all = true;
    }
}

static bool page_fits(const struct copy *copy, const Hoso__V1__SnapshotReply *page)
{
    const struct derivation derivation = derivation_of(page);
    const bool known = derivation.fold_version != 0 ||
                       (page->cut != NULL && page->cut->incarnation == 0); /* nothing yet */
    return page->cut != NULL && known && (page->n_entries != 0 || page->last) &&
           entries_fit(page->entries, page->n_entries) &&
           (copy->start_over || (page->cut->incarnation == copy->state.cut.incarnation &&
                                 derivation_equal(&derivation, &copy->state.derivation)));
}

enum status copy_take_page(struct copy *copy, const Hoso__V1__SnapshotReply *page, bool *ret_moved)
{
    if (!page_fits(copy, page)) {
        copy->start_over = true;
        return reject(copy);
    }
    if (page->cut->incarnation == 0) {
        return STATUS_UNAVAILABLE;
    }
    open_txn(copy);
    if (copy->start_over) {
        begin_snapshot(copy, page);
    }
    apply_entries(copy, page->entries, page->n_entries);
    if (page->last) {
        copy->pending.phase = COPY_FOLLOWING;
        copy->pending.ready_at = page->cut->position;
    }
    const enum status status = copy_commit(copy);
    *ret_moved = status == STATUS_OK;
    if (status == STATUS_OK) {
        copy->start_over = false;
        if (page->n_entries != 0) {
            const ProtobufCBinaryData *key = &page->entries[page->n_entries - 1]->key;
            memcpy(copy->after_key, key->data, key->len);
            copy->after_size = key->len;
        }
    } else {
        copy->start_over = true;
    }
    return status;
}
