/* SPDX-License-Identifier: Apache-2.0
 *
 * hoso verify: counts the whole journal anew, apart from the services, and compares every record of
 * the ledger.
 */
#include "services/hoso/command.h"

#include <dirent.h>
#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "aggregate/aggregate.h"
#include "replica/replica.h"
#include "services/hoso/verify/verify.h"

#define MAP_BYTES (UINT64_C(256) << 30)

static const struct usage usage = {
    "verify [--work DIR]",
    "Count the journal anew and compare with the ledger.",
    "Checks every block's checksum and chain, counts it into a store of its own, and compares all "
    "records at the same\n"
    "cut. Needs the private endpoints journal and ledger in the configuration, and a key with the "
    "role admin. Takes\n"
    "disk space as aggregation does while it runs. Exit code 5: there is a difference.",
};

struct verifying {
    char folder[PATH_MAX]; /* made for this run */
    char counted_path[PATH_MAX + 16];
    char copied_path[PATH_MAX + 16];
    struct store *counted;
    struct store *copied;
};

static void remove_folder(const char *path)
{
    DIR *folder = opendir(path);
    if (folder == NULL) {
        return;
    }
    for (const struct dirent *entry = readdir(folder); entry != NULL; entry = readdir(folder)) {
        (void)unlinkat(dirfd(folder), entry->d_name, 0); /* . and .. stay */
    }
    (void)closedir(folder);
    (void)rmdir(path);
}

static void end(struct verifying *verifying)
{
    store_close(verifying->counted);
    store_close(verifying->copied);
    if (verifying->folder[0] != '\0') {
        remove_folder(verifying->counted_path);
        remove_folder(verifying->copied_path);
        (void)rmdir(verifying->folder);
    }
}

static enum status open_store(const char *path, const char *const *tables, uint32_t schema,
                              struct store **ret_store, struct error *error)
{
    const struct store_options options = {.path = path,
                                          .tables = tables,
                                          .schema_version = schema,
                                          .map_bytes = MAP_BYTES,
                                          .any_filesystem = true};
    return store_open(&options, ret_store, error);
}

static int begin(struct verifying *verifying, const char *work)
{
    char folder[PATH_MAX];
    struct error error;
    if ((size_t)snprintf(folder, sizeof folder, "%s/hoso-verify-XXXXXX", work) >= sizeof folder ||
        mkdtemp(folder) == NULL) {
        (void)fprintf(stderr, "hoso: cannot make a folder in %s: %s\n", work, strerror(errno));
        return EXIT_FAILED;
    }
    memcpy(verifying->folder, folder, sizeof folder);
    (void)snprintf(verifying->counted_path, sizeof verifying->counted_path, "%s/counted", folder);
    (void)snprintf(verifying->copied_path, sizeof verifying->copied_path, "%s/copied", folder);
    enum status status = open_store(verifying->counted_path, aggregate_tables, AGGREGATE_SCHEMA,
                                    &verifying->counted, &error);
    if (status == STATUS_OK) {
        status = open_store(verifying->copied_path, replica_tables, REPLICA_SCHEMA,
                            &verifying->copied, &error);
    }
    return status == STATUS_OK ? EXIT_DONE : report_inner(status, &error);
}

static int print(const struct command *command, struct cut cut, const struct verify_result *result)
{
    const uint64_t differences = result->different + result->missing + result->extra;
    if (command->format == RENDER_JSON) {
        struct render_json json = render_json_to(stdout);
        json_put_object(&json, NULL);
        json_put_cut(&json, cut.incarnation, cut.position);
        json_put_number(&json, "records", (int64_t)result->records);
        json_put_number(&json, "different", (int64_t)result->different);
        json_put_number(&json, "missing", (int64_t)result->missing);
        json_put_number(&json, "extra", (int64_t)result->extra);
        json_put_end(&json);
        (void)fputc('\n', stdout);
    } else {
        (void)printf("%s %" PRIu64 ": %" PRIu64 " %s, %" PRIu64 " %s\n",
                     command->english ? "position" : "vị trí", cut.position, result->records,
                     command->english ? "records compared" : "bản ghi đã đối chiếu", differences,
                     command->english ? "differences" : "khác biệt");
    }
    return differences == 0 ? EXIT_DONE : EXIT_DIFFERENT;
}

/* What is damaged or contradicts is a difference too. */
static int failure(const struct hoso_error *error)
{
    const int code = report_failure(error);
    return error->status == HOSO_CORRUPT || error->status == HOSO_CONFLICT ? EXIT_DIFFERENT : code;
}

static int run(const struct command *command, struct hoso_client *client,
               struct verifying *verifying)
{
    struct hoso_error error;
    struct cut cut = {0};
    struct verify_result result;
    enum hoso_status status = verify_copy(client, verifying->copied, &cut, &error);
    if (status == HOSO_OK) {
        status = verify_count(client, verifying->counted, cut, &error);
    }
    if (status != HOSO_OK) {
        return failure(&error);
    }
    const enum status compared = verify_compare(verifying->counted, verifying->copied, &result);
    return compared == STATUS_OK ? print(command, cut, &result) : report_inner(compared, NULL);
}

int cmd_verify(struct command *command, int argc, char **argv)
{
    const char *work = getenv("TMPDIR") != NULL ? getenv("TMPDIR") : "/var/tmp";
    const struct option options[] = {
        {"work", OPTION_TEXT, &work, "DIR",
         "where the recount goes while it runs (TMPDIR or /var/tmp)", false},
        OPTIONS_END,
    };
    int code = command_parse(command, argc, argv, options, &usage);
    struct hoso_client *client = NULL;
    if (code < 0) {
        code = command_connect(command, &client);
    }
    if (client == NULL) {
        return code;
    }
    struct verifying verifying = {.counted = NULL};
    code = begin(&verifying, work);
    if (code == EXIT_DONE) {
        code = run(command, client, &verifying);
    }
    end(&verifying);
    hoso_client_close(client);
    return code;
}
