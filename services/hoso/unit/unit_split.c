/* SPDX-License-Identifier: Apache-2.0
 *
 * hoso unit split: the open dossiers of a unit that was split, first as a list in which the office
 * writes who takes over each, then as the events that say so. Whole or not at all: a dossier
 * without a target is a fault, since who has it is not ours to guess.
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/localday.h"
#include "catalogue/catalogue.h"
#include "catalogue/split_list.h"
#include "event/event_json.h"
#include "client/hoso_events.h"
#include "services/hoso/unit/unit_internal.h"

enum { PAGE = 1000, LINE_MAX_BYTES = 1024, FAULTS_SHOWN_MAX = 20 };

static const struct usage usage = {
    "unit split UNIT --to FILE.csv | --to FILE.ndjson [--list FILE.csv] [--rest U] [--space S]",
    "The open dossiers of a unit that was split.",
    "--to FILE.csv writes the list: fill in its column unit, one of the successors. --to "
    "FILE.ndjson writes a\nTRANSFERRED for each dossier, at the start of the day after the unit's "
    "last one, for `hoso publish` with the\nkey of the source that sends the dossiers. What the "
    "list leaves open goes to --rest. A unit with dossiers of several spaces needs --space.",
};

struct split {
    const struct command *command;
    struct hoso_client *client;
    struct catalogue *catalogue;
    const struct unit *unit; /* its last row */
    const char *rest;        /* NULL = none */
    bool fill_in;            /* write the list, not the events */
    struct split_list list;
    bool has_list;
    struct document document;
    struct buffer events;
    const char *space; /* of the dossiers; until one is seen, as given */
    bool space_given;
    uint64_t open, targeted, faults, unused;
    uint64_t others; /* open dossiers of other spaces, if none was given */
};

/* EXIT_FAILED, said. */
#define REFUSE(...) (command_say(__VA_ARGS__), EXIT_FAILED)

/* The unit's last row, if it was split. */
static int find_unit(struct split *split, const char *id)
{
    const int32_t today = localday_today();
    const struct slice unit = slice_text(id);
    if (!catalogue_has_unit(split->catalogue, unit)) {
        return REFUSE("there is no unit %s in the catalogue", id);
    }
    if (catalogue_unit(split->catalogue, unit, today) != NULL) {
        return REFUSE("unit %s has not ended: give its row in units.csv a last day (valid_to) and "
                      "its successors, and import it",
                      id);
    }
    split->unit = catalogue_unit_before(split->catalogue, unit, today);
    if (split->unit == NULL || split->unit->successors.count == 0) {
        return REFUSE("unit %s has no successors: name them in units.csv, and import it", id);
    }
    if (split->unit->successors.count == 1) {
        return REFUSE("unit %s was merged into one unit, which has its dossiers without an event: "
                      "there is nothing to do",
                      id);
    }
    return EXIT_DONE;
}

static int load_catalogue(struct split *split)
{
    struct hoso_catalogue *answer = NULL;
    struct hoso_error error;
    struct error inner;
    if (hoso_catalogue_get(split->client, &answer, &error) != HOSO_OK) {
        return report_failure(&error);
    }
    const enum status status =
        catalogue_parse(slice_of(answer->data, answer->size), &split->catalogue, &inner);
    hoso_free(answer);
    return status == STATUS_OK ? EXIT_DONE : report_inner(status, &inner);
}

static bool is_successor(const struct split *split, const char *unit)
{
    bool found = false;
    for (uint32_t i = 0; i < split->unit->successors.count && !found; i++) {
        found = strcmp(split->unit->successors.codes[i], unit) == 0;
    }
    return found;
}

static void fault(struct split *split, const char *dossier, const char *why)
{
    if (split->faults++ < FAULTS_SHOWN_MAX) {
        command_say("%s: %s", dossier, why);
    }
}

/* "" = nobody says. */
static const char *target_of(struct split *split, const char *dossier)
{
    struct split_line *line = split->has_list ? split_list_find(&split->list, dossier) : NULL;
    const char *unit = line != NULL ? line->unit : "";
    if (line != NULL) {
        line->used = true;
    }
    if (unit[0] == '\0' && split->rest != NULL) {
        unit = split->rest;
    }
    if (unit[0] != '\0' && !is_successor(split, unit)) {
        fault(split, dossier, "its unit in the list is not a successor of the unit that was split");
    } else if (unit[0] == '\0' && !split->fill_in) {
        fault(split, dossier, "no unit is named for it: fill in the list, or give --rest");
    }
    return unit;
}

/* When the last TRANSFERRED brought the dossier that took effect after `start_ms`; else 0. */
static int64_t moved_back_ms(const struct hoso_lives *lives, const char *space, int64_t start_ms)
{
    int64_t at_ms = 0;
    for (size_t i = 0; i < lives->count; i++) {
        const struct hoso_life *life = &lives->lives[i];
        for (size_t k = 0; k < life->event_count && strcmp(life->space, space) == 0; k++) {
            const struct hoso_life_event *event = &life->events[k];
            const bool moved = event->effective && strcmp(event->kind, "TRANSFERRED") == 0;
            if (moved && event->occurred_at_ms >= start_ms && event->occurred_at_ms > at_ms) {
                at_ms = event->occurred_at_ms;
            }
        }
    }
    return at_ms;
}

