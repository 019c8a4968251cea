/* SPDX-License-Identifier: Apache-2.0
 *
 * The client's configuration file. Paths in it are relative to its folder.
 */
#include "client/client.h"
#include "client/settings.h"
#include "service/service.h"

#include <stdio.h>
#include <string.h>

const struct setting client_setting_table[] = {
    {"intake", SETTING_TEXT, "", 0, 0, "Where intake takes events: tcp://host:port."},
    {"intake_key", SETTING_TEXT, "", 0, 0, "Intake's public key (Z85)."},
    {"reporting", SETTING_TEXT, "", 0, 0, "Where reporting answers: tcp://host:port."},
    {"reporting_key", SETTING_TEXT, "", 0, 0, "Reporting's public key (Z85)."},
    {"journal", SETTING_TEXT, "", 0, 0,
     "Intake's private journal feed, for verify; its key is intake_key."},
    {"ledger", SETTING_TEXT, "", 0, 0, "Aggregation's private endpoint, for status and verify."},
    {"ledger_key", SETTING_TEXT, "", 0, 0, "Aggregation's public key (Z85)."},
    {"key", SETTING_TEXT, NULL, 0, 0, "File with our own key pair, made by `hoso key new`."},
    {"outbox", SETTING_TEXT, "", 0, 0,
     "Directory where `hoso publish` keeps events until they are acknowledged; empty: this file's "
     "name with .outbox behind it; none: memory only."},
    {"any_filesystem", SETTING_NUMBER, "0", 0, 1,
     "1 allows an outbox on tmpfs, overlay and network file systems."},
    {"timeout_ms", SETTING_NUMBER, "10000", 1, 3600000, "How long to wait for one answer."},
    {NULL, SETTING_TEXT, NULL, 0, 0, NULL},
};

/* `path` as seen from the folder of `file`; false if it is too long. */
static bool resolve(const char *file, const char *path, char *ret_path, size_t size)
{
    const char *slash = strrchr(file, '/');
    const int folder =
        path[0] == '/' || path[0] == '\0' || slash == NULL ? 0 : (int)(slash - file) + 1;
    return (size_t)snprintf(ret_path, size, "%.*s%s", folder, file, path) < size;
}

/* The outbox is on unless it is told off: a publisher that is killed must lose nothing. */
static bool resolve_outbox(const char *file, const char *outbox, char *ret_path, size_t size)
{
    if (outbox[0] == '\0') {
        return (size_t)snprintf(ret_path, size, "%s.outbox", file) < size;
    }
    return strcmp(outbox, "none") == 0 || resolve(file, outbox, ret_path, size);
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
};

static enum hoso_status read_peers(const char *path, const struct config *config,
                                   struct client_settings *settings, struct hoso_error *error)
{
    for (size_t i = 0; i < sizeof peer_settings / sizeof *peer_settings; i++) {
        const enum peer peer = peer_settings[i].peer;
        const char *endpoint = config_text(config, peer_settings[i].endpoint);
        const char *key = config_text(config, peer_settings[i].server_key);
        uint8_t raw[BUS_KEY_SIZE];
        if (strlen(endpoint) > CLIENT_ENDPOINT_MAX) {
            return client_fail(error, HOSO_INVALID, peer_settings[i].endpoint,
                               "%s: %s is longer than %d bytes", path, peer_settings[i].endpoint,
                               CLIENT_ENDPOINT_MAX);
        }
        if (endpoint[0] != '\0' && bus_key_decode(key, raw) != STATUS_OK) {
            return client_fail(
                error, HOSO_INVALID, peer_settings[i].server_key,
                "%s: %s is needed with %s: 40 characters of Z85, the \"public\" line of "
                "the server's key file",
                path, peer_settings[i].server_key, peer_settings[i].endpoint);
        }
        if (endpoint[0] != '\0') {
            (void)snprintf(settings->endpoint[peer], sizeof settings->endpoint[peer], "%s",
                           endpoint);
            (void)snprintf(settings->server_key[peer], BUS_KEY_TEXT_SIZE, "%s", key);
        }
    }
    return HOSO_OK;
}

static enum hoso_status read_settings(const char *path, const struct config *config,
                                      struct client_settings *settings, struct hoso_error *error)
{
    settings->timeout_ms = (unsigned)config_number(config, "timeout_ms");
    settings->any_filesystem = config_number(config, "any_filesystem") != 0;
    char key[CLIENT_PATH_MAX + 1];
    if (!resolve(path, config_text(config, "key"), key, sizeof key) ||
        !resolve_outbox(path, config_text(config, "outbox"), settings->outbox,
                        sizeof settings->outbox)) {
        return client_fail(error, HOSO_INVALID, NULL, "%s: a path is longer than %d bytes", path,
                           CLIENT_PATH_MAX);
    }
    struct error inner = {.status = STATUS_OK};
    const enum status status = service_load_keys(key, &settings->keys, &inner);
    return status == STATUS_OK ? read_peers(path, config, settings, error)
                               : client_fail_inner(error, status, &inner);
}

enum hoso_status client_settings_load(const char *path, struct client_settings *ret_settings,
                                      struct hoso_error *error)
{
    struct config *config = NULL;
    struct error inner = {.status = STATUS_OK};
    const enum status status = config_load(path, client_setting_table, &config, &inner);
    if (status != STATUS_OK) {
        return client_fail_inner(error, status, &inner);
    }
    struct client_settings settings = {.timeout_ms = CLIENT_TIMEOUT_MS};
    const enum hoso_status result = read_settings(path, config, &settings, error);
    config_free(config);
    if (result == HOSO_OK) {
        *ret_settings = settings;
    }
    return result;
}
