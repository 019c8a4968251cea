/* SPDX-License-Identifier: Apache-2.0
 *
 * The catalogue, there and back, as the packed message.
 */
#include "client/call/read_internal.h"
#include "hoso/v1/publisher.pb-c.h"
#include "wire/wire.h"

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
        client, &request, HOSO__V1__REPORTING_REPLY__BODY_CATALOGUE, 0, catalogue, &body, error);
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

enum hoso_status hoso_catalogue_put(struct hoso_client *client, const void *data, size_t size,
                                    struct hoso_cut *ret_cut, struct hoso_error *error)
{
    struct arena arena;
    arena_init(&arena, CLIENT_RESULT_BYTES);
    ProtobufCMessage *catalogue = NULL;
    ProtobufCMessage *body = NULL;
    struct error inner = {.status = STATUS_OK};
    enum hoso_status result;
    const enum status status = wire_unpack(&hoso__v1__catalogue__descriptor, slice_of(data, size),
                                           &arena, &catalogue, &inner);
    if (status != STATUS_OK) {
        result = client_fail_inner(error, status, &inner);
        goto out;
    }
    Hoso__V1__PutCatalogueRequest put = HOSO__V1__PUT_CATALOGUE_REQUEST__INIT;
    put.catalogue = (Hoso__V1__Catalogue *)catalogue;
    Hoso__V1__IntakeRequest request = HOSO__V1__INTAKE_REQUEST__INIT;
    request.body_case = HOSO__V1__INTAKE_REQUEST__BODY_PUT_CATALOGUE;
    request.put_catalogue = &put;
    const struct call call = {
        .peer = PEER_INTAKE,
        .request = &request.base,
        .reply = &hoso__v1__intake_reply__descriptor,
        .expect = HOSO__V1__INTAKE_REPLY__BODY_PUT_CATALOGUE,
    };
    result = client_call(client, &call, &arena, &body, error);
    if (result == HOSO_OK) {
        *ret_cut = cut_of(((const Hoso__V1__PutCatalogueReply *)body)->cut);
    }
out:
    arena_fini(&arena);
    return result;
}
