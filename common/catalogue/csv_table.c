/* SPDX-License-Identifier: Apache-2.0
 *
 * Reads the file whole (it is bounded), maps the header to columns, then fills one message per row.
 * Everything that can be wrong with a cell by itself is found here and named by line and column.
 */
#include "catalogue/csv_table.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/file.h"
#include "base/text.h"

static enum status out_of_memory(const struct csv_rows *file)
{
    return error_set(file->error, STATUS_TOO_LARGE, "%s: needs too much memory; make it smaller",
                     file->path);
}

__attribute__((format(printf, 4, 5))) static enum status
refuse(const struct csv_rows *file, uint32_t line, const char *column, const char *format, ...)
{
    char why[ERROR_TEXT_MAX];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(why, sizeof why, format, arguments);
    va_end(arguments);
    return error_set(file->error, STATUS_INVALID, "%s:%u: %s%s%s", file->path, line, column,
                     column[0] != '\0' ? ": " : "", why);
}

/* Bytes of white space here: ASCII, or the no-break space that office programs leave. */
static size_t white_space(struct slice text, size_t at)
{
    const uint8_t byte = text.data[at];
    if (byte == ' ' || byte == '\t' || byte == '\r' || byte == '\n') {
        return 1;
    }
    return text.size - at > 1 && byte == 0xc2 && text.data[at + 1] == 0xa0 ? 2 : 0;
}

/* A cell as text: white space squeezed, in NFC, NUL-terminated. INVALID = not clean UTF-8. */
static enum status clean(struct slice cell, struct arena *arena, const char **ret_text)
{
    uint8_t *squeezed = arena_alloc(arena, cell.size + 1);
    size_t size = 0;
    bool gap = false;
    if (squeezed == NULL) {
        return STATUS_TOO_LARGE;
    }
    for (size_t i = 0; i < cell.size;) {
        const size_t white = white_space(cell, i);
        i += white;
        gap = gap || white > 0;
        if (white > 0) {
            continue;
        }
        if (gap && size > 0) {
            squeezed[size++] = ' ';
        }
        gap = false;
        squeezed[size++] = cell.data[i++];
    }
    struct slice normal;
    const enum status status = text_normalise(slice_of(squeezed, size), arena, &normal);
    if (status != STATUS_OK) {
        return status;
    }
    *ret_text = normal.data == squeezed ? (const char *)squeezed : arena_string(arena, normal);
    return *ret_text != NULL ? STATUS_OK : STATUS_TOO_LARGE;
}

static enum status clean_cell(const struct csv_rows *file, uint32_t line, const char *column,
                              struct slice cell, const char **ret_text)
{
    const enum status status = clean(cell, file->arena, ret_text);
    if (status == STATUS_INVALID) {
        (void)refuse(file, line, column,
                     "not UTF-8, or with control characters; save the file as CSV UTF-8");
    } else if (status != STATUS_OK) {
        (void)out_of_memory(file);
    }
    return status;
}

/* Appends a name to a list in an error, as far as there is room. */
static void add_name(char *list, size_t size, const char *name)
{
    const size_t used = strlen(list);
    (void)snprintf(list + used, size - used, "%s %s", used > 0 ? "," : "", name);
}

static enum status unknown_column(const struct csv_rows *file, uint32_t line, const char *name)
{
    const struct csv_table *table = file->table;
    char list[ERROR_TEXT_MAX / 4] = "";
    struct text_guess guess = text_guess_of(slice_text(name));
    for (uint32_t i = 0; i < table->column_count; i++) {
        text_guess_try(&guess, table->columns[i].name);
        add_name(list, sizeof list, table->columns[i].name);
    }
    if (guess.nearest != NULL) {
        return refuse(file, line, name, "unknown column; did you mean %s?", guess.nearest);
    }
    return refuse(file, line, name, "unknown column; drop it, the columns are%s", list);
}

