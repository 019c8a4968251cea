/* SPDX-License-Identifier: Apache-2.0
 *
 * The query is held against the route's table: what is unknown, repeated, empty, unreadable or
 * missing is an error that names the parameter, so that no misspelled one is ever left out.
 */
#include <stdlib.h>
#include <string.h>

#include "base/cut.h"
#include "base/localday.h"
#include "base/text.h"
#include "services/gateway/http/answer.h"

static const struct web_parameter *parameter_at(const struct web_request *request, unsigned index)
{
    const struct web_parameter *table = request->route->parameters;
    return table != NULL && table[index].name != NULL ? &table[index] : NULL;
}

/* −1 = the route has no such parameter. */
static int find(const struct web_request *request, const char *name)
{
    const struct web_parameter *parameter;
    for (unsigned i = 0; (parameter = parameter_at(request, i)) != NULL; i++) {
        if (strcmp(parameter->name, name) == 0) {
            return (int)i;
        }
    }
    return -1;
}

static void fail_unknown(struct web_request *request, const char *name)
{
    const struct web_parameter *parameter;
    struct text_guess guess = text_guess_of(slice_text(name));
    for (unsigned i = 0; (parameter = parameter_at(request, i)) != NULL; i++) {
        text_guess_try(&guess, parameter->name);
    }
    char shown[WEB_HEADER_TEXT_SIZE];
    text_show(slice_text(name), shown, sizeof shown);
    if (guess.nearest != NULL) {
        web_fail(request, PROBLEM_INVALID, shown,
                 "there is no parameter \"%s\" here; did you mean \"%s\"?", shown, guess.nearest);
    } else {
        web_fail(request, PROBLEM_INVALID, shown, "there is no parameter \"%s\" here", shown);
    }
}

bool web_is_word(const char *list, const char *word)
{
    const size_t size = strlen(word);
    for (const char *at = list; size != 0 && (at = strstr(at, word)) != NULL; at++) {
        if ((at == list || at[-1] == ' ') && (at[size] == '\0' || at[size] == ' ')) {
            return true;
        }
    }
    return false;
}

/* NULL, or what the value should be. */
static const char *wrong_value(struct web_request *request, const struct web_parameter *parameter,
                               const char *value)
{
    struct cut cut;
    uint64_t number;
    int32_t day;
    switch (parameter->kind) {
    case WEB_TEXT:
        return NULL;
    case WEB_DATE:
        return localday_parse(slice_text(value), &day) ? NULL : "a date like 2024-02-19";
    case WEB_FLAG:
        return web_is_word("true false", value) ? NULL : "true or false";
    case WEB_NUMBER:
        return text_number(slice_text(value), parameter->max, &number) && number >= parameter->min
                   ? NULL
                   : arena_printf(&request->arena, "a number from %llu to %llu",
                                  (unsigned long long)parameter->min,
                                  (unsigned long long)parameter->max);
    case WEB_CUT:
        return cut_parse(slice_text(value), &cut)
                   ? NULL
                   : "a cut as POSITION@INCARNATION, both from the \"cut\" of an answer";
    case WEB_CHOICE:
        return web_is_word(parameter->choices, value)
                   ? NULL
                   : arena_printf(&request->arena, "one of: %s", parameter->choices);
    }
    return "something else";
}

static bool take(struct web_request *request, const char *name, const char *value, size_t size)
{
    const int index = find(request, name);
    if (index < 0) {
        fail_unknown(request, name);
        return false;
    }
    const char **place = &request->values[index];
    const struct slice text = slice_of(value, value != NULL ? size : 0);
    if (*place != NULL) {
        web_fail(request, PROBLEM_INVALID, name, "%s is given twice: give it once", name);
    } else if (text.size > WEB_VALUE_MAX || !text_is_clean(text)) {
        web_fail(request, PROBLEM_INVALID, name,
                 "%s is no text of at most %d bytes of UTF-8 without control characters", name,
                 WEB_VALUE_MAX);
    } else if (text.size == 0) {
        web_fail(request, PROBLEM_INVALID, name, "%s is empty: give a value, or leave it out",
                 name);
    } else {
        const char *wrong = wrong_value(request, parameter_at(request, (unsigned)index), value);
        if (wrong == NULL) {
            *place = value;
            return true;
        }
        char shown[WEB_HEADER_TEXT_SIZE];
        text_show(text, shown, sizeof shown);
        web_fail(request, PROBLEM_INVALID, name, "%s is \"%s\": give %s", name, shown, wrong);
    }
    return false;
}

static enum MHD_Result take_next(void *context, enum MHD_ValueKind kind, const char *name,
                                 size_t name_size, const char *value, size_t value_size)
{
    struct web_request *request = context;
    (void)kind;
    if (strlen(name) != name_size) {
        web_fail(request, PROBLEM_INVALID, NULL, "a parameter's name holds a NUL");
        return MHD_NO;
    }
    return take(request, name, value, value_size) ? MHD_YES : MHD_NO;
}

