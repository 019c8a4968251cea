/* SPDX-License-Identifier: Apache-2.0
 *
 * What replicas ask for: changes, part by part, and the snapshot, page by page.
 */
#include "aggregate/tables.h"
#include "services/aggregation/aggregation.h"

static uint32_t page_bytes(uint32_t asked)
{
    const uint32_t bytes = asked != 0 ? asked : PAGE_BYTES_DEFAULT;
    return bytes < PAGE_BYTES_MAX ? bytes : PAGE_BYTES_MAX;
}

/* Entries of a page or part, grown in the arena. */
struct entries {
    struct arena *arena;
    Hoso__V1__LedgerEntry **items;
    size_t count;
    size_t capacity;
    size_t bytes;
};

static bool add_entry(struct entries *entries, struct slice key, struct slice value)
{
    if (entries->count == entries->capacity) {
        const size_t capacity = entries->capacity == 0 ? 256 : entries->capacity * 2;
        Hoso__V1__LedgerEntry **items =
            arena_array(entries->arena, capacity, sizeof(Hoso__V1__LedgerEntry *));
        if (items == NULL) {
            return false;
        }
        if (entries->count != 0) {
            memcpy(items, entries->items, entries->count * sizeof(Hoso__V1__LedgerEntry *));
        }
        entries->items = items;
        entries->capacity = capacity;
    }
    Hoso__V1__LedgerEntry *entry = arena_alloc(entries->arena, sizeof *entry);
    if (entry == NULL) {
        return false;
    }
    hoso__v1__ledger_entry__init(entry);
    entry->key = (ProtobufCBinaryData){key.size, (uint8_t *)(uintptr_t)key.data};
    entry->value = (ProtobufCBinaryData){value.size, (uint8_t *)(uintptr_t)value.data};
    entries->items[entries->count++] = entry;
    entries->bytes += key.size + value.size + 8;
    return true;
}

static enum status part_message(struct answer *answer, const struct change_part *part,
                                Hoso__V1__ChangePart **ret_message)
{
    Hoso__V1__ChangePart *message = arena_alloc(answer->arena, sizeof *message);
    if (message == NULL) {
        return STATUS_TOO_LARGE;
    }
    hoso__v1__change_part__init(message);
    message->from_position = part->from_position;
    message->to_position = part->to_position;
    message->part = part->part;
    message->last = part->last;
    struct entries entries = {.arena = answer->arena};
    struct reader reader = reader_of(part->entries);
    struct slice key;
    struct slice value;
    while (change_next(&reader, &key, &value)) {
        if (!add_entry(&entries, key, value)) {
            return STATUS_TOO_LARGE;
        }
    }
    message->entries = entries.items;
    message->n_entries = entries.count;
    *ret_message = message;
    return reader_done(&reader) ? STATUS_OK : STATUS_CORRUPT;
}

enum { PARTS_MAX = 256 };

/* Fills parts from the cursor's record on, until the page is full. */
static enum status read_log(struct store_cursor *cursor, struct slice key, struct slice value,
                            size_t max_bytes, struct change_part *ret_parts, unsigned *ret_count)
{
    size_t bytes = 0;
    unsigned count = 0;
    bool more = true;
    while (more && count < PARTS_MAX && (count == 0 || bytes + value.size <= max_bytes)) {
        if (!change_parse(key, value, &ret_parts[count])) {
            return STATUS_CORRUPT;
        }
        count++;
        bytes += value.size;
        more = store_cursor_next(cursor, &key, &value);
    }
    *ret_count = count;
    return STATUS_OK;
}

/* A copy of other numbers: nothing that changed here fits to it. */
bool replication_other_derivation(const Hoso__V1__ChangesRequest *request)
{
    const struct derivation ours = aggregate_derivation();
    const Hoso__V1__Derivation *theirs = request->derivation;
    return theirs != NULL && (theirs->fold_version != ours.fold_version ||
                              theirs->utc_offset_minutes != ours.utc_offset_minutes);
}

/* What is committed: from the first part of the batch that follows `after`, or the part asked for;
 * a batch that begins after `after` means that the log does not reach back. */
static enum status find_committed(struct answer *answer, struct change_part *ret_parts,
                                  unsigned *ret_count, bool *ret_snapshot_needed)
{
    const Hoso__V1__ChangesRequest *request = answer->request->changes;
    uint8_t buffer[CHANGE_KEY_SIZE];
    struct store_cursor cursor;
    struct change_part part = {0};
    struct slice key;
    struct slice value;
    enum status status = STATUS_OK;
    store_cursor_open(answer->txn, TABLE_CHANGES, &cursor);
    bool found = store_cursor_seek(&cursor, change_key(request->after_position + 1, 0, buffer),
                                   &key, &value);
    if (found && change_parse(key, value, &part) && request->part != 0) {
        const uint64_t batch = part.to_position;
        found =
            store_cursor_seek(&cursor, change_key(batch, request->part, buffer), &key, &value) &&
            change_parse(key, value, &part) && part.to_position == batch;
    }
    if (found && part.from_position > request->after_position) {
        *ret_snapshot_needed = true;
    } else if (found) {
        status =
            read_log(&cursor, key, value, page_bytes(request->max_bytes), ret_parts, ret_count);
    }
    store_cursor_close(&cursor);
    return status;
}

