/* SPDX-License-Identifier: Apache-2.0
 *
 * Lists that reporting answers: units, findings of data quality, sources.
 */
#include "client/call/read_internal.h"

#include <stdio.h>
#include <string.h>

#include "base/text.h"

enum { KIND_NAME_SIZE = 32 };

const char *enum_text(const ProtobufCEnumDescriptor *descriptor, int value, size_t prefix)
{
    const ProtobufCEnumValue *found =
        value != 0 ? protobuf_c_enum_descriptor_get_value(descriptor, value) : NULL;
    return found != NULL ? found->name + prefix : "";
}

bool enum_of(const ProtobufCEnumDescriptor *descriptor, const char *name, size_t prefix,
             int *ret_value)
{
    for (unsigned i = 0; name != NULL && name[0] != '\0' && i < descriptor->n_values; i++) {
        const int value = descriptor->values[i].value;
        if (value != 0 && strcmp(descriptor->values[i].name + prefix, name) == 0) {
            *ret_value = value;
            return true;
        }
    }
    return name == NULL || name[0] == '\0';
}

/* Codes between blanks. */
static const char *codes_text(void *result, char *const *codes, size_t count)
{
    size_t size = 1;
    for (size_t i = 0; i < count; i++) {
        size += strlen(codes[i]) + 1;
    }
    char *text = count > 0 ? result_array(result, size, 1) : NULL;
    if (text == NULL) {
        return "";
    }
    char *end = text;
    for (size_t i = 0; i < count; i++) {
        end = stpcpy(i > 0 ? stpcpy(end, " ") : end, codes[i]);
    }
    return text;
}

static struct hoso_unit unit_of(void *result, const Hoso__V1__UnitLine *line)
{
    const Hoso__V1__Unit *unit = line->unit;
    return (struct hoso_unit){
        .id = unit->id,
        .code = unit->code,
        .name = unit->name,
        .name_en = unit->name_en,
        .tier = enum_text(&hoso__v1__tier__descriptor, (int)unit->tier, strlen("TIER_")),
        .parent = unit->parent,
        .valid_from = unit->valid_from,
        .valid_to = unit->valid_to,
        .depth = line->depth,
        .successors = codes_text(result, unit->successors, unit->n_successors),
        .counted_in = line->counted_in,
    };
}

static bool fill_units(struct hoso_units *units, const Hoso__V1__ListUnitsReply *wire)
{
    struct hoso_unit *lines = result_array(units, wire->n_units, sizeof *lines);
    for (size_t i = 0; lines != NULL && i < wire->n_units; i++) {
        if (wire->units[i]->unit == NULL) {
            return false;
        }
        lines[i] = unit_of(units, wire->units[i]);
    }
    *units = (struct hoso_units){.cut = cut_of(wire->cut), .count = wire->n_units, .units = lines};
    return lines != NULL;
}

static enum hoso_status list_units(struct hoso_client *client, const char *unit, const char *at,
                                   bool all, struct hoso_units **ret_units,
                                   struct hoso_error *error)
{
    Hoso__V1__ListUnitsRequest list = HOSO__V1__LIST_UNITS_REQUEST__INIT;
    list.all = all;
    list.unit = text_in(unit);
    list.at = text_in(at);
    Hoso__V1__ReportingRequest request = HOSO__V1__REPORTING_REQUEST__INIT;
    request.body_case = HOSO__V1__REPORTING_REQUEST__BODY_LIST_UNITS;
    request.list_units = &list;

    struct hoso_units *units = result_new(sizeof *units);
    ProtobufCMessage *body = NULL;
    enum hoso_status status =
        ask_reporting(client, &request, HOSO__V1__REPORTING_REPLY__BODY_UNITS, units, &body, error);
    if (status == HOSO_OK && !fill_units(units, (const Hoso__V1__ListUnitsReply *)body)) {
        status =
            client_fail(error, HOSO_TOO_LARGE, NULL, "the list of units is too large or broken");
    }
    if (status != HOSO_OK) {
        hoso_free(units);
        return status;
    }
    *ret_units = units;
    return HOSO_OK;
}

enum hoso_status hoso_units_list(struct hoso_client *client, const char *unit, const char *at,
                                 struct hoso_units **ret_units, struct hoso_error *error)
{
    return list_units(client, unit, at, false, ret_units, error);
}

enum hoso_status hoso_units_list_all(struct hoso_client *client, const char *unit, const char *at,
                                     struct hoso_units **ret_units, struct hoso_error *error)
{
    return list_units(client, unit, at, true, ret_units, error);
}

bool fill_finding_lines(void *result, Hoso__V1__Finding *const *wire, size_t count,
                        struct hoso_findings *findings)
{
    struct hoso_finding *lines = result_array(result, count, sizeof *lines);
    for (size_t i = 0; lines != NULL && i < count; i++) {
        const Hoso__V1__Finding *line = wire[i];
        lines[i] = (struct hoso_finding){
            .kind = enum_text(&hoso__v1__finding_kind__descriptor, (int)line->kind,
                              strlen("FINDING_KIND_")),
            .space = line->space,
            .dossier = line->dossier,
            .source = line->source,
            .event_id = line->event_id,
            .event_kind =
                enum_text(&hoso__v1__kind__descriptor, (int)line->event_kind, strlen("KIND_")),
            .unit = line->unit,
            .occurred_at_ms = line->occurred_at,
            .position = line->position,
            .count = line->count,
        };
    }
    findings->findings = lines;
    findings->count = count;
    return lines != NULL;
}

