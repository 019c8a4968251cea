/* SPDX-License-Identifier: Apache-2.0
 *
 * Lives of dossiers, many at once, in the order of time. Every open dossier has one entry in a
 * heap: when its next event happens and what that is. So memory follows the number of open
 * dossiers, not of events.
 */
#include "services/hoso/simulate/simulate_random.h"

#include <poll.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/localday.h"
#include "event/event_json.h"

enum { HEAP_MAX = 4 << 20, HEAP_MIN = 1024 };

/* Per cent of dossiers that take each branch. */
enum {
    ONLINE = 68,
    POSTAL = 4,
    DIGITISED = 60,
    PETITION = 1,
    REFUSED = 4, /* of what is submitted */
    SUPPLEMENT = 8,
    PAYMENT = 12,
    TRANSFER = 2,
    EXTENDED = 2,
    RETURNED = 3,
    WITHDRAWN = 2,
    RESULT_DIGITISED = 35,
    COLLECTED = 93,
    FOREIGN = 3,
    BUSINESS = 25 /* of petitions */
};

enum { EXTENSION_DAYS = 5 };

static bool grow(struct lives *lives)
{
    if (lives->count < lives->capacity) {
        return true;
    }
    const size_t capacity = lives->capacity != 0 ? lives->capacity * 2 : HEAP_MIN;
    struct life *heap =
        capacity <= HEAP_MAX ? reallocarray(lives->heap, capacity, sizeof *heap) : NULL;
    if (heap == NULL) {
        lives->failed = true;
        return false;
    }
    lives->heap = heap;
    lives->capacity = capacity;
    return true;
}

static bool before(const struct life *a, const struct life *b)
{
    return a->at_ms != b->at_ms ? a->at_ms < b->at_ms : a->serial < b->serial;
}

static void push(struct lives *lives, const struct life *life)
{
    if (!grow(lives)) {
        return;
    }
    size_t at = lives->count++;
    while (at != 0 && before(life, &lives->heap[(at - 1) / 2])) {
        lives->heap[at] = lives->heap[(at - 1) / 2];
        at = (at - 1) / 2;
    }
    lives->heap[at] = *life;
}

static struct life pop(struct lives *lives)
{
    const struct life first = lives->heap[0];
    const struct life last = lives->heap[--lives->count];
    size_t at = 0;
    for (;;) {
        size_t child = 2 * at + 1;
        if (child >= lives->count) {
            break;
        }
        if (child + 1 < lives->count && before(&lives->heap[child + 1], &lives->heap[child])) {
            child++;
        }
        if (before(&last, &lives->heap[child])) {
            break;
        }
        lives->heap[at] = lives->heap[child];
        at = child;
    }
    lives->heap[at] = last;
    return first;
}

static bool chance(struct life *life, uint32_t percent)
{
    return random_chance(&life->random, percent);
}

/* The next event comes after up to `days` working days. */
static void later(struct life *life, enum event_kind kind, uint32_t days)
{
    const int32_t today = localday_of_ms(life->at_ms);
    const int32_t day = day_after(today, days != 0 ? random_below(&life->random, days + 1) : 0);
    life->at_ms = moment_on(&life->random, day, life->at_ms);
    life->kind = kind;
}

/* As unequal as real ones (Zipf, exponent 1), in integers: the first, the next two, the next four
 * and so on have the same share. */
static uint32_t draw_unequal(struct random *random, uint32_t count)
{
    uint32_t octaves = 0;
    while (count >> octaves != 0) {
        octaves++;
    }
    const uint32_t before = (UINT32_C(1) << random_below(random, octaves)) - 1;
    const uint32_t drawn = before + random_below(random, before + 1);
    return drawn < count ? drawn : random_below(random, count);
}

