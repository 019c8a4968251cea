/* SPDX-License-Identifier: Apache-2.0
 *
 * fold by tables: a dossier in a few words, and the figures it must give. Days are counted from
 * 2024-01-01 = day 1, each event at 08:00 plus its place in the row, so that a row reads in order.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/clock.h"
#include "base/localday.h"
#include "fold/fold.h"

enum { EVENTS_MAX = 12, ARENA_BYTES = 1 << 20, DAY_MS = 86400000 };

struct step {
    enum event_kind kind;
    int day;
    int due_day;      /* 0 = none */
    const char *unit; /* NULL = "u1" */
    const char *more; /* voids; "apology", "online", "elsewhere" set the flag */
};

struct expect {
    const char *measure;
    int from_day; /* a stock is read at to_day */
    int to_day;   /* exclusive */
    int value;
    const char *unit; /* NULL = any */
};

struct fold_case {
    const char *name;
    struct step steps[EVENTS_MAX];
    struct expect expects[8];
    unsigned findings;
};

static const struct fold_case cases[] = {
    {"received and in process",
     {{KIND_RECEIVED, 1, 0, NULL, NULL}},
     {{"received", 1, 2, 1, "u1"},
      {"processing_in_time", 0, 2, 1, "u1"},
      {"processing_in_time", 0, 1, 0, NULL},
      {"processing_overdue", 0, 900, 0, NULL}},
     0},
    {"overdue from the day after, without an event",
     {{KIND_RECEIVED, 1, 5, NULL, NULL}},
     {{"processing_in_time", 0, 5, 1, NULL},
      {"processing_in_time", 0, 6, 0, NULL},
      {"processing_overdue", 0, 5, 0, NULL},
      {"processing_overdue", 0, 6, 1, NULL},
      {"processing_overdue", 0, 400, 1, NULL}},
     0},
    {"early",
     {{KIND_RECEIVED, 1, 5, NULL, NULL}, {KIND_RESOLVED, 4, 0, NULL, NULL}},
     {{"resolved_early", 4, 5, 1, NULL},
      {"processing_in_time", 0, 5, 0, NULL},
      {"result_waiting", 0, 900, 1, NULL}},
     0},
    {"on time on the due day",
     {{KIND_RECEIVED, 1, 5, NULL, NULL}, {KIND_RESOLVED, 5, 0, NULL, NULL}},
     {{"resolved_on_time", 5, 6, 1, NULL}, {"processing_overdue", 0, 6, 0, NULL}},
     0},
    {"on time without a due date",
     {{KIND_RECEIVED, 1, 0, NULL, NULL}, {KIND_RESOLVED, 300, 0, NULL, NULL}},
     {{"resolved_on_time", 300, 301, 1, NULL}},
     0},
    {"late, no apology",
     {{KIND_RECEIVED, 1, 5, NULL, NULL},
      {KIND_RESOLVED, 8, 0, NULL, NULL},
      {KIND_APOLOGY_SENT, 9, 0, NULL, NULL}},
     {{"resolved_late_no_apology", 8, 9, 1, NULL},
      {"processing_overdue", 0, 8, 1, NULL},
      {"processing_overdue", 0, 9, 0, NULL}},
     1},
    {"late, apology with the extension",
     {{KIND_RECEIVED, 1, 5, NULL, NULL},
      {KIND_EXTENDED, 6, 7, NULL, "apology"},
      {KIND_RESOLVED, 8, 0, NULL, NULL}},
     {{"resolved_late_apology", 8, 9, 1, NULL},
      {"processing_overdue", 0, 6, 1, NULL},
      {"processing_overdue", 0, 7, 0, NULL},
      {"processing_overdue", 0, 8, 1, NULL}},
     0},
    {"a paused dossier is never overdue",
     {{KIND_RECEIVED, 1, 5, NULL, NULL},
      {KIND_SUPPLEMENT_REQUESTED, 3, 0, NULL, NULL},
      {KIND_SUPPLEMENT_RECEIVED, 10, 15, NULL, NULL}},
     {{"waiting_supplement", 0, 4, 1, NULL},
      {"processing_overdue", 0, 9, 0, NULL},
      {"waiting_supplement", 0, 11, 0, NULL},
      {"processing_in_time", 0, 11, 1, NULL},
      {"processing_overdue", 0, 16, 1, NULL}},
     0},
    {"a due date on an event that carries none counts nothing",
     {{KIND_RECEIVED, 1, 5, NULL, NULL},
      {KIND_STOPPED, 3, 30, NULL, NULL},
      {KIND_RESUMED, 4, 0, NULL, NULL}},
     {{"processing_in_time", 0, 5, 1, NULL}, {"processing_overdue", 0, 6, 1, NULL}},
     0},
    {"a pause while paused moves",
     {{KIND_RECEIVED, 1, 0, NULL, NULL},
      {KIND_SUPPLEMENT_REQUESTED, 2, 0, NULL, NULL},
      {KIND_PAYMENT_REQUESTED, 3, 0, NULL, NULL},
      {KIND_STOPPED, 4, 0, NULL, NULL},
      {KIND_RESUMED, 5, 0, NULL, NULL}},
     {{"waiting_supplement", 0, 3, 1, NULL},
      {"waiting_supplement", 0, 4, 0, NULL},
      {"waiting_payment", 0, 4, 1, NULL},
      {"stopped", 0, 5, 1, NULL},
      {"processing_in_time", 0, 6, 1, NULL}},
     0},
    {"paid online counts each time until the end",
     {{KIND_RECEIVED, 1, 0, NULL, NULL},
      {KIND_PAYMENT_RECEIVED, 2, 0, NULL, "online"},
      {KIND_PAYMENT_RECEIVED, 3, 0, NULL, "online"},
      {KIND_RESOLVED, 4, 0, NULL, NULL},
      {KIND_PAYMENT_RECEIVED, 5, 0, NULL, "online"}},
     {{"paid_online", 1, 9, 2, NULL}},
     1},
    {"awaiting reception, then refused once",
     {{KIND_SUBMITTED, 1, 0, NULL, NULL},
      {KIND_REFUSED, 3, 0, "u2", NULL},
      {KIND_REFUSED, 4, 0, NULL, NULL}},
     {{"submitted", 1, 2, 1, "u1"},
      {"awaiting_reception", 0, 3, 1, "u1"},
      {"awaiting_reception", 0, 4, 0, NULL},
      {"refused", 3, 9, 1, "u2"},
      {"received", 0, 9, 0, NULL}},
     1},
    {"refused and submitted again: each wait counts",
     {{KIND_SUBMITTED, 1, 0, NULL, NULL},
      {KIND_REFUSED, 2, 0, NULL, NULL},
      {KIND_SUBMITTED, 3, 4, NULL, NULL},
      {KIND_SUBMITTED, 4, 9, NULL, NULL}},
     {{"submitted", 1, 9, 2, NULL},
      {"refused", 1, 9, 1, NULL},
      {"awaiting_reception", 0, 2, 1, NULL},
      {"awaiting_reception", 0, 3, 0, NULL},
      {"awaiting_reception", 0, 5, 0, NULL},
      {"awaiting_reception_overdue", 0, 4, 0, NULL},
      {"awaiting_reception_overdue", 0, 5, 1, NULL}},
     1},
    {"accepted after the day by which it had to be",
     {{KIND_SUBMITTED, 1, 3, "u2", NULL}, {KIND_RECEIVED, 5, 0, NULL, NULL}},
     {{"received_late", 5, 6, 1, "u1"},
      {"awaiting_reception", 0, 3, 1, "u2"},
      {"awaiting_reception_overdue", 0, 5, 1, "u2"},
      {"awaiting_reception_overdue", 0, 6, 0, NULL}},
     0},
    {"accepted on that day is in time, and so is what was refused in between",
     {{KIND_SUBMITTED, 1, 2, NULL, NULL},
      {KIND_REFUSED, 4, 0, NULL, NULL},
      {KIND_SUBMITTED, 5, 6, NULL, NULL},
      {KIND_RECEIVED, 6, 0, NULL, NULL}},
     {{"received_late", 0, 9, 0, NULL}, {"awaiting_reception_overdue", 0, 4, 1, NULL}},
     0},
    {"handed over without a result: resolved by it",
     {{KIND_RECEIVED, 1, 3, NULL, NULL},
      {KIND_RESULT_DIGITISED, 2, 0, NULL, NULL},
      {KIND_HANDED_OVER, 5, 0, NULL, NULL},
      {KIND_STOPPED, 6, 0, NULL, NULL}},
     {{"resolved_late_no_apology", 5, 6, 1, NULL},
      {"handed_over", 5, 6, 1, NULL},
      {"result_digitised", 5, 6, 1, NULL},
      {"result_waiting", 0, 9, 0, NULL},
      {"processing_overdue", 0, 6, 0, NULL}},
     2},
    {"handed over before reception and without a result",
     {{KIND_HANDED_OVER, 1, 0, NULL, NULL}, {KIND_RECEIVED, 3, 0, NULL, NULL}},
     {{"resolved_on_time", 3, 4, 1, NULL}, {"handed_over", 3, 4, 1, NULL}},
     1},
    {"a resolution that comes later takes over",
     {{KIND_RECEIVED, 1, 3, NULL, NULL},
      {KIND_HANDED_OVER, 2, 0, NULL, NULL},
      {KIND_RESOLVED, 4, 0, NULL, NULL}},
     {{"resolved_early", 0, 9, 0, NULL},
      {"resolved_late_no_apology", 4, 5, 1, NULL},
      {"handed_over", 4, 5, 1, NULL}},
     0},
    {"events before reception take effect with it",
     {{KIND_COMPONENTS_DIGITISED, 1, 0, NULL, NULL},
      {KIND_SUPPLEMENT_REQUESTED, 2, 0, NULL, NULL},
      {KIND_RECEIVED, 5, 9, NULL, NULL}},
     {{"components_digitised", 5, 6, 1, NULL},
      {"components_digitised", 0, 5, 0, NULL},
      {"waiting_supplement", 0, 6, 1, NULL},
      {"processing_in_time", 0, 6, 0, NULL}},
     0},
    {"orphans count nothing",
     {{KIND_RESOLVED, 1, 0, NULL, NULL}, {KIND_HANDED_OVER, 2, 0, NULL, NULL}},
     {{"resolved_on_time", 0, 9, 0, NULL}, {"handed_over", 0, 9, 0, NULL}},
     2},
    {"a second reception is ignored",
     {{KIND_RECEIVED, 1, 0, NULL, NULL},
      {KIND_RECEIVED, 2, 0, "u2", NULL},
      {KIND_SUBMITTED, 3, 0, NULL, NULL}},
     {{"received", 0, 9, 1, "u1"}, {"received", 0, 9, 0, "u2"}, {"submitted", 0, 9, 0, NULL}},
     2},
    {"transferred: stock and later flows move",
     {{KIND_RECEIVED, 1, 5, NULL, NULL},
      {KIND_TRANSFERRED, 3, 0, "u2", NULL},
      {KIND_RESOLVED, 4, 0, NULL, NULL}},
     {{"transferred_out", 3, 4, 1, "u1"},
      {"transferred_in", 3, 4, 1, "u2"},
      {"processing_in_time", 0, 3, 1, "u1"},
      {"processing_in_time", 0, 4, 0, "u1"},
      {"processing_in_time", 0, 4, 1, "u2"},
      {"resolved_early", 4, 5, 1, "u2"},
      {"resolved_early", 0, 9, 0, "u1"}},
     0},
    {"handed over once, never a second resolution",
     {{KIND_RECEIVED, 1, 0, NULL, NULL},
      {KIND_RESOLVED, 2, 0, NULL, NULL},
      {KIND_HANDED_OVER, 4, 0, NULL, NULL},
      {KIND_HANDED_OVER, 5, 0, NULL, NULL},
      {KIND_RESOLVED, 6, 0, NULL, NULL}},
     {{"handed_over", 4, 5, 1, NULL},
      {"handed_over", 0, 99, 1, NULL},
      {"resolved_on_time", 0, 99, 1, NULL},
      {"result_waiting", 0, 4, 1, NULL},
      {"result_waiting", 0, 5, 0, NULL}},
     2},
    {"marks before the resolution count on its day",
     {{KIND_RECEIVED, 1, 0, NULL, NULL},
      {KIND_RESULT_DIGITISED, 2, 0, NULL, NULL},
      {KIND_HANDED_OVER, 3, 0, NULL, NULL},
      {KIND_RESOLVED, 7, 0, NULL, NULL}},
     {{"result_digitised", 7, 8, 1, NULL},
      {"handed_over", 7, 8, 1, NULL},
      {"result_waiting", 0, 9, 0, NULL}},
     0},
    {"no result of a dossier that was returned",
     {{KIND_RECEIVED, 1, 0, NULL, NULL},
      {KIND_RETURNED, 2, 0, NULL, NULL},
      {KIND_HANDED_OVER, 3, 0, NULL, NULL},
      {KIND_COMPONENTS_DIGITISED, 4, 0, NULL, NULL}},
     {{"returned", 2, 3, 1, NULL},
      {"handed_over", 0, 9, 0, NULL},
      {"components_digitised", 4, 5, 1, NULL}},
     1},
    {"voided resolution never happened",
     {{KIND_RECEIVED, 1, 5, NULL, NULL},
      {KIND_RESOLVED, 2, 0, NULL, NULL},
      {KIND_VOIDED, 8, 0, NULL, "e1"}},
     {{"resolved_early", 0, 99, 0, NULL}, {"processing_overdue", 0, 6, 1, NULL}},
     0},
    {"a voiding cannot be voided, and needs its event",
     {{KIND_RECEIVED, 1, 0, NULL, NULL},
      {KIND_VOIDED, 2, 0, NULL, "e0"},
      {KIND_VOIDED, 3, 0, NULL, "e1"},
      {KIND_VOIDED, 4, 0, NULL, "e99"}},
     {{"received", 0, 99, 0, NULL}},
     2},
    {"out of territory",
     {{KIND_RECEIVED, 1, 0, NULL, "elsewhere"}},
     {{"received", 1, 2, 1, NULL}, {"out_of_territory", 1, 2, 1, NULL}},
     0},
    {"petition late",
     {{KIND_PETITION_RECEIVED, 1, 3, NULL, NULL}, {KIND_PETITION_RESOLVED, 5, 0, NULL, NULL}},
     {{"petition_received", 1, 2, 1, NULL},
      {"petition_open_in_time", 0, 3, 1, NULL},
      {"petition_open_overdue", 0, 4, 1, NULL},
      {"petition_resolved_late", 5, 6, 1, NULL},
      {"petition_open_overdue", 0, 6, 0, NULL}},
     0},
    {"petition never received",
     {{KIND_PETITION_RESOLVED, 1, 0, NULL, NULL}, {KIND_PETITION_RESOLVED, 2, 0, NULL, NULL}},
     {{"petition_resolved_on_time", 0, 9, 0, NULL}},
     2},
    {"petition resolved before it was received",
     {{KIND_PETITION_RESOLVED, 1, 0, NULL, NULL}, {KIND_PETITION_RECEIVED, 3, 3, NULL, NULL}},
     {{"petition_resolved_on_time", 3, 4, 1, NULL}, {"petition_open_in_time", 0, 4, 0, NULL}},
     0},
};

