/* SPDX-License-Identifier: Apache-2.0
 *
 * The life of the dossiers with one code: their histories, folded, said event by event and day by
 * day. One key is read in each space that there is, and one history folded for each dossier.
 */
#include <stdlib.h>

#include "aggregate/history.h"
#include "aggregate/tables.h"
#include "base/localday.h"
#include "event/event_wire.h"
#include "services/aggregation/page.h"

enum { LIVES_MAX = 64 };

struct life_answer {
    struct answer *answer;
    struct slice space, code;
    struct history history;
    struct fold_result result;
    Hoso__V1__LifeEvent *lines; /* by place in the history */
    Hoso__V1__DossierLife *message;
};

static int by_text(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

/* Did one of the units that were asked about ever have it? */
static bool is_visible(const struct life_answer *life)
{
    const Hoso__V1__ReadDossierRequest *request = life->answer->request->read_dossier;
    bool visible = request->all;
    for (unsigned i = 0; i < life->history.count && !visible; i++) {
        const struct slice unit = event_unit(&life->history.events[i].event);
        const char *text = arena_string(life->answer->arena, unit);
        visible = unit.size != 0 && text != NULL && request->n_units != 0 &&
                  bsearch(&text, request->units, request->n_units, sizeof *request->units,
                          by_text) != NULL;
    }
    return visible;
}

/* Which events take no effect, and why (counting rules §3). */
static void find_fates(struct life_answer *life)
{
    const struct history *history = &life->history;
    for (unsigned i = 0; i < history->count; i++) {
        life->lines[i].effective = true;
    }
    for (unsigned i = 0; i < life->result.finding_count; i++) {
        const struct finding *finding = &life->result.findings[i];
        Hoso__V1__LifeEvent *line = &life->lines[finding->event - history->events];
        const bool counts =
            finding->kind == FINDING_RESULT_IMPLIED || finding->kind == FINDING_UNIT_NOT_VALID;
        if (line->effective || !counts) { /* why it counts nothing matters more */
            line->finding = (Hoso__V1__FindingKind)finding->kind;
        }
        line->effective = line->effective && counts;
    }
    for (unsigned i = 0; i < history->count; i++) {
        const struct history_event *event = &history->events[i];
        if (event->event.kind != KIND_VOIDED || !life->lines[i].effective) {
            continue;
        }
        const struct history_event sought = {.event.event_id = event->event.voids,
                                             .source = event->source};
        const struct history_event *voided = history_find(history, &sought);
        if (voided != NULL) {
            Hoso__V1__LifeEvent *line = &life->lines[voided - history->events];
            line->voided = true;
            line->effective = false;
        }
    }
}

static int by_effect(const void *a, const void *b)
{
    const struct history_event *x = *(const struct history_event *const *)a;
    const struct history_event *y = *(const struct history_event *const *)b;
    int order = (x->event.occurred_at_ms > y->event.occurred_at_ms) -
                (x->event.occurred_at_ms < y->event.occurred_at_ms);
    order = order != 0 ? order : (int)x->event.kind - (int)y->event.kind;
    order = order != 0 ? order : slice_compare(x->source, y->source);
    return order != 0 ? order : slice_compare(x->event.event_id, y->event.event_id);
}

static enum status put_event(struct life_answer *life, const struct history_event *event)
{
    struct arena *arena = life->answer->arena;
    Hoso__V1__LifeEvent *line = &life->lines[event - life->history.events];
    line->event = arena_alloc(arena, sizeof *line->event);
    line->source = arena_string(arena, event->source);
    line->position = event->position;
    life->message->events[life->message->n_events++] = line;
    return line->event != NULL ? event_to_wire(&event->event, arena, line->event)
                               : STATUS_TOO_LARGE;
}

/* The events in the order of effect. */
static enum status put_events(struct life_answer *life)
{
    struct arena *arena = life->answer->arena;
    const unsigned count = life->history.count;
    const struct history_event **order = arena_array(arena, count + 1U, sizeof *order);
    life->lines = arena_array(arena, count + 1U, sizeof *life->lines);
    life->message->events = arena_array(arena, count + 1U, sizeof(Hoso__V1__LifeEvent *));
    if (order == NULL || life->lines == NULL || life->message->events == NULL) {
        return STATUS_TOO_LARGE;
    }
    for (unsigned i = 0; i < count; i++) {
        hoso__v1__life_event__init(&life->lines[i]);
        order[i] = &life->history.events[i];
    }
    find_fates(life);
    qsort(order, count, sizeof *order, by_effect);
    enum status status = STATUS_OK;
    for (unsigned i = 0; i < count && status == STATUS_OK; i++) {
        status = put_event(life, order[i]);
    }
    return status;
}

static int by_cell(const void *a, const void *b)
{
    const struct amount *x = a;
    const struct amount *y = b;
    int order = (x->day > y->day) - (x->day < y->day);
    order = order != 0 ? order : slice_compare(x->unit, y->unit);
    order = order != 0 ? order : (int)x->measure - (int)y->measure;
    order = order != 0 ? order : (int)x->slot - (int)y->slot;
    order = order != 0 ? order : slice_compare(x->procedure, y->procedure);
    return order != 0 ? order : slice_compare(x->field, y->field);
}

static enum status put_count(struct life_answer *life, const struct amount *amount, int64_t sum)
{
    struct arena *arena = life->answer->arena;
    Hoso__V1__LifeCount *line = arena_alloc(arena, sizeof *line);
    char day[DATE_TEXT_SIZE];
    if (line == NULL) {
        return STATUS_TOO_LARGE;
    }
    localday_format(amount->day, day);
    hoso__v1__life_count__init(line);
    line->day = arena_string(arena, slice_text(day));
    line->unit = arena_string(arena, amount->unit);
    line->procedure = arena_string(arena, amount->procedure);
    line->field = arena_string(arena, amount->field);
    line->measure = arena_string(arena, slice_text(measure_name((enum measure)amount->measure)));
    line->amount = sum;
    if (amount->procedure.size == 0) { /* of a petition */
        line->petition_class = (Hoso__V1__PetitionClass)amount->slot;
    } else {
        line->channel = (Hoso__V1__Channel)channel_of_slot(amount->slot);
        line->service_level = (Hoso__V1__ServiceLevel)level_of_slot(amount->slot);
    }
    life->message->counts[life->message->n_counts++] = line;
    return arena->exceeded ? STATUS_TOO_LARGE : STATUS_OK;
}

/* What names the same cell, day and measure is one line, and none if it comes to nothing. */
static enum status put_counts(struct life_answer *life)
{
    struct amount *amounts = life->result.amounts;
    const unsigned count = life->result.amount_count;
    enum status status = STATUS_OK;
    life->message->counts =
        arena_array(life->answer->arena, count + 1U, sizeof(Hoso__V1__LifeCount *));
    if (life->message->counts == NULL) {
        return STATUS_TOO_LARGE;
    }
    qsort(amounts, count, sizeof *amounts, by_cell);
    for (unsigned i = 0; i < count && status == STATUS_OK;) {
        const unsigned first = i;
        int64_t sum = 0;
        for (; i < count && by_cell(&amounts[first], &amounts[i]) == 0; i++) {
            sum += amounts[i].delta;
        }
        status = sum != 0 ? put_count(life, &amounts[first], sum) : STATUS_OK;
    }
    return status;
}

static void put_standing(struct life_answer *life)
{
    const struct fold_result *result = &life->result;
    const struct dossier_standing *standing =
        result->dossier.state != OPEN_NONE ? &result->dossier : &result->petition;
    struct arena *arena = life->answer->arena;
    Hoso__V1__DossierLife *message = life->message;
    message->state = (Hoso__V1__DossierState)standing->state;
    message->due = standing->state != OPEN_NONE ? day_text(arena, standing->due_day) : message->due;
    message->unit = arena_string(arena, result->unit);
    message->procedure = arena_string(arena, standing->procedure);
    message->field = arena_string(arena, standing->field);
}

/* Events that found no way into the history. */
static enum status put_outside(struct life_answer *life)
{
    static const enum finding_kind kinds[] = {FINDING_CONFLICTING, FINDING_OVER_LIMIT};
    Hoso__V1__QualityPage page = HOSO__V1__QUALITY_PAGE__INIT;
    enum status status = STATUS_OK;
    page.findings = arena_array(life->answer->arena, SCAN_LIMIT_MAX, sizeof(Hoso__V1__Finding *));
    if (page.findings == NULL) {
        return STATUS_TOO_LARGE;
    }
    for (unsigned i = 0; i < sizeof kinds / sizeof *kinds && status == STATUS_OK; i++) {
        const struct finding_line first = {
            .kind = kinds[i], .space = life->space, .dossier = life->code};
        status = findings_of(life->answer, &first, &page);
    }
    life->message->outside = page.findings;
    life->message->n_outside = page.n_findings;
    return status;
}

static enum status fill_life(struct life_answer *life)
{
    enum status status = put_events(life);
    if (status == STATUS_OK) {
        put_standing(life);
        status = put_counts(life);
    }
    if (status == STATUS_OK) {
        status = put_outside(life);
    }
    life->message->dossier = arena_string(life->answer->arena, life->code);
    life->message->space = arena_string(life->answer->arena, life->space);
    return life->answer->arena->exceeded ? STATUS_TOO_LARGE : status;
}

static enum status add_life(struct life_answer *life, struct slice dossier, struct slice stored,
                            Hoso__V1__DossierLives *lives)
{
    struct arena *arena = life->answer->arena;
    enum status status = history_decode(dossier, stored, 1, arena, &life->history);
    if (status != STATUS_OK || !is_visible(life)) {
        return status;
    }
    life->message = lives->n_lives < LIVES_MAX ? arena_alloc(arena, sizeof *life->message) : NULL;
    if (life->message == NULL) {
        return STATUS_TOO_LARGE;
    }
    hoso__v1__dossier_life__init(life->message);
    status = fold(life->history.events, life->history.count, arena, &life->result);
    lives->lives[lives->n_lives++] = life->message;
    return status == STATUS_OK ? fill_life(life) : status;
}

static enum status look_into(struct answer *answer, struct slice space,
                             Hoso__V1__DossierLives *lives)
{
    uint8_t buffer[DOSSIER_KEY_MAX];
    struct slice stored;
    enum status status = STATUS_OK;
    struct life_answer life = {.answer = answer,
                               .space = arena_copy(answer->arena, space),
                               .code = slice_text(answer->request->read_dossier->dossier)};
    if (life.space.size == 0) {
        return STATUS_TOO_LARGE;
    }
    const struct slice dossier = dossier_key(life.space, life.code, buffer);
    if (store_get(answer->txn, TABLE_DOSSIERS, dossier, &stored)) {
        status = add_life(&life, dossier, stored, lives);
    }
    return status;
}

/* One look-up in each space, from one to the next. */
static enum status add_lives(struct answer *answer, Hoso__V1__DossierLives *lives)
{
    struct store_cursor cursor;
    struct slice key;
    struct slice stored;
    struct slice space;
    struct slice code;
    uint8_t next[DOSSIER_KEY_MAX] = {0};
    size_t size = 1;
    enum status status = STATUS_OK;
    store_cursor_open(answer->txn, TABLE_DOSSIERS, &cursor);
    while (status == STATUS_OK && store_cursor_seek(&cursor, slice_of(next, size), &key, &stored)) {
        if (!dossier_parse(key, &space, &code)) {
            status = STATUS_CORRUPT;
            break;
        }
        memcpy(next, space.data, space.size);
        next[space.size] = 1; /* behind all of this space, whose keys have a 0 there */
        size = space.size + 1;
        status = look_into(answer, space, lives);
    }
    store_cursor_close(&cursor);
    return status;
}

enum status answer_life(struct answer *answer)
{
    const Hoso__V1__ReadDossierRequest *request = answer->request->read_dossier;
    const struct slice dossier = slice_text(request->dossier);
    if (dossier.size == 0 || dossier.size > EVENT_ID_MAX || request->n_units > SCAN_UNITS_MAX) {
        return error_set(answer->error, STATUS_INVALID,
                         "read_dossier: a code of 1 to %d bytes and at most %d units", EVENT_ID_MAX,
                         SCAN_UNITS_MAX);
    }
    Hoso__V1__DossierLives *lives = arena_alloc(answer->arena, sizeof *lives);
    if (lives == NULL) {
        return STATUS_TOO_LARGE;
    }
    hoso__v1__dossier_lives__init(lives);
    lives->lives = arena_array(answer->arena, LIVES_MAX, sizeof(Hoso__V1__DossierLife *));
    enum status status = cut_message(answer, aggregate_read_cut(answer->txn), &lives->cut);
    if (request->n_units != 0) {
        qsort(request->units, request->n_units, sizeof *request->units, by_text);
    }
    if (status == STATUS_OK) {
        status = lives->lives != NULL ? add_lives(answer, lives) : STATUS_TOO_LARGE;
    }
    answer->reply->body_case = HOSO__V1__LEDGER_REPLY__BODY_LIVES;
    answer->reply->lives = lives;
    return status;
}
