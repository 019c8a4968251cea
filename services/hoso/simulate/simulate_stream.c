/* SPDX-License-Identifier: Apache-2.0
 *
 * The window in which lines are shuffled and repeated, and the command's options.
 */
#include "services/hoso/simulate/simulate_random.h"

#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/clock.h"
#include "base/localday.h"
#include "catalogue/scope.h"
#include "event/event_json.h"

enum {
    SHUFFLE_WINDOW = 65536,
    REPEAT_WINDOW = 1024,
    LIST_ARENA = 16 << 20,
    DAYS_MAX = 20000,
    EVERY_MIN_MS = 100,
    EVERY_MAX_MS = 3600000,
    SERIALS = 1000000000 /* of a dossier's code */
};

static uint32_t window_size(const struct lives_options *options)
{
    return options->shuffle ? SHUFFLE_WINDOW : options->duplicate_percent != 0 ? REPEAT_WINDOW : 0;
}

enum status lives_begin(struct lives *lives)
{
    if (window_size(lives->options) == 0) {
        return STATUS_OK;
    }
    lives->window = calloc(window_size(lives->options), sizeof *lives->window);
    return lives->window != NULL ? STATUS_OK : STATUS_TOO_LARGE;
}

static void write_line(struct lives *lives, const char *line)
{
    simulation_put_line(lives->simulation, slice_text(line));
}

static char *keep(struct lives *lives, struct slice line)
{
    char *copy = malloc(line.size + 1);
    if (copy == NULL) {
        lives->failed = true;
        return NULL;
    }
    memcpy(copy, line.data, line.size);
    copy[line.size] = '\0';
    return copy;
}

/* In a shuffled stream a line goes out when another takes its place; otherwise at once, and the
 * window only remembers it. */
static void put_in_window(struct lives *lives, struct slice line)
{
    char *copy = keep(lives, line);
    if (copy == NULL) {
        return;
    }
    if (lives->window_count < window_size(lives->options)) {
        lives->window[lives->window_count++] = copy;
        return;
    }
    char **place = &lives->window[random_below(&lives->random, lives->window_count)];
    if (lives->options->shuffle) {
        write_line(lives, *place);
    }
    free(*place);
    *place = copy;
}

void lives_put(struct lives *lives, const struct event *event)
{
    struct simulation *simulation = lives->simulation;
    lives->written++;
    if (lives->window == NULL) {
        simulation_put(simulation, event);
        return;
    }
    buffer_clear(&simulation->line);
    event_to_json(event, &simulation->line);
    if (buffer_status(&simulation->line) != STATUS_OK) {
        simulation->failed = true;
        return;
    }
    if (!lives->options->shuffle) {
        simulation_put_line(simulation, buffer_slice(&simulation->line));
    }
    put_in_window(lives, buffer_slice(&simulation->line));
    if (lives->window_count != 0 &&
        random_chance(&lives->random, lives->options->duplicate_percent)) {
        write_line(lives, lives->window[random_below(&lives->random, lives->window_count)]);
    }
}

void lives_end(struct lives *lives)
{
    while (lives->window_count != 0) {
        const uint32_t place = random_below(&lives->random, lives->window_count);
        if (lives->options->shuffle) {
            write_line(lives, lives->window[place]);
        }
        free(lives->window[place]);
        lives->window[place] = lives->window[--lives->window_count];
    }
    free(lives->window);
    lives->window = NULL;
}

/* Units and procedures of the made-up province; the province itself publishes nothing. */
static enum status made_up_lists(struct arena *arena, uint32_t units, uint32_t procedures,
                                 struct lives_options *options)
{
    struct slice *unit_list = arena_array(arena, units, sizeof *unit_list);
    struct lives_procedure *procedure_list = arena_array(arena, procedures, sizeof *procedure_list);
    if (unit_list == NULL || procedure_list == NULL) {
        return STATUS_TOO_LARGE;
    }
    char id[MADE_UP_ID_MAX];
    for (uint32_t i = 1; i < units; i++) {
        made_up_unit(i, units, id);
        unit_list[i - 1] = arena_copy(arena, slice_text(id));
    }
    for (uint32_t i = 0; i < procedures; i++) {
        made_up_procedure(i, id);
        procedure_list[i].id = arena_copy(arena, slice_text(id));
        made_up_field(i, id);
        procedure_list[i].field = arena_copy(arena, slice_text(id));
        procedure_list[i].level = made_up_level(i);
    }
    options->units = unit_list;
    options->procedures = procedure_list;
    options->unit_count = units - 1;
    options->procedure_count = procedures;
    return arena->exceeded ? STATUS_TOO_LARGE : STATUS_OK;
}

