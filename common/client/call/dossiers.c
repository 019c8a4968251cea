/* SPDX-License-Identifier: Apache-2.0
 *
 * Lists of dossiers: those behind a cell, and those that are open at the end of a day, line by line
 * or counted.
 */
#include "client/call/read_internal.h"

#include <string.h>

#define ENUM_TEXT(name, value, prefix) \
    enum_text(&hoso__v1__##name##__descriptor, (int)(value), strlen(prefix))

static struct hoso_dossier line_of(const Hoso__V1__DossierLine *line)
{
    return (struct hoso_dossier){
        .dossier = line->dossier,
        .unit = line->unit,
        .unit_name = line->unit_name,
        .procedure = line->procedure,
        .procedure_name = line->procedure_name,
        .field = line->field,
        .field_name = line->field_name,
        .received = line->received,
        .due = line->due,
        .ended = line->ended,
        .days_left = line->days_left,
        .state = ENUM_TEXT(dossier_state, line->state, "DOSSIER_STATE_"),
        .channel = ENUM_TEXT(channel, line->channel, "CHANNEL_"),
        .service_level = ENUM_TEXT(service_level, line->service_level, "SERVICE_LEVEL_"),
        .amount = line->amount,
        .space = line->space,
    };
}

static void fill_head(struct hoso_dossiers *page, const Hoso__V1__ListHead *head)
{
    page->title = head->title;
    page->unit = head->unit;
    page->unit_name = head->unit_name;
    page->from = head->period != NULL ? head->period->from : "";
    page->to = head->period != NULL ? head->period->to : "";
    page->note_count = head->n_notes;
    page->notes = (const char *const *)head->notes;
}

static bool fill_page(struct hoso_dossiers *page, const Hoso__V1__DossierPage *wire)
{
    static const Hoso__V1__ListHead none = HOSO__V1__LIST_HEAD__INIT;
    struct hoso_dossier *lines = result_array(page, wire->n_lines, sizeof *lines);
    struct hoso_unit_count *counts = result_array(page, wire->n_counts, sizeof *counts);
    if (lines == NULL || counts == NULL) {
        return false;
    }
    for (size_t i = 0; i < wire->n_lines; i++) {
        lines[i] = line_of(wire->lines[i]);
    }
    for (size_t i = 0; i < wire->n_counts; i++) {
        const Hoso__V1__UnitCount *count = wire->counts[i];
        counts[i] = (struct hoso_unit_count){count->unit, count->unit_name, count->count};
    }
    *page = (struct hoso_dossiers){.cut = cut_of(wire->cut),
                                   .at = wire->at,
                                   .next = wire->next,
                                   .count = wire->n_lines,
                                   .dossiers = lines,
                                   .unit_count = wire->n_counts,
                                   .units = counts};
    fill_head(page, wire->head != NULL ? wire->head : &none);
    return true;
}

static enum hoso_status ask(struct hoso_client *client, Hoso__V1__ReportingRequest *request,
                            uint64_t min_position, uint32_t *wait_ms,
                            struct hoso_dossiers **ret_page, struct hoso_error *error)
{
    struct hoso_dossiers *page = result_new(sizeof *page);
    ProtobufCMessage *body = NULL;
    enum hoso_status status = ask_waiting(client, request, HOSO__V1__REPORTING_REPLY__BODY_DOSSIERS,
                                          min_position, wait_ms, page, &body, error);
    if (status == HOSO_OK && !fill_page(page, (const Hoso__V1__DossierPage *)body)) {
        status = client_fail(error, HOSO_TOO_LARGE, NULL, "the page of dossiers is too large");
    }
    if (status != HOSO_OK) {
        hoso_free(page);
        return status;
    }
    *ret_page = page;
    return HOSO_OK;
}

enum hoso_status hoso_dossiers_list(struct hoso_client *client, const struct hoso_cell_query *query,
                                    struct hoso_dossiers **ret_dossiers, struct hoso_error *error)
{
    Hoso__V1__Period period = HOSO__V1__PERIOD__INIT;
    period.from = text_in(query->report.from);
    period.to = text_in(query->report.to);
    Hoso__V1__ListDossiersRequest list = HOSO__V1__LIST_DOSSIERS_REQUEST__INIT;
    list.form = text_in(query->report.form);
    list.column = text_in(query->column);
    list.unit = text_in(query->report.unit);
    list.field = text_in(query->field);
    list.procedure = text_in(query->procedure);
    list.period = &period;
    list.tree_at = text_in(query->report.tree_at);
    list.after = text_in(query->after);
    list.limit = query->limit;
    list.row = text_in(query->row);
    list.report_unit = text_in(query->report_unit);
    list.as_closed = query->report.as_closed;
    list.restated = query->restated;
    list.count = query->counts;
    list.lang = text_in(query->report.lang);
    list.min_position = query->report.min_cut.position;
    list.min_incarnation = query->report.min_cut.incarnation;
    Hoso__V1__ReportingRequest request = HOSO__V1__REPORTING_REQUEST__INIT;
    request.body_case = HOSO__V1__REPORTING_REQUEST__BODY_LIST_DOSSIERS;
    request.list_dossiers = &list;
    return ask(client, &request, list.min_position, &list.wait_ms, ret_dossiers, error);
}

enum hoso_status hoso_open_list(struct hoso_client *client, const struct hoso_open_query *query,
                                struct hoso_dossiers **ret_page, struct hoso_error *error)
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
    list.at = text_in(query->at);
    list.lang = text_in(query->lang);
    list.min_position = query->min_cut.position;
    list.min_incarnation = query->min_cut.incarnation;
    list.after = text_in(query->after);
    list.limit = query->limit;
    Hoso__V1__ReportingRequest request = HOSO__V1__REPORTING_REQUEST__INIT;
    request.body_case = HOSO__V1__REPORTING_REQUEST__BODY_LIST_OPEN;
    request.list_open = &list;
    return ask(client, &request, list.min_position, &list.wait_ms, ret_page, error);
}
