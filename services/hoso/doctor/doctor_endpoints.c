/* SPDX-License-Identifier: Apache-2.0
 *
 * Each endpoint of the configuration: does something listen there, has it the key that we think it
 * has, does it know ours. A server that does not know a key says nothing at all, so the last one is
 * a conclusion: it proved its own key and gave no answer. Why it does not know ours the registry
 * tells, if there is a site, or another service that does know us.
 */
#include "services/hoso/doctor/doctor_internal.h"

#include "bus/probe.h"

/* What the checks and the settings of an endpoint are called. */
static const struct doctor_place {
    enum peer peer;
    const char *service;
    const char *key_setting;
    const char *reachable; /* checks */
    const char *known;     /* NULL = it is not asked anything */
} places[] = {
    {PEER_INTAKE, "intake", "intake_key", "intake.reachable", "intake.knows-us"},
    {PEER_JOURNAL, "intake", "intake_key", "journal.reachable", NULL},
    {PEER_LEDGER, "aggregation", "ledger_key", "aggregation.reachable", "aggregation.knows-us"},
    {PEER_REPORTING, "reporting", "reporting_key", "reporting.reachable", "reporting.knows-us"},
    {PEER_TOTALS, "reporting", "reporting_key", "totals.reachable", NULL},
    {PEER_TOTALS_RESTRICTED, "reporting", "reporting_key", "totals_restricted.reachable", NULL},
};

enum { PLACES = sizeof places / sizeof *places };

/* Of an endpoint: service, endpoint, the setting with its key, the one with itself. */
static const struct doctor_sentences probes[BUS_FAULT_COUNT] = {
    [BUS_FAULT_NONE] = {.sound = "{1} is at {2}, with the right key"},
    [BUS_FAULT_REFUSED] =
        {.wrong = "{1}: nothing listens at {2}",
         .fix = "Read in the last line of its log why it ended (`journalctl -u hoso-{1} -n 1`, "
                "`docker-compose logs --tail 1 {1}`); then start it (`systemctl start hoso-{1}`, "
                "`docker-compose up -d {1}`). On its machine `hoso doctor --site DIR` looks into "
                "both. If it runs, correct {4} in this configuration"},
    [BUS_FAULT_WRONG_KEY] =
        {.wrong = "{1}: the service at {2} has another key than this configuration says",
         .fix = "Copy the line `public` of {1}'s key file to {3}, if {2} is the right address"},
    [BUS_FAULT_SILENT] =
        {.wrong = "{1}: {2} takes connections and says nothing: the service hangs, or it is "
                  "another program",
         .fix = "Look with `ss -ltnp` which program has the port. If it is {1}: read its log, then "
                "restart it; nothing is lost"},
    [BUS_FAULT_FOREIGN] =
        {.wrong = "{1}: another program than hoso listens at {2}",
         .fix = "Look with `ss -ltnp` which program has the port; end it and start {1}, or correct "
                "{4} in this configuration"},
    [BUS_FAULT_NAME] = {.wrong = "{1}: no host has the name in {2}",
                        .fix = "Correct {4} in this configuration, or the name server"},
    [BUS_FAULT_UNREACHABLE] =
        {.wrong = "{1}: there is no way to {2}: the host is down, the address is wrong, or a "
                  "firewall is between",
         .fix = "Check the address in {4}, the host, the network, the firewall"},
};
/* The same, of a service of the site at which nothing listens. */
static const struct doctor_sentences ended_by_fault = {
    .wrong = "{1}: nothing listens at {2}: it cannot start",
    .fix = "Do what site.{1}.check says, then start it",
};
static const struct doctor_sentences ended_by_error = {
    .wrong = "{1}: nothing listens at {2}: it ended because of an error",
    .fix = "Do what site.{1}.log says, then start it",
};
static const struct doctor_sentences ended_by_order = {
    .wrong = "{1}: nothing listens at {2}: it was stopped",
    .fix = "Start it: `systemctl start hoso-{1}`, `docker-compose up -d {1}`",
};
static const struct doctor_sentences ended_silently = {
    .wrong = "{1}: nothing listens at {2}, and its log does not say that it ended: it was killed, "
             "or listens elsewhere",
    .fix = "Start it (`systemctl start hoso-{1}`, `docker-compose up -d {1}`). If it was killed "
           "for lack of memory, `dmesg` says so",
};
/* service, the setting with its endpoint */
static const struct doctor_sentences not_named = {
    .sound = "this configuration does not name {2}: not needed here, not checked",
};
static const struct doctor_sentences nothing_named = {
    .wrong = "this configuration names no service",
    .fix = "Add reporting and reporting_key to read figures, intake and intake_key to publish; "
           "`hoso config sample` explains them",
};
/* Of an answer: service, its version or our public key, a service that knows us. */
static const struct doctor_sentences knows_us = {
    .sound = "{1} {2} answers our key",
    .wrong = "{1} has the right key and does not answer ours: it was not granted, has expired, or "
             "was granted and {1} did not read the registry since",
    .fix = "Tell the administrator the public key {2}. On the services' machine `hoso doctor "
           "--site DIR` with this configuration says which of the three it is",
};
static const struct doctor_sentences not_granted = {
    .wrong = "{1} does not know our key: the registry does not grant it",
    .fix = "Do what site.our-key says",
};
static const struct doctor_sentences expired = {
    .wrong = "{1} does not take our key any more: it has expired",
    .fix = "Do what site.our-key says",
};
static const struct doctor_sentences not_reloaded = {
    .wrong = "{1} does not know our key, though the registry grants it: {1} did not read the "
             "registry since, or reads another one",
    .fix = "Send it SIGHUP: `systemctl reload hoso-{1}`, `docker-compose kill -s HUP {1}`",
};
static const struct doctor_sentences others_know_us = {
    .wrong = "{1} does not know our key, though {3} does: {1} did not read the registry since, or "
             "reads another one",
    .fix = "Send it SIGHUP: `systemctl reload hoso-{1}`, `docker-compose kill -s HUP {1}`",
};
/* service, the settings with its endpoint and its key */
static const struct doctor_sentences no_right = {
    .wrong = "{1} knows our key, and the key may not ask it: {1} is for administrators alone",
    .fix = "Take {2} and {3} out of this configuration; nobody else needs them",
};
/* service, the error */
static const struct doctor_sentences shows_status = {
    .wrong = "{1} does not show its status: {2}",
    .fix = "Look at its log: `journalctl -u hoso-{1}`, `docker-compose logs {1}`",
};
static const struct doctor_sentences client_opened = {
    .wrong = "no service can be asked with this configuration: {1}",
    .fix = "Correct that; `hoso config sample` prints a sample",
};

