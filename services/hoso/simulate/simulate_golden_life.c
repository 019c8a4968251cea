/* SPDX-License-Identifier: Apache-2.0
 *
 * The events of one dossier of the golden month. Days are chosen so that its outcome holds on
 * 19/02/2024: a resolved one is resolved by then and within its term, a waiting one still waits,
 * one in process is in time. Later events, which do not change the month, follow until March.
 */
#include "services/hoso/simulate/simulate_golden.h"

#include "base/localday.h"

enum { REASON_COUNT = 3 };

struct golden_life {
    struct golden *golden;
    const struct golden_dossier *dossier;
    struct slice code;
    struct slice unit;
    int64_t at_ms; /* of the last event */
    unsigned events;
};

static int32_t day_of(int year, int month, int day)
{
    return localday_of_date((struct date){year, month, day});
}

static int32_t first_day(void)
{
    return day_of(2024, 1, 19);
}

static int32_t last_day(void)
{
    return day_of(2024, 2, 19);
}

static int32_t earlier(int32_t a, int32_t b)
{
    return a < b ? a : b;
}

/* A working day of [from, to], which has at least one. */
static int32_t pick_day(struct golden_life *life, int32_t from, int32_t to)
{
    int32_t day;
    do {
        day = from + (int32_t)random_below(&life->golden->random, (uint32_t)(to - from + 1));
    } while (!day_is_working(day));
    return day;
}

static struct event *put(struct golden_life *life, enum event_kind kind, int32_t day)
{
    struct golden *golden = life->golden;
    if (golden->event_count == golden->event_max) {
        golden->status = STATUS_INTERNAL;
        return &golden->events[0];
    }
    life->at_ms = moment_on(&golden->random, day, life->at_ms);
    struct event *event = &golden->events[golden->event_count++];
    *event = (struct event){
        .event_id = slice_text(arena_printf(&golden->arena, "e-%u", ++life->events)),
        .dossier = life->code,
        .kind = kind,
        .occurred_at_ms = life->at_ms,
    };
    if (event_kind_has_unit(kind)) {
        event->unit = life->unit;
    }
    if (event_kind_has_procedure(kind)) {
        event->procedure = slice_text(life->dossier->procedure->id);
    }
    return event;
}

static void begin(struct golden_life *life, int32_t day)
{
    struct golden *golden = life->golden;
    const struct date date = localday_date(day);
    const unsigned commune = life->dossier->unit;
    const int32_t since = day - day_of(2023, 9, 1);
    if (commune >= GOLDEN_UNITS || since < 0 || since >= GOLDEN_DAYS) {
        golden->status = STATUS_INTERNAL;
        return;
    }
    const char *unit =
        commune == 0 ? "H27.45" : arena_printf(&golden->arena, "H27.45.%02u", commune);
    const unsigned serial = ++golden->serials[commune][since];
    life->unit = slice_text(unit);
    life->code =
        slice_text(arena_printf(&golden->arena, "%s-%02d%02d%02d-%04u", unit != NULL ? unit : "",
                                date.year % 100, date.month, date.day, serial));
}

/* Filed online in the hours before, received, perhaps digitised at the counter. */
static void receive(struct golden_life *life, int32_t day, int32_t due_day)
{
    const struct golden_dossier *dossier = life->dossier;
    begin(life, day);
    if (dossier->channel == CHANNEL_ONLINE) {
        struct event *submitted = put(life, KIND_SUBMITTED, day);
        submitted->occurred_at_ms -=
            (1 + (int64_t)random_below(&life->golden->random, 6)) * 10 * MINUTE_MS;
    }
    struct event *event = put(life, KIND_RECEIVED, day);
    event->field = slice_text(dossier->procedure->field);
    event->channel = dossier->channel;
    event->level = dossier->procedure->level;
    event->due_at_ms = day_end_ms(due_day);
    event->out_of_territory = random_chance(&life->golden->random, 2);
    if (dossier->digitised) {
        (void)put(life, KIND_COMPONENTS_DIGITISED, day);
    }
}

static void hand_over(struct golden_life *life, int32_t resolved_day)
{
    if (random_chance(&life->golden->random, 40)) {
        (void)put(life, KIND_RESULT_DIGITISED, resolved_day);
    }
    if (random_chance(&life->golden->random, 92)) {
        (void)put(life, KIND_HANDED_OVER,
                  day_after(resolved_day, 1 + random_below(&life->golden->random, 3)));
    }
}

static void resolve(struct golden_life *life, int32_t day)
{
    (void)put(life, KIND_RESOLVED, day);
    hand_over(life, day);
}

