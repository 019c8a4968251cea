/* SPDX-License-Identifier: Apache-2.0
 *
 * Options: every command's are a table, and the same few stand before or after the command's name.
 * Long names only, with a value as --name VALUE or --name=VALUE; "--" ends them.
 */
#include "services/hoso/command.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/localday.h"
#include "base/text.h"

enum { GLOBAL_COUNT = 5, GO_ON = -1 };

/* What is being parsed: a command's own options and the ones that all have. */
struct parsing {
    struct option global[GLOBAL_COUNT + 1];
    const struct option *own;
    const struct usage *usage;
    bool *seen; /* one for each of `own` */
};

static void global_options(struct command *command, struct option options[GLOBAL_COUNT + 1])
{
    const struct option rows[GLOBAL_COUNT + 1] = {
        {"config", OPTION_TEXT, &command->config, "FILE", "client configuration", false},
        {"lang", OPTION_TEXT, &command->lang, "vi|en", "language of results (vi)", false},
        {"format", OPTION_TEXT, &command->format_name, "FORMAT",
         "table (else), json, csv, html, xlsx, docx", false},
        {"separator", OPTION_TEXT, &command->separator, "C", "of csv: ; with vi, a comma with en",
         false},
        {"timeout", OPTION_NUMBER, &command->timeout_ms, "MS", "of one call, in milliseconds",
         false},
        {NULL, OPTION_FLAG, NULL, NULL, NULL, false},
    };
    memcpy(options, rows, sizeof rows);
}

int usage_error(const struct usage *usage, const char *format, ...)
{
    va_list arguments;
    (void)fprintf(stderr, "hoso: ");
    va_start(arguments, format);
    (void)vfprintf(stderr, format, arguments);
    va_end(arguments);
    if (usage != NULL) {
        (void)fprintf(stderr, "\nusage: hoso %s\n", usage->line);
    } else {
        (void)fprintf(stderr, "\nhoso --help tells how to use it\n");
    }
    return EXIT_USAGE;
}

static void print_options(FILE *out, const struct option *options)
{
    for (const struct option *option = options; option->name != NULL; option++) {
        char left[64];
        (void)snprintf(left, sizeof left, "--%s %s", option->name,
                       option->argument != NULL ? option->argument : "");
        (void)fprintf(out, "  %-26s %s%s\n", left, option->help,
                      option->required ? " (required)" : "");
    }
}

static void print_help(const struct parsing *parsing)
{
    (void)printf("hoso %s\n\n%s\n", parsing->usage->line, parsing->usage->summary);
    if (parsing->usage->more != NULL) {
        (void)printf("\n%s\n", parsing->usage->more);
    }
    if (parsing->own->name != NULL) {
        (void)printf("\noptions:\n");
        print_options(stdout, parsing->own);
    }
    (void)printf("\noptions of every command:\n");
    print_options(stdout, parsing->global);
}

static const struct option *find(const struct option *options, const char *name, size_t size)
{
    for (const struct option *option = options; option->name != NULL; option++) {
        if (strlen(option->name) == size && memcmp(option->name, name, size) == 0) {
            return option;
        }
    }
    return NULL;
}

static int unknown_option(const struct parsing *parsing, const char *name, size_t size)
{
    const struct option *const tables[] = {parsing->own, parsing->global};
    struct text_guess guess = text_guess_of(slice_of(name, size));
    for (unsigned i = 0; i < 2; i++) {
        for (const struct option *option = tables[i]; option->name != NULL; option++) {
            text_guess_try(&guess, option->name);
        }
    }
    if (guess.nearest != NULL) {
        return usage_error(parsing->usage, "there is no option --%.*s; did you mean --%s?",
                           (int)size, name, guess.nearest);
    }
    return usage_error(parsing->usage, "there is no option --%.*s", (int)size, name);
}

