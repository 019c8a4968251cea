/* SPDX-License-Identifier: Apache-2.0
 *
 * GET /v1/reports/{form}. Whatever the format, the ETag is made from the report as JSON, which has
 * its cut and the form's digest, but not the moment at which it was asked for.
 */
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "client/hoso_read.h"
#include "options/period.h"
#include "render/docx/docx_report.h"
#include "render/report.h"
#include "services/gateway/handlers.h"
#include "services/gateway/answers/paper.h"

enum { REPORTS_MAX = 512 /* of one answer */ };

struct reports {
    struct hoso_report *list[REPORTS_MAX];
    size_t count;
};

static void answer_docx(struct web_request *request, const struct hoso_report *report,
                        const char *name)
{
    struct error error = {.text = ""};
    const struct slice template = docx_template(report->form);
    if (template.size == 0) {
        web_fail(request, PROBLEM_INVALID, "format",
                 "the form %s has no Word template: ask for xlsx, html or csv", report->form);
        return;
    }
    struct buffer *text = web_answer(request, MHD_HTTP_OK, web_type(RENDER_DOCX));
    if (docx_of_report(report, request->english, clock_unix_ms(), template, text, &error) !=
        STATUS_OK) {
        web_fail(request, PROBLEM_INTERNAL, NULL, "%s", error.text);
        return;
    }
    paper_set_file(request, name, RENDER_DOCX);
}

static void answer_paper(struct web_request *request, const struct reports *reports,
                         enum render_format format)
{
    const struct hoso_report *first = reports->list[0];
    const char *name = arena_printf(&request->arena, "%s-%s-%s-%s", first->form, first->unit,
                                    first->from, first->to);
    struct document *documents = calloc(reports->count + 1, sizeof *documents);
    if (name == NULL || documents == NULL) {
        web_fail(request, PROBLEM_INTERNAL, NULL, "out of memory");
    } else if (format == RENDER_DOCX) {
        answer_docx(request, first, name);
    } else {
        for (size_t i = 0; i < reports->count; i++) {
            document_of_report(&documents[i], reports->list[i], request->english,
                               format == RENDER_CSV);
            documents[i].extracted_ms = clock_unix_ms();
        }
        paper_answer(request, documents, reports->count, format, name);
        for (size_t i = 0; i < reports->count; i++) {
            document_fini(&documents[i]);
        }
    }
    free(documents);
}

static void answer_reports(struct web_request *request, const struct reports *reports,
                           enum render_format format)
{
    struct web_print print;
    if (!web_print_begin(request, &print)) {
        return;
    }
    for (size_t i = 0; i < reports->count; i++) {
        report_print_json(reports->list[i], print.out);
    }
    if (web_print_end(request, &print, true) &&
        !web_is_known(request, slice_of(print.text, print.size))) {
        if (format == RENDER_JSON) {
            buffer_put(web_answer(request, MHD_HTTP_OK, web_type(format)), print.text, print.size);
        } else {
            answer_paper(request, reports, format);
        }
    }
    free(print.text);
}

/* None is older than the ones before. False = it was answered. */
static bool ask(struct web_request *request, struct hoso_query *query, const char *unit,
                struct reports *reports)
{
    struct hoso_error error;
    query->unit = unit;
    if (hoso_report_run(request->client, query, &reports->list[reports->count], &error) !=
        HOSO_OK) {
        web_fail_client(request, &error);
        return false;
    }
    query->min_cut = reports->list[reports->count++]->cut;
    return true;
}

/* The communes below the asked unit, which is the first of the list. */
static bool ask_communes(struct web_request *request, struct hoso_query *query,
                         struct reports *reports)
{
    const char *day = query->tree_at != NULL ? query->tree_at : query->to;
    struct hoso_units *units = NULL;
    struct hoso_error error;
    if (hoso_units_list(request->client, query->unit, day, &units, &error) != HOSO_OK) {
        web_fail_client(request, &error);
        return false;
    }
    bool good = true;
    for (size_t i = 1; good && i < units->count; i++) {
        if (strcmp(units->units[i].tier, "COMMUNE") != 0) {
            continue;
        }
        good = reports->count < REPORTS_MAX;
        if (good) {
            good = ask(request, query, units->units[i].id, reports);
        } else {
            web_fail(request, PROBLEM_INVALID, "communes",
                     "there are more than %d communes below it: name a smaller unit", REPORTS_MAX);
        }
    }
    hoso_free(units);
    return good;
}

void handle_report(struct web_request *request)
{
    const enum render_format format = web_format(request, "json csv xlsx docx html");
    const bool communes = web_flag(request, "communes");
    struct reports reports = {.count = 0};
    struct period period;
    if (communes && !render_takes_several(format)) {
        web_fail(request, PROBLEM_INVALID, "communes",
                 "several reports go into xlsx and html: name one as format");
        return;
    }
    int as_closed;
    if (!handle_period(request, &period) || !handle_as_closed(request, &as_closed)) {
        return;
    }
    struct hoso_query query = {.form = request->rest,
                               .from = period.from,
                               .to = period.to,
                               .tree_at = web_text(request, "treeAt"),
                               .lang = request->english ? "en" : "vi",
                               .min_cut = web_cut(request, "minPosition"),
                               .all_rows = web_flag(request, "all"),
                               .compare = web_text(request, "compare"),
                               .as_closed = as_closed,
                               .depth = (unsigned)web_number(request, "depth", 0)};
    if (ask(request, &query, web_text(request, "unit"), &reports) &&
        (!communes || ask_communes(request, &query, &reports))) {
        answer_reports(request, &reports, format);
    }
    for (size_t i = 0; i < reports.count; i++) {
        hoso_free(reports.list[i]);
    }
}
