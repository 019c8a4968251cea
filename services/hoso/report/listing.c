/* SPDX-License-Identifier: Apache-2.0
 *
 * What was not listed is said on stderr: that there are more lines, or that the pages do not add up
 * because events came in between.
 */
#include "services/hoso/report/listing.h"

#include <inttypes.h>
#include <libintl.h>
#include <stdio.h>

#include "render/lists/list_paper.h"

static int print_json(const struct command *command, const struct list_kind *kind,
                      const struct list_pages *pages, const struct document *document, int64_t sum)
{
    struct output output;
    const int code = output_begin(command, &output);
    if (code != EXIT_DONE) {
        return code;
    }
    list_print_json(kind, pages, document, sum, output.file);
    return output_end(&output, ferror(output.file) == 0);
}

static int print(const struct command *command, const struct list_kind *kind,
                 const struct list_pages *pages)
{
    const struct list_reader reader = command_reader(command);
    struct document document;
    const int64_t sum = list_fill(kind, &reader, pages, &document);
    list_paper(kind, &reader, pages, command->columns == NULL, &document);
    const int code = command->format == RENDER_JSON && !document.failed
                         ? print_json(command, kind, pages, &document, sum)
                         : command_print(command, &document);
    document_fini(&document);
    (void)fprintf(stderr, "%" PRIu64 " %s", pages->lines, gettext(kind->name));
    if (kind->has_sum) {
        (void)fprintf(stderr, gettext(", sum %lld"), (long long)sum);
    }
    if (pages->cut.position != 0) {
        (void)fprintf(stderr, gettext(", position %llu"), (unsigned long long)pages->cut.position);
    }
    (void)fprintf(stderr, "%s\n",
                  pages->complete ? "" : gettext("; there are more: --all lists them"));
    if (pages->cuts_differ && kind->of_one_cut) {
        command_say("events came in while listing; the pages are not of one cut");
    }
    return code;
}

int listing_run(const struct command *command, struct hoso_client *client,
                const struct list_kind *kind, void *query, const struct listing_limit *limit)
{
    const bool whole = limit->all || (limit->most == LISTING_NOT_GIVEN && command->out != NULL);
    const uint64_t most = whole                              ? UINT64_MAX
                          : limit->most == LISTING_NOT_GIVEN ? LIST_LINES_DEFAULT
                                                             : limit->most;
    int code = EXIT_DONE;
    if (most == 0) {
        code = usage_error(NULL, "%s", gettext("--limit is at least 1"));
    } else if (client == NULL) {
        code = command_connect(command, &client);
    }
    if (code == EXIT_DONE) {
        struct list_pages pages;
        struct hoso_error error;
        const enum hoso_status status =
            list_gather(kind, client, query, NULL, most, 0, &pages, &error);
        pages.next = NULL; /* no option takes it */
        code = status == HOSO_OK ? print(command, kind, &pages) : report_failure(&error);
        list_pages_fini(&pages);
    }
    hoso_client_close(client);
    return code;
}
