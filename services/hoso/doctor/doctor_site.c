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
    enum role role;
} services[] = {
    {"intake", "site.intake.key", "site.intake.rights", NULL, NULL, NULL, ROLE_SERVICE},
    {"aggregation", "site.aggregation.key", "site.aggregation.rights", "intake", "journal_key",
     "site.aggregation.config", ROLE_SERVICE},
    {"reporting", "site.reporting.key", "site.reporting.rights", "aggregation", "aggregation_key",
     "site.reporting.config", ROLE_SERVICE},
    {"gateway", "site.gateway.key", "site.gateway.rights", "reporting", "reporting_key",
     "site.gateway.config", ROLE_GATEWAY},
};

enum { SERVICES = sizeof services / sizeof *services };

/* setting, file, the service whose key it should be, that key, the service whose file it is */
static const struct doctor_sentences followed_key = {
    .sound = {"{1} trong {2} đúng là khóa của {3}", "{1} in {2} is the key of {3}"},
    .wrong = {"{1} trong {2} không phải là khóa của {3}", "{1} in {2} is not the key of {3}"},
    .fix = {"Ghi {1} = {4} vào {2}, khởi động lại {5}", "Write {1} = {4} to {2}, restart {5}"},
};
static const struct doctor_sentences config_read = {
    .wrong = {"cấu hình không đọc được: {1}", "the configuration cannot be read: {1}"},
    .fix = {"Sửa chỗ đó", "Correct that"},
};
/* file and how many keys, or the error */
static const struct doctor_sentences registry_read = {
    .sound = {"đọc được sổ đăng ký {1} ({2} khóa)", "the registry {1} is sound ({2} keys)"},
    .wrong = {"sổ đăng ký không đọc được: {1}", "the registry cannot be read: {1}"},
    .fix = {"Sửa chỗ đó, rồi gửi SIGHUP cho các dịch vụ",
            "Correct that, then send the services SIGHUP"},
};
/* registry, our key */
static const struct doctor_sentences our_key_there = {
    .wrong = {"khóa của chúng ta không có trong {1}", "our key is not in {1}"},
    .fix = {"hoso key grant TÊN --key '{2}' --role admin --registry {1}",
            "hoso key grant NAME --key '{2}' --role admin --registry {1}"},
};
/* the same, its name there, its role, its last day */
static const struct doctor_sentences our_key_lasts = {
    .sound = {"khóa của chúng ta là \"{3}\", vai trò {4}, hạn dùng: {5}",
              "our key is \"{3}\", role {4}, last day: {5}"},
    .fix = {"hoso key grant {3} --key '{2}' --role admin --registry {1}",
            "hoso key grant {3} --key '{2}' --role admin --registry {1}"},
};
/* service, its key, registry, its role */
static const struct doctor_sentences rights = {
    .sound = {"khóa của {1} có vai trò {4}", "the key of {1} has the role {4}"},
    .wrong = {"khóa của {1} không có vai trò {4} trong sổ đăng ký",
              "the key of {1} has not the role {4} in the registry"},
    .fix = {"hoso key grant {1} --key '{2}' --role {4} --registry {3}",
            "hoso key grant {1} --key '{2}' --role {4} --registry {3}"},
};

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
        doctor_report(doctor, VERDICT_FAILURE, service->config_check, &config_read, error.text);
    } else if (public_key(doctor, service->follows, key)) {
        doctor_report(doctor, doctor_verdict(strcmp(wanted.value, key) == 0), service->config_check,
                      &followed_key, service->key_setting, path, service->follows, key,
                      service->name);
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
    const char *key = doctor->settings.keys.public_text;
    const struct principal *we = find_key(registry, key);
    const int32_t today = localday_of_ms(clock_unix_ms());
    char expires[DATE_TEXT_SIZE] = "";
    if (we == NULL) {
        doctor_report(doctor, VERDICT_FAILURE, "site.our-key", &our_key_there, path, key);
        return;
    }
    if (we->expires_day != INT32_MAX) {
        localday_format(we->expires_day, expires);
    }
    const enum verdict verdict = we->expires_day < today                       ? VERDICT_FAILURE
                                 : we->expires_day - EXPIRES_SOON_DAYS < today ? VERDICT_WARNING
                                                                               : VERDICT_OK;
    doctor_report(doctor, verdict, "site.our-key", &our_key_lasts, path, key, we->name,
                  role_name(we->role),
                  expires[0] != '\0' ? expires : IN(doctor, "không có", "none"));
}

/* Each service asks the others with the role that its work needs. */
static void check_rights(struct doctor *doctor, const struct registry *registry, const char *path)
{
    for (unsigned i = 0; i < SERVICES; i++) {
        char key[BUS_KEY_TEXT_SIZE];
        if (!public_key(doctor, services[i].name, key)) {
            continue;
        }
        const struct principal *known = find_key(registry, key);
        const bool good = known != NULL && known->role == services[i].role;
        doctor_report(doctor, doctor_verdict(good), services[i].rights_check, &rights,
                      services[i].name, key, path, role_name(services[i].role));
    }
}

static void check_registry(struct doctor *doctor)
{
    char path[PATH_MAX];
    struct registry *registry = NULL;
    struct error error = {.text = ""};
    (void)snprintf(path, sizeof path, "%s/registry/registry", doctor->site);
    if (registry_open(path, &registry, &error) != STATUS_OK) {
        doctor_report(doctor, VERDICT_FAILURE, "site.registry", &registry_read, error.text);
        return;
    }
    doctor_report(doctor, VERDICT_OK, "site.registry", &registry_read, path,
                  doctor_text(doctor, "%u", registry_count(registry)));
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