static void place(const struct lives_options *options, struct life *life)
{
    /* Half of all dossiers concern the more usual quarter of the procedures. */
    const uint32_t usual = options->procedure_count / 4 + 1;
    const bool unequal = options->unequal;
    const bool common = chance(life, 50);
    const uint32_t among =
        common && usual < options->procedure_count ? usual : options->procedure_count;
    life->unit = (uint16_t)(unequal && common ? draw_unequal(&life->random, options->unit_count)
                                              : random_below(&life->random, options->unit_count));
    life->procedure = (uint16_t)(unequal ? draw_unequal(&life->random, options->procedure_count)
                                         : random_below(&life->random, among));
}

static void born(struct lives *lives, struct life *life)
{
    const struct lives_options *options = lives->options;
    life->random.state = options->seed ^ (lives->born * UINT64_C(0xD1342543DE82EF95));
    life->serial = lives->born++;
    const uint64_t day =
        life->serial * options->days / (lives->dossiers != 0 ? lives->dossiers : 1);
    const int32_t working = day_after(options->first_day + (int32_t)(day < 36500 ? day : 36500), 0);
    place(options, life);
    const bool online = chance(life, ONLINE);
    life->channel = online                 ? CHANNEL_ONLINE
                    : chance(life, POSTAL) ? CHANNEL_POSTAL
                                           : CHANNEL_DIRECT;
    life->late = chance(life, options->late_percent);
    life->term = (uint8_t)(1 + random_below(&life->random, 15));
    life->born_day = options->every_ms != 0 ? localday_today() : working;
    life->events = 0;
    life->at_ms = moment_on(&life->random, working, 0);
    life->kind = chance(life, PETITION)       ? KIND_PETITION_RECEIVED
                 : online && chance(life, 50) ? KIND_SUBMITTED
                                              : KIND_RECEIVED;
    life->due_ms = day_end_ms(day_after(working, life->term));
}

/* On the way to its end: in time most often, else days after the term. */
static void head_for_end(struct life *life)
{
    const int32_t due_day = localday_of_ms(life->due_ms);
    const int32_t today = localday_of_ms(life->at_ms);
    if (life->late) {
        const int32_t day = day_after(due_day, 1 + random_below(&life->random, 6));
        life->at_ms = moment_on(&life->random, day > today ? day : today, life->at_ms);
    } else if (due_day > today) {
        const int32_t day =
            today + (int32_t)random_below(&life->random, (uint32_t)(due_day - today + 1));
        const int32_t working = day_after(day, 0);
        life->at_ms = moment_on(&life->random, working < due_day ? working : due_day, life->at_ms);
    } else {
        life->at_ms = moment_on(&life->random, today, life->at_ms);
    }
    life->kind = chance(life, RETURNED)    ? KIND_RETURNED
                 : chance(life, WITHDRAWN) ? KIND_WITHDRAWN
                                           : KIND_RESOLVED;
}

static void after_received(struct life *life)
{
    if (chance(life, SUPPLEMENT)) {
        later(life, KIND_SUPPLEMENT_REQUESTED, 2);
    } else if (chance(life, PAYMENT)) {
        later(life, KIND_PAYMENT_REQUESTED, 2);
    } else if (chance(life, TRANSFER)) {
        later(life, KIND_TRANSFERRED, 1);
    } else if (chance(life, EXTENDED)) {
        later(life, KIND_EXTENDED, 1);
    } else if (life->late && chance(life, 60)) {
        life->at_ms = moment_on(&life->random, localday_of_ms(life->due_ms), life->at_ms);
        life->kind = KIND_APOLOGY_SENT;
    } else {
        head_for_end(life);
    }
}

