/* SPDX-License-Identifier: Apache-2.0
 *
 * A service that did not answer is an element, too.
 */
#include "render/lists/services.h"

static void put_answer(struct render_json *json, const struct status_answer *answer)
{
    const Hoso__V1__StatusReply *reply = answer->reply;
    json_put_line(json);
    json_put_object(json, NULL);
    json_put_text(json, "service", status_service(answer->peer));
    json_put_flag(json, "up", reply != NULL);
    if (reply == NULL) {
        json_put_text(json, "error", answer->error.text);
    } else {
        json_put_text(json, "version", reply->version);
        json_put_flag(json, "ready", reply->ready);
        json_put_text(json, "reason", reply->reason);
        json_put_cut(json, reply->cut != NULL ? reply->cut->incarnation : 0,
                     status_position(answer));
        json_put_object(json, "gauges");
        for (size_t g = 0; g < reply->n_gauges; g++) {
            json_put_number(json, reply->gauges[g]->name, reply->gauges[g]->value);
        }
        json_put_end(json);
    }
    json_put_end(json);
}

void status_print_json(const struct status_answer answers[STATUS_PEERS], FILE *out)
{
    struct render_json json = render_json_to(out);
    json_put_array(&json, NULL);
    for (unsigned i = 0; i < STATUS_PEERS; i++) {
        if (answers[i].asked) {
            put_answer(&json, &answers[i]);
        }
    }
    json_put_line(&json);
    json_put_end(&json);
    (void)fputc('\n', out);
}
