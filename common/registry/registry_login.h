/* SPDX-License-Identifier: Apache-2.0
 *
 * How principals log in at a gateway, which has no other way to know them: a password, kept as
 * Argon2id, or a token, of 256 random bits, kept as BLAKE2b-256. A token is
 *
 *     hoso_<id, 8 hex digits>_<secret, 43 characters of base64url>
 *
 * and its id, which is not secret, names it in lists and in the registry's file.
 */
#ifndef HOSO_REGISTRY_REGISTRY_LOGIN_H
#define HOSO_REGISTRY_REGISTRY_LOGIN_H

#include "base/arena.h"
#include "registry/registry.h"

enum {
    REGISTRY_PASSWORD_MIN = 8, /* bytes */
    REGISTRY_PASSWORD_MAX = 1024,
    REGISTRY_PASSWORD_HASH_SIZE = 128,
    REGISTRY_TOKEN_SIZE = 57 + 1 /* NUL-terminated */
};

/* Copies of the entry, in the arena, without password and tokens; any thread. NOT_FOUND = there is
 * no such name, or it is expired or revoked; TOO_LARGE = the arena is full. */
enum status registry_principal_named(struct registry *registry, const char *name,
                                     struct arena *arena,
                                     const struct principal **ret_principal) MUST_USE;

/* DENIED = unknown, expired, without a password, or it is another one: the work is the same (about
 * a tenth of a second and 64 MiB, so a caller bounds how many run at once). BUSY = there is no
 * memory for it. Any thread; a reload does not wait for it. */
enum status registry_principal_by_password(struct registry *registry, const char *name,
                                           const char *password, struct arena *arena,
                                           const struct principal **ret_principal) MUST_USE;
/* DENIED likewise. */
enum status registry_principal_by_token(struct registry *registry, const char *token,
                                        struct arena *arena,
                                        const struct principal **ret_principal) MUST_USE;

/* INVALID = too short or too long; BUSY = there is no memory for it. */
enum status registry_password_hash(const char *password, char ret_hash[REGISTRY_PASSWORD_HASH_SIZE],
                                   struct error *error) MUST_USE;
/* Draws a token and fills in its id and hash. */
void registry_token_draw(struct registry_token *token, char ret_text[REGISTRY_TOKEN_SIZE]);
/* False = it has not the shape of a token. */
bool registry_token_read(const char *text, char ret_id[REGISTRY_TOKEN_ID_SIZE],
                         uint8_t ret_hash[REGISTRY_TOKEN_HASH_SIZE]);

#endif
