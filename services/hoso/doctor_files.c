/* SPDX-License-Identifier: Apache-2.0
 *
 * What can be seen without asking anybody: configuration, key files, registry, outbox.
 */
#include "services/hoso/doctor.h"

#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <pwd.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/localday.h"
#include "client/outbox.h"
#include "client/settings.h"
#include "registry/registry.h"

enum { NOBODY_ELSE = 077, EXPIRES_SOON_DAYS = 30, CONTAINER_UID = 10001 };

#define OUTBOX_MAP_BYTES (UINT64_C(1) << 40)

/* Says what is wrong with a key file; false = something is. `uid` is who has to read it; that is
 * us if we are asked about our own, whoever owns it. */
static bool check_key_file(struct doctor *doctor, const char *check, const char *path, uid_t uid)
{
    struct stat file;
    if (stat(path, &file) != 0) {
        doctor_say(doctor, VERDICT_FAILURE, check,
                   doctor_text(doctor,
                               IN(doctor, "Tạo khóa: `hoso key new %s`, rồi `hoso key grant`",
                                  "Make it: `hoso key new %s`, then `hoso key grant`"),
                               path),
                   IN(doctor, "không mở được tệp khóa %s: %s", "the key file %s: %s"), path,
                   strerror(errno));
        return false;
    }
    if ((file.st_mode & NOBODY_ELSE) != 0) {
        doctor_say(doctor, VERDICT_FAILURE, check, doctor_text(doctor, "chmod 600 %s", path),
                   IN(doctor, "tệp khóa %s có quyền %04o: người khác đọc được",
                      "the key file %s has mode %04o: others can read it"),
                   path, file.st_mode & 07777);
        return false;
    }
    if (file.st_uid != uid && (uid != geteuid() || access(path, R_OK) != 0)) {
        doctor_say(doctor, VERDICT_FAILURE, check,
                   doctor_text(doctor, "chown %u %s", (unsigned)uid, path),
                   IN(doctor, "tệp khóa %s thuộc người dùng %u, phải là %u",
                      "the key file %s belongs to user %u, and should to %u"),
                   path, (unsigned)file.st_uid, (unsigned)uid);
        return false;
    }
    doctor_say(doctor, VERDICT_OK, check, "",
               IN(doctor, "chỉ chủ sở hữu đọc được tệp khóa %s",
                  "only its owner can read the key file %s"),
               path);
    return true;
}

/* One that nobody publishes from is looked into; it is not changed. */
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
        doctor_say(doctor, VERDICT_OK, "client.outbox", "",
                   IN(doctor, "một `hoso publish` đang dùng hộp gửi %s",
                      "a `hoso publish` is using the outbox %s"),
                   settings->outbox);
    } else if (status != STATUS_OK) {
        doctor_say(doctor, VERDICT_FAILURE, "client.outbox",
                   IN(doctor, "Làm theo lời báo; hộp gửi giữ sự kiện chưa được xác nhận, đừng xóa",
                      "Do as it says; it holds events that are not acknowledged: do not delete it"),
                   IN(doctor, "không mở được hộp gửi: %s", "the outbox cannot be opened: %s"),
                   error.text);
    } else if (outbox_end(outbox) != outbox_first(outbox)) {
        doctor_say(doctor, VERDICT_WARNING, "client.outbox",
                   IN(doctor, "Gửi tiếp: `hoso publish - </dev/null`",
                      "Send them: `hoso publish - </dev/null`"),
                   IN(doctor, "%" PRIu64 " sự kiện còn chờ trong hộp gửi %s",
                      "%" PRIu64 " events wait in the outbox %s"),
                   outbox_end(outbox) - outbox_first(outbox), settings->outbox);
    } else {
        doctor_say(doctor, VERDICT_OK, "client.outbox", "",
                   IN(doctor, "hộp gửi %s không còn gì chờ", "nothing waits in the outbox %s"),
                   settings->outbox);
    }
    outbox_close(outbox);
}

static bool check_settings(struct doctor *doctor, const char *path)
{
    struct hoso_error error = {.text = ""};
    if (client_settings_load(path, environ, &doctor->settings, &error) != HOSO_OK) {
        doctor_say(doctor, VERDICT_FAILURE, "client.config",
                   IN(doctor, "Sửa chỗ đó; `hoso config sample` in tệp mẫu",
                      "Correct that; `hoso config sample` prints a sample"),
                   IN(doctor, "cấu hình không dùng được: %s", "the configuration is of no use: %s"),
                   error.text);
        return false;
    }
    doctor->settings.timeout_ms = doctor->command->timeout_ms != 0
                                      ? (unsigned)doctor->command->timeout_ms
                                      : DOCTOR_TIMEOUT_MS;
    doctor_say(doctor, VERDICT_OK, "client.config", "",
               IN(doctor, "đọc được cấu hình %s", "the configuration %s is sound"),
               path != NULL ? path : "HOSO_CLIENT_…");
    return true;
}

