/* SPDX-License-Identifier: Apache-2.0
 *
 * Lists: asked of reporting, printed by common/render. As JSON a page says where the next begins.
 */
#include <stdlib.h>
#include <string.h>

#include "options/period.h"
#include "client/hoso_events.h"
#include "client/hoso_period.h"
#include "render/life.h"
#include "render/lists.h"
#include "render/services.h"
#include "services/gateway/handlers.h"
#include "services/gateway/paper.h"

static struct list_end print_list(const struct web_request *request, const struct list_kind *kind,
                                  void *page, const struct list_end *end, FILE *out)
{
    const struct list_reader reader = {.format = RENDER_JSON, .english = request->english};
    struct list_end printed = end != NULL ? *end : (struct list_end){.complete = true};
    struct document document;
    list_begin(&document, kind, &reader);
    printed.sum = kind->add_rows(&document, &reader, page);
    if (end != NULL) {
        list_print_json(kind, &document, &printed, out);
    } else {
        const struct render_options options = {.format = RENDER_JSON};
        (void)render_documents(&document, 1, &options, out);
    }
    document_fini(&document);
    return printed;
}

/* Without an end it is a list that has no pages: an array. Frees the page. */
static void answer_list(struct web_request *request, const struct list_kind *kind, void *page,
                        const struct list_end *end)
{
    const enum render_format format = web_format(request, "json csv xlsx html");
    struct web_print print;
    if (web_print_begin(request, &print)) {
        (void)print_list(request, kind, page, end, print.out);
        if (web_print_end(request, &print, true) &&
            !web_is_known(request, slice_of(print.text, print.size))) {
            if (format == RENDER_JSON) {
                buffer_put(web_answer(request, MHD_HTTP_OK, web_type(format)), print.text,
                           print.size);
            } else {
                const struct list_reader reader = {.format = format, .english = request->english};
                struct document document;
                list_begin(&document, kind, &reader);
                (void)kind->add_rows(&document, &reader, page);
                paper_answer(request, &document, 1, format, kind->name);
                document_fini(&document);
            }
        }
        free(print.text);
    }
    hoso_free(page);
}

void handle_units(struct web_request *request)
{
    const bool all = web_flag(request, "all");
    const char *unit = web_text(request, "unit");
    const char *at = web_text(request, "at");
    struct hoso_units *units = NULL;
    struct hoso_error error;
    const enum hoso_status status =
        all ? hoso_units_list_all(request->client, unit, at, &units, &error)
            : hoso_units_list(request->client, unit, at, &units, &error);
    if (status != HOSO_OK) {
        web_fail_client(request, &error);
    } else {
        answer_list(request, all ? &list_of_all_units : &list_of_units, units, NULL);
    }
}

void handle_forms(struct web_request *request)
{
    struct hoso_forms *forms = NULL;
    struct hoso_error error;
    if (hoso_forms_list(request->client, request->english ? "en" : "vi", &forms, &error) !=
        HOSO_OK) {
        web_fail_client(request, &error);
    } else {
        answer_list(request, &list_of_forms, forms, NULL);
    }
}

void handle_dossiers(struct web_request *request)
{
    struct period period;
    int as_closed;
    if (!handle_period(request, &period) || !handle_as_closed(request, &as_closed)) {
        return;
    }
    const struct hoso_cell_query query = {.report = {.form = web_text(request, "form"),
                                                     .unit = web_text(request, "unit"),
                                                     .from = period.from,
                                                     .to = period.to,
                                                     .tree_at = web_text(request, "treeAt"),
                                                     .as_closed = as_closed},
                                          .restated = web_flag(request, "restated"),
                                          .column = web_text(request, "column"),
                                          .field = web_text(request, "field"),
                                          .procedure = web_text(request, "procedure"),
                                          .row = web_text(request, "row"),
                                          .report_unit = web_text(request, "reportUnit"),
                                          .after = web_text(request, "after"),
                                          .limit = (unsigned)web_number(request, "limit", 0)};
    struct hoso_dossiers *page = NULL;
    struct hoso_error error;
    if (hoso_dossiers_list(request->client, &query, &page, &error) != HOSO_OK) {
        web_fail_client(request, &error);
        return;
    }
    const struct list_end end = {
        .cut = page->cut, .complete = page->next[0] == '\0', .next = page->next};
    answer_list(request, &list_of_dossiers, page, &end);
}

