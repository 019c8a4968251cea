/* SPDX-License-Identifier: Apache-2.0
 *
 * One file: its places, its values by the schema, the form built of them.
 */
#include "form/form_load.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <xxhash.h>

#include "base/file.h"
#include "form/form_build_internal.h"
#include "form/form_yaml_internal.h"

enum { FORM_ARENA_BYTES = 4 << 20 };

static struct form_fault *next_fault(struct form_faults *faults)
{
    faults->more = faults->more || faults->count == FORM_FAULTS_MAX;
    return faults->count < FORM_FAULTS_MAX ? &faults->items[faults->count++] : NULL;
}

void build_fault(struct builder *builder, const char *list, int index, const char *key,
                 const char *format, ...)
{
    struct form_fault *fault = next_fault(builder->faults);
    char path[FORM_PATH_MAX] = "";
    if (fault == NULL) {
        return;
    }
    if (index >= 0) {
        (void)snprintf(path, sizeof path, "%s[%d]%s%s", list, index, key != NULL ? "." : "",
                       key != NULL ? key : "");
    } else {
        (void)snprintf(path, sizeof path, "%s%s%s", list, key != NULL && list[0] != '\0' ? "." : "",
                       key != NULL ? key : "");
    }
    const int used = snprintf(fault->text, sizeof fault->text, "%s: ", path);
    va_list arguments;
    va_start(arguments, format);
    (void)vsnprintf(fault->text + used, sizeof fault->text - (size_t)used, format, arguments);
    va_end(arguments);
    fault->line = form_places_line(builder->places, path);
}

static enum status build(struct form *form, const struct form_file *file,
                         struct form_places *places, struct form_faults *faults)
{
    struct builder builder = {
        .form = form, .arena = &form->arena, .file = file, .places = places, .faults = faults};
    build_head(&builder);
    build_figures(&builder);
    if (faults->count == 0) {
        build_values(&builder);
    }
    if (faults->count == 0) {
        build_rest(&builder);
    }
    if (form->arena.exceeded) {
        build_fault(&builder, "", -1, NULL, "the form takes more than %d bytes of memory",
                    FORM_ARENA_BYTES);
    }
    return faults->count == 0 ? STATUS_OK : STATUS_INVALID;
}

enum status form_parse(struct slice text, const char *file, struct form **ret_form,
                       struct form_faults *faults)
{
    struct form_places places;
    struct form_fault fault = {.line = 0};
    struct form_file *raw = NULL;
    *faults = (struct form_faults){.count = 0};
    struct form *form = calloc(1, sizeof *form);
    if (form == NULL) {
        return STATUS_TOO_LARGE;
    }
    arena_init(&form->arena, FORM_ARENA_BYTES);
    (void)snprintf(form->digest, sizeof form->digest, "%016llx",
                   (unsigned long long)XXH3_64bits(text.data, text.size));
    enum status status = form_places_open(text, &places, &fault);
    if (status == STATUS_OK) {
        status = form_yaml_load(text, &places, &raw, &fault);
        if (status == STATUS_OK) {
            form->file = arena_string(&form->arena, slice_text(file));
            status = build(form, raw, &places, faults);
            form_yaml_free(raw);
        }
        form_places_close(&places);
    }
    if (fault.text[0] != '\0') {
        *next_fault(faults) = fault;
    }
    if (status != STATUS_OK) {
        form_free(form);
        return status;
    }
    *ret_form = form;
    return STATUS_OK;
}

enum status form_read(const char *path, bool builtin, struct form **ret_form,
                      struct form_faults *faults)
{
    struct buffer text;
    struct error error;
    buffer_init(&text, FORM_FILE_BYTES_MAX);
    enum status status = file_read(path, 0, &text, &error);
    if (status == STATUS_OK) {
        status = form_parse(buffer_slice(&text), builtin ? "" : path, ret_form, faults);
    } else {
        *faults = (struct form_faults){.count = 1};
        memcpy(faults->items[0].text, error.text, sizeof error.text);
    }
    buffer_fini(&text);
    return status;
}
