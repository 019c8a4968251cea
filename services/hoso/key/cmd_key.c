/* SPDX-License-Identifier: Apache-2.0
 *
 * hoso key: makes key pairs, and says in the registry who may do what. A running service takes a
 * changed registry over on SIGHUP.
 */
#include "services/hoso/key/key_internal.h"

#include <libintl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/localday.h"
#include "keys/key_file.h"
#include "registry/registry_edit.h"

static const struct usage usage = {
    "key new FILE | grant NAME … | password NAME … | token NAME … | revoke NAME … | list …",
    "Make keys, grant and revoke rights.",
    "hoso key new FILE                                   a key pair; prints the public key\n"
    "hoso key grant NAME [--key FILE|Z85] --role R [--units U,U] [--space S] [--close] [--expires "
    "D]\n"
    "               [--force] --registry FILE\n"
    "hoso key password NAME --registry FILE              sets the password, for the gateway\n"
    "hoso key token NAME [--expires D] --registry FILE   makes a token, for the gateway; prints "
    "it\n"
    "hoso key revoke NAME --registry FILE\n"
    "hoso key list --registry FILE\n\n"
    "Roles: source publishes, agency reads reports, admin reads all and puts the catalogue, "
    "service and gateway are "
    "for hoso's own.\n"
    "source and agency need --units: subtrees, or * for all.\n"
    "A source's dossiers are its own. Sources that feed one system, so that a code means the same "
    "dossier for\nall of them, get the same --space; without it the space is the source's name.",
};

static const struct usage usage_new = {"key new FILE", "Make a key pair.", NULL};
static const struct usage usage_grant = {
    "key grant NAME [--key FILE|Z85] --role source|agency|admin|service|gateway [--units U,U] "
    "[--space S] [--close] [--expires D] [--force] --registry FILE",
    "Grant rights to a public key.",
    "A name that is there already gets the new key and rights in place of the old ones; its "
    "password and tokens go, too.\nWithout a key it comes through a gateway only, with a password "
    "or a token.\nUnits that the catalogue never had are refused, and a last day that has passed. "
    "The catalogue is reporting's,\nif the client configuration names it; else there is a warning.",
};
static const struct usage usage_revoke = {"key revoke NAME --registry FILE", "Take rights away.",
                                          NULL};
static const struct usage usage_list = {"key list --registry FILE", "List who may do what.", NULL};

static int key_new(struct command *command, int argc, char **argv)
{
    const char *path = NULL;
    const struct option options[] = {
        {"FILE", OPTION_ARGUMENT, &path, NULL, "the key file to make", true},
        OPTIONS_END,
    };
    const int code = command_parse(command, argc, argv, options, &usage_new);
    if (code >= 0) {
        return code;
    }
    struct bus_keys keys;
    struct error error = {.text = ""};
    enum status status = bus_keys_generate(&keys);
    if (status == STATUS_OK) {
        status = key_file_create(path, &keys, &error);
    }
    if (status == STATUS_OK) {
        (void)printf("%s\n", keys.public_text);
    }
    explicit_bzero(&keys, sizeof keys);
    return status == STATUS_OK ? EXIT_DONE : report_inner(status, &error);
}

/* A public key itself, or the file that has it. */
static int read_public(const char *given, char text[BUS_KEY_TEXT_SIZE])
{
    uint8_t raw[BUS_KEY_SIZE];
    if (access(given, F_OK) != 0 && bus_key_decode(given, raw) == STATUS_OK) {
        memcpy(text, given, BUS_KEY_TEXT_SIZE);
        return EXIT_DONE;
    }
    struct bus_keys keys;
    struct error error;
    const enum status status = key_file_read(given, &keys, &error);
    if (status != STATUS_OK) {
        return report_inner(status, &error);
    }
    memcpy(text, keys.public_text, BUS_KEY_TEXT_SIZE);
    explicit_bzero(&keys, sizeof keys);
    return EXIT_DONE;
}

int key_check_expires(const char *expires, bool may_be_forced)
{
    int32_t day = INT32_MAX;
    const bool is_day = expires != NULL && localday_parse(slice_text(expires), &day);
    if (!is_day || day >= localday_today()) {
        return EXIT_DONE;
    }
    return usage_error(NULL,
                       gettext(may_be_forced
                                   ? "--expires: %s has passed; --force grants it all the same"
                                   : "--expires: %s has passed"),
                       expires);
}

static int check_grant(const struct command *command, const struct registry_grant *grant)
{
    const int code = key_check_expires(grant->expires, true);
    const bool some = grant->units != NULL && strcmp(grant->units, "*") != 0;
    return code == EXIT_DONE && some ? key_check_units(command, grant->units) : code;
}

