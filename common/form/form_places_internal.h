/* SPDX-License-Identifier: Apache-2.0
 *
 * Where something stands in a form's file, by its path: "columns[0].value".
 */
#ifndef HOSO_FORM_FORM_PLACES_INTERNAL_H
#define HOSO_FORM_FORM_PLACES_INTERNAL_H

#include <yaml.h>

#include "form/form_load.h"

enum { FORM_PATH_MAX = 160 };

struct form_places {
    yaml_document_t document;
};

/* INVALID: not YAML, nothing in it, or more than one document; fills the fault. */
enum status form_places_open(struct slice text, struct form_places *places,
                             struct form_fault *fault) MUST_USE;
void form_places_close(struct form_places *places);

/* The line of the value, or of what of the path there is. */
unsigned form_places_line(struct form_places *places, const char *path);

#endif