static enum status map_column(struct csv_rows *file, uint32_t line, uint32_t place,
                              const char *name)
{
    const struct csv_table *table = file->table;
    const struct csv_column *column = NULL;
    for (uint32_t i = 0; i < table->column_count && column == NULL; i++) {
        if (strcmp(table->columns[i].name, name) == 0) {
            column = &table->columns[i];
        }
    }
    if (column == NULL) {
        return unknown_column(file, line, name);
    }
    for (uint32_t i = 0; i < place; i++) {
        if (file->columns[i] == column) {
            return refuse(file, line, name, "column given twice; keep one of them");
        }
    }
    file->columns[place] = column;
    return STATUS_OK;
}

static enum status map_header(struct csv_rows *file, const struct csv_record *header)
{
    const struct csv_table *table = file->table;
    for (uint32_t i = 0; i < header->count; i++) {
        const char *name = NULL;
        enum status status = clean_cell(file, header->line, "header", header->cells[i], &name);
        if (status == STATUS_OK) {
            status = map_column(file, header->line, i, name);
        }
        if (status != STATUS_OK) {
            return status;
        }
    }
    file->width = header->count;
    for (uint32_t i = 0; i < table->column_count; i++) {
        bool found = false;
        for (uint32_t j = 0; j < header->count && !found; j++) {
            found = file->columns[j] == &table->columns[i];
        }
        if (!found && !table->columns[i].optional) {
            return refuse(file, header->line, table->columns[i].name,
                          "column missing; add it to the header (its cells may be empty)");
        }
    }
    return STATUS_OK;
}

static bool choose(const struct csv_choice *choices, const char *text, int *ret_value)
{
    for (; choices->name != NULL; choices++) {
        if (strcasecmp(choices->name, text) == 0) {
            *ret_value = choices->value;
            return true;
        }
    }
    return false;
}

static enum status unknown_choice(const struct csv_rows *file, uint32_t line,
                                  const struct csv_column *column, const char *text)
{
    char list[ERROR_TEXT_MAX / 4] = "";
    for (const struct csv_choice *choice = column->choices; choice->name != NULL; choice++) {
        add_name(list, sizeof list, choice->name);
    }
    return refuse(file, line, column->name, "\"%.60s\" is not known; write one of%s", text, list);
}

/* Cuts the text at its blanks, which are single. */
static enum status set_codes(const struct csv_rows *file, const struct csv_column *column,
                             const char *text, ProtobufCMessage *row)
{
    size_t count = text[0] != '\0' ? 1 : 0;
    for (const char *at = text; *at != '\0'; at++) {
        count += *at == ' ';
    }
    char **codes = arena_array(file->arena, count, sizeof *codes);
    if (codes == NULL) {
        return out_of_memory(file);
    }
    for (size_t i = 0; i < count; i++) {
        const size_t size = strcspn(text, " ");
        codes[i] = arena_string(file->arena, slice_of(text, size));
        text += i + 1 < count ? size + 1 : size;
    }
    memcpy((uint8_t *)row + column->offset, &codes, sizeof codes);
    memcpy((uint8_t *)row + column->count_offset, &count, sizeof count);
    return file->arena->exceeded ? out_of_memory(file) : STATUS_OK;
}

static enum status set_value(const struct csv_rows *file, uint32_t line,
                             const struct csv_column *column, const char *text,
                             ProtobufCMessage *row)
{
    void *place = (uint8_t *)row + column->offset;
    uint64_t number = 0;
    uint32_t narrow;
    int value;
    switch (column->kind) {
    case CSV_NUMBER:
        if (!text_number(slice_text(text), UINT32_MAX, &number)) {
            return refuse(file, line, column->name,
                          "\"%.60s\" is not a whole number; write 0 to 4294967295", text);
        }
        narrow = (uint32_t)number;
        memcpy(place, &narrow, sizeof narrow);
        return STATUS_OK;
    case CSV_CHOICE:
        if (!choose(column->choices, text, &value)) {
            return unknown_choice(file, line, column, text);
        }
        memcpy(place, &value, sizeof value);
        return STATUS_OK;
    case CSV_CODES:
        return set_codes(file, column, text, row);
    case CSV_TEXT:
        break;
    }
    memcpy(place, &text, sizeof text);
    return STATUS_OK;
}

