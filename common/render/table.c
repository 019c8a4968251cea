/* SPDX-License-Identifier: Apache-2.0
 *
 * For people, in a fixed-width font. A heading is wrapped at words, to the width that its column
 * needs anyway; a caption over several columns stands in the middle above a rule. Where the table
 * is wider than the terminal, the label's column becomes narrower, then columns at the right are
 * left out, and the last line says how many. A form made of sentences is printed as sentences, a
 * blank line before each heading.
 */
#include "render/render.h"

#include <stdlib.h>
#include <string.h>

#include "render/heading.h"
#include "render/text.h"

enum { HEADING_WIDTH = 12, LABEL_WIDTH = 24, GAP = 2, INDENT = 2, LINE_SIZE = 512 };

/* Neighbouring columns under one text. */
struct span {
    unsigned first, columns;
    bool rule;        /* below it */
    const char *text; /* what is left to print */
};

enum { CELL_TEXT_SIZE = RENDER_NUMBER_SIZE + 2 }; /* with the mark of a difference */

/* A table being laid out. */
struct layout {
    const struct document *document;
    struct heading heading;
    unsigned columns; /* shown: the first ones */
    unsigned *widths;
    struct span *spans; /* of the heading's row that is being printed */
    unsigned span_count;
    unsigned blanks; /* that are printed as soon as something follows them on the line */
    FILE *out;
};

static const char *cell_text(const struct layout *layout, size_t row, unsigned column,
                             char buffer[CELL_TEXT_SIZE])
{
    const struct document_cell *cell = document_cell_at(layout->document, row, column);
    char number[RENDER_NUMBER_SIZE];
    const bool differs = document_differs(layout->document, row, column);
    if (cell->kind != CELL_NUMBER && !differs) {
        return cell->text;
    }
    render_number(cell->n, layout->document->english, number);
    (void)snprintf(buffer, CELL_TEXT_SIZE, "%s%s", differs ? "*" : "",
                   cell->kind == CELL_NUMBER ? number : cell->text);
    return buffer;
}

static unsigned greater(unsigned a, unsigned b)
{
    return a > b ? a : b;
}

/* Widths */

static unsigned widest_word(const char *text)
{
    unsigned widest = 0;
    while (*text != '\0') {
        char word[128];
        size_t blanks;
        const size_t size = render_word(text, &blanks);
        (void)snprintf(word, sizeof word, "%.*s", (int)size, text + blanks);
        widest = greater(widest, render_width(word));
        text += blanks + size;
    }
    return widest;
}

static unsigned indent_of(const struct layout *layout, size_t row, unsigned column)
{
    const struct document *document = layout->document;
    return column == document->label_column ? document->rows[row].level * INDENT : 0;
}

static const char *own_caption(const struct document_column *column)
{
    return column->caption_count != 0 ? column->captions[column->caption_count - 1] : column->label;
}

static unsigned column_width(const struct layout *layout, unsigned column)
{
    const struct document_column *heading = &layout->document->columns[column];
    const char *caption = own_caption(heading);
    const unsigned whole = render_width(caption);
    unsigned width = greater(widest_word(caption), whole < HEADING_WIDTH ? whole : HEADING_WIDTH);
    width = greater(width, widest_word(heading->number));
    for (size_t row = 0; row < layout->document->row_count; row++) {
        char buffer[CELL_TEXT_SIZE];
        const unsigned own = render_width(cell_text(layout, row, column, buffer));
        width = greater(width, own + indent_of(layout, row, column));
    }
    return width;
}

static unsigned span_width(const struct layout *layout, const struct span *span)
{
    unsigned width = (span->columns - 1) * GAP;
    for (unsigned i = 0; i < span->columns; i++) {
        width += layout->widths[span->first + i];
    }
    return width;
}

/* As many columns as fit, and at least two. */
static void fit(struct layout *layout, unsigned room)
{
    const unsigned label = layout->document->label_column;
    const struct span all = {.first = 0, .columns = layout->columns};
    const unsigned total = span_width(layout, &all);
    if (room == 0 || total <= room) {
        return;
    }
    if (layout->widths[label] > LABEL_WIDTH) {
        const unsigned over = total - room;
        const unsigned spare = layout->widths[label] - LABEL_WIDTH;
        layout->widths[label] -= over < spare ? over : spare;
    }
    struct span shown = all;
    while (shown.columns > label + 2 && span_width(layout, &shown) > room) {
        shown.columns--;
    }
    layout->columns = shown.columns;
}

/* Lines */

enum place { PLACE_LEFT, PLACE_MIDDLE, PLACE_RIGHT };

static void print_end(struct layout *layout)
{
    layout->blanks = 0;
    (void)fputc('\n', layout->out);
}

