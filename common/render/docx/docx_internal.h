/* SPDX-License-Identifier: Apache-2.0
 *
 * One part of a Word document. Only docx.c and its part include this.
 */
#ifndef HOSO_RENDER_DOCX_INTERNAL_H
#define HOSO_RENDER_DOCX_INTERNAL_H

#include "render/docx/docx.h"

/* The XML of one part with its fields filled, appended to `filled`. */
enum status docx_fill_part(const char *name, struct slice xml, const struct docx_source *source,
                           struct buffer *filled, struct error *error) MUST_USE;

#endif
