/* SPDX-License-Identifier: Apache-2.0
 *
 * Three tables in, one packed catalogue out, and back. Rows keep their order: the same files give
 * the same bytes. What the rows mean is checked by catalogue_build(), whose faults are led back to
 * the line they come from. Dates stay text.
 */
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/file.h"
#include "catalogue/catalogue_internal.h"
#include "catalogue/csv_table.h"

#include "wire/wire.h"

enum { ARENA_MAX = 256 << 20, FAULTS_TEXT_MAX = 2 * FAULTS_MAX * ERROR_TEXT_MAX };

static const struct csv_choice tiers[] = {{"NATION", TIER_NATION},
                                          {"MINISTRY", TIER_MINISTRY},
                                          {"PROVINCE", TIER_PROVINCE},
                                          {"DEPARTMENT", TIER_DEPARTMENT},
                                          {"DISTRICT", TIER_DISTRICT},
                                          {"COMMUNE", TIER_COMMUNE},
                                          {NULL, 0}};

/* Counting rules §2: the levels' old names are still in many lists. */
static const struct csv_choice levels[] = {
    {"FULL", HOSO__V1__SERVICE_LEVEL__SERVICE_LEVEL_FULL},
    {"PARTIAL", HOSO__V1__SERVICE_LEVEL__SERVICE_LEVEL_PARTIAL},
    {"NONE", HOSO__V1__SERVICE_LEVEL__SERVICE_LEVEL_NONE},
    {"toàn trình", HOSO__V1__SERVICE_LEVEL__SERVICE_LEVEL_FULL},
    {"một phần", HOSO__V1__SERVICE_LEVEL__SERVICE_LEVEL_PARTIAL},
    {"mức độ 4", HOSO__V1__SERVICE_LEVEL__SERVICE_LEVEL_FULL},
    {"mức độ 3", HOSO__V1__SERVICE_LEVEL__SERVICE_LEVEL_PARTIAL},
    {"4", HOSO__V1__SERVICE_LEVEL__SERVICE_LEVEL_FULL},
    {"3", HOSO__V1__SERVICE_LEVEL__SERVICE_LEVEL_PARTIAL},
    {NULL, 0}};

enum { UNITS, FIELDS, PROCEDURES, TABLE_COUNT };

/* clang-format off */
#define TEXT(type, name) {#name, CSV_TEXT, offsetof(Hoso__V1__##type, name), NULL, 0, false}
#define CODE(type, name) {#name, CSV_CODE, offsetof(Hoso__V1__##type, name), NULL, 0, false}
#define NUMBER(type, name) {#name, CSV_NUMBER, offsetof(Hoso__V1__##type, name), NULL, 0, false}
#define CHOICE(type, name, list) {#name, CSV_CHOICE, offsetof(Hoso__V1__##type, name), list, 0, \
                                  false}
