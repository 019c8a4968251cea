/* SPDX-License-Identifier: Apache-2.0
 *
 * One request while it is being answered: who asks, from which cut it is answered, and what goes
 * back. Lives in a thread of the endpoint; all memory is one bounded arena.
 */
#ifndef HOSO_REPORTING_ANSWERS_REQUEST_H
#define HOSO_REPORTING_ANSWERS_REQUEST_H

#include "base/text.h"
#include "hoso/v1/reporting.pb-c.h"
#include "replica/replica.h"
#include "service/endpoint_request.h"
#include "services/reporting/engine/engine.h"
#include "services/reporting/forms.h"

enum {
    REQUEST_BYTES_MAX = 64 << 10,
    REQUEST_ARENA_BYTES = 64 << 20, /* of one answer */
    REPLY_BYTES_MAX = 20 << 20,
    LIMIT_DEFAULT = 100, /* lines of a page */
    LIMIT_MAX = 1000,
    SCAN_UNITS_MAX = 65536 /* of one question to aggregation */
};

struct server;

struct request {
    struct server *server;
    struct endpoint_request *at; /* as the endpoint has it */
    const struct endpoint_caller *from;
    const Hoso__V1__ReportingRequest *body;
    struct arena *arena;
    struct replica_view copy;
    struct catalogue *closed_catalogue; /* of another time than the copy's, ours to free */
    const struct replica_view *view;    /* &copy, or NULL for messages that do not need it */
    Hoso__V1__ReportingReply *reply;
    Hoso__V1__Error error;
    char error_text[ERROR_TEXT_MAX];
};

enum outcome {
    REQUEST_ANSWERED,  /* `reply` is filled, with an error or not */
    REQUEST_FORWARDED, /* aggregation answers; the caller is kept */
    REQUEST_LONG       /* too much for the quick lane: ask again in the long one */
};

typedef enum outcome request_answer(struct request *request);

request_answer answer_report, answer_forms, answer_units, answer_catalogue, answer_dossiers,
    answer_quality, answer_totals, answer_open, answer_sources, answer_closes, answer_dossier,
    answer_series;

/* Makes the reply an error and returns REQUEST_ANSWERED. `field` names the place, "" = the whole
 * request. */
__attribute__((format(printf, 4, 5))) enum outcome request_refuse(struct request *request,
                                                                  Hoso__V1__ErrorCode code,
                                                                  const char *field,
                                                                  const char *format, ...);
/* Is the reply an error already? */
bool request_is_refused(const struct request *request);
/* The same for a failure inside: too large, damaged, out of order. */
enum outcome request_fail(struct request *request, enum status status);

/* "; did you mean …?" for the end of a refusal, or "". */
const char *request_guess(struct request *request, const struct text_guess *guess);

/* Is the unit in or below one of the subtrees granted? */
bool principal_covers(const struct principal *principal, const struct catalogue *catalogue,
                      struct slice unit);
/* Is there the unit that a question names, on any day, and may the asker see it? False = it is
 * refused. */
bool request_unit(struct request *request, const char *unit);
/* May the asker see the unit? Empty = may it see all units? */
bool request_may_see(struct request *request, struct slice unit);
/* Does a grant of the asker's name this very unit? NULL = no. */
bool request_is_granted(const struct request *request, const struct unit *unit);
/* Lines of a page. False = refused. */
bool request_limit(struct request *request, uint32_t limit, uint32_t *ret_limit);

/* What reports and lists of dossiers share: form, period, units. */
struct report_scope {
    const struct form *form;
    struct scope_question question;
    struct scope units;
};
struct report_question {
    const char *form;
    const char *unit;
    const Hoso__V1__Period *period;
    const char *tree_at;
    bool split; /* the unit may be one that was split: a row that is asked about */
};
/* Checks it all, rights included. False = refused. The form is one of the set. */
bool request_scope(struct request *request, const struct form_set *set,
                   const struct report_question *question, struct report_scope *ret_scope);

/* The same without a form, whose place `question` leaves empty. */
bool request_area(struct request *request, const struct report_question *question,
                  struct report_scope *scope);

/* The rows of a scope. False = refused, with what to ask for instead. */
bool request_units(struct request *request, const struct scope_question *question,
                   struct scope *ret_scope);

/* The view's cut as a message, or NULL: arena full. */
Hoso__V1__Cut *request_cut(struct request *request);
/* "vi", which empty is, or "en". False = refused. */
bool request_lang(struct request *request, const char *lang, bool *ret_english);
/* "YYYY-MM-DD"; empty = `fallback`. False = refused. */
bool request_day(struct request *request, const char *field, const char *text, int32_t fallback,
                 int32_t *ret_day);

#endif
