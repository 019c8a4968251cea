/* SPDX-License-Identifier: Apache-2.0
 *
 * Cuts as people and programs pass them on.
 */
#include "base/cut.h"

#include <string.h>

#include "base/text.h"

bool cut_parse(struct slice text, struct cut *ret_cut)
{
    const char *at = text.size != 0 ? memchr(text.data, '@', text.size) : NULL;
    struct cut cut;
    if (at == NULL) {
        return false;
    }
    const size_t size = (size_t)(at - (const char *)text.data);
    const struct slice rest = slice_of(at + 1, text.size - size - 1);
    if (!text_number(slice_of(text.data, size), UINT64_MAX, &cut.position) ||
        !text_number(rest, UINT64_MAX, &cut.incarnation) || cut.position == 0 ||
        cut.incarnation == 0) {
        return false;
    }
    *ret_cut = cut;
    return true;
}
