/* SPDX-License-Identifier: Apache-2.0
 *
 * The catalogue in force, immutable, shared by the front (which validates against it) and the
 * writer (which decides what replaces it). The last one to drop it frees it. Thread-safe.
 */
#ifndef HOSO_INTAKE_CATALOGUE_REF_H
#define HOSO_INTAKE_CATALOGUE_REF_H

#include <stdatomic.h>

#include "catalogue/catalogue.h"

struct catalogue_ref {
    atomic_uint references;
    struct catalogue *catalogue;
    uint64_t number; /* of this process: 1, 2, 3, … as they were parsed */
    bool drops;      /* the writer's: ids of the one before are gone */
};

/* Takes the catalogue and nulls it; NULL = no memory, the catalogue stays the caller's. */
struct catalogue_ref *catalogue_ref_new(struct catalogue **catalogue);
/* One more reference; NULL-safe. */
struct catalogue_ref *catalogue_ref_take(struct catalogue_ref *shared);
/* One reference less, and nulls the pointer; NULL-safe. */
void catalogue_ref_drop(struct catalogue_ref **shared);

#endif
