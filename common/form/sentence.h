/* SPDX-License-Identifier: Apache-2.0
 *
 * Sentences with places: "tiếp nhận {online.commune} hồ sơ", "{returned.total|2}" (two digits at
 * least). Pure. A place is
 *
 *     {from} {to}                 the period's first and last day
 *     {unit} {area}               the unit's name; what kind of area it is: "huyện"
 *     {tier_count}                how many tiers the report's units have
 *     {FIGURE} {FIGURE.SCOPE}     a figure of the whole report, or of a scope
 *     {….n} {….d}                 what a ratio divides, and by what
 *     {several} {each}            the line's texts of these names
 *     {line}                      a new line; not in notes
 *     {tier}                      inside `each`: the tier's name; a FIGURE is the tier's there
 */
#ifndef HOSO_FORM_SENTENCE_H
#define HOSO_FORM_SENTENCE_H

#include "base/arena.h"
#include "base/buffer.h"
#include "base/status.h"
#include "form/form.h"

enum { SENTENCE_BYTES_MAX = 16 << 10 };

enum place_kind {
    PLACE_FROM,
    PLACE_TO,
    PLACE_UNIT,
    PLACE_AREA,
    PLACE_TIER_COUNT,
    PLACE_SEVERAL,
    PLACE_EACH,
    PLACE_TIER,
    PLACE_LINE,
    PLACE_FIGURE
};

struct sentence_place {
    enum place_kind kind;
    unsigned figure; /* PLACE_FIGURE: index into the form's */
    int scope;       /* −1 = none is named */
    char part;       /* 'n', 'd' or 0 = as printed */
    unsigned digits; /* behind the bar, or 0 */
};

/* Writes what stands for the place. False = it cannot stand here. */
typedef bool sentence_put(void *context, const struct sentence_place *place, struct buffer *out);

/* Appends the sentence. False = an unknown or unclosed place; `ret_bad`, if not NULL, is where. */
bool sentence_write(const struct form *form, const char *sentence, sentence_put *put, void *context,
                    struct buffer *out, struct slice *ret_bad) MUST_USE;

#endif
