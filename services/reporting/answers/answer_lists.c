/* SPDX-License-Identifier: Apache-2.0
 *
 * ListForms, ListUnits and GetCatalogue.
 */
#include <string.h>

#include "base/localday.h"
#include "services/reporting/answers/request.h"
#include "services/reporting/server.h"

#define CODE(name) HOSO__V1__ERROR_CODE__ERROR_CODE_##name

static enum status fill_forms(struct request *request, const struct form_set *set,
                              Hoso__V1__ListFormsReply *list)
{
    const bool english = strcmp(request->body->list_forms->lang, "en") == 0;
    Hoso__V1__FormLine *line = arena_array(request->arena, set->count, sizeof *line);
    enum status status = STATUS_OK;
    hoso__v1__list_forms_reply__init(list);
    list->forms = arena_array(request->arena, set->count, sizeof(Hoso__V1__FormLine *));
    if (list->forms == NULL || line == NULL) {
        return STATUS_TOO_LARGE;
    }
    for (unsigned i = 0; i < set->count && status == STATUS_OK; i++, line++) {
        status = form_describe(set->forms[i], english, request->arena, line);
        list->forms[list->n_forms++] = line;
    }
    return status;
}

enum outcome answer_forms(struct request *request)
{
    struct forms *forms = server_options(request->server)->forms;
    const struct form_set *set = forms_begin(forms);
    Hoso__V1__ListFormsReply *list = arena_alloc(request->arena, sizeof *list);
    const enum status status = list != NULL ? fill_forms(request, set, list) : STATUS_TOO_LARGE;
    forms_end(forms, set);
    if (status != STATUS_OK) {
        return request_fail(request, status);
    }
    request->reply->body_case = HOSO__V1__REPORTING_REPLY__BODY_FORMS;
    request->reply->forms = list;
    return REQUEST_ANSWERED;
}

static char *day_text(struct arena *arena, int32_t day, bool open)
{
    char text[DATE_TEXT_SIZE] = "";
    if (!open) {
        localday_format(day, text);
    }
    return arena_string(arena, slice_text(text));
}

static Hoso__V1__Unit *unit_message(struct arena *arena, const struct unit *unit)
{
    Hoso__V1__Unit *message = arena_alloc(arena, sizeof *message);
    if (message == NULL) {
        return NULL;
    }
    hoso__v1__unit__init(message);
    message->id = arena_string(arena, unit->id);
    message->code = arena_string(arena, unit->code);
    message->name = arena_string(arena, unit->name);
    message->name_en = arena_string(arena, unit->name_en);
    message->tier = (Hoso__V1__Tier)unit->tier;
    message->parent = arena_string(arena, unit->parent);
    message->print_order = unit->print_order;
    message->valid_from = day_text(arena, unit->from_day, unit->from_day == INT32_MIN);
    message->valid_to = day_text(arena, unit->to_day - 1, unit->to_day == INT32_MAX);
    message->successors = unit->successors.codes;
    message->n_successors = unit->successors.count;
    message->aliases = unit->aliases.codes;
    message->n_aliases = unit->aliases.count;
    return message;
}

static enum status add_line(struct request *request, const struct unit *unit, uint32_t depth,
                            const struct unit *counted_in, Hoso__V1__ListUnitsReply *list)
{
    Hoso__V1__UnitLine *line = arena_alloc(request->arena, sizeof *line);
    if (line == NULL) {
        return STATUS_TOO_LARGE;
    }
    hoso__v1__unit_line__init(line);
    line->unit = unit_message(request->arena, unit);
    line->depth = depth;
    if (counted_in != NULL) {
        line->counted_in = arena_string(request->arena, counted_in->id);
    }
    list->units[list->n_units++] = line;
    return STATUS_OK;
}

/* The row's own unit and, if all are asked for, what else is counted in it. */
static enum status add_row(struct request *request, const struct scope *scope,
                           const struct scope_row *row, uint32_t depth,
                           Hoso__V1__ListUnitsReply *list)
{
    const bool all = request->body->list_units->all;
    enum status status = STATUS_OK;
    for (uint32_t i = row->unit_first; i < row->unit_end && status == STATUS_OK; i++) {
        const bool own = scope->units[i] == row->unit;
        if (all || (own && row->kind == SCOPE_UNIT)) {
            status = add_line(request, scope->units[i], depth + !own, own ? NULL : row->unit, list);
        }
    }
    return status;
}

