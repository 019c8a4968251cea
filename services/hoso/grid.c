/* SPDX-License-Identifier: Apache-2.0
 *
 * A heading is wrapped at words, to the width that its column needs anyway.
 */
#include "services/hoso/grid.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "services/hoso/text_out.h"

enum { HEADING_WIDTH = 12, GAP = 2, INDENT = 2 };

void grid_init(struct grid *grid, const struct grid_column *columns, unsigned width)
{
    *grid = (struct grid){.columns = columns, .width = width};
}

void grid_fini(struct grid *grid)
{
    free(grid->cells);
    free(grid->indents);
}

/* Room for one more row. */
static bool grow(struct grid *grid)
{
    if (grid->count + grid->width <= grid->capacity) {
        return !grid->failed;
    }
    const size_t rows = (grid->capacity / grid->width) * 2 + 16;
    struct grid_cell *cells = reallocarray(grid->cells, rows * grid->width, sizeof *cells);
    grid->cells = cells != NULL ? cells : grid->cells;
    unsigned *indents = reallocarray(grid->indents, rows, sizeof *indents);
    grid->indents = indents != NULL ? indents : grid->indents;
    if (cells == NULL || indents == NULL) {
        grid->failed = true;
        return false;
    }
    memset(indents + grid->capacity / grid->width, 0,
           (rows - grid->capacity / grid->width) * sizeof *indents);
    grid->capacity = rows * grid->width;
    return !grid->failed;
}

static void add(struct grid *grid, struct grid_cell cell)
{
    if (grow(grid)) {
        grid->cells[grid->count++] = cell;
    }
}

void grid_text(struct grid *grid, const char *text)
{
    add(grid, (struct grid_cell){.text = text != NULL ? text : ""});
}

void grid_number(struct grid *grid, int64_t number)
{
    add(grid, (struct grid_cell){.number = number});
}

void grid_indent(struct grid *grid, unsigned indent)
{
    if (grow(grid)) {
        grid->indents[grid->count / grid->width] = indent;
    }
}

static const char *cell_text(struct grid_cell cell, bool english, char buffer[NUMBER_TEXT_SIZE])
{
    if (cell.text != NULL) {
        return cell.text;
    }
    number_text(cell.number, english, buffer);
    return buffer;
}

static unsigned widest_word(const char *text)
{
    unsigned widest = 0;
    while (*text != '\0') {
        char word[128];
        size_t blanks;
        const size_t size = text_word(text, &blanks);
        (void)snprintf(word, sizeof word, "%.*s", (int)size, text + blanks);
        const unsigned width = text_width(word);
        widest = width > widest ? width : widest;
        text += blanks + size;
    }
    return widest;
}

static unsigned at_least(unsigned width, unsigned other)
{
    return width > other ? width : other;
}

static unsigned column_width(const struct grid *grid, unsigned column, bool english)
{
    const struct grid_column *heading = &grid->columns[column];
    const unsigned label = text_width(heading->label);
    unsigned width =
        at_least(widest_word(heading->label), label < HEADING_WIDTH ? label : HEADING_WIDTH);
    if (heading->below != NULL) {
        width = at_least(width, widest_word(heading->below));
    }
    for (size_t i = column; i < grid->count; i += grid->width) {
        char buffer[NUMBER_TEXT_SIZE];
        const unsigned indent = column == 0 ? grid->indents[i / grid->width] * INDENT : 0;
        width = at_least(width, text_width(cell_text(grid->cells[i], english, buffer)) + indent);
    }
    return width;
}

static void print_aligned(FILE *out, const char *text, unsigned width, bool right, bool last)
{
    const unsigned own = text_width(text);
    const unsigned space = own < width ? width - own : 0;
    if (right) {
        pad(out, space);
    }
    (void)fputs(text, out);
    if (!right && !last) {
        pad(out, space);
    }
    if (!last) {
        pad(out, GAP);
    }
}

/* Takes as many words as fit off the front of *text. */
static void take_line(const char **text, unsigned width, char *line, size_t size)
{
    line[0] = '\0';
    for (;;) {
        char longer[512];
        size_t blanks;
        const size_t word = text_word(*text, &blanks);
        (void)snprintf(longer, sizeof longer, "%s%s%.*s", line, line[0] != '\0' ? " " : "",
                       (int)word, *text + blanks);
        if (word == 0 || (line[0] != '\0' && text_width(longer) > width)) {
            return;
        }
        (void)snprintf(line, size, "%s", longer);
        *text += blanks + word;
    }
}

