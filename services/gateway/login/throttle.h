/* SPDX-License-Identifier: Apache-2.0
 *
 * Wrong passwords are counted: of a name from one address, of a name from anywhere, of an address
 * for any name. Over a limit nothing is checked any more until the window has passed, so a guesser
 * learns nothing, and a person is shut out from the guesser's address first. The lane that checks
 * passwords is the only caller.
 */
#ifndef HOSO_GATEWAY_THROTTLE_H
#define HOSO_GATEWAY_THROTTLE_H

#include <stdint.h>

enum {
    THROTTLE_WINDOW_S = 900,
    THROTTLE_NAME_HERE = 8, /* of a name from one address */
    THROTTLE_NAME = 64,     /* of a name */
    THROTTLE_ADDRESS = 64,  /* of an address */
    THROTTLE_PLACES = 4096  /* that are remembered; the oldest give way */
};

struct throttle;

struct throttle *throttle_new(void);           /* NULL = no memory */
void throttle_free(struct throttle *throttle); /* NULL-safe */

/* 0 = it may be tried, else in how many seconds. `now_ms` of clock_ms(). */
unsigned throttle_wait_s(const struct throttle *throttle, const char *name, const char *address,
                         int64_t now_ms);
void throttle_failed(struct throttle *throttle, const char *name, const char *address,
                     int64_t now_ms);
/* The right password: what the name failed from this address is forgotten. */
void throttle_passed(struct throttle *throttle, const char *name, const char *address);

#endif
