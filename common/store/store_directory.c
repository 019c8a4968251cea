/* SPDX-License-Identifier: Apache-2.0
 *
 * A store's directory and who owns it: made if missing, ours, writable, on a file system that keeps
 * what it is given, and locked.
 *
 * `owner.lock` holds the owner's pid and a word: "creating" until a new store is complete: a data
 * file that is shorter than its headers is then left over from a creation that was interrupted, and
 * not a damaged store. "damaged" once damage was met in a derived store.
 */
#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <linux/magic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "base/file.h"
#include "base/require.h"
#include "store/store_internal.h"

#define LOCK_FILE "owner.lock"

#ifndef CIFS_SUPER_MAGIC
#define CIFS_SUPER_MAGIC 0xFF534D42
#endif
#ifndef SMB2_SUPER_MAGIC
#define SMB2_SUPER_MAGIC 0xFE534D42
#endif
#ifndef VBOXSF_SUPER_MAGIC
#define VBOXSF_SUPER_MAGIC 0x786F4256
#endif

enum { DIRECTORY_MODE = 0700, LOCK_MODE = 0600, LOCK_TEXT_BYTES = 32 };

static const struct {
    unsigned long magic;
    const char *name;
    const char *why;
} refused_filesystems[] = {
    {NFS_SUPER_MAGIC, "NFS", "its locks and memory maps are not those of one machine"},
    {SMB_SUPER_MAGIC, "SMB", "its locks and memory maps are not those of one machine"},
    {SMB2_SUPER_MAGIC, "SMB", "its locks and memory maps are not those of one machine"},
    {CIFS_SUPER_MAGIC, "CIFS", "its locks and memory maps are not those of one machine"},
    {FUSE_SUPER_MAGIC, "FUSE (GlusterFS, sshfs, virtiofs and other mounts)",
     "two mounts of one directory would let two services write one store"},
    {V9FS_MAGIC, "9p", "its locks and memory maps are not those of one machine"},
    {VBOXSF_SUPER_MAGIC, "vboxsf", "its locks and memory maps are not those of one machine"},
    {CEPH_SUPER_MAGIC, "CephFS", "its locks and memory maps are not those of one machine"},
    {AFS_SUPER_MAGIC, "AFS", "its locks and memory maps are not those of one machine"},
    {OVERLAYFS_SUPER_MAGIC, "overlay", "it goes away with its container"},
    {TMPFS_MAGIC, "tmpfs", "it is memory and lost at a restart"},
    {RAMFS_MAGIC, "ramfs", "it is memory and lost at a restart"},
};

enum status store_errno_error(struct error *error, const char *doing, const char *path,
                              const char *hint)
{
    const int code = errno;
    return error_set(error, store_translate(NULL, code), "cannot %s %s: %s%s", doing, path,
                     strerror(code), hint);
}

const char *store_denied_hint(int code)
{
    return code == EACCES || code == EPERM
               ? ": it is another user's; give the whole directory to the user of this process "
                 "(chown -R)"
               : "";
}

static enum status check_filesystem(int directory_fd, const char *path, struct error *error)
{
    struct statfs filesystem;
    if (fstatfs(directory_fd, &filesystem) != 0) {
        return store_errno_error(error, "examine the file system of", path, "");
    }
    const size_t count = sizeof refused_filesystems / sizeof refused_filesystems[0];
    for (size_t i = 0; i < count; i++) {
        if (((unsigned long)filesystem.f_type & 0xFFFFFFFFUL) == refused_filesystems[i].magic) {
            return error_set(
                error, STATUS_DENIED,
                "the data directory %s is on %s, which cannot keep a store: %s. Put it "
                "on a local disk (ext4, xfs; in a container: a volume), or allow any file "
                "system in the settings if these data may be lost",
                path, refused_filesystems[i].name, refused_filesystems[i].why);
        }
    }
    return STATUS_OK;
}

static enum status refuse_owner(const char *path, uid_t owner, struct error *error)
{
    return error_set(error, STATUS_DENIED,
                     "the data directory %s belongs to user %u, this process runs as user %u: "
                     "run as its owner, or change the owner (chown -R)",
                     path, owner, geteuid());
}

static enum status check_owner(int directory_fd, const char *path, struct error *error)
{
    struct stat directory;
    if (fstat(directory_fd, &directory) != 0) {
        return store_errno_error(error, "examine", path, "");
    }
    if (directory.st_uid != geteuid()) {
        return refuse_owner(path, directory.st_uid, error);
    }
    if (faccessat(directory_fd, ".", R_OK | W_OK | X_OK, AT_EACCESS) != 0) {
        return store_errno_error(error, "write into the data directory", path,
                                 errno == EROFS ? ": mount a writable volume there"
                                                : ": make it writable for its owner (chmod u+rwx)");
    }
    return STATUS_OK;
}

static enum status cannot_make(const char *path, struct error *error)
{
    const char *hint = errno == ENOENT ? ": make its parent directory first"
                       : errno == EACCES
                           ? ": make it first, and give it to the user of this process"
                           : "";
    return store_errno_error(error, "make the data directory", path, hint);
}

