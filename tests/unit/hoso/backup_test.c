/* SPDX-License-Identifier: Apache-2.0
 *
 * Backups: the manifest's text, growing, what an interrupted run leaves, and every kind of damage.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/require.h"
#include "services/hoso/backup/backup.h"
#include "tests/unit/client/folder.h"

enum { BLOCKS = 6, INCARNATION = 77, PATH_BYTES = FOLDER_MAX + 32, FILE_MAX = 1 << 16 };

struct fixture {
    char folder[FOLDER_MAX];
    char path[PATH_BYTES];
    struct buffer blocks[BLOCKS];
    uint64_t ends[BLOCKS]; /* positions */
    struct error error;
};

/* Blocks of i + 1 events. */
static void make_blocks(struct fixture *f)
{
    struct buffer payload;
    struct block block = {.kind = BLOCK_EVENTS,
                          .first_position = 1,
                          .journaled_at_ms = TIME_MIN_MS,
                          .source = slice_text("cam-xuyen"),
                          .epoch = 1,
                          .first_sequence = 1};
    const struct event event = {.event_id = slice_text("e-1"),
                                .dossier = slice_text("H27.45-240119-0001"),
                                .kind = KIND_RESOLVED,
                                .occurred_at_ms = TIME_MIN_MS};
    buffer_init(&payload, 1 << 16);
    for (uint32_t i = 0; i < BLOCKS; i++) {
        block_put_event(&payload, &event);
        block.count = i + 1;
        block.payload = buffer_slice(&payload);
        block.journaled_at_ms++;
        buffer_init(&f->blocks[i], BLOCK_BYTES_MAX);
        block_encode(&block, &f->blocks[i], block.previous);
        block.first_position += block.count;
        block.first_sequence += block.count;
        f->ends[i] = block.first_position - 1;
    }
    buffer_fini(&payload);
}

static int set_up(void **state)
{
    struct fixture *f = calloc(1, sizeof *f);
    require(f != NULL);
    folder_make(f->folder);
    (void)snprintf(f->path, sizeof f->path, "%s/backup", f->folder);
    make_blocks(f);
    *state = f;
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *f = *state;
    for (unsigned i = 0; i < BLOCKS; i++) {
        buffer_fini(&f->blocks[i]);
    }
    folder_remove(f->folder);
    free(f);
    return 0;
}

static struct backup *opened(struct fixture *f)
{
    struct backup *backup = NULL;
    const enum status status = backup_open(f->path, &backup, &f->error);
    assert_string_equal(status == STATUS_OK ? "" : f->error.text, "");
    return backup;
}

static void append(struct fixture *f, struct backup *backup, unsigned from, unsigned to)
{
    for (unsigned i = from; i < to; i++) {
        assert_int_equal(backup_append(backup, buffer_slice(&f->blocks[i]), &f->error), STATUS_OK);
    }
}

/* A backup of the first `count` blocks, closed. */
static void make_backup(struct fixture *f, unsigned count)
{
    struct backup *backup = opened(f);
    if (backup_manifest(backup)->incarnation == 0) {
        assert_int_equal(backup_begin(backup, INCARNATION, &f->error), STATUS_OK);
    }
    append(f, backup, (unsigned)backup_manifest(backup)->blocks, count);
    assert_int_equal(backup_commit(backup, &f->error), STATUS_OK);
    backup_close(backup);
}

static enum status count_events(void *context, struct slice bytes, const struct block *block,
                                const struct chain *chain, struct error *error)
{
    uint64_t *events = context;
    (void)bytes;
    (void)error;
    *events += block->count;
    assert_int_equal(chain->position, *events);
    return STATUS_OK;
}

/* Opens to read and walks; the events, if all is well. */
static enum status check(struct fixture *f, uint64_t *ret_events)
{
    struct backup *backup = NULL;
    *ret_events = 0;
    enum status status = backup_open_to_read(f->path, &backup, &f->error);
    if (status == STATUS_OK) {
        status = backup_walk(backup, count_events, ret_events, &f->error);
        backup_close(backup);
    }
    return status;
}

static int open_file(const struct fixture *f, const char *name, int flags)
{
    char path[PATH_BYTES + 32];
    (void)snprintf(path, sizeof path, "%s/%s", f->path, name);
    const int fd = open(path, flags | O_CLOEXEC, 0600);
    assert_true(fd >= 0);
    return fd;
}

static size_t read_file(const struct fixture *f, const char *name, uint8_t data[FILE_MAX])
{
    const int fd = open_file(f, name, O_RDONLY);
    const ssize_t size = read(fd, data, FILE_MAX);
    close(fd);
    assert_true(size > 0 && size < FILE_MAX);
    return (size_t)size;
}

