/* SPDX-License-Identifier: Apache-2.0
 *
 * What the program holds: the page's files, the description of /v1, and how the gateway is.
 */
#include <stdio.h>
#include <string.h>
#include <zlib.h>

#include "service/observe.h"
#include "services/gateway/http/assets.h"
#include "services/gateway/handlers.h"
#include "services/gateway/http/openapi.h"

enum { GUNZIP_WINDOW = 15 + 16 };

#define FOR_EVER "public, max-age=31536000, immutable"
#define NO_PAGE                                                                           \
    "hoso: this gateway was built without the page (HOSO_WEB=OFF). GET /v1/openapi.yaml " \
    "describes what it answers.\n"

void handle_openapi(struct web_request *request)
{
    buffer_put(web_answer(request, MHD_HTTP_OK, "application/yaml"), gateway_openapi,
               gateway_openapi_size);
}

void handle_live(struct web_request *request)
{
    const bool alive = service_is_alive(request->gateway->service);
    buffer_printf(
        web_answer(request, alive ? MHD_HTTP_OK : MHD_HTTP_SERVICE_UNAVAILABLE, "text/plain"),
        "%s\n", alive ? "alive" : "stuck: restart it");
}

void handle_ready(struct web_request *request)
{
    struct observation observation;
    service_observe(request->gateway->service, &observation);
    const bool ready = observation.reason[0] == '\0';
    buffer_printf(
        web_answer(request, ready ? MHD_HTTP_OK : MHD_HTTP_SERVICE_UNAVAILABLE, "text/plain"),
        ready ? "ready\n" : "not ready: %s\n", observation.reason);
}

/* The page's own addresses ("/bao-cao?…") are the page. */
static const struct asset *asset_of(const char *path)
{
    const struct asset *page = NULL;
    for (size_t i = 0; i < gateway_asset_count; i++) {
        if (strcmp(gateway_assets[i].path, path) == 0) {
            return &gateway_assets[i];
        }
        page = strcmp(gateway_assets[i].path, "/") == 0 ? &gateway_assets[i] : page;
    }
    return strchr(path, '.') == NULL && strncmp(path, "/v1", 3) != 0 ? page : NULL;
}

/* For the rare asker that does not take gzip. */
static void unpack(struct web_request *request, const struct asset *asset)
{
    struct buffer *text = web_answer(request, MHD_HTTP_OK, asset->type);
    z_stream stream = {.next_in = (Bytef *)(uintptr_t)asset->gzip, .avail_in = (uInt)asset->size};
    uint8_t piece[4096];
    int code = inflateInit2(&stream, GUNZIP_WINDOW);
    while (code == Z_OK) {
        stream.next_out = piece;
        stream.avail_out = sizeof piece;
        code = inflate(&stream, Z_NO_FLUSH);
        buffer_put(text, piece, sizeof piece - stream.avail_out);
    }
    (void)inflateEnd(&stream);
    if (code != Z_STREAM_END) {
        web_fail(request, PROBLEM_INTERNAL, NULL, "the file cannot be unpacked");
    }
}

static void answer_asset(struct web_request *request, const struct asset *asset)
{
    const char *known = web_header(request, MHD_HTTP_HEADER_IF_NONE_MATCH);
    struct web_answer *answer = &request->answer;
    (void)snprintf(answer->etag, sizeof answer->etag, "%s", asset->etag);
    answer->cached = asset->immutable ? FOR_EVER : "no-cache";
    if (known != NULL && strstr(known, asset->etag) != NULL) {
        (void)web_answer(request, MHD_HTTP_NOT_MODIFIED, NULL);
    } else if (web_preference(web_header(request, MHD_HTTP_HEADER_ACCEPT_ENCODING), "gzip") == 0) {
        unpack(request, asset);
    } else {
        (void)web_answer(request, MHD_HTTP_OK, asset->type);
        answer->ready = asset->gzip;
        answer->ready_size = asset->size;
        answer->gzipped = true;
    }
}

void handle_page(struct web_request *request)
{
    char path[WEB_HEADER_TEXT_SIZE];
    (void)snprintf(path, sizeof path, "/%s", request->rest != NULL ? request->rest : "");
    const struct asset *asset = asset_of(path);
    if (asset != NULL) {
        answer_asset(request, asset);
    } else if (gateway_asset_count == 0 && strcmp(path, "/") == 0) {
        buffer_put(web_answer(request, MHD_HTTP_OK, "text/plain"), NO_PAGE, strlen(NO_PAGE));
    } else {
        web_fail(request, PROBLEM_NOT_FOUND, NULL,
                 "there is no such path: GET /v1/openapi.yaml describes all of /v1");
    }
}
