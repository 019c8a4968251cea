/* SPDX-License-Identifier: Apache-2.0
 *
 * For people, in a fixed-width font. A heading is wrapped at words, to the width that its column
 * needs anyway. A form made of sentences is printed as sentences, a blank line before each heading.
 */
#include "render/render.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "render/text.h"

enum { HEADING_WIDTH = 12, GAP = 2, INDENT = 2, LINE_SIZE = 512 };

/* A table being laid out. */
struct layout {
    const struct document *document;
    unsigned columns;      /* shown */
    unsigned *shown;       /* their places in the document */
    unsigned *widths;      /* of those */
    const char **headings; /* what is left to print of each */
    FILE *out;
};

static const struct document_column *column_at(const struct layout *layout, unsigned place)
{
    return &layout->document->columns[layout->shown[place]];
}

static const struct document_cell *cell_at(const struct layout *layout, size_t row, unsigned place)
{
    const struct document *document = layout->document;
    return &document->cells[row * document->column_count + layout->shown[place]];
}

static const char *cell_text(const struct layout *layout, const struct document_cell *cell,
                             char buffer[RENDER_NUMBER_SIZE])
{
    if (cell->kind != CELL_NUMBER) {
        return cell->text;
    }
    render_number(cell->n, layout->document->english, buffer);
    return buffer;
}

static unsigned greater(unsigned a, unsigned b)
{
    return a > b ? a : b;
}

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

static unsigned indent_of(const struct layout *layout, size_t row)
{
    return layout->document->rows[row].level * INDENT;
}

static unsigned column_width(const struct layout *layout, unsigned place)
{
    const struct document_column *column = column_at(layout, place);
    const unsigned label = render_width(column->label);
    unsigned width =
        greater(widest_word(column->label), label < HEADING_WIDTH ? label : HEADING_WIDTH);
    width = greater(width, widest_word(column->number));
    for (size_t row = 0; row < layout->document->row_count; row++) {
        char buffer[RENDER_NUMBER_SIZE];
        const unsigned own = render_width(cell_text(layout, cell_at(layout, row, place), buffer));
        width = greater(width, own + (place == 0 ? indent_of(layout, row) : 0));
    }
    return width;
}

static void print_aligned(const struct layout *layout, const char *text, unsigned place,
                          unsigned width)
{
    const bool last = place + 1 == layout->columns;
    const bool right = column_at(layout, place)->right;
    const unsigned own = render_width(text);
    const unsigned space = own < width ? width - own : 0;
    render_blanks(layout->out, right ? space : 0);
    (void)fputs(text, layout->out);
    render_blanks(layout->out, last ? 0 : right ? GAP : space + GAP);
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

/* All lines of the headings. */
static void print_headings(const struct layout *layout)
{
    bool more = true;
    while (more) {
        more = false;
        for (unsigned i = 0; i < layout->columns; i++) {
            char line[LINE_SIZE];
            take_line(&layout->headings[i], layout->widths[i], line);
            print_aligned(layout, line, i, layout->widths[i]);
            more = more || layout->headings[i][strspn(layout->headings[i], " ")] != '\0';
        }
        (void)fputc('\n', layout->out);
    }
}

static void print_rule(const struct layout *layout)
{
    for (unsigned i = 0; i < layout->columns; i++) {
        render_blanks(layout->out, i != 0 ? GAP : 0);
        for (unsigned j = 0; j < layout->widths[i]; j++) {
            (void)fputs("─", layout->out);
        }
    }
    (void)fputc('\n', layout->out);
}

static void print_row(const struct layout *layout, size_t row)
{
    const unsigned indent = indent_of(layout, row);
    render_blanks(layout->out, indent);
    for (unsigned i = 0; i < layout->columns; i++) {
        char buffer[RENDER_NUMBER_SIZE];
        print_aligned(layout, cell_text(layout, cell_at(layout, row, i), buffer), i,
                      layout->widths[i] - (i == 0 ? indent : 0));
    }
    (void)fputc('\n', layout->out);
}

static void print_table(const struct layout *layout)
{
    bool numbers = false;
    for (unsigned i = 0; i < layout->columns; i++) {
        layout->widths[i] = column_width(layout, i);
        layout->headings[i] = column_at(layout, i)->label;
        numbers = numbers || column_at(layout, i)->number[0] != '\0';
    }
    print_headings(layout);
    for (unsigned i = 0; i < layout->columns; i++) {
        layout->headings[i] = column_at(layout, i)->number;
    }
    if (numbers) {
        print_headings(layout);
    }
    print_rule(layout);
    for (size_t row = 0; row < layout->document->row_count; row++) {
        print_row(layout, row);
    }
}

/* False = out of memory. */
static bool lay_out(const struct document *document, FILE *out)
{
    const unsigned count = document->column_count;
    struct layout layout = {.document = document,
                            .shown = calloc(count + 1, sizeof *layout.shown),
                            .widths = calloc(count + 1, sizeof *layout.widths),
                            .headings = calloc(count + 1, sizeof *layout.headings),
                            .out = out};
    const bool room = layout.shown != NULL && layout.widths != NULL && layout.headings != NULL;
    for (unsigned i = 0; room && i < count; i++) {
        if (!document->columns[i].code) {
            layout.shown[layout.columns++] = i;
        }
    }
    if (room) {
        print_table(&layout);
    }
    free(layout.shown);
    free(layout.widths);
    free(layout.headings);
    return room;
}

static bool has_sentences(const struct document *document)
{
    for (size_t i = 0; i < document->row_count; i++) {
        if (document->rows[i].sentence[0] != '\0') {
            return true;
        }
    }
    return false;
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
    const bool english = document->english;
    char from[RENDER_DATE_SIZE];
    char to[RENDER_DATE_SIZE];
    render_date(document->from, english, from);
    render_date(document->to, english, to);
    (void)fprintf(out, english ? "%s\n%s\nFrom %s to %s\n\n" : "%s\n%s\nTừ %s đến %s\n\n",
                  document->title, document->unit_name, from, to);
}

static void print_foot(const struct document *document, FILE *out)
{
    const bool english = document->english;
    if (document->check_count != 0) {
        (void)fputs(english ? "\nChecks:\n" : "\nKiểm tra:\n", out);
    }
    for (size_t i = 0; i < document->check_count; i++) {
        (void)fprintf(out, "  [%s] %s\n", render_verdict(document, i), document->checks[i].text);
    }
    if (document->note_count != 0) {
        (void)fputs(english ? "\nNotes:\n" : "\nGhi chú:\n", out);
    }
    for (size_t i = 0; i < document->note_count; i++) {
        (void)fprintf(out, "  - %s\n", document->notes[i]);
    }
    (void)fprintf(out,
                  english ? "\nFigures up to position %" PRIu64 " (journal %" PRIu64 ")\n"
                          : "\nSố liệu tính đến vị trí %" PRIu64 " (nhật ký %" PRIu64 ")\n",
                  document->cut.position, document->cut.incarnation);
}

bool render_text(const struct document *document, FILE *out)
{
    bool printed = true;
    if (document->title != NULL) {
        print_head(document, out);
    }
    if (has_sentences(document)) {
        print_sentences(document, out);
    } else {
        printed = lay_out(document, out);
    }
    if (document->title != NULL) {
        print_foot(document, out);
    }
    return printed;
}
