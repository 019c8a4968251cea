/* SPDX-License-Identifier: Apache-2.0
 *
 * The golden month, folded by the counting rules, gives every figure of its file; units, fields and
 * procedures are the demo catalogue's. Streams depend on their seed alone.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/localday.h"
#include "base/require.h"
#include "base/text.h"
#include "catalogue/catalogue.h"
#include "event/event_json.h"
#include "fold/fold.h"
#include "services/hoso/simulate/simulate_random.h"

enum { EVENTS_MAX = 20000, ARENA_BYTES = 64 << 20, TIERS = 2, UNITS = 24 };

struct text {
    char *data;
    size_t size;
};

static struct text golden_text(uint64_t seed)
{
    struct text text;
    struct simulation simulation;
    FILE *out = open_memstream(&text.data, &text.size);
    require(out != NULL);
    simulation_init(&simulation, out);
    assert_int_equal(golden_write(seed, &simulation), STATUS_OK);
    simulation_fini(&simulation);
    require(fclose(out) == 0);
    return text;
}

/* The month's events, by dossier. */
struct month {
    struct arena arena;
    struct history_event *events;
    unsigned count;
    int32_t from;
    int32_t to;
    int64_t flow[UNITS][MEASURE_COUNT][SLOT_COUNT];
    int64_t open[UNITS][MEASURE_COUNT][SLOT_COUNT];
    int64_t close[UNITS][MEASURE_COUNT][SLOT_COUNT];
};

static int by_dossier(const void *a, const void *b)
{
    const struct history_event *one = a;
    const struct history_event *other = b;
    return slice_compare(one->event.dossier, other->event.dossier);
}

static void parse(struct month *month, struct text text)
{
    char *line = text.data;
    month->events = calloc(EVENTS_MAX, sizeof *month->events);
    require(month->events != NULL);
    for (char *end = strchr(line, '\n'); end != NULL; end = strchr(line, '\n')) {
        struct event_fault fault;
        require(month->count < EVENTS_MAX);
        struct history_event *event = &month->events[month->count];
        assert_int_equal(event_from_json(slice_of(line, (size_t)(end - line)), &month->arena,
                                         &event->event, &fault),
                         STATUS_OK);
        event->source = slice_text("counter");
        event->position = ++month->count;
        line = end + 1;
    }
    qsort(month->events, month->count, sizeof *month->events, by_dossier);
}

static unsigned unit_index(struct slice unit)
{
    if (slice_equal(unit, slice_text("H27.45"))) {
        return 0;
    }
    const unsigned index = (unsigned)((unit.data[7] - '0') * 10 + unit.data[8] - '0');
    assert_int_equal(unit.size, strlen("H27.45.01"));
    assert_in_range(index, 1, UNITS - 1);
    return index;
}

static void count(struct month *month, const struct amount *amount)
{
    const unsigned unit = unit_index(amount->unit);
    if (amount->day < month->from) {
        month->open[unit][amount->measure][amount->slot] += amount->delta;
    } else if (amount->day < month->to) {
        month->flow[unit][amount->measure][amount->slot] += amount->delta;
    }
    if (amount->day < month->to) {
        month->close[unit][amount->measure][amount->slot] += amount->delta;
    }
}

static void fold_all(struct month *month)
{
    struct arena arena;
    arena_init(&arena, ARENA_BYTES);
    unsigned first = 0;
    while (first < month->count) {
        unsigned end = first + 1;
        while (end < month->count && by_dossier(&month->events[first], &month->events[end]) == 0) {
            end++;
        }
        struct fold_result result;
        arena_reset(&arena);
        assert_int_equal(fold(month->events + first, end - first, &arena, &result), STATUS_OK);
        assert_int_equal(result.finding_count, 0);
        for (unsigned i = 0; i < result.amount_count; i++) {
            count(month, &result.amounts[i]);
        }
        first = end;
    }
    arena_fini(&arena);
}

/* Sum over the units of a tier (0 district, 1 commune, 2 both) and a set of slots. */
static int64_t sum(int64_t (*of)[MEASURE_COUNT][SLOT_COUNT], unsigned tier, enum measure measure,
                   uint32_t slots)
{
    int64_t total = 0;
    for (unsigned unit = 0; unit < UNITS; unit++) {
        for (unsigned slot = 0; slot < SLOT_COUNT; slot++) {
            if ((tier == TIERS || (unit != 0) == (tier == 1)) && (slots >> slot & 1) != 0) {
                total += of[unit][measure][slot];
            }
        }
    }
    return total;
}

static int64_t number(const json_t *object, const char *name)
{
    const json_t *value = json_object_get(object, name);
    require(json_is_integer(value));
    return json_integer_value(value);
}

