/* SPDX-License-Identifier: Apache-2.0
 *
 * Writing: `blocks` grows by pwrite behind the manifest's end; a commit is fdatasync, reading back,
 * then a new manifest under another name, fsync, rename, fsync of the directory.
 */
#include "services/hoso/backup/backup.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/file.h"
#include "services/hoso/backup/backup_reader.h"

enum { DIRECTORY_MODE = 0700, FILE_MODE = 0600 };
#define MANIFEST "manifest"
#define BLOCKS "blocks"
#define RESERVE_BYTES (UINT64_C(256) << 20)

struct backup {
    const char *path;
    int directory_fd;
    int fd; /* of `blocks` */
    struct backup_manifest committed;
    struct backup_manifest now;
    struct buffer text;
};

/* Of <directory>/<name>; errno says why. */
static enum status io_error(const struct backup *backup, const char *doing, const char *name,
                            struct error *error)
{
    char path[PATH_MAX];
    const int code = errno;
    (void)snprintf(path, sizeof path, "%s/%s", backup->path, name);
    errno = code;
    return file_error(error, doing, path);
}

static void manifest_path(const struct backup *backup, char path[PATH_MAX])
{
    (void)snprintf(path, PATH_MAX, "%s/" MANIFEST, backup->path);
}

/* OK with blocks = 0 and incarnation = 0 if there is no manifest yet. */
static enum status read_manifest(struct backup *backup, struct error *error)
{
    char path[PATH_MAX];
    struct buffer text;
    manifest_path(backup, path);
    buffer_init(&text, MANIFEST_BYTES_MAX);
    enum status status = file_read(path, 0, &text, error);
    if (status == STATUS_OK) {
        status = manifest_parse(buffer_slice(&text), path, &backup->committed, error);
    } else if (status == STATUS_NOT_FOUND) {
        status = STATUS_OK;
    }
    buffer_fini(&text);
    backup->now = backup->committed;
    return status;
}

/* The file must reach as far as the manifest says; without a manifest it must be empty. */
static enum status check_size(const struct backup *backup, struct error *error)
{
    struct stat file;
    if (fstat(backup->fd, &file) != 0) {
        return io_error(backup, "examine", BLOCKS, error);
    }
    const uint64_t size = (uint64_t)file.st_size;
    if (backup->committed.incarnation == 0 && size != 0) {
        return error_set(error, STATUS_CORRUPT,
                         "%s/" BLOCKS " has no " MANIFEST " beside it: the backup is damaged",
                         backup->path);
    }
    if (size < backup->committed.bytes) {
        return error_set(error, STATUS_CORRUPT,
                         "%s/" BLOCKS " was cut short: it has %" PRIu64 " bytes of %" PRIu64,
                         backup->path, size, backup->committed.bytes);
    }
    return STATUS_OK;
}

