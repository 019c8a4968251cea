/* SPDX-License-Identifier: Apache-2.0
 *
 * For LD_PRELOAD: the next fdatasync after the file named by HOSO_FAIL_SYNC appeared fails once, as
 * a disk does that lost a write; the file is gone then. While the file named by HOSO_HOLD_SYNC is
 * there, neither fdatasync nor fsync returns, as with a disk that is slow.
 */
#include <dlfcn.h>
#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <unistd.h>

static int pass_on(const char *name, int fd)
{
    int (*next)(int) = NULL;
    const char *hold = getenv("HOSO_HOLD_SYNC");
    while (hold != NULL && access(hold, F_OK) == 0) {
        (void)poll(NULL, 0, 1);
    }
    *(void **)&next = dlsym(RTLD_NEXT, name);
    return next(fd);
}

int fsync(int fd)
{
    return pass_on("fsync", fd);
}

int fdatasync(int fd)
{
    const char *trigger = getenv("HOSO_FAIL_SYNC");
    if (trigger != NULL && unlink(trigger) == 0) {
        errno = EIO;
        return -1;
    }
    return pass_on("fdatasync", fd);
}
