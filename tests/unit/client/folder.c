/* SPDX-License-Identifier: Apache-2.0
 *
 * Under /tmp, with all that is in it.
 */
#include "tests/unit/client/folder.h"

#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/require.h"

enum { DEPTH = 8 };

void folder_make(char path[FOLDER_MAX])
{
    (void)snprintf(path, FOLDER_MAX, "/tmp/hoso-test-XXXXXX");
    require(mkdtemp(path) != NULL);
}

static int remove_one(const char *path, const struct stat *info, int type, struct FTW *place)
{
    (void)info;
    (void)type;
    (void)place;
    return remove(path);
}

void folder_remove(const char *path)
{
    require(nftw(path, remove_one, DEPTH, FTW_DEPTH | FTW_PHYS) == 0);
}
