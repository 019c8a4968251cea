/* SPDX-License-Identifier: Apache-2.0
 *
 * Results go to stdout or to a file. A file is written beside the one that it replaces, and renamed
 * when it is complete and on disk: a reader never finds half of one, and a signal that ends us
 * removes it.
 */
#include <errno.h>
#include <libintl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "services/hoso/command.h"

enum { NEW_FILE_MODE = 0666 };

/* The file that a signal removes; NULL = none. */
static const char *volatile unfinished;

/* The action is the default one by now (SA_RESETHAND), so raising the signal again ends us by it.
 */
static void remove_unfinished(int number)
{
    const char *path = unfinished;
    if (path != NULL) {
        (void)unlink(path);
    }
    (void)raise(number);
}

/* A signal that is ignored, as nohup wants it, stays so. */
static void remove_on_signals(const char *path)
{
    static const int signals[] = {SIGINT, SIGTERM, SIGHUP};
    const struct sigaction action = {.sa_handler = remove_unfinished,
                                     .sa_flags = (int)SA_RESETHAND};
    unfinished = path;
    for (unsigned i = 0; i < sizeof signals / sizeof *signals; i++) {
        struct sigaction before;
        if (sigaction(signals[i], NULL, &before) == 0 && before.sa_handler == SIG_DFL) {
            (void)sigaction(signals[i], &action, NULL);
        }
    }
}

static int fail(const struct output *output, const char *what)
{
    command_say("cannot %s %s: %s", what, output->path, strerror(errno));
    return EXIT_FAILED;
}

int output_begin(const struct command *command, struct output *output)
{
    *output = (struct output){.file = stdout, .path = command->out};
    if (command->out == NULL) {
        if (command->format == RENDER_TABLE && !command->no_pager) {
            pager_begin(&output->pager);
        }
        output->file = output->pager.file != NULL ? output->pager.file : stdout;
        return EXIT_DONE;
    }
    if (command->folder) {
        return usage_error(NULL, "--out %s is a folder: only reports go into one, a file each",
                           command->out);
    }
    const int size = snprintf(output->part, sizeof output->part, "%s.part-XXXXXX", command->out);
    if (size < 0 || (size_t)size >= sizeof output->part) {
        errno = ENAMETOOLONG;
        return fail(output, "write");
    }
    remove_on_signals(output->part); /* before there is anything to be left behind */
    const int fd = mkstemp(output->part);
    if (fd < 0) {
        unfinished = NULL;
        return fail(output, "write");
    }
    const mode_t hidden = umask(0);
    (void)umask(hidden);
    (void)fchmod(fd, NEW_FILE_MODE & ~hidden);
    output->file = command->format == RENDER_XLSX ? NULL : fdopen(fd, "w");
    if (output->file == NULL) {
        (void)close(fd); /* the workbook opens it by its name */
    }
    return EXIT_DONE;
}

int output_end(struct output *output, bool good)
{
    if (output->pager.file != NULL) {
        if (!pager_end(&output->pager)) {
            command_say("the pager \"%s\" cannot be run; --no-pager does without", getenv("PAGER"));
            return EXIT_FAILED;
        }
        return EXIT_DONE; /* it may have left early */
    }
    if (output->path == NULL) {
        return fflush(stdout) == 0 && good ? EXIT_DONE : EXIT_FAILED;
    }
    struct error error = {.text = ""};
    int code = good ? EXIT_DONE : EXIT_FAILED;
    if (output->file != NULL && fclose(output->file) != 0 && good) {
        code = fail(output, "write");
    }
    if (code == EXIT_DONE && file_put_in_place(output->part, output->path, &error) != STATUS_OK) {
        command_say("%s", error.text);
        code = EXIT_FAILED;
    }
    if (code != EXIT_DONE) {
        (void)unlink(output->part); /* if it is there still */
    }
    unfinished = NULL;
    return code;
}

/* 0: it is no terminal, where nothing has to fit. */
static unsigned terminal_width(const struct output *output)
{
    struct winsize size;
    return output->path == NULL && isatty(STDOUT_FILENO) == 1 &&
                   ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0
               ? size.ws_col
               : 0;
}

/* A note changes what the figures mean, so leaving it out is not done silently. */
static void warn_of_notes(const struct document *document)
{
    const bool figures = document->report != NULL && document->list_head == NULL;
    for (size_t i = 0; figures && i < document->report->note_count; i++) {
        (void)fprintf(stderr, "hoso: %s: %s\n", gettext("--plain leaves out"),
                      document->report->notes[i]);
    }
}

struct list_reader command_reader(const struct command *command)
{
    return (struct list_reader){.format = command->format, .english = command->english};
}

static int select_columns(const struct command *command, struct document *document)
{
    const char *unknown =
        command->columns != NULL ? document_select(document, command->columns) : NULL;
    if (unknown == NULL) {
        return EXIT_DONE;
    }
    (void)fprintf(stderr, gettext("hoso: --columns: there is no column \"%.*s\"; there are"),
                  (int)strcspn(unknown, ","), unknown);
    for (unsigned i = 0; i < document->column_count; i++) {
        const char *id = document->columns[i].id;
        (void)fprintf(stderr, "%s%s", id != NULL ? " " : "", id != NULL ? id : "");
    }
    (void)fputc('\n', stderr);
    return EXIT_USAGE;
}

static int print(const struct command *command, const struct document *documents, size_t count)
{
    struct output output;
    struct error error = {.text = "out of memory"};
    bool good;
    if (command->format == RENDER_DOCX) {
        return usage_error(NULL, "a list has no Word document; write .xlsx, .html or .csv");
    }
    const int code = output_begin(command, &output);
    if (code != EXIT_DONE) {
        return code;
    }
    if (command->format == RENDER_XLSX) {
        good = render_workbook(documents, count, output.part, &error) == STATUS_OK;
    } else {
        const struct render_options options = {.format = command->format,
                                               .separator = command->separator[0],
                                               .plain = command->plain,
                                               .vertical = command->vertical,
                                               .width = terminal_width(&output)};
        good = render_documents(documents, count, &options, output.file);
        if (output.pager.file == NULL && ferror(output.file) != 0) {
            (void)error_set(&error, STATUS_IO, "cannot write: %s", strerror(errno));
        }
    }
    if (!good && output.pager.file == NULL) {
        command_say("%s", error.text);
    }
    return output_end(&output, good);
}

int command_print_several(const struct command *command, struct document *documents, size_t count)
{
    int code = EXIT_DONE;
    for (size_t i = 0; i < count && code == EXIT_DONE; i++) {
        code = select_columns(command, &documents[i]);
        if (command->format == RENDER_CSV && command->plain) {
            warn_of_notes(&documents[i]);
        }
    }
    if (code == EXIT_DONE) {
        code = print(command, documents, count);
    }
    for (size_t i = 0; i < count; i++) {
        document_fini(&documents[i]);
    }
    return code;
}

int command_print(const struct command *command, struct document *document)
{
    return command_print_several(command, document, 1);
}
