/* SPDX-License-Identifier: Apache-2.0
 *
 *     UBND huyện Cẩm Xuyên (H27.45)                                 ● đang cập nhật
 *     Ngày 19/02/2024 · đến vị trí 11.250 · nhịp cuối 0 giây trước · đồng bộ lại 0 lần
 *
 *                              Tiếp nhận          Đang giải quyết
 *     Đơn vị                   Hôm nay    Tháng   Trong hạn  Quá hạn
 *     ──────────────────────────────────────────────────────────────
 */
#include "services/hoso/watch/watch_screen.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "render/text.h"

enum { GAP = 2, NAME_MIN = 16, AROUND = 8 /* lines that are no rows, and the cursor's */ };

#define BOLD "1"
#define DIM "2"
#define CHANGED "1;7"

/* How the table is laid out in the width there is. */
struct screen_layout {
    unsigned name;
    unsigned width[WATCH_COLUMNS_MAX]; /* 0 = hidden */
    unsigned total;
    unsigned hidden;
};

static const char *pick(const struct watch_screen *screen, const char *vi, const char *en)
{
    return screen->english ? en : vi;
}

static void put(struct buffer *out, const char *text)
{
    buffer_put(out, text, strlen(text));
}

static void put_blanks(struct buffer *out, unsigned count)
{
    buffer_printf(out, "%*s", (int)count, "");
}

/* In exactly `width` columns; what is too long ends in "…". */
static void put_text(struct buffer *out, const char *text, unsigned width, bool right)
{
    const unsigned own = render_width(text);
    if (own > width) {
        const size_t size = width != 0 ? render_fit(text, width - 1) : 0;
        char cut[256];
        (void)snprintf(cut, sizeof cut, "%.*s", (int)size, text);
        put(out, cut);
        put(out, width != 0 ? "…" : "");
        put_blanks(out, width != 0 ? width - 1 - render_width(cut) : 0);
        return;
    }
    put_blanks(out, right ? width - own : 0);
    put(out, text);
    put_blanks(out, right ? 0 : width - own);
}

static void style(const struct watch_screen *screen, struct buffer *out, const char *code)
{
    if (screen->colour) {
        buffer_printf(out, "\033[%sm", code);
    }
}

/* Rows */

static unsigned indent_of(const struct hoso_unit_totals *const *units, size_t index)
{
    return (unsigned)(units[index]->path_count - units[0]->path_count) * 2;
}

static const struct screen_row *row_of(const struct screen_row *rows, unsigned count,
                                       const char *unit)
{
    for (unsigned i = 0; i < count; i++) {
        if (strncmp(rows[i].unit, unit, SCREEN_UNIT_MAX) == 0) {
            return &rows[i];
        }
    }
    return NULL;
}

/* The first units, as many as fit, and when which of their figures changed. */
static void update_rows(struct watch_screen *screen, const struct hoso_unit_totals *const *units,
                        size_t count, int64_t now_ms)
{
    struct screen_row *before = screen->before;
    const unsigned before_count = screen->row_count;
    const unsigned room = screen->height > AROUND + 1 ? screen->height - AROUND : 1;
    memcpy(before, screen->rows, before_count * sizeof *before);
    screen->row_count = room < SCREEN_ROWS_MAX ? room : SCREEN_ROWS_MAX;
    screen->row_count = count < screen->row_count ? (unsigned)count : screen->row_count;
    for (unsigned i = 0; i < screen->row_count; i++) {
        struct screen_row *row = &screen->rows[i];
        const struct screen_row *old = row_of(before, before_count, units[i]->unit);
        *row = old != NULL ? *old : (struct screen_row){.unit = ""};
        (void)snprintf(row->unit, sizeof row->unit, "%s", units[i]->unit);
        for (unsigned c = 0; c < screen->columns.count; c++) {
            row->values[c] = watch_column_value(&screen->columns.items[c], units[i]);
            if (old != NULL && row->values[c] != old->values[c]) {
                row->changed_ms[c] = now_ms;
            }
        }
    }
}

/* Layout */

static const char *group_of(const struct watch_screen *screen, unsigned column)
{
    return screen->columns.items[column].group[screen->english];
}

static unsigned natural_width(const struct watch_screen *screen, unsigned column)
{
    unsigned width = render_width(screen->columns.items[column].label[screen->english]);
    for (unsigned i = 0; i < screen->row_count; i++) {
        char text[RENDER_NUMBER_SIZE];
        render_number(screen->rows[i].values[column], screen->english, text);
        const unsigned own = (unsigned)strlen(text);
        width = own > width ? own : width;
    }
    return width;
}

