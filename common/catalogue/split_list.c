/* SPDX-License-Identifier: Apache-2.0
 *
 * A row is read into the message that lists of open dossiers have.
 */
#include "catalogue/split_list.h"

#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "catalogue/csv_table.h"
#include "hoso/v1/ledger.pb-c.h"

enum { ARENA_MAX = 256 << 20, FAULTS_TEXT_MAX = FAULTS_MAX * ERROR_TEXT_MAX };

#define COLUMN(name, member, kind, optional)                                   \
    {                                                                          \
        name, kind, offsetof(Hoso__V1__DossierLine, member), NULL, 0, optional \
    }

static const struct csv_table columns = {
    .descriptor = &hoso__v1__dossier_line__descriptor,
    .rows_max = SPLIT_LINES_MAX,
    .column_count = 7,
    .columns = {COLUMN("dossier", dossier, CSV_CODE, false), COLUMN("unit", unit, CSV_CODE, false),
                COLUMN("procedure", procedure, CSV_CODE, true),
                COLUMN("procedure_name", procedure_name, CSV_TEXT, true),
                COLUMN("received", received, CSV_TEXT, true), COLUMN("due", due, CSV_TEXT, true),
                COLUMN("state", field, CSV_TEXT, true)}};

static int by_dossier(const void *a, const void *b)
{
    const struct split_line *x = a;
    const struct split_line *y = b;
    const int order = strcmp(x->dossier, y->dossier);
    return order != 0 ? order : (x->line > y->line) - (x->line < y->line);
}

static void put_faults(const struct csv_rows *rows, const char *path, struct buffer *out)
{
    const struct faults *faults = rows->faults;
    for (uint32_t i = 0; i < faults->count && i < FAULTS_MAX; i++) {
        const struct fault *fault = &faults->list[i];
        if (fault->table == NULL) {
            buffer_printf(out, "%s\n", fault->text);
        } else {
            buffer_printf(out, "%s:%u: %s%s%s\n", path, fault->line, fault->column,
                          fault->column[0] != '\0' ? ": " : "", fault->text);
        }
    }
    if (faults->count > FAULTS_MAX) {
        buffer_printf(out, "%s: and %u more\n", path, faults->count - FAULTS_MAX);
    }
}

/* A dossier goes to one unit. */
static void find_repeated(const struct split_list *list, const char *table, struct faults *faults)
{
    for (uint32_t i = 1; i < list->count; i++) {
        const struct split_line *line = &list->lines[i];
        if (strcmp(line->dossier, line[-1].dossier) == 0) {
            fault_add(faults, table, 0, "dossier", "%.64s stands in line %u, too; keep one of them",
                      line->dossier, line[-1].line)
                ->line = line->line;
        }
    }
}

static enum status take_rows(const struct csv_rows *rows, struct split_list *list)
{
    list->lines = arena_array(&list->arena, rows->count + 1U, sizeof *list->lines);
    if (list->lines == NULL) {
        return STATUS_TOO_LARGE;
    }
    for (uint32_t i = 0; i < rows->count; i++) {
        const Hoso__V1__DossierLine *row =
            (const Hoso__V1__DossierLine *)(const void *)rows->rows[i];
        list->lines[list->count++] =
            (struct split_line){row->dossier, row->unit, rows->lines[i], false};
    }
    qsort(list->lines, list->count, sizeof *list->lines, by_dossier);
    return STATUS_OK;
}

static enum status read_file(const char *path, const struct csv_table *table,
                             struct split_list *list, struct faults *faults, struct csv_rows *rows)
{
    struct buffer text;
    struct error error;
    *rows = (struct csv_rows){.faults = faults};
    buffer_init(&text, CSV_FILE_BYTES_MAX);
    const enum status status = file_read(path, 0, &text, &error);
    if (status != STATUS_OK) {
        fault_add(faults, NULL, 0, NULL, "%.300s", error.text);
    } else {
        csv_table_read_text(buffer_slice(&text), table, &list->arena, faults, rows);
    }
    buffer_fini(&text);
    return status;
}

enum status split_list_read(const char *path, struct split_list *ret_list)
{
    struct csv_rows rows;
    struct csv_table table = columns;
    const size_t size = strlen(path);
    *ret_list = (struct split_list){.lines = NULL};
    arena_init(&ret_list->arena, ARENA_MAX);
    buffer_init(&ret_list->faults, FAULTS_TEXT_MAX);
    struct faults *faults = calloc(1, sizeof *faults);
    if (faults == NULL) {
        return STATUS_TOO_LARGE;
    }
    table.name = size > 4 ? arena_string(&ret_list->arena, slice_of(path, size - 4)) : NULL;
    if (table.name == NULL || strcmp(path + size - 4, ".csv") != 0) {
        buffer_printf(&ret_list->faults, "%s: give a file whose name ends in .csv\n", path);
        free(faults);
        return STATUS_INVALID;
    }
    enum status status = read_file(path, &table, ret_list, faults, &rows);
    if (status == STATUS_OK) {
        status = take_rows(&rows, ret_list);
    }
    if (status == STATUS_OK) {
        find_repeated(ret_list, table.name, faults);
        status = faults->status;
    }
    put_faults(&rows, path, &ret_list->faults);
    free(faults);
    return status;
}

void split_list_fini(struct split_list *list)
{
    buffer_fini(&list->faults);
    arena_fini(&list->arena);
}

struct split_line *split_list_find(const struct split_list *list, const char *dossier)
{
    uint32_t low = 0;
    for (uint32_t high = list->count; low < high;) {
        const uint32_t middle = low + (high - low) / 2;
        const int order = strcmp(list->lines[middle].dossier, dossier);
        if (order == 0) {
            return &list->lines[middle];
        }
        low = order < 0 ? middle + 1 : low;
        high = order < 0 ? high : middle;
    }
    return NULL;
}
