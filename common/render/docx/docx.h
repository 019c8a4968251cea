/* SPDX-License-Identifier: Apache-2.0
 *
 * Fills a Word document: every field of the template, "{unit}", is replaced by its text, wherever
 * it stands (body, headers, footers, tables, text boxes) and however the editor split it into runs;
 * formatting stays the template's. What is between braces and is no name, "{ }", stays as it is.
 *
 * A table row or a paragraph with a field that has several values is repeated for each of them. A
 * paragraph of which nothing is left goes, unless it is the only one of a table's cell.
 *
 * Pure: bytes in, bytes out. A template is outside input: its size, unpacked size, number of parts
 * and the text of a paragraph are bounded, and a document type declaration is refused.
 */
#ifndef HOSO_RENDER_DOCX_H
#define HOSO_RENDER_DOCX_H

#include "base/buffer.h"
#include "base/slice.h"
#include "base/status.h"

enum {
    DOCX_BYTES_MAX = 16 << 20, /* of a template, and of each of its parts unpacked */
    DOCX_PARTS_MAX = 1000,
    DOCX_FIELD_MAX = 96, /* bytes of a field's name */
    DOCX_ONCE = -1
};

struct docx_source {
    void *context;
    /* How often what holds this field is repeated, or DOCX_ONCE. */
    long (*repeats)(void *context, const char *name);
    /* Appends the field's text, of repetition `index`. NOT_FOUND = no such field, with a sentence
     * that says which there are. */
    enum status (*put)(void *context, const char *name, size_t index, struct buffer *text,
                       struct error *error);
};

/* Appends the filled document to `docx`. INVALID = no Word document, or an unknown field;
 * TOO_LARGE. The error names the part and the field. */
enum status docx_fill(struct slice template, const struct docx_source *source, struct buffer *docx,
                      struct error *error) MUST_USE;

#endif
