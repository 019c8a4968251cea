/* SPDX-License-Identifier: Apache-2.0
 *
 * hoso-intake takes events from publishers, journals them, and only then acknowledges. Below: every
 * message it answers, who may send it, and every setting.
 */
#include "hoso/v1/journal.pb-c.h"
#include "services/intake/intake.h"

#define BODY(name) HOSO__V1__INTAKE_REQUEST__BODY_##name

const struct endpoint_message front_messages[] = {
    {.body = BODY(OPEN),
     .name = "Open",
     .task = "publishing",
     .roles = ENDPOINT_ROLE(ROLE_SOURCE),
     .handle = front_open,
     .later = true},
    {.body = BODY(APPEND),
     .name = "Append",
     .task = "publishing",
     .roles = ENDPOINT_ROLE(ROLE_SOURCE),
     .handle = front_append,
     .refuse = front_refuse_append,
     .later = true},
    {.body = BODY(CHECK_EVENTS),
     .name = "CheckEvents",
     .task = "publishing",
     .roles = ENDPOINT_ROLE(ROLE_SOURCE),
     .handle = front_check_events},
    {.body = BODY(PUT_CATALOGUE),
     .name = "PutCatalogue",
     .task = "importing a catalogue",
     .roles = ENDPOINT_ROLE(ROLE_ADMIN),
     .lane = ENDPOINT_LONG,
     .handle = front_put_catalogue,
     .later = true},
    {.body = BODY(PUT_CATALOGUE_PART),
     .name = "PutCataloguePart",
     .task = "importing a catalogue",
     .roles = ENDPOINT_ROLE(ROLE_ADMIN),
     .lane = ENDPOINT_LONG,
     .handle = front_put_catalogue_part,
     .later = true},
    {.body = BODY(CLOSE_PERIOD),
     .name = "ClosePeriod",
     .task = "closing a period",
     .roles = ENDPOINT_ROLE(ROLE_ADMIN) | ENDPOINT_ROLE(ROLE_AGENCY) | ENDPOINT_ROLE(ROLE_SOURCE),
     .handle = front_close_period,
     .later = true},
    {.body = BODY(COUNT_REFUSED),
     .name = "CountRefused",
     .roles = ENDPOINT_ROLE(ROLE_ADMIN) | ENDPOINT_ROLE(ROLE_SOURCE),
     .handle = front_count_refused},
    {.body = BODY(COUNT_USES),
     .name = "CountUses",
     .task = "comparing catalogues",
     .roles = ENDPOINT_ROLE(ROLE_ADMIN),
     .lane = ENDPOINT_LONG,
     .handle = front_count_uses},
    {.body = BODY(STATUS),
     .name = "Status",
     .roles = ENDPOINT_ANYONE_AND_GATEWAY,
     .handle = endpoint_status},
    {.body = 0}};

const struct endpoint_message journal_messages[] = {
    {.body = HOSO__V1__JOURNAL_REQUEST__BODY_READ,
     .name = "ReadJournal",
     .task = "reading the journal",
     .roles = ENDPOINT_ROLE(ROLE_SERVICE) | ENDPOINT_ROLE(ROLE_ADMIN),
     .wait = journal_feed_wait,
     .reached = journal_feed_reached,
     .handle = journal_feed_read},
    {.body = 0}};

static const struct setting settings[] = {
    SERVICE_SETTINGS,
    {SERVICE_SETTING(listen, ENDPOINT), "tcp://127.0.0.1:7301", 0, 0, "Where publishers connect."},
    {SETTING(struct intake_settings, journal_listen, ENDPOINT), "tcp://127.0.0.1:7302", 0, 0,
     "Where aggregation reads the journal; keep it private."},
    {0}};

int main(int argc, char **argv)
{
    const struct service_spec spec = {.name = "intake",
                                      .summary =
                                          "takes dossier events from publishers and journals them",
                                      .settings = settings,
                                      .settings_bytes = sizeof(struct intake_settings),
                                      .start = intake_start,
                                      .stop = intake_stop,
                                      .check = intake_check,
                                      .request = &hoso__v1__intake_request__descriptor,
                                      .reply = &hoso__v1__intake_reply__descriptor,
                                      .metrics = intake_metrics,
                                      .metric_count = INTAKE_METRIC_COUNT,
                                      .observe = intake_observe};
    return service_run(argc, argv, &spec);
}
