/* SPDX-License-Identifier: Apache-2.0
 *
 * Documents in one of the formats.
 */
#ifndef HOSO_RENDER_RENDER_H
#define HOSO_RENDER_RENDER_H

#include <stdio.h>

#include "base/status.h"
#include "render/document.h"
#include "render/json.h"

enum render_format { RENDER_TABLE, RENDER_JSON, RENDER_CSV, RENDER_HTML, RENDER_XLSX, RENDER_DOCX };

struct render_options {
    enum render_format format;
    char separator; /* of CSV */
    bool plain;     /* CSV without title, period, notes, checks and cut */
    bool vertical;  /* text: one line for each value */
    unsigned width; /* text: of the terminal; 0 = as wide as it gets */
};

/* "xlsx", and by a file's ending; false = there is no such format. */
bool render_format_named(const char *name, enum render_format *ret_format);
const char *render_format_name(enum render_format format);
bool render_format_of_file(const char *path, enum render_format *ret_format);
/* ".xlsx" */
const char *render_format_ending(enum render_format format);
/* The page of HTML and the workbook hold several documents; text prints one after the other. */
bool render_takes_several(enum render_format format);

/* False = out of memory, or `out` failed. Not for workbooks and Word documents. A report as JSON is
 * report_print_json's. */
bool render_documents(const struct document *documents, size_t count,
                      const struct render_options *options, FILE *out);
/* A sheet for each document, and one with the reports' checks, notes and cuts. The file is written
 * as it is: write it beside the one it replaces. INVALID: it has more rows than a sheet can have.
 */
enum status render_workbook(const struct document *documents, size_t count, const char *path,
                            struct error *error) MUST_USE;

/* For people: the title, the table or the sentences, then checks, notes and cut. False = out of
 * memory. */
bool render_text(const struct document *document, const struct render_options *options, FILE *out);
bool render_csv(const struct document *document, const struct render_options *options, FILE *out);
bool render_page(const struct document *documents, size_t count, FILE *out);
/* An array of objects, one for each row. */
void render_rows_json(const struct document *document, struct render_json *json, const char *name);

#endif
