/* SPDX-License-Identifier: Apache-2.0
 *
 * Every answer leaves through web_send, with the same security headers. Texts of some size are
 * compressed in the worker, before the library's thread sends them.
 */
#include <inttypes.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <xxhash.h>
#include <zlib.h>

#include "services/gateway/gateway.h"

enum { GZIP_MIN_BYTES = 1024, GZIP_LEVEL = 5, GZIP_WINDOW = 15 + 16 /* with gzip's header */ };

/* Scripts, styles and pictures come from here alone, and nobody may put the page into a frame. */
#define CONTENT_POLICY                                                                            \
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src " \
    "'self'; font-src 'self'; manifest-src 'self'; form-action 'self'; base-uri 'none'; "         \
    "frame-ancestors 'none'"
/* Of a report as HTML, which has no scripts and its styles in itself: they are named by their hash.
 */
#define REPORT_POLICY \
    "default-src 'none'; style-src 'sha256-%s'; base-uri 'none'; frame-ancestors 'none'"

const char *web_type(enum render_format format)
{
    static const char *const types[] = {
        [RENDER_TABLE] = "text/plain",
        [RENDER_JSON] = "application/json",
        [RENDER_CSV] = "text/csv",
        [RENDER_HTML] = "text/html",
        [RENDER_XLSX] = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        [RENDER_DOCX] = "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    };
    return types[format];
}

struct buffer *web_answer(struct web_request *request, unsigned status, const char *type)
{
    struct web_answer *answer = &request->answer;
    answer->status = status;
    answer->type = type;
    buffer_clear(&answer->text);
    return &answer->text;
}

/* Is it among the ETags of If-None-Match? They are compared weakly. */
static bool is_listed(const char *header, const char *etag)
{
    if (header == NULL) {
        return false;
    }
    return strcmp(header, "*") == 0 || strstr(header, etag + strlen("W/")) != NULL;
}

bool web_is_known(struct web_request *request, struct slice text)
{
    struct web_answer *answer = &request->answer;
    const XXH128_hash_t hash = XXH3_128bits(text.data, text.size);
    (void)snprintf(answer->etag, sizeof answer->etag, "W/\"%016" PRIx64 "%016" PRIx64 "\"",
                   hash.high64, hash.low64);
    if (!is_listed(web_header(request, MHD_HTTP_HEADER_IF_NONE_MATCH), answer->etag)) {
        return false;
    }
    (void)web_answer(request, MHD_HTTP_NOT_MODIFIED, NULL);
    return true;
}

bool web_print_begin(struct web_request *request, struct web_print *print)
{
    *print = (struct web_print){.text = NULL};
    print->out = open_memstream(&print->text, &print->size);
    if (print->out == NULL) {
        web_fail(request, PROBLEM_INTERNAL, NULL, "out of memory");
    }
    return print->out != NULL;
}

bool web_print_end(struct web_request *request, struct web_print *print, bool good)
{
    if (fclose(print->out) != 0 || !good || print->size > WEB_ANSWER_BYTES) {
        web_fail(request, PROBLEM_INTERNAL, NULL, "out of memory");
        return false;
    }
    return true;
}

static void put_printed(struct web_request *request, const struct web_print *print, unsigned status)
{
    buffer_put(web_answer(request, status, web_type(RENDER_JSON)), print->text, print->size);
}

void web_print_answer(struct web_request *request, struct web_print *print, unsigned status,
                      bool good)
{
    if (web_print_end(request, print, good)) {
        put_printed(request, print, status);
    }
    free(print->text);
}

void web_print_answer_tagged(struct web_request *request, struct web_print *print, bool good)
{
    if (web_print_end(request, print, good) &&
        !web_is_known(request, slice_of(print->text, print->size))) {
        put_printed(request, print, MHD_HTTP_OK);
    }
    free(print->text);
}

static bool is_text(const char *type)
{
    return type != NULL && (strncmp(type, "text/", 5) == 0 || strstr(type, "json") != NULL ||
                            strstr(type, "yaml") != NULL);
}

/* Left as it is where compressing fails or does not make it shorter. */
void web_compress(struct web_request *request)
{
    struct web_answer *answer = &request->answer;
    const struct slice text = buffer_slice(&answer->text);
    const char *accept = web_header(request, MHD_HTTP_HEADER_ACCEPT_ENCODING);
    z_stream stream = {.zalloc = NULL};
    if (answer->own != NULL || answer->ready != NULL || text.size < GZIP_MIN_BYTES ||
        !is_text(answer->type) || accept == NULL || web_preference(accept, "gzip") == 0 ||
        deflateInit2(&stream, GZIP_LEVEL, Z_DEFLATED, GZIP_WINDOW, 8, Z_DEFAULT_STRATEGY) != Z_OK) {
        return;
    }
    struct buffer packed;
    buffer_init(&packed, WEB_ANSWER_BYTES);
    stream.next_in = (Bytef *)(uintptr_t)text.data;
    stream.avail_in = (uInt)text.size;
    stream.next_out = buffer_room(&packed, text.size);
    stream.avail_out = stream.next_out != NULL ? (uInt)text.size : 0;
    if (stream.next_out != NULL && deflate(&stream, Z_FINISH) == Z_STREAM_END) {
        packed.size = stream.total_out;
        buffer_fini(&answer->text);
        answer->text = packed;
        answer->gzipped = true;
    } else {
        buffer_fini(&packed);
    }
    (void)deflateEnd(&stream);
}

void web_allow_styles(struct web_request *request)
{
    static const char begin[] = "<style>";
    static const char end[] = "</style>";
    const struct slice text = buffer_slice(&request->answer.text);
    const uint8_t *from = memmem(text.data, text.size, begin, strlen(begin));
    const uint8_t *to = memmem(text.data, text.size, end, strlen(end));
    uint8_t hash[crypto_hash_sha256_BYTES];
    char encoded[sodium_base64_ENCODED_LEN(sizeof hash, sodium_base64_VARIANT_ORIGINAL)];
    if (from == NULL || to == NULL || from > to) {
        return;
    }
    from += strlen(begin);
    (void)crypto_hash_sha256(hash, from, (unsigned long long)(to - from));
    (void)sodium_bin2base64(encoded, sizeof encoded, hash, sizeof hash,
                            sodium_base64_VARIANT_ORIGINAL);
    (void)snprintf(request->answer.policy, sizeof request->answer.policy, REPORT_POLICY, encoded);
}

static void add(struct MHD_Response *response, const char *name, const char *value)
{
    if (value != NULL && value[0] != '\0') {
        (void)MHD_add_response_header(response, name, value);
    }
}

static void add_cors(const struct web_request *request, struct MHD_Response *response)
{
    const char *origin = web_header(request, MHD_HTTP_HEADER_ORIGIN);
    if (origin != NULL && web_is_word(request->gateway->settings->cors_origins, origin)) {
        add(response, MHD_HTTP_HEADER_ACCESS_CONTROL_ALLOW_ORIGIN, origin);
        add(response, MHD_HTTP_HEADER_ACCESS_CONTROL_ALLOW_METHODS, "GET, POST, PUT, DELETE");
        add(response, MHD_HTTP_HEADER_ACCESS_CONTROL_ALLOW_HEADERS,
            "Authorization, Content-Type, Last-Event-ID, If-None-Match");
        add(response, MHD_HTTP_HEADER_ACCESS_CONTROL_EXPOSE_HEADERS, "ETag, Content-Disposition");
    }
    add(response, MHD_HTTP_HEADER_VARY,
        "Accept, Accept-Language, Accept-Encoding, Authorization, Cookie, Origin");
}

static void add_headers(const struct web_request *request, struct MHD_Response *response)
{
    const char *own = request->answer.policy;
    add(response, "Content-Security-Policy", own[0] != '\0' ? own : CONTENT_POLICY);
    add(response, "X-Content-Type-Options", "nosniff");
    add(response, "Referrer-Policy", "same-origin");
    add(response, "Cross-Origin-Opener-Policy", "same-origin");
    add(response, "Cross-Origin-Resource-Policy", "same-origin");
    if (request->secure) {
        add(response, MHD_HTTP_HEADER_STRICT_TRANSPORT_SECURITY, "max-age=31536000");
    }
    add_cors(request, response);
}

static void add_own_headers(const struct web_request *request, struct MHD_Response *response)
{
    const struct web_answer *answer = &request->answer;
    const char *type = answer->type;
    char text[WEB_HEADER_TEXT_SIZE];
    if (is_text(type) && strchr(type, ';') == NULL) {
        (void)snprintf(text, sizeof text, "%s; charset=utf-8", type);
        type = text;
    }
    add(response, MHD_HTTP_HEADER_CONTENT_TYPE, type);
    add(response, MHD_HTTP_HEADER_CONTENT_ENCODING, answer->gzipped ? "gzip" : NULL);
    add(response, MHD_HTTP_HEADER_ETAG, answer->etag);
    add(response, MHD_HTTP_HEADER_CACHE_CONTROL,
        answer->cached != NULL    ? answer->cached
        : answer->etag[0] != '\0' ? "private, no-cache"
                                  : "no-store");
    add(response, MHD_HTTP_HEADER_CONTENT_DISPOSITION, answer->file);
    add(response, MHD_HTTP_HEADER_SET_COOKIE, answer->cookie);
    add(response, MHD_HTTP_HEADER_ALLOW, answer->allow);
    if (answer->retry_s != 0) {
        (void)snprintf(text, sizeof text, "%u", answer->retry_s);
        add(response, MHD_HTTP_HEADER_RETRY_AFTER, text);
    }
    if (answer->status == MHD_HTTP_UNAUTHORIZED) {
        add(response, MHD_HTTP_HEADER_WWW_AUTHENTICATE, "Bearer realm=\"hoso\"");
    }
}

enum MHD_Result web_send(struct web_request *request)
{
    struct web_answer *answer = &request->answer;
    if (buffer_status(&answer->text) != STATUS_OK) {
        web_fail(request, PROBLEM_INTERNAL, NULL, "out of memory");
    }
    struct MHD_Response *response = answer->own;
    if (response == NULL) {
        const struct slice text = answer->ready != NULL
                                      ? slice_of(answer->ready, answer->ready_size)
                                      : buffer_slice(&answer->text);
        response = MHD_create_response_from_buffer(text.size, (void *)(uintptr_t)text.data,
                                                   MHD_RESPMEM_PERSISTENT);
    }
    answer->own = NULL;
    if (response == NULL) {
        return MHD_NO;
    }
    add_headers(request, response);
    add_own_headers(request, response);
    const enum MHD_Result result =
        MHD_queue_response(request->connection, answer->status, response);
    MHD_destroy_response(response);
    return result;
}
