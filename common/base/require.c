/* SPDX-License-Identifier: Apache-2.0
 *
 * The end of a process whose own invariant is broken. It writes to stderr because nothing else can
 * be trusted.
 */
#include "base/require.h"

#include <stdio.h>
#include <stdlib.h>

void require_failed(const char *condition, const char *file, int line)
{
    fprintf(stderr, "%s:%d: broken invariant: %s\n", file, line, condition);
    abort();
}
