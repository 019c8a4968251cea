/* SPDX-License-Identifier: Apache-2.0
 *
 * A counter system in C: publishes one dossier through a durable outbox, then reads the report that
 * counts it.
 *
 *     cc -o publish_and_report publish_and_report.c $(pkg-config --cflags --libs hoso)
 *     ./publish_and_report client.conf outbox
 */
#include <hoso.h>
#include <hoso_read.h>

#include <inttypes.h>
#include <stdio.h>

static int failed(const char *what, const struct hoso_error *error)
{
    fprintf(stderr, "%s: %s\n", what, error->text);
    return 1;
}

static void refused(void *context, const struct hoso_refusal *refusal)
{
    (void)context;
    fprintf(stderr, "event %s of %s was refused: %s %s\n", refusal->event_id, refusal->dossier,
            refusal->field, refusal->reason);
}

static int publish(struct hoso_client *client, const char *outbox, struct hoso_cut *cut)
{
    const struct hoso_publisher_options options = {.outbox = outbox, .refused = refused};
    const struct hoso_event received = {
        .event_id = "e-1",
        .dossier = "H27.45-240520-0001",
        .kind = "RECEIVED",
        .occurred_at_ms = INT64_C(1716167520000), /* 20/05/2024 08:12 */
        .due_at_ms = INT64_C(1716458400000),      /* 23/05/2024 17:00 */
        .unit = "H27.45",
        .procedure = "1.001612",
        .field = "kinh-doanh",
        .channel = "ONLINE",
        .service_level = "FULL",
    };
    struct hoso_publisher *publisher = NULL;
    struct hoso_error error;
    if (hoso_publisher_open(client, &options, &publisher, &error) != HOSO_OK) {
        return failed("open", &error);
    }
    int code = 0;
    if (hoso_publisher_put(publisher, &received, 1, &error) != HOSO_OK ||
        hoso_publisher_flush(publisher, cut, &error) != HOSO_OK) {
        code = failed("publish", &error);
    }
    hoso_publisher_close(publisher);
    return code;
}

static int report(struct hoso_client *client, struct hoso_cut cut)
{
    const struct hoso_query query = {
        .form = "thong-ke",
        .unit = "H27.45",
        .from = "2024-05-01",
        .to = "2024-05-31",
        .min_cut = cut, /* or the report might be a moment older than our event */
    };
    struct hoso_report *found = NULL;
    struct hoso_error error;
    if (hoso_report_run(client, &query, &found, &error) != HOSO_OK) {
        return failed("report", &error);
    }
    printf("%s, %s: %s = %" PRId64 "\n", found->title, found->rows[0].label,
           found->columns[0].label, found->rows[0].cells[0].n);
    hoso_free(found);
    return 0;
}

int main(int argc, char **argv)
{
    struct hoso_client *client = NULL;
    struct hoso_cut cut = {0, 0};
    struct hoso_error error;
    if (argc != 3) {
        fprintf(stderr, "usage: %s CLIENT.CONF OUTBOX\n", argv[0]);
        return 2;
    }
    if (hoso_client_open_file(argv[1], 0, &client, &error) != HOSO_OK) {
        return failed(argv[1], &error);
    }
    int code = publish(client, argv[2], &cut);
    if (code == 0) {
        code = report(client, cut);
    }
    hoso_client_close(client);
    return code;
}