/* Another user's directory may not even be searched. */
static enum status cannot_open(const char *path, struct error *error)
{
    struct stat directory;
    const int code = errno;
    if (code == EACCES && stat(path, &directory) == 0 && directory.st_uid != geteuid()) {
        return refuse_owner(path, directory.st_uid, error);
    }
    errno = code;
    return store_errno_error(error, "open the data directory", path, "");
}

enum status store_directory_open(struct store *store, const struct store_options *options,
                                 struct error *error)
{
    const char *path = options->path;
    const bool made = mkdir(path, DIRECTORY_MODE) == 0;
    if (!made && errno != EEXIST) {
        return cannot_make(path, error);
    }
    store->directory_fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (store->directory_fd < 0) {
        return cannot_open(path, error);
    }
    enum status status = made ? file_sync_parent(path, error) : STATUS_OK;
    if (status == STATUS_OK && !options->any_filesystem) {
        status = check_filesystem(store->directory_fd, path, error);
    }
    if (status == STATUS_OK) {
        status = check_owner(store->directory_fd, path, error);
    }
    return status;
}

/* The directory that `path` would be made in. */
static enum status check_parent(const char *path, bool any_filesystem, struct error *error)
{
    char *copy = strdup(path);
    if (copy == NULL) {
        return error_set(error, STATUS_IO, "cannot examine %s: out of memory", path);
    }
    const char *parent = dirname(copy);
    const int parent_fd = open(parent, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    enum status status = STATUS_OK;
    if (parent_fd < 0 || faccessat(parent_fd, ".", W_OK | X_OK, AT_EACCESS) != 0) {
        status = cannot_make(path, error);
    } else if (!any_filesystem) {
        status = check_filesystem(parent_fd, path, error);
    }
    if (parent_fd >= 0) {
        (void)close(parent_fd);
    }
    free(copy);
    return status;
}

enum status store_check_directory(const char *path, bool any_filesystem, bool *ret_there,
                                  struct error *error)
{
    *ret_there = false;
    const int directory_fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (directory_fd < 0) {
        return errno == ENOENT ? check_parent(path, any_filesystem, error)
                               : cannot_open(path, error);
    }
    enum status status = any_filesystem ? STATUS_OK : check_filesystem(directory_fd, path, error);
    if (status == STATUS_OK) {
        status = check_owner(directory_fd, path, error);
    }
    *ret_there = faccessat(directory_fd, STORE_DATA_FILE, F_OK, 0) == 0;
    (void)close(directory_fd);
    return status;
}

/* The lock file's text; empty if it cannot be read: it only makes messages clearer. */
static void read_lock(const struct store *store, char text[LOCK_TEXT_BYTES + 1])
{
    const ssize_t got = pread(store->lock_fd, text, LOCK_TEXT_BYTES, 0);
    text[got > 0 ? got : 0] = '\0';
}

static const char *const states[] = {
    [STORE_WHOLE] = "", [STORE_UNMADE] = "creating", [STORE_DAMAGED] = "damaged"};

/* Always the same length, over the old text: a full disk must not stop a restart. */
enum status store_lock_write(const struct store *store, const char *path, enum store_state state,
                             struct error *error)
{
    char text[LOCK_TEXT_BYTES + 1];
    const int size = snprintf(text, sizeof text, "%-20ld %-10s\n", (long)getpid(), states[state]);
    require(size == LOCK_TEXT_BYTES);
    if (pwrite(store->lock_fd, text, LOCK_TEXT_BYTES, 0) != LOCK_TEXT_BYTES ||
        fsync(store->lock_fd) != 0) {
        return store_errno_error(error, "write " LOCK_FILE " in", path, "");
    }
    return STATUS_OK;
}

enum status store_lock_take(struct store *store, const char *path, enum store_state *ret_left,
                            struct error *error)
{
    char text[LOCK_TEXT_BYTES + 1];
    store->lock_fd = openat(store->directory_fd, LOCK_FILE,
                            O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, LOCK_MODE);
    if (store->lock_fd < 0) {
        return store_errno_error(error, "open " LOCK_FILE " in", path, store_denied_hint(errno));
    }
    if (flock(store->lock_fd, LOCK_EX | LOCK_NB) != 0) {
        if (errno != EWOULDBLOCK) {
            return store_errno_error(error, "lock " LOCK_FILE " in", path, "");
        }
        read_lock(store, text);
        return error_set(error, STATUS_BUSY,
                         "the store in %s is in use by process %ld (as its own container counts): "
                         "stop that process, or give this one another data directory",
                         path, strtol(text, NULL, 10));
    }
    read_lock(store, text);
    *ret_left = strstr(text, states[STORE_UNMADE]) != NULL    ? STORE_UNMADE
                : strstr(text, states[STORE_DAMAGED]) != NULL ? STORE_DAMAGED
                                                              : STORE_WHOLE;
    return STATUS_OK;
}
