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

#endif