bool web_read_parameters(struct web_request *request)
{
    const struct web_parameter *parameter;
    if (request->route->any_query) {
        return true;
    }
    (void)MHD_get_connection_values_n(request->connection, MHD_GET_ARGUMENT_KIND, take_next,
                                      request);
    for (unsigned i = 0;
         request->answer.status == 0 && (parameter = parameter_at(request, i)) != NULL; i++) {
        if (parameter->required && request->values[i] == NULL) {
            web_fail(request, PROBLEM_INVALID, parameter->name, "%s is missing: give it",
                     parameter->name);
        }
    }
    return request->answer.status == 0;
}

const char *web_text(const struct web_request *request, const char *name)
{
    const int index = find(request, name);
    return index >= 0 ? request->values[index] : NULL;
}

bool web_flag(const struct web_request *request, const char *name)
{
    const char *value = web_text(request, name);
    return value != NULL && strcmp(value, "true") == 0;
}

uint64_t web_number(const struct web_request *request, const char *name, uint64_t fallback)
{
    uint64_t number = fallback;
    const char *value = web_text(request, name);
    return value != NULL && text_number(slice_text(value), UINT64_MAX, &number) ? number : fallback;
}

struct hoso_cut web_cut(const struct web_request *request, const char *name)
{
    struct cut cut = {0, 0};
    const char *value = web_text(request, name);
    return value != NULL && cut_parse(slice_text(value), &cut)
               ? (struct hoso_cut){cut.incarnation, cut.position}
               : (struct hoso_cut){0, 0};
}

void web_note(struct web_request *request, const char *name, const char *text)
{
    for (unsigned i = 0; i < WEB_NOTES_MAX; i++) {
        if (request->notes[i].name == NULL) {
            request->notes[i].name = name;
            request->notes[i].text = text;
            return;
        }
    }
}

const char *web_header(const struct web_request *request, const char *name)
{
    return MHD_lookup_connection_value(request->connection, MHD_HEADER_KIND, name);
}

/* ";q=0.5" of an element of a header, in thousandths. */
static unsigned quality(const char *element, size_t size)
{
    const char *q = memmem(element, size, ";q=", 3);
    q = q != NULL ? q : memmem(element, size, "; q=", 4);
    if (q == NULL) {
        return 1000;
    }
    const double value = strtod(strchr(q, '=') + 1, NULL);
    return value > 0 && value <= 1 ? (unsigned)(value * 1000) : 0;
}

/* How well the name of an element fits: 3 = it is the value, 2 = its kind, 1 = anything. */
static unsigned fit(const char *name, size_t size, const char *value)
{
    const char *slash = strchr(value, '/');
    if (size == strlen(value) && strncasecmp(name, value, size) == 0) {
        return 3;
    }
    if (slash == NULL) { /* "en-GB" is English */
        const size_t main = strcspn(name, "-");
        if (main < size && main == strlen(value) && strncasecmp(name, value, main) == 0) {
            return 2;
        }
        return size == 1 && name[0] == '*' ? 1 : 0;
    }
    const size_t kind = (size_t)(slash - value) + 1;
    if (size == kind + 1 && strncasecmp(name, value, kind) == 0 && name[kind] == '*') {
        return 2;
    }
    return size == 3 && strncmp(name, "*/*", 3) == 0 ? 1 : 0;
}

unsigned web_preference(const char *header, const char *value)
{
    unsigned best_fit = 0;
    unsigned wanted = 0;
    if (header == NULL) {
        return 1000;
    }
    for (const char *at = header; *at != '\0';) {
        at += strspn(at, " ,\t");
        const size_t size = strcspn(at, ",");
        const size_t name = strcspn(at, ",; \t");
        const unsigned fits = fit(at, name, value);
        if (fits > best_fit) {
            best_fit = fits;
            wanted = quality(at, size);
        }
        at += size;
    }
    return wanted;
}

enum render_format web_format(const struct web_request *request, const char *offered)
{
    const char *given = web_text(request, "format");
    const char *accept = web_header(request, MHD_HTTP_HEADER_ACCEPT);
    enum render_format format = RENDER_JSON;
    if (given != NULL) { /* it is one of them: the route's table says so */
        (void)render_format_named(given, &format);
        return format;
    }
    unsigned best = web_preference(accept, web_type(RENDER_JSON));
    for (unsigned i = 0; i <= RENDER_DOCX; i++) {
        const unsigned wanted = web_preference(accept, web_type((enum render_format)i));
        if (wanted > best && web_is_word(offered, render_format_name((enum render_format)i))) {
            best = wanted;
            format = (enum render_format)i;
        }
    }
    return format;
}
