/* SPDX-License-Identifier: Apache-2.0
 *
 * One name and value a line, always all of them, always in this order; the last line is the
 * checksum of the lines before it.
 */
#include "services/hoso/backup/backup_manifest.h"

#include <inttypes.h>
#include <sodium.h>

#include "base/text.h"

static const char first_line[] = "hoso backup 1";

void hash_text(const uint8_t hash[BLOCK_HASH_SIZE], char text[HASH_TEXT_SIZE])
{
    (void)sodium_bin2hex(text, HASH_TEXT_SIZE, hash, BLOCK_HASH_SIZE);
}

void manifest_time(int64_t ms, char text[TIME_TEXT_SIZE])
{
    text[0] = '-';
    text[1] = '\0';
    if (ms != 0) {
        time_format(ms, text);
    }
}

static void write_time(struct buffer *text, const char *name, int64_t ms)
{
    char time[TIME_TEXT_SIZE];
    manifest_time(ms, time);
    buffer_printf(text, "%s %s\n", name, time);
}

void manifest_write(const struct backup_manifest *manifest, struct buffer *text)
{
    char hash[HASH_TEXT_SIZE];
    uint8_t checksum[BLOCK_HASH_SIZE];
    buffer_clear(text);
    hash_text(manifest->chain.hash, hash);
    buffer_printf(text, "%s\n", first_line);
    buffer_printf(text, "incarnation %" PRIu64 "\n", manifest->incarnation);
    buffer_printf(text, "position %" PRIu64 "\n", manifest->chain.position);
    buffer_printf(text, "blocks %" PRIu64 "\n", manifest->blocks);
    buffer_printf(text, "bytes %" PRIu64 "\n", manifest->bytes);
    buffer_printf(text, "last %" PRIu64 "\n", manifest->last);
    buffer_printf(text, "hash %s\n", hash);
    write_time(text, "journaled", manifest->journaled_at_ms);
    write_time(text, "created", manifest->created_at_ms);
    buffer_printf(text, "version %s\n", HOSO_VERSION);
    block_hash(buffer_slice(text), checksum);
    hash_text(checksum, hash);
    buffer_printf(text, "checksum %s\n", hash);
}

/* Lines being read; the first failure stays. */
struct manifest_lines {
    struct slice left;
    const char *path;
    unsigned number;
    enum status status;
    struct error *error;
};

static void fail(struct manifest_lines *lines, const char *what)
{
    if (lines->status == STATUS_OK) {
        lines->status = error_set(lines->error, STATUS_CORRUPT, "%s:%u: %s: the backup is damaged",
                                  lines->path, lines->number, what);
    }
}

/* The value of the next line, which must have this name. */
static struct slice next_value(struct manifest_lines *lines, const char *name)
{
    const size_t name_size = strlen(name);
    struct slice line = slice_take_line(&lines->left);
    lines->number++;
    if (line.size == 0 || line.data[line.size - 1] != '\n') {
        fail(lines, "the line is missing or cut short");
        return slice_text("");
    }
    line.size--;
    if (line.size <= name_size || memcmp(line.data, name, name_size) != 0 ||
        line.data[name_size] != ' ') {
        fail(lines, name);
        return slice_text("");
    }
    return slice_of(line.data + name_size + 1, line.size - name_size - 1);
}

static uint64_t next_number(struct manifest_lines *lines, const char *name)
{
    const struct slice value = next_value(lines, name);
    uint64_t number = 0;
    if (!text_number(value, UINT64_MAX, &number)) {
        fail(lines, name);
    }
    return number;
}

static int64_t next_time(struct manifest_lines *lines, const char *name)
{
    const struct slice value = next_value(lines, name);
    int64_t ms = 0;
    if (!slice_equal(value, slice_text("-")) && !time_parse(value, &ms)) {
        fail(lines, name);
    }
    return ms;
}

static void next_hash(struct manifest_lines *lines, const char *name,
                      uint8_t ret_hash[BLOCK_HASH_SIZE])
{
    const struct slice value = next_value(lines, name);
    size_t size = 0;
    if (sodium_hex2bin(ret_hash, BLOCK_HASH_SIZE, (const char *)value.data, value.size, NULL, &size,
                       NULL) != 0 ||
        size != BLOCK_HASH_SIZE) {
        fail(lines, name);
    }
}

/* The last line, over all before it: checked first, so that a flipped bit is reported as damage. */
static void check_checksum(struct manifest_lines *lines)
{
    static const char name[] = "checksum ";
    const struct slice text = lines->left;
    const size_t line_size = sizeof name - 1 + HASH_TEXT_SIZE;
    uint8_t hash[BLOCK_HASH_SIZE];
    char expected[HASH_TEXT_SIZE];
    if (text.size < line_size) {
        fail(lines, "the manifest is cut short");
        return;
    }
    const uint8_t *line = text.data + text.size - line_size;
    block_hash(slice_of(text.data, text.size - line_size), hash);
    hash_text(hash, expected);
    if (memcmp(line, name, sizeof name - 1) != 0 ||
        memcmp(line + sizeof name - 1, expected, HASH_TEXT_SIZE - 1) != 0 ||
        line[line_size - 1] != '\n') {
        fail(lines, "the manifest's checksum is wrong");
    }
}

static bool adds_up(const struct backup_manifest *manifest)
{
    const bool empty = manifest->blocks == 0;
    return manifest->incarnation != 0 && manifest->last <= manifest->bytes &&
           empty == (manifest->bytes == 0) && empty == (manifest->chain.position == 0) &&
           manifest->blocks <= manifest->chain.position && manifest->bytes <= INT64_MAX;
}

enum status manifest_parse(struct slice text, const char *path,
                           struct backup_manifest *ret_manifest, struct error *error)
{
    struct manifest_lines lines = {.left = text, .path = path, .number = 1, .error = error};
    const size_t size = sizeof first_line - 1;
    if (text.size >= size && memcmp(text.data, first_line, size - 1) == 0 &&
        text.data[size - 1] != (uint8_t)first_line[size - 1]) {
        return error_set(error, STATUS_VERSION,
                         "%s: the backup is of another version than this hoso knows", path);
    }
    check_checksum(&lines);
    lines.number = 0;
    struct backup_manifest manifest = {0};
    if (!slice_equal(next_value(&lines, "hoso"), slice_text(first_line + 5))) {
        fail(&lines, "not a manifest of a backup");
    }
    manifest.incarnation = next_number(&lines, "incarnation");
    manifest.chain.position = next_number(&lines, "position");
    manifest.blocks = next_number(&lines, "blocks");
    manifest.bytes = next_number(&lines, "bytes");
    manifest.last = next_number(&lines, "last");
    next_hash(&lines, "hash", manifest.chain.hash);
    manifest.journaled_at_ms = next_time(&lines, "journaled");
    manifest.created_at_ms = next_time(&lines, "created");
    (void)next_value(&lines, "version");
    if (lines.status == STATUS_OK && !adds_up(&manifest)) {
        fail(&lines, "the numbers do not add up");
    }
    if (lines.status == STATUS_OK) {
        *ret_manifest = manifest;
    }
    return lines.status;
}