#define CODES(type, name) {#name, CSV_CODES, offsetof(Hoso__V1__##type, name), NULL, \
                           offsetof(Hoso__V1__##type, n_##name), true}
static const struct csv_table tables[TABLE_COUNT] = {
    [UNITS] = {"units", &hoso__v1__unit__descriptor, CATALOGUE_UNITS_MAX, 11, {
        CODE(Unit, id), CODE(Unit, code), TEXT(Unit, name), TEXT(Unit, name_en),
        CHOICE(Unit, tier, tiers), CODE(Unit, parent), NUMBER(Unit, print_order),
        TEXT(Unit, valid_from), TEXT(Unit, valid_to), CODES(Unit, successors),
        CODES(Unit, aliases)}},
    [FIELDS] = {"fields", &hoso__v1__field__descriptor, CATALOGUE_FIELDS_MAX, 4, {
        CODE(Field, id), TEXT(Field, name), TEXT(Field, name_en), NUMBER(Field, print_order)}},
    [PROCEDURES] = {"procedures", &hoso__v1__procedure__descriptor, CATALOGUE_PROCEDURES_MAX, 7, {
        CODE(Procedure, id), TEXT(Procedure, name), CODE(Procedure, field),
        CHOICE(Procedure, service_level, levels), TEXT(Procedure, valid_from),
        TEXT(Procedure, valid_to), CODES(Procedure, aliases)}},
};
#undef TEXT
#undef CODE
#undef NUMBER
#undef CHOICE
#undef CODES
/* clang-format on */

static void fill_message(struct csv_rows files[TABLE_COUNT], Hoso__V1__Catalogue *ret_message)
{
    hoso__v1__catalogue__init(ret_message);
    ret_message->n_units = files[UNITS].count;
    ret_message->units = (Hoso__V1__Unit **)(void *)files[UNITS].rows;
    ret_message->n_fields = files[FIELDS].count;
    ret_message->fields = (Hoso__V1__Field **)(void *)files[FIELDS].rows;
    ret_message->n_procedures = files[PROCEDURES].count;
    ret_message->procedures = (Hoso__V1__Procedure **)(void *)files[PROCEDURES].rows;
}

static const struct csv_rows *file_of(const struct csv_rows files[TABLE_COUNT], const char *table)
{
    const struct csv_rows *file = files;
    while (strcmp(file->table->name, table) != 0) {
        file++;
    }
    return file;
}

/* "DIR/units.csv:7: parent: no unit x; …" */
static void put_sentence(struct buffer *out, const char *directory,
                         const struct csv_rows files[TABLE_COUNT], const struct fault *fault)
{
    if (fault->table == NULL) {
        const bool named = strncmp(fault->text, directory, strlen(directory)) == 0;
        buffer_printf(out, "%s%s%s\n", named ? "" : directory, named ? "" : ": ", fault->text);
        return;
    }
    const struct csv_rows *file = file_of(files, fault->table);
    const uint32_t line = fault->line != 0 ? fault->line : file->lines[fault->row];
    buffer_printf(out, "%s:%u: %s%s%s", file->path, line, fault->column,
                  fault->column[0] != '\0' ? ": " : "", fault->text);
    if (fault->other != CATALOGUE_NONE) {
        buffer_printf(out, " (the other is in line %u)", file->lines[fault->other]);
    }
    buffer_printf(out, "\n");
}

static int order_of(const struct csv_rows *files, const struct fault *fault, uint32_t *ret_line)
{
    if (fault->table == NULL) {
        *ret_line = 0;
        return -1;
    }
    const struct csv_rows *file = file_of(files, fault->table);
    *ret_line = fault->line != 0 ? fault->line : file->lines[fault->row];
    return (int)(file - files);
}

static int compare_faults(const void *a, const void *b, void *files)
{
    uint32_t line_a;
    uint32_t line_b;
    const int file_a = order_of(files, a, &line_a);
    const int file_b = order_of(files, b, &line_b);
    return file_a != file_b ? file_a - file_b : (line_a > line_b) - (line_a < line_b);
}

static void put_all(struct buffer *out, const char *directory, struct csv_rows files[TABLE_COUNT],
                    struct fault *list, uint32_t count)
{
    const uint32_t kept = count < FAULTS_MAX ? count : FAULTS_MAX;
    if (kept > 0) {
        qsort_r(list, kept, sizeof *list, compare_faults, files);
    }
    for (uint32_t i = 0; i < kept; i++) {
        put_sentence(out, directory, files, &list[i]);
    }
    if (count > kept) {
        buffer_printf(out, "%s: and %u more\n", directory, count - kept);
    }
}

/* Adds what was found between the rows; of a row with a faulty cell it only follows from that. */
static void merge(struct csv_rows files[TABLE_COUNT], struct faults *faults,
                  const struct faults *built)
{
    for (uint32_t i = 0; i < built->count && i < FAULTS_MAX; i++) {
        const struct fault *fault = &built->list[i];
        if (fault->table == NULL || !file_of(files, fault->table)->faulty[fault->row]) {
            *fault_add(faults, NULL, 0, NULL, "%s", "") = *fault;
        }
    }
    faults->count += built->count > FAULTS_MAX ? built->count - FAULTS_MAX : 0;
    memcpy(faults->warnings, built->warnings, sizeof faults->warnings);
    faults->warning_count = built->warning_count;
    faults->status = status_first(faults->status, built->status);
}

static enum status pack(const Hoso__V1__Catalogue *message, struct buffer *packed,
                        struct faults *faults)
{
    buffer_clear(packed);
    wire_pack(&message->base, packed);
    if (buffer_status(packed) != STATUS_OK) {
        fault_add(faults, NULL, 0, NULL,
                  "the catalogue is over %zu bytes when packed; shorten names or drop rows",
                  packed->max);
        faults->status = STATUS_TOO_LARGE;
    }
    return faults->status;
}

/* What is wrong with the rows by themselves does not hide what is wrong between them. */
static void read_and_check(const char *directory, const struct slice texts[TABLE_COUNT],
                           struct arena *arena, struct csv_rows files[TABLE_COUNT],
                           struct buffer *packed, struct faults *faults, struct faults *built)
{
    Hoso__V1__Catalogue message;
    struct catalogue *catalogue = NULL;
    bool complete = true;
    for (int i = 0; i < TABLE_COUNT; i++) {
        const uint32_t before = faults->count;
        if (texts != NULL) {
            csv_table_read_text(texts[i], &tables[i], arena, faults, &files[i]);
        } else {
            csv_table_read(directory, &tables[i], arena, faults, &files[i]);
        }
        complete = complete && (faults->count == before || files[i].count > 0);
    }
    fill_message(files, &message);
    const enum status status = faults->status;
    if (!complete || pack(&message, packed, faults) == STATUS_TOO_LARGE) {
        return;
    }
    if (catalogue_build(buffer_slice(packed), &catalogue, built) == STATUS_OK &&
        status == STATUS_OK) {
        catalogue_warn(catalogue, &message, built);
    }
    catalogue_free(catalogue);
}

void catalogue_import_init(struct catalogue_import *import)
{
    buffer_init(&import->packed, CATALOGUE_BYTES_MAX);
    buffer_init(&import->faults, FAULTS_TEXT_MAX);
    buffer_init(&import->warnings, FAULTS_TEXT_MAX);
    import->fault_count = import->warning_count = 0;
}

void catalogue_import_fini(struct catalogue_import *import)
{
    buffer_fini(&import->packed);
    buffer_fini(&import->faults);
    buffer_fini(&import->warnings);
}

/* From the texts, or from files in the directory, which is the name of it all. */
static enum status import_all(const char *directory, const struct slice texts[TABLE_COUNT],
                              struct catalogue_import *import)
{
    struct arena arena;
    struct csv_rows files[TABLE_COUNT];
    struct faults *faults = calloc(2, sizeof *faults);
    if (faults == NULL) {
        return STATUS_TOO_LARGE;
    }
    arena_init(&arena, ARENA_MAX);
    read_and_check(directory, texts, &arena, files, &import->packed, &faults[0], &faults[1]);
    merge(files, &faults[0], &faults[1]);
    put_all(&import->faults, directory, files, faults->list, faults->count);
    put_all(&import->warnings, directory, files, faults->warnings, faults->warning_count);
    import->fault_count = faults->count;
    import->warning_count = faults->warning_count;
    const enum status status = faults->status;
    free(faults);
    arena_fini(&arena);
    return status;
}

enum status catalogue_import(const char *directory, struct catalogue_import *import)
{
    return import_all(directory, NULL, import);
}

enum status catalogue_import_texts(const struct catalogue_texts *texts,
                                   struct catalogue_import *import)
{
    const struct slice by_table[TABLE_COUNT] = {texts->units, texts->fields, texts->procedures};
    return import_all("", by_table, import);
}

enum status catalogue_import_csv(const char *directory, struct buffer *packed, struct error *error)
{
    struct catalogue_import import;
    catalogue_import_init(&import);
    buffer_fini(&import.packed);
    import.packed = *packed;
    const enum status status = catalogue_import(directory, &import);
    *packed = import.packed;
    buffer_init(&import.packed, 0);
    if (status != STATUS_OK) {
        const char *text = (const char *)import.faults.data;
        const size_t size = import.faults.size > 0 ? strcspn(text, "\n") : 0;
        char more[64] = "";
        if (import.fault_count > 1) {
            (void)snprintf(more, sizeof more, " (and %u more)", import.fault_count - 1);
        }
        (void)error_set(error, status, "%.*s%s", (int)(size < 400 ? size : 400), text, more);
    }
    catalogue_import_fini(&import);
    return status;
}

static void put_cell(struct buffer *out, const char *text)
{
    if (strpbrk(text, ",;\"\r\n") == NULL) {
        buffer_printf(out, "%s", text);
        return;
    }
    buffer_u8(out, '"');
    for (; *text != '\0'; text++) {
        buffer_printf(out, *text == '"' ? "\"\"" : "%c", *text);
    }
    buffer_u8(out, '"');
}

static void put_codes(struct buffer *out, const void *row, const struct csv_column *column)
{
    char *const *codes;
    size_t count;
    memcpy(&codes, (const uint8_t *)row + column->offset, sizeof codes);
    memcpy(&count, (const uint8_t *)row + column->count_offset, sizeof count);
    for (size_t i = 0; i < count; i++) {
        buffer_printf(out, i > 0 ? " " : "");
        put_cell(out, codes[i]);
    }
}

static void put_value(struct buffer *out, const void *row, const struct csv_column *column)
{
    const void *place = (const uint8_t *)row + column->offset;
    const struct csv_choice *choice = column->choices;
    const char *text;
    uint32_t number;
    int value;
    switch (column->kind) {
    case CSV_NUMBER:
        memcpy(&number, place, sizeof number);
        buffer_printf(out, "%u", number);
        break;
    case CSV_CHOICE:
        memcpy(&value, place, sizeof value);
        while (choice->name != NULL && choice->value != value) {
            choice++;
        }
        buffer_printf(out, "%s", choice->name != NULL ? choice->name : "");
        break;
    case CSV_CODES:
        put_codes(out, row, column);
        break;
    case CSV_TEXT:
    case CSV_CODE:
        memcpy(&text, place, sizeof text);
        put_cell(out, text);
        break;
    }
}

/* With a byte order mark, for the table programs. */
static enum status write_table(const char *directory, const struct csv_table *table,
                               const void *const *rows, size_t count, struct error *error)
{
    struct buffer out;
    char path[PATH_MAX];
    buffer_init(&out, CSV_FILE_BYTES_MAX);
    buffer_printf(&out, "\xef\xbb\xbf");
    for (uint32_t i = 0; i < table->column_count; i++) {
        buffer_printf(&out, "%s%s", i > 0 ? "," : "", table->columns[i].name);
    }
    buffer_printf(&out, "\r\n");
    for (size_t row = 0; row < count; row++) {
        for (uint32_t i = 0; i < table->column_count; i++) {
            buffer_printf(&out, i > 0 ? "," : "");
            put_value(&out, rows[row], &table->columns[i]);
        }
        buffer_printf(&out, "\r\n");
    }
    enum status status = buffer_status(&out);
    if (status != STATUS_OK ||
        snprintf(path, sizeof path, "%s/%s.csv", directory, table->name) >= (int)sizeof path) {
        status = error_set(error, STATUS_TOO_LARGE, "%s/%s.csv: too large to be written", directory,
                           table->name);
    } else {
        status = file_replace(path, 0644, buffer_slice(&out), error);
    }
    buffer_fini(&out);
    return status;
}

enum status catalogue_export_csv(struct slice packed, const char *directory, struct error *error)
{
    struct arena arena;
    ProtobufCMessage *unpacked;
    arena_init(&arena, ARENA_MAX);
    enum status status =
        wire_unpack(&hoso__v1__catalogue__descriptor, packed, &arena, &unpacked, error);
    if (status == STATUS_OK) {
        const Hoso__V1__Catalogue *message = (const Hoso__V1__Catalogue *)unpacked;
        const struct {
            const void *rows;
            size_t count;
        } lists[TABLE_COUNT] = {[UNITS] = {message->units, message->n_units},
                                [FIELDS] = {message->fields, message->n_fields},
                                [PROCEDURES] = {message->procedures, message->n_procedures}};
        for (int i = 0; i < TABLE_COUNT && status == STATUS_OK; i++) {
            status = write_table(directory, &tables[i], lists[i].rows, lists[i].count, error);
        }
    }
    arena_fini(&arena);
    return status;
}
