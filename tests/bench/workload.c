/* SPDX-License-Identifier: Apache-2.0
 *
 * Only a step (when, which dossier, what) is kept of each event; everything else follows from the
 * dossier's number, so a history of millions fits into memory before it is encoded.
 */
#include "workload.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/localday.h"
#include "base/require.h"

enum {
    EVENTS_PER_DOSSIER = 5, /* about */
    STEPS_PER_DOSSIER_MAX = 16,
    DAY_MS = 86400000,
    HOUR_MS = 3600000,
    MINUTE_MS = 60000,
    OPENING_MS = 7 * HOUR_MS + HOUR_MS / 2,
    OPEN_MS = 9 * HOUR_MS
};

struct step {
    int64_t at_ms;
    uint32_t dossier;
    uint8_t kind;
    uint8_t number;   /* within its dossier */
    uint8_t due_days; /* 0 = none */
};

struct popularity {
    double *cumulated;
    uint32_t count;
};

struct workload {
    uint64_t seed;
    const struct catalogue *catalogue;
    const struct unit **units; /* those that have a parent: counters */
    const struct procedure *procedures;
    struct popularity unit_popularity;
    struct popularity procedure_popularity;
    struct step *steps;
    uint32_t count;
    uint32_t capacity;
};

/* A dossier under way. */
struct life {
    struct workload *workload;
    uint64_t random;
    int64_t at_ms;
    uint32_t dossier;
    uint8_t number;
};

static uint64_t next_random(uint64_t *state)
{
    *state += UINT64_C(0x9e3779b97f4a7c15);
    uint64_t z = *state;
    z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
    return z ^ (z >> 31);
}

static uint64_t seed_of(const struct workload *workload, uint32_t dossier)
{
    uint64_t state = workload->seed * UINT64_C(0x9e3779b97f4a7c15) + dossier;
    return next_random(&state);
}

static void popularity_init(struct popularity *popularity, uint32_t count, double exponent)
{
    double sum = 0;
    popularity->count = count;
    popularity->cumulated = calloc(count, sizeof *popularity->cumulated);
    require(count != 0 && popularity->cumulated != NULL);
    for (uint32_t i = 0; i < count; i++) {
        sum += pow(i + 1, -exponent);
        popularity->cumulated[i] = sum;
    }
}