/* What follows the event that has just been written; false = nothing. */
static bool life_continue(struct life *life)
{
    switch (life->kind) {
    case KIND_PETITION_RECEIVED:
        later(life, KIND_PETITION_RESOLVED, life->term + 1U);
        return true;
    case KIND_SUBMITTED:
        later(life, chance(life, REFUSED) ? KIND_REFUSED : KIND_RECEIVED, 1);
        life->due_ms = day_end_ms(day_after(localday_of_ms(life->at_ms), life->term));
        return true;
    case KIND_RECEIVED:
        if (chance(life, DIGITISED)) {
            later(life, KIND_COMPONENTS_DIGITISED, 0);
        } else {
            after_received(life);
        }
        return true;
    case KIND_COMPONENTS_DIGITISED:
        after_received(life);
        return true;
    case KIND_SUPPLEMENT_REQUESTED:
    case KIND_PAYMENT_REQUESTED:
        later(life,
              life->kind == KIND_SUPPLEMENT_REQUESTED ? KIND_SUPPLEMENT_RECEIVED
                                                      : KIND_PAYMENT_RECEIVED,
              20);
        life->due_ms = day_end_ms(day_after(localday_of_ms(life->at_ms), life->term));
        return true;
    case KIND_RESOLVED:
        if (chance(life, RESULT_DIGITISED)) {
            later(life, KIND_RESULT_DIGITISED, 0);
            return true;
        }
        later(life, KIND_HANDED_OVER, 4);
        return chance(life, COLLECTED);
    case KIND_RESULT_DIGITISED:
        later(life, KIND_HANDED_OVER, 4);
        return chance(life, COLLECTED);
    case KIND_SUPPLEMENT_RECEIVED:
    case KIND_PAYMENT_RECEIVED:
    case KIND_TRANSFERRED:
    case KIND_EXTENDED:
    case KIND_APOLOGY_SENT:
        head_for_end(life);
        return true;
    default:
        return false;
    }
}

/* Texts of one event. */
struct texts {
    char event_id[24];
    char dossier[64];
    char voids[24];
};

static void number_into(char *to, uint64_t number, unsigned digits)
{
    while (digits != 0) {
        to[--digits] = (char)('0' + number % 10);
        number /= 10;
    }
}

/* "<unit>-<yymmdd>-<serial>" of nine digits, without printf: this is the hot path. */
static void dossier_code(const struct lives_options *options, const struct life *life,
                         char code[64])
{
    const struct slice unit = options->units[life->unit];
    const struct date date = localday_date(life->born_day);
    memcpy(code, unit.data, unit.size);
    char *at = code + unit.size;
    *at++ = '-';
    number_into(at, (uint64_t)date.year % 100, 2);
    number_into(at + 2, (uint64_t)date.month, 2);
    number_into(at + 4, (uint64_t)date.day, 2);
    at[6] = '-';
    number_into(at + 7, options->first_serial + life->serial, 9);
    at[16] = '\0';
}

static void fill(const struct lives_options *options, struct life *life, struct texts *texts,
                 struct event *event)
{
    const struct lives_procedure *procedure = &options->procedures[life->procedure];
    memcpy(texts->event_id, "e-000", 6);
    number_into(texts->event_id + 2, ++life->events, 3);
    dossier_code(options, life, texts->dossier);
    *event = (struct event){
        .event_id = slice_text(texts->event_id),
        .dossier = slice_text(texts->dossier),
        .kind = life->kind,
        .occurred_at_ms = life->at_ms,
    };
    if (event_kind_has_unit(life->kind)) {
        event->unit = options->units[life->unit];
    }
    if (event_kind_has_procedure(life->kind)) {
        event->procedure = procedure->id;
    }
    if (life->kind == KIND_TRANSFERRED) {
        event->unit = options->units[random_below(&life->random, options->unit_count)];
    }
    if (life->kind == KIND_RECEIVED) {
        event->field = procedure->field;
        event->channel = life->channel;
        event->level = procedure->level;
        event->out_of_territory = chance(life, FOREIGN);
    }
    if (life->kind == KIND_EXTENDED) {
        life->due_ms = day_end_ms(day_after(localday_of_ms(life->due_ms), EXTENSION_DAYS));
        event->apology_sent = true;
    }
    if (life->kind == KIND_PETITION_RECEIVED) {
        event->petition_class = chance(life, BUSINESS) ? CLASS_BUSINESS : CLASS_ADMINISTRATIVE;
    }
    if (life->kind == KIND_RECEIVED || life->kind == KIND_SUPPLEMENT_RECEIVED ||
        life->kind == KIND_PAYMENT_RECEIVED || life->kind == KIND_EXTENDED ||
        life->kind == KIND_PETITION_RECEIVED) {
        event->due_at_ms = life->due_ms;
    }
    event->paid_online = life->kind == KIND_PAYMENT_RECEIVED && chance(life, 55);
}

