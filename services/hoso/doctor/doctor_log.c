/* SPDX-License-Identifier: Apache-2.0
 *
 * What each service of the site says itself: its `--check`, and its log since it was last started.
 * The log is the site's NAME.log, or the journal of its unit; a container's is its engine's.
 */
#include <fcntl.h>
#include <jansson.h>
#include <limits.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/localday.h"
#include "render/text.h"
#include "services/hoso/doctor/doctor_internal.h"

enum { LOG_BYTES = 256 << 10, SAID_BYTES = 64 << 10, SENTENCE_SIZE = 4096 };

#define OTHER_VERSION "schema version"

static const struct site_checks {
    const char *check;
    const char *log;
} checks[SITE_SERVICES] = {
    {"site.intake.check", "site.intake.log"},
    {"site.aggregation.check", "site.aggregation.log"},
    {"site.reporting.check", "site.reporting.log"},
    {"site.gateway.check", "site.gateway.log"},
};

/* Of a `--check`: service, who has to run it, and {4}: what it says. */
static const struct doctor_sentences checked = {
    .sound = "settings, key, registry and data directory of {1} are sound",
    .wrong = "{1} cannot start like this: {4}",
    .fix = "Do what it says, then start {1}",
};
static const struct doctor_sentences checked_version = {
    .wrong = "{1} cannot start: its store is of another version of hoso: {4}",
    .fix = "Run the version that wrote it. Only the stores of aggregation and reporting may be "
           "emptied instead: they are made anew",
};
static const struct doctor_sentences check_inside = {
    .sound = "{1} is in a container: `docker-compose run --rm --no-deps {1} hoso-{1} --config "
             "/etc/hoso/{1}.conf --check`",
};
static const struct doctor_sentences check_as_another = {
    .sound = "the check of {1} is for root, or for user {2}",
};
static const struct doctor_sentences check_without = {
    .sound = "hoso-{1} is not beside this command, so its check was not run",
};

/* Of a log: service, when, the id, what it says, the data directory, the configuration. */
static const struct doctor_sentences log_unseen = {
    .sound = "the log of {1} is not here: `docker-compose logs --tail 20 {1}`",
};
static const struct doctor_sentences log_sound = {
    .sound = "{1} logged no error since it was last started",
};
static const struct doctor_sentences log_stopped = {
    .sound = "{1} was stopped at {2}, without an error",
};

/* The first row that fits is the cause. */
static const struct cause {
    const char *id;
    const char *contains; /* what it says has this, or NULL */
    struct doctor_sentences sentences;
} causes[] = {
    {"aggregation.journal_behind",
     NULL,
     {.wrong = "{1} ended at {2}: the journal ends before what was counted: an older copy of "
               "intake's files was put in their place by hand",
      .fix = "Restore the journal from the last backup: `hoso restore BACKUP --to DATA` "
             "(docs/operations.md, Restore). Files of a store are never put back by hand"}},
    {"aggregation.other_journal",
     NULL,
     {.wrong = "{1} ended at {2}: intake's journal is another than the one that was counted",
      .fix = "If a backup was restored: empty {5} and start {1}; it counts anew. Else correct the "
             "setting journal in {6}: it names another intake"}},
    {"service.refused",
     "Address already in use",
     {.wrong = "{1} could not start at {2}: another program has its port: {4}",
      .fix = "Find that program with `ss -ltnp`; end it, or change the port in {6}. Then start "
             "{1}"}},
    {"service.refused",
     OTHER_VERSION,
     {.wrong = "{1} could not start at {2}: its store is of another version of hoso: {4}",
      .fix = "Run the version that wrote it. Only the stores of aggregation and reporting may be "
             "emptied instead: they are made anew"}},
    {"service.refused",
     NULL,
     {.wrong = "{1} could not start at {2}: {4}", .fix = "Do what it says, then start {1}"}},
    {"service.damaged",
     NULL,
     {.wrong = "{1} ended at {2}: its store is damaged: {4}",
      .fix = "Aggregation and reporting make theirs anew when they are started; intake's is "
             "restored from a backup (docs/operations.md). Look for the cause first: `dmesg`, "
             "SMART, a memory test"}},
    {"reporting.forms_refused",
     NULL,
     {.wrong = "{1} did not take the changed forms at {2}: {4}",
      .fix = "Correct that file (`hoso form check FILE`), then send {1} SIGHUP"}},
    {"registry.refused",
     NULL,
     {.wrong = "{1} did not take the changed registry at {2}: {4}",
      .fix = "Correct that line, then send {1} SIGHUP"}},
    {NULL,
     NULL,
     {.wrong = "{1} logged an error at {2}: {4}",
      .fix = "docs/log-messages.md explains {3}, and what to do"}},
};

