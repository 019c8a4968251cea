/* SPDX-License-Identifier: Apache-2.0
 *
 * A simulated history to measure with: dossiers are received on working days, live for some days as
 * real ones do, and their events are put in the order they happened. Units and procedures are as
 * popular as real ones are unequal (Zipf). The same seed gives the same events.
 */
#ifndef HOSO_BENCH_WORKLOAD_H
#define HOSO_BENCH_WORKLOAD_H

#include <stdint.h>

#include "catalogue/catalogue.h"
#include "hoso/v1/common.pb-c.h"

struct workload;

struct workload_options {
    uint64_t seed;
    uint32_t events;   /* of the whole history */
    uint32_t per_day;  /* events of a working day, about */
    int32_t first_day; /* a local day */
};

/* What an event's texts are written into. */
struct workload_texts {
    char event_id[24];
    char dossier[64];
    char unit[CATALOGUE_ID_MAX + 1];
    char procedure[CATALOGUE_ID_MAX + 1];
    char field[CATALOGUE_ID_MAX + 1];
};

/* The catalogue must outlive it and have units, fields and procedures. */
struct workload *workload_new(const struct catalogue *catalogue,
                              const struct workload_options *options);
void workload_free(struct workload *workload);
uint32_t workload_dossier(const struct workload *workload, uint32_t index);
int64_t workload_time_ms(const struct workload *workload, uint32_t index);
/* Event `index`, whose texts live in `texts`. */
void workload_event(const struct workload *workload, uint32_t index, struct workload_texts *texts,
                    Hoso__V1__Event *ret_event);

#endif
