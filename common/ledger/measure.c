/* SPDX-License-Identifier: Apache-2.0
 *
 * The measures' names, types and labels, out of the one list.
 */
#include "ledger/measure.h"

#include "base/require.h"

enum measure_type { FLOW, STOCK };

struct measure_row {
    const char *name;
    enum measure_type type;
    const char *label_vi;
    const char *label_en;
};

static const struct measure_row measures[MEASURE_COUNT] = {
#define MEASURE_ROW(name, id, type, vi, en) [MEASURE_##name] = {id, type, vi, en},
    MEASURE_LIST(MEASURE_ROW)
#undef MEASURE_ROW
};

uint32_t slots_of(enum channel channel, enum service_level level)
{
    uint32_t slots = 0;
    for (unsigned slot = 0; slot < SLOT_COUNT; slot++) {
        const bool channel_fits = channel == CHANNEL_NONE || slot / 4U == (unsigned)channel;
        const bool level_fits = level == LEVEL_NONE_GIVEN || slot % 4U == (unsigned)level;
        if (channel_fits && level_fits) {
            slots |= UINT32_C(1) << slot;
        }
    }
    return slots;
}

uint32_t slots_of_class(enum petition_class petition_class)
{
    return petition_class == CLASS_NONE ? SLOTS_ALL : UINT32_C(1) << (unsigned)petition_class;
}

const char *measure_name(enum measure measure)
{
    require(measure < MEASURE_COUNT);
    return measures[measure].name;
}

const char *measure_label(enum measure measure, bool english)
{
    require(measure < MEASURE_COUNT);
    return english ? measures[measure].label_en : measures[measure].label_vi;
}

bool measure_is_stock(enum measure measure)
{
    require(measure < MEASURE_COUNT);
    return measures[measure].type == STOCK;
}

enum measure measure_of(struct slice name)
{
    unsigned measure = 0;
    while (measure < MEASURE_COUNT && !slice_equal(name, slice_text(measures[measure].name))) {
        measure++;
    }
    return (enum measure)measure;
}
