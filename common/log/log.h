/* SPDX-License-Identifier: Apache-2.0
 *
 * The services' log on stderr: level, stable id, sentence, key=value pairs. Text on a terminal,
 * JSON lines elsewhere. Thread-safe, never blocks on anything but stderr. Libraries do not log.
 * Never personal data: no dossier codes.
 */
#ifndef HOSO_LOG_LOG_H
#define HOSO_LOG_LOG_H

#include <stdint.h>

enum log_level { LOG_ERROR, LOG_WARNING, LOG_INFO, LOG_DEBUG };

void log_open(const char *service, enum log_level level);
uint64_t log_count(enum log_level level); /* events since start, those too low to be written too */

/* log_event(LOG_INFO, "intake.started", "listening for publishers", "endpoint", "tcp://…", NULL):
 * after the sentence come pairs of const char *, closed by NULL. Ids are lower-case words joined by
 * dots and never change their meaning. */
void log_event(enum log_level level, const char *id, const char *sentence, ...)
    __attribute__((sentinel));

#endif
