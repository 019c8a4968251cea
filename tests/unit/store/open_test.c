/* SPDX-License-Identifier: Apache-2.0
 *
 * Whom and what store_open refuses, what survives a reopening, and what a full disk does.
 */
#include "tests/unit/store/fixture.h"

#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/vfs.h>
#include <sys/wait.h>
#include <unistd.h>

enum { PAGE_BYTES = 4096, SKIPPED = 77 };

static int status_of_child(pid_t child)
{
    int status = 0;
    assert_true(child > 0);
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status));
    return WEXITSTATUS(status);
}

static void test_one_owner(void **state)
{
    struct fixture *f = *state;
    struct store *second = NULL;
    char pid[32];
    (void)snprintf(pid, sizeof pid, "process %ld ", (long)getpid());
    assert_int_equal(store_open(&f->options, &second, &f->error), STATUS_BUSY);
    assert_null(second);
    assert_non_null(strstr(f->error.text, pid));
    const pid_t child = fork();
    if (child == 0) {
        _exit((int)store_open(&f->options, &second, NULL));
    }
    assert_int_equal(status_of_child(child), STATUS_BUSY);
    assert_int_equal(reopen(f), STATUS_OK);
}

static void test_reopen(void **state)
{
    struct fixture *f = *state;
    const uint64_t incarnation = store_incarnation(f->store);
    assert_int_not_equal(incarnation, 0);
    fill(f, 1000, 50);
    assert_int_equal(reopen(f), STATUS_OK);
    assert_true(store_incarnation(f->store) == incarnation);
    assert_int_equal(read_all(f), 1000);
    static const struct {
        uint32_t schema;
        enum status status;
        const char *text;
    } cases[] = {{SCHEMA + 1, STATUS_VERSION, "no upgrade path is known"},
                 {SCHEMA - 1, STATUS_VERSION, "version 3, this hoso knows 2: run a newer hoso"},
                 {SCHEMA, STATUS_OK, NULL}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        f->options.schema_version = cases[i].schema;
        assert_int_equal(reopen(f), cases[i].status);
        assert_true(cases[i].text == NULL || strstr(f->error.text, cases[i].text) != NULL);
    }
    assert_int_equal(read_all(f), 1000);
}

static void test_options(void **state)
{
    struct fixture *f = *state;
    static const char *const plain[] = {"a", NULL};
    static const char *const reserved[] = {"meta", NULL};
    static const char *const twice[] = {"a", "b", "a", NULL};
    static const char *const nameless[] = {"", NULL};
    static const char *const many[] = {"1",  "2",  "3",  "4",  "5",  "6",  "7",  "8", "9",
                                       "10", "11", "12", "13", "14", "15", "16", NULL};
    static const struct store_options cases[] = {{"/nowhere", reserved, 1, MAP_BYTES, true, false},
                                                 {"/nowhere", twice, 1, MAP_BYTES, true, false},
                                                 {"/nowhere", nameless, 1, MAP_BYTES, true, false},
                                                 {"/nowhere", many, 1, MAP_BYTES, true, false},
                                                 {"/nowhere", plain, 1, 0, true, false},
                                                 {"", plain, 1, MAP_BYTES, true, false},
                                                 {NULL, plain, 1, MAP_BYTES, true, false}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct store *store = NULL;
        assert_int_equal(store_open(&cases[i], &store, &f->error), STATUS_INVALID);
        assert_null(store);
        assert_true(f->error.text[0] != '\0');
    }
}

static void test_directory(void **state)
{
    struct fixture *f = *state;
    char path[PATH_BYTES + 32];
    struct stat info;
    (void)snprintf(path, sizeof path, "%s/new", f->path);
    f->options.path = path;
    assert_int_equal(reopen(f), STATUS_OK);
    assert_int_equal(stat(path, &info), 0);
    assert_int_equal(info.st_mode & 0777, 0700);
    (void)snprintf(path, sizeof path, "%s/no/parent", f->path);
    assert_int_equal(reopen(f), STATUS_NOT_FOUND);
    assert_non_null(strstr(f->error.text, "parent"));
    if (geteuid() == 0) {
        assert_int_equal(chown(f->path, 65534, 65534), 0);
        f->options.path = f->path;
        assert_int_equal(reopen(f), STATUS_DENIED);
        assert_non_null(strstr(f->error.text, "belongs to user 65534"));
    }
}

static long injected_type; /* what fstatfs says instead of the truth; 0 = the truth */

int fstatfs(int fd, struct statfs *ret_info)
{
    const int code = (int)syscall(SYS_fstatfs, fd, ret_info);
    if (code == 0 && injected_type != 0) {
        ret_info->f_type = injected_type;
    }
    return code;
}

