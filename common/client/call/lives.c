/* SPDX-License-Identifier: Apache-2.0
 *
 * The life of a dossier, as reporting answers it.
 */
#include <string.h>

#include "client/call/read_internal.h"

#define NAME(descriptor, value, prefix) enum_text(&(descriptor), (int)(value), strlen(prefix))

static bool fill_events(void *result, const Hoso__V1__DossierLife *wire, struct hoso_life *life)
{
    struct hoso_life_event *lines = result_array(result, wire->n_events, sizeof *lines);
    for (size_t i = 0; lines != NULL && i < wire->n_events; i++) {
        const Hoso__V1__LifeEvent *line = wire->events[i];
        const Hoso__V1__Event *event = line->event;
        if (event == NULL) {
            return false;
        }
        lines[i] = (struct hoso_life_event){
            .event_id = event->event_id,
            .kind = NAME(hoso__v1__kind__descriptor, event->kind, "KIND_"),
            .source = line->source,
            .unit = event->unit,
            .occurred_at_ms = event->occurred_at,
            .due_at_ms = event->due_at,
            .position = line->position,
            .effective = line->effective,
            .voided = line->voided,
            .finding = NAME(hoso__v1__finding_kind__descriptor, line->finding, "FINDING_KIND_"),
        };
    }
    life->events = lines;
    life->event_count = wire->n_events;
    return lines != NULL;
}

static bool fill_counts(void *result, const Hoso__V1__DossierLife *wire, struct hoso_life *life)
{
    struct hoso_life_count *lines = result_array(result, wire->n_counts, sizeof *lines);
    for (size_t i = 0; lines != NULL && i < wire->n_counts; i++) {
        const Hoso__V1__LifeCount *line = wire->counts[i];
        lines[i] = (struct hoso_life_count){
            .day = line->day,
            .unit = line->unit,
            .procedure = line->procedure,
            .field = line->field,
            .channel = NAME(hoso__v1__channel__descriptor, line->channel, "CHANNEL_"),
            .service_level =
                NAME(hoso__v1__service_level__descriptor, line->service_level, "SERVICE_LEVEL_"),
            .petition_class =
                NAME(hoso__v1__petition_class__descriptor, line->petition_class, "PETITION_CLASS_"),
            .measure = line->measure,
            .amount = line->amount,
        };
    }
    life->counts = lines;
    life->count_count = wire->n_counts;
    return lines != NULL;
}

static bool fill_life(void *result, const Hoso__V1__DossierLife *wire, struct hoso_cut cut,
                      struct hoso_life *ret_life)
{
    struct hoso_life life = {
        .dossier = wire->dossier,
        .space = wire->space,
        .state = NAME(hoso__v1__dossier_state__descriptor, wire->state, "DOSSIER_STATE_"),
        .unit = wire->unit,
        .unit_name = wire->unit_name,
        .procedure = wire->procedure,
        .procedure_name = wire->procedure_name,
        .field = wire->field,
        .field_name = wire->field_name,
        .due = wire->due,
    };
    const bool filled = fill_events(result, wire, &life) && fill_counts(result, wire, &life) &&
                        fill_finding_lines(result, wire->outside, wire->n_outside, &life.outside);
    life.outside.cut = cut;
    life.outside.next = "";
    *ret_life = life;
    return filled;
}

static bool fill_lives(struct hoso_lives *lives, const Hoso__V1__DossierLives *wire)
{
    struct hoso_life *lines = result_array(lives, wire->n_lives, sizeof *lines);
    *lives = (struct hoso_lives){.cut = cut_of(wire->cut), .count = wire->n_lives, .lives = lines};
    bool filled = lines != NULL;
    for (size_t i = 0; filled && i < wire->n_lives; i++) {
        filled = fill_life(lives, wire->lives[i], lives->cut, &lines[i]);
    }
    return filled;
}

enum hoso_status hoso_lives_get(struct hoso_client *client, const char *dossier,
                                const struct hoso_cut *min_cut, struct hoso_lives **ret_lives,
                                struct hoso_error *error)
{
    Hoso__V1__GetDossierRequest get = HOSO__V1__GET_DOSSIER_REQUEST__INIT;
    get.dossier = text_in(dossier);
    if (min_cut != NULL) {
        get.min_position = min_cut->position;
        get.min_incarnation = min_cut->incarnation;
    }
    Hoso__V1__ReportingRequest request = HOSO__V1__REPORTING_REQUEST__INIT;
    request.body_case = HOSO__V1__REPORTING_REQUEST__BODY_GET_DOSSIER;
    request.get_dossier = &get;

    struct hoso_lives *lives = result_new(sizeof *lives);
    ProtobufCMessage *body = NULL;
    enum hoso_status status = ask_waiting(client, &request, HOSO__V1__REPORTING_REPLY__BODY_LIVES,
                                          get.min_position, &get.wait_ms, lives, &body, error);
    if (status == HOSO_OK && !fill_lives(lives, (const Hoso__V1__DossierLives *)body)) {
        status = client_fail(error, HOSO_TOO_LARGE, NULL, "the dossier's life is too large");
    } else if (status == HOSO_OK && lives->count == 0) {
        status = client_fail(error, HOSO_NOT_FOUND, "dossier",
                             "no dossier with the code \"%s\" is known in the units that this key "
                             "may see",
                             dossier);
    }
    if (status != HOSO_OK) {
        hoso_free(lives);
        return status;
    }
    *ret_lives = lives;
    return HOSO_OK;
}
