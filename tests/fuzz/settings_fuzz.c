/* SPDX-License-Identifier: Apache-2.0
 *
 * config_load: what is accepted and printed gives the same settings again.
 */
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/require.h"
#include "config/config.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { FILE_NUMBER = 900 };

struct values {
    const char *name;
    int64_t number;
    const char *listen;
    const char *peers;
    const char *peers_key;
};

static const struct setting settings[] = {
    {SETTING(struct values, name, TEXT), "default", 0, 0, "A text."},
    {SETTING(struct values, number, NUMBER), "7", -5, 1000, "A number."},
    {SETTING(struct values, listen, ENDPOINT), "", 0, 0, "Where to listen."},
    {SETTING(struct values, peers, ENDPOINTS), "", 0, 0, "Where to connect to."},
    {SETTING(struct values, peers_key, PUBLIC_KEYS), "", 0, 0, "Their keys."},
    {.name = NULL},
};

/* False = refused. */
static bool load(const void *data, size_t size, struct values *values, struct config **ret_config)
{
    static const char path[] = "/proc/self/fd/900"; /* outlives what is loaded from it */
    struct error error = {.text = ""};
    const int file = memfd_create("settings", 0);
    require(file >= 0 && fchmod(file, 0600) == 0 && write(file, data, size) == (ssize_t)size);
    require(dup2(file, FILE_NUMBER) == FILE_NUMBER && close(file) == 0);
    const struct config_sources sources = {.program = "fuzz", .path = path};
    const bool accepted = config_load(&sources, settings, values, ret_config, &error) == STATUS_OK;
    require(accepted || error.text[0] != '\0');
    return accepted;
}

static char *print(const struct config *config, size_t *ret_size)
{
    char *printed = NULL;
    FILE *out = open_memstream(&printed, ret_size);
    require(out != NULL);
    config_print(config, out);
    require(fclose(out) == 0);
    return printed;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct values values, again;
    struct config *config = NULL;
    struct config *reloaded = NULL;
    size_t printed_size = 0;
    if (!load(data, size, &values, &config)) {
        return 0;
    }
    char *printed = print(config, &printed_size);
    require(load(printed, printed_size, &again, &reloaded));
    require(values.number == again.number && strcmp(values.name, again.name) == 0 &&
            strcmp(values.listen, again.listen) == 0 && strcmp(values.peers, again.peers) == 0 &&
            strcmp(values.peers_key, again.peers_key) == 0);
    config_free(config);
    config_free(reloaded);
    free(printed);
    return 0;
}
