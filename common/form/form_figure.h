/* SPDX-License-Identifier: Apache-2.0
 *
 * What a form is made of (form.h): its limits, sums over measures, figures, sentences.
 */
#ifndef HOSO_FORM_FORM_FIGURE_H
#define HOSO_FORM_FORM_FIGURE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "ledger/measure.h"

enum {
    FORM_ID_MAX = 64,     /* bytes of an id */
    FORM_TEXT_MAX = 1024, /* of a caption, a title, a note */
    FORM_SENTENCE_MAX = 2048,
    FORM_VALUE_MAX = 1024, /* of an expression as written */
    FORM_FIGURES_MAX =
        192, /* columns or section lines, and figures that only notes and checks use */
    FORM_SCOPES_MAX = 8,
    FORM_GROUPS_MAX = 8,
    FORM_STUB_MAX = 5,
    FORM_CHECKS_MAX = 64,
    FORM_NOTES_MAX = 32,
    FORM_CAPTIONS_MAX = 4, /* headings over one another */
    FORM_TERMS_MAX = 64,   /* of one sum; aggregation lists the dossiers of no more */
    FORM_SHIFTS_MAX = 4,   /* different "+ n days" in one form */
    FORM_DAYS_MAX = 366    /* the most days later */
};

/* One addend: coefficient × the measure in the slots, at the side named, `days` after it. */
struct term {
    uint8_t measure;
    uint8_t side; /* enum side */
    uint16_t slots;
    int16_t coefficient;
    uint16_t days; /* SIDE_OPEN and SIDE_CLOSE only */
};

struct expression {
    const struct term *terms;
    unsigned count;
};

struct text2 {
    const char *vi;
    const char *en; /* the Vietnamese text where the file gives no English one */
};

/* From the outermost heading to the figure's own. */
struct captions {
    const struct text2 *texts;
    unsigned count;
};

/* Text with places (form/sentence.h). `each` stands for the place {each}, once for each tier that
 * the report's units have, `several` for {several} if they have more than one. */
struct form_sentence {
    struct text2 text; /* "" = none */
    struct text2 several;
    struct form_each {
        struct text2 begin, text, between, end;
        struct text2 alone; /* in place of it all where there is one tier only */
    } each;
};

/* A column, a section line, or a figure that only notes and checks use. Without `value` it is a
 * heading (its text is its label), without `under` a count, else a ratio. */
struct form_figure {
    const char *id;
    struct captions captions;
    struct text2 label; /* in one line */
    const char *number; /* as printed on paper, or "" */
    const char *source; /* the expression as the file gives it, or "" */
    struct expression value;
    struct expression under;
    uint32_t level; /* of a section line: its indentation */
    struct form_sentence sentence;
    bool optional; /* a section line printed only where some scope is not zero */
    bool hidden;   /* neither a column nor a line */
};

static inline const char *text_in(struct text2 text, bool english)
{
    return english ? text.en : text.vi;
}

#define COUNT_OF(array) (sizeof(array) / sizeof(array)[0])

#endif
