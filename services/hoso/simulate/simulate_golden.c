/* SPDX-License-Identifier: Apache-2.0
 *
 * The golden month: Cẩm Xuyên, 19/01/2024 – 19/02/2024. The plan below says, for the district's own
 * counter and for the 23 communes together, how many dossiers of each sort the month has; they are
 * spread over units and days, and each gets the events that its outcome needs
 * (simulate_golden_life.c). No other source has figures of the month.
 */
#include "services/hoso/simulate/simulate_golden.h"

#include <stdlib.h>

enum { DOSSIERS_MAX = 4096, EVENTS_MAX = 65536, ARENA_BYTES = 32 << 20 };

static const struct golden_plan plans[] = {
    {
        .name = "district",
        .communes = 0,
        /*               online  at the counter or by post */
        .received =
            {[LEVEL_FULL] = {60, 0}, [LEVEL_PARTIAL] = {84, 1}, [LEVEL_NOT_ONLINE] = {127, 70}},
        .postal = 9,
        .digitised = 116, /* of those with level FULL or PARTIAL */
        .carried_over = {[OUTCOME_RESOLVED] = 20,
                         [OUTCOME_PROCESSING] = 3,
                         [OUTCOME_RETURNED] = 1,
                         [OUTCOME_WAITING] = 1378},
        .newly_received = {[OUTCOME_RESOLVED] = 315,
                           [OUTCOME_PROCESSING] = 22,
                           [OUTCOME_RETURNED] = 3,
                           [OUTCOME_WAITING] = 2},
        .refused = 6,
        .after = 40,
    },
    {
        .name = "commune",
        .communes = 23,
        .received =
            {[LEVEL_FULL] = {407, 22}, [LEVEL_PARTIAL] = {340, 105}, [LEVEL_NOT_ONLINE] = {4, 30}},
        .postal = 13,
        .digitised = 759,
        .carried_over = {[OUTCOME_RESOLVED] = 20,
                         [OUTCOME_PROCESSING] = 2,
                         [OUTCOME_RETURNED] = 1,
                         [OUTCOME_WAITING] = 30},
        .newly_received = {[OUTCOME_RESOLVED] = 778,
                           [OUTCOME_PROCESSING] = 123,
                           [OUTCOME_RETURNED] = 3,
                           [OUTCOME_WAITING] = 4},
        .refused = 11,
        .after = 120,
    },
};

/* Procedures of the demo's catalogue with the level they had then. */
static const struct simulated_procedure district_procedures[] = {
    {"1.004221", "dat-dai", LEVEL_FULL, 30},
    {"1.001612", "kinh-doanh", LEVEL_FULL, 3},
    {"2.000720", "kinh-doanh", LEVEL_FULL, 3},
    {"1.009994", "xay-dung", LEVEL_FULL, 15},
    {"1.009998", "xay-dung", LEVEL_FULL, 5},
    {"2.000414", "thi-dua-khen-thuong", LEVEL_FULL, 10},
    {"2.000880", "dat-dai", LEVEL_PARTIAL, 10},
    {"1.004199", "dat-dai", LEVEL_PARTIAL, 10},
    {"1.000798", "dat-dai", LEVEL_PARTIAL, 15},
    {"1.001570", "kinh-doanh", LEVEL_PARTIAL, 3},
    {"1.001266", "kinh-doanh", LEVEL_PARTIAL, 5},
    {"1.009995", "xay-dung", LEVEL_PARTIAL, 15},
    {"1.004203", "dat-dai", LEVEL_NOT_ONLINE, 15},
    {"2.001234", "dat-dai", LEVEL_NOT_ONLINE, 20},
    {"2.000806", "ho-tich", LEVEL_NOT_ONLINE, 10},
    {"1.009997", "xay-dung", LEVEL_NOT_ONLINE, 15},
};

