/* SPDX-License-Identifier: Apache-2.0
 *
 * Command lines by a table: what is taken, and what is said of those that are wrong.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/require.h"
#include "options/options.h"

enum { ARGUMENTS_MAX = 8, TEXT_SIZE = 1024 };

/* What the table's rows fill. */
static struct {
    bool flag;
    const char *text, *day, *first, *second;
    uint64_t number;
    struct option_list list;
    const char *common;
} got;

static const struct option own[] = {
    {"flag", OPTION_FLAG, &got.flag, NULL, "a flag", false},
    {"text", OPTION_TEXT, &got.text, "T", "a text", false},
    {"day", OPTION_DATE, &got.day, "D", "a day", false},
    {"number", OPTION_NUMBER, &got.number, "N", "a number", false},
    {"unit", OPTION_LIST, &got.list, "U", "units", false},
    {"FIRST", OPTION_ARGUMENT, &got.first, NULL, "the first", true},
    {"SECOND", OPTION_ARGUMENT, &got.second, NULL, "the second", false},
    OPTIONS_END,
};
static const struct option common[] = {
    {"lang", OPTION_TEXT, &got.common, "L", "language", false},
    OPTIONS_END,
};
static const struct usage usage = {"do FIRST [SECOND]", "Does it.", NULL};
static const struct options options = {
    .program = "prog", .usage = &usage, .own = own, .common = common};

/* Splits at blanks and parses; stderr and stdout go to `text`. */
static int parse(const char *line, char text[TEXT_SIZE])
{
    static char words[TEXT_SIZE];
    char *argv[ARGUMENTS_MAX + 1] = {(char[]){"do"}};
    char *rest = words;
    int argc = 1;
    memset(&got, 0, sizeof got);
    (void)snprintf(words, sizeof words, "%s", line);
    for (char *word = strsep(&rest, " "); word != NULL && argc < ARGUMENTS_MAX;
         word = strsep(&rest, " ")) {
        argv[argc++] = word;
    }
    FILE *out = tmpfile();
    require(out != NULL && fflush(stdout) == 0);
    const int kept[] = {dup(STDOUT_FILENO), dup(STDERR_FILENO)};
    require(dup2(fileno(out), STDOUT_FILENO) >= 0 && dup2(fileno(out), STDERR_FILENO) >= 0);
    const int code = options_parse(&options, argc, argv);
    require(fflush(stdout) == 0 && dup2(kept[0], STDOUT_FILENO) >= 0 &&
            dup2(kept[1], STDERR_FILENO) >= 0 && close(kept[0]) == 0 && close(kept[1]) == 0);
    rewind(out);
    text[fread(text, 1, TEXT_SIZE - 1, out)] = '\0';
    (void)fclose(out);
    return code;
}

static void good_lines(void **state)
{
    char text[TEXT_SIZE];
    (void)state;
    assert_int_equal(parse("a --flag --text x --number=7 b", text), OPTIONS_PARSED);
    assert_true(got.flag);
    assert_string_equal(got.text, "x");
    assert_int_equal(got.number, 7);
    assert_string_equal(got.first, "a");
    assert_string_equal(got.second, "b");
    assert_int_equal(parse("--unit u --unit=v --lang=en --day=2024-02-29 -- --a", text),
                     OPTIONS_PARSED);
    assert_int_equal(got.list.count, 2);
    assert_string_equal(got.list.items[1], "v");
    assert_string_equal(got.day, "2024-02-29");
    assert_string_equal(got.common, "en");
    assert_string_equal(got.first, "--a");
    assert_int_equal(parse("-u u -uv -len a", text), OPTIONS_PARSED);
    assert_int_equal(got.list.count, 2);
    assert_string_equal(got.list.items[1], "v");
    assert_string_equal(got.common, "en");
    assert_int_equal(parse("a --day 29/02/2024", text), OPTIONS_PARSED);
    assert_string_equal(got.day, "2024-02-29");
    assert_int_equal(parse("a --day 5/3/2024", text), OPTIONS_PARSED);
    assert_string_equal(got.day, "2024-03-05");
    assert_int_equal(parse("-", text), OPTIONS_PARSED); /* standard input */
    assert_string_equal(got.first, "-");
}

static void wrong_lines(void **state)
{
    static const struct {
        const char *line, *words;
    } table[] = {
        {"--flag", "prog: FIRST is missing: the first\nusage: prog do FIRST [SECOND]\n"},
        {"a b c", "\"c\" is one argument too many"},
        {"a --txet x", "there is no option --txet; did you mean --text?"},
        {"a --nothing", "there is no option --nothing\n"},
        {"a -x", "there is no option -x; --help lists them all"},
        {"a -u", "--unit needs a value: U"},
        {"a -o x", "there is no option --out"},
        {"a --flag=1", "--flag takes no value"},
        {"a --text", "--text needs a value: T"},
        {"a --number 7x", "--number: \"7x\" is not a number"},
        {"a --number=-1", "--number: \"-1\" is not a number"},
        {"a --day 2024-02-30", "--day: 2024-02-30 is no day: month 02/2024 has 29 days"},
        {"a --day 2023-12-32", "--day: 2023-12-32 is no day: month 12/2023 has 31 days"},
        {"a --day 31/02/2024", "--day: 31/02/2024 is no day: month 02/2024 has 29 days"},
        {"a --day 2024-13-01", "--day: \"2024-13-01\" is not a date"},
        {"a --day 31/04/2023", "--day: 31/04/2023 is no day: month 04/2023 has 30 days"},
        {"a --day 1/2", "--day: \"1/2\" is not a date"},
        {"a --day 1/2/24", "--day: \"1/2/24\" is not a date"},
        {"a --day 01/13/2024", "--day: \"01/13/2024\" is not a date"},
        {"a --day soon", "--day: \"soon\" is not a date"},
        {"a --FIRST b", "there is no option --FIRST"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        char text[TEXT_SIZE];
        assert_int_equal(parse(table[i].line, text), OPTIONS_WRONG);
        assert_non_null(strstr(text, table[i].words));
    }
}

static void help(void **state)
{
    char text[TEXT_SIZE];
    (void)state;
    assert_int_equal(parse("--help", text), OPTIONS_HELPED);
    static const char *const parts[] = {"prog do FIRST [SECOND]\n\nDoes it.\n",
                                        "      --text T ",
                                        "      FIRST ",
                                        "the first (required)",
                                        "  -l, --lang L ",
                                        "  -h, --help "};
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
        assert_non_null(strstr(text, parts[i]));
    }
}

static void only_the_front(void **state)
{
    char *argv[] = {(char[]){"prog"}, (char[]){"--lang"}, (char[]){"vi"}, (char[]){"do"},
                    (char[]){"--flag"}};
    const struct options front = {.program = "prog", .common = common};
    int at = 1;
    (void)state;
    assert_int_equal(options_parse_front(&front, 5, argv, &at), OPTIONS_PARSED);
    assert_int_equal(at, 3);
    assert_string_equal(got.common, "vi");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(good_lines),
        cmocka_unit_test(wrong_lines),
        cmocka_unit_test(help),
        cmocka_unit_test(only_the_front),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
