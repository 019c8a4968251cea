/* SPDX-License-Identifier: Apache-2.0
 *
 * The page's files as they are embedded into the program: made from services/gateway/web when it is
 * built, and empty without it. Each is kept compressed by gzip, which every browser takes.
 */
#ifndef HOSO_GATEWAY_ASSETS_H
#define HOSO_GATEWAY_ASSETS_H

#include <stddef.h>
#include <stdint.h>

struct asset {
    const char *path; /* as in a URL, "/app-3f2a1b.js"; the page itself is "/" */
    const char *type; /* media type: "text/html; charset=utf-8" */
    const char *etag; /* with its quotes; changes with the content */
    const uint8_t *gzip;
    size_t size;   /* of gzip */
    int immutable; /* 1 = its name changes with its content: a browser keeps it for ever */
};

extern const struct asset gateway_assets[];
extern const size_t gateway_asset_count;

#endif
