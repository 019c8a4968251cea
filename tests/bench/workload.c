/* SPDX-License-Identifier: Apache-2.0
 *
 * Each day has a list of what arrives on it. The dossiers of a day are made when the day begins:
 * their events go into this day's list and those of days to come. Then the list is put in order,
 * and given out.
 */
#include "workload.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/localday.h"
#include "base/require.h"

enum {
    DAYS = 366,
    STEPS_MAX = 4,
    LATE_DAYS = 30,
    RECENT = 4000, /* a duplicate is of one of these */
    FIRST_HOUR = 8
};
#define MS_A_HOUR INT64_C(3600000)
#define EVENTS_A_DOSSIER 2.46 /* some end after the year */

struct dossier {
    uint32_t number; /* of its unit */
    uint16_t unit, procedure;
    int16_t received;
    uint8_t channel, level, term;
};

struct arrival {
    uint32_t order; /* within its day */
    int16_t day;    /* on which it happened */
    uint8_t step;   /* of the dossier */
    uint8_t kind;
    struct dossier dossier;
};

struct list {
    struct arrival *arrivals;
    size_t count, capacity;
};

struct workload {
    uint64_t random[2];
    double dossiers_a_day;
    uint64_t made; /* dossiers */
    uint32_t numbers[WORKLOAD_UNITS];
    struct list days[DAYS];
    int16_t day; /* given out now */
    size_t at;   /* next of its list */
    struct arrival recent[RECENT];
    uint64_t given;
    struct workload_counts counts;
    char id[WORKLOAD_TEXT], code[2 * WORKLOAD_TEXT], unit[WORKLOAD_TEXT], procedure[WORKLOAD_TEXT],
        field[WORKLOAD_TEXT];
};

/* xorshift128+ */
static uint64_t draw(struct workload *workload)
{
    uint64_t a = workload->random[0];
    const uint64_t b = workload->random[1];
    workload->random[0] = b;
    a ^= a << 23;
    workload->random[1] = a ^ b ^ (a >> 17) ^ (b >> 26);
    return workload->random[1] + b;
}

static int below(struct workload *workload, int end)
{
    return (int)((draw(workload) >> 32) * (uint64_t)end >> 32);
}

static double share(struct workload *workload)
{
    return (double)(draw(workload) >> 11) * 0x1p-53;
}

static uint16_t squared(struct workload *workload, unsigned end)
{
    const double number = share(workload);
    return (uint16_t)(number * number * end);
}

static void put(struct list *list, const struct arrival *arrival)
{
    if (list->count == list->capacity) {
        list->capacity = list->capacity != 0 ? 2 * list->capacity : 256;
        list->arrivals = reallocarray(list->arrivals, list->capacity, sizeof *list->arrivals);
        require(list->arrivals != NULL);
    }
    list->arrivals[list->count++] = *arrival;
}

/* What happens to a dossier, and on which days; returns the number of steps. */
static unsigned plan(struct workload *workload, const struct dossier *dossier, int days[STEPS_MAX],
                     uint8_t kinds[STEPS_MAX])
{
    int day = dossier->received;
    int due = day + dossier->term;
    unsigned steps = 0;
    days[steps] = day;
    kinds[steps++] = KIND_RECEIVED;
    if (share(workload) < .01) {
        days[steps] = day + 1 + below(workload, 5);
        kinds[steps++] = KIND_RETURNED;
        return steps;
    }
    if (share(workload) < .3) {
        const int asked = day + 1 + below(workload, dossier->term);
        day = asked + 1 + below(workload, 14);
        due += day - asked;
        days[steps] = asked;
        kinds[steps++] = KIND_SUPPLEMENT_REQUESTED;
        days[steps] = day;
        kinds[steps++] = KIND_SUPPLEMENT_RECEIVED;
    }
    const double outcome = share(workload); /* 70 % early, 10 % on the day, 20 % late */
    const int early = day + 1 + below(workload, due - day > 1 ? due - day - 1 : 1);
    const int late = due + 1 + below(workload, 20);
    const int resolved = outcome < .7 ? early : outcome < .8 ? due : late;
    days[steps] = resolved < day ? day : resolved;
    kinds[steps++] = KIND_RESOLVED;
    return steps;
}

static void make_dossier(struct workload *workload)
{
    static const uint8_t terms[LEVEL_COUNT] = {
        [LEVEL_FULL] = 10, [LEVEL_PARTIAL] = 20, [LEVEL_NOT_ONLINE] = 40};
    int days[STEPS_MAX];
    uint8_t kinds[STEPS_MAX];
    struct dossier dossier = {.unit = squared(workload, WORKLOAD_UNITS),
                              .procedure = squared(workload, WORKLOAD_PROCEDURES),
                              .received = workload->day};
    const double channel = share(workload);
    const double level = share(workload);
    dossier.channel = channel < .5   ? CHANNEL_ONLINE
                      : channel < .8 ? CHANNEL_DIRECT
                                     : CHANNEL_POSTAL;
    dossier.level = level < .6 ? LEVEL_FULL : level < .9 ? LEVEL_PARTIAL : LEVEL_NOT_ONLINE;
    dossier.term = terms[dossier.level];
    dossier.number = ++workload->numbers[dossier.unit];
    const unsigned steps = plan(workload, &dossier, days, kinds);
    uint64_t last = 0;
    for (unsigned step = 0; step < steps; step++) {
        const int late = share(workload) < .02 ? 1 + below(workload, LATE_DAYS) : 0;
        uint64_t arrives = (uint64_t)(days[step] + late) << 32 | draw(workload) >> 32;
        arrives = arrives <= last ? last + 1 : arrives;
        last = arrives;
        if (days[step] >= DAYS || arrives >> 32 >= DAYS) {
            break;
        }
        put(&workload->days[arrives >> 32], &(struct arrival){.order = (uint32_t)arrives,
                                                              .day = (int16_t)days[step],
                                                              .step = (uint8_t)step,
                                                              .kind = kinds[step],
                                                              .dossier = dossier});
    }
}

