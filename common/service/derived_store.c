/* SPDX-License-Identifier: Apache-2.0 */
#include "service/derived_store.h"

#include "log/log.h"
#include "service/observe.h"

enum status service_open_derived(struct service *service, const char *const *tables,
                                 uint32_t schema_version, struct store **ret_store,
                                 struct error *error)
{
    const struct service_settings *settings = service->settings;
    const struct store_options options = {
        .path = settings->data,
        .tables = tables,
        .schema_version = schema_version,
        .map_bytes = (uint64_t)settings->map_bytes,
        .any_filesystem = settings->any_filesystem != 0,
        .derived = true,
    };
    const enum status status = store_open(&options, ret_store, error);
    if (status == STATUS_OK && store_was_made_anew(*ret_store)) {
        log_event(LOG_WARNING, "service.store_made_anew",
                  "the store was damaged: it is made anew from what it was derived from", "data",
                  settings->data, NULL);
        metrics_set(service->metrics, METRIC_STORE_MADE_ANEW, 0, 1);
    }
    return status;
}