/* hoso-NAME beside this command, or where it was built. False = it is not there. */
static bool find_program(const char *service, char path[PATH_MAX])
{
    char own[PATH_MAX - 128];
    const ssize_t size = readlink("/proc/self/exe", own, sizeof own - 1);
    own[size > 0 ? size : 0] = '\0';
    char *slash = strrchr(own, '/');
    if (slash == NULL) {
        return false;
    }
    *slash = '\0';
    (void)snprintf(path, PATH_MAX, "%s/hoso-%s", own, service);
    if (access(path, X_OK) == 0) {
        return true;
    }
    (void)snprintf(path, PATH_MAX, "%s/../%s/hoso-%s", own, service, service);
    return access(path, X_OK) == 0;
}

/* Without the program's name in front and the line's end. */
static const char *what_it_says(const char *service, const struct buffer *said,
                                char text[SENTENCE_SIZE])
{
    char prefix[64];
    (void)snprintf(prefix, sizeof prefix, "hoso-%s: ", service);
    (void)snprintf(text, SENTENCE_SIZE, "%.*s", (int)said->size, (const char *)said->data);
    text[strcspn(text, "\n")] = '\0';
    const size_t skip = strncmp(text, prefix, strlen(prefix)) == 0 ? strlen(prefix) : 0;
    return text + skip;
}

/* As the user who owns the key: the service's own. */
static void run_check(struct doctor *doctor, unsigned i)
{
    struct site_service *service = &doctor->site.services[i];
    char path[PATH_MAX];
    struct stat key;
    char text[SENTENCE_SIZE];
    struct buffer said;
    int code = 0;
    if (doctor->site.containers) {
        doctor_report(doctor, VERDICT_SKIPPED, checks[i].check, &check_inside, service->name);
        return;
    }
    const bool known = stat(service->key, &key) == 0;
    if (known && geteuid() != 0 && key.st_uid != geteuid()) {
        doctor_report(doctor, VERDICT_SKIPPED, checks[i].check, &check_as_another, service->name,
                      doctor_text(doctor, "%u", (unsigned)key.st_uid));
        return;
    }
    const struct doctor_program program = {
        .arguments = (const char *const[]){path, "--config", service->config, "--check", NULL},
        .uid = known ? key.st_uid : geteuid(),
        .gid = known ? key.st_gid : getegid()};
    buffer_init(&said, SAID_BYTES);
    if (!find_program(service->name, path) || !doctor_run(&program, &said, &code)) {
        doctor_report(doctor, VERDICT_SKIPPED, checks[i].check, &check_without, service->name);
    } else {
        service->check_failed = code != 0;
        const char *says = what_it_says(service->name, &said, text);
        doctor_report(doctor, doctor_verdict(code == 0), checks[i].check,
                      strstr(says, OTHER_VERSION) != NULL ? &checked_version : &checked,
                      service->name, "", "", doctor_quote(doctor, says));
    }
    buffer_fini(&said);
}

/* The end of the site's NAME.log; false = there is none. */
static bool read_log_file(const struct site *site, const char *service, struct buffer *text)
{
    char path[PATH_MAX];
    struct stat info;
    (void)snprintf(path, sizeof path, "%s/%s.log", site->folder, service);
    const int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0) {
        return false;
    }
    char *room = buffer_room(text, LOG_BYTES);
    const bool long_one = fstat(fd, &info) == 0 && info.st_size > LOG_BYTES;
    const ssize_t got =
        room != NULL ? pread(fd, room, LOG_BYTES, long_one ? info.st_size - LOG_BYTES : 0) : -1;
    text->size += got > 0 ? (size_t)got : 0;
    (void)close(fd);
    return got >= 0;
}

/* What systemd keeps of its unit. */
static bool read_journal(const char *service, struct buffer *text)
{
    char unit[64];
    int code = 0;
    (void)snprintf(unit, sizeof unit, "hoso-%s", service);
    const struct doctor_program program = {
        .arguments = (const char *const[]){"/usr/bin/journalctl", "-u", unit, "-n", "200", "-o",
                                           "cat", "--no-pager", "-q", NULL},
        .uid = geteuid(),
        .gid = getegid()};
    return access(program.arguments[0], X_OK) == 0 && doctor_run(&program, text, &code) &&
           code == 0 && text->size != 0;
}

/* What of a log is told: the last error since the last start, and whether it ended. */
struct log_story {
    enum site_log end;
    bool has_error;
    const char *id;
    const char *when;
    const char *says;
    const char *ended; /* when */
};

