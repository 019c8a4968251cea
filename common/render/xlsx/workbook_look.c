/* SPDX-License-Identifier: Apache-2.0
 *
 * How each part of a sheet looks. Figures have Vietnamese separators wherever the file is opened;
 * every other cell is text.
 */
#include "render/text.h"
#include "render/xlsx/workbook_internal.h"

void book_keep_error(struct book *book, lxw_error error)
{
    book->error = book->error == LXW_NO_ERROR ? error : book->error;
}

static void set_look(lxw_format *format, enum look look, bool english)
{
    format_set_font_name(format, "Times New Roman");
    format_set_font_size(format, look == LOOK_TITLE ? 14 : look < LOOK_HEADING ? 12 : 11);
    format_set_align(format, LXW_ALIGN_VERTICAL_CENTER);
    if (look == LOOK_TITLE || look == LOOK_HEADING || look == LOOK_NAME) {
        format_set_bold(format);
    }
    if (look == LOOK_ASIDE || look == LOOK_COUNTED || look == LOOK_NUMBERING) {
        format_set_italic(format);
    }
    if (look >= LOOK_HEADING && look <= LOOK_DATE) {
        format_set_border(format, LXW_BORDER_THIN);
    }
    if (look == LOOK_TITLE || look == LOOK_LINE || (look >= LOOK_HEADING && look <= LOOK_ORDINAL)) {
        format_set_align(format, LXW_ALIGN_CENTER);
    } else if (look == LOOK_COUNTED) {
        format_set_align(format, LXW_ALIGN_RIGHT);
    } else if (look >= LOOK_NO_VALUE && look <= LOOK_RATIO) { /* off the border */
        format_set_align(format, LXW_ALIGN_RIGHT);
        format_set_indent(format, 1);
    }
    if (look == LOOK_COUNT_MARKED || look == LOOK_RATIO_MARKED) {
        format_set_bold(format);
        format_set_bg_color(format, 0xFFF2CC);
    }
    if (look == LOOK_COUNT || look == LOOK_COUNT_MARKED) {
        format_set_num_format(format, english ? "#,##0" : "[$-42A]#,##0");
    } else if (look == LOOK_RATIO || look == LOOK_RATIO_MARKED) {
        format_set_num_format(format, english ? "0.00%" : "[$-42A]0.00%");
    } else if (look == LOOK_DATE) {
        format_set_num_format(format, english ? "yyyy-mm-dd" : "dd/mm/yyyy");
        format_set_align(format, LXW_ALIGN_CENTER);
    } else {
        format_set_num_format(format, "@");
        format_set_text_wrap(format);
    }
}

lxw_format *book_format(struct book *book, enum look look, bool strong, unsigned indent)
{
    const unsigned kept = indent < WORKBOOK_INDENT_MAX ? indent : WORKBOOK_INDENT_MAX;
    lxw_format **format = &book->formats[look][strong][kept];
    if (*format == NULL) {
        *format = workbook_add_format(book->workbook);
        if (*format == NULL) {
            book_keep_error(book, LXW_ERROR_MEMORY_MALLOC_FAILED);
            return NULL;
        }
        set_look(*format, look, book->english);
        if (strong) {
            format_set_bold(*format);
        }
        if (kept != 0) {
            format_set_align(*format, LXW_ALIGN_LEFT);
            format_set_indent(*format, (uint8_t)kept);
        }
    }
    return *format;
}

/* Letters of a proportional font are narrower than digits, by which widths are given; bold ones and
 * capitals are wider. */
unsigned book_lines(const char *text, double width, bool bold)
{
    const double needed = (double)render_width(text) * (bold ? 0.95 : 0.86);
    return width > 1 ? (unsigned)(needed / width) + 1 : 1;
}
