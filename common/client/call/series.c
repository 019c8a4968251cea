/* SPDX-License-Identifier: Apache-2.0
 *
 * What a subtree counted, day by day.
 */
#include "client/hoso_series.h"

#include "client/call/read_internal.h"

static bool fill_series(struct hoso_series *series, const Hoso__V1__Series *wire)
{
    struct hoso_series_day *days = result_array(series, wire->n_days, sizeof *days);
    for (size_t i = 0; days != NULL && i < wire->n_days; i++) {
        const Hoso__V1__SeriesDay *day = wire->days[i];
        if (day->n_flows != wire->n_flows || day->n_stocks != wire->n_stocks) {
            return false;
        }
        days[i] = (struct hoso_series_day){day->day, day->flows, day->stocks};
    }
    *series = (struct hoso_series){.cut = cut_of(wire->cut),
                                   .unit = wire->unit,
                                   .unit_name = wire->unit_name,
                                   .flow_count = wire->n_flows,
                                   .stock_count = wire->n_stocks,
                                   .flows = (const char *const *)wire->flows,
                                   .stocks = (const char *const *)wire->stocks,
                                   .count = wire->n_days,
                                   .days = days};
    return days != NULL;
}

enum hoso_status hoso_series_get(struct hoso_client *client, const char *unit, const char *from,
                                 const char *to, const char *tree_at,
                                 struct hoso_series **ret_series, struct hoso_error *error)
{
    Hoso__V1__Period period = HOSO__V1__PERIOD__INIT;
    period.from = text_in(from);
    period.to = text_in(to);
    Hoso__V1__SeriesRequest asked = HOSO__V1__SERIES_REQUEST__INIT;
    asked.unit = text_in(unit);
    asked.period = &period;
    asked.tree_at = text_in(tree_at);
    Hoso__V1__ReportingRequest request = HOSO__V1__REPORTING_REQUEST__INIT;
    request.body_case = HOSO__V1__REPORTING_REQUEST__BODY_SERIES;
    request.series = &asked;

    struct hoso_series *series = result_new(sizeof *series);
    ProtobufCMessage *body = NULL;
    enum hoso_status status = ask_reporting(
        client, &request, HOSO__V1__REPORTING_REPLY__BODY_SERIES, series, &body, error);
    if (status == HOSO_OK && !fill_series(series, (const Hoso__V1__Series *)body)) {
        status = client_fail(error, HOSO_TOO_LARGE, NULL, "the series is too large or broken");
    }
    if (status != HOSO_OK) {
        hoso_free(series);
        return status;
    }
    *ret_series = series;
    return HOSO_OK;
}