static uint32_t popularity_draw(const struct popularity *popularity, uint64_t random)
{
    const double at =
        (double)(random >> 11) * 0x1p-53 * popularity->cumulated[popularity->count - 1];
    uint32_t low = 0;
    uint32_t high = popularity->count - 1;
    while (low < high) {
        const uint32_t middle = low + (high - low) / 2;
        if (popularity->cumulated[middle] < at) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low;
}

static bool chance(struct life *life, unsigned percent)
{
    return next_random(&life->random) % 100 < percent;
}

static void pass(struct life *life, int64_t least_ms, int64_t most_ms)
{
    life->at_ms +=
        least_ms + (int64_t)(next_random(&life->random) % (uint64_t)(most_ms - least_ms));
}

static void happen(struct life *life, Hoso__V1__Kind kind, unsigned due_days)
{
    struct workload *workload = life->workload;
    require(life->number < STEPS_PER_DOSSIER_MAX);
    workload->steps[workload->count++] =
        (struct step){life->at_ms, life->dossier, (uint8_t)kind, life->number, (uint8_t)due_days};
    life->number++;
}

static void live_petition(struct life *life)
{
    happen(life, HOSO__V1__KIND__KIND_PETITION_RECEIVED, 10);
    pass(life, DAY_MS, 12 * DAY_MS);
    happen(life, HOSO__V1__KIND__KIND_PETITION_RESOLVED, 0);
}

/* False if that was all. */
static bool live_reception(struct life *life, unsigned due_days)
{
    if (chance(life, 35)) {
        happen(life, HOSO__V1__KIND__KIND_SUBMITTED, 0);
        pass(life, 10 * MINUTE_MS, 8 * HOUR_MS);
        if (chance(life, 4)) {
            happen(life, HOSO__V1__KIND__KIND_REFUSED, 0);
            return false;
        }
    }
    happen(life, HOSO__V1__KIND__KIND_RECEIVED, due_days);
    if (chance(life, 60)) {
        pass(life, MINUTE_MS, HOUR_MS);
        happen(life, HOSO__V1__KIND__KIND_COMPONENTS_DIGITISED, 0);
    }
    return true;
}

static void live_pauses(struct life *life, unsigned due_days)
{
    if (chance(life, 8)) {
        pass(life, HOUR_MS, DAY_MS);
        happen(life, HOSO__V1__KIND__KIND_SUPPLEMENT_REQUESTED, 0);
        pass(life, 4 * HOUR_MS, 5 * DAY_MS);
        happen(life, HOSO__V1__KIND__KIND_SUPPLEMENT_RECEIVED, due_days);
    }
    if (chance(life, 5)) {
        pass(life, HOUR_MS, DAY_MS);
        happen(life, HOSO__V1__KIND__KIND_PAYMENT_REQUESTED, 0);
        pass(life, HOUR_MS, 2 * DAY_MS);
        happen(life, HOSO__V1__KIND__KIND_PAYMENT_RECEIVED, due_days);
    }
    if (chance(life, 1)) {
        happen(life, HOSO__V1__KIND__KIND_TRANSFERRED, 0);
    }
    if (chance(life, 2)) {
        happen(life, HOSO__V1__KIND__KIND_EXTENDED, due_days + 5);
    }
}

static void live_end(struct life *life, unsigned due_days)
{
    if (chance(life, 2)) {
        pass(life, HOUR_MS, 2 * DAY_MS);
        happen(life,
               chance(life, 50) ? HOSO__V1__KIND__KIND_WITHDRAWN : HOSO__V1__KIND__KIND_RETURNED,
               0);
        return;
    }
    if (chance(life, 97)) {
        pass(life, 10 * MINUTE_MS, due_days * (int64_t)DAY_MS * 9 / 10);
    } else {
        pass(life, (due_days + 1) * (int64_t)DAY_MS, (due_days + 4) * (int64_t)DAY_MS);
    }
    happen(life, HOSO__V1__KIND__KIND_RESOLVED, 0);
    if (chance(life, 70)) {
        pass(life, MINUTE_MS, HOUR_MS / 2);
        happen(life, HOSO__V1__KIND__KIND_RESULT_DIGITISED, 0);
    }
    if (chance(life, 95)) {
        pass(life, 5 * MINUTE_MS, 2 * DAY_MS);
        happen(life, HOSO__V1__KIND__KIND_HANDED_OVER, 0);
    }
}

static void live(struct workload *workload, uint32_t dossier, int32_t day)
{
    static const unsigned due_days[] = {1, 1, 1, 3, 5, 5, 10, 15, 20};
    struct life life = {.workload = workload,
                        .random = seed_of(workload, dossier),
                        .at_ms = localday_start_ms(day) + OPENING_MS,
                        .dossier = dossier};
    const unsigned due =
        due_days[next_random(&life.random) % (sizeof due_days / sizeof due_days[0])];
    pass(&life, 0, OPEN_MS);
    if (chance(&life, 1)) {
        live_petition(&life);
    } else if (live_reception(&life, due)) {
        live_pauses(&life, due);
        live_end(&life, due);
    }
}

static int by_time(const void *a, const void *b)
{
    const struct step *x = a;
    const struct step *y = b;
    if (x->at_ms != y->at_ms) {
        return x->at_ms < y->at_ms ? -1 : 1;
    }
    if (x->dossier != y->dossier) {
        return x->dossier < y->dossier ? -1 : 1;
    }
    return x->number - y->number;
}

static void make_room(struct workload *workload)
{
    if (workload->count + STEPS_PER_DOSSIER_MAX > workload->capacity) {
        workload->capacity = workload->capacity * 2 + 65536;
        workload->steps = realloc(workload->steps, workload->capacity * sizeof *workload->steps);
        require(workload->steps != NULL);
    }
}

static bool is_workday(int32_t day)
{
    return (day + 4) % 7 != 0 && (day + 4) % 7 != 6; /* day 0 was a Thursday */
}

/* Days are simulated until so many events lie before the present one that they are the history. */
static void simulate(struct workload *workload, const struct workload_options *options)
{
    const uint32_t dossiers = options->per_day / EVENTS_PER_DOSSIER + 1;
    uint32_t dossier = 0;
    uint32_t before = 0;
    for (int32_t day = options->first_day; before < options->events; day++) {
        if (is_workday(day)) {
            for (uint32_t i = 0; i < dossiers; i++) {
                make_room(workload);
                live(workload, dossier++, day);
            }
        }
        /* What is left of earlier dossiers is a few weeks' worth; counting it exactly is not
         * worth a pass over all steps every day. */
        const uint32_t open = dossiers * 15 * EVENTS_PER_DOSSIER;
        before = workload->count > open ? workload->count - open : 0;
    }
    qsort(workload->steps, workload->count, sizeof *workload->steps, by_time);
    workload->count = options->events;
}

struct workload *workload_new(const struct catalogue *catalogue,
                              const struct workload_options *options)
{
    struct workload *workload = calloc(1, sizeof *workload);
    require(workload != NULL);
    uint32_t procedures = 0;
    uint32_t units = 0;
    workload->seed = options->seed;
    workload->catalogue = catalogue;
    workload->procedures = catalogue_procedures(catalogue, &procedures);
    workload->units = calloc(catalogue_unit_count(catalogue), sizeof(const struct unit *));
    require(workload->units != NULL);
    for (uint32_t i = 0; i < catalogue_unit_count(catalogue); i++) {
        const struct unit *unit = catalogue_unit_at(catalogue, i);
        if (unit->parent.size != 0) {
            workload->units[units++] = unit;
        }
    }
    popularity_init(&workload->unit_popularity, units, 0.7);
    popularity_init(&workload->procedure_popularity, procedures, 1.0);
    simulate(workload, options);
    return workload;
}

void workload_free(struct workload *workload)
{
    free(workload->procedure_popularity.cumulated);
    free(workload->unit_popularity.cumulated);
    free(workload->units);
    free(workload->steps);
    free(workload);
}

uint32_t workload_dossier(const struct workload *workload, uint32_t index)
{
    return workload->steps[index].dossier;
}

int64_t workload_time_ms(const struct workload *workload, uint32_t index)
{
    return workload->steps[index].at_ms;
}

static void set_text(char *at, struct slice text)
{
    require(text.size <= CATALOGUE_ID_MAX);
    memcpy(at, text.data, text.size);
    at[text.size] = '\0';
}

/* The attributes that a reception carries. */
static void set_reception(uint64_t random, const struct procedure *procedure,
                          struct workload_texts *texts, Hoso__V1__Event *event)
{
    static const Hoso__V1__Channel channels[] = {
        HOSO__V1__CHANNEL__CHANNEL_ONLINE, HOSO__V1__CHANNEL__CHANNEL_ONLINE,
        HOSO__V1__CHANNEL__CHANNEL_DIRECT, HOSO__V1__CHANNEL__CHANNEL_DIRECT,
        HOSO__V1__CHANNEL__CHANNEL_POSTAL};
    set_text(texts->field, procedure->field);
    event->field = texts->field;
    event->channel = channels[random % (sizeof channels / sizeof channels[0])];
    event->service_level = (Hoso__V1__ServiceLevel)procedure->service_level;
    event->out_of_territory = random / 8 % 50 == 0;
}

void workload_event(const struct workload *workload, uint32_t index, struct workload_texts *texts,
                    Hoso__V1__Event *ret_event)
{
    const struct step *step = &workload->steps[index];
    uint64_t random = ~seed_of(workload, step->dossier);
    const struct unit *unit =
        workload->units[popularity_draw(&workload->unit_popularity, next_random(&random))];
    const struct procedure *procedure =
        &workload
             ->procedures[popularity_draw(&workload->procedure_popularity, next_random(&random))];
    const uint64_t traits = next_random(&random);
    const bool first = step->kind <= HOSO__V1__KIND__KIND_REFUSED;
    hoso__v1__event__init(ret_event);
    (void)snprintf(texts->event_id, sizeof texts->event_id, "%016llx",
                   (unsigned long long)(traits + step->number * UINT64_C(0x9e3779b97f4a7c15)));
    (void)snprintf(texts->dossier, sizeof texts->dossier, "%.*s-%02u-%07u", SLICE_ARG(unit->id),
                   (unsigned)workload->seed, step->dossier);
    ret_event->event_id = texts->event_id;
    ret_event->dossier = texts->dossier;
    ret_event->kind = (Hoso__V1__Kind)step->kind;
    ret_event->occurred_at = step->at_ms;
    ret_event->due_at = step->due_days != 0 ? step->at_ms + step->due_days * (int64_t)DAY_MS : 0;
    ret_event->paid_online = step->kind == HOSO__V1__KIND__KIND_PAYMENT_RECEIVED && traits % 2 == 0;
    ret_event->apology_sent = step->kind == HOSO__V1__KIND__KIND_EXTENDED;
    if (step->kind == HOSO__V1__KIND__KIND_TRANSFERRED) {
        unit = workload->units[traits % workload->unit_popularity.count];
    }
    if (first || step->kind == HOSO__V1__KIND__KIND_TRANSFERRED ||
        step->kind == HOSO__V1__KIND__KIND_PETITION_RECEIVED) {
        set_text(texts->unit, unit->id);
        ret_event->unit = texts->unit;
    }
    if (first) {
        set_text(texts->procedure, procedure->id);
        ret_event->procedure = texts->procedure;
    }
    if (step->kind == HOSO__V1__KIND__KIND_RECEIVED) {
        set_reception(traits, procedure, texts, ret_event);
    }
    if (step->kind == HOSO__V1__KIND__KIND_PETITION_RECEIVED) {
        ret_event->petition_class = traits % 4 == 0
                                        ? HOSO__V1__PETITION_CLASS__PETITION_CLASS_BUSINESS
                                        : HOSO__V1__PETITION_CLASS__PETITION_CLASS_ADMINISTRATIVE;
    }
}