static int take_value(const struct parsing *parsing, const struct option *option, const char *value)
{
    int32_t day;
    if (option->type == OPTION_DATE && !localday_parse(slice_text(value), &day)) {
        return usage_error(parsing->usage, "--%s: \"%s\" is not a date; write it as 2024-01-19",
                           option->name, value);
    }
    if (option->type == OPTION_NUMBER) {
        return text_number(slice_text(value), UINT64_MAX, option->target)
                   ? GO_ON
                   : usage_error(parsing->usage, "--%s: \"%s\" is not a number", option->name,
                                 value);
    }
    if (option->type == OPTION_LIST) {
        struct option_list *list = option->target;
        if (list->count == OPTION_LIST_MAX) {
            return usage_error(parsing->usage, "--%s can be given %d times at most", option->name,
                               OPTION_LIST_MAX);
        }
        list->items[list->count++] = value;
        return GO_ON;
    }
    *(const char **)option->target = value;
    return GO_ON;
}

/* argv[*at] begins with "--". */
static int take_option(struct parsing *parsing, int argc, char **argv, int *at)
{
    const char *name = argv[*at] + 2;
    const char *equals = strchr(name, '=');
    const size_t size = equals != NULL ? (size_t)(equals - name) : strlen(name);
    const struct option *option = find(parsing->own, name, size);
    if (option != NULL) {
        parsing->seen[option - parsing->own] = true;
    } else {
        option = find(parsing->global, name, size);
    }
    if (option == NULL) {
        return unknown_option(parsing, name, size);
    }
    if (option->type == OPTION_FLAG) {
        *(bool *)option->target = true;
        return equals == NULL ? GO_ON
                              : usage_error(parsing->usage, "--%s takes no value", option->name);
    }
    if (equals != NULL) {
        return take_value(parsing, option, equals + 1);
    }
    if (*at + 1 == argc) {
        return usage_error(parsing->usage, "--%s needs a value: %s", option->name,
                           option->argument);
    }
    *at += 1;
    return take_value(parsing, option, argv[*at]);
}

/* The format by its name, else by the file's ending. A workbook is a file. */
static int check_format(struct command *command, const struct usage *usage)
{
    const char *name = command->format_name;
    if (name != NULL && !render_format_named(name, &command->format)) {
        return usage_error(usage, "--format is table, json, csv, html, xlsx or docx, not \"%s\"",
                           name);
    }
    if (name == NULL && command->out != NULL &&
        !render_format_of_file(command->out, &command->format)) {
        return usage_error(usage,
                           "--out %s: the ending tells no format; let it be .xlsx, .docx, .csv, "
                           ".json, .html or .txt, or give --format",
                           command->out);
    }
    const bool binary = command->format == RENDER_XLSX || command->format == RENDER_DOCX;
    if (binary && command->out == NULL) {
        return usage_error(usage, "%s is written to a file: --out FILE.%s", name, name);
    }
    return GO_ON;
}

/* The common options have been read: are they possible? */
static int check_global(struct command *command, const struct usage *usage)
{
    if (strcmp(command->lang, "vi") != 0 && strcmp(command->lang, "en") != 0) {
        return usage_error(usage, "--lang is vi or en, not \"%s\"", command->lang);
    }
    command->english = strcmp(command->lang, "en") == 0;
    if (command->separator == NULL) {
        command->separator = command->english ? "," : ";";
    } else if (strlen(command->separator) != 1) {
        return usage_error(usage, "--separator is one character");
    }
    if (command->timeout_ms > 3600000) {
        return usage_error(usage, "--timeout is at most 3600000 ms");
    }
    return check_format(command, usage);
}

static int check_required(const struct parsing *parsing)
{
    for (unsigned i = 0; parsing->own[i].name != NULL; i++) {
        if (parsing->own[i].required && !parsing->seen[i]) {
            return usage_error(parsing->usage, "--%s is needed", parsing->own[i].name);
        }
    }
    return GO_ON;
}

static int parse_all(struct parsing *parsing, int argc, char **argv, const char **positionals,
                     unsigned max, unsigned *ret_count)
{
    unsigned count = 0;
    bool options_end = false;
    for (int at = 1; at < argc; at++) {
        const bool is_option = !options_end && strncmp(argv[at], "--", 2) == 0;
        if (is_option && argv[at][2] == '\0') {
            options_end = true;
        } else if (!options_end &&
                   (strcmp(argv[at], "--help") == 0 || strcmp(argv[at], "-h") == 0)) {
            print_help(parsing);
            return EXIT_DONE;
        } else if (is_option) {
            const int code = take_option(parsing, argc, argv, &at);
            if (code != GO_ON) {
                return code;
            }
        } else if (!options_end && argv[at][0] == '-' && argv[at][1] != '\0') {
            return usage_error(parsing->usage, "there is no option %s; options are written in full",
                               argv[at]);
        } else if (count == max) {
            return usage_error(parsing->usage, "\"%s\" is one argument too many", argv[at]);
        } else {
            positionals[count++] = argv[at];
        }
    }
    *ret_count = count;
    return GO_ON;
}

