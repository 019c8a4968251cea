/* SPDX-License-Identifier: Apache-2.0
 *
 * Open addressing over at most half of the slots. The hash is FNV-1a: what is hashed are ids of our
 * own catalogue.
 */
#include "replica/changed_units.h"

#include "ledger/ledger.h"
#include "ledger/node.h"

void changed_units_clear(struct changed_units *changed)
{
    memset(changed, 0, sizeof *changed);
}

static uint32_t hash(struct slice unit)
{
    uint32_t hash = UINT32_C(2166136261);
    for (size_t i = 0; i < unit.size; i++) {
        hash = (hash ^ unit.data[i]) * UINT32_C(16777619);
    }
    return hash;
}

static void add(struct changed_units *changed, struct slice unit)
{
    uint32_t slot = hash(unit) % CHANGED_UNITS_SLOTS;
    while (changed->slots[slot] != 0) {
        if (slice_equal(slice_text(changed->units[changed->slots[slot] - 1]), unit)) {
            return;
        }
        slot = (slot + 1) % CHANGED_UNITS_SLOTS;
    }
    if (changed->count == CHANGED_UNITS_MAX || unit.size > EVENT_CODE_MAX) {
        changed->all = true;
        return;
    }
    memcpy(changed->units[changed->count], unit.data, unit.size);
    changed->units[changed->count][unit.size] = '\0';
    changed->slots[slot] = (uint16_t)++changed->count;
}

void changed_units_take(struct changed_units *changed, struct slice key)
{
    struct ledger_cell cell;
    if (slice_equal(key, ledger_catalogue_key())) {
        changed->catalogue = true;
    } else if (!changed->all && node_key_parse(key, &cell) && cell.all) {
        add(changed, cell.unit);
    }
}
