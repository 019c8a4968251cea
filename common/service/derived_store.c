/* SPDX-License-Identifier: Apache-2.0 */
#include "service/derived_store.h"

#include "log/log.h"
#include "service/observe.h"

static struct store_options options_of(const struct service_settings *settings,
                                       const char *const *tables, uint32_t schema_version)
{
    return (struct store_options){
        .path = settings->data,
        .tables = tables,
        .schema_version = schema_version,
        .map_bytes = (uint64_t)settings->map_bytes,
        .any_filesystem = settings->any_filesystem != 0,
        .derived = true,
    };
}

enum status service_check_derived(const struct service_settings *settings,
                                  const char *const *tables, uint32_t schema_version,
                                  struct error *error)
{
    const struct store_options options = options_of(settings, tables, schema_version);
    return store_check(&options, error);
}

enum status service_open_derived(struct service *service, const char *const *tables,
                                 uint32_t schema_version, struct store **ret_store,
                                 struct error *error)
{
    const struct service_settings *settings = service->settings;
    const struct store_options options = options_of(settings, tables, schema_version);
    const enum status status = store_open(&options, ret_store, error);
    if (status == STATUS_OK && store_was_made_anew(*ret_store)) {
        log_event(LOG_WARNING, "service.store_made_anew",
                  "the store was damaged: it is made anew from what it was derived from", "data",
                  settings->data, NULL);
        metrics_set(service->metrics, METRIC_STORE_MADE_ANEW, 0, 1);
    }
    return status;
}
