/* SPDX-License-Identifier: Apache-2.0
 *
 * A store in a fresh directory, opened before each test and removed after it.
 */
#ifndef HOSO_TESTS_UNIT_STORE_FIXTURE_H
#define HOSO_TESTS_UNIT_STORE_FIXTURE_H

#include <stdarg.h>
#include <setjmp.h>
#include <stddef.h>
#include <cmocka.h>

#include "store/store.h"

enum { DOSSIERS, LEDGER };
enum { SCHEMA = 3, PATH_BYTES = 128 };

#define MAP_BYTES (UINT64_C(4) << 20)

struct fixture {
    char path[PATH_BYTES];
    struct store_options options; /* any file system */
    struct store *store;
    struct error error; /* of the last open */
};

int set_up(void **state);
int tear_down(void **state);

/* Closes the store and opens it again as the options say; `store` is NULL if that fails. */
enum status reopen(struct fixture *f);

/* A file of the store's directory. */
int open_file(const struct fixture *f, const char *name, int flags);
void write_file(const struct fixture *f, const char *name, const void *data, size_t size);
void remove_tree(const char *path);

/* "key-000017" for 17. */
struct slice numbered(unsigned number, char text[16]);

/* Puts records 0 … count - 1 into DOSSIERS, zeros of this size. */
void fill(struct fixture *f, unsigned count, size_t value_bytes);

/* The number of records in DOSSIERS, after reading every byte of them as zero. */
uint64_t read_all(struct fixture *f);

#endif
