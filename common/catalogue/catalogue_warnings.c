/* SPDX-License-Identifier: Apache-2.0
 *
 * A list may be without a fault and still not what was meant: codes that a table program changed,
 * and an official code that was given to another unit, whose history would be joined.
 */
#include <stdlib.h>
#include <strings.h>

#include "base/localday.h"
#include "catalogue/catalogue_internal.h"

enum { CODE_DECIMALS = 6 }; /* of a national procedure: 1.004221 */

static bool is_empty_cell(const char *id)
{
    static const char *const words[] = {"nan", "none", "null", "n/a", "#n/a", "#ref!", "#value!"};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        if (strcasecmp(words[i], id) == 0) {
            return true;
        }
    }
    return false;
}

static bool is_fraction(const char *id)
{
    const size_t digits = strspn(id, "0123456789");
    return digits > 0 && strcmp(id + digits, ".0") == 0;
}

/* Of the form 1.004221; how many digits follow the point, 0 = another form. */
static size_t decimals(const char *id)
{
    const size_t digits = strspn(id, "0123456789");
    const size_t after = id[digits] == '.' ? strspn(id + digits + 1, "0123456789") : 0;
    return digits == 1 && id[digits + 1 + after] == '\0' ? after : 0;
}

static void warn_of_id(const char *table, uint32_t row, const char *id, struct faults *faults)
{
    if (is_empty_cell(id)) {
        warning_add(faults, table, row, "id",
                    "\"%.64s\" is what table programs make of an empty cell; is it an id?", id);
    } else if (is_fraction(id)) {
        warning_add(faults, table, row, "id",
                    "\"%.64s\" looks like a number that a table program wrote with a fraction; "
                    "keep the column as text",
                    id);
    }
}

static void warn_of_zeros(const Hoso__V1__Catalogue *message, struct faults *faults)
{
    size_t national = 0;
    for (size_t i = 0; i < message->n_procedures; i++) {
        national += decimals(message->procedures[i]->id) == CODE_DECIMALS;
    }
    for (uint32_t i = 0; i < message->n_procedures && 2 * national > message->n_procedures; i++) {
        const char *id = message->procedures[i]->id;
        const size_t digits = decimals(id);
        if (digits > 0 && digits < CODE_DECIMALS) {
            warning_add(faults, "procedures", i, "id",
                        "%.64s has %zu digits after the point, most have %d; a table program cuts "
                        "zeros at the end: is it %.64s%.*s?",
                        id, digits, CODE_DECIMALS, id, (int)(CODE_DECIMALS - digits), "000000");
        }
    }
}

/* In 2025 most new communes have the code of an old one, two thirds of them under another name. */
static void warn_of_reuse(const struct catalogue *catalogue, struct faults *faults)
{
    for (uint32_t i = 1; i < catalogue->row_count; i++) {
        const struct unit_row *row = &catalogue->rows[i];
        const struct unit_row *before = row - 1;
        char day[DATE_TEXT_SIZE];
        if (before->id != row->id || before->unit.to_day != row->unit.from_day ||
            slice_equal(before->unit.name, row->unit.name) || before->parent == row->parent) {
            continue;
        }
        localday_format(row->unit.from_day, day);
        warning_add(faults, "units", row->origin, "id",
                    "%.*s changes its name and its parent on %s; if it is another unit that got "
                    "the code, give it an id of its own and the old one successors",
                    SLICE_ARG(row->unit.id), day);
    }
}

void catalogue_warn(const struct catalogue *catalogue, const Hoso__V1__Catalogue *message,
                    struct faults *faults)
{
    for (uint32_t i = 0; i < message->n_units; i++) {
        warn_of_id("units", i, message->units[i]->id, faults);
    }
    for (uint32_t i = 0; i < message->n_fields; i++) {
        warn_of_id("fields", i, message->fields[i]->id, faults);
    }
    for (uint32_t i = 0; i < message->n_procedures; i++) {
        warn_of_id("procedures", i, message->procedures[i]->id, faults);
    }
    warn_of_zeros(message, faults);
    warn_of_reuse(catalogue, faults);
}
