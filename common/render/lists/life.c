/* SPDX-License-Identifier: Apache-2.0
 *
 * Tables of columns, as lists.c has them.
 */
#include "render/lists/life.h"

#include <string.h>

#include "base/localday.h"
#include "client/client.h"
#include "ledger/measure.h"
#include "render/json.h"
#include "render/lists/lists.h"

#define COLUMNS(list) list, sizeof(list) / sizeof *(list)

static const char *time_text(const struct list_reader *reader, struct hoso_lives *lives, int64_t ms)
{
    char when[TIME_TEXT_SIZE];
    if (ms == 0) {
        return "";
    }
    time_format(ms, when);
    return words_date(reader, lives, arena_string(result_arena(lives), slice_text(when)));
}

/* What came of an event, in one word. */
static const char *effect_of(const struct hoso_life_event *event)
{
    if (event->voided) {
        return "VOIDED";
    }
    return event->finding[0] != '\0' ? event->finding : "EFFECTIVE";
}

void life_events(const struct list_reader *reader, struct hoso_lives *lives,
                 const struct hoso_life *life, struct document *ret_document)
{
    static const struct list_column columns[] = {
        {"occurredAt", {"Thời điểm", "When"}, false}, {"kind", {"Sự kiện", "What"}, false},
        {"unit", {"Đơn vị", "Unit"}, false},          {"dueAt", {"Hẹn trả", "Due"}, false},
        {"effect", {"Hiệu lực", "Effect"}, false},    {"source", {"Nguồn", "Source"}, false},
        {"eventId", {"Mã sự kiện", "Event"}, false},  {"position", {"Vị trí", "Position"}, true},
    };
    document_init_list(ret_document, COLUMNS(columns), reader->english);
    for (size_t i = 0; i < life->event_count; i++) {
        const struct hoso_life_event *event = &life->events[i];
        DOCUMENT_ROW(ret_document, 0, time_text(reader, lives, event->occurred_at_ms),
                     words_of(reader, WORDS_EVENT, event->kind), event->unit,
                     time_text(reader, lives, event->due_at_ms),
                     words_of(reader, WORDS_EFFECT, effect_of(event)), event->source,
                     list_id(reader, lives, event->event_id));
        document_number(ret_document, (int64_t)event->position);
    }
}

static const char *measure_text(const struct list_reader *reader, const char *name)
{
    const enum measure measure = measure_of(slice_text(name));
    return reader->format == RENDER_JSON || measure == MEASURE_COUNT
               ? name
               : measure_label(measure, reader->english);
}

void life_counts(const struct list_reader *reader, struct hoso_lives *lives,
                 const struct hoso_life *life, struct document *ret_document)
{
    static const struct list_column columns[] = {
        {"day", {"Ngày", "Day"}, false},
        {"unit", {"Đơn vị", "Unit"}, false},
        {"measure", {"Chỉ tiêu", "Measure"}, false},
        {"amount", {"Số", "Amount"}, true},
        {"procedure", {"Mã thủ tục", "Procedure"}, false},
        {"field", {"Mã lĩnh vực", "Field"}, false},
        {"channel", {"Hình thức nộp", "Channel"}, false},
        {"serviceLevel", {"Mức độ dịch vụ", "Service level"}, false},
        {"petitionClass", {"Loại PAKN", "Petition"}, false},
    };
    document_init_list(ret_document, COLUMNS(columns), reader->english);
    for (size_t i = 0; i < life->count_count; i++) {
        const struct hoso_life_count *count = &life->counts[i];
        DOCUMENT_ROW(ret_document, 0, words_date(reader, lives, count->day), count->unit,
                     measure_text(reader, count->measure));
        document_number(ret_document, count->amount);
        document_text(ret_document, count->procedure);
        document_text(ret_document, count->field);
        document_text(ret_document, words_of(reader, WORDS_CHANNEL, count->channel));
        document_text(ret_document, words_of(reader, WORDS_LEVEL, count->service_level));
        document_text(ret_document, words_of(reader, WORDS_PETITION, count->petition_class));
    }
}

