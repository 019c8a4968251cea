/* SPDX-License-Identifier: Apache-2.0
 *
 * What the answers share: refusals, rights, periods and trees.
 */
#include "services/reporting/answers/request.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/localday.h"
#include "base/text.h"

#define CODE(name) HOSO__V1__ERROR_CODE__ERROR_CODE_##name

enum outcome request_refuse(struct request *request, Hoso__V1__ErrorCode code, const char *field,
                            const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    (void)vsnprintf(request->error_text, sizeof request->error_text, format, arguments);
    va_end(arguments);
    hoso__v1__error__init(&request->error);
    request->error.code = code;
    request->error.field = message_text(field);
    request->error.text = request->error_text;
    request->reply->body_case = HOSO__V1__REPORTING_REPLY__BODY_ERROR;
    request->reply->error = &request->error;
    return REQUEST_ANSWERED;
}

bool request_is_refused(const struct request *request)
{
    return request->reply->body_case == HOSO__V1__REPORTING_REPLY__BODY_ERROR;
}

enum outcome request_fail(struct request *request, enum status status)
{
    if (status == STATUS_TOO_LARGE) {
        return request_refuse(request, CODE(TOO_LARGE), "",
                              "the answer would be too large: ask for a smaller unit, "
                              "or for rows of fewer levels of units (depth)");
    }
    return request_refuse(request, CODE(INTERNAL), "",
                          "the answer could not be made (%s): the service's log says more",
                          status_text(status));
}

bool principal_covers(const struct principal *principal, const struct catalogue *catalogue,
                      struct slice unit)
{
    for (unsigned i = 0; i < principal->unit_count; i++) {
        if (scope_covers(catalogue, slice_text(principal->units[i]), unit)) {
            return true;
        }
    }
    return false;
}

bool request_is_granted(const struct request *request, const struct unit *unit)
{
    const struct principal *principal = request->at->principal;
    for (unsigned i = 0; unit != NULL && i < principal->unit_count; i++) {
        if (slice_equal(slice_text(principal->units[i]), unit->id)) {
            return true;
        }
    }
    return false;
}

bool request_may_see(struct request *request, struct slice unit)
{
    const struct principal *principal = request->at->principal;
    return principal->role == ROLE_ADMIN || principal->role == ROLE_SERVICE ||
           principal->all_units ||
           (unit.size != 0 && principal_covers(principal, request->view->catalogue, unit));
}

bool request_limit(struct request *request, uint32_t limit, uint32_t *ret_limit)
{
    if (limit > LIMIT_MAX) {
        (void)request_refuse(request, CODE(INVALID), "limit", "%u is over %d", limit, LIMIT_MAX);
        return false;
    }
    *ret_limit = limit != 0 ? limit : LIMIT_DEFAULT;
    return true;
}

bool request_lang(struct request *request, const char *lang, bool *ret_english)
{
    *ret_english = strcmp(lang, "en") == 0;
    if (*ret_english || lang[0] == '\0' || strcmp(lang, "vi") == 0) {
        return true;
    }
    (void)request_refuse(request, CODE(INVALID), "lang",
                         "\"%.16s\" is no language of the forms: give vi or en", lang);
    return false;
}

static bool parse_day(struct request *request, const char *field, const char *text,
                      int32_t *ret_day)
{
    if (localday_parse(slice_text(text), ret_day)) {
        return true;
    }
    (void)request_refuse(request, CODE(INVALID), field,
                         "\"%.32s\" is not a date: give YYYY-MM-DD from 2000 to 2099%s", text,
                         strcmp(field, "tree_at") == 0 ? ", or today" : "");
    return false;
}

bool request_day(struct request *request, const char *field, const char *text, int32_t fallback,
                 int32_t *ret_day)
{
    if (text[0] == '\0') {
        *ret_day = fallback;
        return true;
    }
    return parse_day(request, field, text, ret_day);
}

/* Empty = the period's last day; "today" is one, too. */
static bool parse_tree_day(struct request *request, const char *text, int32_t last_day,
                           int32_t *ret_day)
{
    if (strcmp(text, "today") == 0) {
        *ret_day = localday_today();
        return true;
    }
    return request_day(request, "tree_at", text, last_day, ret_day);
}

static bool parse_period(struct request *request, const struct report_question *question,
                         struct report_scope *scope)
{
    const Hoso__V1__Period *period = question->period;
    struct scope_question *days = &scope->question;
    int32_t last = 0;
    if (period == NULL) {
        (void)request_refuse(request, CODE(INVALID), "period",
                             "give the first and the last day of the period");
        return false;
    }
    if (!parse_day(request, "period.from", period->from, &days->from_day) ||
        !parse_day(request, "period.to", period->to, &last) ||
        !parse_tree_day(request, question->tree_at, last, &days->tree_day)) {
        return false;
    }
    if (last < days->from_day) {
        (void)request_refuse(request, CODE(INVALID), "period", "it ends (%s) before it begins (%s)",
                             period->to, period->from);
        return false;
    }
    days->to_day = last + 1;
    return true;
}

static void refuse_unit_to_come(struct request *request, const struct scope_question *question,
                                const char *day)
{
    char first_day[DATE_TEXT_SIZE];
    const struct unit *first =
        catalogue_unit_to_come(request->view->catalogue, question->root, question->tree_day);
    if (first == NULL) {
        (void)request_refuse(request, CODE(NOT_FOUND), "unit",
                             "unit %.*s is not valid on %s: give a day on which it was",
                             SLICE_ARG(question->root), day);
        return;
    }
    localday_format(first->from_day, first_day);
    (void)request_refuse(request, CODE(NOT_FOUND), "unit",
                         "unit %.*s is not valid on %s: its first day is %s; ask for the tree of "
                         "that day or a later one",
                         SLICE_ARG(question->root), day, first_day);
}