/* A kind that was noted by mistake, and the event that takes it back. */
static void write_mistake(struct lives *lives, struct life *life, const struct event *model,
                          struct texts *texts)
{
    struct event event = {.event_id = model->event_id,
                          .dossier = model->dossier,
                          .occurred_at_ms = model->occurred_at_ms + 1000};
    memcpy(texts->voids, texts->event_id, sizeof texts->voids);
    number_into(texts->voids + 2, ++life->events, 3);
    event.event_id = slice_text(texts->voids);
    event.kind = KIND_STOPPED;
    lives_put(lives, &event);
    number_into(texts->event_id + 2, ++life->events, 3);
    event.event_id = slice_text(texts->event_id);
    event.voids = slice_text(texts->voids);
    event.kind = KIND_VOIDED;
    event.occurred_at_ms += MINUTE_MS;
    lives_put(lives, &event);
}

/* Waits for its turn, then the event happens now, and its term ends as many days after it. */
static void wait_and_happen(const struct lives_options *options, struct event *event)
{
    const int32_t day = localday_of_ms(event->occurred_at_ms);
    (void)poll(NULL, 0, (int)options->every_ms);
    event->occurred_at_ms = clock_unix_ms();
    if (event->due_at_ms != 0) {
        const int32_t days = localday_of_ms(event->due_at_ms) - day;
        event->due_at_ms = day_end_ms(localday_today() + days);
    }
}

static void step(struct lives *lives, struct life *life)
{
    struct texts texts;
    struct event event;
    fill(lives->options, life, &texts, &event);
    if (lives->options->every_ms != 0) {
        wait_and_happen(lives->options, &event);
    }
    lives_put(lives, &event);
    if (lives->options->every_ms != 0 && fflush(lives->simulation->out) != 0) {
        lives->simulation->failed = true;
    }
    if (life->kind == KIND_RECEIVED && chance(life, lives->options->void_percent)) {
        write_mistake(lives, life, &event, &texts);
    }
    if (life_continue(life)) {
        push(lives, life);
    }
}

enum status lives_write(const struct lives_options *options, struct simulation *simulation)
{
    struct lives lives = {
        .options = options,
        .simulation = simulation,
        .random = {options->seed ^ UINT64_C(0xA5A5A5A5A5A5A5A5)},
        /* a life has about 4.5 events */
        .dossiers = options->events * 10 / 45 + 1,
    };
    enum status status = lives_begin(&lives);
    struct life next;
    born(&lives, &next);
    while (status == STATUS_OK && lives.written < options->events && !lives.failed &&
           !simulation->failed) {
        const bool birth = lives.count == 0 || before(&next, &lives.heap[0]);
        const int64_t at_ms = birth ? next.at_ms : lives.heap[0].at_ms;
        if (options->end_ms != 0 && at_ms >= options->end_ms) {
            break;
        }
        if (birth) {
            step(&lives, &next);
            born(&lives, &next);
        } else {
            struct life life = pop(&lives);
            step(&lives, &life);
        }
    }
    if (status == STATUS_OK) {
        lives_end(&lives);
    }
    free(lives.heap);
    if (lives.failed) {
        return STATUS_TOO_LARGE;
    }
    return status == STATUS_OK && simulation->failed ? STATUS_IO : status;
}
