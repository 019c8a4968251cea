/* SPDX-License-Identifier: Apache-2.0
 *
 * Inside of the loader: a form that is being made of its file. Faults are collected, so that one
 * look at a file shows them all.
 */
#ifndef HOSO_FORM_FORM_BUILD_INTERNAL_H
#define HOSO_FORM_FORM_BUILD_INTERNAL_H

#include "form/form_file_internal.h"
#include "form/form_places_internal.h"

struct builder {
    struct form *form;
    struct arena *arena; /* the form's */
    const struct form_file *file;
    struct form_places *places;
    struct form_faults *faults;
    struct form_figure *figures;
};

/* A fault at the path "LIST[index].key"; index −1 and key NULL leave out their part. */
__attribute__((format(printf, 5, 6))) void build_fault(struct builder *builder, const char *list,
                                                       int index, const char *key,
                                                       const char *format, ...);

/* Copies in NFC. A fault for what is not clean, and, unless `empty_fits`, for nothing. */
const char *build_text(struct builder *builder, const char *list, int index, const char *key,
                       const char *given, bool empty_fits);
/* A column's number on paper: "(9)", "(3)=(4)+(5)", or "". A fault for a bracket without the other.
 */
const char *build_number(struct builder *builder, const char *list, int index, const char *given);
struct text2 build_text2(struct builder *builder, const char *list, int index, const char *key,
                         const struct file_text *given, bool empty_fits);
struct captions build_captions(struct builder *builder, const char *list, int index,
                               const struct file_captions *given);
/* `text` itself is read by the caller, whose key has a name of its own. */
struct form_sentence build_sentence(struct builder *builder, const char *list, int index,
                                    struct text2 text, const struct file_text *several,
                                    const struct file_each *each);
/* "a: b" of the captions. */
struct text2 build_label(struct builder *builder, const struct captions *captions);

/* The steps, in this order. */
void build_head(struct builder *builder);
void build_figures(struct builder *builder);
void build_values(struct builder *builder);
void build_rest(struct builder *builder); /* scopes, groups, stub, checks, notes, sentences */

#endif