void handle_overdue(struct web_request *request)
{
    const bool waiting = web_flag(request, "waiting");
    const bool soon = web_text(request, "within") != NULL;
    const struct hoso_open_query query = {
        .unit = web_text(request, "unit"),
        .state = waiting ? "WAITING_SUPPLEMENT" : "PROCESSING",
        .all = waiting,
        .days = soon ? (unsigned)web_number(request, "within", 0) + 1 : 0,
        .tree_at = web_text(request, "treeAt"),
        .counts = web_flag(request, "count"),
        .after = web_text(request, "after"),
        .limit = (unsigned)web_number(request, "limit", 0)};
    struct hoso_open_page *page = NULL;
    struct hoso_error error;
    if (soon && waiting) {
        web_fail(request, PROBLEM_INVALID, "within", "within and waiting are two lists: give one");
        return;
    }
    if (hoso_open_list(request->client, &query, &page, &error) != HOSO_OK) {
        web_fail_client(request, &error);
        return;
    }
    const struct list_end end = {
        .cut = page->cut, .complete = page->next[0] == '\0', .next = page->next};
    answer_list(request, query.counts ? &list_of_open_counts : &list_of_open, page, &end);
}

void handle_quality(struct web_request *request)
{
    const struct hoso_quality_query query = {.kind = web_text(request, "kind"),
                                             .unit = web_text(request, "unit"),
                                             .after = web_text(request, "after"),
                                             .limit = (unsigned)web_number(request, "limit", 0)};
    struct hoso_findings *page = NULL;
    struct hoso_error error;
    if (hoso_quality_list(request->client, &query, &page, &error) != HOSO_OK) {
        web_fail_client(request, &error);
        return;
    }
    const struct list_end end = {
        .cut = page->cut, .complete = page->next[0] == '\0', .next = page->next};
    answer_list(request, &list_of_findings, page, &end);
}

void handle_sources(struct web_request *request)
{
    const struct hoso_sources_query query = {.unit = web_text(request, "unit"),
                                             .after = web_text(request, "after"),
                                             .limit = (unsigned)web_number(request, "limit", 0)};
    struct hoso_sources *page = NULL;
    struct hoso_error error;
    if (hoso_sources_list(request->client, &query, &page, &error) != HOSO_OK) {
        web_fail_client(request, &error);
        return;
    }
    (void)hoso_sources_add_refused(request->client, page, &error); /* not for everybody */
    const struct list_end end = {
        .cut = page->cut, .complete = page->next[0] == '\0', .next = page->next};
    answer_list(request, &list_of_sources, page, &end);
}

void handle_closes(struct web_request *request)
{
    const struct hoso_closes_query query = {.unit = web_text(request, "unit"),
                                            .before = (unsigned)web_number(request, "after", 0),
                                            .limit = (unsigned)web_number(request, "limit", 0)};
    struct hoso_closes *page = NULL;
    struct hoso_error error;
    if (hoso_closes_list(request->client, &query, &page, &error) != HOSO_OK) {
        web_fail_client(request, &error);
        return;
    }
    const struct list_end end = {.cut = page->cut,
                                 .complete = page->next == 0,
                                 .next = arena_printf(&request->arena, "%u", page->next)};
    answer_list(request, &list_of_closes, page, &end);
}

void handle_dossier(struct web_request *request)
{
    struct hoso_lives *lives = NULL;
    struct hoso_error error;
    struct web_print print;
    if (hoso_lives_get(request->client, request->rest, &lives, &error) != HOSO_OK) {
        web_fail_client(request, &error);
        return;
    }
    if (web_print_begin(request, &print)) {
        const bool good = life_print_json(lives, print.out);
        web_print_answer_tagged(request, &print, good);
    }
    hoso_free(lives);
}

void handle_status(struct web_request *request)
{
    struct status_answer answers[STATUS_PEERS];
    struct arena arena;
    struct web_print print;
    if (!web_print_begin(request, &print)) {
        return;
    }
    status_answers_init(answers);
    arena_init(&arena, STATUS_ARENA_BYTES);
    for (unsigned i = 0; i < STATUS_PEERS; i++) {
        status_ask(request->client, &arena, &answers[i]);
    }
    status_print_json(answers, print.out);
    arena_fini(&arena);
    web_print_answer(request, &print, MHD_HTTP_OK, true);
}
