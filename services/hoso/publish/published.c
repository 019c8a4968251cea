/* SPDX-License-Identifier: Apache-2.0
 *
 * A dossier's life has what its own events came to; what found no way into its history, conflicts
 * above all, stands beside it.
 */
#include "services/hoso/publish/published.h"

#include <inttypes.h>
#include <libintl.h>
#include <stdio.h>
#include <string.h>

#include "event/event_json.h"
#include "render/lists/lists.h"

enum { CODES_BYTES = 1 << 20, EVENT_BYTES = 256 << 10 };

void published_init(struct published *published)
{
    arena_init(&published->arena, CODES_BYTES);
    published->count = 0;
    published->is_more = false;
}

void published_fini(struct published *published)
{
    arena_fini(&published->arena);
}

/* Once; NULL = there is no room for its code. */
static void add_dossier(struct published *published, const char *code)
{
    bool known = code == NULL;
    for (unsigned i = 0; i < published->count && !known; i++) {
        known = strcmp(published->dossiers[i], code) == 0;
    }
    published->is_more = code == NULL || (!known && published->count == PUBLISHED_DOSSIERS_MAX);
    if (!known && !published->is_more) {
        published->dossiers[published->count++] = code;
    }
}

void published_add(struct published *published, struct slice line)
{
    struct arena arena;
    struct event event;
    struct event_fault fault;
    if (published->is_more) {
        return;
    }
    arena_init(&arena, EVENT_BYTES);
    if (event_from_json(line, &arena, &event, &fault) == STATUS_OK) {
        add_dossier(published, arena_string(&published->arena, event.dossier));
    }
    arena_fini(&arena);
}

/* What is found, while it is gathered; its texts live in the result. */
struct found_lines {
    struct published *published;
    struct hoso_findings *found;
    struct hoso_finding *lines;
};

static const char *copy(const struct found_lines *lines_found, const char *text)
{
    const char *copied = arena_string(result_arena(lines_found->found), slice_text(text));
    return copied != NULL ? copied : "";
}

static void add(struct found_lines *lines_found, const struct hoso_finding *finding)
{
    if (lines_found->found->count == PUBLISHED_FINDINGS_MAX) {
        lines_found->published->is_more = true;
        return;
    }
    struct hoso_finding *line = &lines_found->lines[lines_found->found->count++];
    *line = *finding;
    const char **texts[] = {&line->kind,     &line->space,      &line->dossier, &line->source,
                            &line->event_id, &line->event_kind, &line->unit};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        *texts[i] = copy(lines_found, *texts[i]);
    }
}

static void add_life(struct found_lines *lines_found, const struct hoso_life *life)
{
    for (size_t i = 0; i < life->event_count; i++) {
        const struct hoso_life_event *event = &life->events[i];
        if (event->finding[0] != '\0') {
            add(lines_found, &(struct hoso_finding){.kind = event->finding,
                                                    .space = life->space,
                                                    .dossier = life->dossier,
                                                    .source = event->source,
                                                    .event_id = event->event_id,
                                                    .event_kind = event->kind,
                                                    .unit = event->unit,
                                                    .occurred_at_ms = event->occurred_at_ms,
                                                    .position = event->position,
                                                    .count = 1});
        }
    }
    for (size_t i = 0; i < life->outside.count; i++) {
        add(lines_found, &life->outside.findings[i]);
    }
}

enum hoso_status published_check(struct published *published, struct hoso_client *client,
                                 const struct hoso_cut *min_cut, struct hoso_findings **ret_found,
                                 struct hoso_error *error)
{
    struct found_lines lines_found = {.published = published,
                                      .found = result_new(sizeof *lines_found.found)};
    struct hoso_findings *found = lines_found.found;
    enum hoso_status status = HOSO_OK;
    if (found != NULL) {
        lines_found.lines =
            arena_array(result_arena(found), PUBLISHED_FINDINGS_MAX, sizeof *lines_found.lines);
    }
    if (lines_found.lines == NULL) {
        hoso_free(found);
        return client_fail(error, HOSO_TOO_LARGE, NULL, "out of memory");
    }
    *found = (struct hoso_findings){.next = "", .findings = lines_found.lines};
    for (unsigned i = 0; i < published->count && status == HOSO_OK; i++) {
        struct hoso_lives *lives = NULL;
        status = hoso_lives_get(client, published->dossiers[i], min_cut, &lives, error);
        for (size_t k = 0; status == HOSO_OK && k < lives->count; k++) {
            add_life(&lines_found, &lives->lives[k]);
        }
        found->cut = status == HOSO_OK ? lives->cut : found->cut;
        hoso_free(lives);
        status = status == HOSO_NOT_FOUND ? HOSO_OK : status; /* nothing of it is in our units */
    }
    if (status != HOSO_OK) {
        hoso_free(found);
        return status;
    }
    *ret_found = found;
    return HOSO_OK;
}

int published_print(const struct published *published, const struct command *command,
                    struct hoso_findings *found)
{
    const struct list_reader reader = command_reader(command);
    struct document document;
    int code = EXIT_DONE;
    if (found->count != 0) {
        list_begin(&document, &list_of_findings, &reader);
        (void)list_of_findings.add_rows(&document, &reader, found);
        code = command_print(command, &document);
    }
    (void)fprintf(stderr, gettext("checked at position %llu: %zu findings about %u dossiers\n"),
                  (unsigned long long)found->cut.position, found->count, published->count);
    if (published->is_more) {
        (void)fprintf(stderr,
                      gettext("hoso: only the first dossiers were checked; `hoso quality` lists "
                              "what was found of all\n"));
    }
    return code;
}

void published_put_json(const struct hoso_findings *found, struct render_json *json)
{
    json_put_array(json, "findings");
    for (size_t i = 0; i < found->count; i++) {
        const struct hoso_finding *finding = &found->findings[i];
        json_put_object(json, NULL);
        json_put_text(json, "kind", finding->kind);
        json_put_text(json, "dossier", finding->dossier);
        json_put_text(json, "eventId", finding->event_id);
        json_put_text(json, "eventKind", finding->event_kind);
        json_put_text(json, "unit", finding->unit);
        json_put_text(json, "source", finding->source);
        json_put_number(json, "position", (int64_t)finding->position);
        json_put_end(json);
    }
    json_put_end(json);
}
