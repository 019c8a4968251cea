/* SPDX-License-Identifier: Apache-2.0
 *
 * Who is logged in, in memory alone: a restart logs everybody out. A session ends after a while
 * without a request, and after SESSION_HOURS in any case. Of a name that has too many, and of all,
 * the one used longest ago gives way. The table holds hashes of tokens, not tokens. Any thread.
 */
#ifndef HOSO_GATEWAY_SESSIONS_H
#define HOSO_GATEWAY_SESSIONS_H

#include <stdbool.h>
#include <stdint.h>

#include "bus/bus.h"

enum {
    SESSIONS_MAX = 4096,
    SESSIONS_OF_NAME_MAX = 16,
    SESSION_HOURS = 12,
    SESSION_TOKEN_SIZE = 64 + 1 /* hexadecimal */
};

struct sessions;

struct sessions *sessions_new(int64_t idle_minutes); /* NULL = no memory */
void sessions_free(struct sessions *sessions);       /* NULL-safe */

/* `mark`: of the registry's entry; another password has another one. */
void sessions_begin(struct sessions *sessions, const char *name, uint64_t mark,
                    char ret_token[SESSION_TOKEN_SIZE], int64_t *ret_expires_ms);
struct session_found {
    char name[BUS_NAME_MAX + 1];
    uint64_t mark;
    int64_t expires_ms; /* when it ends without another request; unix */
};
/* False = there is no such session. */
bool sessions_find(struct sessions *sessions, const char *token, struct session_found *ret_found);
void sessions_end(struct sessions *sessions, const char *token);
unsigned sessions_count(struct sessions *sessions);

#endif
