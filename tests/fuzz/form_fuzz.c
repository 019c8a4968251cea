/* SPDX-License-Identifier: Apache-2.0
 *
 * form_parse: a form's file is accepted, or has at least one fault, each with a line that it has.
 */
#include <string.h>

#include "base/require.h"
#include "form/form_load.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static unsigned lines_of(const uint8_t *data, size_t size)
{
    unsigned lines = 1;
    for (size_t i = 0; i < size; i++) {
        lines += data[i] == '\n' || data[i] == '\r' || data[i] >= 0x80; /* YAML has others, too */
    }
    return lines;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct form_faults faults;
    struct form *form = NULL;
    const enum status status = form_parse(slice_of(data, size), "", &form, &faults);
    if (status == STATUS_OK) {
        form_free(form);
        return 0;
    }
    require(status != STATUS_INVALID || faults.count > 0);
    for (unsigned i = 0; i < faults.count; i++) {
        require(faults.items[i].text[0] != '\0');
        require(faults.items[i].line <= lines_of(data, size) + 1);
    }
    return 0;
}
