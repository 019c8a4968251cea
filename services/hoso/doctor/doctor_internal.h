/* SPDX-License-Identifier: Apache-2.0
 *
 * hoso doctor: findings about one installation, each a verdict, a sentence and what to do. It only
 * looks; nothing is changed.
 */
#ifndef HOSO_DOCTOR_DOCTOR_INTERNAL_H
#define HOSO_DOCTOR_DOCTOR_INTERNAL_H

#include <stdio.h>
#include <sys/types.h>

#include "client/ask_status.h"
#include "registry/registry.h"
#include "services/hoso/command.h"

enum {
    FINDINGS_MAX = 256,
    DOCTOR_ARENA_BYTES = 16 << 20,
    DOCTOR_TIMEOUT_MS = 3000 /* of one question, if --timeout is not given */
};

/* SKIPPED = it does not apply here, or cannot be seen from here; the sentence says why. */
enum verdict { VERDICT_OK, VERDICT_SKIPPED, VERDICT_WARNING, VERDICT_FAILURE, VERDICT_COUNT };

struct doctor_finding {
    enum verdict verdict;
    const char *check; /* stable: "intake.reachable" */
    const char *text;
    const char *fix; /* "" = nothing to do */
};

/* What the doctor says of one thing, in English; po/vi.po has the Vietnamese. {1}, {2}, … stand for
 * the arguments. */
struct doctor_sentences {
    const char *sound; /* of OK and SKIPPED */
    const char *wrong; /* NULL = the same as `sound` */
    const char *fix;
};

/* What is known of our key from the site's registry. */
enum our_key {
    OUR_KEY_UNSEEN, /* there is no registry to look at */
    OUR_KEY_NOT_GRANTED,
    OUR_KEY_EXPIRED,
    OUR_KEY_GRANTED
};

/* What a service's log says since it was last started. */
enum site_log {
    SITE_LOG_UNSEEN,
    SITE_LOG_RUNS,    /* it did not end in order; it runs, or was killed */
    SITE_LOG_STOPPED, /* it was stopped */
    SITE_LOG_FAILED   /* it ended, or could not start, and says why */
};

enum { SITE_SERVICES = 4 };

/* A service of the site, from its configuration; what that does not have is "". */
struct site_service {
    const char *name;
    const char *config; /* the file */
    const char *key;
    const char *registry;
    const char *data;
    const char *followed_key;
    const char *proxy_user;
    bool configured;   /* its configuration could be read */
    bool check_failed; /* `--check` found a fault */
    enum site_log log;
};

struct site {
    const char *folder; /* of hoso-first-run, or NULL: then the rest is empty */
    bool containers;    /* made for containers: paths in configurations are theirs */
    struct registry *registry;
    const char *registry_path;
    enum our_key our_key;
    struct site_service services[SITE_SERVICES];
};

struct doctor {
    const struct command *command;
    struct site site;
    struct arena arena;
    struct doctor_finding findings[FINDINGS_MAX];
    unsigned count;
    struct client_settings settings;
    const char *key_path; /* of our own key; NULL = not known */
    struct status_answer answers[STATUS_PEERS];
};

/* doctor_report(doctor, verdict, check, sentences, {1}, {2}, …): adds a finding. `check` lives as
 * long as the doctor, as texts of doctor_text do. */
#define doctor_report(doctor, verdict, check, sentences, ...) \
    doctor_add((doctor), (verdict), (check), (sentences), (const char *const[]){__VA_ARGS__, NULL})
void doctor_add(struct doctor *doctor, enum verdict verdict, const char *check,
                const struct doctor_sentences *sentences, const char *const *arguments);
/* A failure, unless it is good. */
static inline enum verdict doctor_verdict(bool good)
{
    return good ? VERDICT_OK : VERDICT_FAILURE;
}

__attribute__((format(printf, 2, 3))) const char *doctor_text(struct doctor *doctor,
                                                              const char *format, ...);
/* What a service or the library says, in the command's language as far as po/vi.po has it. */
const char *doctor_quote(struct doctor *doctor, const char *english);
/* "2 hours", the whole ones of the largest unit that there is one of. */
const char *doctor_duration(struct doctor *doctor, int64_t duration_ms);
/* False = out of room, or stdout is closed. */
bool doctor_print(const struct doctor *doctor, FILE *out);
unsigned doctor_failures(const struct doctor *doctor);

/* Reports what is wrong with a key file; false = something is. `uid` is the user who has to be able
 * to read it; our own key is good if we can, whoever owns it. */
bool doctor_key_file(struct doctor *doctor, const char *check, const char *path, uid_t uid);
/* Loads the settings on the way; false = no service can be asked with them. */
bool doctor_files(struct doctor *doctor);
/* Which endpoint answers, with which key, and whether it knows ours; fills `answers`. */
void doctor_endpoints(struct doctor *doctor);
/* What the services report about themselves, and whether that fits together. */
void doctor_services(struct doctor *doctor);

/* Keys, configurations, registry and services of the site. What it finds out helps the others to
 * name causes, so it comes before them. */
void doctor_site(struct doctor *doctor);
void doctor_site_close(struct doctor *doctor);
/* Each service's `--check`, and what its log says. */
void doctor_site_services(struct doctor *doctor);
/* The service of this name; NULL = there is no site, or the site does not have it. */
const struct site_service *doctor_site_service(const struct doctor *doctor, const char *name);

/* The entry with this public key; NULL = there is none. */
const struct principal *doctor_find_key(const struct registry *registry, const char *public_text);
/* What the registry says of our key, for site.our_key, too. */
void doctor_our_key(struct doctor *doctor);

/* Runs a program as this user, and keeps what it prints; a program that takes longer than 10 s is
 * ended. False = it could not be run. */
struct doctor_program {
    const char *const *arguments; /* the first is its path */
    uid_t uid;
    gid_t gid;
};
bool doctor_run(const struct doctor_program *program, struct buffer *output, int *ret_code);

#endif
