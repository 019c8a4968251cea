/* SPDX-License-Identifier: Apache-2.0
 *
 * The store of a service whose data are derived from another's: aggregation's and reporting's.
 */
#ifndef HOSO_SERVICE_DERIVED_STORE_H
#define HOSO_SERVICE_DERIVED_STORE_H

#include "service/service.h"
#include "store/store.h"

/* Opens it as the settings say. One that was damaged is made anew, which is logged and shown by a
 * metric. As store_open. */
enum status service_open_derived(struct service *service, const char *const *tables,
                                 uint32_t schema_version, struct store **ret_store,
                                 struct error *error) MUST_USE;

/* For `--check`: opens the one that is there, and closes it; one that would be made anew stays. */
enum status service_check_derived(const struct service_settings *settings,
                                  const char *const *tables, uint32_t schema_version,
                                  struct error *error) MUST_USE;

#endif
