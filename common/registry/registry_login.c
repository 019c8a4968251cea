/* SPDX-License-Identifier: Apache-2.0
 *
 * Passwords are checked on a copy of their hash, so that nobody waits for the slow check. All
 * hashes have the same cost: a file with another one is refused, because a costly one would take
 * the gateway's memory, and a cheap one would show in the time of a refusal.
 */
#include "registry/registry_login.h"

#include <errno.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "base/localday.h"
#include "base/require.h"
#include "registry/registry_internal.h"

#define TOKEN_PREFIX "hoso_"
#define NEVER "never"
enum {
    ID_AT = sizeof TOKEN_PREFIX - 1,
    ID_BYTES = (REGISTRY_TOKEN_ID_SIZE - 1) / 2,
    SECRET_BYTES = 32,
    SECRET_AT = ID_AT + REGISTRY_TOKEN_ID_SIZE,
    SECRET_SIZE = 43
};
_Static_assert((int)SECRET_AT + (int)SECRET_SIZE + 1 == (int)REGISTRY_TOKEN_SIZE, "a token");
_Static_assert((int)REGISTRY_PASSWORD_HASH_SIZE == crypto_pwhash_STRBYTES, "a password's hash");

/* Of a password that nobody has: what an unknown name is checked against. */
static const char nobody[] = "$argon2id$v=19$m=65536,t=2,p=1$UFZ5TzFyYzR2N1hLd0hVeg$"
                             "0pX3nTSvnUtPmLkqBGm0wFUVdD2OA1NTe0CQDkQ4J9s";

enum status registry_take_password(struct principal *entry, const char *value, struct error *error)
{
    const size_t size = strlen(value);
    char text[REGISTRY_PASSWORD_HASH_SIZE] = {0};
    if (size < sizeof text) {
        memcpy(text, value, size);
    }
    if (crypto_pwhash_str_needs_rehash(text, crypto_pwhash_OPSLIMIT_INTERACTIVE,
                                       crypto_pwhash_MEMLIMIT_INTERACTIVE) != 0) {
        return error_set(error, STATUS_INVALID,
                         "[%s]: password is not a hash that hoso key password makes", entry->name);
    }
    entry->password = strdup(value);
    if (entry->password == NULL) {
        return error_set(error, STATUS_TOO_LARGE, "out of memory");
    }
    (void)crypto_generichash((unsigned char *)&entry->login_mark, sizeof entry->login_mark,
                             (const unsigned char *)value, size, NULL, 0);
    return STATUS_OK;
}

/* The next word of a line; empty at its end. */
static struct slice take_word(const char **line)
{
    const char *word = *line + strspn(*line, " \t");
    const size_t size = strcspn(word, " \t");
    *line = word + size;
    return slice_of(word, size);
}

static bool take_hex(struct slice word, uint8_t *bytes, size_t size)
{
    size_t taken = 0;
    return word.size == 2 * size &&
           sodium_hex2bin(bytes, size, (const char *)word.data, word.size, NULL, &taken, NULL) ==
               0 &&
           taken == size;
}

static bool read_token(const char *line, struct registry_token *token)
{
    uint8_t id[ID_BYTES];
    const struct slice id_text = take_word(&line);
    const struct slice hash = take_word(&line);
    const struct slice expires = take_word(&line);
    const struct slice label = take_word(&line);
    token->expires_day = INT32_MAX;
    if (!take_hex(id_text, id, sizeof id) || !take_hex(hash, token->hash, sizeof token->hash) ||
        (!slice_equal(expires, slice_text(NEVER)) &&
         !localday_parse(expires, &token->expires_day)) ||
        label.size >= sizeof token->label || take_word(&line).size != 0) {
        return false;
    }
    (void)sodium_bin2hex(token->id, sizeof token->id, id, sizeof id);
    memcpy(token->label, label.data, label.size);
    return true;
}

enum status registry_take_token(struct principal *entry, const char *value, struct error *error)
{
    struct registry_token token = {.label = ""};
    if (entry->token_count == REGISTRY_TOKENS_MAX) {
        return error_set(error, STATUS_INVALID, "[%s]: more than %d tokens; revoke one",
                         entry->name, REGISTRY_TOKENS_MAX);
    }
    if (!read_token(value, &token)) {
        return error_set(error, STATUS_INVALID,
                         "[%s]: token is not a line that hoso key token makes: id, hash, last day "
                         "or never, label",
                         entry->name);
    }
    struct registry_token *tokens =
        reallocarray(entry->tokens, entry->token_count + 1UL, sizeof *tokens);
    if (tokens == NULL) {
        return error_set(error, STATUS_TOO_LARGE, "out of memory");
    }
    entry->tokens = tokens;
    tokens[entry->token_count++] = token;
    return STATUS_OK;
}