static enum status check_width(const struct csv_rows *file, const struct csv_record *record)
{
    if (record->count < file->width) {
        return refuse(file, record->line, file->columns[record->count]->name,
                      "cell missing: the row has %u cells, the header %u; fill the row up",
                      record->count, file->width);
    }
    if (record->count > file->width) {
        return refuse(file, record->line, "",
                      "the row has %u cells, the header %u; quote cells that hold a separator",
                      record->count, file->width);
    }
    return STATUS_OK;
}

static enum status take_row(struct csv_rows *file, const struct csv_record *record)
{
    const struct csv_table *table = file->table;
    if (file->count == table->rows_max) {
        return error_set(file->error, STATUS_TOO_LARGE, "%s:%u: more than %u rows; drop some",
                         file->path, record->line, table->rows_max);
    }
    enum status status = check_width(file, record);
    ProtobufCMessage *row = arena_alloc(file->arena, table->descriptor->sizeof_message);
    if (status == STATUS_OK && row == NULL) {
        return out_of_memory(file);
    }
    if (status != STATUS_OK) {
        return status;
    }
    protobuf_c_message_init(table->descriptor, row);
    for (uint32_t i = 0; i < record->count; i++) {
        const struct csv_column *column = file->columns[i];
        const char *text = NULL;
        status = clean_cell(file, record->line, column->name, record->cells[i], &text);
        if (status == STATUS_OK) {
            status = set_value(file, record->line, column, text, row);
        }
        if (status != STATUS_OK) {
            return status;
        }
    }
    file->rows[file->count] = row;
    file->lines[file->count++] = record->line;
    return STATUS_OK;
}

/* Spreadsheets leave rows that are separators and nothing else. */
static bool is_blank(const struct csv_record *record)
{
    size_t size = 0;
    for (uint32_t i = 0; i < record->count; i++) {
        size += record->cells[i].size;
    }
    return size == 0;
}

static enum status read_rows(struct csv_rows *file, struct csv *csv)
{
    struct csv_record record;
    bool header = true;
    enum status status;
    while ((status = csv_next(csv, &record)) == STATUS_OK) {
        if (is_blank(&record)) {
            continue;
        }
        status = header ? map_header(file, &record) : take_row(file, &record);
        header = false;
        if (status != STATUS_OK) {
            return status;
        }
    }
    if (status == STATUS_INVALID) {
        return refuse(file, record.line, "", "%s", record.why);
    }
    if (status != STATUS_NOT_FOUND) {
        return out_of_memory(file);
    }
    return header ? refuse(file, 1, "header", "the file is empty; give it a header row")
                  : STATUS_OK;
}

enum status csv_table_read(const char *directory, const struct csv_table *table,
                           struct arena *arena, struct error *error, struct csv_rows *ret_rows)
{
    struct csv csv;
    struct buffer text;
    *ret_rows = (struct csv_rows){.table = table, .arena = arena, .error = error};
    ret_rows->path = arena_printf(arena, "%s/%s.csv", directory, table->name);
    ret_rows->rows = arena_array(arena, table->rows_max, sizeof *ret_rows->rows);
    ret_rows->lines = arena_array(arena, table->rows_max, sizeof *ret_rows->lines);
    if (arena->exceeded) {
        return error_set(error, STATUS_TOO_LARGE, "%s: out of memory", directory);
    }
    buffer_init(&text, CSV_FILE_BYTES_MAX);
    enum status status = file_read(ret_rows->path, 0, &text, error);
    if (status == STATUS_OK) {
        csv_open(&csv, buffer_slice(&text), arena);
        status = read_rows(ret_rows, &csv);
    }
    buffer_fini(&text);
    return status;
}
