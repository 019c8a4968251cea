/* SPDX-License-Identifier: Apache-2.0
 *
 * Nearly all text is ASCII or precomposed Vietnamese, which one pass proves to be clean and in NFC
 * already. Only the rest goes through utf8proc. Its reordering of combining marks is quadratic in
 * the length of a run of marks, so a run is limited as in Unicode's stream-safe text format.
 */
#include "base/text.h"

#include <stdio.h>
#include <utf8proc.h>

enum { MARKS_MAX = 30, GUESS_BYTES_MAX = 63, GUESS_BELOW = 3 };

enum form { FORM_DIRTY, FORM_NFC, FORM_OTHER };

/* How many bytes at the front are ASCII without control characters, in steps of eight. */
static size_t plain_words(struct slice text)
{
    const uint64_t ones = UINT64_C(0x0101010101010101);
    size_t at = 0;
    while (text.size - at >= sizeof(uint64_t)) {
        uint64_t word;
        memcpy(&word, text.data + at, sizeof word);
        /* The top bit of a byte: set already, or by +1 for DEL, or by borrowing below the space. */
        if (((word | (word + ones) | (word - 0x20 * ones)) & (0x80 * ones)) != 0) {
            break;
        }
        at += sizeof word;
    }
    return at;
}

static bool is_tail(uint8_t byte)
{
    return (byte & 0xc0) == 0x80;
}

/* The character at the front, its size, or 0 if it is malformed. Over-long forms and surrogates
 * are. */
static size_t decode(const uint8_t *at, size_t left, uint32_t *ret_character)
{
    const uint8_t lead = at[0];
    if (lead < 0x80) {
        *ret_character = lead;
        return 1;
    }
    if (lead >= 0xc2 && lead < 0xe0 && left >= 2 && is_tail(at[1])) {
        *ret_character = (uint32_t)(lead & 0x1f) << 6 | (at[1] & 0x3f);
        return 2;
    }
    if (lead >= 0xe0 && lead < 0xf0 && left >= 3 && is_tail(at[1]) && is_tail(at[2])) {
        const uint32_t c =
            (uint32_t)(lead & 0x0f) << 12 | (uint32_t)(at[1] & 0x3f) << 6 | (at[2] & 0x3f);
        *ret_character = c;
        return c >= 0x800 && (c < 0xd800 || c > 0xdfff) ? 3 : 0;
    }
    if (lead >= 0xf0 && lead < 0xf5 && left >= 4 && is_tail(at[1]) && is_tail(at[2]) &&
        is_tail(at[3])) {
        const uint32_t c = (uint32_t)(lead & 0x07) << 18 | (uint32_t)(at[1] & 0x3f) << 12 |
                           (uint32_t)(at[2] & 0x3f) << 6 | (at[3] & 0x3f);
        *ret_character = c;
        return c >= 0x10000 && c <= 0x10ffff ? 4 : 0;
    }
    return 0;
}

static bool is_control(uint32_t c)
{
    return c < 0x20 || (c >= 0x7f && c < 0xa0);
}

/* Characters that NFC never changes, whatever surrounds them, as long as all of them are of this
 * kind: Latin letters, the Vietnamese block, dashes and quotation marks. */
static bool is_stable(uint32_t c)
{
    return c < 0x300 || (c >= 0x1ea0 && c < 0x1f00) || (c >= 0x2010 && c < 0x2028);
}

static enum form scan(struct slice text)
{
    enum form form = FORM_NFC;
    for (size_t at = plain_words(text); at < text.size;) {
        uint32_t character;
        const size_t size = decode(text.data + at, text.size - at, &character);
        if (size == 0 || is_control(character)) {
            return FORM_DIRTY;
        }
        if (!is_stable(character)) {
            form = FORM_OTHER;
        }
        at += size;
    }
    return form;
}

bool text_is_clean(struct slice text)
{
    return scan(text) != FORM_DIRTY;
}

