/* SPDX-License-Identifier: Apache-2.0
 *
 * What reporting's settings fill; main.c has a row for each, with its meaning.
 */
#ifndef HOSO_REPORTING_SETTINGS_H
#define HOSO_REPORTING_SETTINGS_H

#include "service/service.h"

struct reporting_settings {
    struct service_settings service;
    const char *aggregation;
    const char *aggregation_key;
    const char *forms;
    const char *totals_listen;
    const char *totals_restricted;
    const char *totals_restricted_listen;
    int64_t totals_follow_rights;
    int64_t totals_interval_ms;
    int64_t totals_clock_shift_s;
};

#endif
