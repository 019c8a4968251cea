/* SPDX-License-Identifier: Apache-2.0
 *
 * A kind is a table of columns and a loop over what libhoso answered.
 */
#include "render/lists/lists.h"

#include <stdlib.h>
#include <string.h>

#include "base/localday.h"
#include "base/text.h"
#include "client/client.h"

enum { LIST_ID_SHOWN_MAX = 512 };

#define KIND(list) .columns = list, .column_count = sizeof(list) / sizeof *(list)

const char *list_id(const struct list_reader *reader, void *page, const char *id)
{
    char shown[LIST_ID_SHOWN_MAX];
    text_show(slice_text(id), shown, sizeof shown);
    if (reader->format != RENDER_TABLE || strcmp(shown, id) == 0) {
        return id;
    }
    return arena_string(result_arena(page), slice_text(shown));
}

static void list_date(struct document *document, const struct list_reader *reader, void *page,
                      const char *iso)
{
    document_date(document, words_date(reader, page, iso), iso);
}

/* How pages are asked for, of results that say themselves where the next one begins. */
#define LIST_ASK(name, query_type, page_type, call, lines)                                   \
    static enum hoso_status name(struct hoso_client *client, void *query, const char *after, \
                                 unsigned limit, struct list_page *ret_page,                 \
                                 struct hoso_error *error)                                   \
    {                                                                                        \
        query_type *asked = query;                                                           \
        page_type *page = NULL;                                                              \
        asked->after = after;                                                                \
        asked->limit = limit;                                                                \
        const enum hoso_status status = call(client, asked, &page, error);                   \
        if (status == HOSO_OK) {                                                             \
            *ret_page = (struct list_page){page, page->cut, page->next, lines};              \
        }                                                                                    \
        return status;                                                                       \
    }

LIST_ASK(ask_dossiers, struct hoso_cell_query, struct hoso_dossiers, hoso_dossiers_list,
         page->count + page->unit_count)
LIST_ASK(ask_open, struct hoso_open_query, struct hoso_dossiers, hoso_open_list,
         page->count + page->unit_count)
LIST_ASK(ask_findings, struct hoso_quality_query, struct hoso_findings, hoso_quality_list,
         page->count)

/* Of any list of dossiers; the last two only of those behind a cell. */
static const struct list_column dossier_columns[] = {
    {"unit", {"Mã đơn vị", "Unit"}, false},
    {"unitName", {"Đơn vị", "Unit's name"}, false},
    {"dossier", {"Mã hồ sơ", "Dossier"}, false},
    {"procedure", {"Mã thủ tục", "Procedure"}, false},
    {"procedureName", {"Thủ tục", "Procedure's name"}, false},
    {"field", {"Mã lĩnh vực", "Field"}, false},
    {"fieldName", {"Lĩnh vực", "Field's name"}, false},
    {"received", {"Ngày tiếp nhận", "Received"}, false},
    {"due", {"Ngày hẹn trả", "Due"}, false},
    {"daysLeft", {"Số ngày còn lại (âm: quá hạn)", "Days left (negative: overdue)"}, true},
    {"state", {"Tình trạng", "State"}, false},
    {"channel", {"Hình thức nộp", "Channel"}, false},
    {"serviceLevel", {"Mức độ dịch vụ", "Service level"}, false},
    {"space", {"Không gian mã", "Space"}, false},
    {"ended", {"Ngày kết thúc", "Ended"}, false},
    {"amount", {"Số", "Amount"}, true},
};
enum { DOSSIER_COLUMNS_ALL = sizeof dossier_columns / sizeof *dossier_columns };

static int64_t add_dossiers(struct document *document, const struct list_reader *reader,
                            void *result)
{
    const struct hoso_dossiers *page = result;
    int64_t sum = 0;
    for (size_t i = 0; i < page->count; i++) {
        const struct hoso_dossier *line = &page->dossiers[i];
        DOCUMENT_ROW(document, 0, line->unit, line->unit_name,
                     list_id(reader, result, line->dossier), line->procedure, line->procedure_name,
                     line->field, line->field_name);
        list_date(document, reader, result, line->received);
        list_date(document, reader, result, line->due);
        if (line->due[0] != '\0') {
            document_number(document, line->days_left);
        } else {
            document_text(document, "");
        }
        document_text(document, words_of(reader, WORDS_STATE, line->state));
        document_text(document, words_of(reader, WORDS_CHANNEL, line->channel));
        document_text(document, words_of(reader, WORDS_LEVEL, line->service_level));
        document_text(document, line->space);
        if (document->column_count == DOSSIER_COLUMNS_ALL) {
            list_date(document, reader, result, line->ended);
            document_number(document, line->amount);
        }
        sum += line->amount;
    }
    return sum;
}