/* Why nothing listens where a service of this site should. */
static const struct doctor_sentences *cause_of_end(const struct site_service *service)
{
    if (service->check_failed) {
        return &ended_by_fault;
    }
    return service->log == SITE_LOG_FAILED    ? &ended_by_error
           : service->log == SITE_LOG_STOPPED ? &ended_by_order
           : service->log == SITE_LOG_RUNS    ? &ended_silently
                                              : &probes[BUS_FAULT_REFUSED];
}

/* True = it is what it should be. Whether it knows our key is another check. */
static bool report_probe(struct doctor *doctor, const struct doctor_place *place,
                         const char *endpoint, enum bus_fault fault)
{
    const bool right = fault == BUS_FAULT_NONE || fault == BUS_FAULT_NO_RIGHT;
    const struct site_service *service = doctor_site_service(doctor, place->service);
    const struct doctor_sentences *row =
        right                                           ? &probes[BUS_FAULT_NONE]
        : probes[fault].wrong == NULL                   ? &probes[BUS_FAULT_UNREACHABLE]
        : fault == BUS_FAULT_REFUSED && service != NULL ? cause_of_end(service)
                                                        : &probes[fault];
    doctor_report(doctor, doctor_verdict(right), place->reachable, row, place->service, endpoint,
                  place->key_setting, peer_name(place->peer));
    return right;
}

/* Each endpoint of the list. True = one at least is what it should be; and it may know our key. */
static bool report_place(struct doctor *doctor, struct hoso_client *client,
                         const struct doctor_place *place, bool *ret_may_know)
{
    const struct client_settings *settings = &doctor->settings;
    char endpoint[BUS_ENDPOINT_SIZE];
    enum bus_fault fault;
    bool right = false;
    for (unsigned i = 0;
         bus_probe(client->bus, settings->endpoint[place->peer], settings->server_key[place->peer],
                   i, (int)settings->timeout_ms, endpoint, &fault);
         i++) {
        right = report_probe(doctor, place, endpoint, fault) || right;
        *ret_may_know = *ret_may_know || fault == BUS_FAULT_NONE;
    }
    return right;
}

