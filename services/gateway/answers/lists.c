/* SPDX-License-Identifier: Apache-2.0
 *
 * Lists: asked of reporting, printed by common/render. As JSON a page says where the next begins; a
 * file has the whole list.
 */
#include <stdlib.h>
#include <string.h>

#include "options/period.h"
#include "client/hoso_events.h"
#include "client/hoso_period.h"
#include "render/lists/life.h"
#include "render/lists/list_paper.h"
#include "render/lists/services.h"
#include "services/gateway/handlers.h"
#include "services/gateway/answers/paper.h"

enum { FILE_LINES_MAX = 20000 /* of a list as a file; said in it where there are more */ };

/* For programs: with pages an object that says where the next begins, without an array. */
static void put_json(const struct web_request *request, const struct list_kind *kind,
                     const struct list_pages *pages, FILE *out)
{
    const struct list_reader reader = {.format = RENDER_JSON, .english = request->english};
    const struct render_options options = {.format = RENDER_JSON};
    struct document document;
    const int64_t sum = list_fill(kind, &reader, pages, &document);
    if (kind->ask != NULL) {
        list_print_json(kind, pages, &document, sum, out);
    } else {
        (void)render_documents(&document, 1, &options, out);
    }
    document_fini(&document);
}

/* Whatever the format, the ETag is the JSON's. */
static void answer_pages(struct web_request *request, const struct list_kind *kind,
                         const struct list_pages *pages, enum render_format format)
{
    struct web_print print;
    if (!web_print_begin(request, &print)) {
        return;
    }
    put_json(request, kind, pages, print.out);
    if (web_print_end(request, &print, true) &&
        !web_is_known(request, slice_of(print.text, print.size))) {
        if (format == RENDER_JSON) {
            buffer_put(web_answer(request, MHD_HTTP_OK, web_type(format)), print.text, print.size);
        } else {
            const struct list_reader reader = {.format = format, .english = request->english};
            struct document document;
            (void)list_fill(kind, &reader, pages, &document);
            list_paper(kind, &reader, pages, true, &document);
            paper_answer(request, &document, 1, format, kind->name);
            document_fini(&document);
        }
    }
    free(print.text);
}

/* Of a list without pages. Frees the result. */
static void answer_whole(struct web_request *request, const struct list_kind *kind, void *result)
{
    void *all[] = {result};
    const struct list_pages pages = {.pages = all, .count = 1, .complete = true};
    answer_pages(request, kind, &pages, web_format(request, "json csv xlsx html"));
    hoso_free(result);
}

/* A page as JSON, or the list as a file. */
static void answer_list(struct web_request *request, const struct list_kind *kind, void *query)
{
    const enum render_format format = web_format(request, "json csv xlsx html");
    const bool page = format == RENDER_JSON;
    const uint64_t most = web_number(request, "limit", page ? LIST_LINES_DEFAULT : FILE_LINES_MAX);
    const char *after = web_text(request, "after");
    struct list_pages pages;
    struct hoso_error error;
    if (list_gather(kind, request->client, query, after, most, page, &pages, &error) == HOSO_OK) {
        answer_pages(request, kind, &pages, format);
    } else {
        web_fail_client(request, &error);
    }
    list_pages_fini(&pages);
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
        answer_whole(request, all ? &list_of_all_units : &list_of_units, units);
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
        answer_whole(request, &list_of_forms, forms);
    }
}

void handle_dossiers(struct web_request *request)
{
    struct period period;
    int as_closed;
    if (!handle_period(request, &period) || !handle_as_closed(request, &as_closed)) {
        return;
    }
    struct hoso_cell_query query = {.report = {.form = web_text(request, "form"),
                                               .unit = web_text(request, "unit"),
                                               .from = period.from,
                                               .to = period.to,
                                               .tree_at = web_text(request, "treeAt"),
                                               .lang = request->english ? "en" : "vi",
                                               .as_closed = as_closed},
                                    .restated = web_flag(request, "restated"),
                                    .column = web_text(request, "column"),
                                    .field = web_text(request, "field"),
                                    .procedure = web_text(request, "procedure"),
                                    .row = web_text(request, "row"),
                                    .report_unit = web_text(request, "reportUnit")};
    answer_list(request, &list_of_dossiers, &query);
}

void handle_overdue(struct web_request *request)
{
    const bool waiting = web_flag(request, "waiting");
    const bool soon = web_text(request, "within") != NULL;
    struct hoso_open_query query = {.unit = web_text(request, "unit"),
                                    .state = waiting ? "WAITING_SUPPLEMENT" : "PROCESSING",
                                    .all = waiting,
                                    .days =
                                        soon ? (unsigned)web_number(request, "within", 0) + 1 : 0,
                                    .at = web_text(request, "at"),
                                    .tree_at = web_text(request, "treeAt"),
                                    .lang = request->english ? "en" : "vi",
                                    .counts = web_flag(request, "count")};
    if (soon && waiting) {
        web_fail(request, PROBLEM_INVALID, "within", "within and waiting are two lists: give one");
        return;
    }
    answer_list(request, query.counts ? &list_of_open_counts : &list_of_open, &query);
}

void handle_quality(struct web_request *request)
{
    struct hoso_quality_query query = {.kind = web_text(request, "kind"),
                                       .unit = web_text(request, "unit")};
    answer_list(request, &list_of_findings, &query);
}

void handle_sources(struct web_request *request)
{
    struct hoso_sources_query query = {.unit = web_text(request, "unit")};
    answer_list(request, &list_of_sources, &query);
}

void handle_closes(struct web_request *request)
{
    struct hoso_closes_query query = {.unit = web_text(request, "unit")};
    answer_list(request, &list_of_closes, &query);
}

/* A code is of one dossier in each space. False = of none in this one. */
static bool keep_space(struct hoso_lives *lives, const char *space)
{
    for (size_t i = 0; i < lives->count; i++) {
        if (strcmp(lives->lives[i].space, space) == 0) {
            lives->lives += i;
            lives->count = 1;
            return true;
        }
    }
    return false;
}

void handle_dossier(struct web_request *request)
{
    const char *space = web_text(request, "space");
    struct hoso_lives *lives = NULL;
    struct hoso_error error;
    struct web_print print;
    if (hoso_lives_get(request->client, request->rest, NULL, &lives, &error) != HOSO_OK) {
        web_fail_client(request, &error);
        return;
    }
    if (space != NULL && !keep_space(lives, space)) {
        web_fail(request, PROBLEM_NOT_FOUND, "space",
                 "no dossier with this code is known in the space \"%s\"", space);
    } else if (web_print_begin(request, &print)) {
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
