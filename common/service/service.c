/* SPDX-License-Identifier: Apache-2.0
 *
 * The life of a service, in order: options, settings, log, keys, registry, signals, bus, the
 * service's own start; then waiting for the stop; then everything backwards.
 */
#include "service/service.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/localday.h"
#include "base/require.h"
#include "keys/key_file.h"
#include "log/log.h"
#include "options/options.h"
#include "service/health.h"
#include "service/http.h"
#include "service/notify.h"
#include "service/options.h"
#include "service/service_internal.h"
#include "store/store.h"

enum service_exit { EXIT_STOPPED = 0, EXIT_FAILED = 1, EXIT_USAGE = 2 };
/* Every connection is a file descriptor; running out of them spins the I/O thread. */
static void raise_file_limit(void)
{
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) == 0) {
        limit.rlim_cur = limit.rlim_max;
        (void)setrlimit(RLIMIT_NOFILE, &limit);
    }
}

static uint64_t file_limit(void)
{
    struct rlimit limit = {0};
    (void)getrlimit(RLIMIT_NOFILE, &limit);
    return limit.rlim_cur;
}

static void running_fini(struct running *running)
{
    bus_free(running->service.bus);
    metrics_free(running->service.metrics);
    registry_close(running->service.registry);
    config_free(running->config);
    free(running->settings);
    bus_wake_fini(&running->stop);
    bus_wake_fini(&running->done);
}

static enum status load_settings(struct running *running, const char *path, struct error *error)
{
    const struct config_sources sources = {
        .program = running->spec->name, .path = path, .environment = environ};
    running->settings = calloc(1, running->spec->settings_bytes);
    if (running->settings == NULL) {
        return error_set(error, STATUS_TOO_LARGE, "out of memory");
    }
    running->service.settings = running->settings;
    return config_load(&sources, running->spec->settings, running->settings, &running->config,
                       error);
}

/* The rest of what an operator may have got wrong; it ends with EXIT_USAGE, too. */
static enum status configure(struct running *running, struct bus_keys *ret_keys,
                             struct error *error)
{
    struct service *service = &running->service;
    const struct service_settings *settings = service->settings;
    log_open(service->name, (enum log_level)settings->log_level);
    localday_set_offset((int)settings->utc_offset_minutes);
    const enum status status = key_file_read(settings->key, ret_keys, error);
    return status == STATUS_OK ? registry_open(settings->registry, &service->registry, error)
                               : status;
}

void running_stop(struct running *running)
{
    atomic_store(&running->stopping, true);
    bus_wake_signal(&running->stop);
}

void service_fail(struct service *service)
{
    struct running *running = (struct running *)service;
    atomic_store(&running->failed, true);
    running_stop(running);
}

bool service_stopping(const struct service *service)
{
    return atomic_load(&((const struct running *)service)->stopping);
}

void service_guard(struct service *service, service_admit *admit, void *context)
{
    struct running *running = (struct running *)service;
    require(pthread_mutex_lock(&running->admission) == 0);
    running->admit = admit;
    running->admit_context = context;
    require(pthread_mutex_unlock(&running->admission) == 0);
}

/* The bus_admit of every service. */
static bool admit_key(void *context, const char *domain, const uint8_t public_key[BUS_KEY_SIZE],
                      char ret_name[BUS_NAME_MAX + 1])
{
    struct running *running = context;
    if (!registry_admit(running->service.registry, public_key, ret_name)) {
        return false;
    }
    if (strcmp(domain, BUS_DOMAIN) == 0) {
        return true;
    }
    require(pthread_mutex_lock(&running->admission) == 0);
    const bool admitted =
        running->admit != NULL && running->admit(running->admit_context, domain, ret_name);
    require(pthread_mutex_unlock(&running->admission) == 0);
    return admitted;
}

static enum status make_metrics(struct service *service, const struct service_spec *spec,
                                struct error *error)
{
    static const struct metric common[] = {SERVICE_METRICS};
    const bool own = spec->metrics != NULL;
    const enum status status =
        metrics_new(own ? spec->metrics : common, own ? spec->metric_count : SERVICE_METRIC_COUNT,
                    &service->metrics);
    if (status != STATUS_OK) {
        return error_set(error, status, "no memory for the metrics");
    }
    metrics_set(service->metrics, METRIC_BUILD, 0, 1);
    metrics_set(service->metrics, METRIC_START, 0, (uint64_t)clock_unix_ms());
    metrics_set(service->metrics, METRIC_OPEN_FILES, 0, file_limit());
    return STATUS_OK;
}

