/* SPDX-License-Identifier: Apache-2.0
 *
 * The identities of counting rules §5 on every row, and the form's own between its figures. A check
 * says what holds; if it does not, also the first place where it fails and by how much.
 */
#include "services/reporting/engine/engine_internal.h"

#include <inttypes.h>
#include <string.h>

const struct identity identities[IDENTITY_COUNT] = {
    {"balance",
     {"Kỳ trước chuyển qua + tiếp nhận + chuyển đến = đã giải quyết + trả lại + công dân rút + "
      "chuyển đi + chưa giải quyết xong cuối kỳ",
      "Carried over + received + transferred in = resolved + returned + withdrawn + transferred "
      "out + open at the end"},
     "open(unresolved) + received + transferred_in - resolved - returned - withdrawn - "
     "transferred_out - close(unresolved)"},
    {"channels",
     {"Tiếp nhận = trực tuyến + trực tiếp + bưu chính", "Received = online + direct + postal"},
     "received - received[online] - received[direct] - received[postal]"},
    {"levels",
     {"Tiếp nhận = toàn trình + một phần + không cung cấp trực tuyến",
      "Received = full + partial + not offered online"},
     "received - received[full] - received[partial] - received[not_online]"},
    /* Resolved by channel: one without a channel would be in no form's columns. */
    {"resolved",
     {"Đã giải quyết = trước hạn + đúng hạn + quá hạn", "Resolved = early + on time + late"},
     "resolved - resolved_early[online|direct|postal] - resolved_on_time[online|direct|postal] - "
     "resolved_late[online|direct|postal]"},
    {"petitions",
     {"PAKN kỳ trước chuyển qua + tiếp nhận = đã xử lý + đang xử lý",
      "Petitions carried over + received = resolved + open at the end"},
     "open(petition_open) + petition_received - petition_resolved - close(petition_open)"},
};

/* Where a check failed first. */
struct failure {
    const char *label; /* NULL = nowhere */
    int64_t difference;
};

static void fail(struct failure *failure, const char *label, int64_t difference)
{
    if (failure->label == NULL && difference != 0) {
        *failure = (struct failure){label, difference};
    }
}

static void add_check(struct engine *engine, const char *id, struct text2 text,
                      const struct failure *failure)
{
    const bool english = engine->input->english;
    Hoso__V1__Check *check = arena_alloc(engine->arena, sizeof *check);
    if (check == NULL) {
        return; /* the arena remembers */
    }
    hoso__v1__check__init(check);
    check->id = engine_copy(engine, id);
    check->ok = failure->label == NULL;
    check->text = engine_copy(engine, text_in(text, english));
    if (!check->ok) {
        engine->violations++;
        check->text = arena_printf(engine->arena,
                                   english ? "%s: VIOLATED at \"%s\", off by %" PRId64
                                           : "%s: SAI tại “%s”, lệch %" PRId64,
                                   check->text, failure->label, failure->difference);
    }
    engine->report->checks[engine->report->n_checks++] = check;
}

/* The residual at `at` of every row. */
static void check_residual(struct engine *engine, unsigned at, struct failure *failure)
{
    const struct scope *scope = &engine->input->scope;
    for (uint32_t i = 0; i < scope->count && failure->label == NULL; i++) {
        const int64_t difference = engine_own(engine, i)[at];
        if (difference != 0) {
            fail(failure, engine_row_label(engine, &scope->rows[i]), difference);
        }
    }
    for (uint32_t i = 0; i < engine->record_count; i++) {
        fail(failure, engine->records[i].label, engine->records[i].sums[at]);
    }
}

static void check_identity(struct engine *engine, unsigned identity)
{
    struct failure failure = {0};
    for (unsigned side = 0; side < engine->sides; side++) {
        check_residual(engine,
                       side * engine->half + 2 * engine->input->form->figure_count + identity,
                       &failure);
    }
    add_check(engine, identities[identity].id, identities[identity].text, &failure);
}

/* The roots' sums, made by adding vectors up the tree, against the figures of all units added up
 * first. */
static void check_parent(struct engine *engine)
{
    static const struct text2 text = {"Đơn vị cấp trên = riêng nó + các đơn vị trực thuộc",
                                      "A parent = its own + its children"};
    const struct scope *scope = &engine->input->scope;
    int64_t *difference = arena_array(engine->arena, engine->width, sizeof *difference);
    struct failure failure = {0};
    if (difference == NULL) {
        return;
    }
    for (unsigned index = 0; index < engine->sides; index++) {
        for (unsigned shift = 0; shift < engine->input->form->shift_count; shift++) {
            const struct engine_side side = {index, shift};
            engine_evaluate(engine, engine_totals(engine, side), side, SLOTS_ALL, difference);
        }
    }
    for (uint32_t i = 0; i < scope->count; i = scope->rows[i].end) {
        for (unsigned k = 0; k < engine->width; k++) {
            difference[k] -= engine->sums[(size_t)i * engine->width + k];
        }
    }
    for (unsigned k = 0; k < engine->width; k++) {
        fail(&failure, engine->report->unit_name, difference[k]);
    }
    add_check(engine, "parent", text, &failure);
}

