/* SPDX-License-Identifier: Apache-2.0
 *
 * Reads a file of blocks, one after the other, each checked as it comes.
 */
#ifndef HOSO_BACKUP_BACKUP_READER_H
#define HOSO_BACKUP_BACKUP_READER_H

#include "services/hoso/backup/backup.h"

struct backup_range {
    int fd;
    uint64_t from;
    uint64_t to; /* where the last block ends */
    const char *path;
};

struct backup_visiting {
    backup_visit *visit; /* may be NULL */
    void *context;
    bool any_chain;  /* the first block may follow any other: `chain` is set by it */
    uint64_t blocks; /* read */
};

/* CORRUPT and VERSION name path and byte. */
enum status backup_read(const struct backup_range *range, struct chain *chain,
                        struct backup_visiting *visiting, struct error *error) MUST_USE;

#endif
