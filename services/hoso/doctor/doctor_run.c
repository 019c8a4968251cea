/* SPDX-License-Identifier: Apache-2.0
 *
 * A program of the machine, run as another user, with what it prints.
 */
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <poll.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "services/hoso/doctor/doctor_internal.h"

enum { RUN_MS = 10000, NOT_RUN = 127, PIECE_BYTES = 4096 };

/* In the child: does not return. */
static void become(const struct doctor_program *program, int output)
{
    const bool other = program->uid != geteuid();
    const int nothing = open("/dev/null", O_RDONLY);
    if (nothing >= 0 && dup2(nothing, STDIN_FILENO) == STDIN_FILENO &&
        dup2(output, STDOUT_FILENO) == STDOUT_FILENO &&
        dup2(output, STDERR_FILENO) == STDERR_FILENO &&
        (!other || (setgroups(1, &program->gid) == 0 && setgid(program->gid) == 0 &&
                    setuid(program->uid) == 0))) {
        (void)execv(program->arguments[0], (char *const *)(uintptr_t)program->arguments);
    }
    _exit(NOT_RUN);
}

/* Until it has closed its output; what does not fit is dropped. */
static void read_all(int fd, pid_t pid, struct buffer *output)
{
    const int64_t end_ms = clock_ms() + RUN_MS;
    uint8_t piece[PIECE_BYTES];
    ssize_t got = 1;
    while (got > 0) {
        struct pollfd item = {.fd = fd, .events = POLLIN};
        const int64_t left_ms = end_ms - clock_ms();
        if (left_ms <= 0 || poll(&item, 1, (int)left_ms) == 0) {
            (void)kill(pid, SIGKILL);
            return;
        }
        got = read(fd, piece, sizeof piece);
        if (got > 0) {
            buffer_put(output, piece, (size_t)got);
        } else if (got < 0 && errno == EINTR) {
            got = 1;
        }
    }
}

bool doctor_run(const struct doctor_program *program, struct buffer *output, int *ret_code)
{
    int ends[2];
    int status = 0;
    if (pipe2(ends, O_CLOEXEC) != 0) {
        return false;
    }
    const pid_t pid = fork();
    if (pid == 0) {
        become(program, ends[1]);
    }
    (void)close(ends[1]);
    if (pid > 0) {
        read_all(ends[0], pid, output);
        while (waitpid(pid, &status, 0) < 0 && errno == EINTR) {
        }
    }
    (void)close(ends[0]);
    if (pid < 0 || !WIFEXITED(status) || WEXITSTATUS(status) == NOT_RUN) {
        return false;
    }
    *ret_code = WEXITSTATUS(status);
    return true;
}
