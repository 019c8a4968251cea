/* SPDX-License-Identifier: Apache-2.0
 *
 * A report in the command's format.
 */
#ifndef HOSO_REPORT_REPORT_OUT_H
#define HOSO_REPORT_REPORT_OUT_H

#include "services/hoso/command.h"

#include <stdio.h>

/* False after a failure to write or to remember. */
bool report_print(const struct hoso_report *report, const struct command *command, FILE *out);
void report_print_json(const struct hoso_report *report, FILE *out);

#endif
