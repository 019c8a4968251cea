/* SPDX-License-Identifier: Apache-2.0
 *
 * hoso watch --once: the table as soon as it is exact, at the position asked for or beyond it.
 */
#include "services/hoso/watch/watch_internal.h"

#include <inttypes.h>
#include <stdio.h>

#include "base/clock.h"
#include "render/text.h"
#include "render/lists/watch_lines.h"

static int print_table(struct watching *watching)
{
    const bool english = watching->command->english;
    const struct watch_columns *chosen = &watching->screen.columns;
    struct list_column columns[2 + WATCH_COLUMNS_MAX] = {
        {"name", {"Đơn vị", "Unit"}, false},
        {"unit", {"Mã", "Id"}, false},
    };
    char labels[WATCH_COLUMNS_MAX][128];
    size_t count;
    const struct hoso_unit_totals *const *units = hoso_watch_units(watching->watch, &count);
    for (unsigned c = 0; c < chosen->count; c++) {
        (void)snprintf(labels[c], sizeof labels[c], "%s: %s", chosen->items[c].group[english],
                       chosen->items[c].label[english]);
        columns[2 + c] = (struct list_column){"", {labels[c], labels[c]}, true};
    }
    struct document document;
    document_init_list(&document, columns, 2 + chosen->count, english);
    for (size_t i = 0; i < count; i++) {
        DOCUMENT_ROW(&document, (unsigned)(units[i]->path_count - units[0]->path_count),
                     unit_name(&watching->names, units[i]->unit), units[i]->unit);
        for (unsigned c = 0; c < chosen->count; c++) {
            document_number(&document, watch_column_value(&chosen->items[c], units[i]));
        }
    }
    return command_print(watching->command, &document);
}

static void print_foot(const struct watching *watching, const struct hoso_watch_info *info)
{
    const bool english = watching->command->english;
    char day[RENDER_DATE_SIZE];
    render_date(info->day, english, day);
    (void)printf("\n%s %s, %s %" PRIu64 " (%s %" PRIu64 ")\n", english ? "Day" : "Ngày", day,
                 english ? "figures up to position" : "số liệu tính đến vị trí", info->cut.position,
                 english ? "journal" : "nhật ký", info->cut.incarnation);
}

static void print_lines(struct watching *watching, const struct hoso_watch_info *info)
{
    size_t count;
    const struct hoso_unit_totals *const *units = hoso_watch_units(watching->watch, &count);
    for (size_t i = 0; i < count; i++) {
        watch_line_unit(stdout, info, units[i], unit_name(&watching->names, units[i]->unit));
    }
    watch_line_heartbeat(stdout, info, count);
}

static int print_once(struct watching *watching, const struct hoso_watch_info *info)
{
    watching_refresh_names(watching, info);
    if (watching->command->format == RENDER_JSON) {
        print_lines(watching, info);
    } else {
        const int code = print_table(watching);
        if (code != EXIT_DONE) {
            return code;
        }
        if (watching->command->format == RENDER_TABLE) {
            print_foot(watching, info);
        }
    }
    return fflush(stdout) == 0 ? EXIT_DONE : EXIT_FAILED;
}

int watching_once(struct watching *watching)
{
    struct hoso_watch_news news;
    struct hoso_error error;
    const unsigned timeout_ms = watching->client->settings.timeout_ms;
    int64_t deadline_ms = clock_ms() + timeout_ms;
    for (;;) {
        if (hoso_watch_next(watching->watch, (int)timeout_ms, &news, &error) != HOSO_OK) {
            return report_failure(&error);
        }
        const struct hoso_watch_info info = hoso_watch_info(watching->watch);
        const struct cut cut = {info.cut.incarnation, info.cut.position};
        if ((news.what & HOSO_WATCH_HEARTBEAT) != 0 && cut_reaches(cut, watching->min_cut)) {
            return print_once(watching, &info);
        }
        if (info.snapshots == 0) {
            deadline_ms = clock_ms() + timeout_ms; /* failures of this come from next */
        } else if (clock_ms() >= deadline_ms) {
            command_say("the feed is at position %" PRIu64 " of journal %" PRIu64
                        ", not at %" PRIu64 " of journal %" PRIu64 ", after %u ms",
                        cut.position, cut.incarnation, watching->min_cut.position,
                        watching->min_cut.incarnation, timeout_ms);
            return EXIT_UNREACHABLE;
        }
    }
}