static int64_t moment_ms(int day, int place)
{
    const int32_t first = localday_of_date((struct date){2024, 1, 1});
    return localday_start_ms(first + day - 1) + 8 * 3600000 + place * 1000;
}

static bool flag(const struct step *step, const char *name)
{
    return step->more != NULL && strcmp(step->more, name) == 0;
}

static unsigned build(const struct fold_case *row, char ids[EVENTS_MAX][8],
                      struct history_event *events)
{
    unsigned count = 0;
    for (; count < EVENTS_MAX && row->steps[count].kind != KIND_NONE; count++) {
        const struct step *step = &row->steps[count];
        ids[count][0] = 'e';
        ids[count][1] = (char)('0' + count);
        ids[count][2] = '\0';
        events[count] = (struct history_event){
            .source = slice_text("counter"),
            .position = count + 1,
            .event = {.event_id = slice_text(ids[count]),
                      .dossier = slice_text("d"),
                      .unit = slice_text(step->unit != NULL ? step->unit : "u1"),
                      .procedure = slice_text("p"),
                      .field = slice_text("f"),
                      .voids =
                          step->kind == KIND_VOIDED ? slice_text(step->more) : (struct slice){0},
                      .kind = step->kind,
                      .channel = CHANNEL_ONLINE,
                      .level = LEVEL_FULL,
                      .petition_class = CLASS_BUSINESS,
                      .occurred_at_ms = moment_ms(step->day, (int)count),
                      .due_at_ms = step->due_day != 0 ? moment_ms(step->due_day, 0) : 0,
                      .apology_sent = flag(step, "apology"),
                      .paid_online = flag(step, "online"),
                      .out_of_territory = flag(step, "elsewhere")}};
    }
    return count;
}

