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
#include "catalogue/catalogue.h"

static void out_of_memory(const struct csv_rows *file)
{
    (void)fault_too_large(file->faults, FAULT_MEMORY);
}

__attribute__((format(printf, 4, 5))) static void
refuse(struct csv_rows *file, uint32_t line, const char *column, const char *format, ...)
{
    char why[ERROR_TEXT_MAX - 128];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(why, sizeof why, format, arguments);
    va_end(arguments);
    fault_add(file->faults, file->table->name, 0, column, "%s", why)->line = line;
}

static bool begins_with(struct slice text, const char *bytes)
{
    const size_t size = strlen(bytes);
    return text.size >= size && strncasecmp((const char *)text.data, bytes, size) == 0;
}

/* What programs save that is no CSV in UTF-8, told by its cause; NULL = nothing of the kind. */
static const char *foreign(struct slice text)
{
    const struct slice plain =
        begins_with(text, "\xef\xbb\xbf") ? slice_of(text.data + 3, text.size - 3) : text;
    if (begins_with(text, "\xff\xfe") || begins_with(text, "\xfe\xff") ||
        (text.size > 1 && (text.data[0] == 0 || text.data[1] == 0))) {
        return "the file is UTF-16 (\"Unicode Text\"); save it as \"CSV UTF-8\"";
    }
    if (text.size > 1 && memcmp(text.data, "PK", 2) == 0) {
        return "the file is a workbook (.xlsx); save it as \"CSV UTF-8\"";
    }
    if (memchr(plain.data, '\r', plain.size) != NULL &&
        memchr(plain.data, '\n', plain.size) == NULL) {
        return "the lines end in CR alone, as in \"CSV (Macintosh)\"; save it as \"CSV UTF-8\"";
    }
    if (begins_with(plain, "sep=")) {
        return "the line sep= is for Excel alone; delete it, the first line holds the columns' "
               "names";
    }
    return NULL;
}

/* A cell as text, NUL-terminated; "" if there is a fault. Line ends and tabs in it are blanks. */
static const char *take_cell(struct csv_rows *file, uint32_t line, const struct csv_column *column,
                             const char *name, struct slice cell)
{
    const bool code = column != NULL && (column->kind == CSV_CODE || column->kind == CSV_CODES);
    struct slice taken;
    struct text_fault fault;
    char sentence[TEXT_SENTENCE_MAX];
    uint8_t *copy = arena_alloc(file->arena, cell.size);
    for (size_t i = 0; copy != NULL && i < cell.size; i++) {
        const bool blank = cell.data[i] == '\t' || cell.data[i] == '\r' || cell.data[i] == '\n';
        copy[i] = blank ? ' ' : cell.data[i];
    }
    const enum status status =
        copy == NULL ? STATUS_TOO_LARGE
                     : text_take(slice_of(copy, cell.size), code ? TEXT_ID : TEXT_WORDS,
                                 file->arena, &taken, &fault);
    const char *text = status == STATUS_OK ? arena_string(file->arena, taken) : "";
    if (status == STATUS_INVALID) {
        text_fault_sentence(&fault, sentence);
        refuse(file, line, name, "%s%s", sentence,
               fault.wrong == TEXT_NOT_UTF8 ? "; save the file as \"CSV UTF-8\"" : "");
    } else if (text == NULL || status != STATUS_OK) {
        out_of_memory(file);
    } else if (taken.size > CATALOGUE_NAME_MAX && (column == NULL || column->kind != CSV_CODES)) {
        refuse(file, line, name, "\"%.40s…\" has %zu bytes, at most %d are allowed; shorten it",
               text, taken.size, CATALOGUE_NAME_MAX);
        return "";
    }
    return text != NULL ? text : "";
}

/* Appends a name to a list in an error, as far as there is room. */
static void add_name(char *list, size_t size, const char *name)
{
    const size_t used = strlen(list);
    (void)snprintf(list + used, size - used, "%s %s", used > 0 ? "," : "", name);
}

static void unknown_column(struct csv_rows *file, uint32_t line, const char *name)
{
    const struct csv_table *table = file->table;
    char list[ERROR_TEXT_MAX / 4] = "";
    struct text_guess guess = text_guess_of(slice_text(name));
    for (uint32_t i = 0; i < table->column_count; i++) {
        text_guess_try(&guess, table->columns[i].name);
        add_name(list, sizeof list, table->columns[i].name);
    }
    if (guess.nearest != NULL) {
        refuse(file, line, name, "unknown column; did you mean %s?", guess.nearest);
    } else {
        refuse(file, line, name, "unknown column; drop it, the columns are%s", list);
    }
}

