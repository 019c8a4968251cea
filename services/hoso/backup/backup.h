/* SPDX-License-Identifier: Apache-2.0
 *
 * A backup is a directory with two files (docs/journal-format.md): `blocks`, the journal's blocks
 * as they are, one after the other, and `manifest`, which says how much of it counts. A backup only
 * ever grows: what was written once is not written again, and the manifest moves on when what it
 * speaks of is on disk and was read back. So it is whole at any moment, whatever is killed.
 *
 * A backup that is open for writing is locked. One thread.
 */
#ifndef HOSO_BACKUP_BACKUP_H
#define HOSO_BACKUP_BACKUP_H

#include "services/hoso/backup/backup_manifest.h"

struct backup;

/* For writing: made if it is not there; what an interrupted one left behind the manifest's end is
 * cut off. BUSY, CORRUPT, VERSION, IO, DENIED, FULL. */
enum status backup_open(const char *path, struct backup **ret_backup, struct error *error) MUST_USE;
/* For reading; nothing is changed. NOT_FOUND = there is none. */
enum status backup_open_to_read(const char *path, struct backup **ret_backup,
                                struct error *error) MUST_USE;
void backup_close(struct backup *backup); /* NULL-safe; what is not committed is lost */

/* As committed; of a new backup all zeros, until it is begun. */
const struct backup_manifest *backup_manifest(const struct backup *backup);
/* Of a new backup: of which journal it is. */
enum status backup_begin(struct backup *backup, uint64_t incarnation, struct error *error) MUST_USE;
/* Appends the next block of the chain. CORRUPT = it does not follow; FULL = the disk is at its
 * reserve, which is that of a store: a backup must not take the last room from a service. */
enum status backup_append(struct backup *backup, struct slice bytes, struct error *error) MUST_USE;
/* How far it is, committed or not. */
uint64_t backup_position(const struct backup *backup);
uint64_t backup_uncommitted(const struct backup *backup); /* bytes */
/* Syncs, reads back what is new, and moves the manifest on. */
enum status backup_commit(struct backup *backup, struct error *error) MUST_USE;

/* A block that was read and follows the ones before it. Anything but OK ends the walk. */
typedef enum status backup_visit(void *context, struct slice bytes, const struct block *block,
                                 const struct chain *chain, struct error *error);
/* Reads every block that the manifest speaks of, and checks each, their chain, and the manifest.
 * CORRUPT names file and place. `visit` may be NULL. */
enum status backup_walk(struct backup *backup, backup_visit *visit, void *context,
                        struct error *error) MUST_USE;

#endif
