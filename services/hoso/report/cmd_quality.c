/* SPDX-License-Identifier: Apache-2.0
 *
 * hoso quality: events that do not count, and why.
 */
#include "services/hoso/command.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/localday.h"
#include "services/hoso/grid.h"

static const struct usage usage = {
    "quality [--kind K] [--unit U] [--limit N | --all]",
    "Events that do not count, and why. / Các sự kiện không được tính và lý do.",
    "Kinds: ORPHAN without reception, IGNORED without effect, CONFLICTING same id but other "
    "content (the first stands),\n"
    "VOID_UNMATCHED voids nothing, OVER_LIMIT too many events of one dossier.",
};

enum { LIMIT_DEFAULT = 100, PAGE = 1000 };

struct finding_name {
    const char *kind;
    const char *vietnamese;
};

static const char *kind_text(const char *kind, bool english)
{
    static const struct finding_name names[] = {
        {"ORPHAN", "Chưa có tiếp nhận"},
        {"IGNORED", "Không có hiệu lực"},
        {"CONFLICTING", "Trùng mã, khác nội dung"},
        {"VOID_UNMATCHED", "Hủy sự kiện không có"},
        {"OVER_LIMIT", "Quá số sự kiện"},
    };
    for (unsigned i = 0; !english && i < sizeof names / sizeof *names; i++) {
        if (strcmp(names[i].kind, kind) == 0) {
            return names[i].vietnamese;
        }
    }
    return kind;
}

static const struct grid_column columns[2][8] = {
    {{"kind", "Loại", NULL, false},
     {"dossier", "Mã hồ sơ", NULL, false},
     {"eventId", "Mã sự kiện", NULL, false},
     {"eventKind", "Sự kiện", NULL, false},
     {"occurredAt", "Thời điểm", NULL, false},
     {"unit", "Đơn vị", NULL, false},
     {"source", "Nguồn", NULL, false},
     {"position", "Vị trí", NULL, true}},
    {{"kind", "Kind", NULL, false},
     {"dossier", "Dossier", NULL, false},
     {"eventId", "Event", NULL, false},
     {"eventKind", "What", NULL, false},
     {"occurredAt", "When", NULL, false},
     {"unit", "Unit", NULL, false},
     {"source", "Source", NULL, false},
     {"position", "Position", NULL, true}},
};

/* Texts in the grid live in the pages. */
struct listing {
    struct grid grid;
    struct hoso_findings **pages;
    size_t page_count;
    uint64_t lines;
    struct hoso_cut cut; /* of the last page */
    bool complete;
};

static bool keep(struct listing *listing, struct hoso_findings *page, const struct command *command)
{
    struct hoso_findings **pages =
        reallocarray(listing->pages, listing->page_count + 1, sizeof *pages);
    if (pages == NULL) {
        return false;
    }
    listing->pages = pages;
    pages[listing->page_count++] = page;
    listing->lines += page->count;
    listing->cut = page->cut;
    listing->complete = page->next[0] == '\0';
    for (size_t i = 0; i < page->count; i++) {
        const struct hoso_finding *finding = &page->findings[i];
        char when[TIME_TEXT_SIZE];
        time_format(finding->occurred_at_ms, when);
        grid_text(&listing->grid, command->format == FORMAT_JSON
                                      ? finding->kind
                                      : kind_text(finding->kind, command->english));
        grid_text(&listing->grid, finding->dossier);
        grid_text(&listing->grid, finding->event_id);
        grid_text(&listing->grid, finding->event_kind);
        grid_text(&listing->grid, arena_string(result_arena(page), slice_text(when)));
        grid_text(&listing->grid, finding->unit);
        grid_text(&listing->grid, finding->source);
        grid_number(&listing->grid, (int64_t)finding->position);
    }
    return true;
}

static enum hoso_status list(const struct command *command, struct hoso_client *client,
                             const struct hoso_quality_query *asked, uint64_t limit,
                             struct listing *listing, struct hoso_error *error)
{
    struct hoso_quality_query query = *asked;
    while (!listing->complete && listing->lines < limit) {
        struct hoso_findings *page = NULL;
        const uint64_t left = limit - listing->lines;
        query.limit = (unsigned)(left < PAGE ? left : PAGE);
        const enum hoso_status status = hoso_quality_list(client, &query, &page, error);
        if (status != HOSO_OK) {
            return status;
        }
        if (!keep(listing, page, command)) {
            hoso_free(page);
            return client_fail(error, HOSO_TOO_LARGE, NULL, "out of memory");
        }
        query.after = page->next;
    }
    return HOSO_OK;
}

static int print(const struct command *command, const struct listing *listing)
{
    bool printed = !listing->grid.failed;
    if (printed && command->format == FORMAT_JSON) {
        (void)printf("{\"cut\":{\"incarnation\":\"%" PRIu64 "\",\"position\":%" PRIu64
                     "},\"complete\":%s,\"findings\":",
                     listing->cut.incarnation, listing->cut.position,
                     listing->complete ? "true" : "false");
        grid_print_json(&listing->grid, stdout);
        (void)fputs("}\n", stdout);
    } else if (printed) {
        printed = grid_print(&listing->grid, command, stdout);
    }
    (void)fprintf(stderr, "%" PRIu64 " findings%s\n", listing->lines,
                  listing->complete ? "" : "; there are more: --all lists them");
    return printed && ferror(stdout) == 0 ? EXIT_DONE : EXIT_FAILED;
}

static int run(const struct command *command, const struct hoso_quality_query *query,
               uint64_t limit)
{
    struct hoso_client *client = NULL;
    int code = command_connect(command, &client);
    if (code != EXIT_DONE) {
        return code;
    }
    struct listing listing = {.pages = NULL};
    struct hoso_error error;
    grid_init(&listing.grid, columns[command->english], sizeof columns[0] / sizeof columns[0][0]);
    const enum hoso_status status = list(command, client, query, limit, &listing, &error);
    code = status == HOSO_OK ? print(command, &listing) : report_failure(&error);
    grid_fini(&listing.grid);
    for (size_t i = 0; i < listing.page_count; i++) {
        hoso_free(listing.pages[i]);
    }
    free(listing.pages);
    hoso_client_close(client);
    return code;
}

int cmd_quality(struct command *command, int argc, char **argv)
{
    struct hoso_quality_query query = {.kind = NULL};
    uint64_t limit = LIMIT_DEFAULT;
    bool all = false;
    const struct option options[] = {
        {"kind", OPTION_TEXT, &query.kind, "K", "only these", false},
        {"unit", OPTION_TEXT, &query.unit, "U", "a unit and its subtree", false},
        {"limit", OPTION_NUMBER, &limit, "N", "at most so many (100)", false},
        {"all", OPTION_FLAG, &all, NULL, "all of them", false},
        {NULL, OPTION_FLAG, NULL, NULL, NULL, false},
    };
    unsigned count = 0;
    const int code = options_parse(command, argc, argv, options, &usage, NULL, 0, &count);
    return code >= 0 ? code : run(command, &query, all ? UINT64_MAX : limit);
}