static int64_t value_of(const struct fold_result *result, const struct expect *expect)
{
    const enum measure measure = measure_of(slice_text(expect->measure));
    const int32_t first = localday_of_date((struct date){2024, 1, 1}) - 1;
    int64_t sum = 0;
    assert_true(measure < MEASURE_COUNT);
    for (unsigned i = 0; i < result->amount_count; i++) {
        const struct amount *amount = &result->amounts[i];
        const bool in_unit =
            expect->unit == NULL || slice_equal(amount->unit, slice_text(expect->unit));
        const bool in_period =
            amount->day < first + expect->to_day &&
            (measure_is_stock(measure) || amount->day >= first + expect->from_day);
        sum += amount->measure == measure && in_unit && in_period ? amount->delta : 0;
    }
    return sum;
}

/* What a dossier, or a petition, comes to in two measures before a day. */
static int sum_before(const struct fold_result *result, const enum measure measures[2], int32_t day)
{
    int sum = 0;
    for (unsigned i = 0; i < result->amount_count; i++) {
        const struct amount *amount = &result->amounts[i];
        const bool fits = amount->measure == measures[0] || amount->measure == measures[1];
        sum += fits && amount->day < day ? amount->delta : 0;
    }
    return sum;
}

/* Where it stands at a day is the stock that it is in then, or the flow that it ended with. */
static void check_standing(const struct fold_result *result, int32_t day)
{
    static const enum measure measures[][2] = {
        [OPEN_PROCESSING] = {MEASURE_PROCESSING_IN_TIME, MEASURE_PROCESSING_OVERDUE},
        [OPEN_WAITING_SUPPLEMENT] = {MEASURE_WAITING_SUPPLEMENT, MEASURE_WAITING_SUPPLEMENT},
        [OPEN_WAITING_PAYMENT] = {MEASURE_WAITING_PAYMENT, MEASURE_WAITING_PAYMENT},
        [OPEN_STOPPED] = {MEASURE_STOPPED, MEASURE_STOPPED},
        [OPEN_AWAITING_RECEPTION] = {MEASURE_AWAITING_RECEPTION,
                                     MEASURE_AWAITING_RECEPTION_OVERDUE},
        [ENDED_RETURNED] = {MEASURE_RETURNED, MEASURE_RETURNED},
        [ENDED_WITHDRAWN] = {MEASURE_WITHDRAWN, MEASURE_WITHDRAWN},
        [PETITION_OPEN] = {MEASURE_PETITION_OPEN_IN_TIME, MEASURE_PETITION_OPEN_OVERDUE},
        [PETITION_RESOLVED] = {MEASURE_PETITION_RESOLVED_ON_TIME, MEASURE_PETITION_RESOLVED_LATE},
    };
    for (unsigned state = OPEN_PROCESSING; state < sizeof measures / sizeof *measures; state++) {
        const struct dossier_standing *standing =
            state >= PETITION_OPEN ? &result->petition : &result->dossier;
        if (measures[state][0] != measures[state][1] || measures[state][0] != 0) {
            assert_int_equal(sum_before(result, measures[state], day),
                             (unsigned)standing->state == state);
        }
    }
    const struct dossier_standing *dossier = &result->dossier;
    const bool ended = dossier->state >= OPEN_STATE_COUNT;
    assert_true(dossier->state == OPEN_NONE || dossier->received_day < day || day == INT32_MAX);
    assert_true(!ended ||
                (dossier->ended_day >= dossier->received_day && dossier->ended_day < day));
}

