/* SPDX-License-Identifier: Apache-2.0
 *
 * Live totals for programs, from `hoso watch` and the gateway: one JSON object a line, hoso(1).
 * Absolute values, all measures that are not 0.
 */
#ifndef HOSO_RENDER_WATCH_LINES_H
#define HOSO_RENDER_WATCH_LINES_H

#include <stdio.h>

#include "client/hoso_watch.h"

void watch_line_state(FILE *out, const struct hoso_watch_info *info);
/* `name`: of the unit; NULL = it is left out. */
void watch_line_unit(FILE *out, const struct hoso_watch_info *info,
                     const struct hoso_unit_totals *unit, const char *name);
void watch_line_gone(FILE *out, const struct hoso_watch_info *info,
                     const struct hoso_unit_totals *unit);
void watch_line_heartbeat(FILE *out, const struct hoso_watch_info *info, size_t units);

#endif
