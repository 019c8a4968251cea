/* SPDX-License-Identifier: Apache-2.0
 *
 * A table is short, so each name is found by looking at every row.
 */
#include "options/options.h"

#include <libintl.h>
#include <string.h>

#include "base/cut.h"
#include "base/localday.h"
#include "base/text.h"

enum { DATES_MAX = 64 };

static const struct option no_options[] = {OPTIONS_END};

/* What is being parsed. */
struct parsing {
    const struct options *options;
    const struct option *own;
    const struct option *common;
    uint64_t seen; /* a bit for each of `own`, which has at most 64 rows */
};

static struct parsing parsing_of(const struct options *options)
{
    return (struct parsing){.options = options,
                            .own = options->own != NULL ? options->own : no_options,
                            .common = options->common != NULL ? options->common : no_options};
}

int options_wrong(const struct options *options, const char *format, va_list arguments)
{
    (void)fprintf(stderr, "%s: ", options->program);
    (void)vfprintf(stderr, gettext(format), arguments); /* the program bound a language, or not */
    if (options->usage != NULL) {
        (void)fprintf(stderr, "\n%s: %s %s\n", gettext("usage"), options->program,
                      options->usage->line);
    } else {
        (void)fputc('\n', stderr);
        (void)fprintf(stderr, gettext("%s --help says how it is used"), options->program);
        (void)fputc('\n', stderr);
    }
    return OPTIONS_WRONG;
}

__attribute__((format(printf, 2, 3))) static int wrong(const struct parsing *parsing,
                                                       const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    (void)options_wrong(parsing->options, format, arguments);
    va_end(arguments);
    return OPTIONS_WRONG;
}

static const struct {
    char letter;
    const char *name;
} letters[] = {{'c', "config"}, {'f', "format"}, {'h', "help"},   {'l', "lang"},
               {'o', "out"},    {'u', "unit"},   {'V', "version"}};

/* The name that a letter stands for; NULL = none. */
static const char *name_of_letter(char letter)
{
    for (unsigned i = 0; i < sizeof letters / sizeof *letters; i++) {
        if (letters[i].letter == letter) {
            return letters[i].name;
        }
    }
    return NULL;
}

/* "-u, ", or as many blanks. */
static void put_letter(const struct option *row, char text[8])
{
    char letter = '\0';
    for (unsigned i = 0; i < sizeof letters / sizeof *letters && letter == '\0'; i++) {
        const bool its = row->type != OPTION_ARGUMENT && strcmp(letters[i].name, row->name) == 0;
        letter = its ? letters[i].letter : letter;
    }
    (void)snprintf(text, 8, letter != '\0' ? "-%c, " : "    ", letter);
}

void options_list(const struct option *table, FILE *out)
{
    for (const struct option *row = table; row->name != NULL; row++) {
        char left[64];
        char letter[8];
        put_letter(row, letter);
        (void)snprintf(left, sizeof left, "%s%s%s %s", letter,
                       row->type != OPTION_ARGUMENT ? "--" : "", row->name,
                       row->argument != NULL ? row->argument : "");
        (void)fprintf(out, "  %-30s %s%s\n", left, gettext(row->help),
                      row->required ? gettext(" (required)") : "");
    }
}

static const struct option help[] = {{"help", OPTION_FLAG, NULL, NULL, "print this", false},
                                     OPTIONS_END};

static void print_help(const struct parsing *parsing)
{
    const struct usage *usage = parsing->options->usage;
    (void)printf("%s %s\n\n%s\n", parsing->options->program, usage->line, gettext(usage->summary));
    if (usage->more != NULL) {
        (void)printf("\n%s\n", gettext(usage->more));
    }
    if (parsing->own->name != NULL) {
        (void)printf("\n%s\n", gettext("options:"));
        options_list(parsing->own, stdout);
    }
    if (parsing->common->name != NULL) {
        (void)printf("\n%s\n", gettext("options of every command:"));
        options_list(parsing->common, stdout);
    }
    options_list(help, stdout);
}

static const struct option *find(const struct option *table, const char *name, size_t size)
{
    for (const struct option *row = table; row->name != NULL; row++) {
        if (row->type != OPTION_ARGUMENT && strlen(row->name) == size &&
            memcmp(row->name, name, size) == 0) {
            return row;
        }
    }
    return NULL;
}

