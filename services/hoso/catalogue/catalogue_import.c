/* SPDX-License-Identifier: Apache-2.0
 *
 * hoso catalogue import and export. What is wrong with the files is told at once, all of it; a dry
 * run compares them with the catalogue in force.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "render/lists/catalogue_lists.h"
#include "replacing/replacing.h"
#include "services/hoso/catalogue/catalogue_internal.h"

static const struct usage usage_import = {
    "catalogue import DIR [--dry-run]", "Replace the catalogue.",
    "DIR holds units.csv (id,code,name,name_en,tier,parent,print_order,valid_from,valid_to and, if "
    "wanted,\n"
    "successors,aliases), fields.csv (id,name,name_en,print_order) and procedures.csv "
    "(id,name,field,\n"
    "service_level,valid_from,valid_to and, if wanted, aliases). --dry-run changes nothing and "
    "lists what would change."};
static const struct usage usage_export = {
    "catalogue export DIR", "Write the catalogue in force as CSV files.",
    "DIR is made if it is not there; files in it are replaced. `hoso catalogue import DIR` takes "
    "them as they are."};

enum { NAMED_BYTES_MAX = 16 << 20 }; /* of the lines that name ids */

static void print_cut(const struct command *command, struct hoso_cut cut)
{
    if (command->format == RENDER_JSON) {
        struct render_json json = render_json_to(stdout);
        json_put_object(&json, NULL);
        json_put_cut(&json, cut.incarnation, cut.position);
        json_put_end(&json);
        (void)fputc('\n', stdout);
    } else {
        command_say("the catalogue is in force, position %" PRIu64, cut.position);
    }
}

/* Who is no administrator sees the changes without the numbers. */
static int print_changes(const struct command *command, struct hoso_client *client,
                         const struct catalogue *before, const struct catalogue *after)
{
    struct replacing_uses uses;
    struct catalogue_events events = {replacing_events_of, &uses};
    struct hoso_error failure;
    bool counted = false;
    struct arena arena;
    struct document document;
    struct error error;
    arena_init(&arena, (size_t)CATALOGUE_BYTES_MAX * 8);
    if (before != NULL) {
        const enum hoso_status asked =
            replacing_count_uses(client, before, after, false, &arena, &uses, &failure);
        if (asked != HOSO_OK && asked != HOSO_DENIED) {
            arena_fini(&arena);
            return report_failure(&failure);
        }
        counted = asked == HOSO_OK;
        catalogue_warn_of_closed(client, before, after, &arena);
    }
    const enum status status = catalogue_change_document(
        before, after, counted ? &events : NULL, command->english, &arena, &document, &error);
    const int code = command_print(command, &document);
    arena_fini(&arena);
    return status == STATUS_OK ? code : report_inner(status, &error);
}

enum { FIRST_POSITION = 1 }; /* of the journal: nothing was closed before it */

/* The catalogue in force and the one to come. */
struct replacement {
    struct catalogue *before; /* NULL = none yet */
    struct catalogue *after;
};

static void replacement_fini(struct replacement *change)
{
    catalogue_free(change->before);
    catalogue_free(change->after);
}

static enum hoso_status read_replacement(struct hoso_client *client, struct slice packed,
                                         struct replacement *ret_replacement,
                                         struct hoso_error *error)
{
    struct hoso_catalogue *answer = NULL;
    struct error inner;
    *ret_replacement = (struct replacement){NULL, NULL};
    if (hoso_catalogue_get(client, &answer, error) != HOSO_OK) {
        return error->status;
    }
    enum status status = catalogue_parse(packed, &ret_replacement->after, &inner);
    if (status == STATUS_OK && answer->size > 0) {
        status =
            catalogue_parse(slice_of(answer->data, answer->size), &ret_replacement->before, &inner);
    }
    hoso_free(answer);
    return status == STATUS_OK ? HOSO_OK : client_fail_inner(error, status, &inner);
}

static int compare(const struct command *command, struct hoso_client *client, struct slice packed)
{
    struct replacement change;
    struct hoso_error error;
    const int code = read_replacement(client, packed, &change, &error) == HOSO_OK
                         ? print_changes(command, client, change.before, change.after)
                         : report_failure(&error);
    replacement_fini(&change);
    return code;
}

/* What is to be known before it is replaced. Not OK: it could not be read; a site whose reporting
 * is down still gets the catalogue. */
