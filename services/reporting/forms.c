/* SPDX-License-Identifier: Apache-2.0
 *
 * A set knows how many are at work with it; the last one of a set that is not in force any more
 * frees it.
 */
#include "services/reporting/forms.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/require.h"

struct counted_set {
    struct form_set *set;
    unsigned users; /* being in force counts as one */
    struct counted_set *next;
};

struct forms {
    pthread_mutex_t lock;
    struct counted_set *sets; /* the first is in force */
    char builtin[FORMS_PATH_MAX];
    char own[FORMS_PATH_MAX];
};

void forms_builtin_folder(char ret_path[FORMS_PATH_MAX])
{
    static const char beside[] = "/../share/hoso/forms";
    const ssize_t size = readlink("/proc/self/exe", ret_path, FORMS_PATH_MAX - sizeof beside);
    char *slash = NULL;
    if (size > 0) {
        ret_path[size] = '\0';
        slash = strrchr(ret_path, '/');
    }
    if (slash != NULL) {
        memcpy(slash, beside, sizeof beside);
        if (access(ret_path, R_OK | X_OK) == 0) {
            return;
        }
    }
    (void)snprintf(ret_path, FORMS_PATH_MAX, "%s", HOSO_FORMS_SOURCE);
}

/* Under the lock. */
static void release(struct forms *forms, const struct form_set *set)
{
    struct counted_set **link = &forms->sets;
    while ((*link)->set != set) {
        link = &(*link)->next;
    }
    struct counted_set *counted = *link;
    if (--counted->users == 0) {
        *link = counted->next;
        form_set_free(counted->set);
        free(counted);
    }
}

enum status forms_reload(struct forms *forms, struct error *error)
{
    struct counted_set *counted = calloc(1, sizeof *counted);
    if (counted == NULL) {
        return error_set(error, STATUS_TOO_LARGE, "out of memory");
    }
    const enum status status = form_set_load(forms->builtin, forms->own, &counted->set, error);
    if (status != STATUS_OK) {
        free(counted);
        return status;
    }
    require(pthread_mutex_lock(&forms->lock) == 0);
    const struct form_set *before = forms->sets != NULL ? forms->sets->set : NULL;
    counted->users = 1;
    counted->next = forms->sets;
    forms->sets = counted;
    if (before != NULL) {
        release(forms, before);
    }
    require(pthread_mutex_unlock(&forms->lock) == 0);
    return STATUS_OK;
}

enum status forms_open(const char *own, struct forms **ret_forms, struct error *error)
{
    struct forms *forms = calloc(1, sizeof *forms);
    if (forms == NULL) {
        return error_set(error, STATUS_TOO_LARGE, "out of memory");
    }
    require(pthread_mutex_init(&forms->lock, NULL) == 0);
    forms_builtin_folder(forms->builtin);
    (void)snprintf(forms->own, sizeof forms->own, "%s", own);
    const enum status status = forms_reload(forms, error);
    if (status != STATUS_OK) {
        forms_close(forms);
        return status;
    }
    *ret_forms = forms;
    return STATUS_OK;
}

void forms_close(struct forms *forms)
{
    if (forms == NULL) {
        return;
    }
    if (forms->sets != NULL) {
        require(forms->sets->users == 1 && forms->sets->next == NULL);
        release(forms, forms->sets->set);
    }
    (void)pthread_mutex_destroy(&forms->lock);
    free(forms);
}

const struct form_set *forms_begin(struct forms *forms)
{
    require(pthread_mutex_lock(&forms->lock) == 0);
    struct counted_set *counted = forms->sets;
    counted->users++;
    require(pthread_mutex_unlock(&forms->lock) == 0);
    return counted->set;
}

void forms_end(struct forms *forms, const struct form_set *set)
{
    require(pthread_mutex_lock(&forms->lock) == 0);
    release(forms, set);
    require(pthread_mutex_unlock(&forms->lock) == 0);
}

unsigned forms_count(struct forms *forms)
{
    const struct form_set *set = forms_begin(forms);
    const unsigned count = set->count;
    forms_end(forms, set);
    return count;
}
