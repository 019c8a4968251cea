/* SPDX-License-Identifier: Apache-2.0
 *
 * What a reader must know beside the figures: the form's own notes, how early and overdue are
 * decided, and which units the report counts elsewhere than their name says (counting rules §6).
 */
#include <inttypes.h>

#include "base/localday.h"
#include "services/reporting/engine/engine_compare_internal.h"

static enum status add_note(struct engine *engine, const char *note)
{
    Hoso__V1__Report *report = engine->report;
    char **notes = arena_array(engine->arena, report->n_notes + 1, sizeof *notes);
    if (notes == NULL || note == NULL) {
        return STATUS_TOO_LARGE;
    }
    if (report->n_notes != 0) {
        memcpy(notes, report->notes, report->n_notes * sizeof *notes);
    }
    notes[report->n_notes++] = message_text(note);
    report->notes = notes;
    return STATUS_OK;
}

/* True for every form, so that a reader never has to guess (counting rules §3.6). */
static const struct text2 common_notes[] = {
    {"Trước hạn: giải quyết trước ngày hẹn trả. Đúng hạn: giải quyết đúng ngày hẹn trả, hoặc hồ sơ "
     "không có ngày hẹn. Quá hạn: giải quyết sau ngày hẹn trả. So sánh theo ngày, không theo giờ.",
     "Early: resolved before the due day. On time: resolved on the due day, or without a due date. "
     "Late: resolved after it. Days are compared, not hours."},
    {"Đang giải quyết bị coi là quá hạn từ đầu ngày sau ngày hẹn trả; hồ sơ đang chờ bổ sung, chờ "
     "nghĩa vụ tài chính hoặc dừng xử lý không tính quá hạn.",
     "In process counts as overdue from the day after the due day; a dossier that waits for a "
     "supplement or a payment or is stopped is never overdue."},
};

/* A form is in force for some years; a report of other days on it is possible, and says so. */
static enum status note_validity(struct engine *engine)
{
    static const struct text2 note = {
        "Biểu này không có hiệu lực trong toàn bộ kỳ báo cáo: xem ngày hiệu lực của biểu.",
        "This form is not in force in all of the period: see its dates of validity."};
    const struct engine_input *input = engine->input;
    if (input->days.from >= input->form->valid_from && input->days.to <= input->form->valid_to) {
        return STATUS_OK;
    }
    return add_note(engine, text_in(note, input->english));
}

static enum status fixed_notes(struct engine *engine)
{
    const struct form *form = engine->input->form;
    const bool english = engine->input->english;
    enum status status = STATUS_OK;
    for (unsigned i = 0; i < form->note_count && status == STATUS_OK; i++) {
        char *note = NULL;
        status = engine_sentence(engine, &form->notes[i], &note);
        if (status == STATUS_OK) {
            status = add_note(engine, note);
        }
    }
    for (unsigned i = 0; i < COUNT_OF(common_notes) && status == STATUS_OK; i++) {
        status = add_note(engine, text_in(common_notes[i], english));
    }
    return status == STATUS_OK ? note_validity(engine) : status;
}

static enum status note_compared(struct engine *engine)
{
    return engine->sides == 1 ? STATUS_OK : add_note(engine, engine_compare_note(engine));
}

/* Appends one more to a list, as long as it is among those that are named. */
static void add_name(struct engine *engine, struct engine_names *names, const char *name)
{
    if (names->count++ < ENGINE_NAMES_MAX && name != NULL) {
        const bool first = names->text == NULL;
        names->text = first ? name : arena_printf(engine->arena, "%s; %s", names->text, name);
    }
}

static const char *name_of(const struct engine *engine, const struct unit *unit)
{
    return arena_printf(engine->arena, "%s (%.*s)", engine_unit_label(engine, unit),
                        SLICE_ARG(unit->id));
}

void engine_name(struct engine *engine, struct engine_names *names, const struct unit *unit)
{
    add_name(engine, names, names->count < ENGINE_NAMES_MAX ? name_of(engine, unit) : NULL);
}

/* "…; and 12 more" */
static const char *rest_of(const struct engine *engine, const struct engine_names *names)
{
    if (names->count <= ENGINE_NAMES_MAX) {
        return "";
    }
    return arena_printf(engine->arena,
                        engine->input->english ? "; and %u more" : "; và %u đơn vị khác",
                        names->count - ENGINE_NAMES_MAX);
}

