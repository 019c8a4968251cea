/* SPDX-License-Identifier: Apache-2.0
 *
 * GET /v1/series: the figures of each day, as GET /v1/totals writes them.
 */
#include "client/hoso_series.h"
#include "options/period.h"
#include "render/json.h"
#include "services/gateway/handlers.h"

/* What is 0 is left out. */
static void put_amounts(struct render_json *json, const char *name, const char *const *measures,
                        const int64_t *amounts, size_t count)
{
    json_put_object(json, name);
    for (size_t i = 0; i < count; i++) {
        if (amounts[i] != 0) {
            json_put_number(json, measures[i], amounts[i]);
        }
    }
    json_put_end(json);
}

static void put_series(struct render_json *json, const struct hoso_series *series,
                       const struct period *period)
{
    json_put_object(json, NULL);
    json_put_text(json, "unit", series->unit);
    json_put_text(json, "unitName", series->unit_name);
    json_put_object(json, "period");
    json_put_text(json, "from", period->from);
    json_put_text(json, "to", period->to);
    json_put_end(json);
    json_put_cut(json, series->cut.incarnation, series->cut.position);
    json_put_array(json, "days");
    for (size_t i = 0; i < series->count; i++) {
        const struct hoso_series_day *day = &series->days[i];
        json_put_object(json, NULL);
        json_put_text(json, "day", day->day);
        put_amounts(json, "flows", series->flows, day->flows, series->flow_count);
        put_amounts(json, "stocks", series->stocks, day->stocks, series->stock_count);
        json_put_end(json);
    }
    json_put_end(json);
    json_put_end(json);
    (void)fputc('\n', json->out);
}

void handle_series(struct web_request *request)
{
    struct period period;
    struct hoso_series *series = NULL;
    struct hoso_error error;
    struct web_print print;
    if (!handle_period(request, &period)) {
        return;
    }
    if (hoso_series_get(request->client, web_text(request, "unit"), period.from, period.to,
                        web_text(request, "treeAt"), &series, &error) != HOSO_OK) {
        web_fail_client(request, &error);
        return;
    }
    if (web_print_begin(request, &print)) {
        struct render_json json = render_json_to(print.out);
        put_series(&json, series, &period);
        web_print_answer_tagged(request, &print, true);
    }
    hoso_free(series);
}