/* The shown columns from `first` on with the same group; their width together. */
static unsigned group_width(const struct watch_screen *screen, const struct screen_layout *layout,
                            unsigned first, unsigned *ret_last)
{
    unsigned width = layout->width[first];
    *ret_last = first;
    for (unsigned c = first + 1; c < screen->columns.count; c++) {
        if (layout->width[c] == 0) {
            continue;
        }
        if (strcmp(group_of(screen, c), group_of(screen, first)) != 0) {
            break;
        }
        width += GAP + layout->width[c];
        *ret_last = c;
    }
    return width;
}

/* Widens what is narrower than its group's heading; the width of all columns with their gaps. */
static unsigned fit_groups(const struct watch_screen *screen, struct screen_layout *layout)
{
    unsigned total = 0;
    for (unsigned c = 0; c < screen->columns.count; c++) {
        unsigned last;
        if (layout->width[c] == 0) {
            continue;
        }
        unsigned width = group_width(screen, layout, c, &last);
        const unsigned heading = render_width(group_of(screen, c));
        if (heading > width) {
            layout->width[last] += heading - width;
            width = heading;
        }
        total += GAP + width;
        c = last;
    }
    return total;
}

static void hide_one(const struct watch_screen *screen, struct screen_layout *layout, bool *hidden)
{
    unsigned least = 0;
    for (unsigned c = 0; c < screen->columns.count; c++) {
        if (!hidden[c] &&
            (hidden[least] || screen->columns.items[c].rank >= screen->columns.items[least].rank)) {
            least = c;
        }
    }
    hidden[least] = true;
    layout->hidden++;
}

static struct screen_layout lay_out(const struct watch_screen *screen,
                                    const struct hoso_unit_totals *const *units)
{
    bool hidden[WATCH_COLUMNS_MAX] = {false};
    struct screen_layout layout = {.name = render_width(pick(screen, "Đơn vị", "Unit"))};
    for (unsigned i = 0; i < screen->row_count; i++) {
        const unsigned own =
            render_width(unit_name(screen->names, units[i]->unit)) + indent_of(units, i);
        layout.name = own > layout.name ? own : layout.name;
    }
    for (;;) {
        for (unsigned c = 0; c < screen->columns.count; c++) {
            layout.width[c] = hidden[c] ? 0 : natural_width(screen, c);
        }
        const unsigned columns = fit_groups(screen, &layout);
        const unsigned least = layout.name < NAME_MIN ? layout.name : NAME_MIN;
        const unsigned room = screen->width > columns ? screen->width - columns : 0;
        if (room >= least || layout.hidden == screen->columns.count) {
            layout.name = layout.name < room ? layout.name : room;
            layout.total = layout.name + columns;
            return layout;
        }
        hide_one(screen, &layout, hidden);
    }
}

/* Lines */

/* The state stands at the table's right end, if it does not hide the name. */
static void put_title(const struct watch_screen *screen, const struct screen_layout *layout,
                      const struct hoso_watch_info *info, struct buffer *out)
{
    static const struct {
        const char *text[2];
        const char *code;
    } states[] = {
        [HOSO_WATCH_CONNECTING] = {{"đang kết nối", "connecting"}, "33"},
        [HOSO_WATCH_SYNCHRONISING] = {{"đang đồng bộ", "synchronising"}, "33"},
        [HOSO_WATCH_LIVE] = {{"đang cập nhật", "live"}, "32"},
        [HOSO_WATCH_STALE] = {{"mất kết nối, số liệu cũ", "no connection, old figures"}, "31"},
    };
    char left[512];
    char right[64];
    const bool whole = screen->root[0] == '\0';
    const char *name =
        whole ? pick(screen, "Tất cả đơn vị", "All units") : unit_name(screen->names, screen->root);
    (void)snprintf(left, sizeof left, "%s%s%s%s", name, whole ? "" : " (", screen->root,
                   whole ? "" : ")");
    (void)snprintf(right, sizeof right, "● %s", states[info->state].text[screen->english]);
    const unsigned state_width = render_width(right);
    const unsigned room = screen->width > state_width + GAP ? screen->width - state_width - GAP : 0;
    if (room != 0) {
        const unsigned own = render_width(left) < room ? render_width(left) : room;
        const unsigned end = layout->total < screen->width ? layout->total : screen->width;
        const unsigned at = end > own + GAP + state_width ? end - state_width : own + GAP;
        style(screen, out, BOLD);
        put_text(out, left, own, false);
        style(screen, out, "0");
        put_blanks(out, at - own);
    }
    style(screen, out, states[info->state].code);
    put_text(out, right, state_width < screen->width ? state_width : screen->width, false);
    style(screen, out, "0");
    put(out, "\n");
}