/* A reader must not take closed figures for those of today. */
static enum status note_closed(struct engine *engine)
{
    const Hoso__V1__ClosedPeriod *closed = engine->input->closed;
    int32_t last_day = 0;
    if (closed == NULL) {
        return STATUS_OK;
    }
    (void)localday_parse(slice_text(closed->to), &last_day);
    return add_note(
        engine,
        arena_printf(engine->arena,
                     engine->input->english
                         ? "Figures as closed: close %u of %s up to %s%s%s, closed on %s by %s. "
                           "What came in afterwards is not in them."
                         : "Số liệu đã chốt: lần chốt số %u của %s đến hết ngày %s%s%s, chốt ngày "
                           "%s bởi %s. Hồ sơ, sự kiện đến sau không tính vào đây.",
                     closed->number, closed->unit_name, engine_day_text(engine, last_day),
                     closed->label[0] != '\0' ? ", " : "", closed->label,
                     engine_day_text(engine, localday_of_ms(closed->closed_at)), closed->by));
}

/* Figures that wait for data look like small figures: say so. */
static enum status note_silence(struct engine *engine)
{
    const struct engine_silence *silence = &engine->input->silence;
    const bool english = engine->input->english;
    struct engine_names names = {0};
    for (unsigned i = 0; i < silence->count; i++) {
        const struct engine_silent *source = &silence->sources[i];
        add_name(engine, &names,
                 arena_printf(engine->arena, english ? "%s (last on %s)" : "%s (lần cuối %s)",
                              source->name, engine_day_text(engine, source->sent_day)));
    }
    if (names.count == 0) {
        return STATUS_OK;
    }
    const char *more =
        names.count <= ENGINE_NAMES_MAX
            ? ""
            : arena_printf(engine->arena, english ? "; and %u more" : "; và %u nguồn khác",
                           names.count - ENGINE_NAMES_MAX);
    return add_note(
        engine, arena_printf(engine->arena,
                             english ? "No data of the days %s to %s was received yet from: %s%s."
                                     : "Từ ngày %s đến ngày %s chưa nhận dữ liệu của: %s%s.",
                             engine_day_text(engine, silence->from_day),
                             engine_day_text(engine, silence->last_day), names.text, more));
}

static enum status note_outside(struct engine *engine)
{
    if (engine->outside.count == 0) {
        return STATUS_OK;
    }
    return add_note(
        engine, arena_printf(
                    engine->arena,
                    engine->input->english
                        ? "Units that count in the period and are not in the unit tree of %s (they "
                          "ended without a successor, or began later); their figures are part of "
                          "the total: %s%s."
                        : "Đơn vị có số liệu trong kỳ nhưng không có trong cây đơn vị ngày %s (đã "
                          "kết thúc mà chưa có đơn vị kế thừa, hoặc thành lập sau); số liệu đã "
                          "gồm trong tổng số: %s%s.",
                    engine_day_text(engine, engine->input->tree_day), engine->outside.text,
                    rest_of(engine, &engine->outside)));
}

static bool is_named(const struct engine *engine, uint32_t row)
{
    bool named = false;
    for (uint32_t i = 0; i < engine->record_count; i++) {
        const struct form_scope *scope = engine->records[i].scope;
        named = named || (scope->tiers != 0 && engine_scope_has(scope, &engine->input->scope, row));
    }
    return named;
}

/* Sentences name tiers, and a unit that was split may be of one that ended; it has no row that
 * would show what it counts. */
static enum status note_split(struct engine *engine)
{
    const struct scope *scope = &engine->input->scope;
    struct engine_names names = {0};
    for (uint32_t i = 0; i < scope->count && engine->input->form->rows == ROWS_LINES; i++) {
        if (scope->rows[i].kind == SCOPE_SPLIT && engine_any(engine, engine_own(engine, i)) &&
            !is_named(engine, i)) {
            engine_name(engine, &names, scope->rows[i].unit);
        }
    }
    if (names.count == 0) {
        return STATUS_OK;
    }
    return add_note(
        engine,
        arena_printf(engine->arena,
                     engine->input->english
                         ? "Units that were split and are of a tier that the unit tree of %s does "
                           "not have; their figures are part of the total alone: %s%s."
                         : "Đơn vị đã chia tách, thuộc cấp không còn trong cây đơn vị ngày %s; số "
                           "liệu chỉ gồm trong tổng số: %s%s.",
                     engine_day_text(engine, engine->input->tree_day), names.text,
                     rest_of(engine, &names)));
}