const struct list_kind list_of_dossiers = {.name = "dossiers",
                                           KIND(dossier_columns),
                                           .has_sum = true,
                                           .of_one_cut = true,
                                           .of_dossiers = true,
                                           .add_rows = add_dossiers,
                                           .ask = ask_dossiers};
const struct list_kind list_of_open = {.name = "dossiers",
                                       .columns = dossier_columns,
                                       .column_count = DOSSIER_COLUMNS_ALL - 2,
                                       .of_one_cut = true,
                                       .of_dossiers = true,
                                       .add_rows = add_dossiers,
                                       .ask = ask_open};

static const struct list_column count_columns[] = {
    {"unit", {"Mã đơn vị", "Unit"}, false},
    {"unitName", {"Đơn vị", "Unit's name"}, false},
    {"count", {"Số hồ sơ", "Dossiers"}, true},
};

/* A unit that a page ended in comes again as the first one of the next. */
static int64_t add_counts(struct document *document, const struct list_reader *reader, void *result)
{
    const struct hoso_dossiers *page = result;
    int64_t sum = 0;
    (void)reader;
    for (size_t i = 0; i < page->unit_count; i++) {
        const struct hoso_unit_count *unit = &page->units[i];
        const size_t rows = document->row_count;
        struct document_cell *last =
            rows != 0 ? &document->cells[document->cell_count - document->column_count] : NULL;
        if (last != NULL && strcmp(last[0].text, unit->unit) == 0) {
            last[2].n += (int64_t)unit->count;
        } else {
            DOCUMENT_ROW(document, 0, unit->unit, unit->unit_name);
            document_number(document, (int64_t)unit->count);
        }
        sum += (int64_t)unit->count;
    }
    return sum;
}

const struct list_kind list_of_open_counts = {.name = "units",
                                              KIND(count_columns),
                                              .has_sum = true,
                                              .of_one_cut = true,
                                              .of_dossiers = true,
                                              .add_rows = add_counts,
                                              .ask = ask_open};

static const struct list_column finding_columns[] = {
    {"kind", {"Loại", "Kind"}, false},
    {"dossier", {"Mã hồ sơ", "Dossier"}, false},
    {"eventId", {"Mã sự kiện", "Event"}, false},
    {"eventKind", {"Sự kiện", "What"}, false},
    {"occurredAt", {"Thời điểm", "When"}, false},
    {"unit", {"Đơn vị", "Unit"}, false},
    {"source", {"Nguồn", "Source"}, false},
    {"position", {"Vị trí", "Position"}, true},
    {"count", {"Số lần", "Count"}, true},
    {"space", {"Không gian mã", "Space"}, false},
};

static int64_t add_findings(struct document *document, const struct list_reader *reader,
                            void *result)
{
    const struct hoso_findings *page = result;
    for (size_t i = 0; i < page->count; i++) {
        const struct hoso_finding *finding = &page->findings[i];
        char when[TIME_TEXT_SIZE];
        time_format(finding->occurred_at_ms, when);
        DOCUMENT_ROW(
            document, 0, words_of(reader, WORDS_FINDING, finding->kind),
            list_id(reader, result, finding->dossier), list_id(reader, result, finding->event_id),
            words_of(reader, WORDS_EVENT, finding->event_kind),
            words_date(reader, result, arena_string(result_arena(result), slice_text(when))),
            finding->unit, finding->source);
        document_number(document, (int64_t)finding->position);
        document_number(document, (int64_t)finding->count);
        document_text(document, finding->space);
    }
    return 0;
}

const struct list_kind list_of_findings = {
    .name = "findings", KIND(finding_columns), .add_rows = add_findings, .ask = ask_findings};