/* What a unit counts alone is the sum of its parts. */
static void check_parts(struct engine *engine)
{
    static const struct {
        const char *id;
        struct text2 text;
    } rows[] = {
        [ROWS_FIELDS] = {"fields",
                         {"Đơn vị = cộng các lĩnh vực của nó", "A unit = the sum of its fields"}},
        [ROWS_LEVELS] = {"service_levels",
                         {"Đơn vị = toàn trình + một phần + không cung cấp trực tuyến",
                          "A unit = full + partial + not offered online"}},
        [ROWS_CLASSES] = {"classes",
                          {"Đơn vị = cộng các loại PAKN của nó",
                           "A unit = the sum of its classes of petitions"}},
        [ROWS_PROCEDURES] = {"procedures",
                             {"Đơn vị = cộng các thủ tục của nó",
                              "A unit = the sum of its procedures"}},
    };
    const struct scope *scope = &engine->input->scope;
    const enum form_rows kind = engine->input->form->rows;
    struct failure failure = {0};
    for (uint32_t i = 0; i < scope->count && failure.label == NULL; i++) {
        const int64_t *own = engine_own(engine, i);
        const int64_t *parts = engine->parts_total + (size_t)i * engine->width;
        for (unsigned k = 0; k < engine->width; k++) {
            if (own[k] != parts[k]) {
                fail(&failure, engine_row_label(engine, &scope->rows[i]), own[k] - parts[k]);
            }
        }
    }
    add_check(engine, rows[kind].id, rows[kind].text, &failure);
}

/* No count may be below zero. A column that takes dossiers away from others may: what was received
 * in the period and transferred out is missing from what was carried over. The check says where. */
static struct text2 not_negative_text(const struct engine *engine)
{
    static const struct text2 none = {"Không có số âm", "No figure is below zero"};
    const struct form *form = engine->input->form;
    for (uint32_t i = 0; i < engine->sides * engine->record_count; i++) {
        const struct record *record = &engine->records[i / engine->sides];
        const int64_t *sums = record->sums + (size_t)(i % engine->sides) * engine->half;
        for (unsigned k = 0; k < form->shown_count; k++) {
            if (sums[(size_t)2 * k] < 0) {
                const char *vi = arena_printf(engine->arena,
                                              "Không có số đếm âm; “%s” tại “%s” âm vì cột này có "
                                              "trừ hồ sơ, như hồ sơ chuyển đi",
                                              form->figures[k].label.vi, record->label);
                const char *en = arena_printf(engine->arena,
                                              "No count is below zero; \"%s\" of \"%s\" is, since "
                                              "it subtracts dossiers, as those transferred out",
                                              form->figures[k].label.en, record->label);
                return vi != NULL && en != NULL ? (struct text2){vi, en} : none;
            }
        }
    }
    return none;
}

static void check_not_negative(struct engine *engine)
{
    struct failure failure = {0};
    if (engine->negative != NULL) {
        fail(&failure, engine_unit_label(engine, engine->negative), -1);
    }
    add_check(engine, "not_negative", not_negative_text(engine), &failure);
}

/* What was open at the end of the day before, in that day's tree, is what is carried over but for
 * units that came and left (counting rules §6). */
static void check_continuity(struct engine *engine)
{
    static const struct text2 text = {
        "Chưa giải quyết xong cuối ngày trước kỳ (theo cây đơn vị ngày đó) + đơn vị chuyển đến − "
        "đơn vị chuyển đi = kỳ trước chuyển qua",
        "Open at the end of the day before (in that day's unit tree) + units that came − units "
        "that left = carried over"};
    const struct scope_moves *moves = &engine->input->moves;
    const int32_t day = engine->input->days.from;
    int64_t open = engine_open(engine, moves->before.units, moves->before.unit_count, day);
    struct failure failure = {0};
    for (uint32_t i = 0; i < moves->count; i++) {
        const struct scope_move *move = &moves->moves[i];
        const int64_t along = move->way == SCOPE_CHANGED
                                  ? 0
                                  : engine_open(engine, moves->units + move->unit_first,
                                                move->unit_end - move->unit_first, day);
        open += move->way == SCOPE_CAME ? along : -along;
    }
    fail(&failure, engine->report->unit_name, engine_carried_over(&engine->totals[0]) - open);
    add_check(engine, "continuity", text, &failure);
}

/* On the figures as printed. */
static void check_form(struct engine *engine, const struct form_check *check)
{
    struct failure failure = {0};
    for (uint32_t i = 0; i < engine->sides * engine->record_count; i++) {
        const struct record *record = &engine->records[i / engine->sides];
        const int64_t *sums = record->sums + (size_t)(i % engine->sides) * engine->half;
        int64_t difference = 0;
        for (unsigned k = 0; k < check->count; k++) {
            difference += check->terms[k].coefficient * sums[(size_t)2 * check->terms[k].figure];
        }
        fail(&failure, record->label, difference);
    }
    add_check(engine, check->id, check->text, &failure);
}

enum status engine_checks(struct engine *engine)
{
    const struct form *form = engine->input->form;
    const size_t most = IDENTITY_COUNT + form->check_count + 4;
    engine->report->checks = arena_array(engine->arena, most, sizeof(Hoso__V1__Check *));
    if (engine->report->checks == NULL) {
        return STATUS_TOO_LARGE;
    }
    for (unsigned i = 0; i < IDENTITY_COUNT; i++) {
        check_identity(engine, i);
    }
    check_parent(engine);
    check_not_negative(engine);
    if (engine->input->moves.count != 0) {
        check_continuity(engine);
    }
    if (engine->parts_total != NULL) {
        check_parts(engine);
    }
    for (unsigned i = 0; i < form->check_count; i++) {
        check_form(engine, &form->checks[i]);
    }
    return engine->arena->exceeded ? STATUS_TOO_LARGE : STATUS_OK;
}
