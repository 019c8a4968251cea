/* SPDX-License-Identifier: Apache-2.0
 *
 * What fold gives for a fixed corpus of histories, as one number. It fails when that changes and
 * FOLD_VERSION does not: then stores that were counted before would keep amounts that are taken
 * away by another rule. A change of the rules raises FOLD_VERSION and adds a line to `digests`; a
 * line that is there never changes, and neither do the histories.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>
#include <xxhash.h>

#include "base/buffer.h"
#include "base/localday.h"
#include "fold/fold.h"

enum { HISTORIES = 20000, EVENTS_MAX = 12, ARENA_BYTES = 1 << 20, DIGEST_BYTES = 1 << 20 };

static const struct {
    uint32_t fold_version;
    uint64_t digest;
} digests[] = {
    {2, UINT64_C(0xd35cbcb77e2c2dba)},
    {3, UINT64_C(0xb91816ebf0ab814c)}, /* what is open in the end */
    {4, UINT64_C(
            0x5269ed5c48a5e3e3)}, /* findings about units, of which the histories have some since */
};

static uint32_t next_random(uint32_t *seed)
{
    *seed = *seed * 1664525U + 1013904223U;
    return *seed >> 8;
}

/* Days and hours are few, so that ties, due days and month ends are met. */
static int64_t moment(uint32_t *seed)
{
    static const int64_t hours_ms[] = {0, 1, 32400000, 61200000, 86399999};
    const int32_t first = localday_of_date((struct date){2024, 1, 25});
    const int32_t day = first + (int32_t)(next_random(seed) % 40);
    return localday_start_ms(day) + hours_ms[next_random(seed) % 5];
}

static const char *const ids[EVENTS_MAX] = {"e0", "e1", "e2", "e3", "e4",  "e5",
                                            "e6", "e7", "e8", "e9", "e10", "e11"};

static void make_event(struct history_event *event, unsigned number, uint32_t *seed)
{
    static const char *const units[] = {"u1", "u2", "u3"};
    static const enum event_kind often[] = {KIND_SUBMITTED, KIND_RECEIVED, KIND_HANDED_OVER,
                                            KIND_REFUSED};
    const bool common = next_random(seed) % 3 == 0;
    const enum event_kind kind = common
                                     ? often[next_random(seed) % 4]
                                     : (enum event_kind)(1 + next_random(seed) % (KIND_COUNT - 1U));
    *event = (struct history_event){
        .source = slice_text(next_random(seed) % 4 == 0 ? "s2" : "s1"),
        .position = number + 1,
        .unit_not_valid = number % 5 == 4,
        .event = {.event_id = slice_text(ids[number]),
                  .dossier = slice_text("d"),
                  .kind = kind,
                  .unit = slice_text(units[next_random(seed) % 3]),
                  .procedure = slice_text(next_random(seed) % 2 == 0 ? "p1" : "p2"),
                  .field = slice_text("f"),
                  .channel = (enum channel)(1 + next_random(seed) % 3),
                  .level = (enum service_level)(1 + next_random(seed) % 3),
                  .petition_class = (enum petition_class)(1 + next_random(seed) % 2),
                  .voids = slice_text(ids[next_random(seed) % EVENTS_MAX]),
                  .occurred_at_ms = moment(seed),
                  .due_at_ms = next_random(seed) % 2 == 0 ? moment(seed) : 0,
                  .apology_sent = next_random(seed) % 2 == 0,
                  .paid_online = next_random(seed) % 2 == 0,
                  .out_of_territory = next_random(seed) % 4 == 0}};
}

static int by_amount(const void *a, const void *b)
{
    const struct amount *x = a;
    const struct amount *y = b;
    const int unit = slice_compare(x->unit, y->unit);
    const int procedure = slice_compare(x->procedure, y->procedure);
    const int field = slice_compare(x->field, y->field);
    return unit != 0                  ? unit
           : procedure != 0           ? procedure
           : field != 0               ? field
           : x->measure != y->measure ? x->measure - y->measure
           : x->slot != y->slot       ? x->slot - y->slot
           : x->day != y->day         ? (x->day < y->day ? -1 : 1)
                                      : x->delta - y->delta;
}