int options_parse(struct command *command, int argc, char **argv, const struct option *options,
                  const struct usage *usage, const char **positionals, unsigned max,
                  unsigned *ret_count)
{
    static const struct option none[] = {{NULL, OPTION_FLAG, NULL, NULL, NULL, false}};
    struct parsing parsing = {.own = options != NULL ? options : none, .usage = usage};
    global_options(command, parsing.global);
    size_t count = 0;
    while (parsing.own[count].name != NULL) {
        count++;
    }
    parsing.seen = calloc(count + 1, sizeof *parsing.seen);
    if (parsing.seen == NULL) {
        return usage_error(NULL, "out of memory");
    }
    int code = parse_all(&parsing, argc, argv, positionals, max, ret_count);
    if (code == GO_ON) {
        code = check_global(command, usage);
    }
    if (code == GO_ON) {
        code = check_required(&parsing);
    }
    free(parsing.seen);
    return code;
}

static int help_of_all(struct command *command, const struct command_entry *entries, FILE *out)
{
    struct option options[GLOBAL_COUNT + 1];
    global_options(command, options);
    (void)fprintf(out, "hoso [options] COMMAND …   counts of dossiers at one-stop counters / thống "
                       "kê hồ sơ một cửa\n\n"
                       "commands:\n");
    for (const struct command_entry *entry = entries; entry->name != NULL; entry++) {
        (void)fprintf(out, "  %-12s %s\n", entry->name, entry->summary);
    }
    (void)fprintf(out, "\noptions of every command:\n");
    print_options(out, options);
    (void)fprintf(out, "\nhoso COMMAND --help tells more. Exit codes: 0 done, 1 failed, 2 wrong "
                       "usage, 3 events refused,\n"
                       "4 a service did not answer, 5 verify found a difference.\n");
    return -1 - (out == stdout ? EXIT_DONE : EXIT_USAGE);
}

int options_global(struct command *command, int argc, char **argv,
                   const struct command_entry *entries)
{
    static const struct option none[] = {{NULL, OPTION_FLAG, NULL, NULL, NULL, false}};
    struct parsing parsing = {.own = none};
    global_options(command, parsing.global);
    for (int at = 1; at < argc; at++) {
        if (strcmp(argv[at], "--help") == 0 || strcmp(argv[at], "-h") == 0) {
            return help_of_all(command, entries, stdout);
        }
        if (strcmp(argv[at], "--version") == 0) {
            (void)printf("hoso %s\n", hoso_version());
            return -1 - EXIT_DONE;
        }
        if (strncmp(argv[at], "--", 2) != 0) {
            return at;
        }
        const int code = take_option(&parsing, argc, argv, &at);
        if (code != GO_ON) {
            return -1 - code;
        }
    }
    return help_of_all(command, entries, stderr);
}

int options_unknown(const char *name, const struct command_entry *entries)
{
    struct text_guess guess = text_guess_of(slice_text(name));
    for (const struct command_entry *entry = entries; entry->name != NULL; entry++) {
        text_guess_try(&guess, entry->name);
    }
    if (guess.nearest != NULL) {
        return usage_error(NULL, "there is no command \"%s\"; did you mean \"%s\"?", name,
                           guess.nearest);
    }
    return usage_error(NULL, "there is no command \"%s\"", name);
}

int options_verb(struct command *command, int argc, char **argv, const struct command_entry *verbs,
                 const struct usage *usage)
{
    unsigned count = 0;
    if (argc < 2) {
        return usage_error(usage, "what is to be done?");
    }
    for (const struct command_entry *verb = verbs; verb->name != NULL; verb++) {
        if (strcmp(verb->name, argv[1]) == 0) {
            return verb->run(command, argc - 1, argv + 1);
        }
    }
    const int code =
        options_parse(command, argc, argv, NULL, usage, (const char *[]){NULL}, 1, &count);
    return code >= 0 ? code : usage_error(usage, "there is no \"%s\"", argv[1]);
}
