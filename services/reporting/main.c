/* SPDX-License-Identifier: Apache-2.0
 *
 * hoso-reporting: answers officials from its own copy of the ledger. Below: every message that it
 * answers (proto/hoso/v1/reporting.proto), and every setting. Any role may ask; for which units is
 * each answer's business.
 */
#include "services/reporting/metrics.h"
#include "services/reporting/reporting.h"
#include "services/reporting/server.h"

#define BODY(name) HOSO__V1__REPORTING_REQUEST__BODY_##name
#define OWN(member, kind) SETTING(struct reporting_settings, member, kind)

/* In the order of the labels of REPORTING_REQUESTS. */
static const struct endpoint_message messages[] = {
    {.body = BODY(RUN_REPORT), /* a form over a unit's subtree and a period; large ones are long */
     .name = "RunReport",
     .roles = ENDPOINT_ANYONE,
     .wait = server_wait,
     .reached = server_reached,
     .handle = server_answer},
    {.body = BODY(LIST_FORMS), /* which forms there are, with their columns */
     .name = "ListForms",
     .roles = ENDPOINT_ANYONE,
     .handle = server_answer},
    {.body = BODY(LIST_UNITS), /* the unit tree of a day, as far as the asker may see */
     .name = "ListUnits",
     .roles = ENDPOINT_ANYONE,
     .lane = ENDPOINT_LONG,
     .handle = server_answer},
    {.body = BODY(GET_CATALOGUE), /* units, fields and procedures as published */
     .name = "GetCatalogue",
     .roles = ENDPOINT_ANYONE,
     .lane = ENDPOINT_LONG,
     .handle = server_answer},
    {.body = BODY(LIST_DOSSIERS), /* the dossiers behind a cell; aggregation has them */
     .name = "ListDossiers",
     .roles = ENDPOINT_ANYONE,
     .wait = server_wait,
     .reached = server_reached,
     .handle = server_answer,
     .later = true},
    {.body = BODY(QUALITY), /* orphans, conflicts, ignored events; likewise */
     .name = "Quality",
     .roles = ENDPOINT_ANYONE,
     .wait = server_wait,
     .reached = server_reached,
     .handle = server_answer,
     .later = true},
    {.body = BODY(LIST_OPEN), /* what is overdue, due soon or waiting today; likewise */
     .name = "ListOpen",
     .roles = ENDPOINT_ANYONE,
     .wait = server_wait,
     .reached = server_reached,
     .handle = server_answer,
     .later = true},
    {.body = BODY(GET_DOSSIER), /* the life of one dossier; aggregation has it */
     .name = "GetDossier",
     .roles = ENDPOINT_ANYONE,
     .wait = server_wait,
     .reached = server_reached,
     .handle = server_answer,
     .later = true},
    {.body = BODY(LIST_SOURCES), /* whose events come in, and whose do not */
     .name = "ListSources",
     .roles = ENDPOINT_ANYONE,
     .lane = ENDPOINT_LONG,
     .handle = server_answer},
    {.body = BODY(LIST_CLOSES), /* closed periods, the latest first */
     .name = "ListCloses",
     .roles = ENDPOINT_ANYONE,
     .wait = server_wait,
     .reached = server_reached,
     .handle = server_answer},
    {.body = BODY(SERIES), /* what a subtree counted, day by day; large ones are long */
     .name = "Series",
     .roles = ENDPOINT_ANYONE,
     .handle = server_answer},
    {.body = BODY(STATUS), /* position, sizes, queues */
     .name = "Status",
     .roles = ENDPOINT_ANYONE_AND_GATEWAY,
     .handle = endpoint_status},
    {.body = BODY(TOTALS_SNAPSHOT), /* where a subscriber of the feed begins */
     .name = "TotalsSnapshot",
     .roles = ENDPOINT_ANYONE_AND_GATEWAY,
     .lane = ENDPOINT_LONG,
     .handle = server_answer},
    {.body = 0}};

static const struct setting settings[] = {
    SERVICE_SETTINGS,
    {SERVICE_SETTING(listen, ENDPOINT), "tcp://127.0.0.1:7304", 0, 0,
     "Where officials and agencies ask."},
    {OWN(aggregation, ENDPOINTS), "tcp://127.0.0.1:7303", 0, 0, "Aggregation's endpoint."},
    {OWN(aggregation_key, PUBLIC_KEYS), NULL, 0, 0, "Aggregation's public key."},
    {OWN(forms, TEXT), "", 0, 0,
     "Folder with forms of your own, *.yaml, hoso-form(5); one with the id of a built-in form "
     "stands "
     "in its place. Empty = only the built-in ones. SIGHUP reads it again."},
    {OWN(totals_listen, ENDPOINT), "", 0, 0,
     "Where agencies subscribe to live totals, like tcp://0.0.0.0:7305; empty = no feed."},
    {OWN(totals_restricted, TEXT), "", 0, 0,
     "Unit subtrees, between blanks, that only those with the right to them all may follow."},
    {OWN(totals_restricted_listen, ENDPOINT), "", 0, 0,
     "Where those are published, and nowhere else; empty = they are not."},
    {OWN(totals_follow_rights, NUMBER), "0", 0, 1,
     "1 = totals are shown as reports are: the feed to those with the right to all units, and to "
     "the gateway, which passes to each on what they may see; a snapshot to who may see its unit."},
    {OWN(totals_interval_ms, NUMBER), "100", 1, 60000,
     "Changes of one unit within this time make one message."},
    {OWN(totals_clock_shift_s, NUMBER), "0", INT64_C(-4000000000), INT64_C(4000000000),
     "For tests alone: what the feed takes for today is this much later."},
    {0},
};

static enum status start(struct service *service, struct error *error)
{
    return reporting_start(service, messages, error);
}

int main(int argc, char **argv)
{
    const struct service_spec spec = {.name = "reporting",
                                      .summary = "answers reports from a copy of the ledger",
                                      .settings = settings,
                                      .settings_bytes = sizeof(struct reporting_settings),
                                      .start = start,
                                      .stop = reporting_stop,
                                      .check = reporting_check,
                                      .reload = reporting_reload,
                                      .request = &hoso__v1__reporting_request__descriptor,
                                      .reply = &hoso__v1__reporting_reply__descriptor,
                                      .metrics = reporting_metrics,
                                      .metric_count = REPORTING_METRIC_COUNT,
                                      .observe = reporting_observe};
    return service_run(argc, argv, &spec);
}