static const struct simulated_procedure commune_procedures[] = {
    {"1.001193", "ho-tich", LEVEL_FULL, 1},
    {"1.000656", "ho-tich", LEVEL_FULL, 1},
    {"1.004873", "ho-tich", LEVEL_FULL, 3},
    {"2.000635", "ho-tich", LEVEL_FULL, 1},
    {"2.000908", "chung-thuc", LEVEL_FULL, 1},
    {"1.010833", "nguoi-co-cong", LEVEL_FULL, 5},
    {"2.000815", "chung-thuc", LEVEL_PARTIAL, 1},
    {"1.000894", "ho-tich", LEVEL_PARTIAL, 1},
    {"1.004837", "ho-tich", LEVEL_PARTIAL, 3},
    {"1.004884", "ho-tich", LEVEL_PARTIAL, 5},
    {"1.001776", "bao-tro-xa-hoi", LEVEL_PARTIAL, 10},
    {"1.010824", "nguoi-co-cong", LEVEL_PARTIAL, 10},
    {"2.000884", "chung-thuc", LEVEL_NOT_ONLINE, 1},
    {"2.001035", "chung-thuc", LEVEL_NOT_ONLINE, 2},
    {"2.001019", "chung-thuc", LEVEL_NOT_ONLINE, 2},
    {"1.003554", "dat-dai", LEVEL_NOT_ONLINE, 30},
};

static const struct simulated_procedure *
pick_procedure(struct golden *golden, const struct golden_plan *plan, enum service_level level)
{
    const bool commune = plan->communes != 0;
    const struct simulated_procedure *all = commune ? commune_procedures : district_procedures;
    const unsigned count =
        (unsigned)(commune ? sizeof commune_procedures / sizeof *commune_procedures
                           : sizeof district_procedures / sizeof *district_procedures);
    const struct simulated_procedure *found;
    do {
        found = &all[random_below(&golden->random, count)];
    } while (found->level != level);
    return found;
}

/* 0 is the district's own counter; communes of the first two numbers, the towns, have twice the
 * dossiers. */
static unsigned pick_unit(struct golden *golden, const struct golden_plan *plan)
{
    if (plan->communes == 0) {
        return 0;
    }
    const unsigned ticket = random_below(&golden->random, plan->communes + 2);
    return ticket < plan->communes ? ticket + 1 : ticket - plan->communes + 1;
}

static struct golden_dossier *add(struct golden *golden, const struct golden_plan *plan,
                                  enum service_level level, enum channel channel)
{
    if (golden->dossier_count == DOSSIERS_MAX) {
        golden->status = STATUS_INTERNAL;
        return &golden->dossiers[0];
    }
    struct golden_dossier *dossier = &golden->dossiers[golden->dossier_count++];
    *dossier = (struct golden_dossier){
        .unit = pick_unit(golden, plan),
        .procedure = pick_procedure(golden, plan, level),
        .channel = channel,
        .outcome = OUTCOME_RESOLVED,
    };
    return dossier;
}

/* Outcomes in a random order. */
static void deal_outcomes(struct golden *golden, struct golden_dossier *dossiers, unsigned count,
                          const unsigned outcomes[OUTCOME_COUNT])
{
    unsigned at = 0;
    for (unsigned outcome = 0; outcome < OUTCOME_COUNT; outcome++) {
        for (unsigned i = 0; i < outcomes[outcome] && at < count; i++) {
            dossiers[at++].outcome = (enum golden_outcome)outcome;
        }
    }
    for (unsigned i = count; i > 1; i--) {
        const unsigned other = random_below(&golden->random, i);
        const enum golden_outcome outcome = dossiers[i - 1].outcome;
        dossiers[i - 1].outcome = dossiers[other].outcome;
        dossiers[other].outcome = outcome;
    }
}

/* As many marks as the plan has, spread evenly over the receptions of procedures that are offered
 * online. */
static void deal_digitised(struct golden_dossier *dossiers, unsigned count,
                           const struct golden_plan *plan)
{
    unsigned offered = 0;
    for (unsigned i = 0; i < count; i++) {
        offered += dossiers[i].procedure->level != LEVEL_NOT_ONLINE;
    }
    unsigned seen = 0;
    for (unsigned i = 0; i < count; i++) {
        if (dossiers[i].procedure->level != LEVEL_NOT_ONLINE) {
            const unsigned before = seen * plan->digitised / offered;
            seen++;
            dossiers[i].digitised = seen * plan->digitised / offered != before;
        }
    }
}