/* Why a unit is not valid on the tree's day, and what to ask for instead. */
static void refuse_unit(struct request *request, const struct scope_question *question)
{
    const struct catalogue *catalogue = request->view->catalogue;
    const struct unit *last = catalogue_unit_before(catalogue, question->root, question->tree_day);
    char day[DATE_TEXT_SIZE];
    char last_day[DATE_TEXT_SIZE];
    localday_format(question->tree_day, day);
    if (last == NULL) {
        refuse_unit_to_come(request, question, day);
        return;
    }
    localday_format(last->to_day - 1, last_day);
    const char *successors = "";
    for (uint32_t i = 0; i < last->successors.count; i++) {
        const char *longer = arena_printf(request->arena, "%s%s%s", successors, i > 0 ? ", " : "",
                                          last->successors.codes[i]);
        successors = longer != NULL ? longer : successors;
    }
    (void)request_refuse(request, CODE(NOT_FOUND), "unit",
                         last->successors.count == 0
                             ? "unit %.*s is not valid on %s: its last day was %s and it has no "
                               "successor; ask for the tree of that day%s"
                             : "unit %.*s is not valid on %s: its last day was %s; ask for the "
                               "tree of that day, or for its successor %s",
                         SLICE_ARG(question->root), day, last_day, successors);
}

bool request_units(struct request *request, const struct scope_question *question,
                   struct scope *ret_scope)
{
    const struct catalogue *catalogue = request->view->catalogue;
    const enum status status = scope_of(catalogue, question, request->arena, ret_scope);
    if (status == STATUS_NOT_FOUND) {
        refuse_unit(request, question);
    } else if (status != STATUS_OK) {
        (void)request_fail(request, status);
    }
    return status == STATUS_OK;
}

const char *request_guess(struct request *request, const struct text_guess *guess)
{
    const char *text = guess->nearest != NULL
                           ? arena_printf(request->arena, "; did you mean \"%s\"?", guess->nearest)
                           : NULL;
    return text != NULL ? text : "";
}

static const char *guess_form(struct request *request, const struct form_set *set, const char *id)
{
    struct text_guess guess = text_guess_of(slice_text(id));
    for (unsigned i = 0; i < set->count; i++) {
        text_guess_try(&guess, set->forms[i]->id);
    }
    return request_guess(request, &guess);
}

static const char *guess_unit(struct request *request, struct slice id)
{
    const struct catalogue *catalogue = request->view->catalogue;
    struct text_guess guess = text_guess_of(id);
    for (uint32_t i = 0; i < catalogue_unit_count(catalogue); i++) {
        const struct slice candidate = catalogue_unit_at(catalogue, i)->id;
        char text[CATALOGUE_ID_MAX + 1];
        (void)snprintf(text, sizeof text, "%.*s", SLICE_ARG(candidate));
        text_guess_try(&guess, text);
        if (guess.nearest == text) {
            guess.nearest = arena_string(request->arena, candidate);
        }
    }
    return request_guess(request, &guess);
}

bool request_unit(struct request *request, const char *unit)
{
    const struct catalogue *catalogue = request->view->catalogue;
    const struct slice id = slice_text(unit);
    if (catalogue == NULL || !catalogue_has_unit(catalogue, id)) {
        (void)request_refuse(request, CODE(NOT_FOUND), "unit",
                             catalogue == NULL
                                 ? "no catalogue was published yet, so \"%.64s\" is unknown%s"
                                 : "there is no unit \"%.64s\" in the catalogue%s",
                             unit, catalogue != NULL ? guess_unit(request, id) : "");
        return false;
    }
    if (!request_may_see(request, id)) {
        (void)request_refuse(request, CODE(DENIED), "unit", "\"%s\" has no right to unit %.64s",
                             request->from->user, unit);
        return false;
    }
    return true;
}

bool request_area(struct request *request, const struct report_question *question,
                  struct report_scope *scope)
{
    const struct slice unit = slice_text(question->unit);
    if (!parse_period(request, question, scope)) {
        return false;
    }
    if (unit.size == 0) {
        (void)request_refuse(request, CODE(INVALID), "unit", "name the unit to report on");
        return false;
    }
    if (!request_unit(request, question->unit)) {
        return false;
    }
    scope->question.root = unit;
    scope->question.split_root = question->split;
    return request_units(request, &scope->question, &scope->units);
}

bool request_scope(struct request *request, const struct form_set *set,
                   const struct report_question *question, struct report_scope *ret_scope)
{
    *ret_scope = (struct report_scope){.form = form_set_find(set, question->form)};
    if (ret_scope->form == NULL) {
        (void)request_refuse(
            request, CODE(NOT_FOUND), "form",
            "there is no form \"%.64s\": `hoso form list` (ListForms) names them all%s",
            question->form, guess_form(request, set, question->form));
        return false;
    }
    return request_area(request, question, ret_scope);
}

Hoso__V1__Cut *request_cut(struct request *request)
{
    Hoso__V1__Cut *cut = arena_alloc(request->arena, sizeof *cut);
    if (cut != NULL) {
        hoso__v1__cut__init(cut);
        cut->incarnation = request->view->cut.incarnation;
        cut->position = request->view->cut.position;
    }
    return cut;
}
