/* SPDX-License-Identifier: Apache-2.0
 *
 * Intake counts a stretch of its journal at a time; the stretches are added up here.
 */
#include "replacing/replacing.h"

#include <inttypes.h>

#include <stdlib.h>
#include <string.h>

#include "catalogue/catalogue_diff.h"
#include "hoso/v1/publisher.pb-c.h"

struct gathering {
    struct replacing_uses *uses;
    struct arena *arena;
    size_t room[USES_TABLES];
    bool gone_alone;
};

static unsigned table_of(const char *name)
{
    return strcmp(name, "units") == 0    ? USES_UNITS
           : strcmp(name, "fields") == 0 ? USES_FIELDS
                                         : USES_PROCEDURES;
}

/* The changes of one id follow each other. */
static void gather(void *context, const struct catalogue_change *change)
{
    struct gathering *gathering = context;
    const unsigned table = table_of(change->table);
    char **ids = gathering->uses->tables[table].ids;
    size_t *count = &gathering->uses->tables[table].count;
    const bool known = *count != 0 && ids[*count - 1] != NULL &&
                       slice_equal(slice_text(ids[*count - 1]), change->id);
    const bool wanted =
        gathering->gone_alone ? change->kind == CHANGE_GONE : change->kind != CHANGE_NEW;
    if (wanted && !known && *count < gathering->room[table]) {
        ids[(*count)++] = arena_string(gathering->arena, change->id);
    }
}

