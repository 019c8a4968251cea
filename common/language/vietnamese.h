/* SPDX-License-Identifier: Apache-2.0
 *
 * The Vietnamese of a sentence that comes finished, in English: what a service, the library or a
 * form's file had to complain of. po/vi.po has the messages; they are compiled in.
 */
#ifndef HOSO_LANGUAGE_VIETNAMESE_H
#define HOSO_LANGUAGE_VIETNAMESE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/slice.h"

/* Of one sentence, or of an event's faults with "; field: " between them; dates as on paper. False:
 * there is none, and the text is copied as it is, cut at `size`. */
bool language_vietnamese(struct slice english, char *ret_text, size_t size);

#endif
