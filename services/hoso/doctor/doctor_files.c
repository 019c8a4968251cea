/* SPDX-License-Identifier: Apache-2.0
 *
 * What can be seen without asking anybody: our configuration, key file and outbox.
 */
#include "services/hoso/doctor/doctor_internal.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "client/publisher/outbox.h"
#include "client/settings.h"

enum { NOBODY_ELSE = 077 };

#define OUTBOX_MAP_BYTES (UINT64_C(1) << 40)

/* Of a key file: its path, then the reason, its mode, or its owner and who it should be. */
static const struct doctor_sentences key_sound = {
    .sound = "nobody else can read the key file {1}",
};
static const struct doctor_sentences key_unopened = {
    .wrong = "the key file {1} cannot be opened: {2}",
    .fix = "If there never was one, make it: `hoso key new {1}`, then `hoso key grant`. If there "
           "was, put it back from where keys are kept",
};
static const struct doctor_sentences key_mode = {
    .wrong = "others can read the key file {1}: its mode is {2}",
    .fix = "chmod 600 {1}",
};
/* As Kubernetes and Swarm mount secrets: its mode is not the reader's to change. */
static const struct doctor_sentences key_mounted = {
    .wrong = "others can read the key file {1}: its mode is {2}",
    .fix = "It is root's: have it mounted with mode 0440 and a group of user {3} (Kubernetes: "
           "defaultMode: 0440 and fsGroup; Swarm: mode: 0440 and gid)",
};
static const struct doctor_sentences key_owner = {
    .wrong = "the key file {1} belongs to user {2}, and should belong to user {3}",
    .fix = "chown {3} {1}",
};
static const struct doctor_sentences outbox_in_use = {
    .sound = "a `hoso publish` is using the outbox {1}",
};
static const struct doctor_sentences outbox_opened = {
    .wrong = "the outbox cannot be opened: {1}",
    .fix = "Do as it says; it holds events that are not acknowledged: do not delete it",
};
/* outbox, how many */
static const struct doctor_sentences outbox_empty = {
    .sound = "nothing waits in the outbox {1}",
    .wrong = "events wait in the outbox {1}: {2}",
    .fix = "Send them: `hoso publish - </dev/null`",
};
static const struct doctor_sentences settings_read = {
    .sound = "the configuration {1} is sound",
    .wrong = "the configuration cannot be used: {1}",
    .fix = "Correct that; `hoso config sample` prints a sample",
};

bool doctor_key_file(struct doctor *doctor, const char *check, const char *path, uid_t uid)
{
    struct stat file;
    if (stat(path, &file) != 0) {
        doctor_report(doctor, VERDICT_FAILURE, check, &key_unopened, path, strerror(errno));
        return false;
    }
    if ((file.st_mode & file_forbidden_mode(&file, NOBODY_ELSE)) != 0) {
        const bool mounted = file.st_uid == 0 && geteuid() != 0;
        doctor_report(doctor, VERDICT_FAILURE, check, mounted ? &key_mounted : &key_mode, path,
                      doctor_text(doctor, "%04o", file.st_mode & 07777),
                      doctor_text(doctor, "%u", (unsigned)uid));
        return false;
    }
    if (file.st_uid != uid && (uid != geteuid() || access(path, R_OK) != 0)) {
        doctor_report(doctor, VERDICT_FAILURE, check, &key_owner, path,
                      doctor_text(doctor, "%u", (unsigned)file.st_uid),
                      doctor_text(doctor, "%u", (unsigned)uid));
        return false;
    }
    doctor_report(doctor, VERDICT_OK, check, &key_sound, path);
    return true;
}

/* An outbox that no publisher uses is opened and read; it is not changed. */
static void check_outbox(struct doctor *doctor)
{
    static const char check[] = "client.outbox";
    const struct client_settings *settings = &doctor->settings;
    char data[CLIENT_PATH_MAX + 16];
    struct outbox_options options = {.path = settings->outbox,
                                     .map_bytes = OUTBOX_MAP_BYTES,
                                     .any_filesystem = settings->any_filesystem};
    (void)snprintf(data, sizeof data, "%s/data.mdb", settings->outbox);
    if (settings->outbox[0] == '\0' || access(data, F_OK) != 0 ||
        bus_key_decode(settings->keys.public_text, options.owner) != STATUS_OK) {
        return;
    }
    struct outbox *outbox = NULL;
    struct error error = {.text = ""};
    const enum status status = outbox_open(&options, &outbox, &error);
    if (status == STATUS_BUSY) {
        doctor_report(doctor, VERDICT_OK, check, &outbox_in_use, settings->outbox);
    } else if (status != STATUS_OK) {
        doctor_report(doctor, VERDICT_FAILURE, check, &outbox_opened,
                      doctor_quote(doctor, error.text));
    } else {
        const uint64_t count = outbox_end(outbox) - outbox_first(outbox);
        doctor_report(doctor, count == 0 ? VERDICT_OK : VERDICT_WARNING, check, &outbox_empty,
                      settings->outbox, doctor_text(doctor, "%" PRIu64, count));
    }
    outbox_close(outbox);
}

static bool check_settings(struct doctor *doctor, const char *path)
{
    struct hoso_error error = {.text = ""};
    const bool good = client_settings_load(path, environ, &doctor->settings, &error) == HOSO_OK;
    if (good) {
        doctor->settings.timeout_ms = doctor->command->timeout_ms != 0
                                          ? (unsigned)doctor->command->timeout_ms
                                          : DOCTOR_TIMEOUT_MS;
    }
    doctor_report(doctor, doctor_verdict(good), "client.config", &settings_read,
                  !good          ? doctor_quote(doctor, error.text)
                  : path != NULL ? path
                                 : "HOSO_CLIENT_…");
    return good;
}

bool doctor_files(struct doctor *doctor)
{
    char at_home[CLIENT_PATH_MAX + 1];
    char key[CLIENT_PATH_MAX + 1];
    struct client_config config;
    const char *path = command_config_path(doctor->command, at_home);
    bool key_is_sound = true;
    if (client_config_load(path, environ, &config, NULL) == STATUS_OK &&
        client_config_resolve(&config, &config.key, key, sizeof key)) {
        key_is_sound = doctor_key_file(doctor, "client.key", key, geteuid());
        doctor->key_path = arena_string(&doctor->arena, slice_text(key));
    }
    client_config_fini(&config);
    if (!check_settings(doctor, path) || !key_is_sound) {
        return false;
    }
    check_outbox(doctor);
    return true;
}