/* A service that answered our key; NULL = none did. */
static const char *who_knows_us(const struct doctor *doctor)
{
    for (unsigned i = 0; i < STATUS_PEERS; i++) {
        const struct status_answer *answer = &doctor->answers[i];
        if (answer->asked && (answer->reply != NULL || answer->status == HOSO_DENIED)) {
            return status_service(answer->peer);
        }
    }
    return NULL;
}

static const struct doctor_sentences *cause_of_silence(const struct doctor *doctor)
{
    static const struct doctor_sentences *const rows[] = {
        [OUR_KEY_NOT_GRANTED] = &not_granted,
        [OUR_KEY_EXPIRED] = &expired,
        [OUR_KEY_GRANTED] = &not_reloaded,
    };
    return doctor->site.our_key != OUR_KEY_UNSEEN ? rows[doctor->site.our_key]
           : who_knows_us(doctor) != NULL         ? &others_know_us
                                                  : &knows_us;
}

static void report_answer(struct doctor *doctor, const struct doctor_place *place,
                          const struct status_answer *answer)
{
    if (answer->reply != NULL) {
        doctor_report(doctor, VERDICT_OK, place->known, &knows_us, place->service,
                      answer->reply->version);
    } else if (answer->status == HOSO_DENIED) {
        doctor_report(doctor, VERDICT_WARNING, place->known, &no_right, place->service,
                      peer_name(place->peer), place->key_setting);
    } else if (answer->status == HOSO_UNAVAILABLE) {
        doctor_report(doctor, VERDICT_FAILURE, place->known, cause_of_silence(doctor),
                      place->service, doctor->settings.keys.public_text, who_knows_us(doctor));
    } else {
        doctor_report(doctor, VERDICT_FAILURE, place->known, &shows_status, place->service,
                      doctor_quote(doctor, answer->error.text));
    }
}

static struct status_answer *answer_of(struct doctor *doctor, enum peer peer)
{
    struct status_answer *answer = doctor->answers;
    while (answer->peer != peer) {
        answer++;
    }
    return answer;
}

/* One that let us know that it does not know our key would not answer either. */
static void ask(struct doctor *doctor, struct hoso_client *client, const struct doctor_place *place)
{
    bool may_know = false;
    const bool right = report_place(doctor, client, place, &may_know);
    if (right && place->known != NULL && may_know) {
        status_ask(client, &doctor->arena, answer_of(doctor, place->peer));
    } else if (right && place->known != NULL) {
        *answer_of(doctor, place->peer) =
            (struct status_answer){.peer = place->peer, .asked = true, .status = HOSO_UNAVAILABLE};
    }
}

/* What is there, and how it answers; who knows our key is reported once all were asked. */
static void ask_all(struct doctor *doctor, struct hoso_client *client)
{
    unsigned named = 0;
    for (unsigned i = 0; i < PLACES; i++) {
        const struct doctor_place *place = &places[i];
        if (doctor->settings.endpoint[place->peer][0] != '\0') {
            named++;
            ask(doctor, client, place);
        } else if (place->known != NULL) {
            doctor_report(doctor, VERDICT_SKIPPED, place->reachable, &not_named, place->service,
                          peer_name(place->peer));
        }
    }
    if (named == 0) {
        doctor_report(doctor, VERDICT_FAILURE, "client.services", &nothing_named, "");
    }
}

void doctor_endpoints(struct doctor *doctor)
{
    struct hoso_client *client = NULL;
    struct hoso_error error;
    status_answers_init(doctor->answers);
    if (client_open(&doctor->settings, &client, &error) != HOSO_OK) {
        doctor_report(doctor, VERDICT_FAILURE, "client.open", &client_opened,
                      doctor_quote(doctor, error.text));
        return;
    }
    ask_all(doctor, client);
    for (unsigned i = 0; i < PLACES; i++) {
        if (places[i].known != NULL && answer_of(doctor, places[i].peer)->asked) {
            report_answer(doctor, &places[i], answer_of(doctor, places[i].peer));
        }
    }
    hoso_client_close(client);
}
