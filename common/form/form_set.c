/* SPDX-License-Identifier: Apache-2.0
 *
 * The forms of a folder or two.
 */
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "form/form_load.h"

enum { FILE_PATH_MAX = 1024 };

const struct form *form_set_find(const struct form_set *set, const char *id)
{
    for (unsigned i = 0; i < set->count; i++) {
        if (strcmp(set->forms[i]->id, id) == 0) {
            return set->forms[i];
        }
    }
    return NULL;
}

void form_set_free(struct form_set *set)
{
    for (unsigned i = 0; set != NULL && i < set->count; i++) {
        form_free(set->forms[i]);
    }
    free(set);
}

/* Takes the form over: in place of a built-in one, if it is a site's own. */
static enum status put(struct form_set *set, struct form *form, const char *path,
                       struct error *error)
{
    unsigned i = 0;
    while (i < set->count && strcmp(set->forms[i]->id, form->id) != 0) {
        i++;
    }
    if (i < set->count && (set->forms[i]->file[0] == '\0') == (form->file[0] == '\0')) {
        (void)error_set(error, STATUS_INVALID,
                        "%s: the form \"%s\" stands in another file of this folder, too: leave one",
                        path, form->id);
        form_free(form);
        return STATUS_INVALID;
    }
    if (i == FORM_SET_MAX) {
        form_free(form);
        return error_set(error, STATUS_TOO_LARGE, "%s: more than %d forms", path, FORM_SET_MAX);
    }
    set->count += i == set->count;
    form_free(set->forms[i]);
    set->forms[i] = form;
    return STATUS_OK;
}

static int is_form_file(const struct dirent *entry)
{
    const size_t size = strlen(entry->d_name);
    return entry->d_name[0] != '.' && size > strlen(".yaml") &&
           strcmp(entry->d_name + size - strlen(".yaml"), ".yaml") == 0;
}

static enum status read_file(struct form_set *set, const char *path, bool builtin,
                             struct error *error)
{
    struct form *form = NULL;
    struct form_faults *faults = calloc(1, sizeof *faults);
    if (faults == NULL) {
        return error_set(error, STATUS_TOO_LARGE, "out of memory");
    }
    enum status status = form_read(path, builtin, &form, faults);
    if (status == STATUS_OK) {
        status = put(set, form, path, error);
    } else {
        status = error_set(error, status, "%s:%u: %s%s", path, faults->items[0].line,
                           faults->items[0].text,
                           faults->count > 1 ? " (and more: hoso form check says all)" : "");
    }
    free(faults);
    return status;
}

static enum status read_folder(struct form_set *set, const char *folder, bool builtin,
                               struct error *error)
{
    struct dirent **entries = NULL;
    const int count = scandir(folder, &entries, is_form_file, alphasort);
    enum status status = STATUS_OK;
    if (count < 0) {
        return error_set(error, STATUS_IO, "the folder of forms %s cannot be read: %s", folder,
                         strerror(errno));
    }
    for (int i = 0; i < count; i++) {
        if (status == STATUS_OK) {
            char path[FILE_PATH_MAX];
            (void)snprintf(path, sizeof path, "%s/%s", folder, entries[i]->d_name);
            status = read_file(set, path, builtin, error);
        }
        free(entries[i]);
    }
    free(entries);
    return status;
}

static int by_order(const void *a, const void *b)
{
    const struct form *left = *(const struct form *const *)a;
    const struct form *right = *(const struct form *const *)b;
    return left->order != right->order ? (left->order > right->order) - (left->order < right->order)
                                       : strcmp(left->id, right->id);
}

enum status form_set_load(const char *builtin, const char *own, struct form_set **ret_set,
                          struct error *error)
{
    struct form_set *set = calloc(1, sizeof *set);
    if (set == NULL) {
        return error_set(error, STATUS_TOO_LARGE, "out of memory");
    }
    enum status status = read_folder(set, builtin, true, error);
    if (status == STATUS_OK && own != NULL && own[0] != '\0') {
        status = read_folder(set, own, false, error);
    }
    if (status != STATUS_OK) {
        form_set_free(set);
        return status;
    }
    qsort(set->forms, set->count, sizeof *set->forms, by_order);
    *ret_set = set;
    return STATUS_OK;
}
