/* SPDX-License-Identifier: Apache-2.0 */
#include "services/reporting/answers/closed.h"

#include <inttypes.h>
#include <stdlib.h>

#include "base/localday.h"
#include "services/reporting/server.h"

#define CODE(name) HOSO__V1__ERROR_CODE__ERROR_CODE_##name

/* By number, or the latest that covers the unit up to the day. */
static bool find(struct request *request, int32_t number, struct slice unit, int32_t last_day,
                 struct ledger_close *ret_close)
{
    struct store_txn *txn = &request->copy.txn;
    if (number > 0) {
        return ledger_close_get(txn, REPLICA_LEDGER, (uint32_t)number, ret_close);
    }
    bool found = ledger_close_previous(txn, REPLICA_LEDGER, UINT32_MAX, ret_close);
    while (found && (ret_close->last_day < last_day || !ledger_close_covers(ret_close, unit))) {
        found = ledger_close_previous(txn, REPLICA_LEDGER, ret_close->number, ret_close);
    }
    return found;
}

static bool refuse(struct request *request, int32_t number, const char *unit, const char *last_day)
{
    if (number > 0) {
        (void)request_refuse(request, CODE(NOT_FOUND), "as_closed",
                             "close %" PRId32
                             " does not cover unit %.64s up to %.20s: `hoso period "
                             "list` shows what was closed",
                             number, unit, last_day);
    } else {
        (void)request_refuse(
            request, CODE(NOT_FOUND), "as_closed",
            "no close covers unit %.64s up to %.20s: `hoso period list` shows what "
            "was closed, `hoso period close` closes",
            unit, last_day);
    }
    return false;
}

bool closed_find(struct request *request, int32_t number, const char *unit,
                 const Hoso__V1__Period *period, struct ledger_close *ret_close)
{
    const struct slice id = slice_text(unit);
    int32_t last_day = 0;
    if (number < -1) {
        (void)request_refuse(request, CODE(INVALID), "as_closed",
                             "%" PRId32 " is no close: give its number, or -1 for the latest",
                             number);
        return false;
    }
    if (period == NULL || !localday_parse(slice_text(period->to), &last_day)) {
        (void)request_refuse(request, CODE(INVALID), "period.to", "give the period's last day");
        return false;
    }
    if (request->view->catalogue == NULL) { /* so nothing was closed */
        return refuse(request, number, unit, period->to);
    }
    if (!request_may_see(request, id)) {
        (void)request_refuse(request, CODE(DENIED), "unit", "\"%s\" has no right to unit %.64s",
                             request->from->user, unit);
        return false;
    }
    if (!find(request, number, id, last_day, ret_close)) {
        return refuse(request, number, unit, period->to);
    }
    if (ret_close->last_day < last_day || !ledger_close_covers(ret_close, id)) {
        return refuse(request, (int32_t)ret_close->number, unit, period->to);
    }
    return true;
}

static int by_text(const void *a, const void *b)
{
    return slice_compare(*(const struct slice *)a, *(const struct slice *)b);
}

/* A unit of the scope that the close does not cover; NULL = none. */
static const struct unit *find_uncovered(struct request *request, const struct ledger_close *close,
                                         const struct scope *scope)
{
    struct reader reader = reader_of(close->units);
    struct slice *ids = arena_array(request->arena, close->unit_count + 1U, sizeof *ids);
    for (uint32_t i = 0; ids != NULL && i < close->unit_count; i++) {
        ids[i] = reader_text(&reader);
    }
    for (uint32_t i = 0; i < scope->unit_count; i++) {
        if (ids == NULL ||
            bsearch(&scope->units[i]->id, ids, close->unit_count, sizeof *ids, by_text) == NULL) {
            return scope->units[i];
        }
    }
    return NULL;
}

static bool looks_ahead(const struct form *form)
{
    for (unsigned i = 0; i < form->figure_count; i++) {
        for (unsigned k = 0; k < form->figures[i].value.count; k++) {
            if (form->figures[i].value.terms[k].days != 0) {
                return true;
            }
        }
    }
    return false;
}

bool closed_holds(struct request *request, const struct ledger_close *close,
                  const struct report_scope *scope)
{
    const struct unit *uncovered = find_uncovered(request, close, &scope->units);
    if (uncovered != NULL) {
        (void)request_refuse(request, CODE(INVALID), "as_closed",
                             "close %" PRIu32
                             " does not cover unit %.*s, which this report counts: "
                             "close the period again",
                             close->number, SLICE_ARG(uncovered->id));
        return false;
    }
    if (looks_ahead(scope->form)) {
        (void)request_refuse(
            request, CODE(INVALID), "as_closed",
            "form %s counts days after the period, which no close holds: ask for it "
            "as it is now",
            scope->form->id);
        return false;
    }
    return true;
}

bool closed_enter(struct request *request, const struct ledger_close *close)
{
    struct slice packed;
    struct error error;
    request->copy.cut.position = close->position;
    if (!store_get(&request->copy.txn, REPLICA_LEDGER, close->catalogue_key, &packed)) {
        (void)request_fail(request, status_first(request->copy.txn.status, STATUS_CORRUPT));
        return false;
    }
    if (slice_equal(packed, catalogue_packed(request->copy.catalogue))) {
        return true;
    }
    const enum status status = catalogue_parse(packed, &request->closed_catalogue, &error);
    if (status != STATUS_OK) {
        (void)request_fail(request, status);
        return false;
    }
    request->copy.catalogue = request->closed_catalogue;
    return true;
}

void closed_leave(struct request *request)
{
    catalogue_free(request->closed_catalogue);
    request->closed_catalogue = NULL;
}

Hoso__V1__ClosedPeriod *closed_message(struct request *request, const struct ledger_close *close)
{
    struct arena *arena = request->arena;
    char day[DATE_TEXT_SIZE];
    const struct unit *unit =
        catalogue_unit(request->view->catalogue, close->unit, close->last_day);
    Hoso__V1__ClosedPeriod *message = arena_alloc(arena, sizeof *message);
    if (message == NULL) {
        return NULL;
    }
    if (unit == NULL) {
        unit = catalogue_unit_before(request->view->catalogue, close->unit, close->last_day);
    }
    localday_format(close->last_day, day);
    hoso__v1__closed_period__init(message);
    message->number = close->number;
    message->unit = arena_string(arena, close->unit);
    message->unit_name = arena_string(arena, unit != NULL ? unit->name : slice_text(""));
    message->to = arena_string(arena, slice_text(day));
    message->label = arena_string(arena, close->label);
    message->by = arena_string(arena, close->by);
    message->closed_at = close->closed_at_ms;
    message->position = close->position;
    return arena->exceeded ? NULL : message;
}
