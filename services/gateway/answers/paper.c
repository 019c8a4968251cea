/* SPDX-License-Identifier: Apache-2.0
 *
 * The library for workbooks writes to a path: it gets that of a file in memory.
 */
#include "services/gateway/answers/paper.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "render/render.h"

enum { PAPER_NAME_MAX = 120, PAPER_PATH_SIZE = 64 };

void paper_set_file(struct web_request *request, const char *name, enum render_format format)
{
    char clean[PAPER_NAME_MAX + 1];
    size_t size = 0;
    for (; name[size] != '\0' && size < PAPER_NAME_MAX; size++) {
        const unsigned char c = (unsigned char)name[size];
        clean[size] = isalnum(c) || c == '.' || c == '_' ? (char)c : '-';
    }
    clean[size] = '\0';
    (void)snprintf(request->answer.file, sizeof request->answer.file,
                   "attachment; filename=\"%s.%s\"", clean, render_format_name(format));
}

static void answer_workbook(struct web_request *request, const struct document *documents,
                            size_t count)
{
    char path[PAPER_PATH_SIZE];
    struct stat file = {.st_size = 0};
    struct error error = {.text = ""};
    const int fd = memfd_create("workbook", MFD_CLOEXEC);
    if (fd < 0) {
        web_fail(request, PROBLEM_INTERNAL, NULL, "no file in memory: %s", strerror(errno));
        return;
    }
    (void)snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
    const enum status status = render_workbook(documents, count, path, &error);
    if (status != STATUS_OK) {
        web_fail(request, status == STATUS_INVALID ? PROBLEM_INVALID : PROBLEM_INTERNAL, "format",
                 "%s", error.text);
    } else if (fstat(fd, &file) != 0 || file.st_size > WEB_ANSWER_BYTES) {
        web_fail(request, PROBLEM_INTERNAL, NULL, "the workbook is too large");
    } else {
        struct buffer *text = web_answer(request, MHD_HTTP_OK, web_type(RENDER_XLSX));
        void *room = buffer_room(text, (size_t)file.st_size);
        if (room != NULL && pread(fd, room, (size_t)file.st_size, 0) == file.st_size) {
            text->size += (size_t)file.st_size;
        } else {
            web_fail(request, PROBLEM_INTERNAL, NULL, "out of memory");
        }
    }
    (void)close(fd);
}

void paper_answer(struct web_request *request, const struct document *documents, size_t count,
                  enum render_format format, const char *name)
{
    struct web_print print;
    if (format == RENDER_XLSX) {
        answer_workbook(request, documents, count);
    } else if (web_print_begin(request, &print)) {
        const struct render_options options = {.format = format,
                                               .separator = request->english ? ',' : ';'};
        const bool good = render_documents(documents, count, &options, print.out);
        if (web_print_end(request, &print, good)) {
            buffer_put(web_answer(request, MHD_HTTP_OK, web_type(format)), print.text, print.size);
            if (format == RENDER_HTML) {
                web_allow_styles(request);
            }
        }
        free(print.text);
    }
    if (format != RENDER_HTML && request->answer.status == MHD_HTTP_OK) {
        paper_set_file(request, name, format);
    }
}
