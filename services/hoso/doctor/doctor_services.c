/* SPDX-License-Identifier: Apache-2.0
 *
 * What the services report about themselves: ready or why not, room, what must be zero; and whether
 * they fit together: one version, one journal, one clock.
 */
#include "services/hoso/doctor/doctor_internal.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

enum {
    MAP_WARNING_PERCENT = 80,
    MAP_FULL_PERCENT = 90,
    LAG_WARNING = 1000, /* events; what is live is a few */
    OPEN_FILES_WARNING = 4096,
    SKEW_WARNING_MS = 2000,
    SKEW_FAILURE_MS = 60000,
    BACKUP_WARNING_MS = 2 * 24 * 3600 * 1000
};

#define DISK_WARNING_BYTES (INT64_C(1) << 30)
#define DISK_RESERVE_BYTES (INT64_C(256) << 20)

/* Of a service: its name is {1}, then what stands before each; what stays without `sound` is only
 * found if it is wrong. */
static const struct doctor_sentences version = {
    .sound = "{1} has version {2}",
    .wrong = "{1} has version {2}, this command {3}",
    .fix = "Bring all to one version: docs/operations.md",
};
/* position */
static const struct doctor_sentences ready = {
    .sound = "{1} is ready, at position {2}",
};
/* how many */
static const struct doctor_sentences lag = {
    .wrong = "events that {1} has not counted yet: {2}",
    .fix = "Run this again: the number has to fall. If it does not, look at the log of {1}",
};
static const struct doctor_sentences balances = {
    .sound = "every report balanced",
    .wrong = "balances of reports that did not hold: {2}",
    .fix = "Keep everything as it is, run `hoso verify`, report it to the developers",
};
static const struct doctor_sentences conflicts = {
    .wrong = "events whose id had come before with other content: {2}",
    .fix = "`hoso quality` lists them; a counter uses event ids again, or writes the time of "
           "export where a time is missing",
};
static const struct doctor_sentences logged_errors = {
    .wrong = "errors that {1} logged since it was started: {2}",
    .fix = "Find \"level\":\"error\" in the log of {1}; docs/log-messages.md explains each",
};
static const struct doctor_sentences silent_sources = {
    .wrong = "sources that sent nothing in the last three working days: {2}",
    .fix = "`hoso sources` names them; ask whoever runs that software",
};
static const struct doctor_sentences expiring_keys = {
    .wrong = "keys whose last day is within 14 days: {2}",
    .fix = "`hoso key list --registry FILE` shows the days; `hoso key grant` with another "
           "--expires, then SIGHUP",
};
static const struct doctor_sentences open_files = {
    .wrong = "files that {1} may have open, one for each connection: only {2}",
    .fix = "Set LimitNOFILE=65536 in its unit, or HOSO_NOFILE=65536 for containers, and restart it",
};
/* how long ago */
static const struct doctor_sentences backup_age = {
    .sound = "the last backup was made less than two days ago",
    .wrong = "the last backup was made {2} ago",
    .fix = "See why `hoso backup` does not run each day any more (docs/operations.md, Backup)",
};
static const struct doctor_sentences backup_unseen = {
    .sound = "no backup was made since {1} was started",
};
/* MiB of disk, percent of the map */
static const struct doctor_sentences room = {
    .sound = "{1}: {2} MiB of disk are free, the store takes {3}% of map_bytes",
    .fix = "Make room on the disk, or raise map_bytes and restart {1}",
};
/* how long */
static const struct doctor_sentences clock_agrees = {
    .sound = "the clock of {1} agrees with this machine's",
};
static const struct doctor_sentences clock_ahead = {
    .wrong = "the clock of {1} is ahead of this machine's by {2}",
    .fix = "Keep both machines' time with chrony or systemd-timesyncd",
};
static const struct doctor_sentences clock_behind = {
    .wrong = "the clock of {1} is behind this machine's by {2}",
    .fix = "Keep both machines' time with chrony or systemd-timesyncd",
};
static const struct doctor_sentences same_journal = {
    .wrong = "{1} counts another journal than intake's, as after a restore of intake's backup",
    .fix = "Stop {1}, empty its data directory, start it: it counts anew",
};

/* Why a service is not ready: what its reason begins with, and what to do; {2} is the reason. The
 * last row is for any other. */
