/* SPDX-License-Identifier: Apache-2.0
 *
 * The queue of what is held is in the order of the lines, and so are intake's answers: before one
 * of these is reported, what is held of earlier lines is. The file is appended to, so that nothing
 * that waits there to be corrected is lost.
 */
#include "services/hoso/publish/refusals.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

static bool is_same_file(int a, int b)
{
    struct stat infos[2];
    return fstat(a, &infos[0]) == 0 && fstat(b, &infos[1]) == 0 && S_ISREG(infos[0].st_mode) &&
           infos[0].st_dev == infos[1].st_dev && infos[0].st_ino == infos[1].st_ino;
}

enum status refusals_open(struct refusals *refusals, const char *name, const char *path, int input,
                          struct progress *progress)
{
    *refusals = (struct refusals){.name = name, .path = path, .progress = progress};
    refusals->held = calloc(REFUSALS_HELD_MAX, sizeof *refusals->held);
    if (refusals->held == NULL) {
        errno = ENOMEM;
        return STATUS_IO;
    }
    arena_init(&refusals->arena, REFUSALS_HELD_BYTES);
    if (path == NULL) {
        return STATUS_OK;
    }
    const int fd = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0640);
    if (fd >= 0 && is_same_file(fd, input)) {
        (void)close(fd);
        return STATUS_INVALID;
    }
    refusals->file = fd >= 0 ? fdopen(fd, "a") : NULL;
    return refusals->file != NULL ? STATUS_OK : STATUS_IO;
}

static void note_failure(struct refusals *refusals, bool good)
{
    if (!good && refusals->failed == 0) {
        refusals->failed = errno != 0 ? errno : EIO;
    }
}

enum status refusals_close(struct refusals *refusals)
{
    struct stat info;
    if (refusals->held != NULL) {
        refusals_release(refusals, UINT64_MAX);
        arena_fini(&refusals->arena);
        free(refusals->held);
        refusals->held = NULL;
    }
    if (refusals->file != NULL) {
        const int fd = fileno(refusals->file);
        const bool is_file = fstat(fd, &info) == 0 && S_ISREG(info.st_mode);
        note_failure(refusals, !is_file || fsync(fd) == 0);
        if (is_file && info.st_size == 0) { /* never a device */
            (void)unlink(refusals->path);
        }
        note_failure(refusals, fclose(refusals->file) == 0);
        refusals->file = NULL;
    }
    errno = refusals->failed;
    return refusals->failed == 0 ? STATUS_OK : STATUS_IO;
}

/* FILE:LINE: field: reason */
static void print(FILE *file, const char *begin, const char *name, uint64_t line, const char *field,
                  const char *reason)
{
    (void)fprintf(file, "%s%s:%" PRIu64 ": %s%s%s\n", begin, name, line, field,
                  field[0] != '\0' ? ": " : "", reason);
}

/* Written before the event leaves the outbox: after a crash it is reported twice rather than never.
 */
static void write_record(struct refusals *refusals, struct slice record)
{
    if (record.size != 0) {
        (void)fprintf(refusals->file, "%.*s\n", SLICE_ARG(record));
    }
    errno = 0;
    note_failure(refusals, fflush(refusals->file) == 0 && ferror(refusals->file) == 0);
}

static void report(struct refusals *refusals, const struct held_refusal *refusal)
{
    char whole[2 * EVENT_REASON_SIZE];
    const bool more = refusal->others != NULL && refusal->others[0] != '\0';
    (void)snprintf(whole, sizeof whole, "%s%s%s", refusal->reason, more ? "; " : "",
                   more ? refusal->others : "");
    progress_clear(refusals->progress);
    print(stderr, "", refusals->name, refusal->line, refusal->field, whole);
    if (refusals->file != NULL) {
        print(refusals->file, "# ", refusals->name, refusal->line, refusal->field, whole);
        write_record(refusals, refusal->record);
    }
}

enum status refusals_hold(struct refusals *refusals, const struct held_refusal *refusal,
                          const struct event *event, const struct event_fault *fault)
{
    if (refusals->end == REFUSALS_HELD_MAX) {
        return STATUS_FULL;
    }
    const struct slice none = {NULL, 0};
    struct held_refusal held = *refusal;
    held.field = arena_string(&refusals->arena, slice_text(refusal->field));
    held.reason = arena_string(&refusals->arena, slice_text(refusal->reason));
    held.record = refusals->file != NULL ? arena_copy(&refusals->arena, refusal->record) : none;
    held.check = event != NULL ? check_event_new(event, fault, &refusals->arena) : NULL;
    if (refusals->arena.exceeded) {
        refusals->arena.exceeded = false;
        return STATUS_FULL;
    }
    refusals->held[refusals->end++] = held;
    refusals->count += !refusal->is_note;
    return STATUS_OK;
}

bool refusals_gathered(const struct refusals *refusals)
{
    return refusals->end - refusals->first >= REFUSALS_GATHER;
}

/* Asks of the first that are held, all in one question. One that intake does not answer is the
 * last: what was found here is reported all the same. */
static void ask_others(struct refusals *refusals)
{
    Hoso__V1__EventCheck *checks[CHECK_EVENTS_MAX];
    struct held_refusal *asked[CHECK_EVENTS_MAX];
    char *others[CHECK_EVENTS_MAX];
    struct hoso_error error;
    struct arena arena;
    size_t count = 0;
    for (unsigned i = refusals->first; i < refusals->end && count < CHECK_EVENTS_MAX; i++) {
        if (refusals->held[i].check != NULL) {
            asked[count] = &refusals->held[i];
            checks[count++] = refusals->held[i].check;
        }
    }
    arena_init(&arena, CLIENT_REPLY_BYTES);
    if (check_events(refusals->client, checks, count, &arena, others, &error) != HOSO_OK) {
        refusals->client = NULL;
        count = 0;
    }
    for (size_t i = 0; i < count; i++) {
        asked[i]->others = arena_string(&refusals->arena, slice_text(others[i]));
        asked[i]->check = NULL;
    }
    arena_fini(&arena);
}

static void release_front(struct refusals *refusals)
{
    if (refusals->client != NULL && refusals->held[refusals->first].check != NULL) {
        ask_others(refusals);
    }
    report(refusals, &refusals->held[refusals->first++]);
    if (refusals->first == refusals->end) {
        refusals->first = refusals->end = 0;
        arena_reset(&refusals->arena);
    }
}

void refusals_release(struct refusals *refusals, uint64_t answered)
{
    while (refusals->first != refusals->end && refusals->held[refusals->first].after <= answered) {
        release_front(refusals);
    }
}

void refusals_by_intake(struct refusals *refusals, const struct hoso_refusal *refusal)
{
    const struct slice json = slice_text(refusal->json);
    if (!refusal->earlier) {
        while (refusals->first != refusals->end &&
               refusals->held[refusals->first].line < refusal->tag) {
            release_front(refusals);
        }
        refusals->count++;
        report(refusals, &(struct held_refusal){.line = refusal->tag,
                                                .field = refusal->field,
                                                .reason = refusal->reason,
                                                .record = json});
        return;
    }
    static const char format[] = "outbox: event %s of dossier %s, from an earlier run: %s: %s\n";
    refusals->earlier++;
    progress_clear(refusals->progress);
    (void)fprintf(stderr, format, refusal->event_id, refusal->dossier, refusal->field,
                  refusal->reason);
    if (refusals->file != NULL) {
        (void)fputs("# ", refusals->file);
        (void)fprintf(refusals->file, format, refusal->event_id, refusal->dossier, refusal->field,
                      refusal->reason);
        write_record(refusals, json);
    }
}