static enum status open_files(struct backup *backup, bool write, struct error *error)
{
    const int flags = write ? O_RDWR | O_CREAT : O_RDONLY;
    backup->directory_fd = open(backup->path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (backup->directory_fd < 0) {
        return io_error(backup, "open", "", error);
    }
    backup->fd = openat(backup->directory_fd, BLOCKS, flags | O_CLOEXEC | O_NOFOLLOW, FILE_MODE);
    if (backup->fd < 0) {
        return io_error(backup, "open", BLOCKS, error);
    }
    if (flock(backup->fd, (write ? LOCK_EX : LOCK_SH) | LOCK_NB) != 0) {
        return errno == EWOULDBLOCK
                   ? error_set(error, STATUS_BUSY, "another hoso is at work on %s: wait for it",
                               backup->path)
                   : io_error(backup, "lock", BLOCKS, error);
    }
    const enum status status = read_manifest(backup, error);
    return status == STATUS_OK ? check_size(backup, error) : status;
}

static struct backup *new_backup(const char *path)
{
    struct backup *backup = calloc(1, sizeof *backup);
    if (backup != NULL) {
        backup->path = path;
        backup->directory_fd = -1;
        backup->fd = -1;
        buffer_init(&backup->text, MANIFEST_BYTES_MAX);
    }
    return backup;
}

void backup_close(struct backup *backup)
{
    if (backup == NULL) {
        return;
    }
    if (backup->fd >= 0) {
        (void)close(backup->fd);
    }
    if (backup->directory_fd >= 0) {
        (void)close(backup->directory_fd);
    }
    buffer_fini(&backup->text);
    free(backup);
}

enum status backup_open_to_read(const char *path, struct backup **ret_backup, struct error *error)
{
    struct backup *backup = new_backup(path);
    if (backup == NULL) {
        return error_set(error, STATUS_TOO_LARGE, "no memory for a backup");
    }
    enum status status = open_files(backup, false, error);
    if (status == STATUS_OK && backup->committed.incarnation == 0) {
        status = error_set(error, STATUS_NOT_FOUND, "%s holds no " MANIFEST " of a backup", path);
    } else if (status == STATUS_OK && backup->committed.blocks == 0) {
        status = error_set(error, STATUS_NOT_FOUND,
                           "%s holds nothing: no backup into it was finished, or the journal was "
                           "empty; run hoso backup again",
                           path);
    }
    if (status != STATUS_OK) {
        backup_close(backup);
        return status;
    }
    *ret_backup = backup;
    return STATUS_OK;
}

/* Reads [from, to) of `blocks`: `chain` moves on from what came before it. */
static enum status read_range(const struct backup *backup, uint64_t from, uint64_t to,
                              struct chain *chain, struct backup_visiting *visiting,
                              struct error *error)
{
    char path[512];
    (void)snprintf(path, sizeof path, "%s/" BLOCKS, backup->path);
    const struct backup_range range = {backup->fd, from, to, path};
    return backup_read(&range, chain, visiting, error);
}

/* Is the end what the manifest says? Then the chain can go on from it. */
static enum status check_end(const struct backup *backup, struct error *error)
{
    const struct backup_manifest *manifest = &backup->committed;
    struct chain end = {0};
    struct backup_visiting visiting = {.any_chain = true};
    if (manifest->blocks == 0) {
        return STATUS_OK;
    }
    const enum status status =
        read_range(backup, manifest->last, manifest->bytes, &end, &visiting, error);
    if (status == STATUS_OK && memcmp(&end, &manifest->chain, sizeof end) != 0) {
        return error_set(error, STATUS_CORRUPT,
                         "%s/" BLOCKS ": the last block is not the one that " MANIFEST " names",
                         backup->path);
    }
    return status;
}

enum status backup_open(const char *path, struct backup **ret_backup, struct error *error)
{
    struct backup *backup = new_backup(path);
    if (backup == NULL) {
        return error_set(error, STATUS_TOO_LARGE, "no memory for a backup");
    }
    const bool made = mkdir(path, DIRECTORY_MODE) == 0;
    enum status status =
        made || errno == EEXIST ? STATUS_OK : io_error(backup, "make the directory", "", error);
    if (status == STATUS_OK) {
        status = open_files(backup, true, error);
    }
    if (status == STATUS_OK) {
        status = check_end(backup, error);
    }
    if (status == STATUS_OK && ftruncate(backup->fd, (off_t)backup->committed.bytes) != 0) {
        status = io_error(backup, "shorten", BLOCKS, error);
    }
    if (status == STATUS_OK && made) {
        status = file_sync_parent(backup->path, error);
    }
    if (status != STATUS_OK) {
        backup_close(backup);
        return status;
    }
    *ret_backup = backup;
    return STATUS_OK;
}

const struct backup_manifest *backup_manifest(const struct backup *backup)
{
    return &backup->committed;
}

uint64_t backup_position(const struct backup *backup)
{
    return backup->now.chain.position;
}

uint64_t backup_uncommitted(const struct backup *backup)
{
    return backup->now.bytes - backup->committed.bytes;
}

static enum status write_all(const struct backup *backup, int fd, struct slice bytes,
                             uint64_t offset, const char *name, struct error *error)
{
    while (bytes.size > 0) {
        const ssize_t written = pwrite(fd, bytes.data, bytes.size, (off_t)offset);
        if (written < 0 && errno == EINTR) {
            continue;
        }
        if (written <= 0) {
            return io_error(backup, "write", name, error);
        }
        bytes = slice_of(bytes.data + written, bytes.size - (size_t)written);
        offset += (uint64_t)written;
    }
    return STATUS_OK;
}

static enum status write_manifest(struct backup *backup, struct error *error)
{
    char path[PATH_MAX];
    manifest_path(backup, path);
    manifest_write(&backup->now, &backup->text);
    enum status status = buffer_status(&backup->text);
    if (status == STATUS_OK) {
        status = file_replace(path, FILE_MODE, buffer_slice(&backup->text), error);
    }
    if (status == STATUS_OK) {
        backup->committed = backup->now;
    }
    return status;
}

enum status backup_begin(struct backup *backup, uint64_t incarnation, struct error *error)
{
    backup->now.incarnation = incarnation;
    backup->now.created_at_ms = clock_unix_ms();
    return write_manifest(backup, error);
}

static enum status check_room(const struct backup *backup, size_t bytes, struct error *error)
{
    struct statvfs disk;
    if (fstatvfs(backup->directory_fd, &disk) != 0) {
        return io_error(backup, "examine the disk of", "", error);
    }
    const uint64_t room = (uint64_t)disk.f_bavail * disk.f_frsize;
    return room >= RESERVE_BYTES + bytes
               ? STATUS_OK
               : error_set(error, STATUS_FULL,
                           "the disk of %s has %" PRIu64 " MiB left, and %" PRIu64
                           " MiB stay free: make room, or back up to a larger disk",
                           backup->path, room >> 20, RESERVE_BYTES >> 20);
}

enum status backup_append(struct backup *backup, struct slice bytes, struct error *error)
{
    struct backup_manifest next = backup->now;
    struct block block;
    enum status status = chain_follow(&next.chain, bytes, &block, error);
    if (status == STATUS_OK) {
        status = check_room(backup, bytes.size, error);
    }
    if (status == STATUS_OK) {
        status = write_all(backup, backup->fd, bytes, next.bytes, BLOCKS, error);
    }
    if (status == STATUS_OK) {
        next.blocks++;
        next.last = next.bytes;
        next.bytes += bytes.size;
        next.journaled_at_ms = block.journaled_at_ms;
        backup->now = next;
    }
    return status;
}

/* From the disk rather than from memory, as far as the kernel allows that. */
static enum status read_back(const struct backup *backup, struct error *error)
{
    struct chain chain = backup->committed.chain;
    struct backup_visiting visiting = {0};
    (void)posix_fadvise(backup->fd, (off_t)backup->committed.bytes,
                        (off_t)backup_uncommitted(backup), POSIX_FADV_DONTNEED);
    const enum status status =
        read_range(backup, backup->committed.bytes, backup->now.bytes, &chain, &visiting, error);
    if (status == STATUS_OK && memcmp(&chain, &backup->now.chain, sizeof chain) != 0) {
        return error_set(error, STATUS_CORRUPT, "%s/" BLOCKS " does not read as it was written",
                         backup->path);
    }
    return status;
}

enum status backup_commit(struct backup *backup, struct error *error)
{
    if (fdatasync(backup->fd) != 0) {
        return io_error(backup, "sync", BLOCKS, error);
    }
    backup->now.created_at_ms = clock_unix_ms();
    const enum status status = read_back(backup, error);
    return status == STATUS_OK ? write_manifest(backup, error) : status;
}

enum status backup_walk(struct backup *backup, backup_visit *visit, void *context,
                        struct error *error)
{
    const struct backup_manifest *manifest = &backup->committed;
    struct backup_visiting visiting = {.visit = visit, .context = context};
    struct chain chain = {0};
    const enum status status = read_range(backup, 0, manifest->bytes, &chain, &visiting, error);
    if (status == STATUS_OK && (memcmp(&chain, &manifest->chain, sizeof chain) != 0 ||
                                visiting.blocks != manifest->blocks)) {
        return error_set(error, STATUS_CORRUPT,
                         "%s/" BLOCKS " holds other blocks than " MANIFEST " describes",
                         backup->path);
    }
    return status;
}
