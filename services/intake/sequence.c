/* SPDX-License-Identifier: Apache-2.0
 *
 * The order of the questions matters: a fenced publisher learns nothing but that it is fenced.
 */
#include "services/intake/sequence.h"

enum sequence_verdict sequence_judge(const struct journal_source *source, uint64_t epoch,
                                     uint64_t first_sequence, uint32_t count, uint32_t *ret_old)
{
    if (!source->open) {
        return SEQUENCE_NOT_OPEN;
    }
    if (epoch != source->epoch) {
        return SEQUENCE_FENCED;
    }
    if (first_sequence > source->next_sequence) {
        return SEQUENCE_GAP;
    }
    const uint64_t journaled = source->next_sequence - first_sequence;
    *ret_old = journaled < count ? (uint32_t)journaled : count;
    if (*ret_old == 0) {
        return SEQUENCE_NEW;
    }
    return *ret_old == count ? SEQUENCE_OLD : SEQUENCE_PARTLY;
}
