/* SPDX-License-Identifier: Apache-2.0
 *
 * What a handler does with its request: reads parameters, answers, or says why not.
 */
#ifndef HOSO_GATEWAY_ANSWER_H
#define HOSO_GATEWAY_ANSWER_H

#include <stdio.h>

#include "render/json.h"
#include "render/render.h"
#include "services/gateway/http/web.h"

/* Parameters, parameters.c */

/* Reads the query by the route's table; false = it was answered with what is wrong. */
bool web_read_parameters(struct web_request *request);
const char *web_text(const struct web_request *request, const char *name); /* NULL = not given */
bool web_flag(const struct web_request *request, const char *name);
uint64_t web_number(const struct web_request *request, const char *name, uint64_t fallback);
struct hoso_cut web_cut(const struct web_request *request,
                        const char *name); /* {0, 0} = not given */
const char *web_header(const struct web_request *request, const char *name); /* NULL = not there */
/* How much a header like Accept wants a value, 0 (not at all) to 1000; "*" and "a/" + "*" count.
 * A header that is not there wants anything. */
unsigned web_preference(const char *header, const char *value);
/* Is the word in a list with blanks between? */
bool web_is_word(const char *list, const char *word);
/* For the audit log, which has the parameters already; the text lives as long as the request. */
void web_note(struct web_request *request, const char *name, const char *text);
/* `format`, else Accept, else JSON, of those whose names are given with blanks between. */
enum render_format web_format(const struct web_request *request, const char *offered);

/* Answers, answer.c */

/* Begins an answer; its text is put into request->answer.text. */
struct buffer *web_answer(struct web_request *request, unsigned status, const char *type);
/* Sets the ETag from a text that stands for the answer; true = the asker has it already, and the
 * answer is 304. */
bool web_is_known(struct web_request *request, struct slice text);
/* What a printer of common/render wrote becomes the answer's text. */
struct web_print {
    FILE *out;
    char *text;
    size_t size;
};
bool web_print_begin(struct web_request *request, struct web_print *print);
/* What was printed is the answer. `good` = the printer had the memory it needed. */
void web_print_answer(struct web_request *request, struct web_print *print, unsigned status,
                      bool good);
/* The same with an ETag: whoever has it already is answered 304. */
void web_print_answer_tagged(struct web_request *request, struct web_print *print, bool good);
/* False = out of memory, which was answered. The caller frees print->text. */
bool web_print_end(struct web_request *request, struct web_print *print, bool good);
/* Of a page with a <style> of its own: nothing else is allowed to style it. */
void web_allow_styles(struct web_request *request);
const char *web_type(enum render_format format); /* media type */
/* The answer is there: it is audited and compressed. */
void web_handled(struct web_request *request);
void web_compress(struct web_request *request);
/* Queues the answer with the library. */
enum MHD_Result web_send(struct web_request *request);

/* Failures, problem.c */

__attribute__((format(printf, 4, 5))) void web_fail(struct web_request *request,
                                                    enum web_problem problem, const char *parameter,
                                                    const char *format, ...);
/* INVALID for several reasons, a line each. */
void web_fail_list(struct web_request *request, const char *detail, struct slice faults);
/* A sentence in the asker's language, in the arena. */
const char *web_words(const struct web_request *request, const char *english, struct arena *arena);
/* An array of sentences, a line each. */
void web_put_lines(const struct web_request *request, struct render_json *json, const char *name,
                   struct slice lines);
/* What libhoso says. */
void web_fail_client(struct web_request *request, const struct hoso_error *error);
/* A member of a JSON object that must be a text, or NULL and it was answered. */
const char *web_member(struct web_request *request, const void *object, const char *name,
                       bool required);

#endif
