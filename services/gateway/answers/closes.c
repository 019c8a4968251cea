/* SPDX-License-Identifier: Apache-2.0
 *
 * POST /v1/closes. Who gets no answer asks again with the same id, which closes once.
 */
#include <jansson.h>

#include "client/hoso_period.h"
#include "render/json.h"
#include "services/gateway/handlers.h"

static void answer_closed(struct web_request *request, const struct hoso_close_request *asked,
                          const struct hoso_closed *closed)
{
    struct web_print print;
    if (!web_print_begin(request, &print)) {
        return;
    }
    struct render_json json = render_json_to(print.out);
    json_put_object(&json, NULL);
    json_put_number(&json, "number", closed->number);
    json_put_cut(&json, closed->cut.incarnation, closed->cut.position);
    json_put_flag(&json, "unchanged", closed->unchanged);
    json_put_text(&json, "id", asked->id);
    json_put_end(&json);
    (void)fputc('\n', print.out);
    web_print_answer(request, &print, MHD_HTTP_CREATED, true);
}

static void close_period(struct web_request *request, const json_t *object)
{
    char drawn[HOSO_CLOSE_ID_SIZE];
    struct hoso_closed closed;
    struct hoso_error error;
    struct hoso_close_request asked = {.unit = web_member(request, object, "unit", true)};
    if (asked.unit != NULL) {
        asked.to = web_member(request, object, "to", true);
    }
    if (asked.to == NULL) {
        return;
    }
    asked.label = web_member(request, object, "label", false);
    asked.id = web_member(request, object, "id", false);
    if (request->answer.status != 0) {
        return;
    }
    if (asked.id == NULL) {
        hoso_close_id(drawn);
        asked.id = drawn;
    }
    web_note(request, "unit", arena_string(&request->arena, slice_text(asked.unit)));
    web_note(request, "to", arena_string(&request->arena, slice_text(asked.to)));
    if (hoso_period_close(request->client, &asked, &closed, &error) == HOSO_OK) {
        answer_closed(request, &asked, &closed);
    } else {
        web_fail_client(request, &error);
    }
}

void handle_close(struct web_request *request)
{
    const struct slice body = buffer_slice(&request->body);
    json_t *object = json_loadb((const char *)body.data, body.size, JSON_REJECT_DUPLICATES, NULL);
    if (json_is_object(object)) {
        close_period(request, object);
    } else {
        web_fail(request, PROBLEM_INVALID, NULL,
                 "the body is no JSON object: {\"unit\": …, \"to\": …}");
    }
    json_decref(object);
}
