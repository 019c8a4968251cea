/* SPDX-License-Identifier: Apache-2.0
 *
 * Small files, read and written whole. What is written is on the disk, with its name, before the
 * call returns. Errors name the path: NOT_FOUND, EXISTS, DENIED, FULL or IO by errno, and what is
 * said below.
 */
#ifndef HOSO_BASE_FILE_H
#define HOSO_BASE_FILE_H

#include <sys/stat.h>
#include <sys/types.h>

#include "base/buffer.h"
#include "base/slice.h"
#include "base/status.h"

/* "cannot <doing> <path>: <errno's text>", with the status of errno. */
enum status file_error(struct error *error, const char *doing, const char *path) MUST_USE;

/* `forbidden_mode` for this file: its group may read it where root owns it and the group is one of
 * this process's, which is not root's. So Kubernetes and Swarm hand out secrets. */
mode_t file_forbidden_mode(const struct stat *info, mode_t forbidden_mode);

/* Appends a regular file to `text`, whose maximum is the file's. `forbidden_mode`: permission bits
 * that the file must not have (077 for secrets) as file_forbidden_mode says, or DENIED. INVALID =
 * not a regular file, TOO_LARGE. A file that grows while it is read is read as far as it went
 * before. */
enum status file_read(const char *path, mode_t forbidden_mode, struct buffer *text,
                      struct error *error) MUST_USE;

/* Puts a file with this text in the place of `path`: a reader finds the old one or the new one,
 * whole. It is first written beside it, as path.new. */
enum status file_replace(const char *path, mode_t mode, struct slice text,
                         struct error *error) MUST_USE;

/* The second half of that, for a file that was written beside `path` by other means; removed if it
 * cannot take the place. */
enum status file_put_in_place(const char *beside, const char *path, struct error *error) MUST_USE;

/* Makes a file that must not exist yet. */
enum status file_create(const char *path, mode_t mode, struct slice text,
                        struct error *error) MUST_USE;

/* Puts the directory in which `path` is, and so the name of a new file or directory, on the disk.
 * Where the file system has no such call for directories, as some shares do, it is OK. */
enum status file_sync_parent(const char *path, struct error *error) MUST_USE;

#endif
