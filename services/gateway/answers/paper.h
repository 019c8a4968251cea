/* SPDX-License-Identifier: Apache-2.0
 *
 * Documents as answers: CSV, HTML and workbooks by common/render.
 */
#ifndef HOSO_GATEWAY_PAPER_H
#define HOSO_GATEWAY_PAPER_H

#include "render/document.h"
#include "services/gateway/http/answer.h"

/* `name` of the file, without its ending. */
void paper_answer(struct web_request *request, const struct document *documents, size_t count,
                  enum render_format format, const char *name);
/* Content-Disposition. What is not a letter, digit, dot or hyphen in the name becomes a hyphen. */
void paper_set_file(struct web_request *request, const char *name, enum render_format format);

#endif
