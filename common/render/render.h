/* SPDX-License-Identifier: Apache-2.0
 *
 * A document in one of the formats.
 */
#ifndef HOSO_RENDER_RENDER_H
#define HOSO_RENDER_RENDER_H

#include <stdio.h>

#include "render/document.h"
#include "render/json.h"

enum render_format { RENDER_TABLE, RENDER_JSON, RENDER_CSV };

struct render_options {
    enum render_format format;
    char separator; /* of CSV */
};

/* False = out of memory, or `out` failed. A report as JSON is report_print_json's. */
bool render_document(const struct document *document, const struct render_options *options,
                     FILE *out);

/* For people: the title, the table or the sentences, then checks, notes and cut. False = out of
 * memory. */
bool render_text(const struct document *document, FILE *out);
void render_csv(const struct document *document, char separator, FILE *out);
const char *render_verdict(const struct document *document, size_t check);
/* An array of objects, one for each row. */
void render_rows_json(const struct document *document, struct render_json *json, const char *name);

#endif
