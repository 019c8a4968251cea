/* SPDX-License-Identifier: Apache-2.0
 *
 * A reference count; the usual memory order: whoever frees has seen all that the others did.
 */
#include "services/intake/shared_catalogue.h"

#include <stdlib.h>

struct shared_catalogue *shared_catalogue_new(struct catalogue **catalogue)
{
    struct shared_catalogue *shared = malloc(sizeof *shared);
    if (shared != NULL) {
        atomic_init(&shared->references, 1);
        shared->catalogue = *catalogue;
        *catalogue = NULL;
    }
    return shared;
}

struct shared_catalogue *shared_catalogue_take(struct shared_catalogue *shared)
{
    if (shared != NULL) {
        atomic_fetch_add_explicit(&shared->references, 1, memory_order_relaxed);
    }
    return shared;
}

void shared_catalogue_drop(struct shared_catalogue **shared)
{
    if (*shared != NULL &&
        atomic_fetch_sub_explicit(&(*shared)->references, 1, memory_order_acq_rel) == 1) {
        catalogue_free((*shared)->catalogue);
        free(*shared);
    }
    *shared = NULL;
}