static void write_file(const struct fixture *f, const char *name, const void *data, size_t size)
{
    const int fd = open_file(f, name, O_WRONLY | O_CREAT | O_TRUNC);
    assert_int_equal(write(fd, data, size), size);
    close(fd);
}

static void test_manifest_comes_back(void **state)
{
    (void)state;
    const struct backup_manifest given[] = {
        {.incarnation = 1, .created_at_ms = TIME_MIN_MS},
        {.incarnation = UINT64_MAX,
         .chain = {.position = 12345, .hash = {0x00, 0x9f, 0xff}},
         .blocks = 77,
         .bytes = 98765,
         .last = 98000,
         .journaled_at_ms = INT64_C(1705626720123),
         .created_at_ms = INT64_C(1705626720000)}};
    struct buffer text;
    buffer_init(&text, MANIFEST_BYTES_MAX);
    for (size_t i = 0; i < sizeof given / sizeof given[0]; i++) {
        struct backup_manifest got = {0};
        manifest_write(&given[i], &text);
        assert_int_equal(manifest_parse(buffer_slice(&text), "m", &got, NULL), STATUS_OK);
        assert_memory_equal(&got, &given[i], sizeof got);
    }
    buffer_fini(&text);
}

static void test_manifest_refuses(void **state)
{
    (void)state;
    const struct backup_manifest given = {
        .incarnation = 5, .chain = {.position = 9}, .blocks = 2, .bytes = 300, .last = 150};
    struct buffer text;
    struct backup_manifest got = {0};
    struct error error;
    buffer_init(&text, MANIFEST_BYTES_MAX);
    manifest_write(&given, &text);
    for (size_t i = 0; i < 8 * text.size; i++) { /* any flipped bit */
        text.data[i / 8] ^= (uint8_t)(1U << i % 8);
        assert_int_not_equal(manifest_parse(buffer_slice(&text), "m", &got, &error), STATUS_OK);
        text.data[i / 8] ^= (uint8_t)(1U << i % 8);
    }
    for (size_t size = 0; size < text.size; size++) { /* cut anywhere */
        assert_int_equal(manifest_parse(slice_of(text.data, size), "m", &got, &error),
                         STATUS_CORRUPT);
        assert_non_null(strstr(error.text, "m:"));
    }
    assert_int_equal(got.incarnation, 0);
    text.data[sizeof "hoso backup " - 1] = '2';
    assert_int_equal(manifest_parse(buffer_slice(&text), "m", &got, &error), STATUS_VERSION);
    buffer_fini(&text);
}

/* Under a right checksum, too: made by hand. */
static void test_manifest_checks_its_numbers(void **state)
{
    (void)state;
    static const struct backup_manifest rows[] = {
        {.incarnation = 0},
        {.incarnation = 1, .blocks = 1, .bytes = 100},
        {.incarnation = 1, .blocks = 1, .chain = {.position = 1}},
        {.incarnation = 1, .bytes = 1},
        {.incarnation = 1, .blocks = 2, .bytes = 100, .chain = {.position = 1}},
        {.incarnation = 1, .blocks = 1, .bytes = 100, .last = 101, .chain = {.position = 1}}};
    struct buffer text;
    struct backup_manifest got;
    buffer_init(&text, MANIFEST_BYTES_MAX);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        manifest_write(&rows[i], &text);
        assert_int_equal(manifest_parse(buffer_slice(&text), "m", &got, NULL), STATUS_CORRUPT);
    }
    buffer_fini(&text);
}

static void test_grows(void **state)
{
    struct fixture *f = *state;
    static const unsigned steps[] = {0, 0, 1, 4, 4, BLOCKS};
    uint64_t events = 0;
    for (size_t i = 0; i < sizeof steps / sizeof steps[0]; i++) {
        make_backup(f, steps[i]);
        const bool empty = steps[i] == 0; /* an empty backup is never whole */
        assert_int_equal(check(f, &events), empty ? STATUS_NOT_FOUND : STATUS_OK);
        assert_int_equal(events, empty ? 0 : f->ends[steps[i] - 1]);
    }
}

/* What was not committed does not count, and the next run takes it away. */
static void test_interrupted(void **state)
{
    struct fixture *f = *state;
    uint64_t events = 0;
    struct stat file;
    struct backup *backup = opened(f);
    backup_close(backup); /* before anything */
    assert_int_equal(check(f, &events), STATUS_NOT_FOUND);
    make_backup(f, 2);
    backup = opened(f);
    append(f, backup, 2, 5);
    assert_int_equal(backup_position(backup), f->ends[4]);
    assert_int_equal(backup_manifest(backup)->chain.position, f->ends[1]);
    backup_close(backup);
    write_file(f, "manifest.new", "hoso back", 9);
    assert_int_equal(check(f, &events), STATUS_OK);
    assert_int_equal(events, f->ends[1]);
    make_backup(f, 3);
    assert_int_equal(check(f, &events), STATUS_OK);
    assert_int_equal(events, f->ends[2]);
    char path[PATH_BYTES + 16];
    (void)snprintf(path, sizeof path, "%s/blocks", f->path);
    assert_int_equal(stat(path, &file), 0);
    assert_int_equal(file.st_size, f->blocks[0].size + f->blocks[1].size + f->blocks[2].size);
}

