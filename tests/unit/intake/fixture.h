/* SPDX-License-Identifier: Apache-2.0
 *
 * A journal in a fresh directory for each test, and event records in a few words.
 */
#ifndef HOSO_TESTS_UNIT_INTAKE_FIXTURE_H
#define HOSO_TESTS_UNIT_INTAKE_FIXTURE_H

#include <stdarg.h>
#include <setjmp.h>
#include <stddef.h>
#include <cmocka.h>

#include "base/buffer.h"
#include "journal_store/journal.h"

enum { FIXTURE_PATH_BYTES = 128 };

struct fixture {
    char path[FIXTURE_PATH_BYTES];
    struct journal_options options;
    struct journal *journal;
    struct buffer records;
    struct error error; /* of the last open */
};

int set_up(void **state);
int tear_down(void **state);

/* Closes the journal and opens it again; `journal` is NULL if that fails. */
enum status reopen(struct fixture *f);

/* `count` records of events "first", "first + 1", …; `flavour` makes their content differ. In the
 * fixture's buffer, until the next call. */
struct slice records_of(struct fixture *f, uint64_t first, uint32_t count, int flavour);

/* One event with this id and flavour is the one that a record holds. */
void expect_record(struct slice record, uint64_t number, int flavour);

#endif
