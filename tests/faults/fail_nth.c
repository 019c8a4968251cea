/* SPDX-License-Identifier: Apache-2.0
 *
 * For LD_PRELOAD: one call that fails. HOSO_FAIL_CALL names it: "write" (pwrite, writev and
 * pwritev, the first of a commit's), "sync" (fdatasync and fsync) or "malloc" (calloc and realloc,
 * too). From the moment at which the file HOSO_FAIL_ARMED exists calls are counted; the one with
 * the number HOSO_FAIL_AT fails, and the file HOSO_FAIL_HIT is made. HOSO_NO_SYNC: syncs do
 * nothing and say that all is well, the negative control of power cuts.
 */
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/uio.h>
#include <unistd.h>

void *__libc_malloc(size_t size);
void *__libc_calloc(size_t count, size_t size);
void *__libc_realloc(void *old, size_t size);

static atomic_bool armed;
static atomic_long calls;

static bool fails(const char *call)
{
    const char *wanted = getenv("HOSO_FAIL_CALL");
    if (wanted == NULL || strcmp(wanted, call) != 0) {
        return false;
    }
    const char *file = getenv("HOSO_FAIL_ARMED");
    if (!atomic_load(&armed)) {
        if (file == NULL || access(file, F_OK) != 0) {
            return false;
        }
        atomic_store(&armed, true);
    }
    const char *at = getenv("HOSO_FAIL_AT");
    if (at == NULL || atomic_fetch_add(&calls, 1) + 1 != strtol(at, NULL, 10)) {
        return false;
    }
    const int hit = open(getenv("HOSO_FAIL_HIT"), O_CREAT | O_WRONLY | O_CLOEXEC, 0600);
    if (hit >= 0) {
        (void)close(hit);
    }
    errno = strcmp(call, "malloc") == 0 ? ENOMEM : EIO;
    return true;
}

#define NEXT(pointer, name) (*(void **)&(pointer) = dlsym(RTLD_NEXT, name))

ssize_t pwrite(int fd, const void *bytes, size_t size, off_t at)
{
    ssize_t (*next)(int, const void *, size_t, off_t);
    NEXT(next, "pwrite");
    return fails("write") ? -1 : next(fd, bytes, size, at);
}

ssize_t writev(int fd, const struct iovec *parts, int count)
{
    ssize_t (*next)(int, const struct iovec *, int);
    NEXT(next, "writev");
    return fails("write") ? -1 : next(fd, parts, count);
}

ssize_t pwritev(int fd, const struct iovec *parts, int count, off_t at)
{
    ssize_t (*next)(int, const struct iovec *, int, off_t);
    NEXT(next, "pwritev");
    return fails("write") ? -1 : next(fd, parts, count, at);
}

static int sync_call(const char *name, int fd)
{
    int (*next)(int);
    if (getenv("HOSO_NO_SYNC") != NULL) {
        return 0;
    }
    NEXT(next, name);
    return fails("sync") ? -1 : next(fd);
}

int fdatasync(int fd)
{
    return sync_call("fdatasync", fd);
}

int fsync(int fd)
{
    return sync_call("fsync", fd);
}

int msync(void *start, size_t size, int flags)
{
    int (*next)(void *, size_t, int);
    if (getenv("HOSO_NO_SYNC") != NULL) {
        return 0;
    }
    NEXT(next, "msync");
    return next(start, size, flags);
}

void *malloc(size_t size)
{
    return fails("malloc") ? NULL : __libc_malloc(size);
}

void *calloc(size_t count, size_t size)
{
    return fails("malloc") ? NULL : __libc_calloc(count, size);
}

void *realloc(void *old, size_t size)
{
    return fails("malloc") ? NULL : __libc_realloc(old, size);
}
