/* SPDX-License-Identifier: Apache-2.0
 *
 * A report as a Word document. The template is an office's own, or the one that comes with the
 * form. Its fields:
 *
 *     {title} {unit} {from} {to} {to.month} {to.year}   dates are dd/mm/yyyy
 *     {extracted}             when it was asked for: "08:15 ngày 28/11/2026"
 *     {position}              the point of the journal up to which is counted
 *     {ROW.COLUMN}            a figure of a form made of section lines, by the ids of the report's
 *                             JSON; {ROW.COLUMN|2} has two digits at least, as in "08 hồ sơ"
 *     {sentence.ROW}          the row as the form words it; a heading's row is the heading
 *     {sentences.HEADING}     repeats its paragraph for each sentence under that heading
 *     {row.ordinal} {row.label} {row.unit} {row.COLUMN}   repeat their table row for each row
 *     {note} {check}          repeat their paragraph for each
 */
#ifndef HOSO_RENDER_DOCX_REPORT_H
#define HOSO_RENDER_DOCX_REPORT_H

#include "client/hoso_read.h"
#include "render/docx/docx.h"

/* The template that comes with a form; empty = there is none. */
struct slice docx_template(const char *form);

/* `now_ms`: unix time. Errors as docx_fill. */
enum status docx_of_report(const struct hoso_report *report, bool english, int64_t now_ms,
                           struct slice template, struct buffer *docx,
                           struct error *error) MUST_USE;

#endif
