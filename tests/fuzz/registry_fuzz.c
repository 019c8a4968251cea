/* SPDX-License-Identifier: Apache-2.0
 *
 * registry_snapshot_parse: a registry is accepted, or the error names file and line.
 */
#include <string.h>

#include "base/require.h"
#include "registry/registry_internal.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct registry_snapshot *snapshot = NULL;
    struct error error = {.text = ""};
    const enum status status =
        registry_snapshot_parse("registry", slice_of(data, size), &snapshot, &error);
    require(status == STATUS_OK || strncmp(error.text, "registry", strlen("registry")) == 0);
    if (status == STATUS_OK) {
        registry_snapshot_free(snapshot);
    }
    return 0;
}