static const struct list_column source_columns[] = {
    {"source", {"Nguồn", "Source"}, false},
    {"units", {"Đơn vị được gửi", "Units"}, false},
    {"firstEvent", {"Sự kiện đầu tiên", "First event"}, false},
    {"lastEvent", {"Sự kiện gần nhất", "Last event"}, false},
    {"events", {"Số sự kiện", "Events"}, true},
    {"eventsToday", {"Hôm nay", "Today"}, true},
    {"eventsMonth", {"Tháng này", "This month"}, true},
    {"conflicts", {"Trùng mã khác nội dung", "Conflicts"}, true},
    {"findings", {"Lỗi dữ liệu khác", "Other findings"}, true},
    {"refused", {"Bị từ chối", "Refused"}, true},
    {"expires", {"Khóa hết hạn", "Key's last day"}, false},
    {"state", {"Tình trạng", "State"}, false},
};

static const char *source_time(const struct list_reader *reader, void *result, int64_t ms,
                               bool none)
{
    char when[TIME_TEXT_SIZE];
    if (none) {
        return "";
    }
    time_format(ms, when);
    return words_date(reader, result, arena_string(result_arena(result), slice_text(when)));
}

/* Nothing in the last year: it was replaced (counting rules §6a), and is missed in no report. */
static bool has_ended(const struct hoso_sources *page, const struct hoso_source *line)
{
    enum { YEAR = 365 };
    int32_t today;
    return localday_parse(slice_text(page->at), &today) &&
           today - localday_of_ms(line->last_event_ms) > YEAR;
}

/* The one thing to see to first. */
static const char *source_state(const struct hoso_sources *page, const struct hoso_source *line)
{
    if (!line->registered) {
        return "NO_KEY";
    }
    if (line->expires[0] != '\0' && strcmp(line->expires, page->at) < 0) {
        return "EXPIRED";
    }
    if (line->events == 0) {
        return "NEVER_SENT";
    }
    return line->silent ? "SILENT" : has_ended(page, line) ? "ENDED" : "SENDING";
}

static int64_t add_sources(struct document *document, const struct list_reader *reader,
                           void *result)
{
    const struct hoso_sources *page = result;
    for (size_t i = 0; i < page->count; i++) {
        const struct hoso_source *line = &page->sources[i];
        const bool none = line->events == 0;
        DOCUMENT_ROW(document, 0, line->source, line->units,
                     source_time(reader, result, line->first_event_ms, none),
                     source_time(reader, result, line->last_event_ms, none));
        document_number(document, (int64_t)line->events);
        document_number(document, (int64_t)line->events_today);
        document_number(document, (int64_t)line->events_month);
        document_number(document, (int64_t)line->conflicts);
        document_number(document, (int64_t)line->findings);
        if (line->refused >= 0) {
            document_number(document, line->refused);
        } else {
            document_text(document, "");
        }
        document_text(document, words_date(reader, result, line->expires));
        document_text(document, words_of(reader, WORDS_SOURCE, source_state(page, line)));
    }
    return 0;
}

static enum hoso_status ask_sources(struct hoso_client *client, void *query, const char *after,
                                    unsigned limit, struct list_page *ret_page,
                                    struct hoso_error *error)
{
    struct hoso_sources_query *asked = query;
    struct hoso_sources *page = NULL;
    asked->after = after;
    asked->limit = limit;
    const enum hoso_status status = hoso_sources_list(client, asked, &page, error);
    if (status == HOSO_OK) {
        struct hoso_error unknown; /* only administrators may ask; the column is then empty */
        (void)hoso_sources_add_refused(client, page, &unknown);
        *ret_page = (struct list_page){page, page->cut, page->next, page->count};
    }
    return status;
}

const struct list_kind list_of_sources = {
    .name = "sources", KIND(source_columns), .add_rows = add_sources, .ask = ask_sources};

static const struct list_column close_columns[] = {
    {"number", {"Lần chốt", "Close"}, true},     {"unit", {"Đơn vị", "Unit"}, false},
    {"unitName", {"Tên đơn vị", "Name"}, false}, {"to", {"Đến hết ngày", "Up to"}, false},
    {"label", {"Nội dung", "Label"}, false},     {"by", {"Người chốt", "By"}, false},
    {"closedAt", {"Chốt lúc", "At"}, false},     {"position", {"Vị trí", "Position"}, true},
};

