/* SPDX-License-Identifier: Apache-2.0
 *
 * What is zero is left out, so most messages are short.
 */
#include "services/reporting/feed/totals_message.h"

#include "base/localday.h"
#include "services/reporting/engine/engine.h"

Hoso__V1__FeedHeader *header_message(struct arena *arena, const struct feed_place *place,
                                     uint64_t previous)
{
    Hoso__V1__FeedHeader *header = arena_alloc(arena, sizeof *header);
    Hoso__V1__Cut *cut = arena_alloc(arena, sizeof *cut);
    char day[DATE_TEXT_SIZE];
    localday_format(place->day, day);
    char *text = arena_string(arena, slice_text(day));
    if (header == NULL || cut == NULL || text == NULL) {
        return NULL;
    }
    hoso__v1__feed_header__init(header);
    hoso__v1__cut__init(cut);
    cut->incarnation = place->cut.incarnation;
    cut->position = place->cut.position;
    header->feed = place->feed;
    header->sequence = place->sequence;
    header->previous = previous;
    header->cut = cut;
    header->day = text;
    return header;
}

static char **path_texts(struct arena *arena, const struct totals *totals,
                         const struct totals_node *node, size_t *ret_count)
{
    const char *units[CATALOGUE_DEPTH_MAX];
    const unsigned count = totals_path(totals, node, units);
    char **texts = arena_array(arena, count, sizeof *texts);
    if (texts != NULL) {
        for (unsigned i = 0; i < count; i++) {
            texts[i] = arena_string(arena, slice_text(units[i]));
        }
        *ret_count = count;
    }
    return arena->exceeded ? NULL : texts;
}

static bool is_zero(const int64_t spans[TOTALS_SPANS])
{
    return spans[TOTALS_TODAY] == 0 && spans[TOTALS_MONTH] == 0 && spans[TOTALS_YEAR] == 0;
}

static bool add_flow(struct arena *arena, Hoso__V1__UnitTotals *message, enum measure measure,
                     const int64_t spans[TOTALS_SPANS])
{
    Hoso__V1__FlowTotal *flow = arena_alloc(arena, sizeof *flow);
    if (flow == NULL) {
        return false;
    }
    hoso__v1__flow_total__init(flow);
    flow->measure = message_text(measure_name(measure));
    flow->today = spans[TOTALS_TODAY];
    flow->month = spans[TOTALS_MONTH];
    flow->year = spans[TOTALS_YEAR];
    message->flows[message->n_flows++] = flow;
    return true;
}

static bool add_stock(struct arena *arena, Hoso__V1__UnitTotals *message, enum measure measure,
                      int64_t now)
{
    Hoso__V1__StockTotal *stock = arena_alloc(arena, sizeof *stock);
    if (stock == NULL) {
        return false;
    }
    hoso__v1__stock_total__init(stock);
    stock->measure = message_text(measure_name(measure));
    stock->now = now;
    message->stocks[message->n_stocks++] = stock;
    return true;
}

Hoso__V1__UnitTotals *totals_message(struct arena *arena, const struct totals *totals,
                                     const struct totals_node *node)
{
    Hoso__V1__UnitTotals *message = arena_alloc(arena, sizeof *message);
    if (message == NULL) {
        return NULL;
    }
    hoso__v1__unit_totals__init(message);
    message->path = path_texts(arena, totals, node, &message->n_path);
    message->flows = arena_array(arena, MEASURE_COUNT, sizeof(Hoso__V1__FlowTotal *));
    message->stocks = arena_array(arena, MEASURE_COUNT, sizeof(Hoso__V1__StockTotal *));
    bool room = message->path != NULL && message->flows != NULL && message->stocks != NULL;
    for (unsigned i = 0; i < MEASURE_COUNT && room; i++) {
        const int64_t *spans = node->sum.at[i];
        if (!is_zero(spans)) {
            const enum measure measure = (enum measure)i;
            room = measure_is_stock(measure)
                       ? add_stock(arena, message, measure, spans[TOTALS_TODAY])
                       : add_flow(arena, message, measure, spans);
        }
    }
    return room ? message : NULL;
}

Hoso__V1__UnitGone *gone_message(struct arena *arena, const struct totals *totals,
                                 const struct totals_node *node)
{
    Hoso__V1__UnitGone *message = arena_alloc(arena, sizeof *message);
    if (message == NULL) {
        return NULL;
    }
    hoso__v1__unit_gone__init(message);
    message->path = path_texts(arena, totals, node, &message->n_path);
    return message->path != NULL ? message : NULL;
}