/* What is committed, else what is only applied: it continues the log. */
static enum status find_changes(struct answer *answer, Hoso__V1__ChangesReply *changes)
{
    const Hoso__V1__ChangesRequest *request = answer->request->changes;
    struct change_part *parts = arena_array(answer->arena, PARTS_MAX, sizeof *parts);
    bool snapshot_needed = replication_other_derivation(request);
    unsigned count = 0;
    enum status status = parts != NULL ? STATUS_OK : STATUS_TOO_LARGE;
    if (status == STATUS_OK && !snapshot_needed) {
        status = find_committed(answer, parts, &count, &snapshot_needed);
    }
    if (status == STATUS_OK && count == 0 && !snapshot_needed) {
        status = aggregate_read_tail(answer->aggregation->aggregate, request->after_position,
                                     request->part, page_bytes(request->max_bytes), answer->arena,
                                     parts, PARTS_MAX, &count);
    }
    changes->parts = arena_array(answer->arena, count + 1U, sizeof(Hoso__V1__ChangePart *));
    status = status_first(status, changes->parts == NULL ? STATUS_TOO_LARGE : STATUS_OK);
    for (unsigned i = 0; status == STATUS_OK && i < count; i++) {
        status = part_message(answer, &parts[i], &changes->parts[i]);
    }
    changes->n_parts = count;
    changes->snapshot_needed = snapshot_needed;
    return status;
}

enum status answer_changes(struct answer *answer)
{
    Hoso__V1__ChangesReply *changes = arena_alloc(answer->arena, sizeof *changes);
    if (changes == NULL) {
        return STATUS_TOO_LARGE;
    }
    hoso__v1__changes_reply__init(changes);
    enum status status = find_changes(answer, changes);
    if (status == STATUS_OK) {
        status =
            cut_message(answer, aggregate_applied(answer->aggregation->aggregate), &changes->cut);
    }
    answer->reply->body_case = HOSO__V1__LEDGER_REPLY__BODY_CHANGES;
    answer->reply->changes = changes;
    return status;
}

/* NULL = arena full. */
static Hoso__V1__Derivation *derivation_message(struct arena *arena)
{
    const struct derivation derivation = aggregate_derivation();
    Hoso__V1__Derivation *message = arena_alloc(arena, sizeof *message);
    if (message != NULL) {
        hoso__v1__derivation__init(message);
        message->fold_version = derivation.fold_version;
        message->utc_offset_minutes = derivation.utc_offset_minutes;
    }
    return message;
}

/* There is nothing to copy yet. */
static enum status answer_nothing_yet(struct answer *answer)
{
    Hoso__V1__SnapshotReply *page = arena_alloc(answer->arena, sizeof *page);
    if (page == NULL) {
        return STATUS_TOO_LARGE;
    }
    hoso__v1__snapshot_reply__init(page);
    page->last = true;
    answer->reply->body_case = HOSO__V1__LEDGER_REPLY__BODY_SNAPSHOT;
    answer->reply->snapshot = page;
    return cut_message(answer, (struct cut){0}, &page->cut);
}

enum status answer_snapshot(struct answer *answer)
{
    if (still_counting(answer)) {
        return answer_nothing_yet(answer);
    }
    const Hoso__V1__SnapshotRequest *request = answer->request->snapshot;
    const struct slice after = slice_of(request->after_key.data, request->after_key.len);
    const uint32_t max_bytes = page_bytes(request->max_bytes);
    Hoso__V1__SnapshotReply *page = arena_alloc(answer->arena, sizeof *page);
    if (page == NULL) {
        return STATUS_TOO_LARGE;
    }
    if (after.size > STORE_KEY_MAX) {
        return error_set(answer->error, STATUS_INVALID, "snapshot.after_key: longer than %d bytes",
                         STORE_KEY_MAX);
    }
    hoso__v1__snapshot_reply__init(page);
    struct cut cut = aggregate_read_cut(answer->txn);
    if (cut.position == 0) { /* nothing is stored, but whose beginning it is may be known */
        cut.incarnation = aggregate_cut(answer->aggregation->aggregate).incarnation;
    }
    enum status status = cut_message(answer, cut, &page->cut);
    page->derivation = derivation_message(answer->arena);
    status = page->derivation != NULL ? status : STATUS_TOO_LARGE;
    struct entries entries = {.arena = answer->arena};
    struct store_cursor cursor;
    struct slice key;
    struct slice value;
    store_cursor_open(answer->txn, TABLE_LEDGER, &cursor);
    bool more = after.size == 0 ? store_cursor_first(&cursor, &key, &value)
                                : store_cursor_seek(&cursor, after, &key, &value);
    if (more && after.size != 0 && slice_equal(key, after)) {
        more = store_cursor_next(&cursor, &key, &value);
    }
    while (status == STATUS_OK && more && (entries.count == 0 || entries.bytes < max_bytes)) {
        status = add_entry(&entries, key, value) ? STATUS_OK : STATUS_TOO_LARGE;
        more = store_cursor_next(&cursor, &key, &value);
    }
    store_cursor_close(&cursor);
    page->entries = entries.items;
    page->n_entries = entries.count;
    page->last = !more;
    answer->reply->body_case = HOSO__V1__LEDGER_REPLY__BODY_SNAPSHOT;
    answer->reply->snapshot = page;
    return status;
}
