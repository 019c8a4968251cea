/* SPDX-License-Identifier: Apache-2.0
 *
 * Intake counts a stretch of its journal at a time; the stretches are added up here.
 */
#include "services/hoso/catalogue/catalogue_uses.h"

#include <stdlib.h>
#include <string.h>

#include "catalogue/catalogue_diff.h"
#include "hoso/v1/publisher.pb-c.h"

struct gathering {
    struct catalogue_uses *uses;
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
                              bool gone_alone, struct arena *arena, struct catalogue_uses *uses)
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

static enum hoso_status count_stretch(struct hoso_client *client, struct catalogue_uses *uses,
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

enum hoso_status catalogue_uses_count(struct hoso_client *client, const struct catalogue *before,
                                      const struct catalogue *after, bool gone_alone,
                                      struct arena *arena, struct catalogue_uses *ret_uses,
                                      struct hoso_error *error)
{
    uint64_t position = 0;
    bool whole = false;
    *ret_uses = (struct catalogue_uses){.tables = {{.ids = NULL}}};
    if (gather_all(before, after, gone_alone, arena, ret_uses) != STATUS_OK) {
        return client_fail(error, HOSO_TOO_LARGE, NULL, "the changes are too many to be counted");
    }
    enum hoso_status status = HOSO_OK;
    while (status == HOSO_OK && !whole) {
        status = count_stretch(client, ret_uses, &position, &whole, error);
    }
    return status;
}
