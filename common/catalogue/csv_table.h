/* SPDX-License-Identifier: Apache-2.0
 *
 * A CSV file with a header row, read into protobuf messages. A table is a list of columns, each
 * with the place of its value in the message, so reading a row is one loop. Columns may stand in
 * any order; each is there once, or not at all if it is optional. White space around and within
 * cells is squeezed, text is brought to NFC.
 */
#ifndef HOSO_CATALOGUE_CSV_TABLE_H
#define HOSO_CATALOGUE_CSV_TABLE_H

#include <protobuf-c/protobuf-c.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/status.h"
#include "catalogue/catalogue_internal.h"
#include "catalogue/csv.h"

enum { CSV_COLUMNS_MAX = 16, CSV_FILE_BYTES_MAX = 32 << 20 };

/* Names of a value, upper or lower case; a list ends with NULL. */
struct csv_choice {
    const char *name;
    int value;
};

/* CSV_CODE: an id or code, which holds nothing that cannot be seen. CSV_CODES: several, between
 * blanks. */
enum csv_kind { CSV_TEXT, CSV_CODE, CSV_CODES, CSV_NUMBER, CSV_CHOICE };

struct csv_column {
    const char *name;
    enum csv_kind kind;
    size_t offset; /* in the message: of a char *, uint32_t, enum or char ** */
    const struct csv_choice *choices;
    size_t count_offset; /* CSV_CODES: of the size_t that counts them */
    bool optional;       /* the file may be without the column */
};

struct csv_table {
    const char *name; /* of the file: NAME.csv */
    const ProtobufCMessageDescriptor *descriptor;
    uint32_t rows_max;
    uint32_t column_count;
    struct csv_column columns[CSV_COLUMNS_MAX];
};

/* The rows of one file; all of it lives in the arena. */
struct csv_rows {
    const struct csv_table *table;
    const char *path;
    ProtobufCMessage **rows;
    uint32_t *lines; /* where each row begins */
    bool *faulty;    /* each row: something is wrong with one of its cells */
    uint32_t count;
    uint32_t width;                                  /* cells in the header */
    const struct csv_column *columns[CSV_CELLS_MAX]; /* by place in the header */
    struct arena *arena;
    struct faults *faults;
};

/* Reads as much as can be read; what is wrong is among the faults, by line. NOT_FOUND is their
 * status if there is no such file. */
void csv_table_read(const char *directory, const struct csv_table *table, struct arena *arena,
                    struct faults *faults, struct csv_rows *ret_rows);
/* The same of a text. */
void csv_table_read_text(struct slice text, const struct csv_table *table, struct arena *arena,
                         struct faults *faults, struct csv_rows *ret_rows);

#endif