static enum hoso_status warn_before(struct hoso_client *client, struct slice packed,
                                    struct replacement *ret_change, struct hoso_error *error)
{
    struct arena arena;
    const enum hoso_status status = read_replacement(client, packed, ret_change, error);
    if (status == HOSO_OK && ret_change->before != NULL) {
        arena_init(&arena, (size_t)CATALOGUE_BYTES_MAX * 8);
        catalogue_warn_of_closed(client, ret_change->before, ret_change->after, &arena);
        arena_fini(&arena);
    }
    return status;
}

static enum hoso_status put_replacement(struct hoso_client *client, struct slice packed,
                                        const struct replacement *change, struct hoso_cut *ret_cut,
                                        struct hoso_error *error)
{
    struct buffer named;
    buffer_init(&named, NAMED_BYTES_MAX);
    const enum hoso_status status =
        change->after != NULL
            ? replacing_put(client, change->before, change->after, ret_cut, &named, error)
            : hoso_catalogue_put(client, packed.data, packed.size, ret_cut, error);
    command_say_lines("hoso: ", buffer_slice(&named));
    buffer_fini(&named);
    return status;
}

static int put_catalogue(const struct command *command, struct hoso_client *client,
                         struct slice packed)
{
    struct replacement change;
    struct hoso_error unread, error;
    struct hoso_cut cut;
    const enum hoso_status known = warn_before(client, packed, &change, &unread);
    const enum hoso_status status = put_replacement(client, packed, &change, &cut, &error);
    replacement_fini(&change);
    if (status != HOSO_OK) {
        return report_failure(&error);
    }
    if (known != HOSO_OK && cut.position != FIRST_POSITION) {
        command_warn("whether closed periods are concerned is not known: %s", unread.text);
    }
    print_cut(command, cut);
    return EXIT_DONE;
}

static int import_folder(const struct command *command, const char *folder, bool dry_run)
{
    struct catalogue_import import;
    struct hoso_client *client = NULL;
    struct error error;
    catalogue_import_init(&import);
    const enum status status = catalogue_import(folder, &import);
    command_say_lines("hoso: ", buffer_slice(&import.faults));
    command_say_lines("warning: ", buffer_slice(&import.warnings));
    int code = EXIT_DONE;
    if (status != STATUS_OK) {
        const enum status kind = import.fault_count > 0 ? STATUS_INVALID : status;
        (void)error_set(&error, kind, "%s: %u to mend; nothing was changed", folder,
                        import.fault_count);
        code = report_inner(kind, &error);
    } else {
        code = command_connect(command, &client);
    }
    if (client != NULL) {
        const struct slice packed = buffer_slice(&import.packed);
        code = dry_run ? compare(command, client, packed) : put_catalogue(command, client, packed);
    }
    hoso_client_close(client);
    catalogue_import_fini(&import);
    return code;
}

int catalogue_import_verb(struct command *command, int argc, char **argv)
{
    const char *folder = NULL;
    bool dry_run = false;
    const struct option options[] = {
        {"DIR", OPTION_ARGUMENT, &folder, NULL, "the folder of the three files", true},
        {"dry-run", OPTION_FLAG, &dry_run, NULL, "change nothing, list what would change", false},
        OPTIONS_OF_DOCUMENTS(command),
        OPTIONS_END,
    };
    const int code = command_parse(command, argc, argv, options, &usage_import);
    return code >= 0 ? code : import_folder(command, folder, dry_run);
}

static int export_to(const char *folder, const struct hoso_catalogue *answer)
{
    struct error error;
    enum status status = STATUS_OK;
    if (mkdir(folder, 0777) != 0 && errno != EEXIST) {
        status =
            error_set(&error, STATUS_IO, "cannot make the folder %s: %s", folder, strerror(errno));
    }
    if (status == STATUS_OK) {
        status = catalogue_export_csv(slice_of(answer->data, answer->size), folder, &error);
    }
    return status == STATUS_OK ? EXIT_DONE : report_inner(status, &error);
}

int catalogue_export_verb(struct command *command, int argc, char **argv)
{
    const char *folder = NULL;
    const struct option options[] = {
        {"DIR", OPTION_ARGUMENT, &folder, NULL, "the folder to write to", true},
        OPTIONS_END,
    };
    struct hoso_client *client = NULL;
    struct hoso_catalogue *answer = NULL;
    struct hoso_error error;
    int code = command_parse(command, argc, argv, options, &usage_export);
    if (code < 0) {
        code = command_connect(command, &client);
    }
    if (client == NULL) {
        return code;
    }
    code = hoso_catalogue_get(client, &answer, &error) == HOSO_OK ? export_to(folder, answer)
                                                                  : report_failure(&error);
    hoso_free(answer);
    hoso_client_close(client);
    return code;
}
