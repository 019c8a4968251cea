/* SPDX-License-Identifier: Apache-2.0
 *
 * The random stream: its options, the dossiers in progress, and the window in which lines are
 * repeated and shuffled.
 */
#ifndef HOSO_SIMULATE_SIMULATE_RANDOM_H
#define HOSO_SIMULATE_SIMULATE_RANDOM_H

#include "services/hoso/simulate/simulate.h"

struct lives_procedure {
    struct slice id;
    struct slice field;
    enum service_level level;
};

struct lives_options {
    const struct slice *units; /* that publish */
    const struct lives_procedure *procedures;
    uint32_t unit_count; /* ≤ 65,535, likewise procedures */
    uint32_t procedure_count;
    uint64_t events;
    uint64_t seed;
    uint32_t days; /* over which dossiers are received */
    int32_t first_day;
    uint32_t duplicate_percent; /* lines that come again, on top of `events` */
    uint32_t late_percent;      /* dossiers that are resolved late */
    uint32_t void_percent;      /* dossiers with an event that is taken back */
    bool unequal;               /* units and procedures as unequal as real ones */
    bool shuffle;               /* order of lines, within a window */
    int64_t end_ms;             /* no event at or after that moment; 0 = all `events` */
    uint32_t every_ms;     /* one line each so often, of an event at that moment; 0 = at once */
    uint64_t first_serial; /* of the dossiers' codes */
};

struct life {
    struct random random;
    int64_t at_ms; /* of the next event */
    int64_t due_ms;
    uint64_t serial;
    int32_t born_day;
    uint16_t unit;
    uint16_t procedure;
    uint16_t events;
    uint8_t term; /* working days */
    bool late;
    enum event_kind kind; /* of the next event */
    enum channel channel;
};

struct lives {
    const struct lives_options *options;
    struct simulation *simulation;
    struct random random; /* of repeats and shuffling */
    struct life *heap;
    size_t count;
    size_t capacity;
    uint64_t born;
    uint64_t dossiers; /* expected */
    uint64_t written;
    char **window; /* lines that wait for their turn, or that may be repeated */
    uint32_t window_count;
    bool failed;
};

enum status lives_write(const struct lives_options *options, struct simulation *simulation);

enum status lives_begin(struct lives *lives);
void lives_put(struct lives *lives, const struct event *event);
/* Writes what waits. */
void lives_end(struct lives *lives);

#endif
