/* SPDX-License-Identifier: Apache-2.0
 *
 * The catalogue, there and back, as the packed message. To intake it goes in parts.
 */
#include "base/clock.h"
#include "client/call/read_internal.h"
#include "hoso/v1/publisher.pb-c.h"
#include "wire/wire.h"

enum { PART_BYTES = 256 << 10 }; /* publisher.proto */

enum hoso_status hoso_catalogue_get(struct hoso_client *client,
                                    struct hoso_catalogue **ret_catalogue, struct hoso_error *error)
{
    Hoso__V1__GetCatalogueRequest get = HOSO__V1__GET_CATALOGUE_REQUEST__INIT;
    Hoso__V1__ReportingRequest request = HOSO__V1__REPORTING_REQUEST__INIT;
    request.body_case = HOSO__V1__REPORTING_REQUEST__BODY_GET_CATALOGUE;
    request.get_catalogue = &get;

    struct hoso_catalogue *catalogue = result_new(sizeof *catalogue);
    ProtobufCMessage *body = NULL;
    struct buffer packed;
    buffer_init(&packed, CLIENT_REPLY_BYTES);
    enum hoso_status status = ask_reporting(
        client, &request, HOSO__V1__REPORTING_REPLY__BODY_CATALOGUE, catalogue, &body, error);
    if (status == HOSO_OK) {
        const Hoso__V1__GetCatalogueReply *reply = (const Hoso__V1__GetCatalogueReply *)body;
        if (reply->catalogue != NULL) {
            wire_pack(&reply->catalogue->base, &packed);
        }
        const struct slice copy = arena_copy(result_arena(catalogue), buffer_slice(&packed));
        *catalogue = (struct hoso_catalogue){
            .cut = cut_of(reply->cut), .data = copy.data, .size = copy.size};
        if (buffer_status(&packed) != STATUS_OK || copy.size != packed.size) {
            status = client_fail(error, HOSO_TOO_LARGE, NULL, "the catalogue is too large");
        }
    }
    buffer_fini(&packed);
    if (status != HOSO_OK) {
        hoso_free(catalogue);
        return status;
    }
    *ret_catalogue = catalogue;
    return HOSO_OK;
}

/* One part and its answer: the catalogue's of the last part, else intake's word that it has it. */
static enum hoso_status put_part(struct hoso_client *client,
                                 Hoso__V1__PutCataloguePartRequest *part, struct hoso_cut *ret_cut,
                                 struct hoso_error *error)
{
    struct arena arena;
    ProtobufCMessage *body = NULL;
    Hoso__V1__IntakeRequest request = HOSO__V1__INTAKE_REQUEST__INIT;
    request.body_case = HOSO__V1__INTAKE_REQUEST__BODY_PUT_CATALOGUE_PART;
    request.put_catalogue_part = part;
    const struct call call = {
        .peer = PEER_INTAKE,
        .request = &request.base,
        .reply = &hoso__v1__intake_reply__descriptor,
        .expect = part->last ? HOSO__V1__INTAKE_REPLY__BODY_PUT_CATALOGUE
                             : HOSO__V1__INTAKE_REPLY__BODY_PUT_CATALOGUE_PART,
    };
    arena_init(&arena, CLIENT_REPLY_BYTES);
    const enum hoso_status status = client_call(client, &call, &arena, &body, error);
    if (status == HOSO_OK && part->last) {
        *ret_cut = cut_of(((const Hoso__V1__PutCatalogueReply *)body)->cut);
    }
    arena_fini(&arena);
    return status;
}

/* In parts, whatever its size; a fault is found here before anything is sent. */
enum hoso_status hoso_catalogue_put(struct hoso_client *client, const void *data, size_t size,
                                    struct hoso_cut *ret_cut, struct hoso_error *error)
{
    struct arena arena;
    ProtobufCMessage *catalogue = NULL;
    struct error inner = {.status = STATUS_OK};
    arena_init(&arena, CLIENT_RESULT_BYTES);
    enum status status = wire_unpack(&hoso__v1__catalogue__descriptor, slice_of(data, size), &arena,
                                     &catalogue, &inner);
    arena_fini(&arena);
    if (status == STATUS_OK && size > UINT32_MAX) {
        status = error_set(&inner, STATUS_TOO_LARGE, "the catalogue is too large");
    }
    if (status != STATUS_OK) {
        return client_fail_inner(error, status, &inner);
    }
    Hoso__V1__PutCataloguePartRequest part = HOSO__V1__PUT_CATALOGUE_PART_REQUEST__INIT;
    enum hoso_status result = HOSO_OK;
    size_t sent = 0;
    part.id = clock_us();
    part.total_bytes = (uint32_t)size;
    while (result == HOSO_OK && !part.last) {
        const size_t left = size - sent;
        part.last = left <= PART_BYTES;
        part.data.len = part.last ? left : PART_BYTES;
        part.data.data = (uint8_t *)(uintptr_t)data + sent;
        result = put_part(client, &part, ret_cut, error);
        sent += part.data.len;
        part.part++;
    }
    return result;
}
