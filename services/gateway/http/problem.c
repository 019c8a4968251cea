/* SPDX-License-Identifier: Apache-2.0
 *
 * Failures as problem+json (RFC 9457), in the asker's language. The detail says what failed, why
 * and what to do, in the words of the service that found it.
 */
#include <jansson.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "language/vietnamese.h"
#include "render/json.h"
#include "services/gateway/gateway.h"

enum {
    PROBLEM_TEXT_MAX = 1024,
    WORDS_MAX = 2 * PROBLEM_TEXT_MAX,
    RETRY_SOON_S = 2,
    RETRY_LATER_S = 30
};

static const struct {
    unsigned status;
    const char *name; /* of its type: urn:hoso:problem:NAME */
    const char *title[2];
} problems[PROBLEM_COUNT] = {
    [PROBLEM_NONE] = {MHD_HTTP_INTERNAL_SERVER_ERROR, "internal", {"", ""}},
    [PROBLEM_INVALID] = {MHD_HTTP_BAD_REQUEST,
                         "invalid",
                         {"Yêu cầu không hợp lệ", "The request is not valid"}},
    [PROBLEM_UNAUTHORIZED] = {MHD_HTTP_UNAUTHORIZED,
                              "unauthorized",
                              {"Chưa đăng nhập", "Not logged in"}},
    [PROBLEM_DENIED] = {MHD_HTTP_FORBIDDEN, "denied", {"Không có quyền", "No right to this"}},
    [PROBLEM_NOT_FOUND] = {MHD_HTTP_NOT_FOUND,
                           "not-found",
                           {"Không tìm thấy", "There is no such thing"}},
    [PROBLEM_METHOD] = {MHD_HTTP_METHOD_NOT_ALLOWED,
                        "method",
                        {"Phương thức không được hỗ trợ", "This method is not for this path"}},
    [PROBLEM_TOO_LARGE] = {MHD_HTTP_CONTENT_TOO_LARGE,
                           "too-large",
                           {"Dữ liệu gửi lên quá lớn", "The body is too large"}},
    [PROBLEM_MEDIA_TYPE] = {MHD_HTTP_UNSUPPORTED_MEDIA_TYPE,
                            "media-type",
                            {"Kiểu dữ liệu không được hỗ trợ", "The body has another media type"}},
    [PROBLEM_TOO_MANY] = {MHD_HTTP_TOO_MANY_REQUESTS,
                          "too-many",
                          {"Quá nhiều lần thử", "Too many attempts"}},
    [PROBLEM_INTERNAL] = {MHD_HTTP_INTERNAL_SERVER_ERROR,
                          "internal",
                          {"Lỗi bên trong hệ thống", "Something failed inside"}},
    [PROBLEM_UNAVAILABLE] = {MHD_HTTP_SERVICE_UNAVAILABLE,
                             "unavailable",
                             {"Hệ thống tạm thời chưa trả lời được",
                              "The service cannot answer now"}},
};

struct problem_text {
    enum web_problem problem;
    const char *parameter;
    const char *detail;
    struct slice faults; /* a line each */
};

/* Sentences of the command name options: "--month"; a parameter is called "month". */
static void drop_dashes(char *text)
{
    char *to = text;
    for (const char *from = text; *from != '\0';) {
        from += strncmp(from, "--", 2) == 0 ? 2 : 0;
        *to = *from;
        from += *from != '\0';
        to += *to != '\0';
    }
    *to = '\0';
}

static void put_words(const struct web_request *request, struct slice english, char *ret_words,
                      size_t size)
{
    if (request->english) {
        (void)snprintf(ret_words, size, "%.*s", SLICE_ARG(english));
    } else {
        (void)language_vietnamese(english, ret_words, size);
    }
}

const char *web_words(const struct web_request *request, const char *english, struct arena *arena)
{
    char words[WORDS_MAX];
    put_words(request, slice_text(english), words, sizeof words);
    const char *copy = arena_string(arena, slice_text(words));
    return copy != NULL ? copy : english;
}

void web_put_lines(const struct web_request *request, struct render_json *json, const char *name,
                   struct slice lines)
{
    char words[WORDS_MAX];
    json_put_array(json, name);
    while (lines.size != 0) {
        struct slice line = slice_take_line(&lines);
        line.size -= line.data[line.size - 1] == '\n';
        put_words(request, line, words, sizeof words);
        json_put_text(json, NULL, words);
    }
    json_put_end(json);
}

