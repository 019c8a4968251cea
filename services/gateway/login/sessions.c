/* SPDX-License-Identifier: Apache-2.0
 *
 * The table is small enough to be looked through.
 */
#include "services/gateway/login/sessions.h"

#include <pthread.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/require.h"

enum { SESSION_SECRET_BYTES = (SESSION_TOKEN_SIZE - 1) / 2, SESSION_HASH_BYTES = 32 };

struct session {
    char name[BUS_NAME_MAX + 1]; /* empty = free */
    uint64_t mark;
    uint8_t hash[SESSION_HASH_BYTES];
    int64_t begun_ms, used_ms; /* unix */
};

struct sessions {
    pthread_mutex_t mutex;
    int64_t idle_ms;
    struct session table[SESSIONS_MAX];
};

struct sessions *sessions_new(int64_t idle_minutes)
{
    struct sessions *sessions = calloc(1, sizeof *sessions);
    if (sessions != NULL) {
        sessions->idle_ms = idle_minutes * 60000;
        require(pthread_mutex_init(&sessions->mutex, NULL) == 0);
    }
    return sessions;
}

void sessions_free(struct sessions *sessions)
{
    if (sessions != NULL) {
        (void)pthread_mutex_destroy(&sessions->mutex);
        free(sessions);
    }
}

static void hash_token(const char *token, uint8_t hash[SESSION_HASH_BYTES])
{
    (void)crypto_generichash(hash, SESSION_HASH_BYTES, (const uint8_t *)token, strlen(token), NULL,
                             0);
}

static int64_t ends_ms(const struct sessions *sessions, const struct session *session)
{
    const int64_t idle = session->used_ms + sessions->idle_ms;
    const int64_t last = session->begun_ms + (int64_t)SESSION_HOURS * 3600000;
    return idle < last ? idle : last;
}

static void drop_ended(struct sessions *sessions, int64_t now_ms)
{
    for (unsigned i = 0; i < SESSIONS_MAX; i++) {
        struct session *session = &sessions->table[i];
        if (session->name[0] != '\0' && ends_ms(sessions, session) <= now_ms) {
            session->name[0] = '\0';
        }
    }
}

/* A free place; else the name's own oldest if it has too many, else the oldest of all. */
static struct session *place_for(struct sessions *sessions, const char *name)
{
    struct session *empty = NULL;
    struct session *oldest = &sessions->table[0];
    struct session *own = NULL;
    unsigned count = 0;
    for (unsigned i = 0; i < SESSIONS_MAX; i++) {
        struct session *session = &sessions->table[i];
        if (session->name[0] == '\0') {
            empty = empty == NULL ? session : empty;
            continue;
        }
        oldest = session->used_ms < oldest->used_ms ? session : oldest;
        if (strcmp(session->name, name) == 0) {
            own = own == NULL || session->used_ms < own->used_ms ? session : own;
            count++;
        }
    }
    return count >= SESSIONS_OF_NAME_MAX ? own : empty != NULL ? empty : oldest;
}

void sessions_begin(struct sessions *sessions, const char *name, uint64_t mark,
                    char ret_token[SESSION_TOKEN_SIZE], int64_t *ret_expires_ms)
{
    uint8_t secret[SESSION_SECRET_BYTES];
    const int64_t now_ms = clock_unix_ms();
    randombytes_buf(secret, sizeof secret);
    (void)sodium_bin2hex(ret_token, SESSION_TOKEN_SIZE, secret, sizeof secret);
    sodium_memzero(secret, sizeof secret);
    require(pthread_mutex_lock(&sessions->mutex) == 0);
    drop_ended(sessions, now_ms);
    struct session *session = place_for(sessions, name);
    *session = (struct session){.mark = mark, .begun_ms = now_ms, .used_ms = now_ms};
    hash_token(ret_token, session->hash);
    memcpy(session->name, name, strlen(name) + 1);
    *ret_expires_ms = ends_ms(sessions, session);
    require(pthread_mutex_unlock(&sessions->mutex) == 0);
}

static struct session *find(struct sessions *sessions, const char *token)
{
    uint8_t hash[SESSION_HASH_BYTES];
    hash_token(token, hash);
    for (unsigned i = 0; i < SESSIONS_MAX; i++) {
        struct session *session = &sessions->table[i];
        if (session->name[0] != '\0' && sodium_memcmp(session->hash, hash, sizeof hash) == 0) {
            return session;
        }
    }
    return NULL;
}

bool sessions_find(struct sessions *sessions, const char *token, struct session_found *ret_found)
{
    const int64_t now_ms = clock_unix_ms();
    bool found = false;
    require(pthread_mutex_lock(&sessions->mutex) == 0);
    struct session *session = find(sessions, token);
    if (session != NULL && ends_ms(sessions, session) > now_ms) {
        session->used_ms = now_ms;
        *ret_found =
            (struct session_found){.mark = session->mark, .expires_ms = ends_ms(sessions, session)};
        memcpy(ret_found->name, session->name, sizeof ret_found->name);
        found = true;
    }
    require(pthread_mutex_unlock(&sessions->mutex) == 0);
    return found;
}

void sessions_end(struct sessions *sessions, const char *token)
{
    require(pthread_mutex_lock(&sessions->mutex) == 0);
    struct session *session = find(sessions, token);
    if (session != NULL) {
        session->name[0] = '\0';
    }
    require(pthread_mutex_unlock(&sessions->mutex) == 0);
}

unsigned sessions_count(struct sessions *sessions)
{
    unsigned count = 0;
    require(pthread_mutex_lock(&sessions->mutex) == 0);
    drop_ended(sessions, clock_unix_ms());
    for (unsigned i = 0; i < SESSIONS_MAX; i++) {
        count += sessions->table[i].name[0] != '\0';
    }
    require(pthread_mutex_unlock(&sessions->mutex) == 0);
    return count;
}
