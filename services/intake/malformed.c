/* SPDX-License-Identifier: Apache-2.0
 *
 * Both numbers stand before whatever is long in their messages, in every encoder we know of, so
 * looking stops at the first field that is not a number or the wanted message.
 */
#include "services/intake/malformed.h"

#include <stdlib.h>
#include <string.h>

#include "base/buffer.h"

enum wire_type { WIRE_VARINT = 0, WIRE_BYTES = 2 };
enum { REQUEST_ID = 1, REQUEST_APPEND = 3, APPEND_FIRST_SEQUENCE = 2 }; /* publisher.proto */

static unsigned tag_of(unsigned field, enum wire_type type)
{
    return field << 3 | (unsigned)type;
}

/* Takes numbers until the tag comes up, and stands behind it. */
static bool find_tag(struct reader *reader, unsigned wanted)
{
    while (reader_left(reader) > 0) {
        const uint64_t tag = reader_varint(reader);
        if (tag == wanted) {
            return !reader->failed;
        }
        if ((tag & 7) != WIRE_VARINT) {
            return false;
        }
        (void)reader_varint(reader);
    }
    return false;
}

uint64_t malformed_request_id(struct slice message)
{
    struct reader reader = reader_of(message);
    return find_tag(&reader, tag_of(REQUEST_ID, WIRE_VARINT)) ? reader_varint(&reader) : 0;
}

uint64_t malformed_first_sequence(struct slice message)
{
    struct reader reader = reader_of(message);
    if (!find_tag(&reader, tag_of(REQUEST_APPEND, WIRE_BYTES))) {
        return 0;
    }
    (void)reader_varint(&reader); /* the Append's length: what matters is at its beginning */
    return find_tag(&reader, tag_of(APPEND_FIRST_SEQUENCE, WIRE_VARINT)) ? reader_varint(&reader)
                                                                         : 0;
}

bool malformed_event(const char *text, struct arena *arena, struct admission_fault *ret_fault)
{
    static const char prefix[] = "append.events[";
    char *after;
    if (strncmp(text, prefix, sizeof prefix - 1) != 0) {
        return false;
    }
    const unsigned long index = strtoul(text + sizeof prefix - 1, &after, 10);
    const char *reason = strstr(after, ": ");
    if (after[0] != ']' || reason == NULL || index > UINT32_MAX) {
        return false;
    }
    const char *field = "";
    if (after[1] == '.') {
        field = arena_string(arena, slice_of(after + 2, (size_t)(reason - after - 2)));
    }
    ret_fault->index = (uint32_t)index;
    (void)event_fault_set(&ret_fault->fault, field != NULL ? field : "", "%s", reason + 2);
    return true;
}