/* The kind called so, in letters of any case. */
static enum hoso_status find_kind(const char *name, int *ret_kind, struct hoso_error *error)
{
    const ProtobufCEnumDescriptor *kinds = &hoso__v1__finding_kind__descriptor;
    const size_t prefix = strlen("FINDING_KIND_");
    struct text_guess guess;
    char upper[KIND_NAME_SIZE] = "";
    char meant[KIND_NAME_SIZE * 2] = "";
    for (size_t i = 0; name != NULL && name[i] != '\0' && i + 1 < sizeof upper; i++) {
        upper[i] = name[i] >= 'a' && name[i] <= 'z' ? (char)(name[i] - 'a' + 'A')
                   : name[i] == '-'                 ? '_'
                                                    : name[i];
    }
    if (enum_of(kinds, upper, prefix, ret_kind)) {
        return HOSO_OK;
    }
    guess = text_guess_of(slice_text(upper));
    for (unsigned i = 0; i < kinds->n_values; i++) {
        if (kinds->values[i].value != 0) {
            text_guess_try(&guess, kinds->values[i].name + prefix);
        }
    }
    if (guess.nearest != NULL) {
        (void)snprintf(meant, sizeof meant, "; did you mean \"%s\"?", guess.nearest);
    }
    return client_fail(error, HOSO_INVALID, "kind",
                       "there is no finding \"%.40s\": use ORPHAN, IGNORED, CONFLICTING, "
                       "VOID_UNMATCHED, OVER_LIMIT, RESULT_IMPLIED or UNIT_NOT_VALID%s",
                       name, meant);
}

static bool fill_findings(struct hoso_findings *page, const Hoso__V1__QualityPage *wire)
{
    page->cut = cut_of(wire->cut);
    page->next = wire->next;
    return fill_finding_lines(page, wire->findings, wire->n_findings, page);
}

enum hoso_status hoso_quality_list(struct hoso_client *client,
                                   const struct hoso_quality_query *query,
                                   struct hoso_findings **ret_findings, struct hoso_error *error)
{
    Hoso__V1__QualityRequest quality = HOSO__V1__QUALITY_REQUEST__INIT;
    int kind = 0;
    enum hoso_status status = find_kind(query->kind, &kind, error);
    if (status != HOSO_OK) {
        return status;
    }
    quality.kind = (Hoso__V1__FindingKind)kind;
    quality.unit = text_in(query->unit);
    quality.after = text_in(query->after);
    quality.limit = query->limit;
    quality.min_position = query->min_cut.position;
    quality.min_incarnation = query->min_cut.incarnation;
    Hoso__V1__ReportingRequest request = HOSO__V1__REPORTING_REQUEST__INIT;
    request.body_case = HOSO__V1__REPORTING_REQUEST__BODY_QUALITY;
    request.quality = &quality;

    struct hoso_findings *page = result_new(sizeof *page);
    ProtobufCMessage *body = NULL;
    status = ask_waiting(client, &request, HOSO__V1__REPORTING_REPLY__BODY_QUALITY,
                         quality.min_position, &quality.wait_ms, page, &body, error);
    if (status == HOSO_OK && !fill_findings(page, (const Hoso__V1__QualityPage *)body)) {
        status = client_fail(error, HOSO_TOO_LARGE, NULL, "the page of findings is too large");
    }
    if (status != HOSO_OK) {
        hoso_free(page);
        return status;
    }
    *ret_findings = page;
    return HOSO_OK;
}

static bool fill_sources(struct hoso_sources *page, const Hoso__V1__SourcePage *wire)
{
    struct hoso_source *lines = result_array(page, wire->n_sources, sizeof *lines);
    for (size_t i = 0; lines != NULL && i < wire->n_sources; i++) {
        const Hoso__V1__SourceLine *line = wire->sources[i];
        lines[i] = (struct hoso_source){
            .source = line->source,
            .registered = line->registered,
            .units = codes_text(page, line->units, line->n_units),
            .expires = line->expires,
            .events = line->events,
            .events_today = line->events_today,
            .events_month = line->events_month,
            .first_event_ms = line->first_event,
            .last_event_ms = line->last_event,
            .conflicts = line->conflicts,
            .findings = line->findings,
            .silent = line->silent,
            .refused = -1,
        };
    }
    *page = (struct hoso_sources){.cut = cut_of(wire->cut),
                                  .at = wire->at,
                                  .next = wire->next,
                                  .count = wire->n_sources,
                                  .sources = lines};
    return lines != NULL;
}

enum hoso_status hoso_sources_list(struct hoso_client *client,
                                   const struct hoso_sources_query *query,
                                   struct hoso_sources **ret_sources, struct hoso_error *error)
{
    Hoso__V1__ListSourcesRequest list = HOSO__V1__LIST_SOURCES_REQUEST__INIT;
    list.unit = text_in(query->unit);
    list.after = text_in(query->after);
    list.limit = query->limit;
    Hoso__V1__ReportingRequest request = HOSO__V1__REPORTING_REQUEST__INIT;
    request.body_case = HOSO__V1__REPORTING_REQUEST__BODY_LIST_SOURCES;
    request.list_sources = &list;

    struct hoso_sources *page = result_new(sizeof *page);
    ProtobufCMessage *body = NULL;
    enum hoso_status status = ask_reporting(
        client, &request, HOSO__V1__REPORTING_REPLY__BODY_SOURCES, page, &body, error);
    if (status == HOSO_OK && !fill_sources(page, (const Hoso__V1__SourcePage *)body)) {
        status = client_fail(error, HOSO_TOO_LARGE, NULL, "the page of sources is too large");
    }
    if (status != HOSO_OK) {
        hoso_free(page);
        return status;
    }
    *ret_sources = page;
    return HOSO_OK;
}