static const char *member(const json_t *line, const char *name)
{
    const char *text = json_string_value(json_object_get(line, name));
    return text != NULL ? text : "";
}

/* The sentence, and the detail that explains it. */
static const char *sentence_of(struct doctor *doctor, const json_t *line)
{
    static const char *const details[] = {"why", "detail", "cause", "data"};
    const char *detail = "";
    for (size_t i = 0; i < sizeof details / sizeof *details && detail[0] == '\0'; i++) {
        detail = member(line, details[i]);
    }
    const bool refused = strcmp(member(line, "id"), "service.refused") == 0;
    return refused ? doctor_text(doctor, "%s", detail)
                   : doctor_text(doctor, "%s%s%s", member(line, "text"),
                                 detail[0] != '\0' ? ": " : "", detail);
}

static void take_line(struct doctor *doctor, const json_t *line, struct log_story *story)
{
    const char *id = member(line, "id");
    const bool is_error = strcmp(member(line, "level"), "error") == 0;
    const bool stopped = strcmp(id, "service.stopped") == 0;
    if (strcmp(id, "service.started") == 0) {
        *story = (struct log_story){.end = SITE_LOG_RUNS};
    } else if (is_error && !stopped) {
        story->has_error = true;
        story->id = doctor_text(doctor, "%s", id);
        story->when = doctor_text(doctor, "%s", member(line, "time"));
        story->says = sentence_of(doctor, line);
    }
    if (stopped || strcmp(id, "service.refused") == 0 || strcmp(id, "service.damaged") == 0) {
        story->end = is_error ? SITE_LOG_FAILED : SITE_LOG_STOPPED;
        story->ended = doctor_text(doctor, "%s", member(line, "time"));
    }
}

static struct log_story read_story(struct doctor *doctor, struct slice text)
{
    struct log_story story = {.end = SITE_LOG_RUNS};
    while (text.size != 0) {
        const struct slice line = slice_take_line(&text);
        json_t *object = json_loadb((const char *)line.data, line.size, 0, NULL);
        if (json_is_object(object)) {
            take_line(doctor, object, &story);
        }
        json_decref(object);
    }
    return story;
}

/* A log's time, which is UTC, as people write it here. */
static const char *when_of(struct doctor *doctor, const char *time)
{
    char text[TIME_TEXT_SIZE];
    char day[RENDER_DATE_SIZE];
    int64_t ms;
    if (!time_parse(slice_text(time), &ms)) {
        return time;
    }
    time_format(ms, text);
    render_date(text, doctor->command->english, day);
    return doctor_text(doctor, "%.8s %s", text + strlen("2024-01-19T"), day);
}

static void report_error(struct doctor *doctor, unsigned i, const struct log_story *story)
{
    const struct site_service *service = &doctor->site.services[i];
    const struct cause *cause = causes;
    while (cause->id != NULL &&
           (strcmp(cause->id, story->id) != 0 ||
            (cause->contains != NULL && strstr(story->says, cause->contains) == NULL))) {
        cause++;
    }
    doctor_report(doctor, story->end == SITE_LOG_FAILED ? VERDICT_FAILURE : VERDICT_WARNING,
                  checks[i].log, &cause->sentences, service->name, when_of(doctor, story->when),
                  story->id, doctor_quote(doctor, story->says), service->data, service->config);
}

static void read_log(struct doctor *doctor, unsigned i)
{
    struct site_service *service = &doctor->site.services[i];
    struct buffer text;
    buffer_init(&text, (size_t)LOG_BYTES * 4);
    if (read_log_file(&doctor->site, service->name, &text) ||
        (!doctor->site.containers && read_journal(service->name, &text))) {
        const struct log_story story = read_story(doctor, buffer_slice(&text));
        service->log = story.end;
        if (service->check_failed && story.has_error &&
            strcmp(story.id, "service.refused") == 0) { /* the check says the same, as of now */
            service->log = SITE_LOG_FAILED;
        } else if (story.has_error) {
            report_error(doctor, i, &story);
        } else {
            doctor_report(doctor, VERDICT_OK, checks[i].log,
                          story.end == SITE_LOG_STOPPED ? &log_stopped : &log_sound, service->name,
                          story.ended != NULL ? when_of(doctor, story.ended) : "");
        }
    } else {
        doctor_report(doctor, VERDICT_SKIPPED, checks[i].log, &log_unseen, service->name);
    }
    buffer_fini(&text);
}

void doctor_site_services(struct doctor *doctor)
{
    for (unsigned i = 0; i < SITE_SERVICES; i++) {
        if (doctor->site.services[i].configured) {
            run_check(doctor, i);
            read_log(doctor, i);
        }
    }
}
