/* SPDX-License-Identifier: Apache-2.0
 *
 * A site as hoso-first-run makes it, or one like it: NAME.conf for each service. Who can read the
 * keys, whether each service expects the key that the one it follows has, and which rights the
 * registry grants.
 */
#include "services/hoso/doctor/doctor_internal.h"

#include <limits.h>
#include <pwd.h>
#include <stddef.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "config/config.h"
#include "config/ini_file.h"
#include "keys/key_file.h"

enum { CONTAINER_UID = 10001, CONF_BYTES_MAX = 1 << 20 };

static const struct site_row {
    const char *name;
    const char *key_check;
    const char *rights_check;
    const char *config_check;
    const char *follows; /* NULL = none */
    const char *key_setting;
    enum role role;
} rows[SITE_SERVICES] = {
    {"intake", "site.intake.key", "site.intake.rights", "site.intake.config", NULL, NULL,
     ROLE_SERVICE},
    {"aggregation", "site.aggregation.key", "site.aggregation.rights", "site.aggregation.config",
     "intake", "journal_key", ROLE_SERVICE},
    {"reporting", "site.reporting.key", "site.reporting.rights", "site.reporting.config",
     "aggregation", "aggregation_key", ROLE_SERVICE},
    {"gateway", "site.gateway.key", "site.gateway.rights", "site.gateway.config", "reporting",
     "reporting_key", ROLE_GATEWAY},
};

/* setting, file, the service whose key it should be, that key, the service whose file it is */
static const struct doctor_sentences followed_key = {
    .sound = "{1} in {2} is the key of {3}",
    .wrong = "{1} in {2} is not the key of {3}",
    .fix = "Write {1} = {4} to {2}, restart {5}",
};
static const struct doctor_sentences config_read = {
    .wrong = "the configuration cannot be read: {1}",
    .fix = "Correct that",
};
/* file and how many keys, or the error */
static const struct doctor_sentences registry_read = {
    .sound = "the registry {1} is sound ({2} entries)",
    .wrong = "the registry cannot be read: {1}",
    .fix = "Correct that, then send the services SIGHUP",
};
/* service, its key, registry, its role */
static const struct doctor_sentences rights = {
    .sound = "the key of {1} has the role {4}",
    .wrong = "the key of {1} does not have the role {4} in the registry",
    .fix = "`hoso key grant {1} --key '{2}' --role {4} --registry {3}`, then send the services "
           "SIGHUP",
};
/* registry */
static const struct doctor_sentences logins = {
    .wrong = "nobody can log in at the gateway: nobody in {1} has a password or a token",
    .fix = "`hoso key password NAME --registry {1}` for who shall, then send the gateway SIGHUP",
};

struct conf_reading {
    struct doctor *doctor;
    struct site_service *service;
    const char *followed_key; /* the setting's name, or NULL */
};

/* The settings that we look at; the others are the service's own business. */
static enum status take_setting(void *context, const struct ini_entry *entry, struct error *error)
{
    const struct conf_reading *reading = context;
    struct site_service *service = reading->service;
    const struct {
        const char *name;
        const char **value;
    } wanted[] = {
        {"key", &service->key},
        {"registry", &service->registry},
        {"data", &service->data},
        {"proxy_user", &service->proxy_user},
        {reading->followed_key, &service->followed_key},
    };
    (void)error;
    for (size_t i = 0; entry->name != NULL && i < sizeof wanted / sizeof *wanted; i++) {
        if (wanted[i].name != NULL && strcmp(entry->name, wanted[i].name) == 0) {
            *wanted[i].value = arena_string(&reading->doctor->arena, slice_text(entry->value));
        }
    }
    return STATUS_OK;
}

/* Containers see their keys and registry elsewhere; here they are in the site's folders. */
static void read_conf(struct doctor *doctor, unsigned i)
{
    struct site *site = &doctor->site;
    struct site_service *service = &site->services[i];
    struct error error = {.text = ""};
    struct conf_reading reading = {doctor, service, rows[i].key_setting};
    *service = (struct site_service){
        .name = rows[i].name,
        .config = doctor_text(doctor, "%s/%s.conf", site->folder, rows[i].name),
        .key = "",
        .registry = "",
        .data = "",
        .followed_key = "",
        .proxy_user = ""};
    service->configured = ini_file_read(service->config, CONF_BYTES_MAX, 0, take_setting, &reading,
                                        &error) == STATUS_OK;
    if (!service->configured) {
        service->config = error.text[0] != '\0' ? doctor_text(doctor, "%s", error.text) : "";
    }
    if (site->containers || service->key[0] == '\0') {
        service->key = doctor_text(doctor, "%s/keys/%s.key", site->folder, rows[i].name);
    }
    if (site->containers || service->registry[0] == '\0') {
        service->registry = doctor_text(doctor, "%s/registry/registry", site->folder);
    }
}

/* The configurations, so that all checks can say more. */
static void read_site(struct doctor *doctor)
{
    struct site *site = &doctor->site;
    char inside[PATH_MAX];
    (void)snprintf(inside, sizeof inside, "%s/inside", site->folder);
    site->containers = access(inside, F_OK) == 0;
    for (unsigned i = 0; i < SITE_SERVICES; i++) {
        read_conf(doctor, i);
    }
    site->registry_path = site->services[0].registry;
}

