/* SPDX-License-Identifier: Apache-2.0
 *
 * hoso report: one form, printed.
 */
#include "services/hoso/command.h"

#include <libintl.h>

#include <stdio.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/require.h"
#include "render/docx/docx_report.h"
#include "render/report.h"
#include "options/period.h"

enum { FILE_STEM_SIZE = 256, NEW_FOLDER_MODE = 0777 };

static const struct usage usage = {
    "report FORM --unit U … [--communes] --from D --to D [--out FILE] [--tree-at D] "
    "[--min-position "
    "N]",
    "Print a form for a unit and its subtree.",
    "Dates are inclusive, as on paper; months are those of the setting reporting_day. `hoso forms` "
    "lists the forms, `hoso units` the units.\n"
    "--out bieu.xlsx writes a workbook; several units get a sheet each. --out bao-cao.docx fills a "
    "Word template. --out bieu/ writes a file for each unit into a folder.",
};

/* What is asked: one query for each unit. */
struct asking {
    struct hoso_query query;
    struct period period;
    struct option_list units;
    const char *as_closed; /* as it was given */
    bool communes;
    bool all_rows;
    const char *template; /* of docx; NULL = the form's own */
};

/* What was answered. */
struct answers {
    struct hoso_units *below; /* of --communes: unit ids point into it */
    struct hoso_report **reports;
    struct document *documents;
    size_t count;
};

/* An identity that does not hold is an alarm. */
static int check_identities(const struct hoso_report *report)
{
    int code = EXIT_DONE;
    for (size_t i = 0; i < report->check_count; i++) {
        if (!report->checks[i].ok) {
            command_say("the identity \"%s\" of %s does not hold: %s", report->checks[i].id,
                        report->unit, report->checks[i].text);
            code = EXIT_FAILED;
        }
    }
    return code;
}

static int print_json(const struct command *command, const struct hoso_report *report)
{
    struct output output;
    const int code = output_begin(command, &output);
    if (code != EXIT_DONE) {
        return code;
    }
    report_print_json(report, output.file);
    return output_end(&output, ferror(output.file) == 0);
}

/* The office's template, or the one that comes with the form. */
static enum status read_template(const struct asking *asking, struct buffer *text,
                                 struct error *error)
{
    if (asking->template != NULL) {
        return file_read(asking->template, 0, text, error);
    }
    const struct slice own = docx_template(asking->query.form);
    if (own.size == 0) {
        return error_set(error, STATUS_NOT_FOUND,
                         "the form %s has no Word template of its own: give one with --template",
                         asking->query.form);
    }
    buffer_put(text, own.data, own.size);
    return buffer_status(text);
}

static int print_docx(const struct command *command, const struct asking *asking,
                      const struct hoso_report *report)
{
    struct buffer template;
    struct buffer docx;
    struct error error = {.text = ""};
    buffer_init(&template, DOCX_BYTES_MAX);
    buffer_init(&docx, DOCX_BYTES_MAX);
    enum status status = read_template(asking, &template, &error);
    if (status == STATUS_OK) {
        status = docx_of_report(report, command->english, clock_unix_ms(), buffer_slice(&template),
                                &docx, &error);
    }
    int code;
    struct output output;
    if (status != STATUS_OK) {
        code = report_inner(status, &error);
    } else if ((code = output_begin(command, &output)) == EXIT_DONE) {
        const struct slice text = buffer_slice(&docx);
        code = output_end(&output, fwrite(text.data, 1, text.size, output.file) == text.size);
    }
    buffer_fini(&template);
    buffer_fini(&docx);
    return code;
}

static int print_all(const struct command *command, const struct asking *asking,
                     struct answers *answers)
{
    const int64_t now_ms = clock_unix_ms();
    if (command->format == RENDER_JSON) {
        return print_json(command, answers->reports[0]);
    }
    if (command->format == RENDER_DOCX) {
        return print_docx(command, asking, answers->reports[0]);
    }
    for (size_t i = 0; i < answers->count; i++) {
        document_of_report(&answers->documents[i], answers->reports[i], command->english,
                           command->format == RENDER_CSV);
        answers->documents[i].extracted_ms = now_ms;
    }
    return command_print_several(command, answers->documents, answers->count);
}