/* Once this returns with `observable` false, no thread observes the service any more. */
static void set_observable(struct running *running, bool observable)
{
    require(pthread_mutex_lock(&running->observing) == 0);
    running->observable = observable;
    require(pthread_mutex_unlock(&running->observing) == 0);
}

/* Starts; HTTP has its address before and answers only afterwards. */
static enum status start(struct running *running, struct http **ret_http, struct error *error)
{
    struct service *service = &running->service;
    const struct service_settings *settings = service->settings;
    enum status status = http_open(settings->http_listen, service, ret_http, error);
    if (status == STATUS_OK) {
        status = running->spec->start(service, error);
    }
    if (status != STATUS_OK) {
        return status;
    }
    set_observable(running, true);
    status = http_start(*ret_http, error);
    if (status != STATUS_OK) {
        running_stop(running);
        set_observable(running, false);
        running->spec->stop(service);
    }
    return status;
}

static void serve(struct running *running)
{
    struct service *service = &running->service;
    struct bus_poll_item stop = {.fd = running->stop.fd};
    log_event(LOG_INFO, "service.started", "ready", "version", HOSO_VERSION, NULL);
    notify_supervisor("READY=1");
    while (bus_poll(&stop, 1, -1) == 0) {
    }
    log_event(LOG_INFO, "service.stopping", "finishing what is under way", NULL);
    notify_supervisor("STOPPING=1");
    set_observable(running, false);
    running->spec->stop(service);
}

/* Within a call of the store, perhaps in a signal handler. */
static void end_damaged(const char *path, const char *remedy)
{
    if (remedy == NULL) {
        log_event(LOG_ERROR, "service.damaged",
                  "the store is damaged: the service ends and makes it anew when it is started "
                  "again",
                  "data", path, NULL);
    } else {
        log_event(LOG_ERROR, "service.damaged", "the store is damaged: the service ends", "data",
                  path, "remedy", remedy, NULL);
    }
    _exit(remedy == NULL ? EXIT_FAILED : EXIT_USAGE);
}

/* The signal thread outlives the bus, to watch over its end too. */
static enum service_exit run(struct running *running, struct bus_keys *keys)
{
    struct service *service = &running->service;
    struct http *http = NULL;
    struct error error = {.text = ""};
    store_on_damage(end_damaged);
    enum status status = signals_start(running, &error);
    if (status == STATUS_OK) {
        status = make_metrics(service, running->spec, &error);
        if (status == STATUS_OK) {
            status = bus_new(keys, admit_key, running, &service->bus, &error);
        }
        explicit_bzero(keys, sizeof *keys);
        if (status == STATUS_OK) {
            status = start(running, &http, &error);
        }
        if (status == STATUS_OK) {
            serve(running);
        }
        http_close(http);
        bus_free(service->bus);
        service->bus = NULL;
        signals_finish(running);
    }
    if (status != STATUS_OK) {
        log_event(LOG_ERROR, "service.refused", "cannot start", "why", error.text, NULL);
        return status == STATUS_CORRUPT || status == STATUS_VERSION ? EXIT_USAGE : EXIT_FAILED;
    }
    const bool failed = atomic_load(&running->failed);
    log_event(failed ? LOG_ERROR : LOG_INFO, "service.stopped",
              failed ? "stopped after a failure" : "stopped", NULL);
    return failed ? EXIT_FAILED : EXIT_STOPPED;
}

static enum service_exit report_health(const struct running *running, const struct bus_keys *keys,
                                       bool must_be_ready)
{
    struct health health;
    struct error error = {.text = ""};
    const struct service *service = &running->service;
    const struct service_settings *settings = service->settings;
    const enum status status =
        running->spec->health != NULL
            ? running->spec->health(settings, &health, &error)
            : health_ask(running->spec, settings->listen, keys, &health, &error);
    if (status != STATUS_OK) {
        fprintf(stderr, "hoso-%s: %s\n", service->name, error.text);
        return EXIT_FAILED;
    }
    if (must_be_ready && !health.ready) {
        fprintf(stderr, "hoso-%s: not ready: %s\n", service->name, health.reason);
        return EXIT_FAILED;
    }
    printf("%s\n", health.text);
    return EXIT_STOPPED;
}

