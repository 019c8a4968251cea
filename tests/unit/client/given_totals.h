/* SPDX-License-Identifier: Apache-2.0
 *
 * Messages and snapshots of a small feed, for tests of whoever follows it: units "P", "P/A", "P/B",
 * each with received = {value, value, value} and processing_in_time = value.
 */
#ifndef HOSO_TESTS_UNIT_CLIENT_GIVEN_TOTALS_H
#define HOSO_TESTS_UNIT_CLIENT_GIVEN_TOTALS_H

#include "base/buffer.h"
#include "hoso/v1/totals.pb-c.h"

enum given_kind { GIVEN_TOTALS, GIVEN_GONE, GIVEN_BEAT, GIVEN_RESET, GIVEN_UNKNOWN, GIVEN_GARBAGE };

struct given_message {
    enum given_kind kind;
    const char *path; /* "P/A"; of a heartbeat "" = of the whole feed */
    uint64_t feed, sequence;
    uint64_t previous; /* of a heartbeat: messages */
    int64_t value;     /* of the unit; the cut's position is the sequence */
};

struct given_unit {
    const char *path;
    uint64_t sequence;
    int64_t value;
};

struct given_snapshot {
    uint64_t feed, sequence, messages;
    const char *root; /* a path; "" = the whole feed */
    const struct given_unit *units;
    size_t count;
};

/* Packed, and its topic. */
void given_message_pack(const struct given_message *given, char *topic, struct buffer *payload);

/* The caller unpacks it anew each time; `buffer` is cleared first. */
void given_snapshot_pack(const struct given_snapshot *given, struct buffer *buffer);

#endif
