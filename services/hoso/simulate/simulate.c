/* SPDX-License-Identifier: Apache-2.0
 *
 * Random numbers, the calendar, and the writing of lines.
 */
#include "services/hoso/simulate/simulate.h"

#include "base/localday.h"
#include "event/event_json.h"

enum { DAYS_OF_WEEK = 7, THURSDAY = 3, FRIDAY = 4 };
enum {
    MORNING_MINUTE = 7 * 60 + 30,
    MORNING_MINUTES = 4 * 60,
    NOON_MINUTE = 13 * 60 + 30,
    OFFICE_MINUTES = 7 * 60
};

uint64_t random_next(struct random *random)
{
    random->state += UINT64_C(0x9E3779B97F4A7C15);
    uint64_t value = random->state;
    value = (value ^ (value >> 30)) * UINT64_C(0xBF58476D1CE4E5B9);
    value = (value ^ (value >> 27)) * UINT64_C(0x94D049BB133111EB);
    return value ^ (value >> 31);
}

uint32_t random_below(struct random *random, uint32_t bound)
{
    return (uint32_t)(((random_next(random) >> 32) * bound) >> 32);
}

bool random_chance(struct random *random, uint32_t percent)
{
    return random_below(random, 100) < percent;
}

/* Days without offices that fall on weekdays: 1 January 2024 and Tết, 8 to 14 February. */
static bool is_holiday(int32_t day)
{
    const struct date date = localday_date(day);
    return date.year == 2024 && ((date.month == 1 && date.day == 1) ||
                                 (date.month == 2 && date.day >= 8 && date.day <= 14));
}

bool day_is_working(int32_t day)
{
    const int32_t weekday =
        (day + THURSDAY) % DAYS_OF_WEEK; /* 1970-01-01 was a Thursday; Monday = 0 */
    return weekday <= FRIDAY && !is_holiday(day);
}

int32_t day_after(int32_t day, unsigned count)
{
    while (!day_is_working(day)) {
        day++;
    }
    while (count != 0) {
        day++;
        count -= day_is_working(day);
    }
    return day;
}

int64_t moment_on(struct random *random, int32_t day, int64_t after_ms)
{
    const uint32_t minute = random_below(random, OFFICE_MINUTES);
    const uint32_t of_day = minute < MORNING_MINUTES ? MORNING_MINUTE + minute
                                                     : NOON_MINUTE + (minute - MORNING_MINUTES);
    const int64_t second_ms = (int64_t)random_below(random, 60) * 1000;
    const int64_t at_ms = localday_start_ms(day) + of_day * MINUTE_MS + second_ms;
    if (at_ms > after_ms) {
        return at_ms;
    }
    return after_ms + (5 + (int64_t)random_below(random, 30)) * MINUTE_MS;
}

int64_t day_end_ms(int32_t day)
{
    return localday_start_ms(day) + 17 * HOUR_MS;
}

void simulation_init(struct simulation *simulation, FILE *out)
{
    *simulation = (struct simulation){.out = out};
    buffer_init(&simulation->line, EVENT_JSON_MAX);
}

void simulation_fini(struct simulation *simulation)
{
    buffer_fini(&simulation->line);
}

void simulation_put_line(struct simulation *simulation, struct slice line)
{
    simulation->lines++;
    if (fwrite(line.data, 1, line.size, simulation->out) != line.size ||
        putc_unlocked('\n', simulation->out) == EOF) {
        simulation->failed = true;
    }
}

void simulation_put(struct simulation *simulation, const struct event *event)
{
    buffer_clear(&simulation->line);
    event_to_json(event, &simulation->line);
    simulation->failed = simulation->failed || buffer_status(&simulation->line) != STATUS_OK;
    simulation_put_line(simulation, buffer_slice(&simulation->line));
}
