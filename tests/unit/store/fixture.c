/* SPDX-License-Identifier: Apache-2.0
 *
 * A store of its own for each test, and what the tests do to it more than once.
 */
#include "tests/unit/store/fixture.h"

#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

static const char *const tables[] = {"dossiers", "ledger", NULL};

static int remove_one(const char *path, const struct stat *info, int type, struct FTW *walk)
{
    (void)info;
    (void)type;
    (void)walk;
    return remove(path);
}

void remove_tree(const char *path)
{
    (void)nftw(path, remove_one, 8, FTW_DEPTH | FTW_PHYS);
}

int set_up(void **state)
{
    struct fixture *f = calloc(1, sizeof *f);
    if (f == NULL) {
        return -1;
    }
    const char *temporary = getenv("TMPDIR");
    (void)snprintf(f->path, sizeof f->path, "%s/store_test.XXXXXX",
                   temporary != NULL ? temporary : "/tmp");
    f->options = (struct store_options){f->path, tables, SCHEMA, MAP_BYTES, true, false};
    *state = f;
    return mkdtemp(f->path) != NULL && store_open(&f->options, &f->store, &f->error) == STATUS_OK
               ? 0
               : -1;
}

int tear_down(void **state)
{
    struct fixture *f = *state;
    store_close(f->store);
    remove_tree(f->path);
    free(f);
    return 0;
}

enum status reopen(struct fixture *f)
{
    store_close(f->store);
    f->store = NULL;
    return store_open(&f->options, &f->store, &f->error);
}

int open_file(const struct fixture *f, const char *name, int flags)
{
    char path[PATH_BYTES + 32];
    (void)snprintf(path, sizeof path, "%s/%s", f->path, name);
    const int fd = open(path, flags | O_CLOEXEC, 0600);
    assert_true(fd >= 0);
    return fd;
}

void write_file(const struct fixture *f, const char *name, const void *data, size_t size)
{
    const int fd = open_file(f, name, O_WRONLY | O_CREAT | O_TRUNC);
    assert_int_equal(write(fd, data, size), size);
    close(fd);
}

struct slice numbered(unsigned number, char text[16])
{
    (void)snprintf(text, 16, "key-%06u", number);
    return slice_text(text);
}

void fill(struct fixture *f, unsigned count, size_t value_bytes)
{
    struct store_txn txn;
    char key[16];
    uint8_t *value = calloc(1, value_bytes);
    assert_non_null(value);
    store_begin_write(f->store, &txn);
    for (unsigned i = 0; i < count; i++) {
        store_put(&txn, DOSSIERS, numbered(i, key), slice_of(value, value_bytes));
    }
    assert_int_equal(store_commit(&txn), STATUS_OK);
    free(value);
}

/* Reads every record through, as a damaged file would not allow. */
uint64_t read_all(struct fixture *f)
{
    struct store_txn txn;
    struct store_cursor cursor;
    struct slice key;
    struct slice value;
    uint64_t sum = 0;
    store_begin_read(f->store, &txn);
    store_cursor_open(&txn, DOSSIERS, &cursor);
    while (store_cursor_next(&cursor, &key, &value)) {
        for (size_t i = 0; i < value.size; i++) {
            sum += value.data[i];
        }
        sum++;
    }
    store_cursor_close(&cursor);
    assert_int_equal(store_commit(&txn), STATUS_OK);
    return sum;
}
