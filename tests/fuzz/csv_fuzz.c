/* SPDX-License-Identifier: Apache-2.0
 *
 * catalogue_import_texts: three files, in the input one after the other with a line "====" between
 * them. What is accepted is a catalogue, and written and read again it is the same one; what is
 * not has a fault.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/require.h"
#include "catalogue/catalogue.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char *folder(void)
{
    static char path[] = "/tmp/hoso-csv-fuzz-XXXXXX";
    static bool made;
    if (!made) {
        require(mkdtemp(path) != NULL);
        made = true;
    }
    return path;
}

/* The text up to the next line between, which goes with it. */
static struct slice take_file(struct slice *rest)
{
    static const char between[] = "\n====\n";
    const size_t gap = sizeof between - 1;
    const uint8_t *end = rest->size != 0 ? memmem(rest->data, rest->size, between, gap) : NULL;
    const struct slice file =
        slice_of(rest->data, end != NULL ? (size_t)(end - rest->data) : rest->size);
    const size_t used = end != NULL ? file.size + gap : file.size;
    *rest = slice_of(rest->data + used, rest->size - used);
    return file;
}

static void check(const struct catalogue_import *import)
{
    struct catalogue *catalogue = NULL;
    struct error error = {.text = ""};
    struct catalogue_import again;
    const struct slice packed = buffer_slice(&import->packed);
    require(catalogue_parse(packed, &catalogue, &error) == STATUS_OK);
    catalogue_free(catalogue);
    require(catalogue_export_csv(packed, folder(), &error) == STATUS_OK);
    catalogue_import_init(&again);
    require(catalogue_import(folder(), &again) == STATUS_OK);
    require(slice_equal(buffer_slice(&again.packed), packed));
    catalogue_import_fini(&again);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct slice rest = slice_of(data, size);
    struct catalogue_texts texts;
    struct catalogue_import import;
    texts.units = take_file(&rest);
    texts.fields = take_file(&rest);
    texts.procedures = take_file(&rest);
    catalogue_import_init(&import);
    if (catalogue_import_texts(&texts, &import) == STATUS_OK) {
        check(&import);
    } else {
        require(import.fault_count > 0 && import.faults.size > 0);
    }
    catalogue_import_fini(&import);
    return 0;
}