/* What is open in the end is the stock that stays for ever, in the unit that has it. */
static void check_open(const struct fold_result *result)
{
    check_standing(result, INT32_MAX);
    const bool open = result->dossier.state < OPEN_STATE_COUNT;
    assert_int_equal(result->open.state, open ? result->dossier.state : OPEN_NONE);
    assert_true(result->open.state == OPEN_NONE || slice_equal(result->open.unit, result->unit));
}

static void check_case(const struct fold_case *row, const struct history_event *events,
                       unsigned count)
{
    struct arena arena;
    struct fold_result result;
    arena_init(&arena, ARENA_BYTES);
    assert_int_equal(fold(events, count, &arena, &result), STATUS_OK);
    for (const struct expect *expect = row->expects;
         expect < row->expects + 8 && expect->measure != NULL; expect++) {
        if (value_of(&result, expect) != expect->value) {
            print_error("%s: %s up to day %d in %s\n", row->name, expect->measure, expect->to_day,
                        expect->unit != NULL ? expect->unit : "any unit");
        }
        assert_int_equal(value_of(&result, expect), expect->value);
    }
    if (result.finding_count != row->findings) {
        print_error("%s: findings\n", row->name);
    }
    assert_int_equal(result.finding_count, row->findings);
    check_open(&result);
    for (int32_t day = 0; day < 40; day++) { /* at the start of each */
        const int32_t local_day = localday_of_ms(moment_ms(1, 0)) + day - 4;
        assert_int_equal(fold_before(events, count, local_day, &arena, &result), STATUS_OK);
        check_standing(&result, local_day);
    }
    arena_fini(&arena);
}

