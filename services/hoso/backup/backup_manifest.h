/* SPDX-License-Identifier: Apache-2.0
 *
 * What a backup's text file `manifest` says (docs/journal-format.md): which journal, how far, and
 * the hash that proves every block. Pure.
 */
#ifndef HOSO_BACKUP_BACKUP_MANIFEST_H
#define HOSO_BACKUP_BACKUP_MANIFEST_H

#include "base/buffer.h"
#include "base/localday.h"
#include "journal/chain.h"

enum { MANIFEST_BYTES_MAX = 4096, HASH_TEXT_SIZE = 2 * BLOCK_HASH_SIZE + 1 };

struct backup_manifest {
    uint64_t incarnation;
    struct chain chain; /* its end */
    uint64_t blocks;
    uint64_t bytes;          /* of the file `blocks` */
    uint64_t last;           /* where its last block begins */
    int64_t journaled_at_ms; /* of the last block; 0 = there is none */
    int64_t created_at_ms;   /* when this manifest was written */
};

void hash_text(const uint8_t hash[BLOCK_HASH_SIZE], char text[HASH_TEXT_SIZE]);
/* RFC 3339, or "-" for 0. */
void manifest_time(int64_t ms, char text[TIME_TEXT_SIZE]);
void manifest_write(const struct backup_manifest *manifest, struct buffer *text);
/* `path` is for the sentence. VERSION, or CORRUPT with the line and what is wrong. */
enum status manifest_parse(struct slice text, const char *path,
                           struct backup_manifest *ret_manifest, struct error *error) MUST_USE;

#endif
