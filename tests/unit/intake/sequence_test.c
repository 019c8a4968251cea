/* SPDX-License-Identifier: Apache-2.0
 *
 * Epochs and sequences by table: the publisher's protocol without a journal.
 */
#include <stdarg.h>
#include <setjmp.h>
#include <stddef.h>
#include <cmocka.h>

#include "services/intake/sequence.h"

struct row {
    const char *what;
    uint64_t epoch, next_sequence;       /* of the source */
    uint64_t sent_epoch, first_sequence; /* of the Append */
    uint32_t count;
    enum sequence_verdict verdict;
    uint32_t old;
};

static const struct row rows[] = {
    {"never opened", 0, 1, 1, 1, 1, SEQUENCE_NOT_OPEN, 0},
    {"never opened, epoch 0", 0, 1, 0, 1, 1, SEQUENCE_NOT_OPEN, 0},
    {"the first", 1, 1, 1, 1, 1, SEQUENCE_NEW, 0},
    {"the first thousand", 1, 1, 1, 1, 1000, SEQUENCE_NEW, 0},
    {"the next", 1, 8, 1, 8, 5, SEQUENCE_NEW, 0},
    {"an old epoch", 2, 8, 1, 8, 5, SEQUENCE_FENCED, 0},
    {"an old epoch, old sequences", 2, 8, 1, 1, 5, SEQUENCE_FENCED, 0},
    {"an old epoch, a gap", 2, 8, 1, 100, 5, SEQUENCE_FENCED, 0},
    {"an epoch never granted", 2, 8, 3, 8, 5, SEQUENCE_FENCED, 0},
    {"no epoch", 2, 8, 0, 8, 5, SEQUENCE_FENCED, 0},
    {"a gap of one", 1, 8, 1, 9, 1, SEQUENCE_GAP, 0},
    {"a gap at the start", 1, 1, 1, 2, 1, SEQUENCE_GAP, 0},
    {"the largest gap", 1, 8, 1, UINT64_MAX, 4096, SEQUENCE_GAP, 0},
    {"all old", 1, 8, 1, 1, 7, SEQUENCE_OLD, 7},
    {"all old, the last", 1, 8, 1, 7, 1, SEQUENCE_OLD, 1},
    {"all old, inside", 1, 8, 1, 2, 3, SEQUENCE_OLD, 3},
    {"partly old by one", 1, 8, 1, 7, 2, SEQUENCE_PARTLY, 1},
    {"partly old, one new", 1, 8, 1, 1, 8, SEQUENCE_PARTLY, 7},
    {"after a restart, the outbox from its beginning", 3, 1001, 3, 501, 1000, SEQUENCE_PARTLY, 500},
    {"far behind", 1, UINT64_C(1) << 62, 1, 1, 4096, SEQUENCE_OLD, 4096},
};

static void test_rows(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        const struct row *row = &rows[i];
        const struct journal_source source = {
            .epoch = row->epoch, .open = row->epoch != 0, .next_sequence = row->next_sequence};
        uint32_t old = 0;
        const enum sequence_verdict verdict =
            sequence_judge(&source, row->sent_epoch, row->first_sequence, row->count, &old);
        if (verdict != row->verdict || old != row->old) {
            fail_msg("%s: verdict %d, old %u", row->what, (int)verdict, old);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_rows)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
