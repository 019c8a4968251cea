/* SPDX-License-Identifier: Apache-2.0
 *
 * What hoso-first-run made, as it is now: who can read the keys, whether each service expects the
 * key that the one it follows has, and which rights the registry grants.
 */
#include "services/hoso/doctor/doctor_internal.h"

#include <limits.h>
#include <pwd.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/localday.h"
#include "config/config.h"
#include "config/ini_file.h"
#include "keys/key_file.h"
#include "registry/registry.h"
#include "service/service.h"

enum { EXPIRES_SOON_DAYS = 30, CONTAINER_UID = 10001, CONF_BYTES_MAX = 1 << 20 };

static const struct site_service {
    const char *name;
    const char *key_check;
    const char *rights_check;
    const char *follows; /* NULL = none */
    const char *key_setting;
    const char *config_check;
} services[] = {
    {"intake", "site.intake.key", "site.intake.rights", NULL, NULL, NULL},
    {"aggregation", "site.aggregation.key", "site.aggregation.rights", "intake", "journal_key",
     "site.aggregation.config"},
    {"reporting", "site.reporting.key", "site.reporting.rights", "aggregation", "aggregation_key",
     "site.reporting.config"},
};

enum { SERVICES = sizeof services / sizeof *services };

/* Who reads a service's key: its own user with systemd, the containers' otherwise. */
static uid_t owner_of(const char *service, bool systemd)
{
    char name[64];
    (void)snprintf(name, sizeof name, "hoso-%s", service);
    const struct passwd *user = systemd ? getpwnam(name) : NULL;
    return user != NULL ? user->pw_uid : CONTAINER_UID;
}

/* `inside` was made for containers only. A site that is not root's belongs to
 * the user who made it. */
static void check_key_files(struct doctor *doctor)
{
    char path[PATH_MAX];
    struct stat folder;
    (void)snprintf(path, sizeof path, "%s/inside", doctor->site);
    const bool systemd = access(path, F_OK) != 0;
    const bool there = stat(doctor->site, &folder) == 0;
    for (unsigned i = 0; there && i < SERVICES; i++) {
        const uid_t owner =
            folder.st_uid == 0 ? owner_of(services[i].name, systemd) : folder.st_uid;
        (void)snprintf(path, sizeof path, "%s/keys/%s.key", doctor->site, services[i].name);
        (void)doctor_key_file(doctor, services[i].key_check, path, owner);
    }
}

/* The public key of a service; false = its file cannot be read, which is reported elsewhere. */
static bool public_key(const struct doctor *doctor, const char *service,
                       char ret_text[BUS_KEY_TEXT_SIZE])
{
    char path[PATH_MAX];
    struct bus_keys keys;
    (void)snprintf(path, sizeof path, "%s/keys/%s.key", doctor->site, service);
    if (key_file_read(path, &keys, NULL) != STATUS_OK) {
        return false;
    }
    memcpy(ret_text, keys.public_text, BUS_KEY_TEXT_SIZE);
    explicit_bzero(&keys, sizeof keys);
    return true;
}

/* The value of one setting of a service's configuration; the others are the service's business. */
struct wanted {
    const char *name;
    char value[CONFIG_VALUE_MAX + 1];
};

static enum status take_wanted(void *context, const struct ini_entry *entry, struct error *error)
{
    struct wanted *wanted = context;
    (void)error;
    if (entry->name != NULL && strcmp(entry->name, wanted->name) == 0) {
        (void)snprintf(wanted->value, sizeof wanted->value, "%s", entry->value);
    }
    return STATUS_OK;
}