/* The same list twice gives the same events, so publishing them again is harmless. A dossier that
 * was moved back after the split moves once more, by an event of its own right after that. */
static enum hoso_status put_event(struct split *split, const char *dossier, const char *space,
                                  const char *target, struct hoso_error *error)
{
    char id[EVENT_ID_MAX + 1];
    char day[DATE_TEXT_SIZE];
    int64_t at_ms = localday_start_ms(split->unit->to_day);
    struct hoso_lives *lives = NULL;
    const enum hoso_status status = hoso_lives_get(split->client, dossier, NULL, &lives, error);
    if (status != HOSO_OK) {
        return status;
    }
    const int64_t back_ms = moved_back_ms(lives, space, at_ms);
    hoso_free(lives);
    localday_format(split->unit->to_day, day);
    if (back_ms == 0) {
        (void)snprintf(id, sizeof id, "split-%s", day);
    } else {
        at_ms = back_ms + 1;
        (void)snprintf(id, sizeof id, "split-%s-%" PRId64, day, at_ms);
    }
    const struct event event = {.event_id = slice_text(id),
                                .dossier = slice_text(dossier),
                                .kind = KIND_TRANSFERRED,
                                .occurred_at_ms = at_ms,
                                .unit = slice_text(target)};
    event_to_json(&event, &split->events);
    buffer_u8(&split->events, '\n');
    return HOSO_OK;
}

/* Events are published by a source of the dossiers' space, so a file has those of one. The
 * document's texts live in the page. */
static enum hoso_status take_dossier(struct split *split, const struct hoso_dossier *line,
                                     struct hoso_error *error)
{
    if (split->space == NULL) {
        split->space = line->space;
    }
    if (strcmp(line->space, split->space) != 0) {
        split->others += !split->space_given;
        return HOSO_OK;
    }
    const char *target = target_of(split, line->dossier);
    split->open++;
    split->targeted += target[0] != '\0';
    if (split->fill_in) {
        DOCUMENT_ROW(&split->document, 0, line->dossier, target, line->procedure,
                     line->procedure_name, line->received, line->due, line->state);
    } else if (target[0] != '\0') {
        return put_event(split, line->dossier, line->space, target, error);
    }
    return HOSO_OK;
}

struct pages {
    struct hoso_dossiers **pages;
    size_t count;
};

static bool keep_page(struct pages *pages, struct hoso_dossiers *page)
{
    struct hoso_dossiers **more =
        reallocarray(pages->pages, pages->count + 1, sizeof *pages->pages);
    if (more == NULL) {
        hoso_free(page);
        return false;
    }
    pages->pages = more;
    pages->pages[pages->count++] = page;
    return true;
}

static enum hoso_status take_state(struct split *split, const char *unit, const char *state,
                                   struct pages *pages, struct hoso_error *error)
{
    struct hoso_open_query query = {.unit = unit, .state = state, .all = true, .limit = PAGE};
    enum hoso_status status = HOSO_OK;
    bool complete = false;
    while (!complete && status == HOSO_OK) {
        struct hoso_dossiers *page = NULL;
        status = hoso_open_list(split->client, &query, &page, error);
        if (status != HOSO_OK) {
            return status;
        }
        if (!keep_page(pages, page)) {
            return client_fail(error, HOSO_TOO_LARGE, NULL, "out of memory");
        }
        for (size_t i = 0; i < page->count && status == HOSO_OK; i++) {
            status = take_dossier(split, &page->dossiers[i], error);
        }
        query.after = page->next;
        complete = page->next[0] == '\0';
    }
    return status;
}

/* A line that names no open dossier may be a code with a slip in it, whose dossier --rest would
 * take without a word; without --rest that dossier is a fault itself. When nothing is open any
 * more, the list has done its work. */
static void check_unused(struct split *split)
{
    for (uint32_t i = 0; split->open != 0 && i < split->list.count; i++) {
        const struct split_line *line = &split->list.lines[i];
        if (line->used || line->unit[0] == '\0') {
            continue;
        }
        if (split->rest != NULL && !split->fill_in) {
            fault(split, line->dossier,
                  "the list names it, and it is no open dossier of the unit: correct the code, or "
                  "take the line out if it was resolved or moved meanwhile");
        } else if (split->unused++ < FAULTS_SHOWN_MAX) {
            command_say("line %" PRIu32 " of the list is of no use: %s is no open dossier "
                        "of the unit",
                        line->line, line->dossier);
        }
    }
}

static int write_events(struct split *split)
{
    struct output output;
    if (buffer_status(&split->events) != STATUS_OK) {
        return REFUSE("%s: too many events for one file", split->command->out);
    }
    int code = output_begin(split->command, &output);
    if (code == EXIT_DONE) {
        const struct slice text = buffer_slice(&split->events);
        code = output_end(&output, text.size == 0 ||
                                       fwrite(text.data, 1, text.size, output.file) == text.size);
    }
    return code;
}

