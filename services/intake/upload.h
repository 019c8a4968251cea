/* SPDX-License-Identifier: Apache-2.0
 *
 * Catalogues that come in parts (publisher.proto, PutCataloguePart): at most one upload for each
 * key and UPLOADS_MAX in all, each of CATALOGUE_BYTES_MAX; one that gets no part for
 * UPLOAD_IDLE_MS is dropped. One thread.
 */
#ifndef HOSO_INTAKE_UPLOAD_H
#define HOSO_INTAKE_UPLOAD_H

#include <stdbool.h>

#include "base/buffer.h"
#include "bus/bus.h"
#include "hoso/v1/publisher.pb-c.h"

enum { UPLOADS_MAX = 4, UPLOAD_PART_MAX = 256 << 10, UPLOAD_IDLE_MS = 30000 };

struct upload {
    char user[BUS_NAME_MAX + 1]; /* empty = no upload */
    uint64_t id;
    uint32_t next_part;
    int64_t deadline_ms;
    struct buffer bytes;
};

struct uploads {
    struct upload list[UPLOADS_MAX];
};

void uploads_init(struct uploads *uploads);
void uploads_fini(struct uploads *uploads);

/* Adds a part. INVALID, BUSY, TOO_LARGE with the error; what was uploaded before is then dropped.
 * ret_whole: it was the last part; the upload's bytes are whole until upload_drop. */
enum status uploads_add(struct uploads *uploads, const char *user,
                        const Hoso__V1__PutCataloguePartRequest *part, int64_t now_ms,
                        struct upload **ret_upload, bool *ret_whole, struct error *error) MUST_USE;
void upload_drop(struct upload *upload);

#endif
