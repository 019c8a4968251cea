/* SPDX-License-Identifier: Apache-2.0
 *
 * The parts are opened from the inside out, so that a request finds all of them, and closed the
 * other way.
 */
#include "services/gateway/gateway.h"

#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "keys/key_file.h"
#include "service/http.h"
#include "services/gateway/login/audit.h"
#include "services/gateway/http/deadline.h"
#include "services/gateway/http/lane.h"
#include "services/gateway/live/live.h"
#include "services/gateway/http/server.h"
#include "services/gateway/login/sessions.h"
#include "services/gateway/login/throttle.h"

enum {
    QUEUE_REQUESTS = 1024, /* that wait for a worker */
    QUEUE_LOG_INS = 16
};

/* Where the services are, as a client's settings. */
static enum status set_client(struct gateway *gateway, struct error *error)
{
    const struct gateway_settings *settings = gateway->settings;
    struct client_settings *client = &gateway->client;
    const struct {
        enum peer peer;
        const char *endpoint, *key;
    } rows[] = {{PEER_INTAKE, settings->intake, settings->intake_key},
                {PEER_REPORTING, settings->reporting, settings->reporting_key},
                {PEER_LEDGER, settings->aggregation, settings->aggregation_key},
                {PEER_TOTALS, settings->totals, settings->reporting_key}};
    *client = (struct client_settings){.timeout_ms = (unsigned)settings->timeout_ms,
                                       .reporting_day = (int)settings->reporting_day};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const enum peer peer = rows[i].peer;
        (void)snprintf(client->endpoint[peer], sizeof client->endpoint[0], "%s", rows[i].endpoint);
        (void)snprintf(client->server_key[peer], sizeof client->server_key[0], "%s", rows[i].key);
    }
    return key_file_read(settings->service.key, &client->keys, error);
}

static enum status open_parts(struct gateway *gateway, struct error *error)
{
    const struct gateway_settings *settings = gateway->settings;
    gateway->sessions = sessions_new(settings->session_minutes);
    gateway->throttle = throttle_new();
    if (gateway->sessions == NULL || gateway->throttle == NULL) {
        return error_set(error, STATUS_TOO_LARGE, "out of memory");
    }
    enum status status = audit_open(settings->audit, settings->audit_bytes, &gateway->audit, error);
    if (status == STATUS_OK) {
        status = live_open(gateway, &gateway->live, error);
    }
    if (status == STATUS_OK) {
        status = http_take_address("listen", settings->service.listen, &gateway->fd, error);
    }
    if (status == STATUS_OK) {
        status =
            lane_open(gateway, (unsigned)settings->workers, QUEUE_REQUESTS, &gateway->work, error);
    }
    if (status == STATUS_OK) {
        status = lane_open(gateway, 1, QUEUE_LOG_INS, &gateway->hashing, error);
    }
    if (status == STATUS_OK) {
        status = deadlines_open(&gateway->deadlines, error);
    }
    return status == STATUS_OK ? server_start(gateway, error) : status;
}

static void gateway_close(struct gateway *gateway)
{
    lane_close(gateway->work);
    lane_close(gateway->hashing);
    live_end(gateway->live);
    if (gateway->daemon != NULL) {
        server_stop(gateway);
    }
    if (gateway->fd >= 0) {
        (void)close(gateway->fd);
    }
    deadlines_close(gateway->deadlines);
    live_close(gateway->live);
    audit_close(gateway->audit);
    sessions_free(gateway->sessions);
    throttle_free(gateway->throttle);
    sodium_memzero(&gateway->client.keys, sizeof gateway->client.keys);
    free(gateway);
}

enum status gateway_start(struct service *service, struct error *error)
{
    struct gateway *gateway = calloc(1, sizeof *gateway);
    if (gateway == NULL || sodium_init() < 0) {
        free(gateway);
        return error_set(error, STATUS_TOO_LARGE, "out of memory");
    }
    gateway->service = service;
    gateway->settings = service->settings;
    gateway->fd = -1;
    service->state = gateway;
    enum status status = set_client(gateway, error);
    if (status == STATUS_OK) {
        status = open_parts(gateway, error);
    }
    if (status != STATUS_OK) {
        gateway_close(gateway);
    }
    return status;
}

void gateway_stop(struct service *service)
{
    struct gateway *gateway = service->state;
    atomic_store(&gateway->stopping, true);
    server_quiesce(gateway);
    gateway_close(gateway);
}
