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

static struct journal_options journal_options_of(const struct service_settings *settings)
{
    return (struct journal_options){.path = settings->data,
                                    .map_bytes = (uint64_t)settings->map_bytes,
                                    .any_filesystem = settings->any_filesystem != 0};
}

enum status intake_check(const void *settings, struct error *error)
{
    const struct journal_options options = journal_options_of(settings);
    struct journal *journal = NULL;
    const enum status status = journal_open(&options, &journal, error);
    if (status == STATUS_OK) {
        journal_close(journal);
    }
    return status;
}

static enum status open_journal(struct intake *intake, struct error *error)
{
    const struct journal_options options = journal_options_of(intake->service->settings);
    const enum status status = journal_open(&options, &intake->journal, error);
    if (status == STATUS_OK) {
        const struct journal_end *end = journal_end(intake->journal);
        atomic_store(&intake->position, end->position);
        metrics_set(intake->service->metrics, INTAKE_SOURCES, 0, end->sources);
        metrics_set(intake->service->metrics, INTAKE_CATALOGUE, 0, end->catalogue_position);
    }
    return status;
}

static enum status load_catalogue(struct intake *intake, struct catalogue_ref **ret_shared,
                                  struct error *error)
{
    struct catalogue *catalogue;
    const enum status status = journal_load_catalogue(intake->journal, &catalogue, error);
    if (status != STATUS_OK || catalogue == NULL) {
        return status;
    }
    *ret_shared = catalogue_ref_new(&catalogue);
    if (*ret_shared == NULL) {
        catalogue_free(catalogue);
        return error_set(error, STATUS_TOO_LARGE, "no memory for the catalogue");
    }
    return STATUS_OK;
}

static enum status open_writer(struct intake *intake, struct catalogue_ref *catalogue,
                               struct error *error)
{
    const struct writer_options options = {.service = intake->service,
                                           .metrics = intake->service->metrics,
                                           .journal = intake->journal,
                                           .queue = &intake->queue,
                                           .position = &intake->position,
                                           .committed = &intake->feed.committed};
    const enum status status =
        writer_init(&intake->writer, &options, catalogue_ref_take(catalogue));
    return status == STATUS_OK ? status : error_set(error, status, "no memory for the writer");
}

static enum status open_parts(struct intake *intake, struct error *error)
{
    struct catalogue_ref *catalogue = NULL;
    const struct intake_settings *settings = intake->service->settings;
    const struct journal_feed_options feed = {.service = intake->service,
                                              .listen = settings->journal_listen,
                                              .journal = intake->journal,
                                              .position = &intake->position,
                                              .messages = journal_messages};
    const struct front_options front = {.service = intake->service,
                                        .queue = &intake->queue,
                                        .journal = intake->journal,
                                        .incarnation = journal_incarnation(intake->journal),
                                        .messages = front_messages};
    if (queue_init(&intake->queue) != STATUS_OK) {
        return error_set(error, STATUS_TOO_LARGE, "no memory for the queue");
    }
    enum status status = journal_feed_init(&intake->feed, &feed, error);
    if (status == STATUS_OK) {
        status = load_catalogue(intake, &catalogue, error);
    }
    if (status == STATUS_OK) {
        status = open_writer(intake, catalogue, error);
    }
    if (status != STATUS_OK) {
        catalogue_ref_drop(&catalogue);
        return status;
    }
    return front_init(&intake->front, &front, catalogue, error);
}

static enum status start_threads(struct intake *intake, struct error *error)
{
    enum status status = writer_start(&intake->writer);
    if (status != STATUS_OK) {
        (void)error_set(error, status, "the writer's thread could not be started");
    }
    if (status == STATUS_OK) {
        status = endpoint_start(intake->feed.endpoint, error);
    }
    if (status == STATUS_OK) {
        status = endpoint_start(intake->front.endpoint, error);
    }
    if (status != STATUS_OK) {
        service_fail(intake->service); /* those that run see the stop */
    }
    return status;
}

static void log_started(const struct intake *intake)
{
    char position[24];
    (void)snprintf(position, sizeof position, "%" PRIu64, journal_end(intake->journal)->position);
    log_event(LOG_INFO, "intake.started", "listening for publishers and readers", "listen",
              endpoint_address(intake->front.endpoint), "journal_listen",
              endpoint_address(intake->feed.endpoint), "position", position, NULL);
}

enum status intake_start(struct service *service, struct error *error)
{
    struct intake *intake = calloc(1, sizeof *intake);
    if (intake == NULL) {
        return error_set(error, STATUS_TOO_LARGE, "no memory for intake");
    }
    intake->service = service;
    intake->queue.wake.fd = -1; /* so that all of it can be closed from here on */
    intake->feed.committed.fd = -1;
    service->state = intake;
    enum status status = open_journal(intake, error);
    if (status == STATUS_OK) {
        status = open_parts(intake, error);
    }
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
    endpoint_join(intake->front.endpoint);
    if (intake->writer.running) {
        queue_close(&intake->queue);
    }
    writer_join(&intake->writer);
    endpoint_join(intake->feed.endpoint);
    journal_feed_fini(&intake->feed);
    front_fini(&intake->front);
    writer_fini(&intake->writer);
    queue_fini(&intake->queue);
    journal_close(intake->journal);
    free(intake);
    service->state = NULL;
}
