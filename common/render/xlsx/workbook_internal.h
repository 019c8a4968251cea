/* SPDX-License-Identifier: Apache-2.0
 *
 * A workbook being written: its formats, and the first error. Only workbook.c and workbook_look.c
 * include this.
 */
#ifndef HOSO_RENDER_WORKBOOK_INTERNAL_H
#define HOSO_RENDER_WORKBOOK_INTERNAL_H

#include <stdbool.h>
#include <xlsxwriter.h>

enum { WORKBOOK_INDENT_MAX = 8 };

enum look {
    LOOK_TITLE,
    LOOK_LINE,    /* below the title */
    LOOK_ASIDE,   /* small, at the left */
    LOOK_COUNTED, /* small, at the right */
    LOOK_HEADING,
    LOOK_NUMBERING,
    LOOK_ORDINAL,
    LOOK_TEXT,
    LOOK_NO_VALUE,
    LOOK_COUNT,
    LOOK_COUNT_MARKED, /* differs from what was closed */
    LOOK_RATIO_MARKED,
    LOOK_RATIO,
    LOOK_DATE,
    LOOK_NAME, /* of the notes' sheet */
    LOOK_NOTE,
    LOOK_COUNT_OF
};

struct book {
    lxw_workbook *workbook;
    lxw_format *formats[LOOK_COUNT_OF][2][WORKBOOK_INDENT_MAX + 1]; /* look, strong, indent */
    lxw_error error;                                                /* the first one */
    bool english;
};

void book_keep_error(struct book *book, lxw_error error);
/* Made at its first use; NULL = out of memory, which is kept. */
/* Lines that a text needs in so many characters. */
unsigned book_lines(const char *text, double width, bool bold);
lxw_format *book_format(struct book *book, enum look look, bool strong, unsigned indent);

#endif
