/* SPDX-License-Identifier: Apache-2.0
 *
 * Catalogues in a few words, for tests.
 */
#ifndef HOSO_TESTS_UNIT_CATALOGUE_GIVEN_H
#define HOSO_TESTS_UNIT_CATALOGUE_GIVEN_H

#include "catalogue/scope.h"
#include "hoso/v1/catalogue.pb-c.h"

enum { ROWS_MAX = 12, ARENA_BYTES = 64 << 20 };

/* NULL texts are empty; the name is the id, the tier COMMUNE, the level FULL unless said otherwise.
 */
struct unit_line {
    const char *id, *parent, *from, *to;
    uint32_t print_order;
    const char *name;
    int tier;               /* 0 = COMMUNE, −1 = none */
    const char *successors; /* ids between blanks */
};

struct field_line {
    const char *id;
    uint32_t print_order;
};

struct procedure_line {
    const char *id, *field, *from, *to;
    int level; /* 0 = FULL, −1 = none */
};

struct given {
    struct unit_line units[ROWS_MAX];
    struct field_line fields[ROWS_MAX];
    struct procedure_line procedures[ROWS_MAX];
};

/* An empty message with room for `rows` of each list; it lives in the arena, which arena_fini ends.
 */
void message_init(struct arena *arena, size_t rows, Hoso__V1__Catalogue *message);
void add_unit(struct arena *arena, Hoso__V1__Catalogue *message, const struct unit_line *line);

enum status parse_message(const Hoso__V1__Catalogue *message, struct catalogue **ret_catalogue,
                          struct error *error) MUST_USE;
enum status parse(const struct given *given, struct catalogue **ret_catalogue,
                  struct error *error) MUST_USE;
struct catalogue *parsed(const struct given *given); /* or the test fails */

int32_t day_of(const char *text);

/* The tree of one day and nothing else. */
#define TREE(unit, day) (&(const struct scope_question){.root = (unit), .tree_day = (day)})

#endif
