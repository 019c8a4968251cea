/* SPDX-License-Identifier: Apache-2.0
 *
 * hoso-reporting: answers officials from its own copy of the ledger. What it answers
 * (proto/hoso/v1/reporting.proto), from the copy or from elsewhere:
 */
#include "services/reporting/feed/feed.h"
#include "services/reporting/metrics.h"
#include "services/reporting/reporting.h"

#define BODY(name) HOSO__V1__REPORTING_REQUEST__BODY_##name

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
    {"listen", SETTING_ENDPOINT, "tcp://127.0.0.1:7304", 0, 0, "Where officials and agencies ask."},
    {"aggregation", SETTING_ENDPOINT, "tcp://127.0.0.1:7303", 0, 0, "Aggregation's endpoint."},
    {"aggregation_key", SETTING_PUBLIC_KEY, NULL, 0, 0, "Aggregation's public key."},
    TOTALS_SETTINGS,
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
                                      .start = start,
                                      .stop = reporting_stop,
                                      .request = &hoso__v1__reporting_request__descriptor,
                                      .reply = &hoso__v1__reporting_reply__descriptor,
                                      .metrics = reporting_metrics,
                                      .metric_count = REPORTING_METRIC_COUNT,
                                      .observe = reporting_observe};
    return service_run(argc, argv, &spec);
}
