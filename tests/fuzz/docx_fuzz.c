/* SPDX-License-Identifier: Apache-2.0
 *
 * docx_fill with a template from outside: filled, or refused with a sentence.
 */
#include <string.h>

#include "base/require.h"
#include "render/docx/docx.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static long repeats(void *context, const char *name)
{
    (void)context;
    return strcmp(name, "row") == 0 ? 3 : DOCX_ONCE;
}

static enum status put(void *context, const char *name, size_t index, struct buffer *text,
                       struct error *error)
{
    (void)context;
    if (strcmp(name, "row") != 0 && strcmp(name, "unit") != 0) {
        return error_set(error, STATUS_NOT_FOUND, "there is no field %s", name);
    }
    buffer_printf(text, "%s %zu <&>", name, index);
    return STATUS_OK;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const struct docx_source source = {NULL, repeats, put};
    struct error error = {.text = ""};
    struct buffer docx;
    buffer_init(&docx, 2 * DOCX_BYTES_MAX);
    if (docx_fill(slice_of(data, size), &source, &docx, &error) == STATUS_OK) {
        require(buffer_status(&docx) == STATUS_OK && docx.size > 0);
    } else {
        require(error.text[0] != '\0');
    }
    buffer_fini(&docx);
    return 0;
}
