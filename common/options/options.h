/* SPDX-License-Identifier: Apache-2.0
 *
 * The options and arguments of a program's command line, as a table: parser, help and "did you
 * mean" in one. A value follows as --name VALUE or --name=VALUE; "--" ends the options. The names
 * that are typed most have a letter, the same everywhere: -u VALUE or -uVALUE. Every table ends
 * with OPTIONS_END.
 */
#ifndef HOSO_OPTIONS_OPTIONS_H
#define HOSO_OPTIONS_OPTIONS_H

#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

enum option_type {
    OPTION_FLAG,    /* target: bool */
    OPTION_TEXT,    /* const char * */
    OPTION_DATE,    /* const char *, a date; "today" becomes one */
    OPTION_NUMBER,  /* uint64_t */
    OPTION_CUT,     /* struct cut or hoso_cut, as one word: POSITION@INCARNATION */
    OPTION_LIST,    /* struct option_list; may be given several times */
    OPTION_ARGUMENT /* const char *; no option: what stands alone, in the table's order */
};

struct option {
    const char *name; /* "from", or of an argument "FORM" */
    enum option_type type;
    void *target;
    const char *argument; /* the value's name in the help; NULL = it takes none */
    const char *help;
    bool required;
};

#define OPTIONS_END                                \
    {                                              \
        NULL, OPTION_FLAG, NULL, NULL, NULL, false \
    }

enum { OPTION_LIST_MAX = 256 };

struct option_list {
    const char *items[OPTION_LIST_MAX];
    unsigned count;
};

/* How a program or one of its commands is used. */
struct usage {
    const char *line;    /* "publish FILE.ndjson|- [--outbox DIR] [--batch N]" */
    const char *summary; /* one line in both languages */
    const char *more;    /* may be NULL */
};

struct options {
    const char *program;         /* "hoso", in front of messages and of the usage's line */
    const struct usage *usage;   /* NULL = a wrong use refers to --help */
    const struct option *own;    /* NULL = none */
    const struct option *common; /* of every command; NULL = none */
};

enum { OPTIONS_PARSED = -1, OPTIONS_HELPED = 0, OPTIONS_WRONG = 2 };

/* Parses argv[1 …] into the targets. PARSED; or an exit code: HELPED, the help was printed to
 * stdout; WRONG, what is wrong was printed to stderr. */
int options_parse(const struct options *options, int argc, char **argv);
/* Parses only options at the front: *at becomes the index of the first that is none. */
int options_parse_front(const struct options *options, int argc, char **argv, int *at);

/* "hoso: …" and the usage on stderr. Returns WRONG. */
int options_wrong(const struct options *options, const char *format, va_list arguments);
/* "  --name ARGUMENT   help", one line each. */
void options_list(const struct option *table, FILE *out);

#endif