/* What is too wide is cut. */
static void print_placed(struct layout *layout, const char *text, enum place place, unsigned width)
{
    const unsigned own = render_width(text);
    const unsigned space = own < width ? width - own : 0;
    const unsigned before = place == PLACE_LEFT ? 0 : place == PLACE_RIGHT ? space : space / 2;
    layout->blanks += before;
    if (own != 0) {
        render_blanks(layout->out, layout->blanks);
        layout->blanks = 0;
    }
    if (own > width) {
        (void)fprintf(layout->out, "%.*s…", (int)render_fit(text, width - 1), text);
    } else {
        (void)fputs(text, layout->out);
    }
    layout->blanks += space - before + GAP;
}

/* Takes as many words as fit off the front of *text. */
static void take_line(const char **text, unsigned width, char line[LINE_SIZE])
{
    line[0] = '\0';
    for (;;) {
        char longer[LINE_SIZE];
        size_t blanks;
        const size_t word = render_word(*text, &blanks);
        (void)snprintf(longer, sizeof longer, "%s%s%.*s", line, line[0] != '\0' ? " " : "",
                       (int)word, *text + blanks);
        if (word == 0 || (line[0] != '\0' && render_width(longer) > width)) {
            return;
        }
        (void)snprintf(line, LINE_SIZE, "%s", longer);
        *text += blanks + word;
    }
}

static void print_rule(struct layout *layout, unsigned width)
{
    render_blanks(layout->out, layout->blanks);
    layout->blanks = GAP;
    for (unsigned i = 0; i < width; i++) {
        (void)fputs("─", layout->out);
    }
}

/* All lines of one row of the heading, and the rules below its spans. */
static void print_spans(struct layout *layout)
{
    bool more = true;
    bool rule = false;
    while (more) {
        more = false;
        for (unsigned i = 0; i < layout->span_count; i++) {
            struct span *span = &layout->spans[i];
            const unsigned width = span_width(layout, span);
            const bool right = layout->document->columns[span->first].right;
            char line[LINE_SIZE];
            take_line(&span->text, width, line);
            print_placed(layout, line,
                         span->rule ? PLACE_MIDDLE
                         : right    ? PLACE_RIGHT
                                    : PLACE_LEFT,
                         width);
            more = more || span->text[strspn(span->text, " ")] != '\0';
            rule = rule || span->rule;
        }
        print_end(layout);
    }
    for (unsigned i = 0; rule && i < layout->span_count; i++) {
        const struct span *span = &layout->spans[i];
        const unsigned width = span_width(layout, span);
        if (span->rule) {
            print_rule(layout, width);
        } else {
            layout->blanks += width + GAP;
        }
    }
    if (rule) {
        print_end(layout);
    }
}

static void add_span(struct layout *layout, struct span span)
{
    const unsigned room = layout->columns - span.first;
    span.columns = span.columns < room ? span.columns : room;
    layout->spans[layout->span_count++] = span;
}

/* The captions that stand over several columns, or over other captions. */
static void print_captions(struct layout *layout)
{
    const struct heading *heading = &layout->heading;
    size_t at = 0;
    for (unsigned row = 0; row + 1 < heading->depth; row++) {
        layout->span_count = 0;
        for (unsigned column = 0; column < layout->columns;) {
            while (at < heading->count &&
                   (heading->cells[at].row < row ||
                    (heading->cells[at].row == row && heading->cells[at].column < column))) {
                at++;
            }
            const struct heading_cell *cell = &heading->cells[at];
            const bool here = at < heading->count && cell->row == row && cell->column == column;
            if (here && row + cell->rows < heading->depth) {
                add_span(layout, (struct span){column, cell->columns, true, cell->text});
            } else {
                add_span(layout, (struct span){column, 1, false, ""});
            }
            column += layout->spans[layout->span_count - 1].columns;
        }
        print_spans(layout);
    }
}

static void print_headings(struct layout *layout)
{
    print_captions(layout);
    for (unsigned numbers = 0; numbers < (layout->heading.numbered ? 2 : 1); numbers++) {
        layout->span_count = 0;
        for (unsigned i = 0; i < layout->columns; i++) {
            const struct document_column *column = &layout->document->columns[i];
            const char *text = numbers != 0 ? column->number : own_caption(column);
            add_span(layout, (struct span){i, 1, false, text});
        }
        print_spans(layout);
    }
    for (unsigned i = 0; i < layout->columns; i++) {
        print_rule(layout, layout->widths[i]);
    }
    print_end(layout);
}

/* A line over all columns, if the row is one. */
static bool print_group(struct layout *layout, size_t row)
{
    char text[LINE_SIZE];
    if (layout->document->rows[row].group == NULL) {
        return false;
    }
    document_group(layout->document, row, text, sizeof text);
    (void)fprintf(layout->out, "%s%s\n", row != 0 ? "\n" : "", text);
    return true;
}