static int64_t carried_over(struct month *month, unsigned tier)
{
    return sum(month->open, tier, MEASURE_PROCESSING_IN_TIME, SLOTS_ALL) +
           sum(month->open, tier, MEASURE_PROCESSING_OVERDUE, SLOTS_ALL) +
           sum(month->open, tier, MEASURE_WAITING_SUPPLEMENT, SLOTS_ALL);
}

static void check_given(struct month *month, const json_t *given, unsigned tier)
{
    const uint32_t online = slots_of(CHANNEL_ONLINE, LEVEL_NONE_GIVEN);
    const int64_t received = sum(month->flow, tier, MEASURE_RECEIVED, SLOTS_ALL);
    const int64_t received_online = sum(month->flow, tier, MEASURE_RECEIVED, online);
    assert_int_equal(received_online, number(given, "online"));
    assert_int_equal(received - received_online, number(given, "direct_postal"));
    assert_int_equal(carried_over(month, tier), number(given, "carried_over"));
    assert_int_equal(received + carried_over(month, tier), number(given, "dossiers"));
}

static void check_outcome(struct month *month, const json_t *outcome, unsigned tier)
{
    assert_int_equal(sum(month->flow, tier, MEASURE_RESOLVED_EARLY, SLOTS_ALL) +
                         sum(month->flow, tier, MEASURE_RESOLVED_ON_TIME, SLOTS_ALL),
                     number(outcome, "resolved"));
    assert_int_equal(sum(month->close, tier, MEASURE_PROCESSING_IN_TIME, SLOTS_ALL),
                     number(outcome, "processing"));
    assert_int_equal(sum(month->close, tier, MEASURE_PROCESSING_OVERDUE, SLOTS_ALL), 0);
    assert_int_equal(sum(month->flow, tier, MEASURE_RESOLVED_LATE_APOLOGY, SLOTS_ALL) +
                         sum(month->flow, tier, MEASURE_RESOLVED_LATE_NO_APOLOGY, SLOTS_ALL),
                     0);
    assert_int_equal(sum(month->flow, tier, MEASURE_RETURNED, SLOTS_ALL),
                     number(outcome, "returned"));
    assert_int_equal(sum(month->close, tier, MEASURE_WAITING_SUPPLEMENT, SLOTS_ALL),
                     number(outcome, "waiting_supplement"));
}

static void check_rate(struct month *month, const json_t *rates, const char *name,
                       const char *tier_name, unsigned tier)
{
    const uint32_t full = slots_of(CHANNEL_NONE, LEVEL_FULL);
    const uint32_t partial = slots_of(CHANNEL_NONE, LEVEL_PARTIAL);
    const uint32_t online = slots_of(CHANNEL_ONLINE, LEVEL_NONE_GIVEN);
    const json_t *rate = json_object_get(json_object_get(rates, name), tier_name);
    if (rate == NULL) {
        return;
    }
    const bool digitised = strcmp(name, "digitised") == 0;
    uint32_t slots = full | partial;
    slots = strcmp(name, "full") == 0 ? full : strcmp(name, "partial") == 0 ? partial : slots;
    assert_int_equal(sum(month->flow, tier, MEASURE_RECEIVED, slots), number(rate, "d"));
    assert_int_equal(sum(month->flow, tier,
                         digitised ? MEASURE_COMPONENTS_DIGITISED : MEASURE_RECEIVED,
                         digitised ? slots : slots & online),
                     number(rate, "n"));
}

static void golden_month(void **state)
{
    static const char *const tiers[] = {"district", "commune", "total"};
    static const char *const rates[] = {"online", "full", "partial", "digitised"};
    static struct month month;
    (void)state;
    json_error_t error;
    json_t *golden = json_load_file(GOLDEN_FILE, 0, &error);
    require(golden != NULL);
    struct text text = golden_text(20240219);
    arena_init(&month.arena, ARENA_BYTES);
    require(localday_parse(slice_text("2024-01-19"), &month.from));
    require(localday_parse(slice_text("2024-02-20"), &month.to));
    parse(&month, text);
    fold_all(&month);
    for (unsigned tier = 0; tier <= TIERS; tier++) {
        check_given(&month, json_object_get(json_object_get(golden, "given"), tiers[tier]), tier);
        if (tier < TIERS) {
            check_outcome(
                &month,
                json_object_get(json_object_get(golden, "free_split_suggestion"), tiers[tier]),
                tier);
        }
        for (unsigned i = 0; i < 4; i++) {
            check_rate(&month, json_object_get(golden, "rates"), rates[i], tiers[tier], tier);
        }
    }
    json_decref(golden);
    free(month.events);
    free(text.data);
    arena_fini(&month.arena);
}