/* Districts and communes of a catalogue that are valid on the first day, and all its procedures. */
static enum status lists_from(const struct catalogue *catalogue, struct arena *arena,
                              struct lives_options *options, struct error *error)
{
    const struct scope_question forest = {.tree_day = options->first_day};
    struct scope scope;
    uint32_t procedures;
    const enum status status = scope_of(catalogue, &forest, arena, &scope);
    const struct procedure *all = catalogue_procedures(catalogue, &procedures);
    struct slice *unit_list =
        status == STATUS_OK ? arena_array(arena, scope.count, sizeof *unit_list) : NULL;
    struct lives_procedure *list = arena_array(arena, procedures, sizeof *list);
    if (unit_list == NULL || list == NULL) {
        return error_set(error, status != STATUS_OK ? status : STATUS_TOO_LARGE,
                         "the catalogue has no units on the first day, or too many");
    }
    options->unit_count = 0;
    for (uint32_t i = 0; i < scope.count; i++) {
        if (scope.rows[i].tier == TIER_DISTRICT || scope.rows[i].tier == TIER_COMMUNE) {
            unit_list[options->unit_count++] = scope.rows[i].unit->id;
        }
    }
    for (uint32_t i = 0; i < procedures; i++) {
        list[i] = (struct lives_procedure){all[i].id, all[i].field,
                                           (enum service_level)all[i].service_level};
    }
    options->units = unit_list;
    options->procedures = list;
    options->procedure_count = procedures;
    if (options->unit_count == 0 || procedures == 0) {
        return error_set(error, STATUS_INVALID,
                         "the catalogue has no districts, communes or procedures");
    }
    return STATUS_OK;
}

static enum status read_catalogue(const char *folder, struct catalogue **ret_catalogue,
                                  struct error *error)
{
    struct buffer packed;
    buffer_init(&packed, CATALOGUE_BYTES_MAX);
    enum status status = catalogue_import_csv(folder, &packed, error);
    if (status == STATUS_OK) {
        status = catalogue_parse(buffer_slice(&packed), ret_catalogue, error);
    }
    buffer_fini(&packed);
    return status;
}

static int run(struct lives_options *options, const char *folder, uint64_t units,
               uint64_t procedures)
{
    struct arena arena;
    struct catalogue *catalogue = NULL;
    struct error error = {.status = STATUS_OK};
    arena_init(&arena, LIST_ARENA);
    enum status status;
    if (folder != NULL) {
        status = read_catalogue(folder, &catalogue, &error);
        if (status == STATUS_OK) {
            status = lists_from(catalogue, &arena, options, &error);
        }
    } else {
        status = made_up_lists(&arena, (uint32_t)units, (uint32_t)procedures, options);
    }
    if (status == STATUS_OK) {
        struct simulation simulation;
        simulation_init(&simulation, stdout);
        status = lives_write(options, &simulation);
        simulation_fini(&simulation);
    }
    if (status == STATUS_OK && fflush(stdout) != 0) {
        status = STATUS_IO;
    }
    catalogue_free(catalogue);
    arena_fini(&arena);
    return status == STATUS_OK ? EXIT_DONE : report_inner(status, &error);
}

static const struct usage usage = {
    "simulate random --events N [--seed S] [--units-from DIR | --units N --procedures N] [--days "
    "N] [--start D] [--until D] [--every MS] …",
    "Lives of dossiers as events, day by day.",
    "The same options give the same lines. Units and procedures are those of a catalogue's folder, "
    "or of the made-up\n"
    "province that `hoso simulate catalogue` writes for the same --units and --procedures. With "
    "--every the events are\nof the moment they are written at, and each run has dossiers of its "
    "own: for a demo that goes on.",
};