static int by_finding(const void *a, const void *b)
{
    const struct finding *x = a;
    const struct finding *y = b;
    return x->kind != y->kind ? (int)x->kind - (int)y->kind
                              : (int)x->event->position - (int)y->event->position;
}

/* Amounts and findings in an order of their own: fold promises none. */
static void write_result(const struct fold_result *result, struct buffer *buffer)
{
    qsort(result->amounts, result->amount_count, sizeof *result->amounts, by_amount);
    qsort(result->findings, result->finding_count, sizeof *result->findings, by_finding);
    for (unsigned i = 0; i < result->amount_count; i++) {
        const struct amount *amount = &result->amounts[i];
        buffer_text(buffer, amount->unit);
        buffer_text(buffer, amount->procedure);
        buffer_text(buffer, amount->field);
        buffer_u8(buffer, amount->measure);
        buffer_u8(buffer, amount->slot);
        buffer_signed(buffer, amount->day);
        buffer_signed(buffer, amount->delta);
    }
    for (unsigned i = 0; i < result->finding_count; i++) {
        buffer_u8(buffer, (uint8_t)result->findings[i].kind);
        buffer_varint(buffer, result->findings[i].event->position);
    }
    buffer_text(buffer, result->unit);
    buffer_u8(buffer, (uint8_t)result->open.state);
    buffer_text(buffer, result->open.unit);
    buffer_text(buffer, result->open.procedure);
    buffer_text(buffer, result->open.field);
    buffer_u8(buffer, result->open.slot);
    buffer_signed(buffer, result->open.received_day);
    buffer_signed(buffer, result->open.due_day);
}

/* An amount lies on the day of an event, or the calendar makes it: then it is a stock's that turns.
 */
static void assert_turns(const struct history_event *events, unsigned count,
                         const struct fold_result *result)
{
    for (unsigned i = 0; i < result->amount_count; i++) {
        const struct amount *amount = &result->amounts[i];
        bool on_event = false;
        for (unsigned k = 0; k < count; k++) {
            on_event = on_event || localday_of_ms(events[k].event.occurred_at_ms) == amount->day;
        }
        assert_true(on_event || amount->turns);
        assert_true(!amount->turns || measure_is_stock((enum measure)amount->measure));
    }
}

static uint64_t digest_of_corpus(void)
{
    struct arena arena;
    struct buffer buffer;
    uint64_t digest = 0;
    uint32_t seed = 2024;
    arena_init(&arena, ARENA_BYTES);
    buffer_init(&buffer, DIGEST_BYTES);
    for (unsigned i = 0; i < HISTORIES; i++) {
        struct history_event events[EVENTS_MAX];
        struct fold_result result;
        const unsigned count = 1 + next_random(&seed) % EVENTS_MAX;
        for (unsigned k = 0; k < count; k++) {
            make_event(&events[k], k, &seed);
        }
        arena_reset(&arena);
        buffer_clear(&buffer);
        assert_int_equal(fold(events, count, &arena, &result), STATUS_OK);
        assert_turns(events, count, &result);
        write_result(&result, &buffer);
        assert_int_equal(buffer_status(&buffer), STATUS_OK);
        digest = XXH3_64bits_withSeed(buffer.data, buffer.size, digest);
    }
    buffer_fini(&buffer);
    arena_fini(&arena);
    return digest;
}

static void test_another_output_is_another_version(void **state)
{
    (void)state;
    const size_t last = sizeof digests / sizeof *digests - 1;
    const uint64_t digest = digest_of_corpus();
    if (digest != digests[last].digest) {
        print_error("fold gives other amounts than version %u: raise FOLD_VERSION, add {%u, "
                    "UINT64_C(0x%016llx)}\n",
                    digests[last].fold_version, digests[last].fold_version + 1,
                    (unsigned long long)digest);
    }
    assert_int_equal(digest, digests[last].digest);
    assert_int_equal(FOLD_VERSION, digests[last].fold_version);
    for (size_t i = 1; i <= last; i++) {
        assert_true(digests[i].fold_version > digests[i - 1].fold_version);
        assert_int_not_equal(digests[i].digest, digests[i - 1].digest);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_another_output_is_another_version)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
