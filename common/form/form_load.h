/* SPDX-License-Identifier: Apache-2.0
 *
 * From a form's file (hoso-form(5)) to the form: read, checked against the schema and the measures,
 * resolved. Every fault has its line. Does I/O only where a path is taken.
 */
#ifndef HOSO_FORM_FORM_LOAD_H
#define HOSO_FORM_FORM_LOAD_H

#include "base/status.h"
#include "form/form.h"

enum { FORM_FILE_BYTES_MAX = 256 << 10, FORM_FAULTS_MAX = 20, FORM_SET_MAX = 100 };

struct form_fault {
    unsigned line; /* from 1; 0 = of the whole file */
    char text[ERROR_TEXT_MAX];
};

/* In the order in which they were found; a file that does not fit the schema has one. */
struct form_faults {
    unsigned count;
    bool more; /* than fit in here */
    struct form_fault items[FORM_FAULTS_MAX];
};

/* INVALID fills the faults. `file` is for the form's own word of where it stands; "" = built in. */
enum status form_parse(struct slice text, const char *file, struct form **ret_form,
                       struct form_faults *faults) MUST_USE;
/* The same from a file. */
enum status form_read(const char *path, bool builtin, struct form **ret_form,
                      struct form_faults *faults) MUST_USE;

/* The forms of a service, by `order` and id. */
struct form_set {
    struct form *forms[FORM_SET_MAX];
    unsigned count;
};

/* All *.yaml of the first folder, and those of the second (NULL or "" = none), which stand in place
 * of the first one's with the same id. The error names file:line of the first fault. */
enum status form_set_load(const char *builtin, const char *own, struct form_set **ret_set,
                          struct error *error) MUST_USE;
void form_set_free(struct form_set *set);                                     /* NULL-safe */
const struct form *form_set_find(const struct form_set *set, const char *id); /* or NULL */

#endif
