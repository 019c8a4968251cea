/* SPDX-License-Identifier: Apache-2.0
 *
 * The digits of a short form are the XXH3-64 of the ids, each closed by a NUL byte.
 */
#include "services/reporting/feed/topic.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <xxhash.h>

#include "base/require.h"

static bool is_plain(const char *unit)
{
    return strpbrk(unit, "/~") == NULL;
}

/* How many plain ids from the root on, joined by "/", fit into `max` bytes, and their size. */
static unsigned fitting(const char *const *units, unsigned count, size_t max, size_t *ret_size)
{
    size_t size = 0;
    unsigned taken = 0;
    while (taken < count && is_plain(units[taken])) {
        const size_t more = strlen(units[taken]) + (taken != 0);
        if (size + more > max) {
            break;
        }
        size += more;
        taken++;
    }
    *ret_size = size;
    return taken;
}

static size_t join(const char *const *units, unsigned count, char *path)
{
    size_t size = 0;
    for (unsigned i = 0; i < count; i++) {
        const size_t unit_size = strlen(units[i]);
        if (i != 0) {
            path[size++] = '/';
        }
        memcpy(path + size, units[i], unit_size);
        size += unit_size;
    }
    path[size] = '\0';
    return size;
}

static uint64_t hash_units(const char *const *units, unsigned count)
{
    XXH3_state_t *state = XXH3_createState();
    require(state != NULL && XXH3_64bits_reset(state) == XXH_OK);
    for (unsigned i = 0; i < count; i++) {
        require(XXH3_64bits_update(state, units[i], strlen(units[i]) + 1) == XXH_OK);
    }
    const uint64_t hash = XXH3_64bits_digest(state);
    (void)XXH3_freeState(state);
    return hash;
}

void topic_path(const char *const *units, unsigned count, char ret_path[TOPIC_PATH_MAX + 1])
{
    size_t size;
    require(count != 0);
    if (fitting(units, count, TOPIC_PATH_MAX, &size) == count) {
        (void)join(units, count, ret_path);
        return;
    }
    const unsigned head = fitting(units, count, TOPIC_HEAD_MAX, &size);
    size = join(units, head, ret_path);
    (void)snprintf(ret_path + size, TOPIC_PATH_MAX + 1 - size, "%s~%016" PRIx64,
                   head != 0 ? "/" : "", hash_units(units, count));
}

void topic_format(const char *kind, const char *path, char ret_topic[BUS_TOPIC_MAX + 1])
{
    const int size = snprintf(ret_topic, BUS_TOPIC_MAX + 1, "%s%s.", kind, path);
    require(size > 0 && size <= BUS_TOPIC_MAX);
}

void topic_below(const char *const *units, unsigned count, char ret_prefix[BUS_TOPIC_MAX + 1])
{
    size_t size;
    char path[TOPIC_PATH_MAX + 1];
    const unsigned head = fitting(units, count, TOPIC_HEAD_MAX, &size);
    (void)join(units, head, path);
    (void)snprintf(ret_prefix, BUS_TOPIC_MAX + 1, "%s%s%s", TOPIC_TOTALS, path,
                   head != 0 ? "/" : "");
}
