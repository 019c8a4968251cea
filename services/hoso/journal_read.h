/* SPDX-License-Identifier: Apache-2.0
 *
 * One question to intake's journal feed, for the commands that read the journal themselves.
 */
#ifndef HOSO_JOURNAL_READ_H
#define HOSO_JOURNAL_READ_H

#include "client/client.h"
#include "hoso/v1/journal.pb-c.h"

enum { JOURNAL_READ_BYTES = 4 << 20, JOURNAL_ARENA_BYTES = 64 << 20 };

/* The blocks from the one on that holds the position after `after_position`, about `max_bytes` and
 * at least one if there is one, and the journal's end; in the arena, which is reset first. The cut
 * is there. */
enum hoso_status journal_read(struct hoso_client *client, uint64_t after_position,
                              uint32_t max_bytes, struct arena *arena,
                              const Hoso__V1__ReadJournalReply **ret_reply,
                              struct hoso_error *error);
/* Tells intake, for its metrics, that all up to the position is in a backup. */
enum hoso_status journal_backed_up(struct hoso_client *client, uint64_t position,
                                   struct arena *arena, struct hoso_error *error);

#endif