static void map_column(struct csv_rows *file, uint32_t line, uint32_t place, const char *name)
{
    const struct csv_table *table = file->table;
    const struct csv_column *column = NULL;
    for (uint32_t i = 0; i < table->column_count && column == NULL; i++) {
        if (strcmp(table->columns[i].name, name) == 0) {
            column = &table->columns[i];
        }
    }
    if (column == NULL) {
        unknown_column(file, line, name);
        return;
    }
    for (uint32_t i = 0; i < place; i++) {
        if (file->columns[i] == column) {
            refuse(file, line, name, "column given twice; keep one of them");
        }
    }
    file->columns[place] = column;
}

/* False = rows cannot be read by it. */
static bool map_header(struct csv_rows *file, const struct csv_record *header)
{
    const struct csv_table *table = file->table;
    const uint32_t faults = file->faults->count;
    for (uint32_t i = 0; i < header->count; i++) {
        map_column(file, header->line, i,
                   take_cell(file, header->line, NULL, "header", header->cells[i]));
    }
    file->width = header->count;
    for (uint32_t i = 0; i < table->column_count; i++) {
        bool found = table->columns[i].optional;
        for (uint32_t j = 0; j < header->count && !found; j++) {
            found = file->columns[j] == &table->columns[i];
        }
        if (!found) {
            refuse(file, header->line, table->columns[i].name,
                   "column missing; add it to the header (its cells may be empty)");
        }
    }
    return file->faults->count == faults;
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

static void unknown_choice(struct csv_rows *file, uint32_t line, const struct csv_column *column,
                           const char *text)
{
    char list[ERROR_TEXT_MAX / 4] = "";
    for (const struct csv_choice *choice = column->choices; choice->name != NULL; choice++) {
        add_name(list, sizeof list, choice->name);
    }
    refuse(file, line, column->name, "\"%.60s\" is not known; write one of%s", text, list);
}

/* A whole number with ".0": a table program keeps a column with empty cells as fractions. */
static void not_a_number(struct csv_rows *file, uint32_t line, const struct csv_column *column,
                         const char *text)
{
    const size_t digits = strspn(text, "0123456789");
    if (digits > 0 && text[digits] == '.' &&
        text[digits + 1 + strspn(text + digits + 1, "0")] == '\0') {
        refuse(file, line, column->name,
               "\"%.60s\" is what a table program makes of %.*s where a column has empty cells; "
               "write %.*s",
               text, (int)digits, text, (int)digits, text);
    } else {
        refuse(file, line, column->name, "\"%.60s\" is not a whole number; write 0 to 4294967295",
               text);
    }
}

/* Cuts the text at its blanks, which are single. */
static void set_codes(struct csv_rows *file, const struct csv_column *column, const char *text,
                      ProtobufCMessage *row)
{
    size_t count = text[0] != '\0' ? 1 : 0;
    for (const char *at = text; *at != '\0'; at++) {
        count += *at == ' ';
    }
    char **codes = arena_array(file->arena, count, sizeof *codes);
    for (size_t i = 0; i < count && codes != NULL; i++) {
        const size_t size = strcspn(text, " ");
        codes[i] = arena_string(file->arena, slice_of(text, size));
        text += i + 1 < count ? size + 1 : size;
    }
    if (file->arena->exceeded) {
        out_of_memory(file);
        return;
    }
    memcpy((uint8_t *)row + column->offset, &codes, sizeof codes);
    memcpy((uint8_t *)row + column->count_offset, &count, sizeof count);
}

static void set_value(struct csv_rows *file, uint32_t line, const struct csv_column *column,
                      const char *text, ProtobufCMessage *row)
{
    void *place = (uint8_t *)row + column->offset;
    uint64_t number;
    int value;
    switch (column->kind) {
    case CSV_NUMBER:
        if (text_number(slice_text(text), UINT32_MAX, &number)) {
            memcpy(place, &(uint32_t){(uint32_t)number}, sizeof(uint32_t));
        } else {
            not_a_number(file, line, column, text);
        }
        break;
    case CSV_CHOICE:
        if (choose(column->choices, text, &value)) {
            memcpy(place, &value, sizeof value);
        } else {
            unknown_choice(file, line, column, text);
        }
        break;
    case CSV_CODES:
        set_codes(file, column, text, row);
        break;
    case CSV_TEXT:
    case CSV_CODE:
        memcpy(place, &text, sizeof text);
        break;
    }
}

static bool check_width(struct csv_rows *file, const struct csv_record *record)
{
    if (record->count < file->width) {
        refuse(file, record->line, file->columns[record->count]->name,
               "cell missing: the row has %u cells, the header %u; fill the row up", record->count,
               file->width);
    } else if (record->count > file->width) {
        refuse(file, record->line, "",
               "the row has %u cells, the header %u; quote cells that hold a separator",
               record->count, file->width);
    }
    return record->count == file->width;
}

/* "Tổng cộng", and hardly anything else: the last line of a table that people read. */
static bool is_total(const struct csv_record *record)
{
    static const char *const words[] = {"tổng", "Tổng", "TỔNG", "cộng", "Cộng", "CỘNG", "total"};
    uint32_t filled = 0;
    bool word = false;
    for (uint32_t i = 0; i < record->count; i++) {
        const bool first = record->cells[i].size > 0 && filled++ == 0;
        for (size_t k = 0; first && k < sizeof words / sizeof *words; k++) {
            word = word || begins_with(record->cells[i], words[k]);
        }
    }
    return word && 2 * filled <= record->count;
}

static bool take_row(struct csv_rows *file, const struct csv_record *record)
{
    const struct csv_table *table = file->table;
    const uint32_t faults = file->faults->count;
    if (file->count == table->rows_max) {
        refuse(file, record->line, "", "more than %u rows; drop some", table->rows_max);
        file->faults->status = STATUS_TOO_LARGE;
        return false;
    }
    if (is_total(record)) {
        refuse(file, record->line, "", "this is a line of totals, not a row; delete it");
        return true;
    }
    if (!check_width(file, record)) {
        return true;
    }
    ProtobufCMessage *row = arena_alloc(file->arena, table->descriptor->sizeof_message);
    if (row == NULL) {
        out_of_memory(file);
        return false;
    }
    protobuf_c_message_init(table->descriptor, row);
    for (uint32_t i = 0; i < record->count; i++) {
        const struct csv_column *column = file->columns[i];
        const uint32_t before = file->faults->count;
        const char *text = take_cell(file, record->line, column, column->name, record->cells[i]);
        if (file->faults->count == before) {
            set_value(file, record->line, column, text, row);
        }
    }
    file->faulty[file->count] = file->faults->count > faults;
    file->rows[file->count] = row;
    file->lines[file->count++] = record->line;
    return !file->arena->exceeded;
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

static void read_rows(struct csv_rows *file, struct csv *csv)
{
    struct csv_record record;
    bool header = true;
    enum status status;
    while ((status = csv_next(csv, &record)) == STATUS_OK) {
        if (is_blank(&record)) {
            continue;
        }
        if (!(header ? map_header(file, &record) : take_row(file, &record))) {
            return;
        }
        header = false;
    }
    if (status == STATUS_INVALID) {
        refuse(file, record.line, "", "%s", record.why);
    } else if (status != STATUS_NOT_FOUND) {
        out_of_memory(file);
    } else if (header) {
        refuse(file, 1, "header", "the file is empty; give it a header row");
    }
}

/* False = out of memory, which is among the faults. */
static bool begin_rows(struct csv_rows *ret_rows, const char *directory,
                       const struct csv_table *table, struct arena *arena, struct faults *faults)
{
    *ret_rows = (struct csv_rows){.table = table, .arena = arena, .faults = faults};
    ret_rows->path = arena_printf(arena, "%s%s.csv", directory, table->name);
    ret_rows->rows = arena_array(arena, table->rows_max, sizeof(ProtobufCMessage *));
    ret_rows->lines = arena_array(arena, table->rows_max, sizeof *ret_rows->lines);
    ret_rows->faulty = arena_array(arena, table->rows_max, sizeof *ret_rows->faulty);
    if (arena->exceeded) {
        out_of_memory(ret_rows);
    }
    return !arena->exceeded;
}

static void read_text(struct csv_rows *rows, struct slice text)
{
    struct csv csv;
    const char *why = foreign(text);
    if (why != NULL) {
        refuse(rows, 1, "", "%s", why);
    } else {
        csv_open(&csv, text, rows->arena);
        read_rows(rows, &csv);
    }
}

void csv_table_read_text(struct slice text, const struct csv_table *table, struct arena *arena,
                         struct faults *faults, struct csv_rows *ret_rows)
{
    if (begin_rows(ret_rows, "", table, arena, faults)) {
        read_text(ret_rows, text);
    }
}

void csv_table_read(const char *directory, const struct csv_table *table, struct arena *arena,
                    struct faults *faults, struct csv_rows *ret_rows)
{
    struct buffer text;
    struct error error;
    const char *folder = arena_printf(arena, "%s/", directory);
    if (!begin_rows(ret_rows, folder != NULL ? folder : "", table, arena, faults)) {
        return;
    }
    buffer_init(&text, CSV_FILE_BYTES_MAX);
    const enum status status = file_read(ret_rows->path, 0, &text, &error);
    if (status != STATUS_OK) {
        fault_add(faults, NULL, 0, NULL, "%.300s", error.text);
        faults->status = status;
    } else {
        read_text(ret_rows, buffer_slice(&text));
    }
    buffer_fini(&text);
}