static void live_resolved(struct golden_life *life)
{
    struct golden *golden = life->golden;
    if (!life->dossier->carried_over) {
        const int32_t day = pick_day(life, first_day(), last_day());
        const int32_t due = day_after(day, life->dossier->procedure->days);
        receive(life, day, due);
        resolve(life, pick_day(life, day, earlier(due, last_day())));
        return;
    }
    const int32_t day = pick_day(life, day_of(2024, 1, 10), first_day() - 3);
    const int32_t due = day_after(first_day(), 3 + random_below(&golden->random, 8));
    receive(life, day, due);
    if (random_chance(&golden->random, 50)) { /* waited over the boundary */
        (void)put(life, KIND_SUPPLEMENT_REQUESTED, day_after(day, 1));
        const int32_t back = pick_day(life, first_day(), day_of(2024, 1, 31));
        const int32_t new_due = earlier(day_after(back, 8), last_day());
        put(life, KIND_SUPPLEMENT_RECEIVED, back)->due_at_ms = day_end_ms(new_due);
        resolve(life, pick_day(life, back, new_due));
    } else {
        resolve(life, pick_day(life, first_day(), earlier(due, last_day())));
    }
}

static void live_processing(struct golden_life *life)
{
    const int32_t day = life->dossier->carried_over
                            ? pick_day(life, day_of(2024, 1, 8), first_day() - 1)
                            : pick_day(life, day_of(2024, 2, 1), last_day());
    const int32_t due = day_after(last_day(), 3 + random_below(&life->golden->random, 12));
    receive(life, day, due);
    resolve(life, pick_day(life, last_day() + 1, due));
}

static void live_returned(struct golden_life *life)
{
    const int32_t day = life->dossier->carried_over
                            ? pick_day(life, day_of(2024, 1, 8), first_day() - 1)
                            : pick_day(life, first_day(), day_of(2024, 2, 5));
    receive(life, day, day_after(last_day(), 3));
    (void)put(life, KIND_RETURNED,
              pick_day(life, day > first_day() ? day : first_day(), last_day()));
}

static void live_waiting(struct golden_life *life)
{
    const bool old = life->dossier->carried_over;
    const int32_t day = old ? pick_day(life, day_of(2023, 9, 5), day_of(2024, 1, 12))
                            : pick_day(life, first_day(), day_of(2024, 2, 6));
    receive(life, day, day_after(day, life->dossier->procedure->days + 3));
    (void)put(life, KIND_SUPPLEMENT_REQUESTED,
              day_after(day, 1 + random_below(&life->golden->random, 2)));
    if (random_chance(&life->golden->random, 12)) {
        const int32_t back = pick_day(life, last_day() + 1, day_of(2024, 3, 15));
        const int32_t due = day_after(back, 5);
        put(life, KIND_SUPPLEMENT_RECEIVED, back)->due_at_ms = day_end_ms(due);
        resolve(life, pick_day(life, back, due));
    }
}

static void live_refused(struct golden_life *life)
{
    static const char *const reasons[REASON_COUNT] = {
        "Thành phần hồ sơ không đầy đủ",
        "Không thuộc thẩm quyền giải quyết",
        "Thông tin kê khai không khớp với giấy tờ đính kèm",
    };
    const int32_t day = pick_day(life, first_day(), last_day() - 3);
    begin(life, day);
    (void)put(life, KIND_SUBMITTED, day);
    put(life, KIND_REFUSED, day)->reason =
        slice_text(reasons[random_below(&life->golden->random, REASON_COUNT)]);
}

static void live_after(struct golden_life *life)
{
    const int32_t day = pick_day(life, last_day() + 1, day_of(2024, 3, 8));
    const int32_t due = day_after(day, life->dossier->procedure->days);
    receive(life, day, due);
    if (random_chance(&life->golden->random, 80)) {
        resolve(life, pick_day(life, day, due));
    }
}

void golden_live(struct golden *golden, const struct golden_dossier *dossier)
{
    struct golden_life life = {.golden = golden, .dossier = dossier};
    switch (dossier->outcome) {
    case OUTCOME_RESOLVED:
        live_resolved(&life);
        break;
    case OUTCOME_PROCESSING:
        live_processing(&life);
        break;
    case OUTCOME_RETURNED:
        live_returned(&life);
        break;
    case OUTCOME_WAITING:
        live_waiting(&life);
        break;
    case OUTCOME_REFUSED:
        live_refused(&life);
        break;
    default:
        live_after(&life);
        break;
    }
}
