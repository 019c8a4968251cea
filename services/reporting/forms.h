/* SPDX-License-Identifier: Apache-2.0
 *
 * The forms in force: the built-in ones and a site's own. Read again, they are swapped as a whole
 * or not at all; who is at work with the set before keeps it until the end. Any thread.
 */
#ifndef HOSO_REPORTING_FORMS_H
#define HOSO_REPORTING_FORMS_H

#include "form/form_load.h"

struct forms;

/* `own` = the folder of the site's, "" = none. The error names file:line. */
enum status forms_open(const char *own, struct forms **ret_forms, struct error *error) MUST_USE;
void forms_close(struct forms *forms); /* NULL-safe; no set is in use any more */

/* After a failure the set in force stays. */
enum status forms_reload(struct forms *forms, struct error *error) MUST_USE;
unsigned forms_count(struct forms *forms);

/* The set in force now; it lives until it is given back. */
const struct form_set *forms_begin(struct forms *forms);
void forms_end(struct forms *forms, const struct form_set *set);

/* The folder of the built-in ones: beside the program, ../share/hoso/forms; of a program that was
 * not installed, in its sources. */
enum { FORMS_PATH_MAX = 1024 };
void forms_builtin_folder(char ret_path[FORMS_PATH_MAX]);

#endif
