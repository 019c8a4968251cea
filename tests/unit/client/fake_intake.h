/* SPDX-License-Identifier: Apache-2.0
 *
 * An intake for tests of publishers: it keeps sequences as the protocol says, remembers what it
 * took, and plays one trick for each Append that comes, in the order given; without tricks it
 * behaves. A thread on loopback.
 */
#ifndef HOSO_TESTS_UNIT_CLIENT_FAKE_INTAKE_H
#define HOSO_TESTS_UNIT_CLIENT_FAKE_INTAKE_H

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

#include "bus/bus.h"
#include "client/hoso.h"
#include "hoso/v1/publisher.pb-c.h"

enum trick {
    BEHAVE,
    IGNORE,      /* neither taken nor answered */
    LOSE_ANSWER, /* taken, not answered */
    SAY_BUSY,
    SAY_FULL,
    SAY_FENCED
};

enum { FAKE_EVENTS_MAX = 40000, FAKE_TRICKS_MAX = 32 };

struct fake_intake {
    struct bus_keys keys;
    struct bus_keys client_keys;
    struct bus *bus;
    struct bus_socket *socket;
    struct bus_wake stop;
    pthread_t thread;
    pthread_mutex_t lock; /* of all below */
    uint64_t epoch;
    bool open; /* it was granted */
    uint32_t max_events;
    char *taken[FAKE_EVENTS_MAX]; /* event ids by sequence − 1 */
    uint64_t count;
    enum trick tricks[FAKE_TRICKS_MAX];
    unsigned trick_count;
    unsigned trick_next;
    unsigned appends;
    bool silent; /* answers nothing, takes nothing */
};

/* Events whose unit is "bad" are refused. */
void fake_intake_start(struct fake_intake *intake);
void fake_intake_stop(struct fake_intake *intake);
void fake_intake_play(struct fake_intake *intake, enum trick trick);
void fake_intake_forget_tricks(struct fake_intake *intake);
void fake_intake_silence(struct fake_intake *intake, bool silent);
/* As if another publisher of this source had sent `count` events. */
void fake_intake_take(struct fake_intake *intake, const char *prefix, unsigned count);
/* Goes back to the first `count` events: restored (`marked`), which ends the epoch, or by somebody
 * who copied the files. */
void fake_intake_restore(struct fake_intake *intake, uint64_t count, bool marked);
/* How often the id was taken. */
unsigned fake_intake_has(struct fake_intake *intake, const char *event_id);
uint64_t fake_intake_count(struct fake_intake *intake);

struct hoso_client *fake_intake_client(struct fake_intake *intake, unsigned timeout_ms);

#endif
