/* SPDX-License-Identifier: Apache-2.0
 *
 * Text from outside: UTF-8, no control characters (C0, DEL, C1), normalised to NFC.
 *
 * text_take is the rule for what people and connectors write, in JSON, CSV and protobuf alike: what
 * looks the same must be the same. What is at rest already was taken by the rule of its day and is
 * never taken again.
 */
#ifndef HOSO_BASE_TEXT_H
#define HOSO_BASE_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/slice.h"
#include "base/status.h"

/* Well-formed UTF-8 without control characters. */
bool text_is_clean(struct slice text);

/* The NFC form: `text` itself where it is NFC already, else a copy in the arena.
 * INVALID = not clean; TOO_LARGE = the arena is full. */
enum status text_normalise(struct slice text, struct arena *arena, struct slice *ret_text) MUST_USE;

/* Decimal digits and nothing else, at most `max`. */
bool text_number(struct slice text, uint64_t max, uint64_t *ret_number);

enum { TEXT_ESCAPE_SIZE = 8 };

/* Text as it stands between the quotes of JSON, piece by piece: takes a run of characters off the
 * front of `text`, or the escape of one, which is written to `escape`. Control characters, quotes
 * and backslashes are escaped; a byte that is not UTF-8 becomes U+FFFD. `text` is not empty. */
struct slice text_json_piece(struct slice *text, char escape[TEXT_ESCAPE_SIZE]);

enum text_kind {
    TEXT_ID,   /* an id or code: no blank but U+0020, nothing that cannot be seen */
    TEXT_WORDS /* a name or reason: any other blank becomes U+0020; no format characters */
};

enum text_wrong { TEXT_GOOD, TEXT_NOT_UTF8, TEXT_CONTROL, TEXT_UNSEEN, TEXT_MARKS };

struct text_fault {
    enum text_wrong wrong;
    uint32_t character; /* of NOT_UTF8 the byte */
    unsigned place;     /* of the character in the text, from 1 */
};

enum { TEXT_SENTENCE_MAX = 128 };

/* Cuts blanks at the ends, makes a run of them one, and normalises to NFC. The text is `text`
 * itself where nothing changes, else a copy in the arena. A text of blanks alone becomes empty.
 * INVALID fills the fault: control characters; format characters (Unicode Cf: U+200B, U+FEFF, …);
 * of an id also other blanks (U+00A0, …), the no-break hyphen and whatever else Unicode lets a
 * reader ignore; over 30 marks in a row. TOO_LARGE = the arena is full. */
enum status text_take(struct slice text, enum text_kind kind, struct arena *arena,
                      struct slice *ret_text, struct text_fault *ret_fault) MUST_USE;

/* What follows the name of the field: "holds U+200B (zero width space) as character 22, which
 * cannot be seen; delete it". */
void text_fault_sentence(const struct text_fault *fault, char sentence[TEXT_SENTENCE_MAX]);

/* The text as errors and lists show it, NUL-terminated: what cannot be seen as <U+200B>, a byte
 * that is no UTF-8 as <0xFF>. Cut between characters where the buffer ends. */
void text_show(struct slice text, char *buffer, size_t buffer_size);

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
