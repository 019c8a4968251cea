/* SPDX-License-Identifier: Apache-2.0
 *
 * How numbers were made from the journal. Numbers of two derivations must never be mixed: an amount
 * is taken away as the fold gave it, so the fold that takes away must be the one that added.
 */
#ifndef HOSO_BASE_DERIVATION_H
#define HOSO_BASE_DERIVATION_H

#include <stdbool.h>
#include <stdint.h>

struct derivation {
    uint32_t fold_version;      /* 0 = none: nothing was counted yet */
    int32_t utc_offset_minutes; /* of local days */
};

static inline bool derivation_equal(const struct derivation *a, const struct derivation *b)
{
    return a->fold_version == b->fold_version && a->utc_offset_minutes == b->utc_offset_minutes;
}

#endif
