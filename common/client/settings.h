/* SPDX-License-Identifier: Apache-2.0
 *
 * The table of the client's settings. In the environment they are HOSO_CLIENT_NAME; only the
 * command looks there, the library does what its file says.
 */
#ifndef HOSO_CLIENT_SETTINGS_H
#define HOSO_CLIENT_SETTINGS_H

#include <stdbool.h>

#include "config/config.h"

#define CLIENT_PROGRAM "client"

/* The settings as they are written. */
struct client_config {
    struct config *source; /* owns the texts */
    const char *path;      /* of the file; NULL = none */
    const char *intake;
    const char *intake_key;
    const char *reporting;
    const char *reporting_key;
    const char *totals;
    const char *totals_restricted;
    const char *journal;
    const char *ledger;
    const char *ledger_key;
    const char *key;
    const char *outbox;
    int64_t any_filesystem;
    int64_t timeout_ms;
    int64_t reporting_day;
    const char *lang; /* for the command */
};

extern const struct setting client_setting_table[];

/* Sources as in struct config_sources; `path` must outlive the result. */
enum status client_config_load(const char *path, char *const *environment,
                               struct client_config *ret_config, struct error *error) MUST_USE;
void client_config_fini(struct client_config *config); /* harmless after a failure */

/* A setting that is a path, `&config->key` or `&config->outbox`: one of the file is seen from the
 * file's folder, one of the environment from where we are. False if it is too long. */
bool client_config_resolve(const struct client_config *config, const char *const *setting,
                           char *ret_path, size_t size) MUST_USE;

#endif