int64_t engine_carried_over(const struct figures *figures)
{
    static const enum measure open[] = {MEASURE_PROCESSING_IN_TIME, MEASURE_PROCESSING_OVERDUE,
                                        MEASURE_WAITING_SUPPLEMENT, MEASURE_WAITING_PAYMENT,
                                        MEASURE_STOPPED};
    int64_t sum = 0;
    for (unsigned i = 0; i < COUNT_OF(open); i++) {
        sum += figures_value(figures, open[i], SIDE_OPEN, SLOTS_ALL);
    }
    return sum;
}

int64_t engine_open(const struct engine *engine, const struct unit *const *units, uint32_t count,
                    int32_t day)
{
    const struct figures_source *source = &engine->input->source;
    int64_t sum = 0;
    for (uint32_t i = 0; i < count; i++) {
        struct figures figures = {0};
        source->read(source->context, units[i]->id, (struct days){day, day}, &figures);
        sum += engine_carried_over(&figures);
    }
    return sum;
}

static const char *place_of(const struct engine *engine, const struct unit *unit)
{
    if (unit == NULL) {
        return engine->input->english ? "outside the tree" : "ngoài cây đơn vị";
    }
    return name_of(engine, unit);
}

static void name_move(struct engine *engine, const struct scope_move *move,
                      struct engine_names *names)
{
    const int64_t open = engine_open(engine, engine->input->moves.units + move->unit_first,
                                     move->unit_end - move->unit_first, move->day);
    if (open == 0 && (move->from == NULL || move->to == NULL)) {
        return; /* a unit that began or ended, and took nothing along */
    }
    add_name(engine, names,
             arena_printf(engine->arena,
                          engine->input->english ? "%s from %s to %s on %s, with %" PRId64
                                                   " open dossiers"
                                                 : "%s từ %s sang %s ngày %s, mang theo %" PRId64
                                                   " hồ sơ chưa giải quyết xong",
                          name_of(engine, move->unit), place_of(engine, move->from),
                          place_of(engine, move->to), engine_day_text(engine, move->day), open));
}

static enum status note_moves(struct engine *engine, enum scope_way way, struct text2 format)
{
    const struct scope_moves *moves = &engine->input->moves;
    struct engine_names names = {0};
    for (uint32_t i = 0; i < moves->count; i++) {
        if (moves->moves[i].way == way) {
            name_move(engine, &moves->moves[i], &names);
        }
    }
    if (names.count == 0) {
        return STATUS_OK;
    }
    return add_note(engine, arena_printf(engine->arena, "%s: %s%s.",
                                         text_in(format, engine->input->english), names.text,
                                         rest_of(engine, &names)));
}

enum status engine_notes(struct engine *engine)
{
    static const struct text2 came = {"Đơn vị chuyển đến trong kỳ", "Units that came"};
    static const struct text2 left = {"Đơn vị chuyển đi trong kỳ", "Units that left"};
    static const struct text2 changed = {"Đơn vị đổi đơn vị cấp trên trong phạm vi báo cáo",
                                         "Units that changed their parent within the report"};
    enum status status = note_closed(engine);
    if (status == STATUS_OK) {
        status = note_compared(engine);
    }
    if (status == STATUS_OK) {
        status = fixed_notes(engine);
    }
    if (status == STATUS_OK) {
        status = note_silence(engine);
    }
    if (status == STATUS_OK) {
        status = note_outside(engine);
    }
    if (status == STATUS_OK) {
        status = note_split(engine);
    }
    if (status == STATUS_OK) {
        status = note_moves(engine, SCOPE_CAME, came);
    }
    if (status == STATUS_OK) {
        status = note_moves(engine, SCOPE_LEFT, left);
    }
    if (status == STATUS_OK) {
        status = note_moves(engine, SCOPE_CHANGED, changed);
    }
    return engine->arena->exceeded ? STATUS_TOO_LARGE : status;
}