static bool set_end(const char *until, struct lives_options *lives)
{
    int32_t last_day;
    if (until != NULL && !localday_parse(slice_text(until), &last_day)) {
        return false;
    }
    lives->end_ms = until != NULL ? localday_start_ms(last_day + 1) : 0;
    return true;
}

/* A birth takes at least EVERY_MIN_MS, so runs that follow one another share no serial. */
static bool set_pace(uint64_t every_ms, struct lives_options *lives)
{
    lives->every_ms = (uint32_t)every_ms;
    lives->first_serial = (uint64_t)(clock_unix_ms() / EVERY_MIN_MS % SERIALS);
    return every_ms >= EVERY_MIN_MS && every_ms <= EVERY_MAX_MS && !lives->shuffle &&
           lives->duplicate_percent == 0 && lives->void_percent == 0;
}

int simulate_random(struct command *command, int argc, char **argv)
{
    uint64_t events = 0;
    uint64_t seed = 1;
    uint64_t units = 230;
    uint64_t procedures = 2700;
    uint64_t days = 365;
    uint64_t duplicates = 0;
    uint64_t late = 4;
    uint64_t voids = 0;
    uint64_t every = 0;
    bool shuffle = false;
    bool unequal = false;
    const char *start = "2024-01-01";
    const char *until = NULL;
    const char *folder = NULL;
    const struct option options[] = {
        {"events", OPTION_NUMBER, &events, "N", "how many", true},
        {"seed", OPTION_NUMBER, &seed, "S", "another seed, another stream (1)", false},
        {"units-from", OPTION_TEXT, &folder, "DIR", "a catalogue's folder", false},
        {"units", OPTION_NUMBER, &units, "N", "of the made-up province (230)", false},
        {"procedures", OPTION_NUMBER, &procedures, "N", "likewise (2700)", false},
        {"days", OPTION_NUMBER, &days, "N", "over which dossiers are received (365)", false},
        {"start", OPTION_DATE, &start, "D", "first day (2024-01-01)", false},
        {"until", OPTION_DATE, &until, "D", "nothing after that day", false},
        {"duplicates", OPTION_NUMBER, &duplicates, "%", "of lines come a second time, on top",
         false},
        {"late", OPTION_NUMBER, &late, "%", "of dossiers are resolved late (4)", false},
        {"voids", OPTION_NUMBER, &voids, "%", "of dossiers have an event that is voided", false},
        {"unequal", OPTION_FLAG, &unequal, NULL,
         "few units and procedures have most dossiers, as real ones do", false},
        {"shuffle", OPTION_FLAG, &shuffle, NULL, "mix the order of lines, 65,536 at a time", false},
        {"every", OPTION_NUMBER, &every, "MS", "a line each so many milliseconds, of now", false},
        OPTIONS_END,
    };
    const int code = command_parse(command, argc, argv, options, &usage);
    if (code >= 0) {
        return code;
    }
    struct lives_options lives = {
        .events = events,
        .seed = seed,
        .days = (uint32_t)days,
        .duplicate_percent = (uint32_t)duplicates,
        .late_percent = (uint32_t)late,
        .void_percent = (uint32_t)voids,
        .unequal = unequal,
        .shuffle = shuffle,
    };
    if (units < 2 || units > MADE_UP_UNITS_MAX || procedures == 0 ||
        procedures > MADE_UP_PROCEDURES_MAX || days == 0 || days > DAYS_MAX || duplicates > 100 ||
        late > 100 || voids > 100 || events > UINT32_MAX ||
        !localday_parse(slice_text(start), &lives.first_day) || !set_end(until, &lives)) {
        return usage_error(&usage,
                           "2 to %d units, 1 to %d procedures, 1 to %d days, percentages up to 100",
                           MADE_UP_UNITS_MAX, MADE_UP_PROCEDURES_MAX, DAYS_MAX);
    }
    if (every != 0 && !set_pace(every, &lives)) {
        return usage_error(&usage, "--every takes %d to %d ms, and no duplicates, voids or shuffle",
                           EVERY_MIN_MS, EVERY_MAX_MS);
    }
    return run(&lives, folder, units, procedures);
}
