/* SPDX-License-Identifier: Apache-2.0 */
#include "journal/close.h"

void close_encode(const struct close *close, struct buffer *buffer)
{
    buffer_text(buffer, close->id);
    buffer_text(buffer, close->unit);
    buffer_signed(buffer, close->last_day);
    buffer_text(buffer, close->label);
}

bool close_decode(struct slice payload, struct close *ret_close)
{
    struct reader reader = reader_of(payload);
    struct close close = {.id = reader_text(&reader), .unit = reader_text(&reader)};
    const int64_t day = reader_signed(&reader);
    close.last_day = (int32_t)day;
    close.label = reader_text(&reader);
    *ret_close = close;
    return reader_done(&reader) && close.last_day == day && close.id.size >= CLOSE_ID_MIN &&
           close.id.size <= CLOSE_ID_MAX && close.unit.size >= 1 &&
           close.unit.size <= EVENT_CODE_MAX && close.label.size <= CLOSE_LABEL_MAX;
}
