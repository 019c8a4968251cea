/* SPDX-License-Identifier: Apache-2.0
 *
 * What a value must look like, for each type of setting. The sentence shows numbers and endpoints,
 * but never what stands in place of a key: it could be the secret one.
 */
#include <inttypes.h>
#include <stdio.h>
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

/* Whether the host exists shows when it is used. Where one listens the port "*" is any that is
 * free. */
static bool is_endpoint(struct slice word, bool listens)
{
    char text[CONFIG_VALUE_MAX + 1];
    (void)snprintf(text, sizeof text, "%.*s", SLICE_ARG(word));
    const char *port = strrchr(text, ':');
    uint64_t number = 0;
    if (strncmp(text, SCHEME, strlen(SCHEME)) != 0 || port < text + strlen(SCHEME) + 1) {
        return false;
    }
    return (listens && strcmp(port + 1, "*") == 0) ||
           (text_number(slice_text(port + 1), PORT_MAX, &number) && number > 0);
}

static bool is_public_key(struct slice word)
{
    return word.size == KEY_CHARACTERS && strspn((const char *)word.data, Z85) == KEY_CHARACTERS;
}

static enum status check_word(const struct setting *setting, const char *name, struct slice word,
                              struct error *error)
{
    if (setting->type == SETTING_PUBLIC_KEYS) {
        return is_public_key(word)
                   ? STATUS_OK
                   : error_set(error, STATUS_INVALID,
                               "%s: is not a public key: %d characters of Z85, the \"public\" line "
                               "of a key file",
                               name, KEY_CHARACTERS);
    }
    return is_endpoint(word, setting->type == SETTING_ENDPOINT)
               ? STATUS_OK
               : error_set(error, STATUS_INVALID,
                           "%s: \"%.*s\" is not an endpoint, which looks like " SCHEME "HOST:PORT",
                           name, (int)(word.size < 80 ? word.size : 80), (const char *)word.data);
}

/* Where one listens there is one endpoint; elsewhere there may be several, with blanks between. */
static enum status check_words(const struct setting *setting, const char *name, const char *text,
                               struct error *error)
{
    static const char blanks[] = " \t";
    enum status status = STATUS_OK;
    const bool one = setting->type == SETTING_ENDPOINT;
    while (*text != '\0' && status == STATUS_OK) {
        const size_t size = one ? strlen(text) : strcspn(text, blanks);
        status = check_word(setting, name, slice_of(text, size), error);
        text += size;
        text += strspn(text, blanks);
    }
    return status;
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
    return setting->type == SETTING_TEXT ? STATUS_OK : check_words(setting, name, text, error);
}
