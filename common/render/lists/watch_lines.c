/* SPDX-License-Identifier: Apache-2.0
 *
 * Numbers over 53 bits (feed, incarnation) are texts, as in the other results.
 */
#include "render/lists/watch_lines.h"

#include "render/json.h"

static struct render_json begin(FILE *out, const char *type)
{
    struct render_json json = render_json_to(out);
    json_put_object(&json, NULL);
    json_put_text(&json, "type", type);
    return json;
}

static void end(struct render_json *json)
{
    json_put_end(json);
    (void)fputc('\n', json->out);
}

static void put_place(struct render_json *json, const struct hoso_watch_info *info)
{
    json_put_text(json, "day", info->day);
    json_put_cut(json, info->cut.incarnation, info->cut.position);
}

static void put_path(struct render_json *json, const struct hoso_unit_totals *unit)
{
    json_put_text(json, "unit", unit->unit);
    json_put_array(json, "path");
    for (size_t i = 0; i < unit->path_count; i++) {
        json_put_text(json, NULL, unit->path[i]);
    }
    json_put_end(json);
}

void watch_line_state(FILE *out, const struct hoso_watch_info *info)
{
    struct render_json json = begin(out, "state");
    json_put_text(&json, "state", hoso_watch_state_text(info->state));
    json_put_id(&json, "feed", info->feed);
    json_put_number(&json, "ageMs", info->age_ms);
    json_put_number(&json, "resyncs", (int64_t)info->resyncs);
    json_put_optional(&json, "why", info->why);
    end(&json);
}

void watch_line_unit(FILE *out, const struct hoso_watch_info *info,
                     const struct hoso_unit_totals *unit, const char *name)
{
    struct render_json json = begin(out, "unit");
    put_path(&json, unit);
    json_put_optional(&json, "name", name);
    put_place(&json, info);
    json_put_object(&json, "flows");
    for (size_t i = 0; i < unit->flow_count; i++) {
        const struct hoso_flow_total *flow = &unit->flows[i];
        json_put_object(&json, flow->measure);
        json_put_number(&json, "today", flow->today);
        json_put_number(&json, "month", flow->month);
        json_put_number(&json, "year", flow->year);
        json_put_end(&json);
    }
    json_put_end(&json);
    json_put_object(&json, "stocks");
    for (size_t i = 0; i < unit->stock_count; i++) {
        json_put_number(&json, unit->stocks[i].measure, unit->stocks[i].now);
    }
    json_put_end(&json);
    end(&json);
}

void watch_line_gone(FILE *out, const struct hoso_watch_info *info,
                     const struct hoso_unit_totals *unit)
{
    struct render_json json = begin(out, "gone");
    put_path(&json, unit);
    put_place(&json, info);
    end(&json);
}

void watch_line_heartbeat(FILE *out, const struct hoso_watch_info *info, size_t units)
{
    struct render_json json = begin(out, "heartbeat");
    put_place(&json, info);
    json_put_id(&json, "feed", info->feed);
    json_put_number(&json, "units", (int64_t)units);
    json_put_number(&json, "resyncs", (int64_t)info->resyncs);
    end(&json);
}
