/* SPDX-License-Identifier: Apache-2.0
 *
 * Live totals in C: follows a unit and everything below it, and prints what was received today
 * whenever it changes. docs/feed.md is the contract behind it; libhoso keeps it.
 *
 *     cc -o watch_totals watch_totals.c $(pkg-config --cflags --libs hoso)
 *     ./watch_totals client.conf H27.45
 */
#include <hoso.h>
#include <hoso_watch.h>

#include <inttypes.h>
#include <stdio.h>

static void print_state(struct hoso_watch *watch)
{
    const struct hoso_watch_info info = hoso_watch_info(watch);
    fprintf(stderr, "%s, began anew %" PRIu64 " times%s%s\n", hoso_watch_state_text(info.state),
            info.resyncs, info.why[0] != '\0' ? ", because of " : "", info.why);
}

static void print_changes(struct hoso_watch *watch, const struct hoso_watch_news *news)
{
    const struct hoso_watch_info info = hoso_watch_info(watch);
    for (size_t i = 0; i < news->changed_count; i++) {
        const struct hoso_unit_totals *unit = news->changed[i];
        printf("%s %" PRIu64 " %s received=%" PRId64 " overdue=%" PRId64 "\n", info.day,
               info.cut.position, unit->unit, hoso_totals_flow(unit, "received").today,
               hoso_totals_stock(unit, "processing_overdue"));
    }
    for (size_t i = 0; i < news->gone_count; i++) {
        printf("%s %" PRIu64 " %s left\n", info.day, info.cut.position, news->gone[i]->unit);
    }
    fflush(stdout);
}

static int follow(struct hoso_watch *watch)
{
    struct hoso_watch_news news;
    struct hoso_error error;
    for (;;) {
        const enum hoso_status status = hoso_watch_next(watch, -1, &news, &error);
        if (status == HOSO_UNAVAILABLE || status == HOSO_NOT_READY || status == HOSO_BUSY) {
            fprintf(stderr, "%s; asking again\n", error.text);
            continue;
        }
        if (status != HOSO_OK) {
            fprintf(stderr, "%s\n", error.text);
            return 1;
        }
        if (news.what & HOSO_WATCH_STATE) {
            print_state(watch);
        }
        print_changes(watch, &news);
    }
}

int main(int argc, char **argv)
{
    struct hoso_client *client = NULL;
    struct hoso_watch *watch = NULL;
    struct hoso_error error;
    if (argc != 3) {
        fprintf(stderr, "usage: %s CLIENT.CONF UNIT\n", argv[0]);
        return 2;
    }
    if (hoso_client_open_file(argv[1], 0, &client, &error) != HOSO_OK) {
        fprintf(stderr, "%s: %s\n", argv[1], error.text);
        return 1;
    }
    const struct hoso_watch_options options = {.unit = argv[2]};
    int code = 1;
    if (hoso_watch_open(client, &options, &watch, &error) == HOSO_OK) {
        code = follow(watch);
    } else {
        fprintf(stderr, "%s\n", error.text);
    }
    hoso_watch_close(watch);
    hoso_client_close(client);
    return code;
}