static enum status add_subtree(struct request *request, const struct scope *scope, uint32_t at,
                               Hoso__V1__ListUnitsReply *list)
{
    enum status status = STATUS_OK;
    for (uint32_t i = at; i < scope->rows[at].end && status == STATUS_OK; i++) {
        const struct scope_row *row = &scope->rows[i];
        const uint32_t depth = row->unit != NULL ? row->depth - scope->rows[at].depth : 0;
        status = add_row(request, scope, row, depth, list);
    }
    return request->arena->exceeded ? STATUS_TOO_LARGE : status;
}

/* All the asker may see: the whole forest, or the subtrees granted, in the catalogue's order. */
static enum status add_granted(struct request *request, const struct scope *forest,
                               Hoso__V1__ListUnitsReply *list)
{
    const bool all = request_may_see(request, slice_text(""));
    enum status status = STATUS_OK;
    for (uint32_t i = 0; i < forest->count && status == STATUS_OK;) {
        if (all || request_is_granted(request, forest->rows[i].unit)) {
            status = add_subtree(request, forest, i, list);
            i = forest->rows[i].end;
        } else {
            i++;
        }
    }
    return status;
}

static bool find_forest(struct request *request, struct slice root, struct scope *ret_scope)
{
    int32_t day = 0;
    if (!request_day(request, "at", request->body->list_units->at, localday_today(), &day)) {
        return false;
    }
    if (root.size != 0 && !request_unit(request, request->body->list_units->unit)) {
        return false;
    }
    const struct scope_question question = {root, day, day + 1, day, false};
    return request_units(request, &question, ret_scope);
}

enum outcome answer_units(struct request *request)
{
    const struct slice root = slice_text(request->body->list_units->unit);
    Hoso__V1__ListUnitsReply *list = arena_alloc(request->arena, sizeof *list);
    struct scope scope = {0};
    if (list == NULL) {
        return request_fail(request, STATUS_TOO_LARGE);
    }
    hoso__v1__list_units_reply__init(list);
    list->cut = request_cut(request);
    if (request->view->catalogue != NULL) {
        if (!find_forest(request, root, &scope)) {
            return REQUEST_ANSWERED;
        }
        list->units =
            arena_array(request->arena, scope.unit_count + 1U, sizeof(Hoso__V1__UnitLine *));
        enum status status = list->units != NULL ? STATUS_OK : STATUS_TOO_LARGE;
        if (status == STATUS_OK && scope.count != 0) {
            status = root.size != 0 ? add_subtree(request, &scope, 0, list)
                                    : add_granted(request, &scope, list);
        }
        if (status != STATUS_OK) {
            return request_fail(request, status);
        }
    }
    request->reply->body_case = HOSO__V1__REPORTING_REPLY__BODY_UNITS;
    request->reply->units = list;
    return REQUEST_ANSWERED;
}

/* The catalogue goes out as it was published: packed already, it is put into the reply as a field
 * of which protobuf-c knows only the bytes. */
enum outcome answer_catalogue(struct request *request)
{
    enum { CATALOGUE_FIELD = 2 };
    Hoso__V1__GetCatalogueReply *reply = arena_alloc(request->arena, sizeof *reply);
    ProtobufCMessageUnknownField *field = arena_alloc(request->arena, sizeof *field);
    if (reply == NULL || field == NULL) {
        return request_fail(request, STATUS_TOO_LARGE);
    }
    hoso__v1__get_catalogue_reply__init(reply);
    reply->cut = request_cut(request);
    if (request->view->catalogue != NULL) {
        struct buffer bytes;
        buffer_init(&bytes, CATALOGUE_BYTES_MAX + 16);
        buffer_text(&bytes, catalogue_packed(request->view->catalogue));
        const struct slice copy = arena_copy(request->arena, buffer_slice(&bytes));
        buffer_fini(&bytes);
        if (copy.size == 0) {
            return request_fail(request, STATUS_TOO_LARGE);
        }
        *field =
            (ProtobufCMessageUnknownField){CATALOGUE_FIELD, PROTOBUF_C_WIRE_TYPE_LENGTH_PREFIXED,
                                           copy.size, (uint8_t *)(uintptr_t)copy.data};
        reply->base.unknown_fields = field;
        reply->base.n_unknown_fields = 1;
    }
    request->reply->body_case = HOSO__V1__REPORTING_REPLY__BODY_CATALOGUE;
    request->reply->catalogue = reply;
    return REQUEST_ANSWERED;
}
