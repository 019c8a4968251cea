/* SPDX-License-Identifier: Apache-2.0
 *
 * Three tables in, one packed catalogue out. Rows keep their order: the same files give the same
 * bytes. What the rows mean is checked by catalogue_build(), whose faults are led back to the line
 * they come from. Dates stay text.
 */
#include "catalogue/catalogue_internal.h"
#include "catalogue/csv_table.h"

#include "wire/wire.h"

enum { ARENA_MAX = 128 << 20 };

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
#define NUMBER(type, name) {#name, CSV_NUMBER, offsetof(Hoso__V1__##type, name), NULL, 0, false}
#define CHOICE(type, name, list) {#name, CSV_CHOICE, offsetof(Hoso__V1__##type, name), list, 0, \
                                  false}
#define CODES(type, name) {#name, CSV_CODES, offsetof(Hoso__V1__##type, name), NULL, \
                           offsetof(Hoso__V1__##type, n_##name), true}
static const struct csv_table tables[TABLE_COUNT] = {
    [UNITS] = {"units", &hoso__v1__unit__descriptor, CATALOGUE_UNITS_MAX, 11, {
        TEXT(Unit, id), TEXT(Unit, code), TEXT(Unit, name), TEXT(Unit, name_en),
        CHOICE(Unit, tier, tiers), TEXT(Unit, parent), NUMBER(Unit, print_order),
        TEXT(Unit, valid_from), TEXT(Unit, valid_to), CODES(Unit, successors),
        CODES(Unit, aliases)}},
    [FIELDS] = {"fields", &hoso__v1__field__descriptor, CATALOGUE_FIELDS_MAX, 4, {
        TEXT(Field, id), TEXT(Field, name), TEXT(Field, name_en), NUMBER(Field, print_order)}},
    [PROCEDURES] = {"procedures", &hoso__v1__procedure__descriptor, CATALOGUE_PROCEDURES_MAX, 7, {
        TEXT(Procedure, id), TEXT(Procedure, name), TEXT(Procedure, field),
        CHOICE(Procedure, service_level, levels), TEXT(Procedure, valid_from),
        TEXT(Procedure, valid_to), CODES(Procedure, aliases)}},
};
#undef TEXT
#undef NUMBER
#undef CHOICE
#undef CODES
/* clang-format on */

static enum status pack(const char *directory, const struct csv_rows files[TABLE_COUNT],
                        struct buffer *packed, struct error *error)
{
    Hoso__V1__Catalogue message = HOSO__V1__CATALOGUE__INIT;
    message.n_units = files[UNITS].count;
    message.units = (Hoso__V1__Unit **)(void *)files[UNITS].rows;
    message.n_fields = files[FIELDS].count;
    message.fields = (Hoso__V1__Field **)(void *)files[FIELDS].rows;
    message.n_procedures = files[PROCEDURES].count;
    message.procedures = (Hoso__V1__Procedure **)(void *)files[PROCEDURES].rows;
    buffer_clear(packed);
    wire_pack(&message.base, packed);
    if (buffer_status(packed) != STATUS_OK) {
        return error_set(
            error, STATUS_TOO_LARGE,
            "%s: the catalogue is over %zu bytes when packed; shorten names or drop rows",
            directory, packed->max);
    }
    return STATUS_OK;
}

/* Leads a fault of a row back to its line. */
static enum status blame(const char *directory, const struct csv_rows files[TABLE_COUNT],
                         const struct fault *fault, enum status status, struct error *error)
{
    const struct csv_rows *file = files;
    while (fault->table != NULL && strcmp(file->table->name, fault->table) != 0) {
        file++;
    }
    if (fault->table == NULL) {
        return error_set(error, status, "%s: %s", directory, fault->text);
    }
    if (fault->other == CATALOGUE_NONE) {
        return error_set(error, status, "%s:%u: %s: %s", file->path, file->lines[fault->row],
                         fault->column, fault->text);
    }
    return error_set(error, status, "%s:%u: %s: %s (the other is in line %u)", file->path,
                     file->lines[fault->row], fault->column, fault->text,
                     file->lines[fault->other]);
}

enum status catalogue_import_csv(const char *directory, struct buffer *packed, struct error *error)
{
    struct arena arena;
    struct csv_rows files[TABLE_COUNT];
    struct catalogue *catalogue = NULL;
    struct fault fault;
    enum status status = STATUS_OK;
    arena_init(&arena, ARENA_MAX);
    for (int i = 0; i < TABLE_COUNT && status == STATUS_OK; i++) {
        status = csv_table_read(directory, &tables[i], &arena, error, &files[i]);
    }
    if (status == STATUS_OK) {
        status = pack(directory, files, packed, error);
    }
    if (status == STATUS_OK) {
        status = catalogue_build(buffer_slice(packed), &catalogue, &fault);
        if (status != STATUS_OK) {
            status = blame(directory, files, &fault, status, error);
        }
    }
    catalogue_free(catalogue);
    arena_fini(&arena);
    return status;
}
