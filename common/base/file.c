/* SPDX-License-Identifier: Apache-2.0
 *
 * A new name in a directory is safe only when the directory is synced, too.
 */
#include "base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static enum status status_of(int code)
{
    switch (code) {
    case ENOENT:
        return STATUS_NOT_FOUND;
    case EEXIST:
        return STATUS_EXISTS;
    case EACCES:
    case EPERM:
    case EROFS:
        return STATUS_DENIED;
    case ENOSPC:
    case EDQUOT:
        return STATUS_FULL;
    default:
        return STATUS_IO;
    }
}

enum { GROUPS_MAX = 1024 };

enum status file_error(struct error *error, const char *doing, const char *path)
{
    const int code = errno;
    return error_set(error, status_of(code), "cannot %s %s: %s", doing, path, strerror(code));
}

static bool is_our_group(gid_t group)
{
    gid_t groups[GROUPS_MAX];
    const int count = getgroups(GROUPS_MAX, groups);
    bool ours = group == getegid();
    for (int i = 0; i < count && !ours; i++) {
        ours = groups[i] == group;
    }
    return ours;
}

mode_t file_forbidden_mode(const struct stat *info, mode_t forbidden_mode)
{
    const bool handed_out = info->st_uid == 0 && geteuid() != 0 && is_our_group(info->st_gid);
    return handed_out ? forbidden_mode & ~(mode_t)S_IRGRP : forbidden_mode;
}

/* What the user of this process can do about it: a mounted secret is root's. */
static enum status refuse_mode(const struct stat *info, const char *path, mode_t forbidden_mode,
                               struct error *error)
{
    const unsigned mode = (unsigned)info->st_mode & 07777U;
    if (info->st_uid == 0 && geteuid() != 0) {
        return error_set(error, STATUS_DENIED,
                         "%s: has mode %04o, too open: others could read or change it. It is "
                         "root's: have it mounted with mode 0440 and a group of user %u "
                         "(Kubernetes: defaultMode: 0440 and fsGroup; Swarm: mode: 0440 and gid)",
                         path, mode, (unsigned)geteuid());
    }
    return error_set(error, STATUS_DENIED,
                     "%s: has mode %04o, too open: others could read or change it; chmod %04o it",
                     path, mode, mode & ~(unsigned)forbidden_mode & 0777U);
}

static enum status check_mode(const struct stat *info, const char *path, mode_t forbidden_mode,
                              struct error *error)
{
    if (!S_ISREG(info->st_mode)) {
        return error_set(error, STATUS_INVALID, "%s: not a regular file", path);
    }
    return (info->st_mode & file_forbidden_mode(info, forbidden_mode)) == 0
               ? STATUS_OK
               : refuse_mode(info, path, forbidden_mode, error);
}

static enum status read_open(int fd, const char *path, mode_t forbidden_mode, struct buffer *text,
                             struct error *error)
{
    struct stat info;
    if (fstat(fd, &info) != 0) {
        return file_error(error, "examine", path);
    }
    const enum status status = check_mode(&info, path, forbidden_mode, error);
    if (status != STATUS_OK) {
        return status;
    }
    const size_t size = (size_t)info.st_size;
    uint8_t *at = buffer_room(text, size);
    if (at == NULL) {
        return error_set(error, STATUS_TOO_LARGE, "%s: larger than %zu bytes", path, text->max);
    }
    size_t done = 0;
    ssize_t got = 1;
    while (done < size && got != 0) {
        got = read(fd, at + done, size - done);
        if (got < 0 && errno != EINTR) {
            return file_error(error, "read", path);
        }
        done += got > 0 ? (size_t)got : 0;
    }
    text->size += done;
    return STATUS_OK;
}

enum status file_read(const char *path, mode_t forbidden_mode, struct buffer *text,
                      struct error *error)
{
    const int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (fd < 0) {
        return file_error(error, "open", path);
    }
    const enum status status = read_open(fd, path, forbidden_mode, text, error);
    (void)close(fd);
    return status;
}

static bool write_all(int fd, struct slice text)
{
    while (text.size != 0) {
        const ssize_t size = write(fd, text.data, text.size);
        if (size < 0 && errno != EINTR) {
            return false;
        }
        if (size > 0) {
            text = slice_of(text.data + size, text.size - (size_t)size);
        }
    }
    return true;
}

/* A file that is not complete is removed. */
static enum status write_file(const char *path, int flags, mode_t mode, struct slice text,
                              struct error *error)
{
    const int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC | O_NOFOLLOW | flags, mode);
    if (fd < 0) {
        return file_error(error, "make", path);
    }
    const bool written = fchmod(fd, mode) == 0 && write_all(fd, text) && fsync(fd) == 0;
    const enum status status = written ? STATUS_OK : file_error(error, "write", path);
    (void)close(fd);
    if (!written) {
        (void)unlink(path);
    }
    return status;
}

static bool cannot_sync_directories(int flags)
{
    return (flags & O_DIRECTORY) != 0 && (errno == EINVAL || errno == ENOTSUP || errno == ENOSYS);
}

static enum status sync_path(const char *path, int flags, struct error *error)
{
    const int fd = open(path, O_RDONLY | O_CLOEXEC | flags);
    const bool synced = fd >= 0 && (fsync(fd) == 0 || cannot_sync_directories(flags));
    const enum status status = synced ? STATUS_OK : file_error(error, "sync", path);
    if (fd >= 0) {
        (void)close(fd);
    }
    return status;
}

enum status file_sync_parent(const char *path, struct error *error)
{
    char copy[PATH_MAX];
    (void)snprintf(copy, sizeof copy, "%s", path);
    return sync_path(dirname(copy), O_DIRECTORY, error);
}

enum status file_put_in_place(const char *beside, const char *path, struct error *error)
{
    enum status status = sync_path(beside, 0, error);
    if (status == STATUS_OK && rename(beside, path) != 0) {
        status = file_error(error, "replace", path);
    }
    if (status != STATUS_OK) {
        (void)unlink(beside);
        return status;
    }
    return file_sync_parent(path, error);
}

enum status file_replace(const char *path, mode_t mode, struct slice text, struct error *error)
{
    char beside[PATH_MAX];
    if ((size_t)snprintf(beside, sizeof beside, "%s.new", path) >= sizeof beside) {
        return error_set(error, STATUS_INVALID, "%.80s…: the path is too long", path);
    }
    const enum status status = write_file(beside, O_TRUNC, mode, text, error);
    return status == STATUS_OK ? file_put_in_place(beside, path, error) : status;
}

enum status file_create(const char *path, mode_t mode, struct slice text, struct error *error)
{
    const enum status status = write_file(path, O_EXCL, mode, text, error);
    return status == STATUS_OK ? file_sync_parent(path, error) : status;
}
