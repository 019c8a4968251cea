/* SPDX-License-Identifier: Apache-2.0
 *
 * Opens everything and starts the threads; joins and closes in the other order. What was opened
 * halfway is closed by the same path, because every part can be closed before it was started.
 */
#include "services/intake/intake.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "log/log.h"

static enum status open_journal(struct intake *intake, struct error *error)
{
    const struct service_settings *settings = intake->service->settings;
    const struct journal_options options = {.path = settings->data,
                                            .map_bytes = (uint64_t)settings->map_bytes,
                                            .any_filesystem = settings->any_filesystem != 0};
    const enum status status = journal_open(&options, &intake->journal, error);
    if (status == STATUS_OK) {
        const struct journal_end *end = journal_end(intake->journal);
        atomic_store(&intake->position, end->position);
        metrics_set(intake->metrics, INTAKE_SOURCES, 0, end->sources);
        metrics_set(intake->metrics, INTAKE_CATALOGUE, 0, end->catalogue_position);
    }
    return status;
}

static enum status load_catalogue(struct intake *intake, struct shared_catalogue **ret_shared,
                                  struct error *error)
{
    struct catalogue *catalogue;
    const enum status status = journal_load_catalogue(intake->journal, &catalogue, error);
    if (status != STATUS_OK || catalogue == NULL) {
        return status;
    }
    *ret_shared = shared_catalogue_new(&catalogue);
    if (*ret_shared == NULL) {
        catalogue_free(catalogue);
        return error_set(error, STATUS_TOO_LARGE, "no memory for the catalogue");
    }
    return STATUS_OK;
}

static enum status open_parts(struct intake *intake, struct error *error)
{
    struct shared_catalogue *catalogue = NULL;
    enum status status = open_journal(intake, error);
    if (status == STATUS_OK) {
        status = load_catalogue(intake, &catalogue, error);
    }
    if (status != STATUS_OK) {
        return status;
    }
    if (queue_init(&intake->queue) != STATUS_OK ||
        writer_init(&intake->writer, intake, shared_catalogue_take(catalogue)) != STATUS_OK) {
        shared_catalogue_drop(&catalogue);
        return error_set(error, STATUS_TOO_LARGE, "no memory for the queue");
    }
    status = front_init(&intake->front, intake, catalogue, error);
    return status == STATUS_OK ? feed_init(&intake->feed, intake, error) : status;
}

static enum status start_threads(struct intake *intake, struct error *error)
{
    if (writer_start(&intake->writer) != STATUS_OK || feed_start(&intake->feed) != STATUS_OK ||
        front_start(&intake->front) != STATUS_OK) {
        service_fail(intake->service); /* those that run see the stop */
        return error_set(error, STATUS_IO, "a thread could not be started");
    }
    return STATUS_OK;
}

static void log_started(const struct intake *intake)
{
    char position[24];
    (void)snprintf(position, sizeof position, "%" PRIu64, journal_end(intake->journal)->position);
    log_event(LOG_INFO, "intake.started", "listening for publishers and readers", "listen",
              bus_endpoint(intake->front.socket), "journal_listen",
              bus_endpoint(intake->feed.socket), "position", position, NULL);
}

enum status intake_start(struct service *service, struct error *error)
{
    struct intake *intake = calloc(1, sizeof *intake);
    if (intake == NULL) {
        return error_set(error, STATUS_TOO_LARGE, "no memory for intake");
    }
    intake->service = service;
    intake->metrics = service->metrics;
    intake->queue.wake.fd = -1; /* so that all of it can be closed from here on */
    intake->feed.wake.fd = -1;
    service->state = intake;
    enum status status = open_parts(intake, error);
    if (status == STATUS_OK) {
        log_started(intake); /* before the writer thread owns the journal */
        status = start_threads(intake, error);
    }
    if (status != STATUS_OK) {
        intake_stop(service);
    }
    return status;
}

void intake_stop(struct service *service)
{
    struct intake *intake = service->state;
    if (intake == NULL) {
        return;
    }
    front_join(&intake->front);
    if (intake->writer.worker.running) {
        queue_close(&intake->queue);
    }
    writer_join(&intake->writer);
    feed_join(&intake->feed);
    feed_fini(&intake->feed);
    front_fini(&intake->front);
    writer_fini(&intake->writer);
    queue_fini(&intake->queue);
    journal_close(intake->journal);
    free(intake);
    service->state = NULL;
}