static enum status copy(const struct principal *entry, struct arena *arena,
                        const struct principal **ret_principal)
{
    if (entry == NULL) {
        return STATUS_NOT_FOUND;
    }
    struct principal *made = arena_alloc(arena, sizeof *made);
    if (made == NULL) {
        return STATUS_TOO_LARGE;
    }
    *made = *entry;
    made->password = NULL;
    made->tokens = NULL;
    made->token_count = 0;
    if (entry->unit_count != 0) {
        made->units = arena_array(arena, entry->unit_count, sizeof *made->units);
        if (made->units == NULL) {
            return STATUS_TOO_LARGE;
        }
        memcpy(made->units, entry->units, entry->unit_count * sizeof *made->units);
    }
    *ret_principal = made;
    return STATUS_OK;
}

enum status registry_principal_named(struct registry *registry, const char *name,
                                     struct arena *arena, const struct principal **ret_principal)
{
    const enum status status = copy(registry_begin(registry, name), arena, ret_principal);
    registry_end(registry);
    return status;
}

enum status registry_principal_by_token(struct registry *registry, const char *token,
                                        struct arena *arena, const struct principal **ret_principal)
{
    const enum status status = copy(registry_begin_token(registry, token), arena, ret_principal);
    registry_end(registry);
    return status == STATUS_NOT_FOUND ? STATUS_DENIED : status;
}

enum status registry_principal_by_password(struct registry *registry, const char *name,
                                           const char *password, struct arena *arena,
                                           const struct principal **ret_principal)
{
    char hash[REGISTRY_PASSWORD_HASH_SIZE];
    const struct principal *principal = NULL;
    const struct principal *entry = registry_begin(registry, name);
    const bool known = entry != NULL && entry->password != NULL;
    const char *kept = known ? entry->password : nobody;
    memcpy(hash, kept, strlen(kept) + 1);
    const enum status copied = copy(entry, arena, &principal);
    registry_end(registry);
    errno = 0;
    const bool equal = crypto_pwhash_str_verify(hash, password, strlen(password)) == 0;
    if (!equal && errno == ENOMEM) {
        return STATUS_BUSY;
    }
    if (!equal || !known) {
        return STATUS_DENIED;
    }
    if (copied == STATUS_OK) {
        *ret_principal = principal;
    }
    return copied;
}

enum status registry_password_hash(const char *password, char ret_hash[REGISTRY_PASSWORD_HASH_SIZE],
                                   struct error *error)
{
    const size_t size = strlen(password);
    if (size < REGISTRY_PASSWORD_MIN || size > REGISTRY_PASSWORD_MAX) {
        return error_set(error, STATUS_INVALID, "a password has %d to %d bytes, this one has %zu",
                         REGISTRY_PASSWORD_MIN, REGISTRY_PASSWORD_MAX, size);
    }
    require(sodium_init() >= 0);
    return crypto_pwhash_str(ret_hash, password, size, crypto_pwhash_OPSLIMIT_INTERACTIVE,
                             crypto_pwhash_MEMLIMIT_INTERACTIVE) == 0
               ? STATUS_OK
               : error_set(error, STATUS_BUSY,
                           "there is no memory for the password's hash (%zu MiB)",
                           (size_t)crypto_pwhash_MEMLIMIT_INTERACTIVE >> 20);
}

static void hash_token(const char *text, uint8_t hash[REGISTRY_TOKEN_HASH_SIZE])
{
    (void)crypto_generichash(hash, REGISTRY_TOKEN_HASH_SIZE, (const unsigned char *)text,
                             strlen(text), NULL, 0);
}

void registry_token_draw(struct registry_token *token, char ret_text[REGISTRY_TOKEN_SIZE])
{
    uint8_t id[ID_BYTES];
    uint8_t secret[SECRET_BYTES];
    require(sodium_init() >= 0);
    randombytes_buf(id, sizeof id);
    randombytes_buf(secret, sizeof secret);
    (void)sodium_bin2hex(token->id, sizeof token->id, id, sizeof id);
    memcpy(ret_text, TOKEN_PREFIX, ID_AT);
    memcpy(ret_text + ID_AT, token->id, sizeof token->id);
    ret_text[SECRET_AT - 1] = '_';
    (void)sodium_bin2base64(ret_text + SECRET_AT, SECRET_SIZE + 1, secret, sizeof secret,
                            sodium_base64_VARIANT_URLSAFE_NO_PADDING);
    sodium_memzero(secret, sizeof secret);
    hash_token(ret_text, token->hash);
}

bool registry_token_read(const char *text, char ret_id[REGISTRY_TOKEN_ID_SIZE],
                         uint8_t ret_hash[REGISTRY_TOKEN_HASH_SIZE])
{
    if (strlen(text) != REGISTRY_TOKEN_SIZE - 1 || memcmp(text, TOKEN_PREFIX, ID_AT) != 0) {
        return false;
    }
    memcpy(ret_id, text + ID_AT, REGISTRY_TOKEN_ID_SIZE - 1);
    ret_id[REGISTRY_TOKEN_ID_SIZE - 1] = '\0';
    hash_token(text, ret_hash);
    return true;
}