static void print_row(struct layout *layout, size_t row)
{
    if (print_group(layout, row)) {
        return;
    }
    for (unsigned i = 0; i < layout->columns; i++) {
        char buffer[CELL_TEXT_SIZE];
        const unsigned indent = indent_of(layout, row, i);
        const unsigned kept = indent < layout->widths[i] / 2 ? indent : layout->widths[i] / 2;
        layout->blanks += kept;
        print_placed(layout, cell_text(layout, row, i, buffer),
                     layout->document->columns[i].right ? PLACE_RIGHT : PLACE_LEFT,
                     layout->widths[i] - kept);
    }
    print_end(layout);
}

static void print_table(struct layout *layout, unsigned width)
{
    const struct document *document = layout->document;
    for (unsigned i = 0; i < layout->columns; i++) {
        layout->widths[i] = column_width(layout, i);
    }
    fit(layout, width);
    print_headings(layout);
    for (size_t row = 0; row < document->row_count; row++) {
        print_row(layout, row);
    }
    if (layout->columns < document->column_count) {
        (void)fprintf(layout->out,
                      document->english
                          ? "(%u columns not shown: --vertical, --columns, or --out FILE.xlsx)\n"
                          : "(còn %u cột không hiện: dùng --vertical, --columns hoặc --out "
                            "TỆP.xlsx)\n",
                      document->column_count - layout->columns);
    }
}

/* One line for each value, a paragraph for each row. */
static void print_vertically(struct layout *layout)
{
    const struct document *document = layout->document;
    char name[LINE_SIZE];
    unsigned width = 0;
    for (unsigned i = 0; i < document->column_count; i++) {
        heading_path(&document->columns[i], name, sizeof name);
        width = greater(width, i == document->label_column ? 0 : render_width(name));
    }
    for (size_t row = 0; row < document->row_count; row++) {
        char buffer[CELL_TEXT_SIZE];
        if (print_group(layout, row)) {
            continue;
        }
        (void)fprintf(layout->out, "%s%s\n", row != 0 ? "\n" : "",
                      cell_text(layout, row, document->label_column, buffer));
        for (unsigned i = 0; i < document->column_count; i++) {
            if (i != document->label_column) {
                heading_path(&document->columns[i], name, sizeof name);
                const char *text = cell_text(layout, row, i, buffer);
                layout->blanks = INDENT;
                print_placed(layout, name, PLACE_LEFT, width);
                print_placed(layout, text, PLACE_LEFT, render_width(text));
                print_end(layout);
            }
        }
    }
}

/* False = out of memory. */
static bool lay_out(const struct document *document, const struct render_options *options,
                    FILE *out)
{
    const unsigned count = document->column_count;
    struct layout layout = {.document = document,
                            .columns = count,
                            .widths = calloc(count + 1, sizeof *layout.widths),
                            .spans = calloc(count + 1, sizeof *layout.spans),
                            .out = out};
    const bool room =
        heading_init(&layout.heading, document) && layout.widths != NULL && layout.spans != NULL;
    if (room && options->vertical) {
        print_vertically(&layout);
    } else if (room) {
        print_table(&layout, options->width);
    }
    heading_fini(&layout.heading);
    free(layout.widths);
    free(layout.spans);
    return room;
}

static void print_sentences(const struct document *document, FILE *out)
{
    bool first = true;
    for (size_t i = 0; i < document->row_count; i++) {
        const struct document_row *row = &document->rows[i];
        if (row->sentence[0] != '\0') {
            (void)fprintf(out, "%s%s\n", row->heading && !first ? "\n" : "", row->sentence);
            first = false;
        }
    }
}

static void print_head(const struct document *document, FILE *out)
{
    const struct hoso_report *report = document->report;
    char period[RENDER_PERIOD_SIZE];
    document_period(document, period);
    (void)fprintf(out, "%s\n%s\n%s\n\n", report->title, report->unit_name, period);
}

static void print_foot(const struct document *document, FILE *out)
{
    const struct hoso_report *report = document->report;
    const bool english = document->english;
    char cut[128];
    if (report->check_count != 0) {
        (void)fputs(english ? "\nChecks:\n" : "\nKiểm tra:\n", out);
    }
    for (size_t i = 0; i < report->check_count; i++) {
        (void)fprintf(out, "  [%s] %s\n", document_verdict(document, i), report->checks[i].text);
    }
    if (report->note_count != 0) {
        (void)fputs(english ? "\nNotes:\n" : "\nGhi chú:\n", out);
    }
    for (size_t i = 0; i < report->note_count; i++) {
        (void)fprintf(out, "  - %s\n", report->notes[i]);
    }
    render_cut(report->cut.incarnation, report->cut.position, english, cut, sizeof cut);
    (void)fprintf(out, "\n%s\n", cut);
}

bool render_text(const struct document *document, const struct render_options *options, FILE *out)
{
    bool printed = true;
    if (document->report != NULL) {
        print_head(document, out);
    }
    if (document_has_sentences(document)) {
        print_sentences(document, out);
    } else {
        printed = lay_out(document, options, out);
    }
    if (document->report != NULL) {
        print_foot(document, out);
    }
    return printed;
}