/* "II.06a_H27.45_2024-01-19_2024-02-19": what a file's name may have on any system. */
static void file_stem(const struct hoso_report *report, char stem[FILE_STEM_SIZE])
{
    require(report != NULL); /* counted reports are there */
    (void)snprintf(stem, FILE_STEM_SIZE, "%s_%s_%s_%s", report->form, report->unit, report->from,
                   report->to);
    for (char *at = stem; *at != '\0'; at++) {
        const bool safe = (*at >= '0' && *at <= '9') || (*at >= 'a' && *at <= 'z') ||
                          (*at >= 'A' && *at <= 'Z') || strchr("._-", *at) != NULL;
        *at = safe ? *at : '_';
    }
    stem[0] = stem[0] == '.' ? '_' : stem[0];
}

/* Another report before it may have the same name: ids differ in what a name cannot have. */
static unsigned same_before(const struct answers *answers, size_t index, const char *stem)
{
    char other[FILE_STEM_SIZE];
    unsigned same = 0;
    for (size_t i = 0; i < index; i++) {
        file_stem(answers->reports[i], other);
        same += strcasecmp(other, stem) == 0;
    }
    return same;
}

static int print_into_folder(const struct command *command, const struct asking *asking,
                             const struct answers *answers)
{
    int code = EXIT_DONE;
    if (mkdir(command->out, NEW_FOLDER_MODE) != 0 && errno != EEXIST) {
        command_say("%s: %s", command->out, strerror(errno));
        return EXIT_FAILED;
    }
    for (size_t i = 0; i < answers->count && code == EXIT_DONE; i++) {
        char stem[FILE_STEM_SIZE];
        char number[16] = "";
        char path[CLIENT_PATH_MAX + FILE_STEM_SIZE + 32];
        struct command one = *command;
        struct answers single = {
            .reports = &answers->reports[i], .documents = &answers->documents[i], .count = 1};
        file_stem(answers->reports[i], stem);
        const unsigned same = same_before(answers, i, stem);
        if (same != 0) {
            (void)snprintf(number, sizeof number, "_%u", same + 1);
        }
        (void)snprintf(path, sizeof path, "%s/%s%s%s", command->out, stem, number,
                       render_format_ending(command->format));
        one.out = path;
        one.folder = false;
        code = print_all(&one, asking, &single);
    }
    return code;
}

/* The communes below the asked unit come after it. The exit code. */
static int list_communes(struct hoso_client *client, const struct asking *asking,
                         struct answers *answers)
{
    const struct hoso_query *query = &asking->query;
    const char *day = query->tree_at != NULL ? query->tree_at : query->to;
    struct hoso_error error;
    return !asking->communes || hoso_units_list(client, asking->units.items[0], day,
                                                &answers->below, &error) == HOSO_OK
               ? EXIT_DONE
               : report_failure(&error);
}

static bool is_commune(const struct answers *answers, size_t unit)
{
    return strcmp(answers->below->units[unit].tier, "COMMUNE") == 0;
}

/* None is older than the ones before: each sheet names its cut. */
static int ask_one(struct hoso_client *client, struct hoso_query *query, const char *unit,
                   struct answers *answers)
{
    struct hoso_report **ret_report = &answers->reports[answers->count];
    struct hoso_error error;
    query->unit = unit;
    if (hoso_report_run(client, query, ret_report, &error) != HOSO_OK) {
        return report_failure(&error);
    }
    query->min_cut = (*ret_report)->cut;
    answers->count++;
    return EXIT_DONE;
}

/* All of them, or none is printed. */
static int ask_all(struct hoso_client *client, const struct asking *asking, struct answers *answers)
{
    struct hoso_query query = asking->query;
    int code = list_communes(client, asking, answers);
    const size_t below = answers->below != NULL ? answers->below->count : 0;
    answers->reports = calloc(asking->units.count + below, sizeof(struct hoso_report *));
    answers->documents = calloc(asking->units.count + below, sizeof *answers->documents);
    if (answers->reports == NULL || answers->documents == NULL) {
        command_say("out of memory");
        return EXIT_FAILED;
    }
    for (unsigned i = 0; i < asking->units.count && code == EXIT_DONE; i++) {
        code = ask_one(client, &query, asking->units.items[i], answers);
    }
    for (size_t i = 1; i < below && code == EXIT_DONE; i++) { /* the first is the asked one */
        if (is_commune(answers, i)) {
            code = ask_one(client, &query, answers->below->units[i].id, answers);
        }
    }
    return code;
}

