/* SPDX-License-Identifier: Apache-2.0
 *
 * hoso overdue: what a unit has to see to today.
 */
#include "services/hoso/command.h"

#include <libintl.h>
#include <string.h>

#include "services/hoso/report/listing.h"
#include "services/hoso/report/words.h"

static const struct usage usage = {
    "overdue [--unit U] [--within DAYS | --waiting] [--count] [--limit N | --all]",
    "Dossiers that are overdue today, fall due soon, or wait for a supplement. / Hồ sơ quá hạn, "
    "sắp đến hạn hoặc chờ bổ sung hôm nay.",
    "Unit by unit in the catalogue's order, the earliest due day first. --within 0 has those due "
    "today, too: as many as\na report of today counts as overdue at its end.",
};

static const struct list_column columns[] = {
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
};

static const struct list_column count_columns[] = {
    {"unit", {"Mã đơn vị", "Unit"}, false},
    {"unitName", {"Đơn vị", "Unit's name"}, false},
    {"count", {"Số hồ sơ", "Dossiers"}, true},
};

static enum hoso_status ask(void *context, struct hoso_client *client, const char *after,
                            unsigned limit, struct listing_page *ret_page, struct hoso_error *error)
{
    struct hoso_open_query *query = context;
    struct hoso_open_page *page = NULL;
    query->after = after;
    query->limit = limit;
    const enum hoso_status status = hoso_open_list(client, query, &page, error);
    if (status == HOSO_OK) {
        *ret_page = (struct listing_page){page, page->cut, page->next,
                                          query->counts ? page->unit_count : page->count};
    }
    return status;
}

static void add_rows(const struct command *command, struct listing *listing, void *result)
{
    const struct hoso_open_page *page = result;
    struct document *document = &listing->document;
    for (size_t i = 0; i < page->count; i++) {
        const struct hoso_open_dossier *line = &page->dossiers[i];
        DOCUMENT_ROW(
            document, 0, line->unit, line->unit_name, listing_id(command, result, line->dossier),
            line->procedure, line->procedure_name, line->field, line->field_name,
            words_date(command, result, line->received), words_date(command, result, line->due));
        if (line->due[0] != '\0') {
            document_number(document, line->days_left);
        } else {
            document_text(document, "");
        }
        document_text(document, words_of(command, WORDS_STATE, line->state));
        document_text(document, words_of(command, WORDS_CHANNEL, line->channel));
        document_text(document, words_of(command, WORDS_LEVEL, line->service_level));
    }
}

/* A unit that a page ended in comes again as the first one of the next. */
static void add_counts(const struct command *command, struct listing *listing, void *result)
{
    const struct hoso_open_page *page = result;
    struct document *document = &listing->document;
    (void)command;
    for (size_t i = 0; i < page->unit_count; i++) {
        const struct hoso_open_count *unit = &page->units[i];
        const size_t rows = document->row_count;
        struct document_cell *last =
            rows != 0 ? &document->cells[document->cell_count - document->column_count] : NULL;
        if (last != NULL && strcmp(last[0].text, unit->unit) == 0) {
            last[2].n += (int64_t)unit->count;
        } else {
            DOCUMENT_ROW(document, 0, unit->unit, unit->unit_name);
            document_number(document, (int64_t)unit->count);
        }
        listing->sum += (int64_t)unit->count;
    }
}

static const struct listing_source source = {
    .name = "dossiers",
    .columns = columns,
    .column_count = sizeof columns / sizeof *columns,
    .attempts = 3,
    .ask = ask,
    .add_rows = add_rows,
};

static const struct listing_source count_source = {
    .name = "units",
    .columns = count_columns,
    .column_count = sizeof count_columns / sizeof *count_columns,
    .has_sum = true,
    .attempts = 3,
    .ask = ask,
    .add_rows = add_counts,
};

int cmd_overdue(struct command *command, int argc, char **argv)
{
    enum { WITHIN_MAX = 365 };
    struct hoso_open_query query = {.unit = NULL};
    uint64_t limit = LISTING_LIMIT;
    uint64_t within = UINT64_MAX;
    bool waiting = false;
    bool all = false;
    const struct option options[] = {
        {"unit", OPTION_TEXT, &query.unit, "U", "a unit and its subtree (all that we may see)",
         false},
        {"within", OPTION_NUMBER, &within, "DAYS", "those due within so many days, too; 0 = today",
         false},
        {"waiting", OPTION_FLAG, &waiting, NULL, "those that wait for a supplement instead", false},
        {"tree-at", OPTION_DATE, &query.tree_at, "D", "the day whose unit tree applies (today)",
         false},
        {"count", OPTION_FLAG, &query.counts, NULL, "only how many each unit has", false},
        {"limit", OPTION_NUMBER, &limit, "N", "at most so many (100)", false},
        {"all", OPTION_FLAG, &all, NULL, "all of them", false},
        OPTIONS_OF_DOCUMENTS(command),
        OPTIONS_END,
    };
    const int code = command_parse(command, argc, argv, options, &usage);
    if (code >= 0) {
        return code;
    }
    const bool soon = within != UINT64_MAX;
    if (limit == 0 || (soon && (waiting || within > WITHIN_MAX))) {
        return usage_error(&usage, "%s",
                           gettext(limit == 0 ? "--limit is at least 1"
                                   : waiting  ? "--within and --waiting are two lists"
                                              : "--within is at most 365 days"));
    }
    query.days = soon ? (unsigned)within + 1 : 0;
    query.state = waiting ? "WAITING_SUPPLEMENT" : "PROCESSING";
    query.all = waiting;
    return listing_run(command, query.counts ? &count_source : &source, &query,
                       all || query.counts ? UINT64_MAX : limit);
}
