/* SPDX-License-Identifier: Apache-2.0
 *
 * The catalogue in force, immutable, shared by the front (which validates against it) and the
 * writer (which decides what replaces it). The last one to drop it frees it. Thread-safe.
 */
#ifndef HOSO_INTAKE_SHARED_CATALOGUE_H
#define HOSO_INTAKE_SHARED_CATALOGUE_H

#include <stdatomic.h>

#include "catalogue/catalogue.h"

struct shared_catalogue {
    atomic_uint references;
    struct catalogue *catalogue;
};

/* Takes the catalogue and nulls it; NULL = no memory, the catalogue stays the caller's. */
struct shared_catalogue *shared_catalogue_new(struct catalogue **catalogue);
/* One more reference; NULL-safe. */
struct shared_catalogue *shared_catalogue_take(struct shared_catalogue *shared);
/* One reference less, and nulls the pointer; NULL-safe. */
void shared_catalogue_drop(struct shared_catalogue **shared);

#endif
