/* SPDX-License-Identifier: Apache-2.0
 *
 * What is open today, line by line or counted.
 */
#include "client/call/read_internal.h"

#include <string.h>

#define ENUM_TEXT(name, value, prefix) \
    enum_text(&hoso__v1__##name##__descriptor, (int)(value), strlen(prefix))

static bool fill_page(struct hoso_open_page *page, const Hoso__V1__OpenPage *wire)
{
    struct hoso_open_dossier *lines = result_array(page, wire->n_lines, sizeof *lines);
    struct hoso_open_count *counts = result_array(page, wire->n_counts, sizeof *counts);
    if (lines == NULL || counts == NULL) {
        return false;
    }
    for (size_t i = 0; i < wire->n_lines; i++) {
        const Hoso__V1__OpenLine *line = wire->lines[i];
        lines[i] = (struct hoso_open_dossier){
            .dossier = line->dossier,
            .unit = line->unit,
            .unit_name = line->unit_name,
            .procedure = line->procedure,
            .procedure_name = line->procedure_name,
            .field = line->field,
            .field_name = line->field_name,
            .state = ENUM_TEXT(open_state, line->state, "OPEN_STATE_"),
            .received = line->received,
            .due = line->due,
            .days_left = line->days_left,
            .channel = ENUM_TEXT(channel, line->channel, "CHANNEL_"),
            .service_level = ENUM_TEXT(service_level, line->service_level, "SERVICE_LEVEL_"),
            .space = line->space,
        };
    }
    for (size_t i = 0; i < wire->n_counts; i++) {
        const Hoso__V1__OpenCount *count = wire->counts[i];
        counts[i] = (struct hoso_open_count){count->unit, count->unit_name, count->count};
    }
    *page = (struct hoso_open_page){.cut = cut_of(wire->cut),
                                    .at = wire->at,
                                    .next = wire->next,
                                    .count = wire->n_lines,
                                    .dossiers = lines,
                                    .unit_count = wire->n_counts,
                                    .units = counts};
    return true;
}

enum hoso_status hoso_open_list(struct hoso_client *client, const struct hoso_open_query *query,
                                struct hoso_open_page **ret_page, struct hoso_error *error)
{
    Hoso__V1__ListOpenRequest list = HOSO__V1__LIST_OPEN_REQUEST__INIT;
    int state = 0;
    if (!enum_of(&hoso__v1__open_state__descriptor, query->state, strlen("OPEN_STATE_"), &state)) {
        return client_fail(error, HOSO_INVALID, "state",
                           "there is no state \"%s\": use PROCESSING, WAITING_SUPPLEMENT, "
                           "WAITING_PAYMENT, STOPPED or AWAITING_RECEPTION",
                           query->state);
    }
    list.unit = text_in(query->unit);
    list.state = (Hoso__V1__OpenState)state;
    list.all = query->all;
    list.days = query->days;
    list.tree_at = text_in(query->tree_at);
    list.count = query->counts;
    list.after = text_in(query->after);
    list.limit = query->limit;
    Hoso__V1__ReportingRequest request = HOSO__V1__REPORTING_REQUEST__INIT;
    request.body_case = HOSO__V1__REPORTING_REQUEST__BODY_LIST_OPEN;
    request.list_open = &list;

    struct hoso_open_page *page = result_new(sizeof *page);
    ProtobufCMessage *body = NULL;
    enum hoso_status status = ask_reporting(client, &request, HOSO__V1__REPORTING_REPLY__BODY_OPEN,
                                            0, page, &body, error);
    if (status == HOSO_OK && !fill_page(page, (const Hoso__V1__OpenPage *)body)) {
        status = client_fail(error, HOSO_TOO_LARGE, NULL, "the page of dossiers is too large");
    }
    if (status != HOSO_OK) {
        hoso_free(page);
        return status;
    }
    *ret_page = page;
    return HOSO_OK;
}