/* What the start would find in the data directory. A store that is in use is its owner's business,
 * so that it can be checked while the service runs. */
static enum status check_store(const struct running *running, struct error *error)
{
    const struct service_settings *settings = running->service.settings;
    bool there = false;
    enum status status =
        store_check_directory(settings->data, settings->any_filesystem != 0, &there, error);
    if (status == STATUS_OK && there && running->spec->check != NULL) {
        store_on_damage(end_damaged);
        status = running->spec->check(settings, error);
    }
    return status == STATUS_BUSY ? STATUS_OK : status;
}

static enum service_exit check(const struct running *running)
{
    struct error error = {.text = ""};
    const struct service *service = &running->service;
    const struct service_settings *settings = service->settings;
    enum status status = http_check(settings->http_listen, &error);
    if (status == STATUS_OK && settings->data != NULL) {
        status = check_store(running, &error);
    }
    if (status != STATUS_OK) {
        fprintf(stderr, "hoso-%s: %s\n", service->name, error.text);
        return EXIT_USAGE;
    }
    printf("hoso-%s: settings, keys%s\n", service->name,
           settings->data != NULL ? ", registry and data directory are sound"
                                  : " and registry are sound");
    return EXIT_STOPPED;
}

/* The settings are loaded. */
static enum service_exit act(struct running *running, enum service_action action)
{
    struct bus_keys keys;
    struct error error = {.text = ""};
    enum service_exit code = EXIT_STOPPED;
    if (action == ACTION_PRINT_CONFIG) {
        config_print(running->config, stdout);
        return code;
    }
    if (configure(running, &keys, &error) != STATUS_OK) {
        fprintf(stderr, "hoso-%s: %s\n", running->service.name, error.text);
        code = EXIT_USAGE;
    } else if (action == ACTION_HEALTH || action == ACTION_READY) {
        code = report_health(running, &keys, action == ACTION_READY);
    } else if (action == ACTION_CHECK) {
        code = check(running);
    } else {
        code = run(running, &keys);
    }
    explicit_bzero(&keys, sizeof keys);
    return code;
}

static enum service_exit load_and_act(const struct service_spec *spec,
                                      const struct service_options *options)
{
    struct running running = {.service = {.name = spec->name},
                              .spec = spec,
                              .stop = {.fd = -1},
                              .done = {.fd = -1},
                              .signal_fd = -1,
                              .observing = PTHREAD_MUTEX_INITIALIZER,
                              .admission = PTHREAD_MUTEX_INITIALIZER};
    struct error error = {.text = ""};
    enum service_exit code = EXIT_USAGE;
    if (bus_wake_init(&running.stop) != STATUS_OK || bus_wake_init(&running.done) != STATUS_OK) {
        fprintf(stderr, "hoso-%s: out of file descriptors\n", spec->name);
        code = EXIT_FAILED;
    } else if (load_settings(&running, options->path, &error) != STATUS_OK) {
        fprintf(stderr, "hoso-%s: %s\n", spec->name, error.text);
    } else {
        running.service.stop_fd = running.stop.fd;
        code = act(&running, options->action);
    }
    running_fini(&running);
    return code;
}

int service_run(int argc, char **argv, const struct service_spec *spec)
{
    struct service_options options;
    const int parsed = service_options_parse(argc, argv, spec, &options);
    if (parsed != OPTIONS_PARSED) {
        return parsed;
    }
    switch (options.action) {
    case ACTION_PRINT_SAMPLE:
        config_sample(spec->settings, stdout);
        return EXIT_STOPPED;
    case ACTION_PRINT_MAN:
        service_options_manual(spec, stdout);
        return EXIT_STOPPED;
    case ACTION_VERSION:
        printf("hoso-%s %s\n", spec->name, HOSO_VERSION);
        return EXIT_STOPPED;
    case ACTION_RUN:
    case ACTION_CHECK:
    case ACTION_PRINT_CONFIG:
    case ACTION_HEALTH:
    case ACTION_READY:
    case ACTION_COUNT:
        break;
    }
    signals_block();
    raise_file_limit();
    return (int)load_and_act(spec, &options);
}
