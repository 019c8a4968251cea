/* SPDX-License-Identifier: Apache-2.0
 *
 * The identities of counting rules §5 on every row, and the form's own between its figures. A check
 * says what holds; if it does not, also the first place where it fails and by how much.
 */
#include "services/reporting/engine/engine_internal.h"

#include <inttypes.h>
#include <string.h>

#include "base/require.h"

#define TERM_FLOW_LESS(name, slots) TERM(name, SIDE_FLOW, slots, -1)
#define TERM_CLOSE_LESS(name) TERM(name, SIDE_CLOSE, SLOTS_ALL, -1)

const struct identity identities[] = {
    {"balance",
     {"Kỳ trước chuyển qua + tiếp nhận + chuyển đến = đã giải quyết + trả lại + công dân rút + "
      "chuyển đi + chưa giải quyết xong cuối kỳ",
      "Carried over + received + transferred in = resolved + returned + withdrawn + transferred "
      "out + open at the end"},
     EXPRESSION(TERMS_CARRIED_OVER, TERM_FLOW(RECEIVED), TERM_FLOW(TRANSFERRED_IN),
                TERM_LESS(RESOLVED_EARLY), TERM_LESS(RESOLVED_ON_TIME),
                TERM_LESS(RESOLVED_LATE_APOLOGY), TERM_LESS(RESOLVED_LATE_NO_APOLOGY),
                TERM_LESS(RETURNED), TERM_LESS(WITHDRAWN), TERM_LESS(TRANSFERRED_OUT),
                TERM_CLOSE_LESS(PROCESSING_IN_TIME), TERM_CLOSE_LESS(PROCESSING_OVERDUE),
                TERM_CLOSE_LESS(WAITING_SUPPLEMENT), TERM_CLOSE_LESS(WAITING_PAYMENT),
                TERM_CLOSE_LESS(STOPPED))},
    {"channels",
     {"Tiếp nhận = trực tuyến + trực tiếp + bưu chính", "Received = online + direct + postal"},
     EXPRESSION(TERM_FLOW(RECEIVED), TERM_FLOW_LESS(RECEIVED, SLOTS_ONLINE),
                TERM_FLOW_LESS(RECEIVED, SLOTS_DIRECT), TERM_FLOW_LESS(RECEIVED, SLOTS_POSTAL))},
    {"levels",
     {"Tiếp nhận = toàn trình + một phần + không cung cấp trực tuyến",
      "Received = full + partial + not offered online"},
     EXPRESSION(TERM_FLOW(RECEIVED), TERM_FLOW_LESS(RECEIVED, SLOTS_FULL),
                TERM_FLOW_LESS(RECEIVED, SLOTS_PARTIAL),
                TERM_FLOW_LESS(RECEIVED, SLOTS_NOT_OFFERED_ONLINE))},
    /* Resolved by channel: one without a channel would be in no form's columns. */
    {"resolved",
     {"Đã giải quyết = trước hạn + đúng hạn + quá hạn", "Resolved = early + on time + late"},
     EXPRESSION(TERMS_RESOLVED, TERM_FLOW_LESS(RESOLVED_EARLY, SLOTS_ANY_CHANNEL),
                TERM_FLOW_LESS(RESOLVED_ON_TIME, SLOTS_ANY_CHANNEL),
                TERM_FLOW_LESS(RESOLVED_LATE_APOLOGY, SLOTS_ANY_CHANNEL),
                TERM_FLOW_LESS(RESOLVED_LATE_NO_APOLOGY, SLOTS_ANY_CHANNEL))},
    {"petitions",
     {"PAKN kỳ trước chuyển qua + tiếp nhận = đã xử lý + đang xử lý",
      "Petitions carried over + received = resolved + open at the end"},
     EXPRESSION(TERM_OPEN(PETITION_OPEN_IN_TIME), TERM_OPEN(PETITION_OPEN_OVERDUE),
                TERM_FLOW(PETITION_RECEIVED), TERM_LESS(PETITION_RESOLVED_ON_TIME),
                TERM_LESS(PETITION_RESOLVED_LATE), TERM_CLOSE_LESS(PETITION_OPEN_IN_TIME),
                TERM_CLOSE_LESS(PETITION_OPEN_OVERDUE))},
};
const unsigned identity_count = COUNT_OF(identities);

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
    check->id = message_text(id);
    check->ok = failure->label == NULL;
    check->text = message_text(text_in(text, english));
    if (!check->ok) {
        engine->violations++;
        check->text = arena_printf(engine->arena,
                                   english ? "%s: VIOLATED at \"%s\", off by %" PRId64
                                           : "%s: SAI tại “%s”, lệch %" PRId64,
                                   check->text, failure->label, failure->difference);
    }
    engine->report->checks[engine->report->n_checks++] = check;
}

