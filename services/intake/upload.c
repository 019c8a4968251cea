/* SPDX-License-Identifier: Apache-2.0
 *
 * An upload's parts come in order; the first one begins it anew, so a sender that starts over needs
 * no other message.
 */
#include "services/intake/upload.h"

#include <string.h>

#include "catalogue/catalogue.h"

void uploads_init(struct uploads *uploads)
{
    *uploads = (struct uploads){0};
    for (unsigned i = 0; i < UPLOADS_MAX; i++) {
        buffer_init(&uploads->list[i].bytes, CATALOGUE_BYTES_MAX);
    }
}

void uploads_fini(struct uploads *uploads)
{
    for (unsigned i = 0; i < UPLOADS_MAX; i++) {
        buffer_fini(&uploads->list[i].bytes);
    }
}

void upload_drop(struct upload *upload)
{
    buffer_fini(&upload->bytes);
    *upload = (struct upload){0};
    buffer_init(&upload->bytes, CATALOGUE_BYTES_MAX);
}

/* The user's upload, else a free place, else NULL. */
static struct upload *find(struct uploads *uploads, const char *user, int64_t now_ms)
{
    struct upload *found = NULL;
    for (unsigned i = 0; i < UPLOADS_MAX; i++) {
        struct upload *upload = &uploads->list[i];
        if (upload->user[0] != '\0' && upload->deadline_ms <= now_ms) {
            upload_drop(upload);
        }
        if (strcmp(upload->user, user) == 0) {
            return upload;
        }
        if (upload->user[0] == '\0') {
            found = upload;
        }
    }
    return found;
}

static enum status take_part(struct upload *upload, const Hoso__V1__PutCataloguePartRequest *part,
                             struct error *error)
{
    if (part->id != upload->id || part->part != upload->next_part) {
        return error_set(error, STATUS_INVALID,
                         "part %u is not the next one of this upload: begin again with part 0",
                         part->part);
    }
    if (part->data.len > UPLOAD_PART_MAX) {
        return error_set(error, STATUS_INVALID, "a part has at most %d bytes, not %zu",
                         UPLOAD_PART_MAX, part->data.len);
    }
    buffer_put(&upload->bytes, part->data.data, part->data.len);
    if (buffer_status(&upload->bytes) != STATUS_OK || part->total_bytes > CATALOGUE_BYTES_MAX) {
        return error_set(error, STATUS_INVALID, "a catalogue has at most %d bytes",
                         CATALOGUE_BYTES_MAX);
    }
    if (part->last && upload->bytes.size != part->total_bytes) {
        return error_set(error, STATUS_INVALID, "the parts have %zu bytes, not %u",
                         upload->bytes.size, part->total_bytes);
    }
    return STATUS_OK;
}

enum status uploads_add(struct uploads *uploads, const char *user,
                        const Hoso__V1__PutCataloguePartRequest *part, int64_t now_ms,
                        struct upload **ret_upload, bool *ret_whole, struct error *error)
{
    struct upload *upload = find(uploads, user, now_ms);
    if (upload == NULL) {
        return error_set(error, STATUS_BUSY, "%d catalogues are being uploaded: try again",
                         UPLOADS_MAX);
    }
    if (part->part == 0) {
        upload_drop(upload);
        memcpy(upload->user, user, strlen(user) + 1);
        upload->id = part->id;
    }
    const enum status status = take_part(upload, part, error);
    if (status != STATUS_OK) {
        upload_drop(upload);
        return status;
    }
    upload->next_part++;
    upload->deadline_ms = now_ms + UPLOAD_IDLE_MS;
    *ret_upload = upload;
    *ret_whole = part->last;
    return STATUS_OK;
}
