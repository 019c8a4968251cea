/* SPDX-License-Identifier: Apache-2.0
 *
 * The pager reads from a pipe and gets its keys from the terminal.
 */
#include "services/hoso/pager.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

enum { NOT_RUN = 126 }; /* and 127: the shell could not run it */

/* Is there a program of this name in $PATH? */
static bool is_installed(const char *name)
{
    const char *path = getenv("PATH");
    while (path != NULL && *path != '\0') {
        char file[4096];
        const size_t size = strcspn(path, ":");
        (void)snprintf(file, sizeof file, "%.*s/%s", (int)size, path, name);
        if (access(file, X_OK) == 0) {
            return true;
        }
        path += size;
        path += *path == ':';
    }
    return false;
}

/* NULL = none is wanted, or none is there. */
static const char *command_of(void)
{
    const char *named = getenv("PAGER");
    const char *terminal = getenv("TERM");
    if (isatty(STDOUT_FILENO) != 1 || terminal == NULL || strcmp(terminal, "dumb") == 0) {
        return NULL;
    }
    if (named != NULL) {
        return named[0] != '\0' && strcmp(named, "cat") != 0 ? named : NULL;
    }
    return is_installed("less") ? "less" : NULL;
}

/* In the child: does not return. */
static void run(const char *command, int input)
{
    (void)setenv("LESS", "FRX", 0); /* what the user has set stays */
    (void)setenv("LESSCHARSET", "utf-8", 0);
    (void)signal(SIGPIPE, SIG_DFL);
    if (dup2(input, STDIN_FILENO) == STDIN_FILENO) {
        (void)close(input);
        (void)execl("/bin/sh", "sh", "-c", command, (char *)NULL);
    }
    _exit(NOT_RUN);
}

void pager_begin(struct pager *pager)
{
    const char *command = command_of();
    int ends[2];
    *pager = (struct pager){.file = NULL};
    if (command == NULL || pipe(ends) != 0) {
        return;
    }
    pager->pid = fork();
    if (pager->pid == 0) {
        (void)close(ends[1]);
        run(command, ends[0]);
    }
    (void)close(ends[0]);
    pager->file = pager->pid > 0 ? fdopen(ends[1], "w") : NULL;
    if (pager->file == NULL) {
        (void)close(ends[1]);
    } else {
        (void)signal(SIGPIPE, SIG_IGN); /* the reader may leave before all is written */
    }
}

bool pager_end(struct pager *pager)
{
    int status = 0;
    (void)fclose(pager->file);
    pager->file = NULL;
    while (waitpid(pager->pid, &status, 0) < 0 && errno == EINTR) {
    }
    return !WIFEXITED(status) || WEXITSTATUS(status) < NOT_RUN;
}
