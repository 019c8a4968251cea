/* SPDX-License-Identifier: Apache-2.0
 *
 * What the generators of events share: a seeded sequence of numbers of our own, working days and
 * hours, and the writing of lines. The same seed gives the same bytes on every machine.
 */
#ifndef HOSO_SIMULATE_SIMULATE_H
#define HOSO_SIMULATE_SIMULATE_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "base/buffer.h"
#include "event/event.h"
#include "services/hoso/command.h"

#define HOUR_MS INT64_C(3600000)
#define MINUTE_MS INT64_C(60000)

/* splitmix64 */
struct random {
    uint64_t state;
};
uint64_t random_next(struct random *random);
uint32_t random_below(struct random *random, uint32_t bound); /* bound > 0 */
bool random_chance(struct random *random, uint32_t percent);

/* Monday to Friday without the holidays that the golden month needs: New Year and Tết 2024. */
bool day_is_working(int32_t day);
/* The `count`-th working day after `day`; 0 = `day` itself, or the next working one. */
int32_t day_after(int32_t day, unsigned count);
/* A moment of that day in office hours, later than `after_ms` if that is on the same day. */
int64_t moment_on(struct random *random, int32_t day, int64_t after_ms);
/* 17:00, when a term ends. */
int64_t day_end_ms(int32_t day);

/* A procedure and the days it takes. */
struct simulated_procedure {
    const char *id;
    const char *field;
    enum service_level level;
    unsigned days;
};

struct simulation {
    FILE *out;
    struct buffer line;
    uint64_t lines;
    bool failed;
};

void simulation_init(struct simulation *simulation, FILE *out);
void simulation_fini(struct simulation *simulation);
void simulation_put(struct simulation *simulation, const struct event *event);
/* The line itself, without its newline. */
void simulation_put_line(struct simulation *simulation, struct slice line);

int simulate_golden(struct command *command, int argc, char **argv);
int simulate_random(struct command *command, int argc, char **argv);
int simulate_catalogue(struct command *command, int argc, char **argv);

/* The month itself, for the command and for tests. */
enum status golden_write(uint64_t seed, struct simulation *simulation);

/* Units and procedures of a made-up province, by number. Unit 0 is the province; then come
 * districts and communes. */
enum {
    MADE_UP_ID_MAX = 33,
    MADE_UP_FIELDS = 40,
    MADE_UP_UNITS_MAX = 9000,
    MADE_UP_PROCEDURES_MAX = 20000
};
uint32_t made_up_districts(uint32_t units);
void made_up_unit(uint32_t number, uint32_t units, char id[MADE_UP_ID_MAX]);
void made_up_procedure(uint32_t number, char id[MADE_UP_ID_MAX]);
void made_up_field(uint32_t procedure, char id[MADE_UP_ID_MAX]);
enum service_level made_up_level(uint32_t procedure);

#endif