bool doctor_files(struct doctor *doctor)
{
    char at_home[CLIENT_PATH_MAX + 1];
    char key[CLIENT_PATH_MAX + 1];
    struct config *config = NULL;
    const char *path = command_config_path(doctor->command, at_home);
    bool key_is_sound = true;
    if (client_config_load(path, environ, &config, NULL) == STATUS_OK &&
        client_config_resolve(config, path, "key", key, sizeof key)) {
        key_is_sound = check_key_file(doctor, "client.key", key, geteuid());
    }
    config_free(config);
    if (!check_settings(doctor, path) || !key_is_sound) {
        return false;
    }
    check_outbox(doctor);
    return true;
}

/* Who reads a service's key: its own user with systemd, the containers' otherwise. */
static uid_t owner_of(const char *service, bool systemd)
{
    char name[64];
    (void)snprintf(name, sizeof name, "hoso-%s", service);
    const struct passwd *user = systemd ? getpwnam(name) : NULL;
    return user != NULL ? user->pw_uid : CONTAINER_UID;
}

/* `inside` was made for containers only. A site that is no root's belongs to whoever made it. */
static void check_site_keys(struct doctor *doctor)
{
    static const char *const services[][2] = {{"intake", "site.intake.key"},
                                              {"aggregation", "site.aggregation.key"},
                                              {"reporting", "site.reporting.key"}};
    char path[PATH_MAX];
    struct stat folder;
    (void)snprintf(path, sizeof path, "%s/inside", doctor->site);
    const bool systemd = access(path, F_OK) != 0;
    (void)snprintf(path, sizeof path, "%s", doctor->site);
    const bool roots = stat(path, &folder) == 0 && folder.st_uid == 0;
    for (unsigned i = 0; i < sizeof services / sizeof *services; i++) {
        (void)snprintf(path, sizeof path, "%s/keys/%s.key", doctor->site, services[i][0]);
        (void)check_key_file(doctor, services[i][1], path,
                             roots ? owner_of(services[i][0], systemd) : folder.st_uid);
    }
}

static const struct principal *find_key(const struct registry *registry, const char *public_text)
{
    uint8_t key[BUS_KEY_SIZE];
    if (bus_key_decode(public_text, key) != STATUS_OK) {
        return NULL;
    }
    for (unsigned i = 0; i < registry_count(registry); i++) {
        if (memcmp(registry_at(registry, i)->key, key, sizeof key) == 0) {
            return registry_at(registry, i);
        }
    }
    return NULL;
}

static void check_our_key(struct doctor *doctor, const struct registry *registry, const char *path)
{
    const struct principal *we = find_key(registry, doctor->settings.keys.public_text);
    const int32_t today = localday_of_ms(clock_unix_ms());
    const char *fix = doctor_text(doctor, "hoso key grant %s --key '%s' --role admin --registry %s",
                                  we != NULL ? we->name : IN(doctor, "TÊN", "NAME"),
                                  doctor->settings.keys.public_text, path);
    char expires[DATE_TEXT_SIZE] = "";
    if (we == NULL) {
        doctor_say(doctor, VERDICT_FAILURE, "site.our-key", fix,
                   IN(doctor, "khóa của chúng ta không có trong %s", "our key is not in %s"), path);
        return;
    }
    if (we->expires_day != INT32_MAX) {
        localday_format(we->expires_day, expires);
    }
    const enum verdict verdict = we->expires_day < today                       ? VERDICT_FAILURE
                                 : we->expires_day - EXPIRES_SOON_DAYS < today ? VERDICT_WARNING
                                                                               : VERDICT_OK;
    doctor_say(doctor, verdict, "site.our-key", verdict == VERDICT_OK ? "" : fix,
               IN(doctor, "khóa của chúng ta là \"%s\", vai trò %s, hạn dùng: %s",
                  "our key is \"%s\", role %s, last day: %s"),
               we->name, role_name(we->role),
               expires[0] != '\0' ? expires : IN(doctor, "không có", "none"));
}

static void check_registry(struct doctor *doctor)
{
    char path[PATH_MAX];
    struct registry *registry = NULL;
    struct error error = {.text = ""};
    (void)snprintf(path, sizeof path, "%s/registry/registry", doctor->site);
    if (registry_open(path, &registry, &error) != STATUS_OK) {
        doctor_say(doctor, VERDICT_FAILURE, "site.registry",
                   IN(doctor, "Sửa chỗ đó, rồi gửi SIGHUP cho các dịch vụ",
                      "Correct that, then send the services SIGHUP"),
                   IN(doctor, "sổ đăng ký không đọc được: %s", "the registry cannot be read: %s"),
                   error.text);
        return;
    }
    doctor_say(doctor, VERDICT_OK, "site.registry", "",
               IN(doctor, "đọc được sổ đăng ký %s (%u khóa)", "the registry %s is sound (%u keys)"),
               path, registry_count(registry));
    if (doctor->settings.keys.public_text[0] != '\0') {
        check_our_key(doctor, registry, path);
    }
    registry_close(registry);
}

void doctor_site(struct doctor *doctor)
{
    check_site_keys(doctor);
    check_registry(doctor);
}
