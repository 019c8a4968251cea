/* SPDX-License-Identifier: Apache-2.0
 *
 * What an Append's epoch and sequences mean against the state of its source (publisher.proto).
 * Pure.
 */
#ifndef HOSO_INTAKE_SEQUENCE_H
#define HOSO_INTAKE_SEQUENCE_H

#include <stdint.h>

#include "journal_store/journal.h"

enum sequence_verdict {
    SEQUENCE_NOT_OPEN, /* no epoch is open */
    SEQUENCE_FENCED,   /* another one is */
    SEQUENCE_GAP,      /* something before first_sequence is missing */
    SEQUENCE_NEW,      /* all of it is new */
    SEQUENCE_PARTLY,   /* the first `ret_old` events are journaled already, the others are new */
    SEQUENCE_OLD       /* all of it is journaled already, if the content is the same */
};

/* `first_sequence` and `count` are at least 1; ret_old ≤ count is set for NEW, PARTLY and OLD. */
enum sequence_verdict sequence_judge(const struct journal_source *source, uint64_t epoch,
                                     uint64_t first_sequence, uint32_t count, uint32_t *ret_old);

#endif
