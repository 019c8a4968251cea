/* SPDX-License-Identifier: Apache-2.0
 *
 * The options that every command has, and which command or subcommand is meant.
 */
#include <libintl.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "base/text.h"
#include "services/hoso/command.h"

enum { COMMON_COUNT = 5, TIMEOUT_MAX_MS = 3600000 };

#define PROGRAM "hoso"

static void common_options(struct command *command, struct option options[COMMON_COUNT + 1])
{
    const struct option rows[COMMON_COUNT + 1] = {
        {"config", OPTION_TEXT, &command->config, "FILE", "client configuration", false},
        {"lang", OPTION_TEXT, &command->lang, "vi|en", "language of results (vi)", false},
        {"format", OPTION_TEXT, &command->format_name, "FORMAT",
         "table (else), json, csv, html, xlsx, docx", false},
        {"separator", OPTION_TEXT, &command->separator, "C", "of csv: ; with vi, a comma with en",
         false},
        {"timeout", OPTION_NUMBER, &command->timeout_ms, "MS", "of one call, in milliseconds",
         false},
        OPTIONS_END,
    };
    memcpy(options, rows, sizeof rows);
}

bool as_closed_parse(const char *given, int *ret_as_closed)
{
    uint64_t number = 0;
    if (given != NULL && strcmp(given, "latest") == 0) {
        *ret_as_closed = HOSO_LATEST_CLOSE;
        return true;
    }
    if (given != NULL && (!text_number(slice_text(given), INT32_MAX, &number) || number == 0)) {
        return false;
    }
    *ret_as_closed = (int)number;
    return true;
}

int usage_error(const struct usage *usage, const char *format, ...)
{
    const struct options options = {.program = PROGRAM, .usage = usage};
    va_list arguments;
    va_start(arguments, format);
    (void)options_wrong(&options, format, arguments);
    va_end(arguments);
    return EXIT_USAGE;
}

/* "bieu/", or a folder that there is. */
static bool is_folder(const char *path)
{
    struct stat status;
    const size_t size = strlen(path);
    return (size != 0 && path[size - 1] == '/') ||
           (stat(path, &status) == 0 && S_ISDIR(status.st_mode));
}

/* The format by its name, else by the file's ending. A workbook is a file. */
static int check_format(struct command *command, const struct usage *usage)
{
    const char *name = command->format_name;
    command->folder = command->out != NULL && is_folder(command->out);
    if (name != NULL && !render_format_named(name, &command->format)) {
        return usage_error(usage, "--format is table, json, csv, html, xlsx or docx, not \"%s\"",
                           name);
    }
    if (name == NULL && command->folder) {
        command->format = RENDER_XLSX;
    } else if (name == NULL && command->out != NULL &&
               !render_format_of_file(command->out, &command->format)) {
        return usage_error(usage,
                           "--out %s: no format has this ending; write .xlsx, .docx, .csv, "
                           ".json, .html or .txt, or give --format",
                           command->out);
    }
    const bool binary = command->format == RENDER_XLSX || command->format == RENDER_DOCX;
    if (binary && command->out == NULL) {
        return usage_error(usage, "%s is written to a file: --out FILE.%s", name, name);
    }
    return OPTIONS_PARSED;
}

/* Are the options of every command possible? */
static int check_common(struct command *command, const struct usage *usage)
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
    if (command->timeout_ms > TIMEOUT_MAX_MS) {
        return usage_error(usage, "--timeout is at most %d ms", TIMEOUT_MAX_MS);
    }
    return check_format(command, usage);
}

int command_parse(struct command *command, int argc, char **argv, const struct option *options,
                  const struct usage *usage)
{
    struct option common[COMMON_COUNT + 1];
    const struct options all = {
        .program = PROGRAM, .usage = usage, .own = options, .common = common};
    common_options(command, common);
    const int code = options_parse(&all, argc, argv);
    return code == OPTIONS_PARSED ? check_common(command, usage) : code;
}

static int help_of_all(const struct option *common, const struct command_entry *entries, FILE *out)
{
    (void)fprintf(out, "%s\n\n%s\n",
                  gettext("hoso [options] COMMAND …   counts of dossiers at one-stop counters"),
                  gettext("commands:"));
    for (const struct command_entry *entry = entries; entry->name != NULL; entry++) {
        (void)fprintf(out, "  %-12s %s\n", entry->name, gettext(entry->summary));
    }
    (void)fprintf(out, "\n%s\n", gettext("options of every command:"));
    options_list(common, out);
    (void)fprintf(out, "\n%s\n",
                  gettext("`hoso help COMMAND` explains one. Exit codes: 0 done, 1 failed, 2 wrong "
                          "usage, 3 events refused,\n"
                          "4 a service did not answer, 5 verify found a difference."));
    return out == stdout ? EXIT_DONE : EXIT_USAGE;
}

int command_parse_front(struct command *command, int argc, char **argv,
                        const struct command_entry *entries, int *ret_at)
{
    bool version = false;
    struct option common[COMMON_COUNT + 1];
    const struct option own[] = {
        {"version", OPTION_FLAG, &version, NULL, "print the version", false}, OPTIONS_END};
    const struct options all = {.program = PROGRAM, .own = own, .common = common};
    common_options(command, common);
    *ret_at = 1;
    const int code = options_parse_front(&all, argc, argv, ret_at);
    if (code != OPTIONS_PARSED) {
        return code;
    }
    if (version) {
        (void)printf("hoso %s\n", hoso_version());
        return EXIT_DONE;
    }
    if (*ret_at == argc || argv[*ret_at][0] == '-') { /* --help and -h stop the options, too */
        return help_of_all(common, entries, *ret_at == argc ? stderr : stdout);
    }
    return OPTIONS_PARSED;
}

/* help [COMMAND [SUBCOMMAND]]: what COMMAND … --help prints. */
static int run_help(struct command *command, int argc, char **argv,
                    const struct command_entry *entries)
{
    enum { WORDS_MAX = 2 };
    char ending[] = "--help";
    char *words[WORDS_MAX + 3] = {argv[0]};
    if (argc > WORDS_MAX + 2) {
        return usage_error(NULL, "hoso help takes a command, and a subcommand of it");
    }
    if (argc == 2) {
        struct option common[COMMON_COUNT + 1];
        common_options(command, common);
        return help_of_all(common, entries, stdout);
    }
    for (int i = 2; i < argc; i++) {
        words[i - 1] = argv[i];
    }
    words[argc - 1] = ending;
    return command_run(command, argc, words, entries, NULL);
}

int command_run(struct command *command, int argc, char **argv, const struct command_entry *entries,
                const struct usage *usage)
{
    if (usage == NULL && strcmp(argv[1], "help") == 0) {
        return run_help(command, argc, argv, entries);
    }
    if (argc < 2) {
        return usage_error(usage, "a subcommand is missing");
    }
    struct text_guess guess = text_guess_of(slice_text(argv[1]));
    for (const struct command_entry *entry = entries; entry->name != NULL; entry++) {
        if (strcmp(entry->name, argv[1]) == 0) {
            return entry->run(command, argc - 1, argv + 1);
        }
        text_guess_try(&guess, entry->name);
    }
    if (usage != NULL && argv[1][0] == '-') {
        return command_parse(command, argc, argv, NULL, usage); /* --help */
    }
    if (guess.nearest != NULL) {
        return usage_error(usage, "there is no command \"%s\"; did you mean \"%s\"?", argv[1],
                           guess.nearest);
    }
    return usage_error(usage, "there is no command \"%s\"; `hoso help` lists them", argv[1]);
}