static const struct {
    const char *begins;
    struct doctor_sentences sentences;
} reasons[] = {
    {"there is no catalogue",
     {.wrong = "{1} is not ready: there is no catalogue yet",
      .fix = "Import units, fields and procedures: `hoso catalogue import DIR`"}},
    {"the disk or the map",
     {.wrong = "{1} takes nothing new: its disk or its map is at the reserve",
      .fix = "Make room on the disk; it goes on by itself. Or raise map_bytes and restart {1}"}},
    {"intake refuses",
     {.wrong = "{1} is not ready: intake refuses to show it its journal",
      .fix = "{1}'s key needs the role service in intake's registry: `hoso key list --registry "
             "FILE`; then send intake SIGHUP"}},
    {"intake",
     {.wrong = "{1} counts nothing new: intake does not answer it",
      .fix = "See whether intake runs. If it does: the settings journal and journal_key of {1}, "
             "and its key in intake's registry; `hoso doctor --site DIR` compares them"}},
    {"aggregation does not answer",
     {.wrong = "{1} answers from its copy, which grows old: aggregation does not answer it",
      .fix = "See whether aggregation runs. If it does: the settings aggregation and "
             "aggregation_key of {1}, and its key in aggregation's registry; `hoso doctor --site "
             "DIR` compares them"}},
    {"the copy of the ledger",
     {.wrong = "{1} is not ready: its copy of the ledger is not complete yet",
      .fix = "Wait, if aggregation runs; else start that. `hoso doctor --site DIR` says whether "
             "{1} can reach it"}},
    {"utc_offset_minutes",
     {.wrong = "{1} is not ready: its utc_offset_minutes is not aggregation's",
      .fix = "Set the same value in both configurations, and restart both"}},
    {"the rules or the local time",
     {.wrong = "{1} counts the journal anew, by changed rules or another local time",
      .fix = "Wait; reports come from the copy until then. Do not restart it"}},
    {"it is starting",
     {.wrong = "{1} is not ready: it is starting", .fix = "Run this again in a minute"}},
    {"it is stopping",
     {.wrong = "{1} is not ready: it is stopping", .fix = "Start it again, if it should run"}},
    {"",
     {.wrong = "{1} is not ready: {2}",
      .fix = "Mend that; do not restart a service because it waits"}},
};

static const char *check_name(struct doctor *doctor, const struct status_answer *answer,
                              const char *what)
{
    return doctor_text(doctor, "%s.%s", status_service(answer->peer), what);
}

static const char *number(struct doctor *doctor, int64_t value)
{
    return doctor_text(doctor, "%" PRId64, value);
}

static void check_version(struct doctor *doctor, const struct status_answer *answer)
{
    const bool same = strcmp(answer->reply->version, hoso_version()) == 0;
    doctor_report(doctor, same ? VERDICT_OK : VERDICT_WARNING,
                  check_name(doctor, answer, "version"), &version, status_service(answer->peer),
                  answer->reply->version, hoso_version());
}

/* Why it does not do its work, or will not for long; NULL = it does. */
static const char *unready_reason(const struct status_answer *answer)
{
    if (!answer->reply->ready) {
        return answer->reply->reason;
    }
    return status_gauge(answer, "connected") != 0 ? NULL
           : answer->peer == PEER_LEDGER          ? "intake does not answer"
                                                  : "aggregation does not answer";
}

static void check_ready(struct doctor *doctor, const struct status_answer *answer)
{
    const char *check = check_name(doctor, answer, "ready");
    const char *reason = unready_reason(answer);
    size_t row = 0;
    if (reason == NULL) {
        doctor_report(doctor, VERDICT_OK, check, &ready, status_service(answer->peer),
                      doctor_text(doctor, "%" PRIu64, status_position(answer)));
        return;
    }
    while (strncmp(reason, reasons[row].begins, strlen(reasons[row].begins)) != 0) {
        row++;
    }
    doctor_report(doctor, answer->reply->ready ? VERDICT_WARNING : VERDICT_FAILURE, check,
                  &reasons[row].sentences, status_service(answer->peer),
                  doctor_quote(doctor, reason));
}

static void check_room(struct doctor *doctor, const struct status_answer *answer)
{
    const int64_t map = status_gauge(answer, "map_bytes");
    const int64_t used = status_gauge(answer, "used_bytes");
    const int64_t disk = status_gauge(answer, "free_disk_bytes");
    if (map <= 0 || used < 0 || disk < 0) {
        return;
    }
    const int64_t percent = used / (map / 100 + 1);
    enum verdict verdict = VERDICT_OK;
    if (percent >= MAP_FULL_PERCENT || disk < DISK_RESERVE_BYTES) {
        verdict = VERDICT_FAILURE;
    } else if (percent >= MAP_WARNING_PERCENT || disk < DISK_WARNING_BYTES) {
        verdict = VERDICT_WARNING;
    }
    doctor_report(doctor, verdict, check_name(doctor, answer, "room"), &room,
                  status_service(answer->peer), number(doctor, disk >> 20),
                  number(doctor, percent));
}