static int write_out(struct split *split)
{
    if (split->others != 0) {
        command_say("the unit has %" PRIu64 " open dossiers of space %s and %" PRIu64
                    " of others; give --space, once for each, and publish each file with a key "
                    "of that space; nothing was written",
                    split->open, split->space, split->others);
        return EXIT_FAILED;
    }
    if (split->faults != 0) {
        command_say("%" PRIu64 " of %" PRIu64 " dossiers to mend; nothing was written",
                    split->faults, split->open);
        return EXIT_FAILED;
    }
    const int code =
        split->fill_in ? command_print(split->command, &split->document) : write_events(split);
    if (code == EXIT_DONE) {
        command_say("%" PRIu64 " open dossiers, %" PRIu64 " with their new unit", split->open,
                    split->targeted);
    }
    return code;
}

static int run(struct split *split, const char *unit)
{
    static const char *const states[] = {"PROCESSING", "WAITING_SUPPLEMENT", "WAITING_PAYMENT",
                                         "STOPPED"};
    static const struct list_column columns[] = {
        {"dossier", {"dossier", "dossier"}, false},
        {"unit", {"unit", "unit"}, false},
        {"procedure", {"procedure", "procedure"}, false},
        {"procedure_name", {"procedure_name", "procedure_name"}, false},
        {"received", {"received", "received"}, false},
        {"due", {"due", "due"}, false},
        {"state", {"state", "state"}, false},
    };
    struct pages pages = {NULL, 0};
    struct hoso_error error;
    enum hoso_status status = HOSO_OK;
    document_init_list(&split->document, columns, sizeof columns / sizeof *columns, true);
    buffer_init(&split->events, (size_t)SPLIT_LINES_MAX * LINE_MAX_BYTES);
    for (size_t i = 0; i < sizeof states / sizeof *states && status == HOSO_OK; i++) {
        status = take_state(split, unit, states[i], &pages, &error);
    }
    if (split->has_list) {
        check_unused(split);
    }
    const int code = status == HOSO_OK ? write_out(split) : report_failure(&error);
    document_fini(&split->document);
    buffer_fini(&split->events);
    for (size_t i = 0; i < pages.count; i++) {
        hoso_free(pages.pages[i]);
    }
    free(pages.pages);
    return code;
}

static int read_list(struct split *split, const char *path)
{
    split->has_list = true;
    if (split_list_read(path, &split->list) == STATUS_OK) {
        return EXIT_DONE;
    }
    command_say_lines("", buffer_slice(&split->list.faults));
    return EXIT_FAILED;
}

static int open_and_run(struct split *split, const char *unit, const char *list)
{
    int code = list != NULL ? read_list(split, list) : EXIT_DONE;
    if (code == EXIT_DONE) {
        code = command_connect(split->command, &split->client);
    }
    if (code == EXIT_DONE) {
        code = load_catalogue(split);
    }
    if (code == EXIT_DONE) {
        code = find_unit(split, unit);
    }
    if (code == EXIT_DONE && split->rest != NULL && !is_successor(split, split->rest)) {
        code = REFUSE("--rest %s is not a successor of the unit", split->rest);
    }
    if (code == EXIT_DONE) {
        code = run(split, unit);
    }
    if (split->has_list) {
        split_list_fini(&split->list);
    }
    catalogue_free(split->catalogue);
    hoso_client_close(split->client);
    return code;
}

int unit_split_verb(struct command *command, int argc, char **argv)
{
    const char *unit = NULL;
    const char *to = NULL;
    const char *list = NULL;
    struct split split = {.command = command};
    const struct option options[] = {
        {"UNIT", OPTION_ARGUMENT, &unit, NULL, "the unit that ended", true},
        {"to", OPTION_TEXT, &to, "FILE", "where to write: .csv the list, .ndjson the events", true},
        {"list", OPTION_TEXT, &list, "FILE", "the list, filled in", false},
        {"rest", OPTION_TEXT, &split.rest, "U", "the successor that takes over all others", false},
        {"space", OPTION_TEXT, &split.space, "S", "only the dossiers of that space", false},
        OPTIONS_END,
    };
    const int code = command_parse(command, argc, argv, options, &usage);
    if (code >= 0) {
        return code;
    }
    split.space_given = split.space != NULL;
    const char *ending = strrchr(to, '.');
    split.fill_in = ending != NULL && strcmp(ending, ".csv") == 0;
    if (!split.fill_in && (ending == NULL || strcmp(ending, ".ndjson") != 0)) {
        return usage_error(&usage, "--to %s: give a name that ends in .csv or .ndjson", to);
    }
    if (!split.fill_in && list == NULL && split.rest == NULL) {
        return usage_error(&usage, "who takes over which dossier? --to FILE.csv writes the list to "
                                   "fill in, --list FILE.csv reads it, --rest U names one for all");
    }
    command->out = to;
    command->format = split.fill_in ? RENDER_CSV : RENDER_TABLE;
    command->plain = true;
    return open_and_run(&split, unit, list);
}
