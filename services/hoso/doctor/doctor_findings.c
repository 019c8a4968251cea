/* SPDX-License-Identifier: Apache-2.0
 *
 * Findings are kept and printed at the end: for people with their verdict first and what to do
 * below, for machines as rows.
 */
#include "services/hoso/doctor/doctor_internal.h"

#include <libintl.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "render/text.h"
#include "services/hoso/language.h"

enum { VERDICT_WIDTH = 10, TEXT_MAX = 4096, SECOND_MS = 1000 };

static const char *const verdict_names[] = {"ok", "skipped", "warning", "failure"};

const char *doctor_text(struct doctor *doctor, const char *format, ...)
{
    char text[TEXT_MAX];
    va_list arguments;
    va_start(arguments, format);
    (void)vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    return arena_string(&doctor->arena, slice_text(text));
}

const char *doctor_quote(struct doctor *doctor, const char *english)
{
    char text[TEXT_MAX];
    (void)language_text(english, text, sizeof text);
    return doctor_text(doctor, "%s", text);
}

const char *doctor_duration(struct doctor *doctor, int64_t duration_ms)
{
    const long seconds = (long)(duration_ms / SECOND_MS);
    const long minutes = seconds / 60;
    const long hours = minutes / 60;
    const long days = hours / 24;
    if (days != 0) {
        return doctor_text(doctor, ngettext("%ld day", "%ld days", (unsigned long)days), days);
    }
    if (hours != 0) {
        return doctor_text(doctor, ngettext("%ld hour", "%ld hours", (unsigned long)hours), hours);
    }
    if (minutes != 0) {
        return doctor_text(doctor, ngettext("%ld minute", "%ld minutes", (unsigned long)minutes),
                           minutes);
    }
    return doctor_text(doctor, ngettext("%ld second", "%ld seconds", (unsigned long)seconds),
                       seconds);
}

/* The text with its arguments; one that is not given stays as it is. */
static const char *fill(struct doctor *doctor, const char *text, const char *const *arguments)
{
    struct buffer out;
    size_t count = 0;
    while (arguments[count] != NULL) {
        count++;
    }
    buffer_init(&out, TEXT_MAX);
    for (const char *at = text; *at != '\0'; at++) {
        const size_t index =
            at[0] == '{' && at[1] != '\0' && at[2] == '}' ? (size_t)at[1] - '1' : count;
        if (index < count) {
            buffer_put(&out, arguments[index], strlen(arguments[index]));
            at += 2;
        } else {
            buffer_u8(&out, (uint8_t)*at);
        }
    }
    const char *filled = arena_string(&doctor->arena, buffer_slice(&out));
    buffer_fini(&out);
    return filled;
}

void doctor_add(struct doctor *doctor, enum verdict verdict, const char *check,
                const struct doctor_sentences *sentences, const char *const *arguments)
{
    const bool sound = verdict <= VERDICT_SKIPPED;
    const char *text = sound || sentences->wrong == NULL ? sentences->sound : sentences->wrong;
    const char *fix = !sound ? sentences->fix : NULL;
    if (doctor->count < FINDINGS_MAX) {
        doctor->findings[doctor->count++] =
            (struct doctor_finding){verdict, check, fill(doctor, gettext(text), arguments),
                                    fix != NULL ? fill(doctor, gettext(fix), arguments) : ""};
    }
}

unsigned doctor_failures(const struct doctor *doctor)
{
    unsigned failures = 0;
    for (unsigned i = 0; i < doctor->count; i++) {
        failures += doctor->findings[i].verdict == VERDICT_FAILURE;
    }
    return failures;
}

static void print_lines(const struct doctor *doctor, FILE *out)
{
    static const char *const labels[VERDICT_COUNT] = {"ok", "skipped", "warning", "FAILURE"};
    unsigned counts[VERDICT_COUNT] = {0};
    for (unsigned i = 0; i < doctor->count; i++) {
        const struct doctor_finding *finding = &doctor->findings[i];
        const char *label = gettext(labels[finding->verdict]);
        counts[finding->verdict]++;
        (void)fputs(label, out);
        render_blanks(out, VERDICT_WIDTH - render_width(label));
        (void)fprintf(out, "%s: %s\n", finding->check, finding->text);
        if (finding->fix[0] != '\0') {
            render_blanks(out, VERDICT_WIDTH);
            (void)fprintf(out, "→ %s\n", finding->fix);
        }
    }
    (void)fprintf(out, gettext("%u sound, %u warnings, %u failures\n"), counts[VERDICT_OK],
                  counts[VERDICT_WARNING], counts[VERDICT_FAILURE]);
}

static bool print_rows(const struct doctor *doctor)
{
    static const struct list_column columns[] = {
        {"result", {"Kết quả", "Result"}, false},
        {"check", {"Mục kiểm tra", "Check"}, false},
        {"text", {"Nhận xét", "Finding"}, false},
        {"fix", {"Cách xử lý", "What to do"}, false},
    };
    struct document document;
    document_init_list(&document, columns, sizeof columns / sizeof *columns,
                       doctor->command->english);
    for (unsigned i = 0; i < doctor->count; i++) {
        const struct doctor_finding *finding = &doctor->findings[i];
        DOCUMENT_ROW(&document, 0, verdict_names[finding->verdict], finding->check, finding->text,
                     finding->fix);
    }
    return command_print(doctor->command, &document) == EXIT_DONE;
}

bool doctor_print(const struct doctor *doctor, FILE *out)
{
    if (doctor->arena.exceeded) {
        return false;
    }
    if (doctor->command->format != RENDER_TABLE) {
        return print_rows(doctor);
    }
    print_lines(doctor, out);
    return fflush(out) == 0;
}
