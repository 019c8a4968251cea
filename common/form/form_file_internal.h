/* SPDX-License-Identifier: Apache-2.0
 *
 * A form's file as libcyaml fills it in: nothing resolved, what is optional and not given is NULL
 * or 0.
 */
#ifndef HOSO_FORM_FORM_FILE_INTERNAL_H
#define HOSO_FORM_FORM_FILE_INTERNAL_H

#include <cyaml/cyaml.h>

#include "form/form.h"

struct file_text {
    char *vi, *en;
};

struct file_captions {
    char **vi, **en;
    unsigned vi_count, en_count;
};

struct file_each {
    struct file_text begin, text, between, end, alone;
};

struct file_note {
    struct file_text text, several;
    struct file_each each;
};

enum file_answer { ANSWER_NONE, ANSWER_NO, ANSWER_YES };

/* A column, a line, a scope, a stub, a group or a check: each uses some of it, by its own schema.
 */
struct file_item {
    char *id;
    struct file_captions caption;
    struct file_text label, name, sentence, several, text;
    struct file_each each;
    char *number, *value;
    uint32_t level;
    uint32_t tiers;
    enum file_answer optional;
    enum form_stub_kind stub;
};

struct file_list {
    struct file_item *items;
    unsigned count;
};

struct form_file {
    char *id, *legal_basis, *paper, *valid_from, *valid_to;
    int32_t order;
    struct file_text title, counted_in;
    enum form_rows rows;
    enum file_answer subtotals, measures;
    struct file_list stub, columns, lines, figures, groups, checks;
    struct file_note *notes;
    unsigned note_count;
};

extern const cyaml_schema_value_t form_file_schema;

/* The names in place of enum form_rows and enum form_stub_kind. */
extern const cyaml_strval_t form_file_rows[];
extern const cyaml_strval_t form_file_stubs[];

#endif