/* All lines of one row of headings. */
static void print_headings(const struct grid *grid, const unsigned *widths, const char **texts,
                           FILE *out)
{
    bool more = true;
    while (more) {
        more = false;
        for (unsigned i = 0; i < grid->width; i++) {
            char line[512];
            take_line(&texts[i], widths[i], line, sizeof line);
            print_aligned(out, line, widths[i], grid->columns[i].right, i + 1 == grid->width);
            more = more || texts[i][strspn(texts[i], " ")] != '\0';
        }
        (void)fputc('\n', out);
    }
}

static void print_rule(const struct grid *grid, const unsigned *widths, FILE *out)
{
    for (unsigned i = 0; i < grid->width; i++) {
        const unsigned gap = i + 1 < grid->width ? GAP : 0;
        for (unsigned j = 0; j < widths[i]; j++) {
            (void)fputs("─", out);
        }
        pad(out, gap);
    }
    (void)fputc('\n', out);
}

static void print_row(const struct grid *grid, const unsigned *widths, size_t first, bool english,
                      FILE *out)
{
    const unsigned indent = grid->indents[first / grid->width] * INDENT;
    pad(out, indent);
    for (unsigned i = 0; i < grid->width; i++) {
        char buffer[NUMBER_TEXT_SIZE];
        const char *text = cell_text(grid->cells[first + i], english, buffer);
        const unsigned width = i == 0 ? widths[0] - indent : widths[i];
        print_aligned(out, text, width, grid->columns[i].right, i + 1 == grid->width);
    }
    (void)fputc('\n', out);
}

void grid_print_table(const struct grid *grid, bool english, FILE *out)
{
    unsigned *widths = calloc(grid->width, sizeof *widths);
    const char **texts = calloc(grid->width, sizeof *texts);
    bool below = false;
    for (unsigned i = 0; widths != NULL && texts != NULL && i < grid->width; i++) {
        widths[i] = column_width(grid, i, english);
        texts[i] = grid->columns[i].label;
        below = below || grid->columns[i].below != NULL;
    }
    if (widths != NULL && texts != NULL) {
        print_headings(grid, widths, texts, out);
        for (unsigned i = 0; i < grid->width; i++) {
            texts[i] = grid->columns[i].below != NULL ? grid->columns[i].below : "";
        }
        if (below) {
            print_headings(grid, widths, texts, out);
        }
        print_rule(grid, widths, out);
        for (size_t first = 0; first < grid->count; first += grid->width) {
            print_row(grid, widths, first, english, out);
        }
    }
    free(widths);
    free(texts);
}

void grid_print_json(const struct grid *grid, FILE *out)
{
    (void)fputc('[', out);
    for (size_t i = 0; i < grid->count; i++) {
        const unsigned column = (unsigned)(i % grid->width);
        const struct grid_cell cell = grid->cells[i];
        if (grid->columns[column].id == NULL) {
            continue;
        }
        (void)fputs(column != 0 ? "," : i != 0 ? "},\n{" : "\n{", out);
        json_text(out, grid->columns[column].id);
        (void)fputc(':', out);
        if (cell.text != NULL) {
            json_text(out, cell.text);
        } else {
            (void)fprintf(out, "%" PRId64, cell.number);
        }
    }
    (void)fputs(grid->count != 0 ? "}\n]" : "]", out);
}

void grid_print_csv(const struct grid *grid, char separator, FILE *out)
{
    (void)fputs("\xEF\xBB\xBF", out); /* or spreadsheets take it for another encoding */
    for (unsigned i = 0; i < grid->width; i++) {
        csv_text(out, grid->columns[i].label, separator);
        (void)fputs(i + 1 < grid->width ? (const char[]){separator, '\0'} : "\r\n", out);
    }
    unsigned column = 0;
    for (size_t i = 0; i < grid->count; i++) {
        if (grid->cells[i].text != NULL) {
            csv_text(out, grid->cells[i].text, separator);
        } else {
            (void)fprintf(out, "%" PRId64, grid->cells[i].number);
        }
        column = column + 1 < grid->width ? column + 1 : 0;
        (void)fputs(column != 0 ? (const char[]){separator, '\0'} : "\r\n", out);
    }
}

bool grid_print(const struct grid *grid, const struct command *command, FILE *out)
{
    if (grid->failed) {
        (void)fputs("hoso: out of memory\n", stderr);
        return false;
    }
    switch (command->format) {
    case FORMAT_JSON:
        grid_print_json(grid, out);
        (void)fputc('\n', out);
        break;
    case FORMAT_CSV:
        grid_print_csv(grid, command->separator[0], out);
        break;
    default:
        grid_print_table(grid, command->english, out);
        break;
    }
    return ferror(out) == 0;
}
