/* SPDX-License-Identifier: Apache-2.0
 *
 * Numbers over 53 bits (feed, incarnation) are texts, as in the other results.
 */
#include "services/hoso/watch/watch_lines.h"

#include <inttypes.h>

#include "services/hoso/text_out.h"

static void begin(FILE *out, const char *type)
{
    (void)fprintf(out, "{\"type\":\"%s\"", type);
}

static void put_place(FILE *out, const struct hoso_watch_info *info)
{
    (void)fprintf(
        out, ",\"day\":\"%s\",\"cut\":{\"incarnation\":\"%" PRIu64 "\",\"position\":%" PRIu64 "}",
        info->day, info->cut.incarnation, info->cut.position);
}

static void put_path(FILE *out, const struct hoso_unit_totals *unit)
{
    (void)fputs(",\"unit\":", out);
    json_text(out, unit->unit);
    (void)fputs(",\"path\":[", out);
    for (size_t i = 0; i < unit->path_count; i++) {
        (void)fputs(i != 0 ? "," : "", out);
        json_text(out, unit->path[i]);
    }
    (void)fputc(']', out);
}

void watch_line_state(FILE *out, const struct hoso_watch_info *info)
{
    begin(out, "state");
    (void)fprintf(out,
                  ",\"state\":\"%s\",\"feed\":\"%" PRIu64 "\",\"ageMs\":%" PRId64
                  ",\"resyncs\":%" PRIu64,
                  hoso_watch_state_text(info->state), info->feed, info->age_ms, info->resyncs);
    if (info->why[0] != '\0') {
        (void)fputs(",\"why\":", out);
        json_text(out, info->why);
    }
    (void)fputs("}\n", out);
}

void watch_line_unit(FILE *out, const struct hoso_watch_info *info,
                     const struct hoso_unit_totals *unit, const struct unit_names *names)
{
    begin(out, "unit");
    put_path(out, unit);
    (void)fputs(",\"name\":", out);
    json_text(out, unit_name(names, unit->unit));
    put_place(out, info);
    (void)fputs(",\"flows\":{", out);
    for (size_t i = 0; i < unit->flow_count; i++) {
        const struct hoso_flow_total *flow = &unit->flows[i];
        (void)fputs(i != 0 ? "," : "", out);
        json_text(out, flow->measure);
        (void)fprintf(out, ":{\"today\":%" PRId64 ",\"month\":%" PRId64 ",\"year\":%" PRId64 "}",
                      flow->today, flow->month, flow->year);
    }
    (void)fputs("},\"stocks\":{", out);
    for (size_t i = 0; i < unit->stock_count; i++) {
        (void)fputs(i != 0 ? "," : "", out);
        json_text(out, unit->stocks[i].measure);
        (void)fprintf(out, ":%" PRId64, unit->stocks[i].now);
    }
    (void)fputs("}}\n", out);
}

void watch_line_gone(FILE *out, const struct hoso_watch_info *info,
                     const struct hoso_unit_totals *unit)
{
    begin(out, "gone");
    put_path(out, unit);
    put_place(out, info);
    (void)fputs("}\n", out);
}

void watch_line_heartbeat(FILE *out, const struct hoso_watch_info *info, size_t units)
{
    begin(out, "heartbeat");
    put_place(out, info);
    (void)fprintf(out, ",\"feed\":\"%" PRIu64 "\",\"units\":%zu,\"resyncs\":%" PRIu64 "}\n",
                  info->feed, units, info->resyncs);
}