static void deal_new(struct golden *golden, const struct golden_plan *plan)
{
    struct golden_dossier *first = &golden->dossiers[golden->dossier_count];
    const unsigned before = golden->dossier_count;
    unsigned postal = 0;
    for (unsigned level = LEVEL_FULL; level <= LEVEL_NOT_ONLINE; level++) {
        for (unsigned i = 0; i < plan->received[level][0]; i++) {
            (void)add(golden, plan, (enum service_level)level, CHANNEL_ONLINE);
        }
        for (unsigned i = 0; i < plan->received[level][1]; i++) {
            const bool post = i % 5 == 4 && postal < plan->postal;
            postal += post;
            (void)add(golden, plan, (enum service_level)level,
                      post ? CHANNEL_POSTAL : CHANNEL_DIRECT);
        }
    }
    deal_outcomes(golden, first, golden->dossier_count - before, plan->newly_received);
    deal_digitised(first, golden->dossier_count - before, plan);
}

static enum channel any_channel(struct golden *golden)
{
    return random_chance(&golden->random, 70) ? CHANNEL_ONLINE : CHANNEL_DIRECT;
}

static enum service_level any_level(struct golden *golden)
{
    return (enum service_level)(LEVEL_FULL + random_below(&golden->random, LEVEL_NOT_ONLINE));
}

static void deal_carried_over(struct golden *golden, const struct golden_plan *plan)
{
    for (unsigned outcome = 0; outcome < OUTCOME_COUNT; outcome++) {
        for (unsigned i = 0; i < plan->carried_over[outcome]; i++) {
            struct golden_dossier *dossier =
                add(golden, plan, any_level(golden), any_channel(golden));
            dossier->carried_over = true;
            dossier->outcome = (enum golden_outcome)outcome;
        }
    }
}

/* Neither counts in the month's lines: refused submissions, and receptions after its end. */
static void deal_around(struct golden *golden, const struct golden_plan *plan)
{
    for (unsigned i = 0; i < plan->refused; i++) {
        add(golden, plan, LEVEL_FULL, CHANNEL_ONLINE)->outcome = OUTCOME_REFUSED;
    }
    for (unsigned i = 0; i < plan->after; i++) {
        add(golden, plan, any_level(golden), any_channel(golden))->outcome = OUTCOME_AFTER;
    }
}

static int order(const void *a, const void *b)
{
    const struct event *one = a;
    const struct event *other = b;
    if (one->occurred_at_ms != other->occurred_at_ms) {
        return one->occurred_at_ms < other->occurred_at_ms ? -1 : 1;
    }
    const int dossiers = slice_compare(one->dossier, other->dossier);
    return dossiers != 0 ? dossiers : slice_compare(one->event_id, other->event_id);
}

static enum status write_all(struct golden *golden, struct simulation *simulation)
{
    for (unsigned i = 0; i < sizeof plans / sizeof *plans; i++) {
        deal_carried_over(golden, &plans[i]);
        deal_new(golden, &plans[i]);
        deal_around(golden, &plans[i]);
    }
    for (unsigned i = 0; i < golden->dossier_count; i++) {
        golden_live(golden, &golden->dossiers[i]);
    }
    if (golden->status != STATUS_OK || golden->arena.exceeded) {
        return golden->status != STATUS_OK ? golden->status : STATUS_TOO_LARGE;
    }
    qsort(golden->events, golden->event_count, sizeof *golden->events, order);
    for (unsigned i = 0; i < golden->event_count; i++) {
        simulation_put(simulation, &golden->events[i]);
    }
    return simulation->failed ? STATUS_IO : STATUS_OK;
}

enum status golden_write(uint64_t seed, struct simulation *simulation)
{
    struct golden golden = {
        .random = {seed},
        .dossiers = calloc(DOSSIERS_MAX, sizeof *golden.dossiers),
        .events = calloc(EVENTS_MAX, sizeof *golden.events),
        .event_max = EVENTS_MAX,
    };
    arena_init(&golden.arena, ARENA_BYTES);
    const enum status status = golden.dossiers != NULL && golden.events != NULL
                                   ? write_all(&golden, simulation)
                                   : STATUS_TOO_LARGE;
    arena_fini(&golden.arena);
    free(golden.dossiers);
    free(golden.events);
    return status;
}
