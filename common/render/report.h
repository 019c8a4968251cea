/* SPDX-License-Identifier: Apache-2.0
 *
 * A report of libhoso as a document, and as the JSON that programs read.
 */
#ifndef HOSO_RENDER_REPORT_H
#define HOSO_RENDER_REPORT_H

#include "render/document.h"
#include "render/json.h"

/* The document points into the report. `with_codes`: first the ids of each row's unit, field,
 * procedure and line, as programs need them. */
void document_of_report(struct document *document, const struct hoso_report *report, bool english,
                        bool with_codes);

/* {"form","title","unit","period","cut","columns","rows","checks","notes"}, hoso(1) */
void report_print_json(const struct hoso_report *report, FILE *out);

#endif
