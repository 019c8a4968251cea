/* SPDX-License-Identifier: Apache-2.0
 *
 * An entry begins at its [name] line and ends after its last setting: comments and blank lines
 * after that belong to the next entry.
 */
#include "services/hoso/key/key_registry.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buffer.h"
#include "registry/registry.h"

/* The folder is locked, so that two editors do not lose each other's change. */
struct edit {
    const char *path;
    char folder_path[PATH_MAX];
    int folder;
    mode_t mode;
    struct buffer old;
    struct buffer new;
};

static enum status failed(struct error *error, const char *what, const char *path)
{
    return error_set(error, errno == ENOENT ? STATUS_NOT_FOUND : STATUS_IO, "cannot %s %s: %s",
                     what, path, strerror(errno));
}

static enum status read_old(struct edit *edit, struct error *error)
{
    const int fd = open(edit->path, O_RDONLY | O_CLOEXEC);
    if (fd < 0) {
        return errno == ENOENT ? STATUS_OK : failed(error, "read", edit->path);
    }
    struct stat info;
    char chunk[4096];
    ssize_t size = 0;
    enum status status = STATUS_OK;
    if (fstat(fd, &info) == 0) {
        edit->mode = info.st_mode & 07777;
    }
    while ((size = read(fd, chunk, sizeof chunk)) > 0) {
        buffer_put(&edit->old, chunk, (size_t)size);
    }
    if (size < 0) {
        status = failed(error, "read", edit->path);
    } else if (buffer_status(&edit->old) != STATUS_OK) {
        status = error_set(error, STATUS_TOO_LARGE, "%s is larger than %d bytes", edit->path,
                           REGISTRY_BYTES_MAX);
    }
    (void)close(fd);
    return status;
}

static enum status edit_begin(struct edit *edit, const char *path, struct error *error)
{
    *edit = (struct edit){.path = path, .folder = -1, .mode = 0600};
    buffer_init(&edit->old, REGISTRY_BYTES_MAX);
    buffer_init(&edit->new, REGISTRY_BYTES_MAX);
    char copy[PATH_MAX];
    if ((size_t)snprintf(copy, sizeof copy, "%s", path) >= sizeof copy) {
        return error_set(error, STATUS_INVALID, "the registry's path is too long");
    }
    (void)snprintf(edit->folder_path, sizeof edit->folder_path, "%s", dirname(copy));
    edit->folder = open(edit->folder_path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (edit->folder < 0) {
        return failed(error, "open", edit->folder_path);
    }
    if (flock(edit->folder, LOCK_EX) != 0) {
        return failed(error, "lock", edit->folder_path);
    }
    return read_old(edit, error);
}

static void edit_end(struct edit *edit)
{
    if (edit->folder >= 0) {
        (void)close(edit->folder);
    }
    buffer_fini(&edit->old);
    buffer_fini(&edit->new);
}

static enum status write_file(const char *path, mode_t mode, struct slice text, struct error *error)
{
    const int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, mode);
    if (fd < 0) {
        return failed(error, "write", path);
    }
    size_t done = 0;
    bool good = fchmod(fd, mode) == 0;
    while (good && done < text.size) {
        const ssize_t size = write(fd, text.data + done, text.size - done);
        good = size > 0;
        done += good ? (size_t)size : 0;
    }
    good = good && fsync(fd) == 0;
    const enum status status = good ? STATUS_OK : failed(error, "write", path);
    return close(fd) == 0 || !good ? status : failed(error, "write", path);
}

/* Only what the services can read takes the file's place. */
static enum status edit_commit(struct edit *edit, struct error *error)
{
    char beside[PATH_MAX];
    if ((size_t)snprintf(beside, sizeof beside, "%s.new", edit->path) >= sizeof beside) {
        return error_set(error, STATUS_INVALID, "the registry's path is too long");
    }
    if (buffer_status(&edit->new) != STATUS_OK) {
        return error_set(error, STATUS_TOO_LARGE, "%s would be larger than %d bytes", edit->path,
                         REGISTRY_BYTES_MAX);
    }
    enum status status = write_file(beside, edit->mode, buffer_slice(&edit->new), error);
    struct registry *registry = NULL;
    if (status == STATUS_OK) {
        status = registry_open(beside, &registry, error);
        registry_close(registry);
    }
    if (status == STATUS_OK && (rename(beside, edit->path) != 0 || fsync(edit->folder) != 0)) {
        status = failed(error, "replace", edit->path);
    }
    if (status != STATUS_OK) {
        (void)unlink(beside);
    }
    return status;
}