/* Gauges that stay low as long as all is well; a service that has not the gauge gives −1. */
static void check_gauges(struct doctor *doctor, const struct status_answer *answer)
{
    static const struct {
        const char *gauge;
        int64_t most;
        const char *check;
        enum verdict verdict;
        const struct doctor_sentences *sentences;
    } rows[] = {
        {"lag_events", LAG_WARNING, "lag", VERDICT_WARNING, &lag},
        {"identity_violations", 0, "identities", VERDICT_FAILURE, &balances},
        {"conflicting_events", 0, "conflicts", VERDICT_WARNING, &conflicts},
        {"log_events_error", 0, "log", VERDICT_WARNING, &logged_errors},
        {"silent_sources", 0, "sources", VERDICT_WARNING, &silent_sources},
        {"keys_expiring", 0, "keys", VERDICT_WARNING, &expiring_keys},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const int64_t value = status_gauge(answer, rows[i].gauge);
        const bool wrong = value > rows[i].most;
        if (wrong || (value >= 0 && rows[i].sentences->sound != NULL)) {
            doctor_report(doctor, wrong ? rows[i].verdict : VERDICT_OK,
                          check_name(doctor, answer, rows[i].check), rows[i].sentences,
                          status_service(answer->peer), number(doctor, value));
        }
    }
}

/* Each connection is one. */
static void check_open_files(struct doctor *doctor, const struct status_answer *answer)
{
    const int64_t most = status_gauge(answer, "open_files_max");
    if (most >= 0 && most < OPEN_FILES_WARNING) {
        doctor_report(doctor, VERDICT_WARNING, check_name(doctor, answer, "open-files"),
                      &open_files, status_service(answer->peer), number(doctor, most));
    }
}

/* Intake remembers it until it is restarted. */
static void check_backup(struct doctor *doctor, const struct status_answer *answer)
{
    const int64_t made_ms = status_gauge(answer, "backup_timestamp_seconds");
    const int64_t age_ms = answer->reply->now_ms - made_ms;
    if (made_ms == 0) {
        doctor_report(doctor, VERDICT_SKIPPED, "intake.backup", &backup_unseen, "intake");
    } else if (made_ms > 0) {
        doctor_report(doctor, age_ms > BACKUP_WARNING_MS ? VERDICT_WARNING : VERDICT_OK,
                      "intake.backup", &backup_age, "intake", doctor_duration(doctor, age_ms));
    }
}

/* Its clock against ours, less what the answer's way may explain. */
static void check_clock(struct doctor *doctor, const struct status_answer *answer)
{
    const int64_t now = answer->reply->now_ms;
    const int64_t skew = now < answer->asked_ms      ? now - answer->asked_ms
                         : now > answer->answered_ms ? now - answer->answered_ms
                                                     : 0;
    const int64_t off = skew < 0 ? -skew : skew;
    doctor_report(doctor,
                  off >= SKEW_FAILURE_MS   ? VERDICT_FAILURE
                  : off >= SKEW_WARNING_MS ? VERDICT_WARNING
                                           : VERDICT_OK,
                  check_name(doctor, answer, "clock"),
                  off < SKEW_WARNING_MS ? &clock_agrees
                  : skew > 0            ? &clock_ahead
                                        : &clock_behind,
                  status_service(answer->peer), doctor_duration(doctor, off));
}

/* All count one journal. A service at position 0 has none yet. */
static void check_journal(struct doctor *doctor)
{
    const struct status_answer *intake = &doctor->answers[0];
    for (unsigned i = 1; i < STATUS_PEERS; i++) {
        const struct status_answer *answer = &doctor->answers[i];
        if (intake->reply != NULL && intake->reply->cut != NULL && answer->reply != NULL &&
            status_position(answer) != 0 &&
            answer->reply->cut->incarnation != intake->reply->cut->incarnation) {
            doctor_report(doctor, VERDICT_FAILURE, check_name(doctor, answer, "journal"),
                          &same_journal, status_service(answer->peer));
        }
    }
}

void doctor_services(struct doctor *doctor)
{
    for (unsigned i = 0; i < STATUS_PEERS; i++) {
        const struct status_answer *answer = &doctor->answers[i];
        if (answer->reply != NULL) {
            check_version(doctor, answer);
            check_ready(doctor, answer);
            check_room(doctor, answer);
            check_gauges(doctor, answer);
            check_open_files(doctor, answer);
            check_backup(doctor, answer);
            check_clock(doctor, answer);
        }
    }
    check_journal(doctor);
}