static int unknown_option(const struct parsing *parsing, const char *name, size_t size)
{
    const struct option *const tables[] = {parsing->own, parsing->common};
    struct text_guess guess = text_guess_of(slice_of(name, size));
    for (unsigned i = 0; i < 2; i++) {
        for (const struct option *row = tables[i]; row->name != NULL; row++) {
            if (row->type != OPTION_ARGUMENT) {
                text_guess_try(&guess, row->name);
            }
        }
    }
    return guess.nearest != NULL ? wrong(parsing, "there is no option --%.*s; did you mean --%s?",
                                         (int)size, name, guess.nearest)
                                 : wrong(parsing, "there is no option --%.*s", (int)size, name);
}

/* One for the whole process, which is over before the day is. */
static const char *today(void)
{
    static char text[DATE_TEXT_SIZE];
    localday_format(localday_today(), text);
    return text;
}

/* The parts of a date as it is written on paper, 19/01/2024 or 5/3/2024, or of 2024-01-19; a part
 * that is no number is 0. */
static struct date date_parts(const char *value)
{
    const bool paper = strchr(value, '/') != NULL;
    const char *const marks = paper ? "/" : "-";
    uint64_t parts[3] = {0, 0, 0};
    unsigned count = 0;
    for (const char *at = value; at != NULL; count++) {
        const size_t size = strcspn(at, marks);
        if (count == 3 || size == 0 || size > 4 ||
            !text_number(slice_of(at, size), INT32_MAX, &parts[count])) {
            return (struct date){0, 0, 0};
        }
        at = at[size] != '\0' ? at + size + 1 : NULL;
    }
    return paper ? (struct date){(int)parts[2], (int)parts[1], (int)parts[0]}
                 : (struct date){(int)parts[0], (int)parts[1], (int)parts[2]};
}

/* The target's text is 2024-01-19. Of a day that its month does not have, the error says how many
 * days there are. */
static int take_date(const struct parsing *parsing, const struct option *row, const char *value)
{
    static char dates[DATES_MAX][DATE_TEXT_SIZE]; /* the process is over before they are needed */
    static unsigned count;                        /* again */
    int32_t day;
    char text[64];
    const struct date date = date_parts(value);
    (void)snprintf(text, sizeof text, "%04d-%02d-%02d", date.year, date.month, date.day);
    if (localday_parse(slice_text(text), &day)) {
        if (count == DATES_MAX) {
            return wrong(parsing, "--%s: there are more than %d dates", row->name, DATES_MAX);
        }
        localday_format(day, dates[count]);
        *(const char **)row->target = dates[count++];
        return OPTIONS_PARSED;
    }
    (void)snprintf(text, sizeof text, "%04d-%02d-01", date.year, date.month);
    if (date.day != 0 && localday_parse(slice_text(text), &day)) {
        const struct date next = {date.year + date.month / 12, date.month % 12 + 1, 1};
        return wrong(parsing, "--%s: %s is no day: month %02d/%d has %d days", row->name, value,
                     date.month, date.year, (int)(localday_of_date(next) - day));
    }
    return wrong(parsing, "--%s: \"%s\" is not a date; write it as 2024-01-19, 19/01/2024 or today",
                 row->name, value);
}

static int take_cut(const struct parsing *parsing, const struct option *row, const char *value)
{
    struct cut cut;
    if (!cut_parse(slice_text(value), &cut)) {
        return wrong(parsing,
                     "--%s: \"%s\" is no point of a journal; write POSITION@INCARNATION, as hoso "
                     "publish --print-position prints it",
                     row->name, value);
    }
    memcpy(row->target, &cut, sizeof cut); /* of either type */
    return OPTIONS_PARSED;
}

static int take_value(struct parsing *parsing, const struct option *row, char *value)
{
    struct option_list *list = row->target;
    switch (row->type) {
    case OPTION_NUMBER:
        return text_number(slice_text(value), UINT64_MAX, row->target)
                   ? OPTIONS_PARSED
                   : wrong(parsing, "--%s: \"%s\" is not a number", row->name, value);
    case OPTION_CUT:
        return take_cut(parsing, row, value);
    case OPTION_LIST:
        if (list->count == OPTION_LIST_MAX) {
            return wrong(parsing, "--%s can be given %d times at most", row->name, OPTION_LIST_MAX);
        }
        list->items[list->count++] = value;
        return OPTIONS_PARSED;
    case OPTION_DATE:
        if (strcmp(value, "today") == 0) {
            *(const char **)row->target = today();
            return OPTIONS_PARSED;
        }
        return take_date(parsing, row, value);
    default:
        break;
    }
    *(const char **)row->target = value;
    return OPTIONS_PARSED;
}