static void test_network_filesystems(void **state)
{
    struct fixture *f = *state;
    static const struct {
        long type;
        const char *name;
    } rows[] = {{0x6969, "NFS"},         {0xFF534D42, "CIFS"},   {0x65735546, "FUSE"},
                {0x01021997, "9p"},      {0x786F4256, "vboxsf"}, {0x00C36400, "CephFS"},
                {0x794C7630, "overlay"}, {0x5346414F, "AFS"}};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        bool there;
        injected_type = rows[i].type;
        f->options.any_filesystem = false;
        assert_int_equal(reopen(f), STATUS_DENIED);
        assert_non_null(strstr(f->error.text, rows[i].name));
        assert_int_equal(store_check_directory(f->path, false, &there, &f->error), STATUS_DENIED);
        f->options.any_filesystem = true;
        assert_int_equal(reopen(f), STATUS_OK);
    }
    injected_type = 0;
}

static void test_filesystems(void **state)
{
    struct fixture *f = *state;
    struct statfs info;
    char path[] = "/dev/shm/store_test.XXXXXX";
    if (statfs("/dev/shm", &info) != 0 || info.f_type != 0x01021994 || mkdtemp(path) == NULL) {
        skip();
    }
    f->options.path = path;
    f->options.any_filesystem = false;
    const enum status refused = reopen(f);
    f->options.any_filesystem = true;
    const enum status allowed = reopen(f);
    store_close(f->store);
    f->store = NULL;
    remove_tree(path);
    assert_int_equal(refused, STATUS_DENIED);
    assert_int_equal(allowed, STATUS_OK);
}

/* Asked for beforehand, each directory gets the answer that store_open would give; nothing is made.
 */
static void test_check_directory(void **state)
{
    struct fixture *f = *state;
    struct stat info;
    char path[PATH_BYTES + 32];
    bool there = false;
    (void)snprintf(path, sizeof path, "%s/new", f->path);
    assert_int_equal(store_check_directory(f->path, true, &there, &f->error), STATUS_OK);
    assert_int_equal(store_check_directory(path, true, &there, &f->error), STATUS_OK);
    assert_int_not_equal(stat(path, &info), 0);
    (void)snprintf(path, sizeof path, "%s/no/parent", f->path);
    assert_int_equal(store_check_directory(path, true, &there, &f->error), STATUS_NOT_FOUND);
    assert_non_null(strstr(f->error.text, "make its parent directory first"));
    (void)snprintf(path, sizeof path, "%s/data.mdb", f->path);
    assert_int_not_equal(store_check_directory(path, true, &there, &f->error), STATUS_OK);
    struct statfs filesystem;
    if (statfs("/dev/shm", &filesystem) == 0 && filesystem.f_type == 0x01021994) {
        assert_int_equal(store_check_directory("/dev/shm/none", false, &there, &f->error),
                         STATUS_DENIED);
        assert_non_null(strstr(f->error.text, "/dev/shm/none is on tmpfs"));
    }
    if (geteuid() == 0) {
        assert_int_equal(chown(f->path, 65534, 65534), 0);
        assert_int_equal(store_check_directory(f->path, true, &there, &f->error), STATUS_DENIED);
        assert_non_null(strstr(f->error.text, "belongs to user 65534"));
    }
}

static void test_garbage(void **state)
{
    struct fixture *f = *state;
    static uint8_t data[4 * PAGE_BYTES];
    static const struct {
        size_t bytes;
        int seed;
    } cases[] = {{0, 0},          {1, 0},           {PAGE_BYTES, 0},  {2 * PAGE_BYTES - 1, 7},
                 {PAGE_BYTES, 7}, {sizeof data, 0}, {sizeof data, 7}, {sizeof data - 1, 7}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        for (size_t k = 0; k < cases[i].bytes; k++) {
            data[k] = (uint8_t)(k * k * (size_t)cases[i].seed >> 3);
        }
        store_close(f->store);
        f->store = NULL;
        write_file(f, "data.mdb", data, cases[i].bytes);
        assert_int_equal(reopen(f), STATUS_CORRUPT);
        assert_non_null(strstr(f->error.text, "backup"));
    }
}

static off_t data_size(const struct fixture *f)
{
    struct stat info;
    const int fd = open_file(f, "data.mdb", O_RDONLY);
    assert_int_equal(fstat(fd, &info), 0);
    close(fd);
    return info.st_size;
}

static uint8_t *read_data(const struct fixture *f, size_t size)
{
    uint8_t *data = malloc(size);
    assert_non_null(data);
    const int fd = open_file(f, "data.mdb", O_RDONLY);
    assert_int_equal(read(fd, data, size), size);
    close(fd);
    return data;
}

