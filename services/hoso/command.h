/* SPDX-License-Identifier: Apache-2.0
 *
 * What every command of `hoso` gets: the options that stand before or after its name, a parser for
 * its own, a client, and one way to fail. Results go to stdout, everything else to stderr.
 */
#ifndef HOSO_COMMAND_H
#define HOSO_COMMAND_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "base/slice.h"
#include "client/client.h"
#include "options/options.h"
#include "render/words.h"
#include "services/hoso/pager.h"

/* Exit codes, hoso(1). */
enum exit_code {
    EXIT_DONE = 0,
    EXIT_FAILED = 1,
    EXIT_USAGE = 2,
    EXIT_REFUSED = 3,     /* some events were refused */
    EXIT_UNREACHABLE = 4, /* a service did not answer */
    EXIT_DIFFERENT = 5    /* verify found a difference */
};

struct command {
    const char *config;
    const char *lang;        /* "vi" or "en" */
    const char *format_name; /* NULL: by the ending of `out`, or a table */
    const char *out;         /* a file in place of stdout, or NULL */
    const char *columns;     /* "id,id": only these, or NULL */
    bool plain;              /* CSV without remarks */
    bool vertical;           /* one line for each value */
    bool no_pager;
    bool folder; /* `out` is one: a file for each document */
    const char *separator;
    uint64_t timeout_ms; /* 0 = the configuration's */
    enum render_format format;
    bool english;
};

struct command_entry {
    const char *name;
    int (*run)(struct command *command, int argc, char **argv);
    const char *summary;
};

/* Parses the command's own options and arguments, and those of every command. OPTIONS_PARSED to go
 * on, or an exit code: the help was printed, or what is wrong. */
int command_parse(struct command *command, int argc, char **argv, const struct option *options,
                  const struct usage *usage);
/* The options before the command's name: `*ret_at` is where the name stands. PARSED or an exit
 * code. */
int command_parse_front(struct command *command, int argc, char **argv,
                        const struct command_entry *entries, int *ret_at);
/* Runs the entry that argv[1] names: a command of hoso, or a subcommand with `usage`. */
int command_run(struct command *command, int argc, char **argv, const struct command_entry *entries,
                const struct usage *usage);
int usage_error(const struct usage *usage, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

struct list_reader command_reader(const struct command *command);

/* "hoso: …" on stderr, English here, in the language of results there. */
__attribute__((format(printf, 1, 2))) void command_say(const char *format, ...);
__attribute__((format(printf, 1, 2))) void command_warn(const char *format, ...); /* "warning: …" */
/* Finished English lines, each with a prefix in front. */
void command_say_lines(const char *prefix, struct slice lines);
/* "hoso: …" on stderr; returns the exit code that belongs to the status. */
int report_failure(const struct hoso_error *error);
int report_inner(enum status status, const struct error *error);

/* Rows for the options of commands that print documents. */
#define OPTIONS_OF_DOCUMENTS(command)                                                              \
    {"out",                                                                                        \
     OPTION_TEXT,                                                                                  \
     &(command)->out,                                                                              \
     "FILE",                                                                                       \
     "write to FILE: .xlsx, .docx, .csv, .json, .html or .txt; reports also into a folder, DIR/",  \
     false},                                                                                       \
        {"columns", OPTION_TEXT, &(command)->columns, "ID,ID", "only these columns, not in json",  \
         false},                                                                                   \
        {"vertical", OPTION_FLAG, &(command)->vertical, NULL, "one line for each value", false},   \
        {"no-pager", OPTION_FLAG, &(command)->no_pager, NULL, "a table on a terminal at once",     \
         false},                                                                                   \
    {                                                                                              \
        "plain", OPTION_FLAG, &(command)->plain, NULL, "csv without title, notes, checks and cut", \
            false                                                                                  \
    }

/* --as-closed of commands that give figures. */
#define OPTION_AS_CLOSED(target)                                                                \
    {                                                                                           \
        "as-closed", OPTION_TEXT, target, "N|latest", "as a close left it: `hoso period list`", \
            false                                                                               \
    }
#define AS_CLOSED_WRONG "--as-closed is the number of a close, or latest, not \"%s\""
/* NULL = not given: 0, as it is now. False = no close can be called so. */
bool as_closed_parse(const char *given, int *ret_as_closed);

/* Where a result goes: stdout, or a file that appears under its name when it is complete. */
struct output {
    FILE *file;         /* NULL: a workbook, which is written by name */
    const char *path;   /* NULL = stdout */
    struct pager pager; /* of stdout, on a terminal */
    char part[CLIENT_PATH_MAX + 16];
};

int output_begin(const struct command *command, struct output *output);
/* `good`: all was written. The exit code. */
int output_end(struct output *output, bool good);

/* The documents in the command's format, where --out says; frees them. The exit code. */
int command_print(const struct command *command, struct document *document);
int command_print_several(const struct command *command, struct document *documents, size_t count);

/* The file of --config, $HOSO_CONFIG or ~/.config/hoso/client.conf; NULL if that does not exist. */
const char *command_config_path(const struct command *command, char at_home[CLIENT_PATH_MAX + 1]);
/* The settings of that file with the environment over it, and a client from them. */
int command_settings(const struct command *command, struct client_settings *ret_settings);
int command_connect(const struct command *command, struct hoso_client **ret_client);

int cmd_publish(struct command *command, int argc, char **argv);
int cmd_report(struct command *command, int argc, char **argv);
int cmd_form(struct command *command, int argc, char **argv);
int cmd_forms(struct command *command, int argc, char **argv);
int cmd_unit(struct command *command, int argc, char **argv);
int cmd_units(struct command *command, int argc, char **argv);
int cmd_catalogue(struct command *command, int argc, char **argv);
int cmd_config(struct command *command, int argc, char **argv);
int cmd_doctor(struct command *command, int argc, char **argv);
int cmd_overdue(struct command *command, int argc, char **argv);
int cmd_dossier(struct command *command, int argc, char **argv);
int cmd_dossiers(struct command *command, int argc, char **argv);
int cmd_period(struct command *command, int argc, char **argv);
int cmd_quality(struct command *command, int argc, char **argv);
int cmd_sources(struct command *command, int argc, char **argv);
int cmd_status(struct command *command, int argc, char **argv);
int cmd_simulate(struct command *command, int argc, char **argv);
int cmd_feed(struct command *command, int argc, char **argv);
int cmd_watch(struct command *command, int argc, char **argv);
int cmd_backup(struct command *command, int argc, char **argv);
int cmd_restore(struct command *command, int argc, char **argv);
int cmd_verify(struct command *command, int argc, char **argv);
int cmd_key(struct command *command, int argc, char **argv);

#endif
