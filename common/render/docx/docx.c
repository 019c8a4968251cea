/* SPDX-License-Identifier: Apache-2.0
 *
 * The package: a ZIP archive whose parts are copied one by one, those with text filled on the way.
 */
#include "render/docx/docx_internal.h"

#include <archive.h>
#include <archive_entry.h>
#include <string.h>

struct package {
    struct archive *in;
    struct archive *out;
    struct buffer *docx;
    struct buffer part;   /* as it came */
    struct buffer filled; /* as it goes */
    const struct docx_source *source;
    struct error *error;
    bool has_document;
};

static bool ends_with(const char *name, const char *end)
{
    const size_t size = strlen(name);
    return size >= strlen(end) && strcmp(name + size - strlen(end), end) == 0;
}

/* Body, headers, footers and notes are the parts directly in word/. */
static bool has_fields(const char *name)
{
    static const char *const parts[] = {"document", "header", "footer", "footnotes", "endnotes"};
    if (strncmp(name, "word/", 5) != 0 || strchr(name + 5, '/') != NULL ||
        !ends_with(name, ".xml")) {
        return false;
    }
    for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++) {
        if (strncmp(name + 5, parts[i], strlen(parts[i])) == 0) {
            return true;
        }
    }
    return false;
}

static enum status read_part(struct package *package, const char *name)
{
    uint8_t block[16384];
    buffer_clear(&package->part);
    for (;;) {
        const la_ssize_t size = archive_read_data(package->in, block, sizeof block);
        if (size < 0) {
            return error_set(package->error, STATUS_INVALID, "%s in the template is damaged: %s",
                             name, archive_error_string(package->in));
        }
        if (size == 0) {
            break;
        }
        buffer_put(&package->part, block, (size_t)size);
    }
    return buffer_status(&package->part) == STATUS_OK
               ? STATUS_OK
               : error_set(package->error, STATUS_TOO_LARGE,
                           "%s in the template is over %d MiB unpacked", name,
                           DOCX_BYTES_MAX >> 20);
}

static enum status write_part(struct package *package, const char *name, struct slice data)
{
    struct archive_entry *entry = archive_entry_new();
    bool written = false;
    if (entry != NULL) {
        archive_entry_set_pathname(entry, name);
        archive_entry_set_size(entry, (la_int64_t)data.size);
        archive_entry_set_filetype(entry, AE_IFREG);
        archive_entry_set_perm(entry, 0644);
        archive_entry_set_mtime(entry, 315532800, 0); /* 1980: the same report, the same bytes */
        written = archive_write_header(package->out, entry) == ARCHIVE_OK &&
                  archive_write_data(package->out, data.data, data.size) == (la_ssize_t)data.size;
    }
    archive_entry_free(entry);
    return written ? STATUS_OK
                   : error_set(package->error, STATUS_TOO_LARGE,
                               "the document is larger than %zu MiB", package->docx->max >> 20);
}

static enum status copy_part(struct package *package, const char *name)
{
    enum status status = read_part(package, name);
    if (status != STATUS_OK || !has_fields(name)) {
        return status != STATUS_OK ? status
                                   : write_part(package, name, buffer_slice(&package->part));
    }
    package->has_document = package->has_document || strcmp(name, "word/document.xml") == 0;
    buffer_clear(&package->filled);
    status = docx_fill_part(name, buffer_slice(&package->part), package->source, &package->filled,
                            package->error);
    return status == STATUS_OK ? write_part(package, name, buffer_slice(&package->filled)) : status;
}

static enum status copy_parts(struct package *package)
{
    struct archive_entry *entry;
    enum status status = STATUS_OK;
    unsigned count = 0;
    int code;
    while (status == STATUS_OK &&
           (code = archive_read_next_header(package->in, &entry)) != ARCHIVE_EOF) {
        const char *name = code >= ARCHIVE_WARN ? archive_entry_pathname(entry) : NULL;
        if (name == NULL) {
            return error_set(package->error, STATUS_INVALID,
                             "the template is no Word document (.docx): %s",
                             archive_error_string(package->in));
        }
        if (++count > DOCX_PARTS_MAX) {
            return error_set(package->error, STATUS_TOO_LARGE,
                             "the template has more than %d parts", DOCX_PARTS_MAX);
        }
        if (archive_entry_filetype(entry) == AE_IFREG) {
            status = copy_part(package, name);
        }
    }
    if (status == STATUS_OK && !package->has_document) {
        return error_set(package->error, STATUS_INVALID,
                         "the template is no Word document (.docx): it has no word/document.xml");
    }
    return status;
}

static la_ssize_t append(struct archive *archive, void *context, const void *data, size_t size)
{
    struct buffer *docx = context;
    (void)archive;
    buffer_put(docx, data, size);
    return buffer_status(docx) == STATUS_OK ? (la_ssize_t)size : -1;
}

static bool open_package(struct package *package, struct slice template)
{
    return package->in != NULL && package->out != NULL &&
           archive_read_support_format_zip(package->in) == ARCHIVE_OK &&
           archive_read_open_memory(package->in, template.data, template.size) == ARCHIVE_OK &&
           archive_write_set_format_zip(package->out) == ARCHIVE_OK &&
           archive_write_set_bytes_in_last_block(package->out, 1) == ARCHIVE_OK &&
           archive_write_open(package->out, package->docx, NULL, append, NULL) == ARCHIVE_OK;
}

enum status docx_fill(struct slice template, const struct docx_source *source, struct buffer *docx,
                      struct error *error)
{
    struct package package = {.in = archive_read_new(),
                              .out = archive_write_new(),
                              .docx = docx,
                              .source = source,
                              .error = error};
    enum status status;
    buffer_init(&package.part, DOCX_BYTES_MAX);
    buffer_init(&package.filled, DOCX_BYTES_MAX);
    if (template.size > DOCX_BYTES_MAX) {
        status =
            error_set(error, STATUS_TOO_LARGE, "the template is over %d MiB", DOCX_BYTES_MAX >> 20);
    } else if (!open_package(&package, template)) {
        status = error_set(error, STATUS_INVALID, "the template is no Word document (.docx): %s",
                           package.in != NULL ? archive_error_string(package.in) : "out of memory");
    } else {
        status = copy_parts(&package);
        if (status == STATUS_OK && archive_write_close(package.out) != ARCHIVE_OK) {
            status = error_set(error, STATUS_TOO_LARGE, "the document is larger than %zu MiB",
                               docx->max >> 20);
        }
    }
    (void)archive_read_free(package.in);
    (void)archive_write_free(package.out);
    buffer_fini(&package.part);
    buffer_fini(&package.filled);
    return status;
}
