/* SPDX-License-Identifier: Apache-2.0
 *
 * What the site's registry says of our own key. A command that is proposed keeps name, role, units,
 * space and last day of who has them already; what nobody but the administrator can decide is a
 * word in capitals, which `hoso key grant` refuses.
 */
#include "services/hoso/doctor/doctor_internal.h"

#include <string.h>

#include "base/localday.h"

enum { EXPIRES_SOON_DAYS = 30 };

/* registry, our key, the name of its file */
static const struct doctor_sentences nobody = {
    .wrong = "our key was not granted: {1} does not have it",
    .fix = "Decide what it may do: `hoso key grant {3} --key '{2}' --role ROLE --units UNITS "
           "--registry {1}`. ROLE is source for a counter's software, agency for officials; admin, "
           "without --units, for administrators alone. Then send the services SIGHUP",
};
/* the same, and a command */
static const struct doctor_sentences another_key = {
    .wrong = "our key was not granted: {1} has another key for {3}",
    .fix = "If {3} was given a new key file, and it is ours: `{4}`, then send the services SIGHUP. "
           "Its password and tokens have to be made again",
};
/* registry, the name there, its role, its last day, a command */
static const struct doctor_sentences granted = {
    .sound = "our key is {2} with the role {3} in {1}; last day: {4}",
};
static const struct doctor_sentences ends_soon = {
    .wrong = "our key, {2} with the role {3} in {1}, expires on {4}",
    .fix = "Agree upon another last day: `{5}`, then send the services SIGHUP. A password and "
           "tokens of {2} have to be made again",
};
static const struct doctor_sentences ended = {
    .wrong = "our key, {2} with the role {3} in {1}, expired on {4}",
    .fix = "If it shall be used on: `{5}`, then send the services SIGHUP. A password and tokens of "
           "{2} have to be made again",
};

const struct principal *doctor_find_key(const struct registry *registry, const char *public_text)
{
    uint8_t key[BUS_KEY_SIZE];
    if (registry == NULL || bus_key_decode(public_text, key) != STATUS_OK) {
        return NULL;
    }
    for (unsigned i = 0; i < registry_count(registry); i++) {
        const struct principal *entry = registry_at(registry, i);
        if (entry->has_key && memcmp(entry->key, key, sizeof key) == 0) {
            return entry;
        }
    }
    return NULL;
}

static const struct principal *find_name(const struct registry *registry, const char *name)
{
    for (unsigned i = 0; i < registry_count(registry); i++) {
        if (strcmp(registry_at(registry, i)->name, name) == 0) {
            return registry_at(registry, i);
        }
    }
    return NULL;
}

/* Our key file is NAME.key, as hoso-first-run makes it; else the word that stands for a name. */
static const char *own_name(struct doctor *doctor)
{
    static const char ending[] = ".key";
    const char *path = doctor->key_path != NULL ? doctor->key_path : "";
    const char *slash = strrchr(path, '/');
    const char *name = slash != NULL ? slash + 1 : path;
    const size_t size = strlen(name);
    const size_t cut = size > strlen(ending) && strcmp(name + size - strlen(ending), ending) == 0
                           ? size - strlen(ending)
                           : 0;
    return cut != 0 ? doctor_text(doctor, "%.*s", (int)cut, name) : "NAME";
}

/* The command that gives `key` all that the entry has; without `last_day` the entry's own. */
static const char *grant_command(struct doctor *doctor, const struct principal *entry,
                                 const char *key, const char *last_day)
{
    struct buffer text;
    char expires[DATE_TEXT_SIZE] = "";
    buffer_init(&text, (size_t)REGISTRY_UNITS_MAX * REGISTRY_UNIT_SIZE + 1024);
    buffer_printf(&text, "hoso key grant %s --key '%s' --role %s", entry->name, key,
                  role_name(entry->role));
    for (unsigned i = 0; i < entry->unit_count; i++) {
        buffer_printf(&text, "%s%s", i == 0 ? " --units " : ",", entry->units[i]);
    }
    if (entry->all_units) {
        buffer_printf(&text, " --units '*'");
    }
    if (entry->space[0] != '\0') {
        buffer_printf(&text, " --space %s", entry->space);
    }
    if (entry->may_close) {
        buffer_printf(&text, " --close");
    }
    if (last_day == NULL && entry->expires_day != INT32_MAX) {
        localday_format(entry->expires_day, expires);
        last_day = expires;
    }
    if (last_day != NULL) {
        buffer_printf(&text, " --expires %s", last_day);
    }
    buffer_printf(&text, " --registry %s", doctor->site.registry_path);
    const char *command = arena_string(&doctor->arena, buffer_slice(&text));
    buffer_fini(&text);
    return command;
}

static void report_unknown(struct doctor *doctor)
{
    const char *key = doctor->settings.keys.public_text;
    const char *name = own_name(doctor);
    const struct principal *same = find_name(doctor->site.registry, name);
    if (same == NULL) {
        doctor_report(doctor, VERDICT_FAILURE, "site.our-key", &nobody, doctor->site.registry_path,
                      key, name);
    } else {
        doctor_report(doctor, VERDICT_FAILURE, "site.our-key", &another_key,
                      doctor->site.registry_path, key, name,
                      grant_command(doctor, same, key, NULL));
    }
}

void doctor_our_key(struct doctor *doctor)
{
    struct site *site = &doctor->site;
    const char *key = doctor->settings.keys.public_text;
    const struct principal *we = doctor_find_key(site->registry, key);
    char expires[DATE_TEXT_SIZE] = "-";
    if (key[0] == '\0') {
        return; /* our configuration could not be read, which is reported */
    }
    if (we == NULL) {
        site->our_key = OUR_KEY_NOT_GRANTED;
        report_unknown(doctor);
        return;
    }
    const bool over = we->expires_day < localday_today();
    const bool soon = we->expires_day - EXPIRES_SOON_DAYS < localday_today();
    if (we->expires_day != INT32_MAX) {
        localday_format(we->expires_day, expires);
    }
    site->our_key = over ? OUR_KEY_EXPIRED : OUR_KEY_GRANTED;
    doctor_report(doctor,
                  over   ? VERDICT_FAILURE
                  : soon ? VERDICT_WARNING
                         : VERDICT_OK,
                  "site.our-key",
                  over   ? &ended
                  : soon ? &ends_soon
                         : &granted,
                  site->registry_path, we->name, role_name(we->role), expires,
                  grant_command(doctor, we, key, "YYYY-MM-DD"));
}
