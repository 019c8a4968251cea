/* SPDX-License-Identifier: Apache-2.0
 *
 * Nearly all text is ASCII or precomposed Vietnamese, which one pass proves to be clean and in NFC
 * already. Only the rest goes through utf8proc. Its reordering of combining marks is quadratic in
 * the length of a run of marks, so a run is limited as in Unicode's stream-safe text format.
 */
#include "base/text.h"

#include <stdio.h>
#include <utf8proc.h>

enum { MARKS_MAX = 30, GUESS_BYTES_MAX = 63, GUESS_BELOW = 3, NO_BREAK_HYPHEN = 0x2011 };

enum form { FORM_DIRTY, FORM_NFC, FORM_OTHER };

enum sight { SIGHT_SEEN, SIGHT_BLANK, SIGHT_FORMAT, SIGHT_HIDDEN };

/* How many bytes at the front are ASCII from `lowest` on, but not DEL, in steps of eight. */
static size_t plain_words(struct slice text, uint8_t lowest)
{
    const uint64_t ones = UINT64_C(0x0101010101010101);
    size_t at = 0;
    while (text.size - at >= sizeof(uint64_t)) {
        uint64_t word;
        memcpy(&word, text.data + at, sizeof word);
        /* The top bit of a byte: set already, or by +1 for DEL, or by borrowing below `lowest`. */
        if (((word | (word + ones) | (word - lowest * ones)) & (0x80 * ones)) != 0) {
            break;
        }
        at += sizeof word;
    }
    return at;
}

