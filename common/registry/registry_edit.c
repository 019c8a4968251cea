/* SPDX-License-Identifier: Apache-2.0
 *
 * The parser says on which lines an entry stands; all others are copied.
 */
#include "registry/registry_edit.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "config/ini_file.h"
#include "registry/registry_internal.h"

enum { MODE_OF_A_NEW_FILE = 0600 };

struct registry_edit {
    const char *path;
    const char *name; /* of the entry that changes */
    int folder_fd;    /* locked, so that two editors do not lose each other's change */
    mode_t mode;
    struct buffer old;
    struct buffer new; /* the old text without the entry */
    unsigned first;    /* the entry's lines, from 1; 0 = there is none */
    unsigned last;
    const char *setting; /* of the entry, that is looked for; NULL = none */
    unsigned setting_line;
};

static enum status find_entry(void *context, const struct ini_entry *entry, struct error *error)
{
    struct registry_edit *edit = context;
    if (strcmp(entry->section, edit->name) != 0) {
        return STATUS_OK;
    }
    if (entry->name == NULL && edit->first != 0) {
        return error_set(error, STATUS_INVALID, "[%s] is there twice", edit->name);
    }
    edit->first = edit->first != 0 ? edit->first : entry->line;
    edit->last = entry->line;
    if (entry->name != NULL && edit->setting != NULL && strcmp(entry->name, edit->setting) == 0) {
        edit->setting_line = entry->line;
    }
    return STATUS_OK;
}

static void copy_others(struct registry_edit *edit)
{
    struct slice text = buffer_slice(&edit->old);
    for (unsigned number = 1; text.size != 0; number++) {
        const struct slice line = slice_take_line(&text);
        if (number < edit->first || number > edit->last) {
            buffer_put(&edit->new, line.data, line.size);
        }
    }
    if (edit->new.size != 0 && edit->new.data[edit->new.size - 1] != '\n') {
        buffer_u8(&edit->new, '\n');
    }
}

static enum status lock_folder(struct registry_edit *edit, struct error *error)
{
    char *copy = strdup(edit->path);
    if (copy == NULL) {
        return error_set(error, STATUS_TOO_LARGE, "out of memory");
    }
    const char *folder = dirname(copy);
    edit->folder_fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    const bool locked = edit->folder_fd >= 0 && flock(edit->folder_fd, LOCK_EX) == 0;
    const enum status status = locked ? STATUS_OK : file_error(error, "lock", folder);
    free(copy);
    return status;
}

static enum status begin(struct registry_edit *edit, const char *path, const char *name,
                         const char *setting, struct error *error)
{
    struct stat info;
    *edit = (struct registry_edit){.path = path, .name = name, .folder_fd = -1, .setting = setting};
    buffer_init(&edit->old, REGISTRY_BYTES_MAX);
    buffer_init(&edit->new, REGISTRY_BYTES_MAX);
    enum status status = lock_folder(edit, error);
    if (status != STATUS_OK) {
        return status;
    }
    edit->mode = stat(path, &info) == 0 ? info.st_mode & 07777 : MODE_OF_A_NEW_FILE;
    status = file_read(path, 0, &edit->old, error);
    if (status == STATUS_NOT_FOUND) {
        return STATUS_OK;
    }
    if (status == STATUS_OK) {
        status = ini_text_read(path, buffer_slice(&edit->old), find_entry, edit, error);
    }
    copy_others(edit);
    return status;
}

static enum status commit(const struct registry_edit *edit, struct error *error)
{
    struct registry_snapshot *snapshot = NULL;
    if (buffer_status(&edit->new) != STATUS_OK) {
        return error_set(error, STATUS_TOO_LARGE, "%s would be larger than %d bytes", edit->path,
                         REGISTRY_BYTES_MAX);
    }
    const enum status status =
        registry_snapshot_parse(edit->path, buffer_slice(&edit->new), &snapshot, error);
    if (status != STATUS_OK) {
        return status;
    }
    registry_snapshot_free(snapshot);
    return file_replace(edit->path, edit->mode, buffer_slice(&edit->new), error);
}

