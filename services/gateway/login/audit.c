/* SPDX-License-Identifier: Apache-2.0
 *
 * A line is one write to a file opened for appending.
 */
#include "services/gateway/login/audit.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/localday.h"
#include "base/reminder.h"
#include "base/require.h"
#include "log/log.h"
#include "render/json.h"

enum { AUDIT_PATH_MAX = 1023, AUDIT_MODE = 0600 };

struct audit {
    pthread_mutex_t mutex;
    char path[AUDIT_PATH_MAX + 1];
    char before[AUDIT_PATH_MAX + 3]; /* the file before this one */
    int fd;
    int64_t size, max_bytes;
    struct reminder failing;
};

static enum status begin_file(struct audit *audit, struct error *error)
{
    struct stat file;
    audit->fd = open(audit->path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, AUDIT_MODE);
    if (audit->fd < 0 || fstat(audit->fd, &file) != 0) {
        return file_error(error, "open the audit log", audit->path);
    }
    audit->size = file.st_size;
    return STATUS_OK;
}

enum status audit_open(const char *path, int64_t max_bytes, struct audit **ret_audit,
                       struct error *error)
{
    if (path[0] == '\0') {
        return STATUS_OK;
    }
    struct audit *audit = calloc(1, sizeof *audit);
    if (audit == NULL || strlen(path) > AUDIT_PATH_MAX) {
        free(audit);
        return error_set(error, STATUS_INVALID, "audit: the path is longer than %d bytes",
                         AUDIT_PATH_MAX);
    }
    audit->fd = -1;
    (void)snprintf(audit->path, sizeof audit->path, "%s", path);
    (void)snprintf(audit->before, sizeof audit->before, "%s.1", path);
    audit->max_bytes = max_bytes;
    require(pthread_mutex_init(&audit->mutex, NULL) == 0);
    const enum status status = begin_file(audit, error);
    if (status != STATUS_OK) {
        audit_close(audit);
        return status;
    }
    *ret_audit = audit;
    return STATUS_OK;
}

void audit_close(struct audit *audit)
{
    if (audit != NULL) {
        if (audit->fd >= 0) {
            (void)close(audit->fd);
        }
        (void)pthread_mutex_destroy(&audit->mutex);
        free(audit);
    }
}

/* A file that holds half of what is allowed becomes the one before. */
static enum status make_room(struct audit *audit, size_t size, struct error *error)
{
    if (audit->fd >= 0 && audit->size + (int64_t)size <= audit->max_bytes / 2) {
        return STATUS_OK;
    }
    if (audit->fd >= 0) {
        (void)close(audit->fd);
        audit->fd = -1;
        if (rename(audit->path, audit->before) != 0) {
            return file_error(error, "rename the audit log", audit->path);
        }
    }
    return begin_file(audit, error);
}

static enum status append(struct audit *audit, const char *text, size_t size, struct error *error)
{
    const enum status status = make_room(audit, size, error);
    if (status == STATUS_OK && write(audit->fd, text, size) != (ssize_t)size) {
        return file_error(error, "write the audit log", audit->path);
    }
    audit->size += (int64_t)size;
    return status;
}

static void put_parameters(struct render_json *json, const struct web_request *request)
{
    const struct web_route *route = request->route;
    for (unsigned i = 0; route->parameters != NULL && route->parameters[i].name != NULL; i++) {
        if (!route->parameters[i].secret) {
            json_put_optional(json, route->parameters[i].name, request->values[i]);
        }
    }
    if (request->rest != NULL && !route->secret_rest) {
        json_put_text(json, "form", request->rest);
    }
    for (unsigned i = 0; i < WEB_NOTES_MAX && request->notes[i].name != NULL; i++) {
        json_put_text(json, request->notes[i].name, request->notes[i].text);
    }
}

static void put_line(FILE *out, const struct web_request *request)
{
    static const char *const by[] = {[WEB_NOBODY] = "nobody",
                                     [WEB_BY_COOKIE] = "session",
                                     [WEB_BY_TOKEN] = "token",
                                     [WEB_BY_PROXY] = "proxy"};
    char time[TIME_TEXT_SIZE];
    struct render_json json = render_json_to(out);
    time_format(clock_unix_ms(), time);
    json_put_object(&json, NULL);
    json_put_text(&json, "time", time);
    json_put_text(&json, "who", request->who.name);
    json_put_text(&json, "by", by[request->who.by]);
    json_put_text(&json, "address", request->address);
    json_put_text(&json, "method", request->route->method);
    json_put_text(&json, "path", request->route->path);
    json_put_number(&json, "status", request->answer.status);
    put_parameters(&json, request);
    json_put_end(&json);
    (void)fputc('\n', out);
}

bool audit_write(struct audit *audit, const struct web_request *request)
{
    struct error error = {.text = "out of memory"};
    char *text = NULL;
    size_t size = 0;
    if (audit == NULL) {
        return true;
    }
    FILE *out = open_memstream(&text, &size);
    enum status status = STATUS_TOO_LARGE;
    if (out != NULL) {
        put_line(out, request);
        status = fclose(out) == 0 ? STATUS_OK : STATUS_TOO_LARGE;
    }
    require(pthread_mutex_lock(&audit->mutex) == 0);
    if (status == STATUS_OK) {
        status = append(audit, text, size, &error);
    }
    const bool remind = status != STATUS_OK ? reminder_due(&audit->failing, clock_ms()) : false;
    if (status == STATUS_OK) {
        (void)reminder_end(&audit->failing);
    }
    require(pthread_mutex_unlock(&audit->mutex) == 0);
    free(text);
    if (remind) {
        log_event(LOG_ERROR, "gateway.audit",
                  "the audit log cannot be written; requests are "
                  "refused until it can",
                  "why", error.text, NULL);
    }
    return status == STATUS_OK;
}