static void test_only_what_follows(void **state)
{
    struct fixture *f = *state;
    uint64_t events = 0;
    make_backup(f, 2);
    struct backup *backup = opened(f);
    assert_int_equal(backup_append(backup, buffer_slice(&f->blocks[3]), &f->error), STATUS_CORRUPT);
    assert_int_equal(backup_append(backup, buffer_slice(&f->blocks[1]), &f->error), STATUS_CORRUPT);
    append(f, backup, 2, 3);
    assert_int_equal(backup_commit(backup, &f->error), STATUS_OK);
    backup_close(backup);
    assert_int_equal(check(f, &events), STATUS_OK);
    assert_int_equal(events, f->ends[2]);
}

static void test_one_writer(void **state)
{
    struct fixture *f = *state;
    struct backup *other = NULL;
    make_backup(f, 2);
    struct backup *backup = opened(f);
    assert_int_equal(backup_open(f->path, &other, &f->error), STATUS_BUSY);
    assert_int_equal(backup_open_to_read(f->path, &other, &f->error), STATUS_BUSY);
    assert_null(other);
    backup_close(backup);
}

/* A flipped bit of any byte of either file is found, with the file's name. */
static void test_any_flipped_bit(void **state)
{
    static const char *const names[] = {"blocks", "manifest"};
    static uint8_t data[FILE_MAX];
    struct fixture *f = *state;
    uint64_t events = 0;
    make_backup(f, BLOCKS);
    for (unsigned n = 0; n < 2; n++) {
        const size_t size = read_file(f, names[n], data);
        for (size_t i = 0; i < size; i++) {
            data[i] ^= (uint8_t)(1U << i % 8);
            write_file(f, names[n], data, size);
            assert_int_not_equal(check(f, &events), STATUS_OK);
            assert_non_null(strstr(f->error.text, names[n]));
            data[i] ^= (uint8_t)(1U << i % 8);
        }
        write_file(f, names[n], data, size);
    }
    assert_int_equal(check(f, &events), STATUS_OK);
}

static void test_any_cut(void **state)
{
    static uint8_t data[FILE_MAX];
    struct fixture *f = *state;
    struct backup *backup = NULL;
    uint64_t events = 0;
    make_backup(f, BLOCKS);
    const size_t size = read_file(f, "blocks", data);
    for (size_t cut = 0; cut < size; cut += 13) {
        write_file(f, "blocks", data, cut);
        assert_int_equal(check(f, &events), STATUS_CORRUPT);
        assert_non_null(strstr(f->error.text, "cut short"));
        assert_int_equal(backup_open(f->path, &backup, &f->error), STATUS_CORRUPT);
    }
    write_file(f, "blocks", data, size);
    assert_int_equal(check(f, &events), STATUS_OK);
    char path[PATH_BYTES + 16];
    (void)snprintf(path, sizeof path, "%s/manifest", f->path);
    assert_int_equal(unlink(path), 0);
    assert_int_equal(check(f, &events), STATUS_CORRUPT);
    assert_int_equal(backup_open(f->path, &backup, &f->error), STATUS_CORRUPT);
    assert_non_null(strstr(f->error.text, "no manifest beside it"));
}

/* Whole blocks in another order, or of a shorter journal, prove nothing. */
static void test_exchanged_blocks(void **state)
{
    static uint8_t data[FILE_MAX];
    struct fixture *f = *state;
    struct backup *backup = NULL;
    uint64_t events = 0;
    make_backup(f, BLOCKS);
    const size_t size = read_file(f, "blocks", data);
    memmove(data, data + f->blocks[0].size, size - f->blocks[0].size);
    memcpy(data + size - f->blocks[0].size, f->blocks[0].data, f->blocks[0].size);
    write_file(f, "blocks", data, size);
    assert_int_equal(check(f, &events), STATUS_CORRUPT);
    assert_non_null(strstr(f->error.text, "byte 0: the journal has position 2 where 1 must come"));
    assert_int_equal(backup_open(f->path, &backup, &f->error), STATUS_CORRUPT);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_manifest_comes_back),
        cmocka_unit_test(test_manifest_refuses),
        cmocka_unit_test(test_manifest_checks_its_numbers),
        TEST(test_grows),
        TEST(test_interrupted),
        TEST(test_only_what_follows),
        TEST(test_one_writer),
        TEST(test_any_flipped_bit),
        TEST(test_any_cut),
        TEST(test_exchanged_blocks),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
