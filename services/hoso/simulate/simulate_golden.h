/* SPDX-License-Identifier: Apache-2.0
 *
 * The golden month from plan to events; its two sources share this.
 */
#ifndef HOSO_SIMULATE_SIMULATE_GOLDEN_H
#define HOSO_SIMULATE_SIMULATE_GOLDEN_H

#include "base/arena.h"
#include "services/hoso/simulate/simulate.h"

/* Units that receive, and days from 1 September 2023 on which they do. */
enum { GOLDEN_UNITS = 24, GOLDEN_DAYS = 256 };

enum golden_outcome {
    OUTCOME_RESOLVED,   /* in the period, early or on time */
    OUTCOME_PROCESSING, /* at its end, in time */
    OUTCOME_RETURNED,   /* in the period */
    OUTCOME_WAITING,    /* for a supplement, at its end */
    OUTCOME_COUNT,
    OUTCOME_REFUSED = OUTCOME_COUNT, /* in the period, never received */
    OUTCOME_AFTER                    /* received after the period */
};

struct golden_plan {
    const char *name;
    unsigned communes;                    /* how many share it; 0 = the district's own counter */
    unsigned received[LEVEL_COUNT][2];    /* in the period: online, direct or postal */
    unsigned postal;                      /* at most, among the latter */
    unsigned digitised;                   /* of the receptions with level FULL or PARTIAL */
    unsigned carried_over[OUTCOME_COUNT]; /* received before, by outcome */
    unsigned newly_received[OUTCOME_COUNT];
    unsigned refused;
    unsigned after;
};

struct golden_dossier {
    unsigned unit; /* 0 = H27.45, n = its n-th commune */
    const struct simulated_procedure *procedure;
    enum channel channel;
    enum golden_outcome outcome;
    bool carried_over;
    bool digitised;
};

struct golden {
    struct random random;
    struct arena arena; /* texts */
    struct golden_dossier *dossiers;
    unsigned dossier_count;
    struct event *events;
    unsigned event_count;
    unsigned event_max;
    uint16_t serials[GOLDEN_UNITS][GOLDEN_DAYS]; /* the last one of a unit's day */
    enum status status;
};

/* Adds the dossier's events. */
void golden_live(struct golden *golden, const struct golden_dossier *dossier);

#endif
