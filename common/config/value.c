/* SPDX-License-Identifier: Apache-2.0
 *
 * What a value must look like, for each type of setting. The sentence shows numbers and endpoints,
 * but never what stands in place of a key: it could be the secret one.
 */
#include <inttypes.h>
#include <string.h>

#include "base/slice.h"
#include "base/text.h"
#include "config/config_internal.h"

#define SCHEME "tcp://"
#define Z85                                                             \
    "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ.-:" \
    "+=^!/*?&<>()[]{}@%$#"

enum { KEY_CHARACTERS = 40, PORT_MAX = 65535 };

/* Decimal digits with an optional minus, nothing else. */
static bool parse_number(const char *text, int64_t *ret_number)
{
    const bool negative = text[0] == '-';
    uint64_t number = 0;
    if (!text_number(slice_text(text + negative), INT64_MAX, &number)) {
        return false;
    }
    *ret_number = negative ? -(int64_t)number : (int64_t)number;
    return true;
}

static enum status check_number(const struct setting *setting, const char *name, const char *text,
                                int64_t *ret_number, struct error *error)
{
    int64_t number;
    if (!parse_number(text, &number)) {
        return error_set(error, STATUS_INVALID, "%s: \"%.40s\" is not a whole number", name, text);
    }
    if (number < setting->min || number > setting->max) {
        return error_set(error, STATUS_INVALID,
                         "%s: %" PRId64 " is not between %" PRId64 " and %" PRId64, name, number,
                         setting->min, setting->max);
    }
    *ret_number = number;
    return STATUS_OK;
}

/* Whether the host exists shows when it is used. The port "*" is any that is free. */
static bool is_endpoint(const char *text)
{
    const char *port = strrchr(text, ':');
    uint64_t number = 0;
    if (strncmp(text, SCHEME, strlen(SCHEME)) != 0 || port < text + strlen(SCHEME) + 1) {
        return false;
    }
    return strcmp(port + 1, "*") == 0 ||
           (text_number(slice_text(port + 1), PORT_MAX, &number) && number > 0);
}

static bool is_public_key(const char *text)
{
    return strlen(text) == KEY_CHARACTERS && strspn(text, Z85) == KEY_CHARACTERS;
}

enum status value_check(const struct setting *setting, const char *name, const char *text,
                        int64_t *ret_number, struct error *error)
{
    if (strlen(text) > CONFIG_VALUE_MAX) {
        return error_set(error, STATUS_INVALID, "%s: longer than %d bytes", name, CONFIG_VALUE_MAX);
    }
    if (setting->type == SETTING_NUMBER) {
        return check_number(setting, name, text, ret_number, error);
    }
    if (text[0] == '\0') {
        const bool may_be_empty = setting->fallback != NULL &&
                                  (setting->type == SETTING_TEXT || setting->fallback[0] == '\0');
        return may_be_empty ? STATUS_OK : error_set(error, STATUS_INVALID, "%s: is empty", name);
    }
    if (setting->type == SETTING_ENDPOINT && !is_endpoint(text)) {
        return error_set(error, STATUS_INVALID,
                         "%s: \"%.80s\" is not an endpoint, which looks like " SCHEME "HOST:PORT",
                         name, text);
    }
    if (setting->type == SETTING_PUBLIC_KEY && !is_public_key(text)) {
        return error_set(error, STATUS_INVALID,
                         "%s: is not a public key: %d characters of Z85, the \"public\" line of a "
                         "key file",
                         name, KEY_CHARACTERS);
    }
    return STATUS_OK;
}