/* Every name in the stream is in the demo's catalogue on the day of the event. */
static void golden_names(void **state)
{
    struct buffer packed;
    struct catalogue *catalogue = NULL;
    struct error error;
    struct month month = {.count = 0};
    (void)state;
    buffer_init(&packed, CATALOGUE_BYTES_MAX);
    assert_int_equal(catalogue_import_csv(DEMO_CATALOGUE, &packed, &error), STATUS_OK);
    assert_int_equal(catalogue_parse(buffer_slice(&packed), &catalogue, &error), STATUS_OK);
    struct text text = golden_text(1);
    arena_init(&month.arena, ARENA_BYTES);
    parse(&month, text);
    for (unsigned i = 0; i < month.count; i++) {
        const struct event *event = &month.events[i].event;
        assert_true(event->unit.size == 0 ||
                    catalogue_unit(catalogue, event->unit, localday_of_ms(event->occurred_at_ms)) !=
                        NULL);
        if (event->kind == KIND_RECEIVED) {
            const struct procedure *procedure = catalogue_procedure(catalogue, event->procedure);
            assert_non_null(procedure);
            assert_true(slice_equal(procedure->field, event->field));
            assert_int_equal(procedure->service_level, event->level);
        }
    }
    free(month.events);
    free(text.data);
    arena_fini(&month.arena);
    catalogue_free(catalogue);
    buffer_fini(&packed);
}

static struct text lives_text(struct lives_options options)
{
    static const struct slice units[] = {{(const uint8_t *)"U1", 2}, {(const uint8_t *)"U2", 2}};
    static const struct lives_procedure procedures[] = {
        {{(const uint8_t *)"P1", 2}, {(const uint8_t *)"F1", 2}, LEVEL_FULL}};
    options.units = units;
    options.unit_count = 2;
    if (options.procedures == NULL) {
        options.procedures = procedures;
        options.procedure_count = 1;
    }
    options.days = 100;
    options.first_day = 19723;
    options.late_percent = 10;
    struct text text;
    struct simulation simulation;
    FILE *out = open_memstream(&text.data, &text.size);
    require(out != NULL);
    simulation_init(&simulation, out);
    assert_int_equal(lives_write(&options, &simulation), STATUS_OK);
    simulation_fini(&simulation);
    require(fclose(out) == 0);
    return text;
}

static struct text random_text(uint64_t seed, bool wild)
{
    return lives_text((struct lives_options){
        .events = 3000,
        .seed = seed,
        .duplicate_percent = wild ? 10 : 0,
        .void_percent = wild ? 5 : 0,
        .shuffle = wild,
    });
}

static void streams_depend_on_their_seed(void **state)
{
    (void)state;
    for (unsigned wild = 0; wild < 2; wild++) {
        struct text one = random_text(1, wild != 0);
        struct text again = random_text(1, wild != 0);
        struct text other = random_text(2, wild != 0);
        assert_string_equal(one.data, again.data);
        assert_true(strcmp(one.data, other.data) != 0);
        free(one.data);
        free(again.data);
        free(other.data);
    }
    struct text one = golden_text(5);
    struct text again = golden_text(5);
    assert_string_equal(one.data, again.data);
    free(one.data);
    free(again.data);
}

/* Every line is an event, and what duplicates and voids add leaves nothing that is wrong. */
static void random_lives_are_sound(void **state)
{
    struct arena arena;
    struct month month = {.count = 0};
    (void)state;
    struct text text = random_text(3, false);
    arena_init(&month.arena, ARENA_BYTES);
    arena_init(&arena, ARENA_BYTES);
    parse(&month, text);
    assert_in_range(month.count, 3000, 3001);
    unsigned first = 0;
    while (first < month.count) {
        unsigned end = first + 1;
        while (end < month.count && by_dossier(&month.events[first], &month.events[end]) == 0) {
            end++;
        }
        struct fold_result result;
        arena_reset(&arena);
        assert_int_equal(fold(month.events + first, end - first, &arena, &result), STATUS_OK);
        assert_int_equal(result.finding_count, 0);
        first = end;
    }
    arena_fini(&arena);
    arena_fini(&month.arena);
    free(month.events);
    free(text.data);
}

/* The first of fifteen procedures has a quarter of the dossiers, the next two another quarter, and
 * the last eight together the last one. */