static bool has_long_run_of_marks(struct slice text)
{
    unsigned marks = 0;
    for (size_t at = 0; at < text.size;) {
        uint32_t character = 0;
        at += decode(text.data + at, text.size - at, &character);
        const bool mark = utf8proc_get_property((utf8proc_int32_t)character)->combining_class != 0;
        marks = mark ? marks + 1 : 0;
        if (marks > MARKS_MAX) {
            return true;
        }
    }
    return false;
}

enum status text_normalise(struct slice text, struct arena *arena, struct slice *ret_text)
{
    const enum form form = scan(text);
    if (form == FORM_NFC) {
        *ret_text = text;
        return STATUS_OK;
    }
    if (form == FORM_DIRTY || has_long_run_of_marks(text)) {
        return STATUS_INVALID;
    }
    const utf8proc_option_t options = UTF8PROC_STABLE | UTF8PROC_COMPOSE;
    const utf8proc_ssize_t size = (utf8proc_ssize_t)text.size;
    const utf8proc_ssize_t count = utf8proc_decompose(text.data, size, NULL, 0, options);
    if (count < 0) {
        return STATUS_INVALID;
    }
    utf8proc_int32_t *characters = arena_array(arena, (size_t)count + 1, sizeof *characters);
    if (characters == NULL) {
        return STATUS_TOO_LARGE;
    }
    /* utf8proc_reencode composes, then writes UTF-8 over the characters. */
    (void)utf8proc_decompose(text.data, size, characters, count, options);
    const utf8proc_ssize_t bytes = utf8proc_reencode(characters, count, options);
    if (bytes < 0) {
        return STATUS_INVALID;
    }
    *ret_text = slice_of(characters, (size_t)bytes);
    return STATUS_OK;
}

/* The size of the character at the front if JSON takes it as it is, else 0. */
static size_t json_plain(const uint8_t *at, size_t left)
{
    uint32_t character;
    if (*at < 0x80) {
        return *at >= 0x20 && *at != 0x7f && *at != '"' && *at != '\\';
    }
    return decode(at, left, &character);
}

struct slice text_json_piece(struct slice *text, char escape[TEXT_ESCAPE_SIZE])
{
    const uint8_t *at = text->data;
    size_t taken = 0;
    size_t size;
    while (taken < text->size && (size = json_plain(at + taken, text->size - taken)) != 0) {
        taken += size;
    }
    struct slice piece = slice_of(at, taken);
    if (taken == 0) {
        if (*at >= 0x80) {
            (void)snprintf(escape, TEXT_ESCAPE_SIZE, "\xef\xbf\xbd");
        } else if (*at == '"' || *at == '\\') {
            (void)snprintf(escape, TEXT_ESCAPE_SIZE, "\\%c", *at);
        } else {
            (void)snprintf(escape, TEXT_ESCAPE_SIZE, "\\u%04x", *at);
        }
        piece = slice_text(escape);
        taken = 1;
    }
    *text = slice_of(at + taken, text->size - taken);
    return piece;
}

/* How many letters have to be put in, taken out or replaced to make one of the other. */
static unsigned edit_distance(struct slice a, struct slice b)
{
    unsigned row[GUESS_BYTES_MAX + 1];
    for (unsigned j = 0; j <= b.size; j++) {
        row[j] = j;
    }
    for (unsigned i = 1; i <= a.size; i++) {
        unsigned diagonal = row[0];
        row[0] = i;
        for (unsigned j = 1; j <= b.size; j++) {
            const unsigned replaced = diagonal + (a.data[i - 1] != b.data[j - 1]);
            const unsigned shorter = row[j] < row[j - 1] ? row[j] : row[j - 1];
            diagonal = row[j];
            row[j] = replaced < shorter + 1 ? replaced : shorter + 1;
        }
    }
    return row[b.size];
}

struct text_guess text_guess_of(struct slice typed)
{
    return (struct text_guess){.typed = typed, .below = GUESS_BELOW};
}

void text_guess_try(struct text_guess *guess, const char *name)
{
    const struct slice candidate = slice_text(name);
    if (guess->typed.size > GUESS_BYTES_MAX || candidate.size > GUESS_BYTES_MAX) {
        return;
    }
    const unsigned distance = edit_distance(guess->typed, candidate);
    if (distance < guess->below) {
        guess->below = distance;
        guess->nearest = name;
    }
}