static void put_problem(const struct web_request *request, const struct problem_text *text,
                        FILE *out)
{
    char type[WEB_HEADER_TEXT_SIZE];
    char detail[WORDS_MAX];
    struct render_json json = render_json_to(out);
    put_words(request, slice_text(text->detail), detail, sizeof detail);
    drop_dashes(detail);
    (void)snprintf(type, sizeof type, "urn:hoso:problem:%s", problems[text->problem].name);
    json_put_object(&json, NULL);
    json_put_text(&json, "type", type);
    json_put_text(&json, "title", problems[text->problem].title[request->english]);
    json_put_number(&json, "status", problems[text->problem].status);
    json_put_text(&json, "detail", detail);
    json_put_optional(&json, "parameter", text->parameter);
    if (text->faults.size != 0) {
        web_put_lines(request, &json, "faults", text->faults);
    }
    json_put_end(&json);
    (void)fputc('\n', out);
}

static void answer_problem(struct web_request *request, const struct problem_text *text)
{
    char *written = NULL;
    size_t size = 0;
    struct buffer *body =
        web_answer(request, problems[text->problem].status, "application/problem+json");
    FILE *out = open_memstream(&written, &size);
    if (out != NULL) {
        put_problem(request, text, out);
        if (fclose(out) == 0) {
            buffer_put(body, written, size);
        }
    }
    free(written);
}

void web_fail(struct web_request *request, enum web_problem problem, const char *parameter,
              const char *format, ...)
{
    char detail[PROBLEM_TEXT_MAX];
    va_list arguments;
    va_start(arguments, format);
    (void)vsnprintf(detail, sizeof detail, format, arguments);
    va_end(arguments);
    answer_problem(request, &(struct problem_text){
                                .problem = problem, .parameter = parameter, .detail = detail});
}

void web_fail_list(struct web_request *request, const char *detail, struct slice faults)
{
    answer_problem(request, &(struct problem_text){
                                .problem = PROBLEM_INVALID, .detail = detail, .faults = faults});
}

/* The parameter that a field of a request to a service comes from. */
static const char *parameter_of(const char *field)
{
    static const char *const names[][2] = {{"period.from", "from"},
                                           {"period.to", "to"},
                                           {"period", "from"},
                                           {"tree_at", "treeAt"},
                                           {"report_unit", "reportUnit"},
                                           {"min_position", "minPosition"},
                                           {"min_incarnation", "minPosition"}};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        if (strcmp(field, names[i][0]) == 0) {
            return names[i][1];
        }
    }
    return field;
}

void web_fail_client(struct web_request *request, const struct hoso_error *error)
{
    static const struct {
        enum web_problem problem;
        unsigned retry_s;
    } rows[] = {
        [HOSO_OK] = {PROBLEM_INTERNAL, 0},
        [HOSO_INVALID] = {PROBLEM_INVALID, 0},
        [HOSO_NOT_FOUND] = {PROBLEM_NOT_FOUND, 0},
        [HOSO_DENIED] = {PROBLEM_DENIED, 0},
        [HOSO_TOO_LARGE] = {PROBLEM_INVALID, 0},
        [HOSO_FULL] = {PROBLEM_UNAVAILABLE, RETRY_LATER_S},
        [HOSO_IO] = {PROBLEM_INTERNAL, 0},
        [HOSO_CORRUPT] = {PROBLEM_INTERNAL, 0},
        [HOSO_BUSY] = {PROBLEM_UNAVAILABLE, RETRY_SOON_S},
        [HOSO_NOT_READY] = {PROBLEM_UNAVAILABLE, RETRY_SOON_S},
        [HOSO_UNAVAILABLE] = {PROBLEM_UNAVAILABLE, RETRY_SOON_S},
        [HOSO_FENCED] = {PROBLEM_UNAVAILABLE, RETRY_SOON_S},
        [HOSO_CONFLICT] = {PROBLEM_INVALID, 0},
        [HOSO_INTERNAL] = {PROBLEM_INTERNAL, 0},
    };
    request->answer.retry_s = rows[error->status].retry_s;
    web_fail(request, rows[error->status].problem, parameter_of(error->field), "%s", error->text);
}

const char *web_member(struct web_request *request, const void *object, const char *name,
                       bool required)
{
    const json_t *member = json_object_get(object, name);
    if (member == NULL && !required) {
        return NULL;
    }
    if (!json_is_string(member) ||
        strlen(json_string_value(member)) != json_string_length(member)) {
        web_fail(request, PROBLEM_INVALID, name, "the body has no text \"%s\": give it", name);
        return NULL;
    }
    return json_string_value(member);
}
