/* SPDX-License-Identifier: Apache-2.0
 *
 * hoso dossiers: which dossiers make up one figure of a report.
 */
#include "services/hoso/command.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "services/hoso/grid.h"

static const struct usage usage = {
    "dossiers FORM --column C --unit U --from D --to D [--field F] [--procedure P] [--row R] "
    "[--limit N | --all]",
    "The dossiers behind one figure. / Danh sách hồ sơ tạo nên một con số trên biểu.",
    "Column and row are the ids that `hoso report --format json` shows. The amounts add up to the "
    "figure.",
};

enum { LIMIT_DEFAULT = 100, PAGE = 1000, ATTEMPTS = 3 };

/* All pages must be of one cut, or they would not add up. */
struct listing {
    struct grid grid;
    struct hoso_dossiers **pages;
    size_t page_count;
    uint64_t lines;
    int64_t sum;
    struct hoso_cut cut;
    bool complete;
    bool moved;
};

static void forget(struct listing *listing)
{
    for (size_t i = 0; i < listing->page_count; i++) {
        hoso_free(listing->pages[i]);
    }
    free(listing->pages);
    grid_fini(&listing->grid);
}

static bool keep(struct listing *listing, struct hoso_dossiers *page)
{
    struct hoso_dossiers **pages =
        reallocarray(listing->pages, listing->page_count + 1, sizeof *pages);
    if (pages == NULL) {
        return false;
    }
    listing->pages = pages;
    pages[listing->page_count++] = page;
    for (size_t i = 0; i < page->count; i++) {
        const struct hoso_dossier *line = &page->dossiers[i];
        grid_text(&listing->grid, line->dossier);
        grid_text(&listing->grid, line->unit);
        grid_text(&listing->grid, line->field);
        grid_text(&listing->grid, line->procedure);
        grid_number(&listing->grid, line->amount);
        listing->sum += line->amount;
    }
    listing->lines += page->count;
    return true;
}

static const struct grid_column vietnamese[] = {
    {"dossier", "Mã hồ sơ", NULL, false}, {"unit", "Đơn vị", NULL, false},
    {"field", "Lĩnh vực", NULL, false},   {"procedure", "Thủ tục", NULL, false},
    {"amount", "Số", NULL, true},
};
static const struct grid_column english[] = {
    {"dossier", "Dossier", NULL, false}, {"unit", "Unit", NULL, false},
    {"field", "Field", NULL, false},     {"procedure", "Procedure", NULL, false},
    {"amount", "Amount", NULL, true},
};

static enum hoso_status list(struct hoso_client *client, const struct hoso_cell_query *asked,
                             uint64_t limit, struct listing *listing, struct hoso_error *error)
{
    struct hoso_cell_query query = *asked;
    while (listing->lines < limit && !listing->complete) {
        const uint64_t left = limit - listing->lines;
        struct hoso_dossiers *page = NULL;
        query.limit = (unsigned)(left < PAGE ? left : PAGE);
        const enum hoso_status status = hoso_dossiers_list(client, &query, &page, error);
        if (status != HOSO_OK) {
            return status;
        }
        if (!keep(listing, page)) {
            hoso_free(page);
            return client_fail(error, HOSO_TOO_LARGE, NULL, "out of memory");
        }
        listing->moved = listing->moved ||
                         (listing->page_count > 1 && page->cut.position != listing->cut.position);
        listing->cut = page->cut;
        listing->complete = page->next[0] == '\0';
        query.after = page->next;
    }
    return HOSO_OK;
}

static int print(const struct command *command, const struct listing *listing)
{
    if (listing->grid.failed) {
        return EXIT_FAILED;
    }
    if (command->format == FORMAT_JSON) {
        (void)printf("{\"cut\":{\"incarnation\":\"%" PRIu64 "\",\"position\":%" PRIu64
                     "},\"complete\":%s,\"sum\":%" PRId64 ",\"dossiers\":",
                     listing->cut.incarnation, listing->cut.position,
                     listing->complete ? "true" : "false", listing->sum);
        grid_print_json(&listing->grid, stdout);
        (void)fputs("}\n", stdout);
    } else if (!grid_print(&listing->grid, command, stdout)) {
        return EXIT_FAILED;
    }
    (void)fprintf(stderr, "%" PRIu64 " dossiers, sum %" PRId64 ", position %" PRIu64 "%s\n",
                  listing->lines, listing->sum, listing->cut.position,
                  listing->complete ? "" : "; there are more: --all lists them");
    if (listing->moved) {
        (void)fprintf(stderr, "hoso: events came in while listing; the pages are not of one cut\n");
    }
    return ferror(stdout) == 0 ? EXIT_DONE : EXIT_FAILED;
}

static int run(const struct command *command, const struct hoso_cell_query *query, uint64_t limit)
{
    struct hoso_client *client = NULL;
    int code = command_connect(command, &client);
    if (code != EXIT_DONE) {
        return code;
    }
    bool again = true;
    for (unsigned attempt = 1; again; attempt++) {
        struct listing listing = {.pages = NULL};
        struct hoso_error error;
        grid_init(&listing.grid, command->english ? english : vietnamese,
                  sizeof english / sizeof *english);
        const enum hoso_status status = list(client, query, limit, &listing, &error);
        again = status == HOSO_OK && listing.moved && attempt < ATTEMPTS;
        if (!again) {
            code = status == HOSO_OK ? print(command, &listing) : report_failure(&error);
        }
        forget(&listing);
    }
    hoso_client_close(client);
    return code;
}

int cmd_dossiers(struct command *command, int argc, char **argv)
{
    struct hoso_cell_query query = {.column = NULL};
    uint64_t limit = LIMIT_DEFAULT;
    bool all = false;
    const struct option options[] = {
        {"column", OPTION_TEXT, &query.column, "C", "column id", true},
        {"unit", OPTION_TEXT, &query.report.unit, "U", "the row's unit", true},
        {"from", OPTION_DATE, &query.report.from, "D", "first day", true},
        {"to", OPTION_DATE, &query.report.to, "D", "last day", true},
        {"field", OPTION_TEXT, &query.field, "F", "the row's field", false},
        {"procedure", OPTION_TEXT, &query.procedure, "P", "the row's procedure", false},
        {"row", OPTION_TEXT, &query.row, "R", "the row's id", false},
        {"tree-at", OPTION_DATE, &query.report.tree_at, "D", "the day whose unit tree applies",
         false},
        {"limit", OPTION_NUMBER, &limit, "N", "at most so many (100)", false},
        {"all", OPTION_FLAG, &all, NULL, "all of them", false},
        {NULL, OPTION_FLAG, NULL, NULL, NULL, false},
    };
    unsigned count = 0;
    const int code =
        options_parse(command, argc, argv, options, &usage, &query.report.form, 1, &count);
    if (code >= 0) {
        return code;
    }
    if (count == 0 || limit == 0) {
        return usage_error(&usage, count == 0 ? "which form?" : "--limit is at least 1");
    }
    return run(command, &query, all ? UINT64_MAX : limit);
}
