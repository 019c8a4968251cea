/* SPDX-License-Identifier: Apache-2.0
 *
 * Fills a form's file by its schema. What libcyaml says of a failure becomes a sentence for the
 * author of the file.
 */
#ifndef HOSO_FORM_FORM_YAML_INTERNAL_H
#define HOSO_FORM_FORM_YAML_INTERNAL_H

#include "form/form_file_internal.h"
#include "form/form_places_internal.h"

/* INVALID fills the fault. */
enum status form_yaml_load(struct slice text, struct form_places *places,
                           struct form_file **ret_file, struct form_fault *fault) MUST_USE;
void form_yaml_free(struct form_file *file); /* NULL-safe */

#endif