static int run_report(const struct command *command, struct asking *asking)
{
    struct hoso_client *client = NULL;
    struct answers answers = {.reports = NULL};
    int code = command_connect(command, &client);
    if (code != EXIT_DONE) {
        return code;
    }
    (void)period_resolve(&asking->period, client->settings.reporting_day, localday_today());
    asking->query.from = asking->period.from;
    asking->query.to = asking->period.to;
    code = ask_all(client, asking, &answers);
    if (code == EXIT_DONE) {
        code = command->folder ? print_into_folder(command, asking, &answers)
                               : print_all(command, asking, &answers);
    }
    for (size_t i = 0; i < answers.count; i++) {
        const struct hoso_report *report = answers.reports[i];
        code = code == EXIT_DONE && report != NULL ? check_identities(report) : code;
        hoso_free(answers.reports[i]);
    }
    free(answers.reports);
    free(answers.documents);
    hoso_free(answers.below);
    hoso_client_close(client);
    return code;
}

int cmd_report(struct command *command, int argc, char **argv)
{
    struct asking asking = {.communes = false};
    struct hoso_query *query = &asking.query;
    uint64_t depth = 0;
    const struct option options[] = {
        {"FORM", OPTION_ARGUMENT, &query->form, NULL, "`hoso forms` lists them", true},
        {"unit", OPTION_LIST, &asking.units, "U", "unit id; may be given several times", true},
        {"communes", OPTION_FLAG, &asking.communes, NULL, "and each commune below it", false},
        OPTIONS_OF_PERIOD(&asking.period),
        {"tree-at", OPTION_DATE, &query->tree_at, "D",
         "the day whose unit tree applies (the last day)", false},
        {"compare", OPTION_TEXT, &query->compare, "WHAT",
         "previous, year-ago or closed: beside each figure that of the period before, of a year "
         "ago, or of a close",
         false},
        OPTION_AS_CLOSED(&asking.as_closed),
        {"depth", OPTION_NUMBER, &depth, "N",
         "rows for N levels of units: 1 = the unit alone; without it all", false},
        {"all", OPTION_FLAG, &asking.all_rows, NULL,
         "fields and procedures without any figure, too", false},
        {"min-position", OPTION_CUT, &query->min_cut, "CUT",
         "wait until events up to here are counted", false},
        {"template", OPTION_TEXT, &asking.template, "FILE.docx", "the Word document to fill",
         false},
        OPTIONS_OF_DOCUMENTS(command),
        OPTIONS_END,
    };
    const int code = command_parse(command, argc, argv, options, &usage);
    if (code >= 0) {
        return code;
    }
    if (asking.communes && asking.units.count > 1) {
        return usage_error(&usage, "--communes goes with one --unit");
    }
    if ((asking.communes || asking.units.count > 1) && !command->folder &&
        !render_takes_several(command->format)) {
        return usage_error(&usage, "several units go into xlsx, html or a table; json, csv "
                                   "and docx hold one report: --out DIR/ writes a file for each");
    }
    if (asking.template != NULL && command->format != RENDER_DOCX) {
        return usage_error(&usage, "--template goes with --out FILE.docx");
    }
    if (query->compare != NULL && strcmp(query->compare, "previous") != 0 &&
        strcmp(query->compare, "year-ago") != 0 && strcmp(query->compare, "closed") != 0) {
        return usage_error(&usage, "--compare is previous, year-ago or closed, not \"%s\"",
                           query->compare);
    }
    if (query->compare != NULL && command->format == RENDER_DOCX) {
        return usage_error(&usage, "--compare goes into a table, csv, json, html or xlsx");
    }
    if (!as_closed_parse(asking.as_closed, &query->as_closed)) {
        return usage_error(&usage, AS_CLOSED_WRONG, asking.as_closed);
    }
    const struct period given = asking.period;
    const char *wrong = period_resolve(&asking.period, 1, localday_today());
    if (wrong != NULL) {
        return usage_error(&usage, "%s", gettext(wrong));
    }
    asking.period = given; /* resolved with the configuration's own month */
    query->lang = command->lang;
    query->all_rows = asking.all_rows;
    query->depth = depth < UINT32_MAX ? (unsigned)depth : UINT32_MAX;
    return run_report(command, &asking);
}
