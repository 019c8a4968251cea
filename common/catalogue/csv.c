/* SPDX-License-Identifier: Apache-2.0
 *
 * One pass; the only state is where we are and on which line. A cell ends at a separator, a line
 * end or the end of the text; both \n and \r\n end a line.
 */
#include "catalogue/csv.h"

static uint8_t find_separator(struct slice text)
{
    bool quoted = false;
    for (size_t i = 0; i < text.size && (quoted || text.data[i] != '\n'); i++) {
        const uint8_t c = text.data[i];
        if (c == '"') {
            quoted = !quoted;
        } else if (!quoted && (c == ',' || c == ';')) {
            return c;
        }
    }
    return ',';
}

void csv_open(struct csv *csv, struct slice text, struct arena *arena)
{
    if (text.size >= 3 && memcmp(text.data, "\xef\xbb\xbf", 3) == 0) {
        text = slice_of(text.data + 3, text.size - 3);
    }
    if (text.size == 0) {
        text.data = (const uint8_t *)"";
    }
    *csv = (struct csv){text.data, text.data + text.size, arena, 1, find_separator(text)};
}

static bool at_line_end(const struct csv *csv)
{
    return csv->at == csv->end || *csv->at == '\n' ||
           (*csv->at == '\r' && csv->end - csv->at > 1 && csv->at[1] == '\n');
}

static void skip_line_end(struct csv *csv)
{
    if (csv->at == csv->end) {
        return;
    }
    csv->at += *csv->at == '\r' ? 2 : 1;
    csv->line++;
}

static enum status fault(struct csv_record *record, uint32_t line, const char *why)
{
    record->line = line;
    record->why = why;
    return STATUS_INVALID;
}

static enum status take_plain(struct csv *csv, struct csv_record *record, struct slice *ret_cell)
{
    const uint8_t *start = csv->at;
    while (!at_line_end(csv) && *csv->at != csv->separator) {
        if (*csv->at == '"') {
            return fault(
                record, csv->line,
                "a quote inside a cell that is not quoted; quote the cell and double the quote");
        }
        csv->at++;
    }
    *ret_cell = slice_of(start, (size_t)(csv->at - start));
    return STATUS_OK;
}

/* A copy with every doubled quote made one. */
static struct slice undouble(struct slice cell, struct arena *arena)
{
    uint8_t *copy = arena_alloc(arena, cell.size);
    size_t size = 0;
    for (size_t i = 0; copy != NULL && i < cell.size; i++) {
        copy[size++] = cell.data[i];
        if (cell.data[i] == '"') {
            i++;
        }
    }
    return slice_of(copy, size);
}

static enum status take_quoted(struct csv *csv, struct csv_record *record, struct slice *ret_cell)
{
    const uint32_t line = csv->line;
    const uint8_t *start = ++csv->at;
    bool doubled = false;
    for (; csv->at < csv->end; csv->at++) {
        if (*csv->at == '"' && (csv->end - csv->at < 2 || csv->at[1] != '"')) {
            break;
        }
        if (*csv->at == '"') {
            doubled = true;
            csv->at++;
        } else if (*csv->at == '\n') {
            csv->line++;
        }
    }
    if (csv->at == csv->end) {
        return fault(record, line, "a quoted cell begins here and never ends; close its quote");
    }
    *ret_cell = slice_of(start, (size_t)(csv->at - start));
    csv->at++;
    if (!at_line_end(csv) && *csv->at != csv->separator) {
        return fault(record, csv->line,
                     "text after the closing quote of a cell; double the quotes inside a cell");
    }
    if (doubled) {
        *ret_cell = undouble(*ret_cell, csv->arena);
    }
    return csv->arena->exceeded ? STATUS_TOO_LARGE : STATUS_OK;
}

enum status csv_next(struct csv *csv, struct csv_record *ret_record)
{
    while (csv->at < csv->end && at_line_end(csv)) {
        skip_line_end(csv);
    }
    if (csv->at == csv->end) {
        return STATUS_NOT_FOUND;
    }
    ret_record->line = csv->line;
    ret_record->count = 0;
    for (;;) {
        if (ret_record->count == CSV_CELLS_MAX) {
            return fault(ret_record, csv->line, "more than 64 cells; drop columns");
        }
        const bool quoted = csv->at < csv->end && *csv->at == '"';
        struct slice *cell = &ret_record->cells[ret_record->count++];
        const enum status status =
            quoted ? take_quoted(csv, ret_record, cell) : take_plain(csv, ret_record, cell);
        if (status != STATUS_OK) {
            return status;
        }
        if (at_line_end(csv)) {
            break;
        }
        csv->at++;
    }
    skip_line_end(csv);
    return STATUS_OK;
}