static void test_cases(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char ids[EVENTS_MAX][8];
        struct history_event events[EVENTS_MAX];
        const unsigned count = build(&cases[i], ids, events);
        check_case(&cases[i], events, count);
        for (unsigned k = 0; k < count / 2; k++) { /* the same set the other way round */
            const struct history_event swap = events[k];
            events[k] = events[count - 1 - k];
            events[count - 1 - k] = swap;
        }
        check_case(&cases[i], events, count);
    }
}

enum { PAIRS = 2000, FOLD_BYTES = 64 << 20, FOLD_MS_MAX = 100 };

/* Two thousand RECEIVEDs and as many VOIDEDs: each finds its own without looking at all others. */
static void test_many_voids(void **state)
{
    (void)state;
    static struct history_event events[2 * PAIRS];
    static char ids[2 * PAIRS][16];
    struct arena arena;
    struct fold_result result;
    for (unsigned i = 0; i < 2 * PAIRS; i++) {
        const bool voids = i % 2 != 0;
        (void)snprintf(ids[i], sizeof ids[i], "e%u", i);
        events[i] =
            (struct history_event){.source = slice_text("counter"),
                                   .position = i + 1,
                                   .event = {.event_id = slice_text(ids[i]),
                                             .dossier = slice_text("d"),
                                             .kind = voids ? KIND_VOIDED : KIND_RECEIVED,
                                             .unit = slice_text(voids ? "" : "u1"),
                                             .procedure = slice_text(voids ? "" : "p"),
                                             .voids = slice_text(voids && i != 1 ? ids[i - 1] : ""),
                                             .occurred_at_ms = moment_ms(1, 0)}};
    }
    arena_init(&arena, FOLD_BYTES);
    const int64_t begun_ms = clock_ms();
    assert_int_equal(fold(events, 2 * PAIRS, &arena, &result), STATUS_OK);
    assert_true(clock_ms() - begun_ms < FOLD_MS_MAX);
    assert_int_equal(result.finding_count, 1);
    assert_int_equal(result.findings[0].kind, FINDING_VOID_UNMATCHED);
    assert_ptr_equal(result.findings[0].event, &events[1]);
    assert_int_equal(value_of(&result, &(struct expect){"received", 0, 9, 1, NULL}), 1);
    arena_fini(&arena);
}

static void test_arena_full(void **state)
{
    (void)state;
    char ids[EVENTS_MAX][8];
    struct history_event events[EVENTS_MAX];
    const unsigned count = build(&cases[0], ids, events);
    struct arena arena;
    struct fold_result result;
    arena_init(&arena, 64);
    assert_int_equal(fold(events, count, &arena, &result), STATUS_TOO_LARGE);
    arena_fini(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_cases),
                                       cmocka_unit_test(test_many_voids),
                                       cmocka_unit_test(test_arena_full)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
