/* SPDX-License-Identifier: Apache-2.0
 *
 * For LD_PRELOAD: a disk that is nearly full. HOSO_FREE_BYTES=FILE: while the file exists, every
 * file system has as many bytes left as it says.
 */
#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/statvfs.h>

int fstatvfs(int fd, struct statvfs *disk)
{
    int (*next)(int, struct statvfs *) = NULL;
    *(void **)&next = dlsym(RTLD_NEXT, "fstatvfs");
    const int code = next(fd, disk);
    const char *path = getenv("HOSO_FREE_BYTES");
    FILE *file = path != NULL ? fopen(path, "re") : NULL;
    unsigned long long bytes;
    if (file != NULL) {
        if (code == 0 && fscanf(file, "%llu", &bytes) == 1) {
            disk->f_bavail = bytes / disk->f_frsize;
        }
        (void)fclose(file);
    }
    return code;
}
