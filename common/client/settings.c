/* SPDX-License-Identifier: Apache-2.0
 *
 * The client's configuration: a file, and for the command also the environment.
 */
#include "client/settings.h"

#include <stdio.h>
#include <string.h>

#include "client/client.h"
#include "keys/key_file.h"

#define OWN(member, kind) SETTING(struct client_config, member, kind)

const struct setting client_setting_table[] = {
    {OWN(intake, ENDPOINTS), "", 0, 0, "Where intake takes events."},
    {OWN(intake_key, PUBLIC_KEYS), "", 0, 0, "Intake's public key."},
    {OWN(reporting, ENDPOINTS), "", 0, 0, "Where reporting answers."},
    {OWN(reporting_key, PUBLIC_KEYS), "", 0, 0, "Reporting's public key."},
    {OWN(totals, ENDPOINT), "", 0, 0,
     "Where reporting publishes live totals; its key is reporting_key. Of several reportings, the "
     "first one's."},
    {OWN(totals_restricted, ENDPOINT), "", 0, 0,
     "Likewise of the units that not everybody may follow."},
    {OWN(journal, ENDPOINTS), "", 0, 0,
     "Intake's private journal feed, for verify and backup; its key is intake_key."},
    {OWN(ledger, ENDPOINTS), "", 0, 0, "Aggregation's private endpoint, for status and verify."},
    {OWN(ledger_key, PUBLIC_KEYS), "", 0, 0, "Aggregation's public key."},
    {OWN(key, TEXT), NULL, 0, 0, "File with our own key pair, made by `hoso key new`."},
    {OWN(outbox, TEXT), "", 0, 0,
     "Directory where `hoso publish` keeps events until they are acknowledged, for one key alone; "
     "empty: this file's name with .outbox behind it; none: memory only, and what is not "
     "acknowledged is lost with the command."},
    {OWN(any_filesystem, NUMBER), "0", 0, 1,
     "1 allows an outbox on tmpfs, overlay and network file systems."},
    {OWN(timeout_ms, NUMBER), "10000", 1, 3600000, "How long to wait for one answer."},
    {OWN(reporting_day, NUMBER), "1", 1, 28,
     "The day on which a month of reports begins: with 20, --month 2024-02 is 20/01/2024 to "
     "19/02/2024."},
    {OWN(lang, TEXT), "vi", 0, 0,
     "Language of results and errors, vi or en; --lang goes before it."},
    {0},
};

bool client_config_resolve(const struct client_config *config, const char *const *setting,
                           char *ret_path, size_t size)
{
    const char *path = *setting;
    const size_t offset = (size_t)((const char *)setting - (const char *)config);
    const char *slash = config->path != NULL ? strrchr(config->path, '/') : NULL;
    const bool as_it_is = path[0] == '/' || path[0] == '\0' || slash == NULL ||
                          config_origin(config->source, offset) == CONFIG_ENVIRONMENT;
    const int folder = as_it_is ? 0 : (int)(slash - config->path) + 1;
    return (size_t)snprintf(ret_path, size, "%.*s%s", folder, as_it_is ? "" : config->path, path) <
           size;
}

/* There is an outbox unless the settings say "none": a publisher that is killed must lose nothing.
 */
static bool resolve_outbox(const struct client_config *config, struct client_settings *settings)
{
    const bool given = config->outbox[0] != '\0';
    settings->outbox_missing = !given && config->path == NULL;
    if (!given && config->path != NULL) {
        return (size_t)snprintf(settings->outbox, sizeof settings->outbox, "%s.outbox",
                                config->path) < sizeof settings->outbox;
    }
    return strcmp(config->outbox, "none") == 0 ||
           client_config_resolve(config, &config->outbox, settings->outbox,
                                 sizeof settings->outbox);
}

static enum hoso_status read_peers(const struct client_config *config, const char *where,
                                   struct client_settings *settings, struct hoso_error *error)
{
    const struct {
        const char *endpoint;
        const char *key_name;
        const char *key;
    } peers[PEER_COUNT] = {
        [PEER_INTAKE] = {config->intake, "intake_key", config->intake_key},
        [PEER_REPORTING] = {config->reporting, "reporting_key", config->reporting_key},
        [PEER_JOURNAL] = {config->journal, "intake_key", config->intake_key},
        [PEER_LEDGER] = {config->ledger, "ledger_key", config->ledger_key},
        [PEER_TOTALS] = {config->totals, "reporting_key", config->reporting_key},
        [PEER_TOTALS_RESTRICTED] = {config->totals_restricted, "reporting_key",
                                    config->reporting_key},
    };
    for (enum peer peer = 0; peer < PEER_COUNT; peer++) {
        const char *endpoint = peers[peer].endpoint;
        if (endpoint[0] == '\0') {
            continue;
        }
        if (peers[peer].key[0] == '\0') {
            return client_fail(
                error, HOSO_INVALID, peers[peer].key_name,
                "%s: %s is needed with %s: 40 characters of Z85, the \"public\" line of "
                "the server's key file",
                where, peers[peer].key_name, peer_name(peer));
        }
        (void)snprintf(settings->endpoint[peer], sizeof settings->endpoint[peer], "%s", endpoint);
        (void)snprintf(settings->server_key[peer], sizeof settings->server_key[peer], "%s",
                       peers[peer].key);
    }
    return HOSO_OK;
}

static enum hoso_status read_settings(const struct client_config *config,
                                      struct client_settings *settings, struct hoso_error *error)
{
    const char *where = config->path != NULL ? config->path : "the environment";
    char key[CLIENT_PATH_MAX + 1];
    settings->timeout_ms = (unsigned)config->timeout_ms;
    settings->reporting_day = (int)config->reporting_day;
    settings->any_filesystem = config->any_filesystem != 0;
    if (!client_config_resolve(config, &config->key, key, sizeof key) ||
        !resolve_outbox(config, settings)) {
        return client_fail(error, HOSO_INVALID, NULL, "%s: a path is longer than %d bytes", where,
                           CLIENT_PATH_MAX);
    }
    struct error inner = {.status = STATUS_OK};
    const enum status status = key_file_read(key, &settings->keys, &inner);
    return status == STATUS_OK ? read_peers(config, where, settings, error)
                               : client_fail_inner(error, status, &inner);
}

enum status client_config_load(const char *path, char *const *environment,
                               struct client_config *ret_config, struct error *error)
{
    const struct config_sources sources = {
        .program = CLIENT_PROGRAM, .path = path, .environment = environment};
    *ret_config = (struct client_config){.path = path};
    return config_load(&sources, client_setting_table, ret_config, &ret_config->source, error);
}

void client_config_fini(struct client_config *config)
{
    config_free(config->source);
}

enum hoso_status client_settings_load(const char *path, char *const *environment,
                                      struct client_settings *ret_settings,
                                      struct hoso_error *error)
{
    struct client_config config;
    struct error inner = {.status = STATUS_OK};
    const enum status status = client_config_load(path, environment, &config, &inner);
    if (status != STATUS_OK) {
        return client_fail_inner(error, status, &inner);
    }
    struct client_settings settings = {.timeout_ms = CLIENT_TIMEOUT_MS, .reporting_day = 1};
    const enum hoso_status result = read_settings(&config, &settings, error);
    client_config_fini(&config);
    if (result == HOSO_OK) {
        *ret_settings = settings;
    }
    return result;
}