static int by_text(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

static enum status gather_all(const struct catalogue *before, const struct catalogue *after,
                              bool gone_alone, struct arena *arena, struct replacing_uses *uses)
{
    uint32_t fields = 0;
    uint32_t procedures = 0;
    (void)catalogue_fields(before, &fields);
    (void)catalogue_procedures(before, &procedures);
    struct gathering gathering = {
        uses, arena, {catalogue_unit_count(before), fields, procedures}, gone_alone};
    for (unsigned i = 0; i < USES_TABLES; i++) {
        const size_t room = gathering.room[i] + 1;
        uses->tables[i].ids = arena_array(arena, room, sizeof(char *));
        uses->tables[i].events = arena_array(arena, room, sizeof(uint64_t));
    }
    if (arena->exceeded) {
        return STATUS_TOO_LARGE;
    }
    const enum status status = catalogue_diff(before, after, arena, gather, &gathering);
    if (status != STATUS_OK || arena->exceeded) {
        return STATUS_TOO_LARGE;
    }
    for (unsigned i = 0; i < USES_TABLES; i++) {
        qsort(uses->tables[i].ids, uses->tables[i].count, sizeof(char *), by_text);
    }
    return STATUS_OK;
}

static bool add(uint64_t *sums, size_t count, const uint64_t *more, size_t more_count)
{
    for (size_t i = 0; i < count && count == more_count; i++) {
        sums[i] += more[i];
    }
    return count == more_count;
}

static enum hoso_status count_stretch(struct hoso_client *client, struct replacing_uses *uses,
                                      uint64_t *position, bool *ret_whole, struct hoso_error *error)
{
    struct arena arena;
    ProtobufCMessage *body = NULL;
    Hoso__V1__CountUsesRequest count = HOSO__V1__COUNT_USES_REQUEST__INIT;
    Hoso__V1__IntakeRequest request = HOSO__V1__INTAKE_REQUEST__INIT;
    count.units = uses->tables[USES_UNITS].ids;
    count.n_units = uses->tables[USES_UNITS].count;
    count.fields = uses->tables[USES_FIELDS].ids;
    count.n_fields = uses->tables[USES_FIELDS].count;
    count.procedures = uses->tables[USES_PROCEDURES].ids;
    count.n_procedures = uses->tables[USES_PROCEDURES].count;
    count.after_position = *position;
    request.body_case = HOSO__V1__INTAKE_REQUEST__BODY_COUNT_USES;
    request.count_uses = &count;
    const struct call call = {.peer = PEER_INTAKE,
                              .request = &request.base,
                              .reply = &hoso__v1__intake_reply__descriptor,
                              .expect = HOSO__V1__INTAKE_REPLY__BODY_COUNT_USES};
    arena_init(&arena, CLIENT_REPLY_BYTES);
    enum hoso_status status = client_call(client, &call, &arena, &body, error);
    if (status == HOSO_OK) {
        const Hoso__V1__CountUsesReply *reply = (const Hoso__V1__CountUsesReply *)body;
        const bool good =
            reply->cut != NULL &&
            (reply->position > *position || reply->position == reply->cut->position) &&
            add(uses->tables[USES_UNITS].events, count.n_units, reply->units, reply->n_units) &&
            add(uses->tables[USES_FIELDS].events, count.n_fields, reply->fields, reply->n_fields) &&
            add(uses->tables[USES_PROCEDURES].events, count.n_procedures, reply->procedures,
                reply->n_procedures);
        *ret_whole = good && reply->position >= reply->cut->position;
        *position = reply->position;
        status = good ? HOSO_OK
                      : client_fail(error, HOSO_INTERNAL, NULL, "intake counted something else");
    }
    arena_fini(&arena);
    return status;
}

enum hoso_status replacing_count_uses(struct hoso_client *client, const struct catalogue *before,
                                      const struct catalogue *after, bool gone_alone,
                                      struct arena *arena, struct replacing_uses *ret_uses,
                                      struct hoso_error *error)
{
    uint64_t position = 0;
    bool whole = false;
    *ret_uses = (struct replacing_uses){.tables = {{.ids = NULL}}};
    if (gather_all(before, after, gone_alone, arena, ret_uses) != STATUS_OK) {
        return client_fail(error, HOSO_TOO_LARGE, NULL, "the changes are too many to be counted");
    }
    enum hoso_status status = HOSO_OK;
    while (status == HOSO_OK && !whole) {
        status = count_stretch(client, ret_uses, &position, &whole, error);
    }
    return status;
}

static const char *const table_names[USES_TABLES] = {"units", "fields", "procedures"};

static int by_id(const void *sought, const void *element)
{
    const struct slice *id = sought;
    return slice_compare(*id, slice_text(*(char *const *)element));
}

bool replacing_events_of(void *context, const char *table, struct slice id, uint64_t *ret_events)
{
    const struct replacing_uses *uses = context;
    const unsigned at = table_of(table);
    char *const *found = bsearch(&id, uses->tables[at].ids, uses->tables[at].count,
                                 sizeof *uses->tables[at].ids, by_id);
    if (found != NULL) {
        *ret_events = uses->tables[at].events[found - uses->tables[at].ids];
    }
    return found != NULL;
}

static enum hoso_status show_unused(struct hoso_client *client, const struct catalogue *before,
                                    const struct catalogue *after, struct buffer *named,
                                    struct hoso_error *error)
{
    struct arena arena;
    struct replacing_uses uses;
    arena_init(&arena, (size_t)CATALOGUE_BYTES_MAX * 8);
    enum hoso_status status =
        replacing_count_uses(client, before, after, true, &arena, &uses, error);
    const bool counted = status == HOSO_OK;
    for (unsigned i = 0; i < USES_TABLES && counted; i++) {
        for (size_t k = 0; k < uses.tables[i].count; k++) {
            const uint64_t events = uses.tables[i].events[k];
            if (events != 0) {
                buffer_printf(named, "%s: %s is gone, but %" PRIu64 " events name it\n",
                              table_names[i], uses.tables[i].ids[k], events);
                status = HOSO_CONFLICT;
            }
        }
    }
    arena_fini(&arena);
    return status == HOSO_CONFLICT
               ? client_fail(error, HOSO_CONFLICT, NULL,
                             "nothing was changed; keep the rows that events name and end their "
                             "validity")
               : status;
}

enum hoso_status replacing_put(struct hoso_client *client, const struct catalogue *before,
                               const struct catalogue *after, struct hoso_cut *ret_cut,
                               struct buffer *named, struct hoso_error *error)
{
    const struct slice packed = catalogue_packed(after);
    struct error gone;
    enum hoso_status status = hoso_catalogue_put(client, packed.data, packed.size, ret_cut, error);
    if (status == HOSO_INVALID && before != NULL &&
        catalogue_may_replace(before, after, &gone) != STATUS_OK) {
        status = show_unused(client, before, after, named, error);
        if (status == HOSO_OK) {
            status = hoso_catalogue_put(client, packed.data, packed.size, ret_cut, error);
        }
    }
    return status;
}
