/* SPDX-License-Identifier: Apache-2.0
 *
 * A close (chốt số liệu) as the journal holds it: what is counted from here on for days up to
 * `last_day`, in the unit's subtree, is a restatement (counting rules §7a). Layout:
 * docs/journal-format.md. Pure.
 */
#ifndef HOSO_JOURNAL_CLOSE_H
#define HOSO_JOURNAL_CLOSE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buffer.h"
#include "base/slice.h"
#include "event/event.h"

enum {
    CLOSE_ID_MIN = 8,
    CLOSE_ID_MAX = 64,
    CLOSE_LABEL_MAX = 200,
    CLOSE_BYTES_MAX = CLOSE_ID_MAX + EVENT_CODE_MAX + CLOSE_LABEL_MAX + 16
};

struct close {
    struct slice id;    /* drawn by whoever asks: the same id = the same close */
    struct slice unit;  /* of the catalogue in force */
    int32_t last_day;   /* local days since 1970-01-01 */
    struct slice label; /* for people; may be empty */
};

void close_encode(const struct close *close, struct buffer *buffer);
/* False = damaged. The slices point into `payload`. */
bool close_decode(struct slice payload, struct close *ret_close);

#endif
