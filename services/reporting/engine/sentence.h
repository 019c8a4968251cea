/* SPDX-License-Identifier: Apache-2.0
 *
 * Sentences with places: "tiếp nhận {online.commune} hồ sơ", "{returned.total|2}" (two digits at
 * least). Pure.
 */
#ifndef HOSO_REPORTING_ENGINE_SENTENCE_H
#define HOSO_REPORTING_ENGINE_SENTENCE_H

#include "base/arena.h"
#include "base/buffer.h"
#include "base/status.h"

enum { SENTENCE_BYTES_MAX = 4096 };

/* Writes what stands for `name`; `digits` is what follows the bar, or 0. False = there is no such
 * place. */
typedef bool sentence_place(void *context, struct slice name, unsigned digits, struct buffer *out);

/* INVALID = an unknown or unclosed place: the form's data are wrong. */
enum status sentence_render(const char *sentence, sentence_place *place, void *context,
                            struct arena *arena, char **ret_text) MUST_USE;

#endif
