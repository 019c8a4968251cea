/* SPDX-License-Identifier: Apache-2.0
 *
 * Text from outside: UTF-8, no control characters (C0, DEL, C1), normalised to NFC.
 */
#ifndef HOSO_BASE_TEXT_H
#define HOSO_BASE_TEXT_H

#include <stdbool.h>

#include "base/arena.h"
#include "base/slice.h"
#include "base/status.h"

/* Well-formed UTF-8 without control characters. */
bool text_is_clean(struct slice text);

/* The NFC form: `text` itself where it is NFC already, else a copy in the arena.
 * INVALID = not clean; TOO_LARGE = the arena is full. */
enum status text_normalise(struct slice text, struct arena *arena, struct slice *ret_text) MUST_USE;

enum { TEXT_ESCAPE_SIZE = 8 };

/* Text as it stands between the quotes of JSON, piece by piece: takes a run of characters off the
 * front of `text`, or the escape of one, which is written to `escape`. Control characters, quotes
 * and backslashes are escaped; a byte that is not UTF-8 becomes U+FFFD. `text` is not empty. */
struct slice text_json_piece(struct slice *text, char escape[TEXT_ESCAPE_SIZE]);

/* "Did you mean": which of the names that are tried is the most like what was typed, and not more
 * than two letters away. */
struct text_guess {
    struct slice typed;
    unsigned below;      /* the next one must be less than this many edits away */
    const char *nearest; /* NULL = none is near */
};
struct text_guess text_guess_of(struct slice typed);
void text_guess_try(struct text_guess *guess, const char *name);

#endif