static int by_order(const void *a, const void *b)
{
    const struct arrival *x = a;
    const struct arrival *y = b;
    return (x->order > y->order) - (x->order < y->order);
}

static void begin_day(struct workload *workload)
{
    struct list *list = &workload->days[workload->day];
    while ((double)workload->made < workload->dossiers_a_day * (workload->day + 1)) {
        make_dossier(workload);
        workload->made++;
    }
    if (list->count != 0) {
        qsort(list->arrivals, list->count, sizeof *list->arrivals, by_order);
    }
    workload->at = 0;
}

struct workload *workload_new(uint64_t events)
{
    struct workload *workload = calloc(1, sizeof *workload);
    require(workload != NULL);
    workload->random[0] = UINT64_C(0x9E3779B97F4A7C15);
    workload->random[1] = UINT64_C(0xD1B54A32D192ED03);
    workload->dossiers_a_day = (double)events / EVENTS_A_DOSSIER / DAYS;
    begin_day(workload);
    return workload;
}

void workload_free(struct workload *workload)
{
    for (unsigned day = 0; day < DAYS; day++) {
        free(workload->days[day].arrivals);
    }
    free(workload);
}

static int64_t time_of(int day, uint8_t step, uint32_t number)
{
    static const struct date first = {2024, 1, 1};
    return localday_start_ms(localday_of_date(first) + day) + (FIRST_HOUR + step) * MS_A_HOUR +
           number % 3600 * 1000;
}

static void say(struct workload *workload, const struct arrival *arrival, struct event *ret_event)
{
    const struct dossier *dossier = &arrival->dossier;
    const int64_t received_ms = time_of(dossier->received, 0, dossier->number);
    const struct date date = localday_date(localday_of_ms(received_ms));
    (void)snprintf(workload->unit, WORKLOAD_TEXT, "H27.%03u", dossier->unit + 1U);
    (void)snprintf(workload->code, sizeof workload->code, "%s-%02u%02u%02u-%06u", workload->unit,
                   (unsigned)date.year % 100, (unsigned)date.month, (unsigned)date.day,
                   dossier->number);
    (void)snprintf(workload->id, WORKLOAD_TEXT, "%u-%u", dossier->number, arrival->step + 1U);
    *ret_event =
        (struct event){.event_id = slice_text(workload->id),
                       .dossier = slice_text(workload->code),
                       .kind = (enum event_kind)arrival->kind,
                       .occurred_at_ms = time_of(arrival->day, arrival->step, dossier->number)};
    if (arrival->kind == KIND_RECEIVED) {
        (void)snprintf(workload->procedure, WORKLOAD_TEXT, "1.%06u", dossier->procedure + 1U);
        (void)snprintf(workload->field, WORKLOAD_TEXT, "linh-vuc-%02u",
                       dossier->procedure * 7U % 24U + 1U);
        ret_event->unit = slice_text(workload->unit);
        ret_event->procedure = slice_text(workload->procedure);
        ret_event->field = slice_text(workload->field);
        ret_event->channel = (enum channel)dossier->channel;
        ret_event->level = (enum service_level)dossier->level;
        ret_event->due_at_ms = time_of(dossier->received + dossier->term, 0, dossier->number);
    }
}

/* The next one for the first time, NULL at the year's end. */
static const struct arrival *take(struct workload *workload)
{
    while (workload->at == workload->days[workload->day].count) {
        struct list *list = &workload->days[workload->day];
        free(list->arrivals);
        *list = (struct list){0};
        if (workload->day == DAYS - 1) {
            workload->at = 0;
            return NULL;
        }
        workload->day++;
        begin_day(workload);
    }
    const struct arrival *arrival = &workload->days[workload->day].arrivals[workload->at++];
    workload->counts.received += arrival->kind == KIND_RECEIVED;
    workload->counts.resolved += arrival->kind == KIND_RESOLVED;
    workload->counts.returned += arrival->kind == KIND_RETURNED;
    workload->recent[workload->given++ % RECENT] = *arrival;
    return arrival;
}

bool workload_next(struct workload *workload, struct event *ret_event)
{
    const bool again = workload->given != 0 && share(workload) < .02;
    const uint64_t known = workload->given < RECENT ? workload->given : RECENT;
    const struct arrival *arrival =
        again ? &workload->recent[below(workload, (int)known)] : take(workload);
    if (arrival != NULL) {
        say(workload, arrival, ret_event);
    }
    return arrival != NULL;
}

struct workload_counts workload_counts(const struct workload *workload)
{
    return workload->counts;
}
