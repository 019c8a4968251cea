/* SPDX-License-Identifier: Apache-2.0
 *
 * An even load, the same on every run: dossiers of 230 units and 300 procedures, both drawn as the
 * square of a uniform number, received evenly over a year, about 2.5 events each (a supplement for
 * three in ten), in the order in which they arrive. 2 % of the events arrive up to 30 days after
 * they happened, but no dossier's later event before its earlier one; 2 % come a second time. What
 * a day brings lies far apart in every table, unlike a load of few services. More events are more
 * events a day. Made day by day, so the memory is that of what is still to come.
 */
#ifndef HOSO_BENCH_WORKLOAD_H
#define HOSO_BENCH_WORKLOAD_H

#include <stdbool.h>
#include <stdint.h>

#include "event/event.h"

enum { WORKLOAD_UNITS = 230, WORKLOAD_PROCEDURES = 300, WORKLOAD_TEXT = 48 };

/* Of the events made so far, duplicates apart. */
struct workload_counts {
    uint64_t received, resolved, returned;
};

struct workload;
/* A year of about `events` of them, from 2024-01-01 on. */
struct workload *workload_new(uint64_t events);
void workload_free(struct workload *workload);
/* The next event; its texts live until the next call. False = the year is over. */
bool workload_next(struct workload *workload, struct event *ret_event);
struct workload_counts workload_counts(const struct workload *workload);

#endif