/* Wherever the file is cut, the store is refused, or else no record of it is missing. */
static void test_cut_short(void **state)
{
    struct fixture *f = *state;
    unsigned refused = 0;
    fill(f, 600, 100);
    fill(f, 20, 3 * PAGE_BYTES);
    store_close(f->store);
    f->store = NULL;
    const size_t size = (size_t)data_size(f);
    uint8_t *data = read_data(f, size);
    for (size_t cut = 0; cut < size; cut += PAGE_BYTES / 2) {
        write_file(f, "data.mdb", data, cut);
        const enum status status = reopen(f);
        if (status == STATUS_OK) {
            assert_int_equal(read_all(f), 600);
            store_close(f->store);
            f->store = NULL;
        } else {
            assert_int_equal(status, STATUS_CORRUPT);
            assert_int_equal(data_size(f), cut); /* and is left as it was */
            refused++;
        }
    }
    assert_true(refused > size / PAGE_BYTES);
    write_file(f, "data.mdb", data, size);
    assert_int_equal(reopen(f), STATUS_OK);
    assert_int_equal(read_all(f), 600);
    free(data);
}

/* Pages taken and given back by one transaction are never written: a shorter file is whole. */
static void test_short_but_whole(void **state)
{
    struct fixture *f = *state;
    struct store_txn txn;
    static uint8_t value[256 * PAGE_BYTES];
    for (unsigned i = 0; i < 3; i++) {
        fill(f, 600, 100); /* leaves pages to be reused, without which none is given back */
    }
    store_begin_write(f->store, &txn);
    store_put(&txn, LEDGER, slice_text("small"), slice_text("stays"));
    store_put(&txn, LEDGER, slice_text("large"), slice_of(value, sizeof value));
    store_delete(&txn, LEDGER, slice_text("large"));
    assert_int_equal(store_commit(&txn), STATUS_OK);
    assert_true((uint64_t)data_size(f) < sizeof value);
    assert_int_equal(reopen(f), STATUS_OK);
    assert_int_equal(read_all(f), 600);
}

/* Whatever transactions leave behind, a store that was closed opens again. */
static void test_random_transactions(void **state)
{
    struct fixture *f = *state;
    static uint8_t value[20 * PAGE_BYTES];
    unsigned shorter = 0;
    uint32_t random = 1;
    for (unsigned i = 0; i < 150; i++) {
        struct store_txn txn;
        store_begin_write(f->store, &txn);
        for (unsigned k = 0; k < 1 + i % 40; k++) {
            char key[16];
            random = random * 1664525 + 1013904223;
            const struct slice name = numbered(random >> 26, key);
            const size_t size =
                (random >> 8) % 4 == 0 ? (random >> 4) % sizeof value : (random >> 4) % 3000;
            if ((random >> 16) % 3 == 0) {
                store_delete(&txn, LEDGER, name);
            } else {
                store_put(&txn, LEDGER, name, slice_of(value, size));
            }
        }
        if (i % 3 == 0) { /* what leaves a short file */
            store_put(&txn, LEDGER, slice_text("gone"), slice_of(value, sizeof value));
            store_delete(&txn, LEDGER, slice_text("gone"));
        }
        assert_int_equal(store_commit(&txn), STATUS_OK);
        const off_t written = data_size(f);
        assert_int_equal(reopen(f), STATUS_OK);
        shorter += data_size(f) > written;
    }
    assert_int_not_equal(shorter, 0);
}

/* Bytes behind the last page, as a write on a full disk leaves them, are harmless. */
static void test_longer(void **state)
{
    struct fixture *f = *state;
    fill(f, 600, 100);
    store_close(f->store);
    f->store = NULL;
    const int fd = open_file(f, "data.mdb", O_WRONLY | O_APPEND);
    assert_int_equal(write(fd, "rest", 4), 4);
    close(fd);
    assert_int_equal(reopen(f), STATUS_OK);
    assert_int_equal(read_all(f), 600);
}

static void test_interrupted_creation(void **state)
{
    struct fixture *f = *state;
    static const char lock[] = "1                    creating  \n";
    static const size_t sizes[] = {0, 100, PAGE_BYTES};
    static const uint8_t zeros[PAGE_BYTES];
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        store_close(f->store);
        f->store = NULL;
        write_file(f, "data.mdb", zeros, sizes[i]);
        write_file(f, "owner.lock", lock, sizeof lock - 1);
        assert_int_equal(reopen(f), STATUS_OK);
        fill(f, 10, 10);
    }
    assert_int_equal(reopen(f), STATUS_OK);
    assert_int_equal(read_all(f), 10);
}

