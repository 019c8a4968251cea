/* SPDX-License-Identifier: Apache-2.0
 *
 * hoso watch: its columns, its frames in windows of every size, its lines.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "render/text.h"
#include "render/lists/watch_lines.h"
#include "services/hoso/watch/watch_screen.h"

enum { WIDE = 140, LOW = 11, NARROW = 16, BEGUN_MS = 1000, COMMUNES = 3 };

/* A district with communes, each with its figures. */
struct given {
    const char *path[2];
    struct hoso_flow_total flows[2];
    struct hoso_stock_total stocks[1];
    struct hoso_unit_totals totals;
};

struct world {
    struct given given[1 + COMMUNES];
    const struct hoso_unit_totals *units[1 + COMMUNES];
    struct unit_names names;
    struct watch_screen screen;
    struct hoso_watch_info info;
    struct buffer frame;
};

static void give(struct given *given, const char *unit, bool root, int64_t base)
{
    *given = (struct given){
        .path = {"H", unit},
        .flows = {{"received", base, base * 10, base * 1000}, {"resolved_early", 0, base, base}},
        .stocks = {{"processing_overdue", base}},
    };
    given->totals = (struct hoso_unit_totals){.unit = unit,
                                              .path_count = root ? 1 : 2,
                                              .flow_count = 2,
                                              .stock_count = 1,
                                              .path = root ? &given->path[1] : given->path,
                                              .flows = given->flows,
                                              .stocks = given->stocks};
}

static int setup(void **state)
{
    static const char *const ids[] = {"H", "H.1", "H.2", "H.3"};
    struct world *w = calloc(1, sizeof *w);
    assert_non_null(w);
    for (unsigned i = 0; i < 1 + COMMUNES; i++) {
        give(&w->given[i], ids[i], i == 0, i + 1);
        w->units[i] = &w->given[i].totals;
    }
    w->screen = (struct watch_screen){
        .root = "H", .names = &w->names, .colour = true, .width = WIDE, .height = 24};
    watch_columns_default(&w->screen.columns);
    w->info = (struct hoso_watch_info){.state = HOSO_WATCH_LIVE,
                                       .cut = {9, 11250},
                                       .day = "2024-02-19",
                                       .age_ms = 400,
                                       .snapshots = 1,
                                       .resyncs = 2,
                                       .why = "a \"gap\""};
    buffer_init(&w->frame, SCREEN_FRAME_BYTES);
    *state = w;
    return 0;
}

static int teardown(void **state)
{
    struct world *w = *state;
    buffer_fini(&w->frame);
    free(w);
    return 0;
}

static const char *frame(struct world *w, int64_t now_ms)
{
    buffer_clear(&w->frame);
    watch_screen_frame(&w->screen, &w->info, w->units, 1 + COMMUNES, now_ms, &w->frame);
    buffer_u8(&w->frame, 0);
    assert_int_equal(buffer_status(&w->frame), STATUS_OK);
    return (const char *)w->frame.data;
}

static unsigned count_of(const char *text, const char *part)
{
    unsigned count = 0;
    for (const char *at = strstr(text, part); at != NULL; at = strstr(at + 1, part)) {
        count++;
    }
    return count;
}

static void test_a_frame(void **state)
{
    struct world *w = *state;
    const char *text = frame(w, BEGUN_MS);
    static const char *const parts[] = {"H (H)",
                                        "● đang cập nhật",
                                        "Ngày 19/02/2024",
                                        "đến vị trí 11.250",
                                        "đồng bộ lại 2 lần",
                                        "Tiếp nhận",
                                        "Giải quyết trong tháng",
                                        "Đơn vị",
                                        "  H.3",
                                        "4.000",
                                        "\033[2mq: thoát\033[0m"};
    for (unsigned i = 0; i < sizeof parts / sizeof *parts; i++) {
        assert_non_null(strstr(text, parts[i]));
    }
    assert_null(strstr(text, "không hiện"));
    w->screen.english = true;
    text = frame(w, BEGUN_MS);
    assert_non_null(strstr(text, "up to position 11,250"));
    assert_non_null(strstr(text, "● live"));
}

/* Fewer lines than the window has, none wider, whatever its size; below NARROW the end of a line
 * is not seen. */
static void test_every_window(void **state)
{
    struct world *w = *state;
    w->screen.colour = false;
    for (unsigned width = NARROW; width < WIDE; width++) {
        for (unsigned height = 2; height < 24; height++) {
            w->screen.width = width;
            w->screen.height = height;
            const char *text = frame(w, BEGUN_MS);
            assert_true(height < LOW || count_of(text, "\n") < height);
            while (*text != '\0') {
                char line[512];
                const size_t size = strcspn(text, "\n");
                (void)snprintf(line, sizeof line, "%.*s", (int)size, text);
                assert_in_range(render_width(line), 0, width);
                text += size + 1;
            }
        }
    }
}

