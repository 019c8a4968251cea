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
#include "services/hoso/command.h"

enum {
    FINDINGS_MAX = 256,
    DOCTOR_ARENA_BYTES = 16 << 20,
    DOCTOR_TIMEOUT_MS = 3000 /* of one question, if --timeout is not given */
};

enum verdict { VERDICT_OK, VERDICT_WARNING, VERDICT_FAILURE };

struct doctor_finding {
    enum verdict verdict;
    const char *check; /* stable: "intake.reachable" */
    const char *text;
    const char *fix; /* "" = nothing to do */
};

struct doctor {
    const struct command *command;
    const char *site; /* directory of hoso-first-run, or NULL */
    struct arena arena;
    struct doctor_finding findings[FINDINGS_MAX];
    unsigned count;
    struct client_settings settings;
    struct status_answer answers[STATUS_PEERS];
};

/* What the doctor says of one thing, in Vietnamese and in English: that it is sound; what is wrong,
 * and what to do. NULL in `wrong` = the same as in `sound`. {1}, {2}, … stand for the arguments. */
struct doctor_sentences {
    const char *sound[2];
    const char *wrong[2];
    const char *fix[2];
};

/* The text in the command's language. */
#define IN(doctor, vietnamese, english_text) \
    ((doctor)->command->english ? (english_text) : (vietnamese))

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
/* False = out of room, or stdout is closed. */
bool doctor_print(const struct doctor *doctor, FILE *out);
unsigned doctor_failures(const struct doctor *doctor);

/* Reports what is wrong with a key file; false = something is. `uid` is the user who has to be able
 * to read it; our own key is good if we can, whoever owns it. */
bool doctor_key_file(struct doctor *doctor, const char *check, const char *path, uid_t uid);
/* Loads the settings on the way; false = no service can be asked with them. */
bool doctor_files(struct doctor *doctor);
void doctor_site(struct doctor *doctor); /* keys, configurations and registry of --site */
/* Which endpoint answers, with which key, and whether it knows ours; fills `answers`. */
void doctor_endpoints(struct doctor *doctor);
/* What the services report about themselves, and whether that fits together. */
void doctor_services(struct doctor *doctor);

#endif
