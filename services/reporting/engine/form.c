/* SPDX-License-Identifier: Apache-2.0
 *
 * Look-ups by id. A form has a few dozen figures, so a walk is enough.
 */
#include "services/reporting/engine/form.h"

#include <string.h>

const struct form *form_find(const char *id)
{
    unsigned i = 0;
    while (forms[i] != NULL && strcmp(forms[i]->id, id) != 0) {
        i++;
    }
    return forms[i];
}

const struct form_figure *form_figure_find(const struct form *form, const char *id)
{
    for (unsigned i = 0; i < form->figure_count; i++) {
        if (strcmp(form->figures[i].id, id) == 0) {
            return &form->figures[i];
        }
    }
    return NULL;
}

const struct form_scope *form_scope_find(const struct form *form, const char *id)
{
    for (unsigned i = 0; i < form->scope_count; i++) {
        if (strcmp(form->scopes[i].id, id) == 0) {
            return &form->scopes[i];
        }
    }
    return NULL;
}

bool form_scope_has(const struct form_scope *scope, unsigned tier)
{
    return scope->tiers == 0 || (scope->tiers >> tier & 1U) != 0;
}