static void test_little_room(void **state)
{
    struct world *w = *state;
    w->screen.width = 60;
    w->screen.height = LOW;
    const char *text = frame(w, BEGUN_MS);
    assert_non_null(strstr(text, "còn 1 đơn vị không hiện"));
    assert_non_null(strstr(text, "cột không hiện"));
    assert_non_null(strstr(text, "Hôm nay"));
    assert_null(strstr(text, "Tài chính"));
}

/* What changed stands out for a moment, and nothing does without colours. */
static void test_changes(void **state)
{
    struct world *w = *state;
    assert_int_equal(count_of(frame(w, BEGUN_MS), "\033[1;7m"), 0);
    w->given[2].flows[0].today = 77;
    assert_int_equal(count_of(frame(w, BEGUN_MS + 1), "\033[1;7m"), 1);
    assert_non_null(strstr((const char *)w->frame.data, "\033[1;7m77\033[0m"));
    assert_int_equal(count_of(frame(w, BEGUN_MS + SCREEN_CHANGED_MS), "\033[1;7m"), 1);
    assert_int_equal(count_of(frame(w, BEGUN_MS + SCREEN_CHANGED_MS + 1), "\033[1;7m"), 0);
    w->screen.colour = false;
    w->given[2].flows[0].today = 78;
    assert_int_equal(count_of(frame(w, BEGUN_MS + 9000), "\033["), 0);
}

static void test_measures(void **state)
{
    static const struct {
        const char *text;
        bool ok;
        unsigned count;
    } rows[] = {
        {"received", true, 3},
        {"processing_overdue", true, 1},
        {"received,processing_overdue,stopped", true, 5},
        {"", false, 0},
        {"received,nothing", false, 0},
        {"received,received,received,received,received,received,received,received,received", false,
         0},
    };
    const struct world *w = *state;
    for (unsigned i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct watch_columns columns = {.count = 0};
        const char *wrong = NULL;
        assert_int_equal(watch_columns_parse(rows[i].text, &columns, &wrong), rows[i].ok);
        assert_int_equal(columns.count, rows[i].count);
        if (rows[i].ok) {
            const unsigned last = columns.count - 1;
            assert_int_equal(watch_column_value(&columns.items[last], w->units[1]), i == 0   ? 2000
                                                                                    : i == 1 ? 2
                                                                                             : 0);
        }
    }
}

static void test_lines(void **state)
{
    struct world *w = *state;
    char *text = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&text, &size);
    assert_non_null(out);
    watch_line_state(out, &w->info);
    watch_line_unit(out, &w->info, w->units[1], unit_name(&w->names, w->units[1]->unit));
    watch_line_gone(out, &w->info, w->units[1]);
    watch_line_heartbeat(out, &w->info, 4);
    assert_int_equal(fclose(out), 0);
    assert_string_equal(
        text, "{\"type\":\"state\",\"state\":\"live\",\"feed\":\"0\",\"ageMs\":400,\"resyncs\":2,"
              "\"why\":\"a \\\"gap\\\"\"}\n"
              "{\"type\":\"unit\",\"unit\":\"H.1\",\"path\":[\"H\",\"H.1\"],\"name\":\"H.1\","
              "\"day\":\"2024-02-19\",\"cut\":{\"incarnation\":\"9\",\"position\":11250},"
              "\"flows\":{\"received\":{\"today\":2,\"month\":20,\"year\":2000},"
              "\"resolved_early\":{\"today\":0,\"month\":2,\"year\":2}},"
              "\"stocks\":{\"processing_overdue\":2}}\n"
              "{\"type\":\"gone\",\"unit\":\"H.1\",\"path\":[\"H\",\"H.1\"],"
              "\"day\":\"2024-02-19\",\"cut\":{\"incarnation\":\"9\",\"position\":11250}}\n"
              "{\"type\":\"heartbeat\",\"day\":\"2024-02-19\",\"cut\":{\"incarnation\":\"9\","
              "\"position\":11250},\"feed\":\"0\",\"units\":4,\"resyncs\":2}\n");
    free(text);
}

static void test_render_fit(void **state)
{
    (void)state;
    assert_int_equal(render_fit("Cẩm Xuyên", 3), strlen("Cẩm"));
    assert_int_equal(render_fit("abc", 9), 3);
    assert_int_equal(render_fit("abc", 0), 0);
    assert_int_equal(render_fit("\u4E2D\u6587", 3), 3);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_a_frame, setup, teardown),
        cmocka_unit_test_setup_teardown(test_every_window, setup, teardown),
        cmocka_unit_test_setup_teardown(test_little_room, setup, teardown),
        cmocka_unit_test_setup_teardown(test_changes, setup, teardown),
        cmocka_unit_test_setup_teardown(test_measures, setup, teardown),
        cmocka_unit_test_setup_teardown(test_lines, setup, teardown),
        cmocka_unit_test(test_render_fit),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