static int64_t add_closes(struct document *document, const struct list_reader *reader, void *result)
{
    const struct hoso_closes *page = result;
    for (size_t i = 0; i < page->count; i++) {
        const struct hoso_close *close = &page->closes[i];
        document_row(document, 0);
        document_number(document, close->number);
        document_text(document, close->unit);
        document_text(document, close->unit_name);
        document_text(document, words_date(reader, result, close->to));
        document_text(document, close->label);
        document_text(document, close->by);
        document_text(document, source_time(reader, result, close->closed_at_ms, false));
        document_number(document, (int64_t)close->position);
    }
    return 0;
}

/* They go on by the number of a close. */
static enum hoso_status ask_closes(struct hoso_client *client, void *query, const char *after,
                                   unsigned limit, struct list_page *ret_page,
                                   struct hoso_error *error)
{
    struct hoso_closes_query *asked = query;
    struct hoso_closes *page = NULL;
    asked->before = after != NULL ? (unsigned)strtoul(after, NULL, 10) : 0;
    asked->limit = limit;
    const enum hoso_status status = hoso_closes_list(client, asked, &page, error);
    if (status == HOSO_OK) {
        const char *next =
            page->next != 0 ? arena_printf(result_arena(page), "%u", page->next) : "";
        *ret_page = (struct list_page){page, page->cut, next, page->count};
        if (next == NULL) {
            hoso_free(page);
            return client_fail(error, HOSO_TOO_LARGE, NULL, "out of memory");
        }
    }
    return status;
}

const struct list_kind list_of_closes = {
    .name = "closes", KIND(close_columns), .add_rows = add_closes, .ask = ask_closes};

static const struct list_column unit_columns[] = {
    {"name", {"Tên đơn vị", "Name"}, false},
    {"unit", {"Mã", "Unit"}, false},
    {"tier", {"Cấp", "Tier"}, false},
    {"parent", {"Trực thuộc", "Parent"}, false},
    {"validFrom", {"Từ ngày", "From"}, false},
    {"validTo", {"Đến ngày", "To"}, false},
    {"successors", {"Đơn vị kế thừa", "Successors"}, false},
    {"countedIn", {"Tính vào", "Counted in"}, false},
};
enum { UNIT_COLUMNS_ALL = sizeof unit_columns / sizeof *unit_columns };

static int64_t add_units(struct document *document, const struct list_reader *reader, void *result)
{
    const struct hoso_units *units = result;
    for (size_t i = 0; i < units->count; i++) {
        const struct hoso_unit *unit = &units->units[i];
        DOCUMENT_ROW(document, unit->depth,
                     reader->english && unit->name_en[0] != '\0' ? unit->name_en : unit->name,
                     unit->id, words_of(reader, WORDS_TIER, unit->tier), unit->parent,
                     words_date(reader, result, unit->valid_from),
                     words_date(reader, result, unit->valid_to));
        if (document->column_count == UNIT_COLUMNS_ALL) {
            document_text(document, unit->successors);
            document_text(document, unit->counted_in);
        }
    }
    return 0;
}

const struct list_kind list_of_units = {.name = "units",
                                        .columns = unit_columns,
                                        .column_count = UNIT_COLUMNS_ALL - 2,
                                        .add_rows = add_units};
const struct list_kind list_of_all_units = {
    .name = "units", KIND(unit_columns), .add_rows = add_units};

static const struct list_column form_columns[] = {
    {"form", {"Biểu", "Form"}, false},
    {"title", {"Tên biểu", "Title"}, false},
    {"file", {"Tệp riêng", "Own file"}, false},
};

static int64_t add_forms(struct document *document, const struct list_reader *reader, void *result)
{
    const struct hoso_forms *forms = result;
    (void)reader;
    for (size_t i = 0; i < forms->count; i++) {
        const struct hoso_form *form = &forms->forms[i];
        DOCUMENT_ROW(document, 0, form->form, form->title, form->file);
    }
    return 0;
}

const struct list_kind list_of_forms = {.name = "forms", KIND(form_columns), .add_rows = add_forms};

void list_begin(struct document *document, const struct list_kind *kind,
                const struct list_reader *reader)
{
    document_init_list(document, kind->columns, kind->column_count, reader->english);
}