/* The character at the front, its size, or 0 if it is malformed. */
static size_t decode(const uint8_t *at, size_t left, uint32_t *ret_character)
{
    utf8proc_int32_t character = at[0];
    const utf8proc_ssize_t size =
        at[0] < 0x80 ? 1 : utf8proc_iterate(at, (utf8proc_ssize_t)left, &character);
    if (size <= 0) {
        return 0;
    }
    *ret_character = (uint32_t)character;
    return (size_t)size;
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
    for (size_t at = plain_words(text, ' '); at < text.size;) {
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

/* The NFC form of a clean text. */
static enum status compose(struct slice text, struct arena *arena, struct slice *ret_text)
{
    if (has_long_run_of_marks(text)) {
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

enum status text_normalise(struct slice text, struct arena *arena, struct slice *ret_text)
{
    const enum form form = scan(text);
    if (form == FORM_NFC) {
        *ret_text = text;
        return STATUS_OK;
    }
    return form == FORM_DIRTY ? STATUS_INVALID : compose(text, arena, ret_text);
}

/* What a reader sees of a character that is no control character. HIDDEN takes in what looks like
 * another character: the no-break hyphen. */
static enum sight sight_of(uint32_t c)
{
    if ((c > ' ' && c < 0x7f) || (c > 0xad && c < 0x300) || (c >= 0x1ea0 && c < 0x1f00)) {
        return SIGHT_SEEN; /* nearly all */
    }
    const utf8proc_property_t *property = utf8proc_get_property((utf8proc_int32_t)c);
    switch (property->category) {
    case UTF8PROC_CATEGORY_ZS:
    case UTF8PROC_CATEGORY_ZL:
    case UTF8PROC_CATEGORY_ZP:
        return SIGHT_BLANK;
    case UTF8PROC_CATEGORY_CF:
        return SIGHT_FORMAT;
    default:
        return property->ignorable || c == NO_BREAK_HYPHEN ? SIGHT_HIDDEN : SIGHT_SEEN;
    }
}

/* A text being taken, character by character. */
struct taking {
    enum text_kind kind;
    enum form form;
    bool untidy; /* has blanks to cut, to squeeze or to make plain */
    bool gap;    /* the character before was a blank, or there was none */
};

/* What is wrong with the character, if anything. */
static enum text_wrong take_character(struct taking *taking, uint32_t c)
{
    const enum sight sight = is_control(c) ? SIGHT_SEEN : sight_of(c);
    const bool blank = c == ' ' || (sight == SIGHT_BLANK && taking->kind == TEXT_WORDS);
    if (is_control(c)) {
        return TEXT_CONTROL;
    }
    if (!blank && (sight == SIGHT_FORMAT || (sight != SIGHT_SEEN && taking->kind == TEXT_ID))) {
        return TEXT_UNSEEN;
    }
    taking->untidy = taking->untidy || (blank && (taking->gap || c != ' '));
    taking->gap = blank;
    taking->form = is_stable(c) ? taking->form : FORM_OTHER;
    return TEXT_GOOD;
}

static enum status take_all(struct taking *taking, struct slice text, struct text_fault *ret_fault)
{
    size_t at = plain_words(text, '!');
    unsigned place = (unsigned)at;
    taking->gap = at == 0;
    while (at < text.size) {
        uint32_t character = text.data[at];
        const size_t size = decode(text.data + at, text.size - at, &character);
        const enum text_wrong wrong = size == 0 ? TEXT_NOT_UTF8 : take_character(taking, character);
        place++;
        if (wrong != TEXT_GOOD) {
            *ret_fault = (struct text_fault){wrong, size == 0 ? text.data[at] : character, place};
            return STATUS_INVALID;
        }
        at += size;
    }
    taking->untidy = taking->untidy || (taking->gap && text.size != 0);
    return STATUS_OK;
}

/* Into memory of the text's size: every run of blanks as one, none at the ends. */
static struct slice squeeze(struct slice text, uint8_t *memory)
{
    size_t size = 0;
    bool gap = false;
    for (size_t at = 0; at < text.size;) {
        uint32_t character = 0;
        const size_t step = decode(text.data + at, text.size - at, &character);
        const bool blank = sight_of(character) == SIGHT_BLANK;
        if (!blank && gap && size > 0) {
            memory[size++] = ' ';
        }
        if (!blank) {
            memcpy(memory + size, text.data + at, step);
            size += step;
        }
        gap = blank;
        at += step;
    }
    return slice_of(memory, size);
}

enum status text_take(struct slice text, enum text_kind kind, struct arena *arena,
                      struct slice *ret_text, struct text_fault *ret_fault)
{
    struct taking taking = {.kind = kind, .form = FORM_NFC};
    const enum status status = take_all(&taking, text, ret_fault);
    if (status != STATUS_OK) {
        return status;
    }
    if (taking.untidy) {
        uint8_t *memory = arena_alloc(arena, text.size);
        if (memory == NULL) {
            return STATUS_TOO_LARGE;
        }
        text = squeeze(text, memory);
    }
    if (taking.form == FORM_NFC) {
        *ret_text = text;
        return STATUS_OK;
    }
    const enum status composed = compose(text, arena, ret_text);
    if (composed == STATUS_INVALID) {
        *ret_fault = (struct text_fault){.wrong = TEXT_MARKS};
    }
    return composed;
}

static const char *character_name(uint32_t character)
{
    static const struct {
        uint32_t character;
        const char *name;
    } names[] = {
        {'\t', " (tab)"},
        {'\n', " (line break)"},
        {'\r', " (line break)"},
        {0xa0, " (no-break space)"},
        {0xad, " (soft hyphen)"},
        {0x200b, " (zero width space)"},
        {0x200c, " (zero width non-joiner)"},
        {0x200d, " (zero width joiner)"},
        {NO_BREAK_HYPHEN, " (no-break hyphen)"},
        {0x202f, " (narrow no-break space)"},
        {0xfeff, " (byte order mark)"},
    };
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        if (names[i].character == character) {
            return names[i].name;
        }
    }
    return "";
}

void text_fault_sentence(const struct text_fault *fault, char sentence[TEXT_SENTENCE_MAX])
{
    switch (fault->wrong) {
    case TEXT_NOT_UTF8:
        (void)snprintf(sentence, TEXT_SENTENCE_MAX,
                       "is not UTF-8: byte 0x%02X at character %u; write it as UTF-8",
                       (unsigned)fault->character, fault->place);
        break;
    case TEXT_MARKS:
        (void)snprintf(sentence, TEXT_SENTENCE_MAX, "holds over %d marks in a row; delete them",
                       MARKS_MAX);
        break;
    case TEXT_CONTROL:
        (void)snprintf(sentence, TEXT_SENTENCE_MAX,
                       "holds the control character U+%04X%s as character %u; delete it",
                       (unsigned)fault->character, character_name(fault->character), fault->place);
        break;
    default:
        (void)snprintf(sentence, TEXT_SENTENCE_MAX, "holds U+%04X%s as character %u, %s",
                       (unsigned)fault->character, character_name(fault->character), fault->place,
                       fault->character == NO_BREAK_HYPHEN
                           ? "which only looks like a hyphen; write \"-\""
                           : "which cannot be seen; delete it");
        break;
    }
}

void text_show(struct slice text, char *buffer, size_t buffer_size)
{
    size_t used = 0;
    for (size_t at = 0; at < text.size;) {
        char piece[16];
        uint32_t character = text.data[at];
        size_t size = decode(text.data + at, text.size - at, &character);
        int length = (int)size;
        if (size == 0) {
            size = 1;
            length = snprintf(piece, sizeof piece, "<0x%02X>", (unsigned)character);
        } else if (is_control(character) ||
                   (character != ' ' && sight_of(character) != SIGHT_SEEN)) {
            length = snprintf(piece, sizeof piece, "<U+%04X>", (unsigned)character);
        } else {
            memcpy(piece, text.data + at, size);
        }
        if (used + (size_t)length >= buffer_size) {
            break;
        }
        memcpy(buffer + used, piece, (size_t)length);
        used += (size_t)length;
        at += size;
    }
    buffer[used] = '\0';
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

bool text_number(struct slice text, uint64_t max, uint64_t *ret_number)
{
    uint64_t number = 0;
    for (size_t i = 0; i < text.size; i++) {
        const unsigned digit = (unsigned)text.data[i] - '0';
        if (digit > 9 || digit > max || number > (max - digit) / 10) {
            return false;
        }
        number = number * 10 + digit;
    }
    *ret_number = number;
    return text.size != 0;
}

/* How many letters have to be put in, taken out or replaced to make one of the other. */
static unsigned lower(uint8_t letter)
{
    return letter >= 'A' && letter <= 'Z' ? letter + ('a' - 'A') : letter;
}

/* Capitals make no difference. */
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
            const unsigned replaced = diagonal + (lower(a.data[i - 1]) != lower(b.data[j - 1]));
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
