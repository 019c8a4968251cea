/* SPDX-License-Identifier: Apache-2.0
 *
 * The client's configuration: a file, and for the command also the environment.
 */
#include "client/client_internal.h"
#include "client/settings.h"
#include "service/service.h"

#include <stdio.h>
#include <string.h>

const struct setting client_setting_table[] = {
    {"intake", SETTING_ENDPOINT, "", 0, 0, "Where intake takes events."},
    {"intake_key", SETTING_PUBLIC_KEY, "", 0, 0, "Intake's public key."},
    {"reporting", SETTING_ENDPOINT, "", 0, 0, "Where reporting answers."},
    {"reporting_key", SETTING_PUBLIC_KEY, "", 0, 0, "Reporting's public key."},
    {"totals", SETTING_ENDPOINT, "", 0, 0,
     "Where reporting publishes live totals; its key is reporting_key."},
    {"totals_restricted", SETTING_ENDPOINT, "", 0, 0,
     "Likewise of the units that not everybody may follow."},
    {"journal", SETTING_ENDPOINT, "", 0, 0,
     "Intake's private journal feed, for verify and backup; its key is intake_key."},
    {"ledger", SETTING_ENDPOINT, "", 0, 0,
     "Aggregation's private endpoint, for status and verify."},
    {"ledger_key", SETTING_PUBLIC_KEY, "", 0, 0, "Aggregation's public key."},
    {"key", SETTING_TEXT, NULL, 0, 0, "File with our own key pair, made by `hoso key new`."},
    {"outbox", SETTING_TEXT, "", 0, 0,
     "Directory where `hoso publish` keeps events until they are acknowledged, for one key alone; "
     "empty: this file's name with .outbox behind it; none: memory only, and what is not "
     "acknowledged is lost with the command."},
    {"any_filesystem", SETTING_NUMBER, "0", 0, 1,
     "1 allows an outbox on tmpfs, overlay and network file systems."},
    {"timeout_ms", SETTING_NUMBER, "10000", 1, 3600000, "How long to wait for one answer."},
    {NULL, SETTING_TEXT, NULL, 0, 0, NULL},
};

bool client_config_resolve(const struct config *config, const char *file, const char *name,
                           char *ret_path, size_t size)
{
    const char *path = config_text(config, name);
    const char *slash = file != NULL ? strrchr(file, '/') : NULL;
    const bool as_it_is = path[0] == '/' || path[0] == '\0' || slash == NULL ||
                          config_origin(config, name) == CONFIG_ENVIRONMENT;
    const int folder = as_it_is ? 0 : (int)(slash - file) + 1;
    return (size_t)snprintf(ret_path, size, "%.*s%s", folder, as_it_is ? "" : file, path) < size;
}

/* The outbox is on unless it is told off: a publisher that is killed must lose nothing. */
static bool resolve_outbox(const struct config *config, const char *file,
                           struct client_settings *settings)
{
    const char *outbox = config_text(config, "outbox");
    settings->outbox_missing = outbox[0] == '\0' && file == NULL;
    if (outbox[0] == '\0' && file != NULL) {
        return (size_t)snprintf(settings->outbox, sizeof settings->outbox, "%s.outbox", file) <
               sizeof settings->outbox;
    }
    return strcmp(outbox, "none") == 0 ||
           client_config_resolve(config, file, "outbox", settings->outbox, sizeof settings->outbox);
}

static const struct {
    enum peer peer;
    const char *endpoint;
    const char *server_key;
} peer_settings[] = {
    {PEER_INTAKE, "intake", "intake_key"},
    {PEER_REPORTING, "reporting", "reporting_key"},
    {PEER_JOURNAL, "journal", "intake_key"},
    {PEER_LEDGER, "ledger", "ledger_key"},
    {PEER_TOTALS, "totals", "reporting_key"},
    {PEER_TOTALS_RESTRICTED, "totals_restricted", "reporting_key"},
};

static enum hoso_status read_peers(const struct config *config, const char *where,
                                   struct client_settings *settings, struct hoso_error *error)
{
    for (size_t i = 0; i < sizeof peer_settings / sizeof *peer_settings; i++) {
        const enum peer peer = peer_settings[i].peer;
        const char *endpoint = config_text(config, peer_settings[i].endpoint);
        const char *key = config_text(config, peer_settings[i].server_key);
        uint8_t raw[BUS_KEY_SIZE];
        if (strlen(endpoint) > CLIENT_ENDPOINT_MAX) {
            return client_fail(error, HOSO_INVALID, peer_settings[i].endpoint,
                               "%s: %s is longer than %d bytes", where, peer_settings[i].endpoint,
                               CLIENT_ENDPOINT_MAX);
        }
        if (endpoint[0] != '\0' && bus_key_decode(key, raw) != STATUS_OK) {
            return client_fail(
                error, HOSO_INVALID, peer_settings[i].server_key,
                "%s: %s is needed with %s: 40 characters of Z85, the \"public\" line of "
                "the server's key file",
                where, peer_settings[i].server_key, peer_settings[i].endpoint);
        }
        if (endpoint[0] != '\0') {
            (void)snprintf(settings->endpoint[peer], sizeof settings->endpoint[peer], "%s",
                           endpoint);
            (void)snprintf(settings->server_key[peer], BUS_KEY_TEXT_SIZE, "%s", key);
        }
    }
    return HOSO_OK;
}

static enum hoso_status read_settings(const struct config *config, const char *path,
                                      struct client_settings *settings, struct hoso_error *error)
{
    const char *where = path != NULL ? path : "the environment";
    settings->timeout_ms = (unsigned)config_number(config, "timeout_ms");
    settings->any_filesystem = config_number(config, "any_filesystem") != 0;
    char key[CLIENT_PATH_MAX + 1];
    if (!client_config_resolve(config, path, "key", key, sizeof key) ||
        !resolve_outbox(config, path, settings)) {
        return client_fail(error, HOSO_INVALID, NULL, "%s: a path is longer than %d bytes", where,
                           CLIENT_PATH_MAX);
    }
    struct error inner = {.status = STATUS_OK};
    const enum status status = service_load_keys(key, &settings->keys, &inner);
    return status == STATUS_OK ? read_peers(config, where, settings, error)
                               : client_fail_inner(error, status, &inner);
}

enum status client_config_load(const char *path, char *const *environment,
                               struct config **ret_config, struct error *error)
{
    const struct config_sources sources = {
        .program = CLIENT_PROGRAM, .path = path, .environment = environment};
    return config_load(&sources, client_setting_table, ret_config, error);
}

enum hoso_status client_settings_load(const char *path, char *const *environment,
                                      struct client_settings *ret_settings,
                                      struct hoso_error *error)
{
    struct config *config = NULL;
    struct error inner = {.status = STATUS_OK};
    const enum status status = client_config_load(path, environment, &config, &inner);
    if (status != STATUS_OK) {
        return client_fail_inner(error, status, &inner);
    }
    struct client_settings settings = {.timeout_ms = CLIENT_TIMEOUT_MS};
    const enum hoso_status result = read_settings(config, path, &settings, error);
    config_free(config);
    if (result == HOSO_OK) {
        *ret_settings = settings;
    }
    return result;
}
