/* SPDX-License-Identifier: Apache-2.0
 *
 * For LD_PRELOAD: the next fdatasync after the file named by HOSO_FAIL_SYNC appeared fails once, as
 * a disk does that lost a write; the file is gone then.
 */
#include <dlfcn.h>
#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

int fdatasync(int fd)
{
    int (*next)(int) = NULL;
    const char *trigger = getenv("HOSO_FAIL_SYNC");
    if (trigger != NULL && unlink(trigger) == 0) {
        errno = EIO;
        return -1;
    }
    *(void **)&next = dlsym(RTLD_NEXT, "fdatasync");
    return next(fd);
}