static void unequal_lives(void **state)
{
    enum { PROCEDURES = 15 };
    static char ids[PROCEDURES][4];
    struct lives_procedure procedures[PROCEDURES];
    unsigned octaves[4] = {0}, received = 0;
    struct month month = {.count = 0};
    (void)state;
    for (unsigned i = 0; i < PROCEDURES; i++) {
        (void)snprintf(ids[i], sizeof ids[i], "P%02u", i);
        procedures[i] =
            (struct lives_procedure){slice_text(ids[i]), slice_text("F1"), LEVEL_PARTIAL};
    }
    struct text text = lives_text((struct lives_options){.procedures = procedures,
                                                         .procedure_count = PROCEDURES,
                                                         .events = EVENTS_MAX - 2,
                                                         .seed = 1,
                                                         .unequal = true});
    arena_init(&month.arena, ARENA_BYTES);
    parse(&month, text);
    for (unsigned i = 0; i < month.count; i++) {
        const struct event *event = &month.events[i].event;
        if (event->kind == KIND_RECEIVED) {
            const int number =
                (event->procedure.data[1] - '0') * 10 + event->procedure.data[2] - '0';
            octaves[number >= 7 ? 3 : number >= 3 ? 2 : number >= 1 ? 1 : 0]++;
            received++;
        }
    }
    for (unsigned i = 0; i < 4; i++) {
        assert_in_range(octaves[i] * 100 / received, 22, 28);
    }
    arena_fini(&month.arena);
    free(month.events);
    free(text.data);
}

static void calendar(void **state)
{
    static const struct {
        const char *date;
        bool working;
    } table[] = {
        {"2024-01-19", true},  {"2024-01-20", false}, {"2024-01-21", false},
        {"2024-01-22", true},  {"2024-02-07", true},  {"2024-02-08", false},
        {"2024-02-14", false}, {"2024-02-15", true},  {"2024-01-01", false},
    };
    (void)state;
    for (unsigned i = 0; i < sizeof table / sizeof *table; i++) {
        int32_t day;
        require(localday_parse(slice_text(table[i].date), &day));
        assert_int_equal(day_is_working(day), table[i].working);
    }
}

static void made_up_ids_are_unique(void **state)
{
    (void)state;
    for (uint32_t units = 2; units < 300; units += 7) {
        char ids[300][MADE_UP_ID_MAX];
        for (uint32_t i = 0; i < units; i++) {
            made_up_unit(i, units, ids[i]);
            for (uint32_t j = 0; j < i; j++) {
                assert_string_not_equal(ids[i], ids[j]);
            }
        }
    }
}

/* The same lines as without an end, up to it. */
static void a_stream_ends_before_its_end(void **state)
{
    struct month month = {.count = 0};
    (void)state;
    const int64_t end_ms = localday_start_ms(19723 + 30);
    struct text all = random_text(3, false);
    struct text part =
        lives_text((struct lives_options){.events = 3000, .seed = 3, .end_ms = end_ms});
    assert_in_range(part.size, 1, all.size - 1);
    assert_memory_equal(part.data, all.data, part.size);
    arena_init(&month.arena, ARENA_BYTES);
    parse(&month, all);
    unsigned earlier = 0;
    for (unsigned i = 0; i < month.count; i++) {
        earlier += month.events[i].event.occurred_at_ms < end_ms;
    }
    unsigned lines = 0;
    for (size_t i = 0; i < part.size; i++) {
        lines += part.data[i] == '\n';
    }
    assert_int_equal(lines, earlier);
    free(month.events);
    free(all.data);
    free(part.data);
    arena_fini(&month.arena);
}

/* Each event happens when it is written, and no term is over by then. */
static void a_paced_stream_is_of_now(void **state)
{
    enum { EVENTS = 12, SERIAL = 417, SERIAL_DIGITS = 9 };
    struct month month = {.count = 0};
    (void)state;
    const int64_t begin_ms = clock_unix_ms();
    struct text text = lives_text(
        (struct lives_options){.events = EVENTS, .seed = 3, .every_ms = 1, .first_serial = SERIAL});
    const int64_t end_ms = clock_unix_ms();
    arena_init(&month.arena, ARENA_BYTES);
    parse(&month, text);
    assert_int_equal(month.count, EVENTS);
    for (unsigned i = 0; i < EVENTS; i++) {
        const struct event *event = &month.events[i].event;
        const struct slice code = event->dossier;
        uint64_t serial;
        assert_in_range(event->occurred_at_ms, begin_ms, end_ms);
        assert_true(event->due_at_ms == 0 ||
                    localday_of_ms(event->due_at_ms) >= localday_of_ms(begin_ms));
        assert_true(text_number(slice_of(code.data + code.size - SERIAL_DIGITS, SERIAL_DIGITS),
                                UINT64_MAX, &serial));
        assert_in_range(serial, SERIAL, SERIAL + EVENTS - 1);
    }
    free(month.events);
    free(text.data);
    arena_fini(&month.arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(golden_month),
        cmocka_unit_test(golden_names),
        cmocka_unit_test(streams_depend_on_their_seed),
        cmocka_unit_test(random_lives_are_sound),
        cmocka_unit_test(a_stream_ends_before_its_end),
        cmocka_unit_test(a_paced_stream_is_of_now),
        cmocka_unit_test(unequal_lives),
        cmocka_unit_test(calendar),
        cmocka_unit_test(made_up_ids_are_unique),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