static void put_line(const struct list_reader *reader, const char *vi, const char *en,
                     const char *code, const char *name, FILE *out)
{
    if (code[0] != '\0') {
        (void)fprintf(out, "%s: %s%s%s\n", reader->english ? en : vi, code,
                      name[0] != '\0' ? "  " : "", name);
    }
}

void life_print_head(const struct list_reader *reader, struct hoso_lives *lives,
                     const struct hoso_life *life, FILE *out)
{
    const char *state = life->state[0] != '\0' ? life->state : "NOTHING";
    put_line(reader, "Hồ sơ", "Dossier", list_id(reader, lives, life->dossier), "", out);
    put_line(reader, "Không gian mã", "Space", life->space, "", out);
    put_line(reader, "Tình trạng", "State", words_of(reader, WORDS_STATE, state), "", out);
    put_line(reader, "Đơn vị", "Unit", life->unit, life->unit_name, out);
    put_line(reader, "Thủ tục", "Procedure", life->procedure, life->procedure_name, out);
    put_line(reader, "Lĩnh vực", "Field", life->field, life->field_name, out);
    put_line(reader, "Ngày hẹn trả", "Due", words_date(reader, lives, life->due), "", out);
    for (size_t i = 0; i < life->outside.count; i++) {
        const struct hoso_finding *finding = &life->outside.findings[i];
        (void)fprintf(out,
                      reader->english ? "Not counted: %s, %llu times, first %s of %s\n"
                                      : "Không tính: %s, %llu lần, đầu tiên là %s của %s\n",
                      words_of(reader, WORDS_FINDING, finding->kind),
                      (unsigned long long)finding->count, list_id(reader, lives, finding->event_id),
                      finding->source);
    }
    (void)fputc('\n', out);
}

static bool put_rows(struct render_json *json, const char *name, struct document *document)
{
    const bool good = !document->failed;
    if (good) {
        render_rows_json(document, json, name);
    }
    document_fini(document);
    return good;
}

static void put_outside(struct render_json *json, const struct hoso_findings *outside)
{
    json_put_array(json, "outside");
    for (size_t i = 0; i < outside->count; i++) {
        const struct hoso_finding *finding = &outside->findings[i];
        json_put_object(json, NULL);
        json_put_text(json, "kind", finding->kind);
        json_put_text(json, "eventId", finding->event_id);
        json_put_text(json, "source", finding->source);
        json_put_number(json, "count", (int64_t)finding->count);
        json_put_end(json);
    }
    json_put_end(json);
}

static bool put_life(struct render_json *json, struct hoso_lives *lives,
                     const struct hoso_life *life)
{
    const struct list_reader reader = {.format = RENDER_JSON, .english = true};
    struct document document;
    json_put_object(json, NULL);
    json_put_text(json, "dossier", life->dossier);
    json_put_text(json, "space", life->space);
    json_put_optional(json, "state", life->state);
    json_put_optional(json, "unit", life->unit);
    json_put_optional(json, "unitName", life->unit_name);
    json_put_optional(json, "procedure", life->procedure);
    json_put_optional(json, "procedureName", life->procedure_name);
    json_put_optional(json, "field", life->field);
    json_put_optional(json, "fieldName", life->field_name);
    json_put_optional(json, "due", life->due);
    life_events(&reader, lives, life, &document);
    bool good = put_rows(json, "events", &document);
    life_counts(&reader, lives, life, &document);
    good = put_rows(json, "counts", &document) && good;
    put_outside(json, &life->outside);
    json_put_end(json);
    return good;
}

bool life_print_json(struct hoso_lives *lives, FILE *out)
{
    struct render_json json = render_json_to(out);
    bool good = true;
    json_put_object(&json, NULL);
    json_put_cut(&json, lives->cut.incarnation, lives->cut.position);
    json_put_array(&json, "dossiers");
    for (size_t i = 0; i < lives->count; i++) {
        good = put_life(&json, lives, &lives->lives[i]) && good;
    }
    json_put_end(&json);
    json_put_end(&json);
    (void)fputc('\n', out);
    return good;
}
