/* SPDX-License-Identifier: Apache-2.0
 *
 * A service's options: one table for parser, help and manual page.
 */
#ifndef HOSO_SERVICE_OPTIONS_H
#define HOSO_SERVICE_OPTIONS_H

#include <stdbool.h>
#include <stdio.h>

#include "service/service.h"

enum service_action {
    ACTION_RUN,
    ACTION_CHECK,
    ACTION_HEALTH,
    ACTION_READY,
    ACTION_PRINT_CONFIG,
    ACTION_PRINT_SAMPLE,
    ACTION_PRINT_MAN,
    ACTION_VERSION,
    ACTION_COUNT
};

struct service_options {
    enum service_action action; /* of several the last in this order */
    const char *path;           /* of the settings' file; NULL = none */
};

/* OPTIONS_PARSED, or an exit code: options/options.h. */
int service_options_parse(int argc, char **argv, const struct service_spec *spec,
                          struct service_options *ret_options);
/* The sections OPTIONS and SETTINGS of the manual page. */
void service_options_manual(const struct service_spec *spec, FILE *out);

#endif