static int key_grant(struct command *command, int argc, char **argv)
{
    struct registry_grant grant = {.name = NULL};
    const char *key = NULL;
    const char *registry = NULL;
    bool force = false;
    const struct option options[] = {
        {"NAME", OPTION_ARGUMENT, &grant.name, NULL, "of a-z, 0-9, . and -", true},
        {"key", OPTION_TEXT, &key, "FILE|Z85", "public key, or a key file", false},
        {"role", OPTION_TEXT, &grant.role, "R", "source, agency, admin, service or gateway", true},
        {"units", OPTION_TEXT, &grant.units, "U,U", "unit subtrees, or *", false},
        {"space", OPTION_TEXT, &grant.space, "S", "whose dossier codes it means (its own)", false},
        {"close", OPTION_FLAG, &grant.may_close, NULL, "may close periods of these units", false},
        {"expires", OPTION_DATE, &grant.expires, "D", "the last day it is good for", false},
        {"force", OPTION_FLAG, &force, NULL,
         "units that are not in the catalogue, a day that has passed", false},
        {"registry", OPTION_TEXT, &registry, "FILE", "the services' registry", true},
        OPTIONS_END,
    };
    const int code = command_parse(command, argc, argv, options, &usage_grant);
    if (code >= 0) {
        return code;
    }
    int found = key != NULL ? read_public(key, grant.key) : EXIT_DONE;
    if (found == EXIT_DONE && !force) {
        found = check_grant(command, &grant);
    }
    if (found != EXIT_DONE) {
        return found;
    }
    bool replaced = false;
    struct error error;
    const enum status status = registry_grant(registry, &grant, &replaced, &error);
    if (status != STATUS_OK) {
        return report_inner(status, &error);
    }
    (void)fprintf(stderr, "%s %s in %s\n", replaced ? "replaced" : "granted", grant.name, registry);
    return EXIT_DONE;
}

static int key_revoke(struct command *command, int argc, char **argv)
{
    const char *name = NULL;
    const char *registry = NULL;
    const struct option options[] = {
        {"NAME", OPTION_ARGUMENT, &name, NULL, "whose rights end", true},
        {"registry", OPTION_TEXT, &registry, "FILE", "the services' registry", true},
        OPTIONS_END,
    };
    const int code = command_parse(command, argc, argv, options, &usage_revoke);
    if (code >= 0) {
        return code;
    }
    struct error error;
    const enum status status = registry_revoke(registry, name, &error);
    if (status != STATUS_OK) {
        return report_inner(status, &error);
    }
    (void)fprintf(stderr, "revoked %s in %s\n", name, registry);
    return EXIT_DONE;
}

static void list_entry(struct document *document, struct arena *arena,
                       const struct principal *entry)
{
    char key[BUS_KEY_TEXT_SIZE] = "";
    char expires[DATE_TEXT_SIZE] = "";
    struct buffer units;
    buffer_init(&units, (size_t)REGISTRY_UNITS_MAX * (sizeof *entry->units + 1));
    for (unsigned i = 0; i < entry->unit_count; i++) {
        buffer_printf(&units, "%s%s", i != 0 ? " " : "", entry->units[i]);
    }
    if (entry->has_key) {
        bus_key_encode(entry->key, key);
    }
    if (entry->expires_day != INT32_MAX) {
        localday_format(entry->expires_day, expires);
    }
    DOCUMENT_ROW(document, 0, entry->name, role_name(entry->role),
                 entry->all_units ? "*" : arena_string(arena, buffer_slice(&units)),
                 entry->role == ROLE_SOURCE ? principal_space(entry) : "",
                 arena_string(arena, slice_text(expires)), arena_string(arena, slice_text(key)),
                 entry->password != NULL ? "x" : "");
    document_number(document, entry->token_count);
    buffer_fini(&units);
}

static int key_list(struct command *command, int argc, char **argv)
{
    const char *path = NULL;
    const struct option options[] = {
        {"registry", OPTION_TEXT, &path, "FILE", "the services' registry", true},
        OPTIONS_END,
    };
    const int code = command_parse(command, argc, argv, options, &usage_list);
    if (code >= 0) {
        return code;
    }
    struct registry *registry = NULL;
    struct error error;
    const enum status status = registry_open(path, &registry, &error);
    if (status != STATUS_OK) {
        return report_inner(status, &error);
    }
    static const struct list_column columns[] = {
        {"name", {"Tên", "Name"}, false},
        {"role", {"Vai trò", "Role"}, false},
        {"units", {"Đơn vị", "Units"}, false},
        {"space", {"Không gian mã", "Space"}, false},
        {"expires", {"Hạn dùng", "Expires"}, false},
        {"key", {"Khóa", "Key"}, false},
        {"password", {"Mật khẩu", "Password"}, false},
        {"tokens", {"Số token", "Tokens"}, true},
    };
    struct arena arena;
    struct document document;
    arena_init(&arena, (size_t)REGISTRY_BYTES_MAX * 4);
    document_init_list(&document, columns, sizeof columns / sizeof *columns, command->english);
    for (unsigned i = 0; i < registry_count(registry); i++) {
        list_entry(&document, &arena, registry_at(registry, i));
    }
    const int printed = command_print(command, &document);
    arena_fini(&arena);
    registry_close(registry);
    return printed;
}

int cmd_key(struct command *command, int argc, char **argv)
{
    static const struct command_entry verbs[] = {
        {"new", key_new, NULL},     {"grant", key_grant, NULL},   {"password", key_password, NULL},
        {"token", key_token, NULL}, {"revoke", key_revoke, NULL}, {"list", key_list, NULL},
        {NULL, NULL, NULL},
    };
    return command_run(command, argc, argv, verbs, &usage);
}