/* argv[*at] begins with "-": "--name", "--name=VALUE", "-n", "-nVALUE". */
static int take_option(struct parsing *parsing, int argc, char **argv, int *at)
{
    char *const text = argv[*at];
    const bool is_long = text[1] == '-';
    const char *name = is_long ? text + 2 : name_of_letter(text[1]);
    char *equals = is_long ? strchr(text, '=') : text[2] != '\0' ? text + 1 : NULL;
    if (name == NULL) {
        return wrong(parsing, "there is no option -%c; --help lists them all", text[1]);
    }
    const size_t size = is_long && equals != NULL ? (size_t)(equals - name) : strlen(name);
    const struct option *row = find(parsing->own, name, size);
    if (row != NULL) {
        parsing->seen |= UINT64_C(1) << (row - parsing->own);
    } else {
        row = find(parsing->common, name, size);
    }
    if (row == NULL) {
        return unknown_option(parsing, name, size);
    }
    if (row->type == OPTION_FLAG) {
        if (equals != NULL) {
            return wrong(parsing, "--%s takes no value", row->name);
        }
        *(bool *)row->target = true;
        return OPTIONS_PARSED;
    }
    if (equals != NULL) {
        return take_value(parsing, row, equals + 1);
    }
    if (*at + 1 == argc) {
        return wrong(parsing, "--%s needs a value: %s", row->name, row->argument);
    }
    *at += 1;
    return take_value(parsing, row, argv[*at]);
}

/* The next argument that the table has. */
static int take_argument(struct parsing *parsing, const char *value)
{
    for (unsigned i = 0; parsing->own[i].name != NULL; i++) {
        const uint64_t bit = UINT64_C(1) << i;
        if (parsing->own[i].type == OPTION_ARGUMENT && (parsing->seen & bit) == 0) {
            parsing->seen |= bit;
            *(const char **)parsing->own[i].target = value;
            return OPTIONS_PARSED;
        }
    }
    return wrong(parsing, "\"%s\" is one argument too many", value);
}

static int check_required(const struct parsing *parsing)
{
    for (unsigned i = 0; parsing->own[i].name != NULL; i++) {
        const struct option *row = &parsing->own[i];
        if (row->required && (parsing->seen >> i & 1) == 0) {
            return row->type == OPTION_ARGUMENT
                       ? wrong(parsing, "%s is missing: %s", row->name, gettext(row->help))
                       : wrong(parsing, "--%s is missing: %s", row->name, gettext(row->help));
        }
    }
    return OPTIONS_PARSED;
}

static bool asks_for_help(const char *text)
{
    return strcmp(text, "--help") == 0 || strcmp(text, "-h") == 0;
}

int options_parse(const struct options *options, int argc, char **argv)
{
    struct parsing parsing = parsing_of(options);
    bool options_end = false;
    for (int at = 1; at < argc; at++) {
        int code = OPTIONS_PARSED;
        const bool is_option = !options_end && argv[at][0] == '-' && argv[at][1] != '\0';
        if (is_option && strcmp(argv[at], "--") == 0) {
            options_end = true;
        } else if (!options_end && asks_for_help(argv[at])) {
            print_help(&parsing);
            code = OPTIONS_HELPED;
        } else if (is_option) {
            code = take_option(&parsing, argc, argv, &at);
        } else {
            code = take_argument(&parsing, argv[at]);
        }
        if (code != OPTIONS_PARSED) {
            return code;
        }
    }
    return check_required(&parsing);
}

int options_parse_front(const struct options *options, int argc, char **argv, int *at)
{
    struct parsing parsing = parsing_of(options);
    int code = OPTIONS_PARSED;
    while (*at < argc && argv[*at][0] == '-' && argv[*at][1] != '\0' && !asks_for_help(argv[*at]) &&
           code == OPTIONS_PARSED) {
        code = take_option(&parsing, argc, argv, at);
        *at += code == OPTIONS_PARSED;
    }
    return code;
}
