/* SPDX-License-Identifier: Apache-2.0
 *
 * A key file holds a secret: it is refused if anybody but its owner could read it, or, where root
 * owns it, anybody but our group (file_forbidden_mode).
 */
#include "keys/key_file.h"

#include <string.h>

#include "base/file.h"
#include "config/ini_file.h"

enum { KEY_FILE_BYTES_MAX = 4096, NOBODY_ELSE = 077, OWNER_ALONE = 0600 };

static enum status take_entry(void *context, const struct ini_entry *entry, struct error *error)
{
    struct bus_keys *keys = context;
    char *text = NULL;
    if (entry->name != NULL && strcmp(entry->name, "public") == 0) {
        text = keys->public_text;
    } else if (entry->name != NULL && strcmp(entry->name, "secret") == 0) {
        text = keys->secret_text;
    }
    if (text == NULL) {
        return error_set(error, STATUS_INVALID, "a key file has public = … and secret = … only");
    }
    if (text[0] != '\0') {
        return error_set(error, STATUS_INVALID, "%s is given twice", entry->name);
    }
    uint8_t key[BUS_KEY_SIZE];
    const enum status status = bus_key_decode(entry->value, key);
    explicit_bzero(key, sizeof key);
    if (status != STATUS_OK) {
        return error_set(error, status, "%s is not a Z85 text of 40 characters", entry->name);
    }
    memcpy(text, entry->value, BUS_KEY_TEXT_SIZE);
    return STATUS_OK;
}

static enum status check_pair(const struct bus_keys *keys, const char *path, struct error *error)
{
    if (keys->public_text[0] == '\0' || keys->secret_text[0] == '\0') {
        return error_set(error, STATUS_INVALID, "%s: %s is missing", path,
                         keys->public_text[0] == '\0' ? "public" : "secret");
    }
    struct bus_keys derived;
    enum status status = bus_keys_derive(keys->secret_text, &derived);
    if (status == STATUS_OK && strcmp(derived.public_text, keys->public_text) != 0) {
        status = STATUS_INVALID;
    }
    explicit_bzero(&derived, sizeof derived);
    return status == STATUS_OK
               ? STATUS_OK
               : error_set(error, status, "%s: public does not belong to secret", path);
}

enum status key_file_read(const char *path, struct bus_keys *ret_keys, struct error *error)
{
    struct bus_keys keys = {.public_text = ""};
    enum status status =
        ini_file_read(path, KEY_FILE_BYTES_MAX, NOBODY_ELSE, take_entry, &keys, error);
    if (status == STATUS_OK) {
        status = check_pair(&keys, path, error);
    }
    if (status == STATUS_OK) {
        *ret_keys = keys;
    }
    explicit_bzero(&keys, sizeof keys);
    return status;
}

enum status key_file_create(const char *path, const struct bus_keys *keys, struct error *error)
{
    struct buffer text;
    buffer_init(&text, KEY_FILE_BYTES_MAX);
    buffer_printf(&text, "public = %s\nsecret = %s\n", keys->public_text, keys->secret_text);
    enum status status = buffer_status(&text);
    if (status == STATUS_OK) {
        status = file_create(path, OWNER_ALONE, buffer_slice(&text), error);
    }
    explicit_bzero(text.data, text.size);
    buffer_fini(&text);
    return status;
}
