/* SPDX-License-Identifier: Apache-2.0
 *
 * hoso-reporting: answers officials from its own copy of the ledger. What it answers
 * (proto/hoso/v1/reporting.proto), from the copy or from elsewhere:
 */
#include "services/reporting/metrics.h"
#include "services/reporting/reporting.h"

#define BODY(name) HOSO__V1__REPORTING_REQUEST__BODY_##name
#define OWN(member, kind) SETTING(struct reporting_settings, member, kind)

static const struct message_kind messages[] = {
    {BODY(RUN_REPORT), true, answer_report}, /* a form over a unit's subtree and a period */
    {BODY(LIST_FORMS), false, answer_forms}, /* which forms there are, with their columns */
    {BODY(LIST_UNITS), true,
     answer_units}, /* the unit tree of a day, as far as the asker may see */
    {BODY(GET_CATALOGUE), true, answer_catalogue}, /* units, fields and procedures as published */
    {BODY(LIST_DOSSIERS), true,
     answer_dossiers},                     /* the dossiers behind a cell; aggregation has them */
    {BODY(QUALITY), true, answer_quality}, /* orphans, conflicts, ignored events; likewise */
    {BODY(STATUS), false, answer_status},  /* position, sizes, queues */
    {BODY(TOTALS_SNAPSHOT), false, answer_totals}, /* where a subscriber of the feed begins */
};

static const struct setting settings[] = {
    SERVICE_SETTINGS,
    {SERVICE_SETTING(listen, ENDPOINT), "tcp://127.0.0.1:7304", 0, 0,
     "Where officials and agencies ask."},
    {OWN(aggregation, ENDPOINT), "tcp://127.0.0.1:7303", 0, 0, "Aggregation's endpoint."},
    {OWN(aggregation_key, PUBLIC_KEY), NULL, 0, 0, "Aggregation's public key."},
    {OWN(totals_listen, ENDPOINT), "", 0, 0,
     "Where agencies subscribe to live totals, like tcp://0.0.0.0:7305; empty = no feed."},
    {OWN(totals_restricted, TEXT), "", 0, 0,
     "Unit subtrees, between blanks, that only those with the right to them all may follow."},
    {OWN(totals_restricted_listen, ENDPOINT), "", 0, 0,
     "Where those are published, and nowhere else; empty = they are not."},
    {OWN(totals_interval_ms, NUMBER), "100", 1, 60000,
     "Changes of one unit within this time make one message."},
    {OWN(totals_clock_shift_s, NUMBER), "0", INT64_C(-4000000000), INT64_C(4000000000),
     "For tests alone: what the feed takes for today is this much later."},
    {0},
};

static enum status start(struct service *service, struct error *error)
{
    return reporting_start(service, messages, COUNT_OF(messages), error);
}

int main(int argc, char **argv)
{
    const struct service_spec spec = {.name = "reporting",
                                      .summary = "answers reports from a copy of the ledger",
                                      .settings = settings,
                                      .settings_bytes = sizeof(struct reporting_settings),
                                      .start = start,
                                      .stop = reporting_stop,
                                      .request = &hoso__v1__reporting_request__descriptor,
                                      .reply = &hoso__v1__reporting_reply__descriptor,
                                      .metrics = reporting_metrics,
                                      .metric_count = REPORTING_METRIC_COUNT,
                                      .observe = reporting_observe};
    return service_run(argc, argv, &spec);
}
