/* SPDX-License-Identifier: Apache-2.0
 *
 * hoso restore: checks a backup, and makes a journal of it. Offline: intake's data directory must
 * be empty and used by no service. All is read and checked once before anything is written.
 */
#include "services/hoso/command.h"

#include <inttypes.h>
#include <stdio.h>

#include "base/clock.h"
#include "journal_store/restore.h"
#include "services/hoso/backup/backup.h"
#include "services/hoso/progress.h"

#define MAP_BYTES (UINT64_C(256) << 30)

/* Epochs are counted one by one, so none that was ever granted is above this. */
enum { EPOCHS_PER_SECOND = 1 << 20 };

static const struct usage usage = {
    "restore BACKUP --to DATA | restore BACKUP --check",
    "Make a journal of a backup, or check one.",
    "DATA is intake's data directory, empty, and intake does not run. Run it as intake's user. The "
    "journal gets a new\n"
    "incarnation: aggregation's data directory has to be emptied, so that it counts anew. Exit "
    "code "
    "5: the backup is\n"
    "damaged.",
};

struct restoring {
    struct backup *backup;
    struct journal_restore *restore;
    struct progress progress;
    uint64_t epoch; /* the highest that was seen */
    uint64_t incarnation;
};

static enum status check_block(void *context, struct slice bytes, const struct block *block,
                               const struct chain *chain, struct error *error)
{
    struct restoring *restoring = context;
    (void)bytes;
    (void)error;
    restoring->epoch = block->epoch > restoring->epoch ? block->epoch : restoring->epoch;
    progress_update(&restoring->progress, chain->position, chain->position);
    return STATUS_OK;
}

static enum status restore_block(void *context, struct slice bytes, const struct block *block,
                                 const struct chain *chain, struct error *error)
{
    struct restoring *restoring = context;
    progress_update(&restoring->progress, chain->position, chain->position);
    return journal_restore_block(restoring->restore, bytes, block, chain, error);
}

static enum status walk(struct restoring *restoring, backup_visit *visit, struct error *error)
{
    progress_begin(&restoring->progress, "events",
                   backup_manifest(restoring->backup)->chain.position);
    const enum status status = backup_walk(restoring->backup, visit, restoring, error);
    progress_clear(&restoring->progress);
    return status;
}

static enum status write_journal(struct restoring *restoring, const char *data, bool any_filesystem,
                                 struct error *error)
{
    const struct journal_options options = {
        .path = data, .map_bytes = MAP_BYTES, .any_filesystem = any_filesystem};
    const uint64_t now = (uint64_t)clock_unix_ms() / 1000 * EPOCHS_PER_SECOND;
    const uint64_t epoch = restoring->epoch > now ? restoring->epoch : now;
    enum status status = journal_restore_begin(&options, epoch, &restoring->restore, error);
    if (status == STATUS_OK) {
        status = walk(restoring, restore_block, error);
    }
    if (status == STATUS_OK) {
        status = journal_restore_end(restoring->restore, &restoring->incarnation, error);
    }
    journal_restore_free(restoring->restore);
    return status;
}

static void print_json(const struct restoring *restoring, const char *data)
{
    const struct backup_manifest *manifest = backup_manifest(restoring->backup);
    char hash[HASH_TEXT_SIZE];
    char journaled[TIME_TEXT_SIZE];
    char created[TIME_TEXT_SIZE];
    hash_text(manifest->chain.hash, hash);
    manifest_time(manifest->journaled_at_ms, journaled);
    manifest_time(manifest->created_at_ms, created);
    struct render_json json = render_json_to(stdout);
    json_put_object(&json, NULL);
    json_put_cut(&json, manifest->incarnation, manifest->chain.position);
    json_put_text(&json, "hash", hash);
    json_put_number(&json, "blocks", (int64_t)manifest->blocks);
    json_put_number(&json, "bytes", (int64_t)manifest->bytes);
    json_put_text(&json, "journaledAt", journaled);
    json_put_text(&json, "createdAt", created);
    if (data != NULL) {
        json_put_text(&json, "data", data);
        json_put_id(&json, "newIncarnation", restoring->incarnation);
    }
    json_put_end(&json);
    (void)fputc('\n', stdout);
}

static void print(const struct command *command, const struct restoring *restoring,
                  const char *path, const char *data)
{
    const struct backup_manifest *manifest = backup_manifest(restoring->backup);
    const bool english = command->english;
    char journaled[TIME_TEXT_SIZE];
    if (command->format == RENDER_JSON) {
        print_json(restoring, data);
        return;
    }
    manifest_time(manifest->journaled_at_ms, journaled);
    (void)printf(english ? "%s: whole, up to position %" PRIu64 ", journaled at %s\n"
                         : "%s: nguyên vẹn, đến vị trí %" PRIu64 ", ghi lúc %s\n",
                 path, manifest->chain.position, journaled);
    if (data != NULL) {
        (void)printf(english ? "%s: restored\n" : "%s: đã phục hồi\n", data);
        (void)fprintf(stderr,
                      "Next: empty aggregation's data directory, start the services, and have the "
                      "counters publish again what they sent since %s; twice is harmless.\n",
                      journaled);
    }
}

static int run(const struct command *command, const char *path, const char *data,
               bool any_filesystem)
{
    struct restoring restoring = {.backup = NULL};
    struct error error = {.status = STATUS_OK};
    enum status status = backup_open_to_read(path, &restoring.backup, &error);
    if (status == STATUS_OK) {
        status = walk(&restoring, check_block, &error);
    }
    int code = status == STATUS_CORRUPT ? EXIT_DIFFERENT : EXIT_FAILED;
    if (status == STATUS_OK && data != NULL) {
        status = write_journal(&restoring, data, any_filesystem, &error);
        code = EXIT_FAILED;
    }
    if (status == STATUS_OK) {
        print(command, &restoring, path, data);
        code = EXIT_DONE;
    } else {
        (void)report_inner(status, &error);
    }
    backup_close(restoring.backup);
    return code;
}

int cmd_restore(struct command *command, int argc, char **argv)
{
    const char *path = NULL;
    const char *data = NULL;
    bool check = false;
    bool any_filesystem = false;
    const struct option options[] = {
        {"BACKUP", OPTION_ARGUMENT, &path, NULL, "the directory that `hoso backup` made", true},
        {"to", OPTION_TEXT, &data, "DATA", "intake's data directory", false},
        {"check", OPTION_FLAG, &check, NULL, "only check the backup", false},
        {"any-filesystem", OPTION_FLAG, &any_filesystem, NULL,
         "allow tmpfs, overlay and network file systems for DATA", false},
        OPTIONS_END,
    };
    const int code = command_parse(command, argc, argv, options, &usage);
    if (code >= 0) {
        return code;
    }
    if (check == (data != NULL)) {
        return usage_error(&usage, "give either --to or --check");
    }
    return run(command, path, data, any_filesystem);
}
