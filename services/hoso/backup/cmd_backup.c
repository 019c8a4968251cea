/* SPDX-License-Identifier: Apache-2.0
 *
 * hoso backup: copies the journal while everything runs. The journal is all that cannot be counted
 * anew, it only grows, and its feed gives blocks as they are stored; so a backup is one more reader
 * of the feed. Intake gets nothing to do that aggregation does not ask of it too: no long read
 * transaction, no copy on its disk. The next backup into the same directory takes what is new.
 */
#include "services/hoso/command.h"

#include <inttypes.h>
#include <stdio.h>

#include "base/clock.h"
#include "base/cut.h"
#include "services/hoso/backup/backup.h"
#include "services/hoso/journal_read.h"
#include "services/hoso/progress.h"

enum { COMMIT_BYTES = 256 << 20 };

static const struct usage usage = {
    "backup DIR",
    "Copy the journal into DIR, while all services run.",
    "The first time DIR is made and takes the whole journal, later only what is new. Every block "
    "is "
    "checked. Needs the\n"
    "private endpoint journal in the configuration, and a key with the role admin or service. "
    "Keys, "
    "registry and\n"
    "configuration are files: copy them yourself. hoso restore turns DIR into a journal again.",
};

struct backing {
    struct hoso_client *client;
    struct backup *backup;
    struct arena arena;
    struct progress progress;
    struct cut cut; /* the journal's end when we began */
    uint64_t bytes_before;
    int64_t started_ms;
};

static enum hoso_status fail(struct hoso_error *error, enum status status,
                             const struct error *inner)
{
    return client_fail_inner(error, status, inner);
}

/* Is it the journal that DIR is a backup of, and does it reach at least as far? */
static enum hoso_status check_journal(const struct backing *backing, struct hoso_error *error)
{
    const struct backup_manifest *manifest = backup_manifest(backing->backup);
    if (manifest->incarnation == 0) {
        return HOSO_OK;
    }
    if (manifest->incarnation != backing->cut.incarnation) {
        return client_fail(error, HOSO_CONFLICT, NULL,
                           "this is a backup of journal %" PRIu64
                           ", but intake has journal %" PRIu64
                           ": another system, or it was restored; keep this backup and give "
                           "the new journal another directory",
                           manifest->incarnation, backing->cut.incarnation);
    }
    if (manifest->chain.position > backing->cut.position) {
        return client_fail(error, HOSO_CONFLICT, NULL,
                           "the journal ends at position %" PRIu64 ", but the backup at %" PRIu64
                           ": somebody put an older copy in its place; keep this backup, and "
                           "restore it with hoso restore",
                           backing->cut.position, manifest->chain.position);
    }
    return HOSO_OK;
}

/* Is the journal's block where the backup ends the one that the backup ends with? */
static enum hoso_status check_history(const struct backing *backing,
                                      const Hoso__V1__ReadJournalReply *reply,
                                      struct hoso_error *error)
{
    const struct chain *end = &backup_manifest(backing->backup)->chain;
    uint8_t hash[BLOCK_HASH_SIZE] = {0};
    if (end->position != 0 && reply->n_blocks != 0) {
        block_hash(slice_of(reply->blocks[0].data, reply->blocks[0].len), hash);
    }
    if (memcmp(hash, end->hash, sizeof hash) != 0) {
        return client_fail(
            error, HOSO_CONFLICT, NULL,
            "the journal has another history than the backup before position %" PRIu64
            ": somebody changed it, or put an older copy in its place; keep both, "
            "and find out which one is right",
            end->position);
    }
    return HOSO_OK;
}

/* The first question asks for the block where the backup ends; its answer has the position to
 * reach.
 */
static enum hoso_status begin(struct backing *backing, struct hoso_error *error)
{
    struct error inner = {.status = STATUS_OK};
    const Hoso__V1__ReadJournalReply *reply = NULL;
    const uint64_t end = backup_position(backing->backup);
    enum hoso_status status =
        journal_read(backing->client, end != 0 ? end - 1 : 0, 1, &backing->arena, &reply, error);
    if (status != HOSO_OK) {
        return status;
    }
    backing->cut = (struct cut){reply->cut->incarnation, reply->cut->position};
    status = check_journal(backing, error);
    if (status == HOSO_OK) {
        status = check_history(backing, reply, error);
    }
    if (status != HOSO_OK) {
        return status;
    }
    backing->bytes_before = backup_manifest(backing->backup)->bytes;
    progress_begin(&backing->progress, "events", backing->cut.position);
    if (backup_manifest(backing->backup)->incarnation != 0) {
        return HOSO_OK;
    }
    const enum status begun = backup_begin(backing->backup, backing->cut.incarnation, &inner);
    return begun == STATUS_OK ? HOSO_OK : fail(error, begun, &inner);
}

