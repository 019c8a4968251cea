/* SPDX-License-Identifier: Apache-2.0
 *
 * Pages of different cuts would not add up, so a list that must is asked again when events came in
 * between.
 */
#include "services/hoso/report/listing.h"

#include <inttypes.h>
#include <libintl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { PAGE = 1000 };

static void listing_fini(struct listing *listing)
{
    for (size_t i = 0; i < listing->page_count; i++) {
        hoso_free(listing->pages[i]);
    }
    free(listing->pages);
    document_fini(&listing->document);
}

static bool keep(struct listing *listing, const struct listing_page *page)
{
    void **pages = reallocarray(listing->pages, listing->page_count + 1, sizeof *pages);
    if (pages == NULL) {
        return false;
    }
    listing->pages = pages;
    pages[listing->page_count++] = page->result;
    listing->lines += page->count;
    listing->cuts_differ = listing->cuts_differ ||
                           (listing->page_count > 1 && page->cut.position != listing->cut.position);
    listing->cut = page->cut;
    listing->complete = page->next[0] == '\0';
    return true;
}

static enum hoso_status list(const struct command *command, const struct listing_source *source,
                             void *query, struct hoso_client *client, uint64_t limit,
                             struct listing *listing, struct hoso_error *error)
{
    const struct list_reader reader = command_reader(command);
    const char *after = NULL;
    while (listing->lines < limit && !listing->complete) {
        const uint64_t left = limit - listing->lines;
        struct listing_page page = {.result = NULL};
        const enum hoso_status status =
            source->ask(query, client, after, (unsigned)(left < PAGE ? left : PAGE), &page, error);
        if (status != HOSO_OK) {
            return status;
        }
        if (!keep(listing, &page)) {
            hoso_free(page.result);
            return client_fail(error, HOSO_TOO_LARGE, NULL, "out of memory");
        }
        listing->sum += source->kind->add_rows(&listing->document, &reader, page.result);
        after = page.next;
    }
    return HOSO_OK;
}

static int print_json(const struct command *command, const struct listing_source *source,
                      const struct listing *listing)
{
    struct output output;
    const int code = output_begin(command, &output);
    if (code != EXIT_DONE) {
        return code;
    }
    const struct list_end end = {
        .cut = listing->cut, .sum = listing->sum, .complete = listing->complete};
    list_print_json(source->kind, &listing->document, &end, output.file);
    return output_end(&output, ferror(output.file) == 0);
}

static int print(const struct command *command, const struct listing_source *source,
                 struct listing *listing)
{
    const int code = command->format == RENDER_JSON && !listing->document.failed
                         ? print_json(command, source, listing)
                         : command_print(command, &listing->document);
    (void)fprintf(stderr, "%" PRIu64 " %s", listing->lines, gettext(source->kind->name));
    if (source->kind->has_sum) {
        (void)fprintf(stderr, gettext(", sum %lld, position %llu"), (long long)listing->sum,
                      (unsigned long long)listing->cut.position);
    }
    (void)fprintf(stderr, "%s\n",
                  listing->complete ? "" : gettext("; there are more: --all lists them"));
    if (listing->cuts_differ && source->kind->has_sum) {
        (void)fprintf(
            stderr, "%s",
            gettext("hoso: events came in while listing; the pages are not of one cut\n"));
    }
    return code;
}

int listing_run(const struct command *command, const struct listing_source *source, void *query,
                const struct listing_limit *limit)
{
    struct hoso_client *client = NULL;
    const bool whole = limit->all || (limit->most == LISTING_NOT_GIVEN && command->out != NULL);
    const uint64_t most = whole                              ? UINT64_MAX
                          : limit->most == LISTING_NOT_GIVEN ? LISTING_LIMIT
                                                             : limit->most;
    if (most == 0) {
        return usage_error(NULL, "%s", gettext("--limit is at least 1"));
    }
    int code = command_connect(command, &client);
    if (code != EXIT_DONE) {
        return code;
    }
    const struct list_reader reader = command_reader(command);
    bool again = true;
    for (unsigned attempt = 1; again; attempt++) {
        struct listing listing = {.pages = NULL};
        struct hoso_error error;
        list_begin(&listing.document, source->kind, &reader);
        const enum hoso_status status =
            list(command, source, query, client, most, &listing, &error);
        again = status == HOSO_OK && listing.cuts_differ && attempt < source->attempts;
        if (!again) {
            code = status == HOSO_OK ? print(command, source, &listing) : report_failure(&error);
        }
        listing_fini(&listing);
    }
    hoso_client_close(client);
    return code;
}
