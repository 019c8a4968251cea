/* SPDX-License-Identifier: Apache-2.0
 *
 * Places are named by keyed hashes, so nobody can aim at another's place.
 */
#include "services/gateway/login/throttle.h"

#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>

#include "bus/bus.h"

enum { THROTTLE_KINDS = 3, THROTTLE_TEXT_SIZE = BUS_NAME_MAX + 64 };

struct throttle_place {
    uint64_t hash; /* 0 = free */
    int64_t since_ms;
    unsigned count;
};

struct throttle {
    uint8_t key[crypto_shorthash_KEYBYTES];
    struct throttle_place places[THROTTLE_PLACES];
};

struct throttle *throttle_new(void)
{
    struct throttle *throttle = calloc(1, sizeof *throttle);
    if (throttle != NULL) {
        crypto_shorthash_keygen(throttle->key);
    }
    return throttle;
}

void throttle_free(struct throttle *throttle)
{
    free(throttle);
}

static const unsigned limits[THROTTLE_KINDS] = {THROTTLE_NAME_HERE, THROTTLE_NAME,
                                                THROTTLE_ADDRESS};

static uint64_t hash_of(const struct throttle *throttle, unsigned kind, const char *name,
                        const char *address)
{
    char text[THROTTLE_TEXT_SIZE];
    uint64_t hash;
    const int size = snprintf(text, sizeof text, "%u %.*s %.*s", kind, BUS_NAME_MAX,
                              kind < 2 ? name : "", 46, kind != 1 ? address : "");
    (void)crypto_shorthash((uint8_t *)&hash, (const uint8_t *)text, (unsigned long long)size,
                           throttle->key);
    return hash != 0 ? hash : 1;
}

static const struct throttle_place *look(const struct throttle *throttle, uint64_t hash)
{
    for (unsigned i = 0; i < THROTTLE_PLACES; i++) {
        if (throttle->places[i].hash == hash) {
            return &throttle->places[i];
        }
    }
    return NULL;
}

static int64_t left_ms(const struct throttle_place *place, int64_t now_ms)
{
    return place->since_ms + (int64_t)THROTTLE_WINDOW_S * 1000 - now_ms;
}

unsigned throttle_wait_s(const struct throttle *throttle, const char *name, const char *address,
                         int64_t now_ms)
{
    int64_t wait_ms = 0;
    for (unsigned kind = 0; kind < THROTTLE_KINDS; kind++) {
        const struct throttle_place *place = look(throttle, hash_of(throttle, kind, name, address));
        if (place != NULL && place->count >= limits[kind] && left_ms(place, now_ms) > wait_ms) {
            wait_ms = left_ms(place, now_ms);
        }
    }
    return (unsigned)((wait_ms + 999) / 1000);
}

/* Its place, or the free or oldest one. */
static struct throttle_place *place_of(struct throttle *throttle, uint64_t hash)
{
    struct throttle_place *oldest = &throttle->places[0];
    for (unsigned i = 0; i < THROTTLE_PLACES; i++) {
        struct throttle_place *place = &throttle->places[i];
        if (place->hash == hash) {
            return place;
        }
        const bool older = place->hash == 0 || place->since_ms < oldest->since_ms;
        oldest = oldest->hash != 0 && older ? place : oldest;
    }
    return oldest;
}

void throttle_failed(struct throttle *throttle, const char *name, const char *address,
                     int64_t now_ms)
{
    for (unsigned kind = 0; kind < THROTTLE_KINDS; kind++) {
        const uint64_t hash = hash_of(throttle, kind, name, address);
        struct throttle_place *place = place_of(throttle, hash);
        if (place->hash != hash || left_ms(place, now_ms) <= 0) {
            *place = (struct throttle_place){.hash = hash, .since_ms = now_ms};
        }
        place->count++;
    }
}

void throttle_passed(struct throttle *throttle, const char *name, const char *address)
{
    const uint64_t hash = hash_of(throttle, 0, name, address);
    struct throttle_place *place = place_of(throttle, hash);
    if (place->hash == hash) {
        *place = (struct throttle_place){.hash = 0};
    }
}