/* Does the service expect the key that the one it follows has? */
static void check_followed_key(struct doctor *doctor, const struct site_service *service)
{
    char path[PATH_MAX];
    char key[BUS_KEY_TEXT_SIZE];
    struct wanted wanted = {.name = service->key_setting, .value = ""};
    struct error error = {.text = ""};
    (void)snprintf(path, sizeof path, "%s/%s.conf", doctor->site, service->name);
    const enum status status = ini_file_read(path, CONF_BYTES_MAX, 0, take_wanted, &wanted, &error);
    if (status != STATUS_OK) {
        doctor_report(
            doctor, VERDICT_FAILURE, service->config_check,
            IN(doctor, "Sửa chỗ đó", "Correct that"),
            IN(doctor, "cấu hình không đọc được: %s", "the configuration cannot be read: %s"),
            error.text);
    } else if (public_key(doctor, service->follows, key)) {
        const bool same = strcmp(wanted.value, key) == 0;
        doctor_report(
            doctor, same ? VERDICT_OK : VERDICT_FAILURE, service->config_check,
            same ? ""
                 : doctor_text(doctor,
                               IN(doctor, "Ghi %s = %s vào %s, khởi động lại %s",
                                  "Write %s = %s to %s, restart %s"),
                               service->key_setting, key, path, service->name),
            same ? IN(doctor, "%s trong %s đúng là khóa của %s", "%s in %s is the key of %s")
                 : IN(doctor, "%s trong %s không phải là khóa của %s",
                      "%s in %s is not the key of %s"),
            service->key_setting, path, service->follows);
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
        doctor_report(doctor, VERDICT_FAILURE, "site.our-key", fix,
                      IN(doctor, "khóa của chúng ta không có trong %s", "our key is not in %s"),
                      path);
        return;
    }
    if (we->expires_day != INT32_MAX) {
        localday_format(we->expires_day, expires);
    }
    const enum verdict verdict = we->expires_day < today                       ? VERDICT_FAILURE
                                 : we->expires_day - EXPIRES_SOON_DAYS < today ? VERDICT_WARNING
                                                                               : VERDICT_OK;
    doctor_report(doctor, verdict, "site.our-key", verdict == VERDICT_OK ? "" : fix,
                  IN(doctor, "khóa của chúng ta là \"%s\", vai trò %s, hạn dùng: %s",
                     "our key is \"%s\", role %s, last day: %s"),
                  we->name, role_name(we->role),
                  expires[0] != '\0' ? expires : IN(doctor, "không có", "none"));
}

/* Each service asks the others as role service. */
static void check_rights(struct doctor *doctor, const struct registry *registry, const char *path)
{
    for (unsigned i = 0; i < SERVICES; i++) {
        char key[BUS_KEY_TEXT_SIZE];
        if (!public_key(doctor, services[i].name, key)) {
            continue;
        }
        const struct principal *known = find_key(registry, key);
        const bool good = known != NULL && known->role == ROLE_SERVICE;
        doctor_report(
            doctor, good ? VERDICT_OK : VERDICT_FAILURE, services[i].rights_check,
            good ? ""
                 : doctor_text(doctor, "hoso key grant %s --key '%s' --role service --registry %s",
                               services[i].name, key, path),
            good
                ? IN(doctor, "khóa của %s có vai trò service", "the key of %s has the role service")
                : IN(doctor, "khóa của %s không có vai trò service trong sổ đăng ký",
                     "the key of %s has not the role service in the registry"),
            services[i].name);
    }
}

static void check_registry(struct doctor *doctor)
{
    char path[PATH_MAX];
    struct registry *registry = NULL;
    struct error error = {.text = ""};
    (void)snprintf(path, sizeof path, "%s/registry/registry", doctor->site);
    if (registry_open(path, &registry, &error) != STATUS_OK) {
        doctor_report(
            doctor, VERDICT_FAILURE, "site.registry",
            IN(doctor, "Sửa chỗ đó, rồi gửi SIGHUP cho các dịch vụ",
               "Correct that, then send the services SIGHUP"),
            IN(doctor, "sổ đăng ký không đọc được: %s", "the registry cannot be read: %s"),
            error.text);
        return;
    }
    doctor_report(
        doctor, VERDICT_OK, "site.registry", "",
        IN(doctor, "đọc được sổ đăng ký %s (%u khóa)", "the registry %s is sound (%u keys)"), path,
        registry_count(registry));
    if (doctor->settings.keys.public_text[0] != '\0') {
        check_our_key(doctor, registry, path);
    }
    check_rights(doctor, registry, path);
    registry_close(registry);
}

void doctor_site(struct doctor *doctor)
{
    check_key_files(doctor);
    for (unsigned i = 0; i < SERVICES; i++) {
        if (services[i].follows != NULL) {
            check_followed_key(doctor, &services[i]);
        }
    }
    check_registry(doctor);
}