static void test_damaged_meta(void **state)
{
    struct fixture *f = *state;
    fill(f, 5, 10);
    store_close(f->store);
    f->store = NULL;
    const size_t size = (size_t)data_size(f);
    uint8_t *data = read_data(f, size);
    /* A flipped bit of every copy of the meta record. */
    for (size_t i = 0; i + 4 <= size; i++) {
        if (memcmp(data + i, "HOSO", 4) == 0) {
            data[i + 10] ^= 1;
        }
    }
    write_file(f, "data.mdb", data, size);
    free(data);
    assert_int_equal(store_check(&f->options, &f->error), STATUS_CORRUPT);
    assert_int_equal(reopen(f), STATUS_CORRUPT);
}

/* What store_open would say, and nothing is changed: not even a store that it would make anew. */
static void test_check(void **state)
{
    struct fixture *f = *state;
    fill(f, 5, 10);
    assert_int_equal(store_check(&f->options, &f->error), STATUS_BUSY);
    store_close(f->store);
    f->store = NULL;
    assert_int_equal(store_check(&f->options, &f->error), STATUS_OK);
    f->options.schema_version++;
    assert_int_equal(store_check(&f->options, &f->error), STATUS_VERSION);
    f->options.schema_version--;
    f->options.derived = true;
    const char damaged[] = "1                    damaged   \n";
    write_file(f, "owner.lock", (const uint8_t *)damaged, sizeof damaged - 1);
    assert_int_equal(store_check(&f->options, &f->error), STATUS_OK);
    const off_t size = data_size(f);
    assert_true(size > 0);
    assert_int_equal(reopen(f), STATUS_OK);
    assert_true(store_was_made_anew(f->store));
}

static bool write_map(const char *path, const char *text)
{
    const int fd = open(path, O_WRONLY | O_CLOEXEC);
    const bool written = fd >= 0 && write(fd, text, strlen(text)) == (ssize_t)strlen(text);
    if (fd >= 0) {
        close(fd);
    }
    return written;
}

/* A user without rights gets them in a user namespace of its own, where that is allowed. */
static bool may_mount(void)
{
    if (geteuid() == 0) {
        return unshare(CLONE_NEWNS) == 0;
    }
    char users[32];
    char groups[32];
    (void)snprintf(users, sizeof users, "0 %u 1", geteuid());
    (void)snprintf(groups, sizeof groups, "0 %u 1", getegid());
    return unshare(CLONE_NEWUSER | CLONE_NEWNS) == 0 && write_map("/proc/self/setgroups", "deny") &&
           write_map("/proc/self/uid_map", users) && write_map("/proc/self/gid_map", groups);
}

/* In a child with a file system of its own, since a disk must be filled. Codes tell which step
 * failed. */
static int fill_small_disk(const char *path)
{
    struct fixture f = {
        .options = {path, (const char *const[]){"dossiers", NULL}, 1, 64U << 20, true, false}};
    static uint8_t value[1 << 20];
    struct store_txn txn;
    char key[16];
    if (!may_mount() || mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) != 0 ||
        mount("store_test", path, "tmpfs", 0, "size=4m,mode=700") != 0) {
        return SKIPPED;
    }
    if (store_open(&f.options, &f.store, &f.error) != STATUS_OK) {
        return 1;
    }
    fill(&f, 10, 100);
    store_begin_write(f.store, &txn);
    for (unsigned i = 10; i < 20; i++) {
        store_put(&txn, DOSSIERS, numbered(i, key), slice_of(value, sizeof value));
    }
    if (txn.status != STATUS_OK || store_commit(&txn) != STATUS_FULL || !store_is_full(f.store)) {
        return 2;
    }
    fill(&f, 5, 100);
    const bool whole = read_all(&f) == 10 && reopen(&f) == STATUS_OK && read_all(&f) == 10;
    store_close(f.store);
    return whole ? 0 : 3;
}

static void test_disk_full(void **state)
{
    struct fixture *f = *state;
    store_close(f->store);
    f->store = NULL;
    const pid_t child = fork();
    if (child == 0) {
        _exit(fill_small_disk(f->path));
    }
    const int code = status_of_child(child);
    if (code == SKIPPED) {
        skip();
    }
    assert_int_equal(code, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_one_owner, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_reopen, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_options, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_directory, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_network_filesystems, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_filesystems, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_check_directory, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_garbage, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_cut_short, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_short_but_whole, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_random_transactions, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_longer, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_interrupted_creation, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_damaged_meta, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_check, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_disk_full, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
