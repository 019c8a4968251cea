/* SPDX-License-Identifier: Apache-2.0
 *
 * hoso-intake takes events from publishers, journals them, and only then acknowledges. Below: every
 * message it answers, who may send it, and every setting.
 */
#include "services/intake/intake.h"

const struct front_message front_messages[] = {
    {HOSO__V1__INTAKE_REQUEST__BODY_OPEN, "Open", ROLE_BIT(ROLE_SOURCE), front_open},
    {HOSO__V1__INTAKE_REQUEST__BODY_APPEND, "Append", ROLE_BIT(ROLE_SOURCE), front_append},
    {HOSO__V1__INTAKE_REQUEST__BODY_PUT_CATALOGUE, "PutCatalogue", ROLE_BIT(ROLE_ADMIN),
     front_put_catalogue},
    {HOSO__V1__INTAKE_REQUEST__BODY_STATUS, "Status", ROLE_ANYONE, front_status},
    {0, NULL, 0, NULL}};

const struct feed_message feed_messages[] = {{HOSO__V1__JOURNAL_REQUEST__BODY_READ, "ReadJournal",
                                              ROLE_BIT(ROLE_SERVICE) | ROLE_BIT(ROLE_ADMIN),
                                              feed_read},
                                             {0, NULL, 0, NULL}};

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
                                      .request = &hoso__v1__intake_request__descriptor,
                                      .reply = &hoso__v1__intake_reply__descriptor,
                                      .metrics = intake_metrics,
                                      .metric_count = INTAKE_METRIC_COUNT,
                                      .observe = intake_observe};
    return service_run(argc, argv, &spec);
}