static enum hoso_status take(struct backing *backing, const Hoso__V1__ReadJournalReply *reply,
                             struct hoso_error *error)
{
    struct error inner = {.status = STATUS_OK};
    enum status status = STATUS_OK;
    if (reply->cut->incarnation != backing->cut.incarnation || reply->n_blocks == 0) {
        return client_fail(error, HOSO_CONFLICT, NULL,
                           "the journal was exchanged while it was being copied: try again");
    }
    for (size_t i = 0; i < reply->n_blocks && status == STATUS_OK &&
                       backup_position(backing->backup) < backing->cut.position;
         i++) {
        status = backup_append(backing->backup,
                               slice_of(reply->blocks[i].data, reply->blocks[i].len), &inner);
    }
    if (status == STATUS_OK && backup_uncommitted(backing->backup) >= COMMIT_BYTES) {
        status = backup_commit(backing->backup, &inner);
    }
    return status == STATUS_OK ? HOSO_OK : fail(error, status, &inner);
}

static enum hoso_status copy(struct backing *backing, struct hoso_error *error)
{
    struct error inner = {.status = STATUS_OK};
    enum hoso_status status = begin(backing, error);
    while (status == HOSO_OK && backup_position(backing->backup) < backing->cut.position) {
        const Hoso__V1__ReadJournalReply *reply = NULL;
        const uint64_t position = backup_position(backing->backup);
        status = journal_read(backing->client, position, JOURNAL_READ_BYTES, &backing->arena,
                              &reply, error);
        if (status == HOSO_OK) {
            status = take(backing, reply, error);
            progress_update(&backing->progress, position, position);
        }
    }
    if (status != HOSO_OK) {
        return status;
    }
    const enum status committed = backup_commit(backing->backup, &inner);
    if (committed != STATUS_OK) {
        return fail(error, committed, &inner);
    }
    return journal_backed_up(backing->client, backing->cut.position, &backing->arena, error);
}

static void print(const struct command *command, const struct backing *backing, const char *path)
{
    const struct backup_manifest *manifest = backup_manifest(backing->backup);
    const double seconds = (double)(clock_ms() - backing->started_ms) / 1000;
    const uint64_t new_bytes = manifest->bytes - backing->bytes_before;
    char hash[HASH_TEXT_SIZE];
    hash_text(manifest->chain.hash, hash);
    if (command->format == RENDER_JSON) {
        struct render_json json = render_json_to(stdout);
        json_put_object(&json, NULL);
        json_put_text(&json, "backup", path);
        json_put_cut(&json, manifest->incarnation, manifest->chain.position);
        json_put_text(&json, "hash", hash);
        json_put_number(&json, "blocks", (int64_t)manifest->blocks);
        json_put_number(&json, "bytes", (int64_t)manifest->bytes);
        json_put_number(&json, "newBytes", (int64_t)new_bytes);
        json_put_real(&json, "seconds", seconds);
        json_put_end(&json);
        (void)fputc('\n', stdout);
    } else if (command->english) {
        (void)printf("%s: position %" PRIu64 ", %" PRIu64 " bytes (%" PRIu64
                     " new), %.1f s\nhash %s\n",
                     path, manifest->chain.position, manifest->bytes, new_bytes, seconds, hash);
    } else {
        (void)printf("%s: vị trí %" PRIu64 ", %" PRIu64 " byte (mới %" PRIu64
                     "), %.1f giây\nmã băm %s\n",
                     path, manifest->chain.position, manifest->bytes, new_bytes, seconds, hash);
    }
}

static int run(const struct command *command, struct backing *backing, const char *path)
{
    struct hoso_error error;
    struct error inner = {.status = STATUS_OK};
    const enum status opened = backup_open(path, &backing->backup, &inner);
    if (opened != STATUS_OK) {
        const int code = report_inner(opened, &inner);
        return opened == STATUS_CORRUPT ? EXIT_DIFFERENT : code;
    }
    arena_init(&backing->arena, JOURNAL_ARENA_BYTES);
    const enum hoso_status status = copy(backing, &error);
    progress_clear(&backing->progress);
    int code = EXIT_DONE;
    if (status == HOSO_OK) {
        print(command, backing, path);
    } else {
        code = report_failure(&error);
        code = error.status == HOSO_CORRUPT ? EXIT_DIFFERENT : code;
    }
    arena_fini(&backing->arena);
    backup_close(backing->backup);
    return code;
}

int cmd_backup(struct command *command, int argc, char **argv)
{
    const char *path = NULL;
    const struct option options[] = {
        {"DIR", OPTION_ARGUMENT, &path, NULL, "the backup to make or to continue", true},
        OPTIONS_END,
    };
    struct backing backing = {.started_ms = clock_ms()};
    int code = command_parse(command, argc, argv, options, &usage);
    if (code >= 0) {
        return code;
    }
    code = command_connect(command, &backing.client);
    if (code == EXIT_DONE) {
        code = run(command, &backing, path);
    }
    hoso_client_close(backing.client);
    return code;
}
