/* SPDX-License-Identifier: Apache-2.0
 *
 * The cells of figures, and what a report that compares has in place of each of its columns:
 *
 *     | Quá hạn                                          |     id        a number
 *     | Kỳ này | Kỳ trước | Tăng, giảm | Tỷ lệ tăng, giảm |     id.other, id.difference, id.percent
 *
 * Everything is computed from counts (counting rules §5): the difference of two ratios in points,
 * too, which may be another hundredth than that of the two as printed.
 */
#include "services/reporting/engine/engine_compare_internal.h"

#include <string.h>

#include "base/localday.h"
#include "services/reporting/engine/number.h"

enum { COMPARED_COLUMNS = 4, MONTHS = 12, FIRST_YEAR = 2000 };

static const struct {
    struct text2 here; /* the report's own figure */
    struct text2 there;
    struct text2 label; /* in a sentence */
} words[] = {
    [HOSO__V1__COMPARISON__PREVIOUS] = {{"Kỳ này", "This period"},
                                        {"Kỳ trước", "Period before"},
                                        {"kỳ trước", "the period before"}},
    [HOSO__V1__COMPARISON__CLOSED] = {{"Hiện nay", "Now"},
                                      {"Khi chốt", "As closed"},
                                      {"số liệu đã chốt", "the figures as closed"}},
    [HOSO__V1__COMPARISON__YEAR_AGO] = {{"Kỳ này", "This period"},
                                        {"Cùng kỳ năm trước", "Year before"},
                                        {"cùng kỳ năm trước",
                                         "the same period of the year before"}},
};

/* Days */

/* The same day so many months before, or the last one of a month that is shorter. */
static int32_t months_before(int32_t day, int months)
{
    const struct date date = localday_date(day);
    const int month = date.year * MONTHS + date.month - 1 - months;
    const int next = month + 1;
    const int32_t first = localday_of_date((struct date){month / MONTHS, month % MONTHS + 1, 1});
    const int32_t end = localday_of_date((struct date){next / MONTHS, next % MONTHS + 1, 1});
    return first + date.day - 1 < end ? first + date.day - 1 : end - 1;
}

/* How many months lie between the first day and a day of the same number, as offices count: from
 * the 19th to the 18th, or to the 19th as some print it. 0: no number of months. */
static int months_of(struct days days)
{
    const struct date from = localday_date(days.from);
    const struct date end = localday_date(days.to);
    const struct date last = localday_date(days.to - 1);
    const bool whole = from.day == end.day;
    const struct date *to = whole ? &end : &last;
    return whole || from.day == last.day ? (to->year - from.year) * MONTHS + to->month - from.month
                                         : 0;
}

bool engine_compared_days(Hoso__V1__Comparison with, struct days days, struct days *ret_days)
{
    const int months = months_of(days);
    const int32_t count = days.to - days.from;
    if (with == HOSO__V1__COMPARISON__PREVIOUS) {
        *ret_days = (struct days){
            months != 0 ? months_before(days.from, months) : days.from - count, days.from};
    } else {
        *ret_days = (struct days){months_before(days.from, MONTHS), months_before(days.to, MONTHS)};
    }
    return localday_date(ret_days->from).year >= FIRST_YEAR;
}

/* Cells */

static void fill_number(int64_t number, Hoso__V1__Cell *cell)
{
    cell->value_case = HOSO__V1__CELL__VALUE_NUMBER;
    cell->number = number;
}

static void fill_ratio(struct engine *engine, int64_t n, int64_t d, Hoso__V1__Cell *cell)
{
    char text[NUMBER_TEXT_SIZE];
    Hoso__V1__Ratio *ratio = arena_alloc(engine->arena, sizeof *ratio);
    if (ratio == NULL) {
        return; /* the arena remembers */
    }
    hoso__v1__ratio__init(ratio);
    ratio_format(n, d, engine->input->english, text);
    ratio->n = n;
    ratio->d = d;
    ratio->text = arena_string(engine->arena, slice_text(text));
    cell->value_case = HOSO__V1__CELL__VALUE_RATIO;
    cell->ratio = ratio;
}

/* A heading's cell stays without a value. */
static void fill_cell(struct engine *engine, const struct form_figure *figure, const int64_t *sums,
                      Hoso__V1__Cell *cell)
{
    hoso__v1__cell__init(cell);
    if (figure->under.count != 0) {
        fill_ratio(engine, sums[0], sums[1], cell);
    } else if (figure->value.count != 0) {
        fill_number(sums[0], cell);
    }
}

/* n/d − n/d in points: (n·d − n·d) / (d·d). No value where a product is no int64_t. */
static void fill_points(struct engine *engine, const int64_t *here, const int64_t *there,
                        Hoso__V1__Cell *cell)
{
    int64_t left;
    int64_t right;
    int64_t n;
    int64_t d;
    if (__builtin_mul_overflow(here[0], there[1], &left) ||
        __builtin_mul_overflow(there[0], here[1], &right) ||
        __builtin_sub_overflow(left, right, &n) || __builtin_mul_overflow(here[1], there[1], &d)) {
        return;
    }
    fill_ratio(engine, n, d, cell);
    if (engine->input->form->rows == ROWS_LINES && d != 0 && cell->ratio != NULL) {
        /* no heading says it */
        cell->ratio->text =
            arena_printf(engine->arena, "%.*s%s", (int)strcspn(cell->ratio->text, "%"),
                         cell->ratio->text, engine->input->english ? " points" : " điểm %");
    }
}

/* Of ratios the per cent of a per cent says nothing; a column of section lines has both kinds. */
static bool has_percent(const struct form *form, const struct form_figure *figure)
{
    return form->rows == ROWS_LINES || figure->under.count == 0;
}

