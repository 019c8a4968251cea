/* SPDX-License-Identifier: Apache-2.0
 *
 * Events here are RESOLVED ones, because a record needs nothing of the catalogue.
 */
#include "tests/unit/intake/fixture.h"

#include <ftw.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/localday.h"
#include "journal/block.h"

#define MAP_BYTES (UINT64_C(64) << 20)

static int remove_one(const char *path, const struct stat *info, int type, struct FTW *walk)
{
    (void)info;
    (void)type;
    (void)walk;
    return remove(path);
}

int set_up(void **state)
{
    struct fixture *f = calloc(1, sizeof *f);
    if (f == NULL) {
        return -1;
    }
    const char *temporary = getenv("TMPDIR");
    (void)snprintf(f->path, sizeof f->path, "%s/intake_test.XXXXXX",
                   temporary != NULL ? temporary : "/tmp");
    f->options = (struct journal_options){f->path, MAP_BYTES, true};
    buffer_init(&f->records, BLOCK_BYTES_MAX);
    *state = f;
    return mkdtemp(f->path) != NULL && reopen(f) == STATUS_OK ? 0 : -1;
}

int tear_down(void **state)
{
    struct fixture *f = *state;
    journal_close(f->journal);
    buffer_fini(&f->records);
    (void)nftw(f->path, remove_one, 8, FTW_DEPTH | FTW_PHYS);
    free(f);
    return 0;
}

enum status reopen(struct fixture *f)
{
    journal_close(f->journal);
    f->journal = NULL;
    return journal_open(&f->options, &f->journal, &f->error);
}

struct slice records_of(struct fixture *f, uint64_t first, uint32_t count, int flavour)
{
    buffer_clear(&f->records);
    for (uint32_t i = 0; i < count; i++) {
        char id[32];
        (void)snprintf(id, sizeof id, "%" PRIu64, first + i);
        const struct event event = {.event_id = slice_text(id),
                                    .dossier = slice_text("H27.45-240119-0001"),
                                    .kind = KIND_RESOLVED,
                                    .occurred_at_ms = TIME_MIN_MS + flavour};
        block_put_event(&f->records, &event);
    }
    assert_int_equal(buffer_status(&f->records), STATUS_OK);
    return buffer_slice(&f->records);
}

void expect_record(struct slice record, uint64_t number, int flavour)
{
    char id[32];
    struct event event;
    struct reader reader = reader_of(record);
    event_decode(&reader, &event);
    assert_true(reader_done(&reader));
    (void)snprintf(id, sizeof id, "%" PRIu64, number);
    assert_true(slice_equal(event.event_id, slice_text(id)));
    assert_int_equal(event.occurred_at_ms, TIME_MIN_MS + flavour);
}
