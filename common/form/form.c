/* SPDX-License-Identifier: Apache-2.0
 *
 * Look-ups by id. A form has a few dozen figures, so a walk is enough.
 */
#include "form/form.h"

#include <stdlib.h>

const struct form_figure *form_figure_find(const struct form *form, struct slice id)
{
    for (unsigned i = 0; i < form->figure_count; i++) {
        if (slice_equal(slice_text(form->figures[i].id), id)) {
            return &form->figures[i];
        }
    }
    return NULL;
}

const struct form_scope *form_scope_find(const struct form *form, struct slice id)
{
    for (unsigned i = 0; i < form->scope_count; i++) {
        if (slice_equal(slice_text(form->scopes[i].id), id)) {
            return &form->scopes[i];
        }
    }
    return NULL;
}

void form_free(struct form *form)
{
    if (form != NULL) {
        arena_fini(&form->arena);
        free(form);
    }
}