unsigned engine_fill_cells(struct engine *engine, unsigned figure, const struct record *record,
                           Hoso__V1__Cell *const *cells)
{
    const struct form *form = engine->input->form;
    const struct form_figure *of = &form->figures[figure];
    const int64_t *here = record->sums + (size_t)figure * 2;
    const int64_t *there = here + engine->half;
    fill_cell(engine, of, here, cells[0]);
    if (engine->sides == 1) {
        return 1;
    }
    const unsigned count = COMPARED_COLUMNS - !has_percent(form, of);
    fill_cell(engine, of, there, cells[1]);
    for (unsigned i = 2; i < count; i++) {
        hoso__v1__cell__init(cells[i]);
    }
    if (of->under.count != 0) {
        fill_points(engine, here, there, cells[2]);
    } else if (of->value.count != 0) {
        fill_number(here[0] - there[0], cells[2]);
        fill_ratio(engine, here[0] - there[0], there[0], cells[3]);
    }
    return count;
}

/* Columns */

/* One of a figure's columns: `of` with one more caption. */
static Hoso__V1__Column *new_column(struct engine *engine, const Hoso__V1__Column *of,
                                    const char *ending, const char *caption)
{
    Hoso__V1__Column *column = arena_alloc(engine->arena, sizeof *column);
    char **captions = arena_array(engine->arena, of->n_captions + 2, sizeof *captions);
    if (column == NULL || captions == NULL) {
        return NULL;
    }
    hoso__v1__column__init(column);
    for (size_t i = 0; i < of->n_captions; i++) {
        captions[column->n_captions++] = of->captions[i];
    }
    if (column->n_captions == 0) {
        captions[column->n_captions++] = of->label;
    }
    captions[column->n_captions++] = message_text(caption);
    column->captions = captions;
    column->id = arena_printf(engine->arena, "%s%s", of->id, ending);
    column->label = arena_printf(engine->arena, "%s – %s", of->label, caption);
    column->number = ending[0] == '\0' ? of->number : column->number;
    return column;
}

static void compare_column(struct engine *engine, const Hoso__V1__Column *of, bool percent,
                           bool points)
{
    static const struct text2 difference = {"Tăng, giảm", "Difference"};
    static const struct text2 in_points = {"Tăng, giảm (điểm %)", "Difference (points)"};
    static const struct text2 rate = {"Tỷ lệ tăng, giảm", "Per cent"};
    const Hoso__V1__Comparison with = engine->input->compared.with;
    const bool english = engine->input->english;
    Hoso__V1__Report *report = engine->report;
    Hoso__V1__Column **columns = report->columns;
    columns[report->n_columns++] = new_column(engine, of, "", text_in(words[with].here, english));
    columns[report->n_columns++] =
        new_column(engine, of, ".other", text_in(words[with].there, english));
    columns[report->n_columns++] =
        new_column(engine, of, ".difference", text_in(points ? in_points : difference, english));
    if (percent) {
        columns[report->n_columns++] = new_column(engine, of, ".percent", text_in(rate, english));
    }
}

static char *day_text(const struct engine *engine, int32_t day)
{
    char iso[DATE_TEXT_SIZE];
    localday_format(day, iso);
    return arena_string(engine->arena, slice_text(iso));
}

static void fill_compared(struct engine *engine)
{
    const struct engine_compared *of = &engine->input->compared;
    Hoso__V1__Compared *compared = arena_alloc(engine->arena, sizeof *compared);
    Hoso__V1__Period *period = arena_alloc(engine->arena, sizeof *period);
    if (compared != NULL && period != NULL) {
        hoso__v1__compared__init(compared);
        hoso__v1__period__init(period);
        period->from = day_text(engine, of->days.from);
        period->to = day_text(engine, of->days.to - 1);
        compared->with = of->with;
        compared->period = period;
        compared->label = message_text(text_in(words[of->with].label, engine->input->english));
        engine->report->compared = compared;
    }
}

void engine_compare_columns(struct engine *engine)
{
    const struct form *form = engine->input->form;
    const bool lines = form->rows == ROWS_LINES;
    Hoso__V1__Report *report = engine->report;
    Hoso__V1__Column **const plain = report->columns;
    const size_t count = report->n_columns;
    report->columns =
        arena_array(engine->arena, count * COMPARED_COLUMNS, sizeof(Hoso__V1__Column *));
    report->n_columns = 0;
    fill_compared(engine);
    for (size_t i = 0; report->columns != NULL && plain != NULL && i < count; i++) {
        const bool ratio = !lines && form->figures[i].under.count != 0;
        compare_column(engine, plain[i], !ratio, ratio);
    }
}

const char *engine_compare_note(const struct engine *engine)
{
    const struct engine_input *input = engine->input;
    const struct engine_compared *of = &input->compared;
    const char *label = text_in(words[of->with].label, input->english);
    return arena_printf(
        engine->arena,
        input->english ? "Compared with %s, %s to %s, in the unit tree of %s; the per cent is "
                         "the difference by the other figure; the difference of two ratios is "
                         "in points."
                       : "So sánh với %s (từ ngày %s đến ngày %s), theo cây đơn vị ngày %s. Tỷ "
                         "lệ tăng, giảm bằng số tăng, giảm chia cho số được so sánh; tăng, "
                         "giảm của một tỷ lệ tính bằng điểm phần trăm.",
        label, engine_day_text(engine, of->days.from), engine_day_text(engine, of->days.to - 1),
        engine_day_text(engine, input->tree_day));
}
