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

/* file, what is wrong with it, what to do about that */
static const struct doctor_sentences key_file = {
    .sound = {"chỉ chủ sở hữu đọc được tệp khóa {1}", "only its owner can read the key file {1}"},
    .wrong = {"tệp khóa {1} {2}", "the key file {1} {2}"},
    .fix = {"{3}", "{3}"},
};
static const struct doctor_sentences outbox_in_use = {
    .sound = {"một `hoso publish` đang dùng hộp gửi {1}",
              "a `hoso publish` is using the outbox {1}"},
};
static const struct doctor_sentences outbox_opened = {
    .wrong = {"không mở được hộp gửi: {1}", "the outbox cannot be opened: {1}"},
    .fix = {"Làm theo lời báo; hộp gửi giữ sự kiện chưa được xác nhận, đừng xóa",
            "Do as it says; it holds events that are not acknowledged: do not delete it"},
};
/* outbox, how many */
static const struct doctor_sentences outbox_empty = {
    .sound = {"hộp gửi {1} không còn gì chờ", "nothing waits in the outbox {1}"},
    .wrong = {"{2} sự kiện còn chờ trong hộp gửi {1}", "{2} events wait in the outbox {1}"},
    .fix = {"Gửi tiếp: `hoso publish - </dev/null`", "Send them: `hoso publish - </dev/null`"},
};
static const struct doctor_sentences settings_read = {
    .sound = {"đọc được cấu hình {1}", "the configuration {1} is sound"},
    .wrong = {"cấu hình không dùng được: {1}", "the configuration cannot be used: {1}"},
    .fix = {"Sửa chỗ đó; `hoso config sample` in tệp mẫu",
            "Correct that; `hoso config sample` prints a sample"},
};

bool doctor_key_file(struct doctor *doctor, const char *check, const char *path, uid_t uid)
{
    struct stat file;
    const char *wrong = NULL;
    const char *fix = NULL;
    if (stat(path, &file) != 0) {
        wrong = doctor_text(doctor, IN(doctor, "không mở được: %s", "cannot be opened: %s"),
                            strerror(errno));
        fix = doctor_text(doctor,
                          IN(doctor, "Tạo khóa: `hoso key new %s`, rồi `hoso key grant`",
                             "Make it: `hoso key new %s`, then `hoso key grant`"),
                          path);
    } else if ((file.st_mode & NOBODY_ELSE) != 0) {
        wrong = doctor_text(
            doctor,
            IN(doctor, "có quyền %04o: người khác đọc được", "has mode %04o: others can read it"),
            file.st_mode & 07777);
        fix = doctor_text(doctor, "chmod 600 %s", path);
    } else if (file.st_uid != uid && (uid != geteuid() || access(path, R_OK) != 0)) {
        wrong = doctor_text(
            doctor,
            IN(doctor, "thuộc người dùng %u, phải là %u", "belongs to user %u, and should to %u"),
            (unsigned)file.st_uid, (unsigned)uid);
        fix = doctor_text(doctor, "chown %u %s", (unsigned)uid, path);
    }
    doctor_report(doctor, doctor_verdict(wrong == NULL), check, &key_file, path, wrong, fix);
    return wrong == NULL;
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
        doctor_report(doctor, VERDICT_FAILURE, check, &outbox_opened, error.text);
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
                  !good          ? error.text
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
    }
    client_config_fini(&config);
    if (!check_settings(doctor, path) || !key_is_sound) {
        return false;
    }
    check_outbox(doctor);
    return true;
}
