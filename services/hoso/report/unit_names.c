/* SPDX-License-Identifier: Apache-2.0
 *
 * Found by bisection: a province has thousands.
 */
#include "services/hoso/report/unit_names.h"

#include <stdlib.h>
#include <string.h>

static int compare(const void *left, const void *right)
{
    const struct hoso_unit *const *a = left;
    const struct hoso_unit *const *b = right;
    return strcmp((*a)->id, (*b)->id);
}

void unit_names_load(struct unit_names *names, struct hoso_client *client, const char *unit,
                     const char *day)
{
    struct hoso_units *units = NULL;
    if (hoso_units_list_all(client, unit, day, &units, NULL) != HOSO_OK) {
        return;
    }
    const struct hoso_unit **by_id = calloc(units->count + 1, sizeof *by_id);
    if (by_id == NULL) {
        hoso_free(units);
        return;
    }
    for (size_t i = 0; i < units->count; i++) {
        by_id[i] = &units->units[i];
    }
    qsort(by_id, units->count, sizeof *by_id, compare);
    unit_names_fini(names);
    names->units = units;
    names->by_id = by_id;
}

void unit_names_fini(struct unit_names *names)
{
    free(names->by_id);
    hoso_free(names->units);
    names->by_id = NULL;
    names->units = NULL;
}

const char *unit_name(const struct unit_names *names, const char *id)
{
    const struct hoso_unit wanted = {.id = id};
    const struct hoso_unit *key = &wanted;
    const struct hoso_unit **found =
        names->units != NULL
            ? bsearch(&key, names->by_id, names->units->count, sizeof *names->by_id, compare)
            : NULL;
    if (found == NULL) {
        return id;
    }
    return names->english && (*found)->name_en[0] != '\0' ? (*found)->name_en : (*found)->name;
}
