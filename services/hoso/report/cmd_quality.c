/* SPDX-License-Identifier: Apache-2.0
 *
 * hoso quality: events that do not count, and why.
 */
#include "services/hoso/command.h"

#include <stdio.h>
#include <string.h>

#include "base/localday.h"
#include "services/hoso/report/listing.h"

static const struct usage usage = {
    "quality [--kind K] [--unit U] [--limit N | --all]",
    "Events that do not count or look wrong, and why.",
    "Kinds: ORPHAN without reception, IGNORED without effect, CONFLICTING same id but other "
    "content (the first stands),\n"
    "VOID_UNMATCHED voids nothing, OVER_LIMIT too many events of one dossier, RESULT_IMPLIED "
    "handed over without a result,\nUNIT_NOT_VALID counted for a unit that was not valid on its "
    "day.\nA line is about all events of a kind, dossier and unit, and names the "
    "first.",
};

/* What is behind most of them. */
static const char *const conflict_note[] = {
    "Trùng mã, khác nội dung: sự kiện đến trước được tính. Nguyên nhân thường gặp: phần mềm ghi "
    "thời "
    "điểm kết xuất vào chỗ thời điểm còn trống; việc chưa xảy ra thì không gửi sự kiện.",
    "CONFLICTING: the first one stands. What is often behind it: an export writes its own time "
    "where "
    "a time is missing; send no event for what has not happened.",
};

struct quality {
    struct hoso_quality_query query;
    bool has_conflict; /* among those listed */
};

/* The query is a struct quality's first member. */
static enum hoso_status ask(struct hoso_client *client, void *query, const char *after,
                            unsigned limit, struct list_page *ret_page, struct hoso_error *error)
{
    struct quality *quality = query;
    const enum hoso_status status =
        list_of_findings.ask(client, query, after, limit, ret_page, error);
    const struct hoso_findings *page = status == HOSO_OK ? ret_page->result : NULL;
    for (size_t i = 0; page != NULL && i < page->count; i++) {
        quality->has_conflict =
            quality->has_conflict || strcmp(page->findings[i].kind, "CONFLICTING") == 0;
    }
    return status;
}

int cmd_quality(struct command *command, int argc, char **argv)
{
    struct quality quality = {.has_conflict = false};
    struct listing_limit limit = {.most = LISTING_NOT_GIVEN};
    const struct option options[] = {
        {"kind", OPTION_TEXT, &quality.query.kind, "K", "only these", false},
        {"unit", OPTION_TEXT, &quality.query.unit, "U", "a unit and its subtree", false},
        OPTION_MIN_POSITION(&quality.query.min_cut),
        OPTIONS_OF_LISTING(&limit),
        OPTIONS_OF_DOCUMENTS(command),
        OPTIONS_END,
    };
    const int code = command_parse(command, argc, argv, options, &usage);
    if (code >= 0) {
        return code;
    }
    struct list_kind kind = list_of_findings;
    kind.ask = ask;
    const int listed = listing_run(command, NULL, &kind, &quality, &limit);
    if (quality.has_conflict) {
        (void)fprintf(stderr, "%s\n", conflict_note[command->english]);
    }
    return listed;
}