void doctor_site_close(struct doctor *doctor)
{
    registry_close(doctor->site.registry);
    doctor->site.registry = NULL;
}

const struct site_service *doctor_site_service(const struct doctor *doctor, const char *name)
{
    const struct site *site = &doctor->site;
    for (unsigned i = 0; site->folder != NULL && i < SITE_SERVICES; i++) {
        if (site->services[i].configured && strcmp(site->services[i].name, name) == 0) {
            return &site->services[i];
        }
    }
    return NULL;
}

/* Who reads a service's key. A site that is not root's belongs to the user who made it; root's is
 * for containers, or for units with users of their own. */
static uid_t owner_of(const struct site *site, const char *service, const struct stat *folder)
{
    char name[64];
    (void)snprintf(name, sizeof name, "hoso-%s", service);
    const struct passwd *user = folder->st_uid == 0 && !site->containers ? getpwnam(name) : NULL;
    return user != NULL                              ? user->pw_uid
           : folder->st_uid == 0 && site->containers ? (uid_t)CONTAINER_UID
                                                     : folder->st_uid;
}

static void check_key_files(struct doctor *doctor)
{
    const struct site *site = &doctor->site;
    struct stat folder;
    const bool there = stat(site->folder, &folder) == 0;
    for (unsigned i = 0; there && i < SITE_SERVICES; i++) {
        if (site->services[i].configured) {
            (void)doctor_key_file(doctor, rows[i].key_check, site->services[i].key,
                                  owner_of(site, rows[i].name, &folder));
        }
    }
}

/* The public key of a service; false = its file cannot be read, which is reported elsewhere. */
static bool public_key(const struct doctor *doctor, const char *name,
                       char ret_text[BUS_KEY_TEXT_SIZE])
{
    const struct site_service *service = doctor_site_service(doctor, name);
    struct bus_keys keys;
    if (service == NULL || key_file_read(service->key, &keys, NULL) != STATUS_OK) {
        return false;
    }
    memcpy(ret_text, keys.public_text, BUS_KEY_TEXT_SIZE);
    explicit_bzero(&keys, sizeof keys);
    return true;
}

/* Can it be read, and does the service expect the key that the one it follows has? A site need not
 * have a gateway. */
static void check_conf(struct doctor *doctor, unsigned i)
{
    const struct site_service *service = &doctor->site.services[i];
    char key[BUS_KEY_TEXT_SIZE];
    if (!service->configured && rows[i].role == ROLE_SERVICE) {
        doctor_report(doctor, VERDICT_FAILURE, rows[i].config_check, &config_read,
                      doctor_quote(doctor, service->config));
    } else if (service->configured && rows[i].follows != NULL &&
               public_key(doctor, rows[i].follows, key)) {
        doctor_report(doctor, doctor_verdict(strcmp(service->followed_key, key) == 0),
                      rows[i].config_check, &followed_key, rows[i].key_setting, service->config,
                      rows[i].follows, key, service->name);
    }
}

/* Each service asks the others with the role that its work needs. */
static void check_rights(struct doctor *doctor)
{
    for (unsigned i = 0; i < SITE_SERVICES; i++) {
        char key[BUS_KEY_TEXT_SIZE];
        if (!public_key(doctor, rows[i].name, key)) {
            continue;
        }
        const struct principal *known = doctor_find_key(doctor->site.registry, key);
        const bool good = known != NULL && known->role == rows[i].role;
        doctor_report(doctor, doctor_verdict(good), rows[i].rights_check, &rights, rows[i].name,
                      key, doctor->site.registry_path, role_name(rows[i].role));
    }
}

/* A gateway is for people and programs that log in, unless a proxy names them. */
static void check_logins(struct doctor *doctor)
{
    const struct site *site = &doctor->site;
    const struct site_service *gateway = doctor_site_service(doctor, "gateway");
    bool any = false;
    for (unsigned i = 0; i < registry_count(site->registry); i++) {
        const struct principal *entry = registry_at(site->registry, i);
        any = any || entry->password != NULL || entry->token_count != 0;
    }
    if (gateway != NULL && !any && gateway->proxy_user[0] == '\0') {
        doctor_report(doctor, VERDICT_WARNING, "site.gateway.logins", &logins, site->registry_path);
    }
}

static void check_registry(struct doctor *doctor)
{
    struct site *site = &doctor->site;
    struct error error = {.text = ""};
    if (registry_open(site->registry_path, &site->registry, &error) != STATUS_OK) {
        doctor_report(doctor, VERDICT_FAILURE, "site.registry", &registry_read,
                      doctor_quote(doctor, error.text));
        return;
    }
    doctor_report(doctor, VERDICT_OK, "site.registry", &registry_read, site->registry_path,
                  doctor_text(doctor, "%u", registry_count(site->registry)));
    doctor_our_key(doctor);
    check_rights(doctor);
    check_logins(doctor);
}

void doctor_site(struct doctor *doctor)
{
    read_site(doctor);
    check_key_files(doctor);
    for (unsigned i = 0; i < SITE_SERVICES; i++) {
        check_conf(doctor, i);
    }
    check_registry(doctor);
    doctor_site_services(doctor);
}
