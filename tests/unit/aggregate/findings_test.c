/* SPDX-License-Identifier: Apache-2.0
 *
 * Findings at rest: a line for each kind, dossier and unit, with the number of events and the first
 * of them, however the events came in batches.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "aggregate/tables.h"
#include "base/localday.h"
#include "tests/unit/aggregate/run.h"

enum { ID_SIZE = 8 };

/* The line of a kind about dossier "d" under a unit. */
static void assert_finding(struct store_txn *txn, enum finding_kind kind, const char *unit,
                           uint64_t count, const char *first)
{
    uint8_t buffer[FINDING_KEY_MAX];
    struct finding_line line = {.kind = kind,
                                .space = slice_text("counter"),
                                .dossier = slice_text("d"),
                                .unit = slice_text(unit)};
    const struct slice key = finding_key(&line, buffer);
    struct slice value;
    assert_true(store_get(txn, TABLE_FINDINGS, key, &value));
    assert_true(finding_parse(key, value, &line));
    assert_int_equal(line.count, count);
    assert_true(slice_equal(line.event_id, slice_text(first)));
}

/* Findings of a dossier's first batch have its unit; one that names a unit stands there. */
static void test_findings_have_a_unit(void **state)
{
    (void)state;
    const int64_t at = TIME_MIN_MS;
    const struct event reception = {.event_id = slice_text("e0"),
                                    .dossier = slice_text("d"),
                                    .kind = KIND_RECEIVED,
                                    .unit = slice_text("u1"),
                                    .procedure = slice_text("p"),
                                    .field = slice_text("f"),
                                    .channel = CHANNEL_ONLINE,
                                    .level = LEVEL_FULL,
                                    .occurred_at_ms = at};
    struct event other = reception;
    other.unit = slice_text("u2");
    struct event second = other;
    second.event_id = slice_text("e1");
    const struct event resolved = {.event_id = slice_text("e2"),
                                   .dossier = slice_text("d"),
                                   .kind = KIND_RESOLVED,
                                   .occurred_at_ms = at + 1};
    struct event returned = resolved;
    returned.kind = KIND_RETURNED;
    struct event again = resolved;
    again.event_id = slice_text("e3");
    const struct event *const events[] = {&reception, &other,    &second, &resolved,
                                          &returned,  &returned, &again};
    struct run run;
    struct store_txn txn;
    run_open(&run);
    assert_int_equal(run_apply(&run, events, 7), STATUS_OK);
    run_commit(&run);
    store_begin_read(run.store, &txn);
    assert_finding(&txn, FINDING_CONFLICTING, "u2", 3, "e0");
    assert_finding(&txn, FINDING_IGNORED, "u2", 1, "e1");
    assert_finding(&txn, FINDING_IGNORED, "u1", 1, "e3");
    assert_int_equal(store_count(&txn, TABLE_FINDINGS), 3);
    store_abort(&txn);
    run_close(&run);
}

static void test_too_many_events(void **state)
{
    (void)state;
    struct run run;
    static char ids[HISTORY_EVENTS_MAX + 1][ID_SIZE];
    static struct event events[HISTORY_EVENTS_MAX + 1];
    const struct event *pointers[HISTORY_EVENTS_MAX + 1];
    for (unsigned i = 0; i <= HISTORY_EVENTS_MAX; i++) {
        (void)snprintf(ids[i], sizeof ids[i], "e%u", i);
        events[i] = (struct event){.event_id = slice_text(ids[i]),
                                   .dossier = slice_text("d"),
                                   .kind = KIND_APOLOGY_SENT,
                                   .occurred_at_ms = TIME_MIN_MS};
        pointers[i] = &events[i];
    }
    struct store_txn txn;
    run_open(&run);
    assert_int_equal(run_apply(&run, pointers, HISTORY_EVENTS_MAX + 1), STATUS_OK);
    run_commit(&run);
    store_begin_read(run.store, &txn);
    assert_finding(&txn, FINDING_ORPHAN, "", HISTORY_EVENTS_MAX, "e0");
    assert_finding(&txn, FINDING_OVER_LIMIT, "", 1, "e2000");
    assert_int_equal(store_count(&txn, TABLE_FINDINGS), 2);
    store_abort(&txn);
    run_close(&run);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_findings_have_a_unit),
        cmocka_unit_test(test_too_many_events),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
