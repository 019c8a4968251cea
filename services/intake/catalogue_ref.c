/* SPDX-License-Identifier: Apache-2.0
 *
 * A reference count; the usual memory order: the one that frees has seen all that the others did.
 */
#include "services/intake/catalogue_ref.h"

#include <stdlib.h>

struct catalogue_ref *catalogue_ref_new(struct catalogue **catalogue)
{
    static _Atomic uint64_t numbers;
    struct catalogue_ref *shared = malloc(sizeof *shared);
    if (shared != NULL) {
        atomic_init(&shared->references, 1);
        shared->catalogue = *catalogue;
        shared->number = atomic_fetch_add(&numbers, 1) + 1;
        shared->drops = false;
        *catalogue = NULL;
    }
    return shared;
}

struct catalogue_ref *catalogue_ref_take(struct catalogue_ref *shared)
{
    if (shared != NULL) {
        atomic_fetch_add_explicit(&shared->references, 1, memory_order_relaxed);
    }
    return shared;
}

void catalogue_ref_drop(struct catalogue_ref **shared)
{
    if (*shared != NULL &&
        atomic_fetch_sub_explicit(&(*shared)->references, 1, memory_order_acq_rel) == 1) {
        catalogue_free((*shared)->catalogue);
        free(*shared);
    }
    *shared = NULL;
}
