/* SPDX-License-Identifier: Apache-2.0
 *
 * What the three services share: options, configuration, log, keys, registry, bus, signals, and an
 * orderly end.
 *
 * service_run() parses the options (options.h), reads the settings from `--config FILE` and from
 * HOSO_<NAME>_<SETTING> in the environment, opens everything, calls `start`, waits for SIGTERM or
 * SIGINT (or service_fail), makes stop_fd readable for ever, calls `stop`, and returns the exit
 * code. SIGHUP re-reads the registry, and what
 * `reload` does. A second SIGTERM ends at once. Exit codes: 0 stopped, 1
 * failed, 2 usage or configuration.
 */
#ifndef HOSO_SERVICE_SERVICE_H
#define HOSO_SERVICE_SERVICE_H

#include <protobuf-c/protobuf-c.h>
#include <stdbool.h>

#include "base/status.h"
#include "bus/bus.h"
#include "config/config.h"
#include "metrics/metrics.h"
#include "registry/registry.h"

struct service {
    const char *name;
    const void *settings; /* the struct that the service's table fills */
    struct registry *registry;
    struct bus *bus;
    struct metrics *metrics;
    int stop_fd; /* poll it: readable once we are to stop */
    void *state; /* the service's own */
};

/* Every service has these settings: its own struct begins with this one, and its table continues
 * after SERVICE_SETTINGS. `listen` has its row, with help and default, in the service's table. */
struct service_settings {
    const char *data; /* NULL = it keeps nothing */
    const char *key;
    const char *registry;
    int64_t map_bytes;
    int64_t any_filesystem;
    const char *http_listen;
    int64_t utc_offset_minutes;
    int64_t log_level;
    const char *listen; /* NULL = it answers nothing */
};

/* clang-format off */
#define SERVICE_SETTING(member, kind) SETTING(struct service_settings, member, kind)
#define SERVICE_SETTINGS                                                                          \
    {SERVICE_SETTING(data, TEXT), NULL, 0, 0,                                                     \
     "Directory of this service's store; nobody else's."},                                        \
    {SERVICE_SETTING(map_bytes, NUMBER), "68719476736", 1 << 24, INT64_C(1) << 44,                \
     "Address space for the store; the file only takes what it needs."},                          \
    {SERVICE_SETTING(any_filesystem, NUMBER), "0", 0, 1,                                          \
     "1 allows tmpfs, overlay, FUSE and network file systems."},                                  \
    SERVICE_SETTINGS_WITHOUT_STORE
/* Of a service that keeps nothing. */
#define SERVICE_SETTINGS_WITHOUT_STORE                                                            \
    {SERVICE_SETTING(key, TEXT), NULL, 0, 0,                                                      \
     "File with this service's key pair, readable by it alone."},                                 \
    {SERVICE_SETTING(registry, TEXT), NULL, 0, 0,                                                 \
     "File that says which public key may do what."},                                             \
    {SERVICE_SETTING(http_listen, TEXT), "", 0, 0,                                                \
     "Where /metrics, /livez and /readyz answer, like 127.0.0.1:7311; empty = nowhere. Inside "   \
     "only: anybody who reaches it may read it."},                                                \
    {SERVICE_SETTING(utc_offset_minutes, NUMBER), "420", -840, 840,                               \
     "Local time; +7 h in Viet Nam."},                                                            \
    {SERVICE_SETTING(log_level, NUMBER), "2", 0, 3,                                               \
     "0 errors, 1 warnings, 2 information, 3 debugging."}
/* clang-format on */

struct observation;
struct health;

struct service_spec {
    const char *name;    /* "intake" */
    const char *summary; /* one line for --help */
    const struct setting *settings;
    size_t settings_bytes; /* of the struct that they fill */
    /* Opens, starts threads, returns; after a failure nothing of its own may be left open, as stop
     * is not called. */
    enum status (*start)(struct service *service, struct error *error);
    void (*stop)(struct service *service); /* joins threads, closes */
    /* `--check`: opens the store that is there as `start` would, and closes it. BUSY = the service
     * runs. NULL = it keeps nothing. */
    enum status (*check)(const void *settings, struct error *error);
    /* After SIGHUP, between start and stop, in a thread of its own; NULL = nothing but the registry
     * is read again. */
    void (*reload)(struct service *service);
    /* What `--health` sends to the setting `listen` and expects back: both have a body `status`. */
    const ProtobufCMessageDescriptor *request;
    const ProtobufCMessageDescriptor *reply;
    /* In their place, of a service that does not answer over ZeroMQ. */
    enum status (*health)(const void *settings, struct health *ret_health, struct error *error);
    /* What it measures (observe.h); the table begins with SERVICE_METRICS. */
    const struct metric *metrics;
    unsigned metric_count;
    /* Sets the gauges that are measured only on request, and reports whether it is ready. From any
     * thread, between start and stop; NULL = always ready. */
    void (*observe)(struct service *service, struct observation *ret_observation);
};

int service_run(int argc, char **argv, const struct service_spec *spec);

/* From now on the guard asks `admit`, too, whether `name` of the registry may enter sockets of any
 * domain but BUS_DOMAIN; before, and after NULL, it may not. Once this returns the one set before
 * is not running any more. */
typedef bool service_admit(void *context, const char *domain, const char *name);
void service_guard(struct service *service, service_admit *admit, void *context);

/* From any thread: begin an orderly end with exit code 1 (the failure was logged where it
 * happened). */
void service_fail(struct service *service);
bool service_stopping(const struct service *service);

#endif