static void end(struct registry_edit *edit)
{
    if (edit->folder_fd >= 0) {
        (void)close(edit->folder_fd);
    }
    buffer_fini(&edit->old);
    buffer_fini(&edit->new);
}

static void put_entry(struct buffer *text, const struct registry_grant *grant)
{
    const bool blank = text->size == 0 || (text->size > 1 && text->data[text->size - 2] == '\n');
    buffer_printf(text, "%s[%s]\n", blank ? "" : "\n", grant->name);
    if (grant->key[0] != '\0') {
        buffer_printf(text, "key = %s\n", grant->key);
    }
    buffer_printf(text, "role = %s\n", grant->role);
    if (grant->units != NULL) {
        buffer_printf(text, "units = ");
        for (const char *at = grant->units; *at != '\0'; at++) {
            buffer_u8(text, *at == ',' ? ' ' : (uint8_t)*at);
        }
        buffer_u8(text, '\n');
    }
    if (grant->space != NULL) {
        buffer_printf(text, "space = %s\n", grant->space);
    }
    if (grant->may_close) {
        buffer_printf(text, "close = yes\n");
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

enum status registry_grant(const char *path, const struct registry_grant *grant, bool *ret_replaced,
                           struct error *error)
{
    if (!is_one_line(grant->name) || !is_one_line(grant->role) || !is_one_line(grant->units) ||
        !is_one_line(grant->space) || !is_one_line(grant->expires)) {
        return error_set(error, STATUS_INVALID,
                         "name, role, units, space and expires may not have line ends, ; # [ or ]");
    }
    struct registry_edit edit;
    enum status status = begin(&edit, path, grant->name, NULL, error);
    if (status == STATUS_OK) {
        put_entry(&edit.new, grant);
        status = commit(&edit, error);
    }
    if (status == STATUS_OK) {
        *ret_replaced = edit.first != 0;
    }
    end(&edit);
    return status;
}

enum status registry_revoke(const char *path, const char *name, struct error *error)
{
    struct registry_edit edit;
    enum status status = begin(&edit, path, name, NULL, error);
    if (status == STATUS_OK && edit.first == 0) {
        status = error_set(error, STATUS_NOT_FOUND, "%s has no [%s]; hoso key list shows the names",
                           path, name);
    }
    if (status == STATUS_OK) {
        status = commit(&edit, error);
    }
    end(&edit);
    return status;
}

/* All lines, with the new one behind the entry's last. */
static void put_line(struct registry_edit *edit, const struct registry_line *line)
{
    struct slice text = buffer_slice(&edit->old);
    buffer_clear(&edit->new);
    for (unsigned number = 1; text.size != 0; number++) {
        const struct slice old = slice_take_line(&text);
        if (!line->replace || number != edit->setting_line) {
            buffer_put(&edit->new, old.data, old.size);
        }
        if (number == edit->last) {
            buffer_printf(&edit->new, "%s%s = %s\n", old.data[old.size - 1] == '\n' ? "" : "\n",
                          line->setting, line->value);
        }
    }
}

enum status registry_put_line(const char *path, const struct registry_line *line,
                              struct error *error)
{
    struct registry_edit edit;
    if (!is_one_line(line->value)) {
        return error_set(error, STATUS_INVALID, "%s may not have line ends, ; # [ or ]",
                         line->setting);
    }
    enum status status = begin(&edit, path, line->name, line->setting, error);
    if (status == STATUS_OK && edit.first == 0) {
        status = error_set(error, STATUS_NOT_FOUND, "%s has no [%s]; hoso key list shows the names",
                           path, line->name);
    }
    if (status == STATUS_OK) {
        put_line(&edit, line);
        status = commit(&edit, error);
    }
    end(&edit);
    return status;
}