static void put_place(const struct watch_screen *screen, const struct hoso_watch_info *info,
                      struct buffer *out)
{
    char line[256];
    char day[RENDER_DATE_SIZE];
    char position[RENDER_NUMBER_SIZE];
    render_date(info->day, screen->english, day);
    render_number((int64_t)info->cut.position, screen->english, position);
    const int64_t age_s = info->age_ms / 1000;
    if (info->day[0] == '\0') {
        (void)snprintf(line, sizeof line, "%s", pick(screen, "Chưa có số liệu", "No figures yet"));
    } else if (screen->english) {
        (void)snprintf(line, sizeof line,
                       "%s · up to position %s · heartbeat %" PRId64
                       " s ago · synchronised anew %" PRIu64 " times",
                       day, position, age_s, info->resyncs);
    } else {
        (void)snprintf(line, sizeof line,
                       "Ngày %s · đến vị trí %s · nhịp cuối %" PRId64
                       " giây trước · đồng bộ lại %" PRIu64 " lần",
                       day, position, age_s, info->resyncs);
    }
    const unsigned own = render_width(line);
    put_text(out, line, own < screen->width ? own : screen->width, false);
    put(out, "\n\n");
}

static void put_headings(const struct watch_screen *screen, const struct screen_layout *layout,
                         struct buffer *out)
{
    put_blanks(out, layout->name);
    for (unsigned c = 0; c < screen->columns.count; c++) {
        unsigned last;
        if (layout->width[c] == 0) {
            continue;
        }
        const unsigned width = group_width(screen, layout, c, &last);
        const unsigned own = render_width(group_of(screen, c));
        put_blanks(out, GAP + (width - own) / 2);
        put_text(out, group_of(screen, c), width - (width - own) / 2, false);
        c = last;
    }
    put(out, "\n");
    put_text(out, pick(screen, "Đơn vị", "Unit"), layout->name, false);
    for (unsigned c = 0; c < screen->columns.count; c++) {
        if (layout->width[c] != 0) {
            put_blanks(out, GAP);
            put_text(out, screen->columns.items[c].label[screen->english], layout->width[c], true);
        }
    }
    put(out, "\n");
    style(screen, out, DIM);
    for (unsigned i = 0; i < layout->total; i++) {
        put(out, "─");
    }
    style(screen, out, "0");
    put(out, "\n");
}

static void put_figure(const struct watch_screen *screen, const struct screen_row *row,
                       unsigned column, unsigned width, int64_t now_ms, struct buffer *out)
{
    char text[RENDER_NUMBER_SIZE];
    const bool fresh =
        row->changed_ms[column] != 0 && now_ms - row->changed_ms[column] < SCREEN_CHANGED_MS;
    render_number(row->values[column], screen->english, text);
    put_blanks(out, GAP + width - (unsigned)strlen(text));
    if (fresh) {
        style(screen, out, CHANGED);
    }
    put(out, text);
    if (fresh) {
        style(screen, out, "0");
    }
}

static void put_row(const struct watch_screen *screen, const struct screen_layout *layout,
                    const struct hoso_unit_totals *const *units, unsigned index, int64_t now_ms,
                    struct buffer *out)
{
    unsigned indent = indent_of(units, index);
    indent = indent < layout->name / 2 ? indent : layout->name / 2;
    put_blanks(out, indent);
    put_text(out, unit_name(screen->names, units[index]->unit), layout->name - indent, false);
    for (unsigned c = 0; c < screen->columns.count; c++) {
        if (layout->width[c] != 0) {
            put_figure(screen, &screen->rows[index], c, layout->width[c], now_ms, out);
        }
    }
    put(out, "\n");
}

static void put_foot(const struct watch_screen *screen, const struct screen_layout *layout,
                     size_t count, struct buffer *out)
{
    char line[256];
    char hidden[RENDER_NUMBER_SIZE];
    char units[96] = "";
    char columns[64] = "";
    if (count > screen->row_count) {
        render_number((int64_t)(count - screen->row_count), screen->english, hidden);
        (void)snprintf(units, sizeof units,
                       pick(screen, " · còn %s đơn vị không hiện", " · %s units not shown"),
                       hidden);
    }
    if (layout->hidden != 0) {
        (void)snprintf(columns, sizeof columns,
                       pick(screen, " · còn %u cột không hiện", " · %u columns not shown"),
                       layout->hidden);
    }
    (void)snprintf(line, sizeof line, "%s%s%s", pick(screen, "q: thoát", "q: quit"), units,
                   columns);
    const unsigned own = render_width(line);
    style(screen, out, DIM);
    put_text(out, line, own < screen->width ? own : screen->width, false);
    style(screen, out, "0");
    put(out, "\n");
}

void watch_screen_frame(struct watch_screen *screen, const struct hoso_watch_info *info,
                        const struct hoso_unit_totals *const *units, size_t count, int64_t now_ms,
                        struct buffer *out)
{
    update_rows(screen, units, count, now_ms);
    const struct screen_layout layout = lay_out(screen, units);
    put_title(screen, &layout, info, out);
    put_place(screen, info, out);
    put_headings(screen, &layout, out);
    for (unsigned i = 0; i < screen->row_count; i++) {
        put_row(screen, &layout, units, i, now_ms, out);
    }
    put_foot(screen, &layout, count, out);
}