/* The next line with its newline. */
static struct slice next_line(struct slice *text)
{
    const uint8_t *newline = text->size != 0 ? memchr(text->data, '\n', text->size) : NULL;
    const size_t size = newline != NULL ? (size_t)(newline - text->data) + 1 : text->size;
    const struct slice line = slice_of(text->data, size);
    *text = slice_of(text->data + size, text->size - size);
    return line;
}

static struct slice without_blanks(struct slice line)
{
    while (line.size != 0 && strchr(" \t\r\n", line.data[0]) != NULL) {
        line = slice_of(line.data + 1, line.size - 1);
    }
    while (line.size != 0 && strchr(" \t\r\n", line.data[line.size - 1]) != NULL) {
        line.size--;
    }
    return line;
}

/* True for "[name]", perhaps with blanks inside and a comment after it. */
static bool is_section(struct slice line, const char *name)
{
    const uint8_t *close =
        line.size != 0 && line.data[0] == '[' ? memchr(line.data, ']', line.size) : NULL;
    return close != NULL &&
           slice_equal(without_blanks(slice_of(line.data + 1, (size_t)(close - line.data) - 1)),
                       slice_text(name));
}

static bool is_comment(struct slice line)
{
    return line.size == 0 || line.data[0] == ';' || line.data[0] == '#';
}

/* Copies all but the name's entry; lines after its last setting stay. Returns whether it was there.
 */
static bool copy_others(struct edit *edit, const char *name)
{
    struct slice text = buffer_slice(&edit->old);
    struct buffer kept; /* comments that may turn out to follow the entry */
    buffer_init(&kept, REGISTRY_BYTES_MAX);
    bool found = false;
    bool inside = false;
    while (text.size != 0) {
        const struct slice line = next_line(&text);
        const struct slice content = without_blanks(line);
        if (content.size != 0 && content.data[0] == '[') {
            inside = is_section(content, name);
            found = found || inside;
            buffer_put(&edit->new, kept.data, kept.size);
            buffer_clear(&kept);
            if (inside) {
                continue;
            }
        }
        if (!inside) {
            buffer_put(&edit->new, line.data, line.size);
        } else if (is_comment(content)) {
            buffer_put(&kept, line.data, line.size);
        } else {
            buffer_clear(&kept);
        }
    }
    buffer_put(&edit->new, kept.data, kept.size);
    buffer_fini(&kept);
    if (edit->new.size != 0 && edit->new.data[edit->new.size - 1] != '\n') {
        buffer_u8(&edit->new, '\n');
    }
    return found;
}

static void put_entry(struct buffer *text, const struct grant *grant)
{
    const bool blank = text->size == 0 || (text->size > 1 && text->data[text->size - 2] == '\n');
    buffer_printf(text, "%s[%s]\nkey = %s\nrole = %s\n", blank ? "" : "\n", grant->name, grant->key,
                  grant->role);
    if (grant->units != NULL) {
        buffer_printf(text, "units = ");
        for (const char *at = grant->units; *at != '\0'; at++) {
            buffer_u8(text, *at == ',' ? ' ' : (uint8_t)*at);
        }
        buffer_u8(text, '\n');
    }
    if (grant->expires != NULL) {
        buffer_printf(text, "expires = %s\n", grant->expires);
    }
}

/* What is typed must stay one line, or it could grant more than it says. */
static bool is_one_line(const char *text)
{
    return text == NULL || text[strcspn(text, "\r\n;#[]")] == '\0';
}

enum status registry_grant(const char *path, const struct grant *grant, bool *ret_replaced,
                           struct error *error)
{
    if (!is_one_line(grant->name) || !is_one_line(grant->role) || !is_one_line(grant->units)) {
        return error_set(error, STATUS_INVALID,
                         "name, role and units may not have line ends, ; # [ or ]");
    }
    struct edit edit;
    enum status status = edit_begin(&edit, path, error);
    if (status == STATUS_OK) {
        const bool replaced = copy_others(&edit, grant->name);
        put_entry(&edit.new, grant);
        status = edit_commit(&edit, error);
        if (status == STATUS_OK) {
            *ret_replaced = replaced;
        }
    }
    edit_end(&edit);
    return status;
}

enum status registry_revoke(const char *path, const char *name, struct error *error)
{
    struct edit edit;
    enum status status = edit_begin(&edit, path, error);
    if (status == STATUS_OK && !copy_others(&edit, name)) {
        status = error_set(error, STATUS_NOT_FOUND, "%s has no [%s]; hoso key list shows the names",
                           path, name);
    }
    if (status == STATUS_OK) {
        status = edit_commit(&edit, error);
    }
    edit_end(&edit);
    return status;
}
