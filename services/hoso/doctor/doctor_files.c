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

#include "client/publisher/outbox.h"
#include "client/settings.h"

enum { NOBODY_ELSE = 077 };

#define OUTBOX_MAP_BYTES (UINT64_C(1) << 40)

bool doctor_key_file(struct doctor *doctor, const char *check, const char *path, uid_t uid)
{
    struct stat file;
    if (stat(path, &file) != 0) {
        doctor_report(doctor, VERDICT_FAILURE, check,
                      doctor_text(doctor,
                                  IN(doctor, "Tạo khóa: `hoso key new %s`, rồi `hoso key grant`",
                                     "Make it: `hoso key new %s`, then `hoso key grant`"),
                                  path),
                      IN(doctor, "không mở được tệp khóa %s: %s", "the key file %s: %s"), path,
                      strerror(errno));
        return false;
    }
    if ((file.st_mode & NOBODY_ELSE) != 0) {
        doctor_report(doctor, VERDICT_FAILURE, check, doctor_text(doctor, "chmod 600 %s", path),
                      IN(doctor, "tệp khóa %s có quyền %04o: người khác đọc được",
                         "the key file %s has mode %04o: others can read it"),
                      path, file.st_mode & 07777);
        return false;
    }
    if (file.st_uid != uid && (uid != geteuid() || access(path, R_OK) != 0)) {
        doctor_report(doctor, VERDICT_FAILURE, check,
                      doctor_text(doctor, "chown %u %s", (unsigned)uid, path),
                      IN(doctor, "tệp khóa %s thuộc người dùng %u, phải là %u",
                         "the key file %s belongs to user %u, and should to %u"),
                      path, (unsigned)file.st_uid, (unsigned)uid);
        return false;
    }
    doctor_report(doctor, VERDICT_OK, check, "",
                  IN(doctor, "chỉ chủ sở hữu đọc được tệp khóa %s",
                     "only its owner can read the key file %s"),
                  path);
    return true;
}

/* An outbox that no publisher uses is opened and read; it is not changed. */
static void check_outbox(struct doctor *doctor)
{
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
        doctor_report(doctor, VERDICT_OK, "client.outbox", "",
                      IN(doctor, "một `hoso publish` đang dùng hộp gửi %s",
                         "a `hoso publish` is using the outbox %s"),
                      settings->outbox);
    } else if (status != STATUS_OK) {
        doctor_report(
            doctor, VERDICT_FAILURE, "client.outbox",
            IN(doctor, "Làm theo lời báo; hộp gửi giữ sự kiện chưa được xác nhận, đừng xóa",
               "Do as it says; it holds events that are not acknowledged: do not delete it"),
            IN(doctor, "không mở được hộp gửi: %s", "the outbox cannot be opened: %s"), error.text);
    } else if (outbox_end(outbox) != outbox_first(outbox)) {
        doctor_report(doctor, VERDICT_WARNING, "client.outbox",
                      IN(doctor, "Gửi tiếp: `hoso publish - </dev/null`",
                         "Send them: `hoso publish - </dev/null`"),
                      IN(doctor, "%" PRIu64 " sự kiện còn chờ trong hộp gửi %s",
                         "%" PRIu64 " events wait in the outbox %s"),
                      outbox_end(outbox) - outbox_first(outbox), settings->outbox);
    } else {
        doctor_report(doctor, VERDICT_OK, "client.outbox", "",
                      IN(doctor, "hộp gửi %s không còn gì chờ", "nothing waits in the outbox %s"),
                      settings->outbox);
    }
    outbox_close(outbox);
}

static bool check_settings(struct doctor *doctor, const char *path)
{
    struct hoso_error error = {.text = ""};
    if (client_settings_load(path, environ, &doctor->settings, &error) != HOSO_OK) {
        doctor_report(
            doctor, VERDICT_FAILURE, "client.config",
            IN(doctor, "Sửa chỗ đó; `hoso config sample` in tệp mẫu",
               "Correct that; `hoso config sample` prints a sample"),
            IN(doctor, "cấu hình không dùng được: %s", "the configuration is of no use: %s"),
            error.text);
        return false;
    }
    doctor->settings.timeout_ms = doctor->command->timeout_ms != 0
                                      ? (unsigned)doctor->command->timeout_ms
                                      : DOCTOR_TIMEOUT_MS;
    doctor_report(doctor, VERDICT_OK, "client.config", "",
                  IN(doctor, "đọc được cấu hình %s", "the configuration %s is sound"),
                  path != NULL ? path : "HOSO_CLIENT_…");
    return true;
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
    }
    client_config_fini(&config);
    if (!check_settings(doctor, path) || !key_is_sound) {
        return false;
    }
    check_outbox(doctor);
    return true;
}