static void check_identity(struct engine *engine, unsigned identity)
{
    const struct scope *scope = &engine->input->scope;
    const unsigned at = 2 * engine->input->form->figure_count + identity;
    struct failure failure = {0};
    for (uint32_t i = 0; i < scope->count && failure.label == NULL; i++) {
        const int64_t difference = engine->own[(size_t)i * engine->width + at];
        if (difference != 0) {
            fail(&failure, engine_unit_label(engine, scope->rows[i].unit), difference);
        }
    }
    for (uint32_t i = 0; i < engine->record_count; i++) {
        fail(&failure, engine->records[i].label, engine->records[i].sums[at]);
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
    engine_evaluate(engine, &engine->total, difference);
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

static void check_fields(struct engine *engine)
{
    static const struct text2 text = {"Đơn vị = cộng các lĩnh vực của nó",
                                      "A unit = the sum of its fields"};
    const struct scope *scope = &engine->input->scope;
    struct failure failure = {0};
    for (uint32_t i = 0; i < scope->count && failure.label == NULL; i++) {
        const int64_t *own = engine->own + (size_t)i * engine->width;
        const int64_t *fields = engine->own_fields + (size_t)i * engine->width;
        for (unsigned k = 0; k < 2 * engine->input->form->figure_count; k++) {
            if (own[k] != fields[k]) {
                fail(&failure, engine_unit_label(engine, scope->rows[i].unit), own[k] - fields[k]);
            }
        }
    }
    add_check(engine, "fields", text, &failure);
}

static void check_not_negative(struct engine *engine)
{
    static const struct text2 text = {"Không có số âm", "No figure is below zero"};
    struct failure failure = {0};
    if (engine->negative != NULL) {
        fail(&failure, engine_unit_label(engine, engine->negative), -1);
    }
    add_check(engine, "not_negative", text, &failure);
}

static int64_t sum_of(const struct engine *engine, const char *const *ids, const int64_t *sums)
{
    const struct form *form = engine->input->form;
    int64_t sum = 0;
    for (unsigned i = 0; i < FORM_CHECK_IDS_MAX && ids[i] != NULL; i++) {
        const struct form_figure *figure = form_figure_find(form, ids[i]);
        require(figure != NULL);
        sum += sums[2 * (figure - form->figures)];
    }
    return sum;
}

static void check_form(struct engine *engine, const struct form_check *check)
{
    struct failure failure = {0};
    for (uint32_t i = 0; i < engine->record_count; i++) {
        const struct record *record = &engine->records[i];
        fail(&failure, record->label,
             sum_of(engine, check->left, record->sums) -
                 sum_of(engine, check->right, record->sums));
    }
    add_check(engine, check->id, check->text, &failure);
}

enum status engine_checks(struct engine *engine)
{
    const struct form *form = engine->input->form;
    const size_t most = identity_count + form->check_count + 3;
    engine->report->checks = arena_array(engine->arena, most, sizeof(Hoso__V1__Check *));
    if (engine->report->checks == NULL) {
        return STATUS_TOO_LARGE;
    }
    for (unsigned i = 0; i < identity_count; i++) {
        check_identity(engine, i);
    }
    check_parent(engine);
    check_not_negative(engine);
    if (engine->own_fields != NULL) {
        check_fields(engine);
    }
    for (unsigned i = 0; i < form->check_count; i++) {
        check_form(engine, &form->checks[i]);
    }
    return engine->arena->exceeded ? STATUS_TOO_LARGE : STATUS_OK;
}
