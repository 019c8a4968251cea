/* SPDX-License-Identifier: Apache-2.0
 *
 * Lines to messages to packed catalogues.
 */
#include "tests/unit/catalogue/given.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/localday.h"
#include "wire/wire.h"

static char *text_of(struct arena *arena, const char *text)
{
    char *copy = arena_string(arena, slice_text(text));
    assert_non_null(copy);
    return copy;
}

/* Codes between blanks, as a list; `ret_count` of them. */
static char **codes_of(struct arena *arena, const char *text, size_t *ret_count)
{
    char **codes = arena_array(arena, text != NULL ? strlen(text) : 0, sizeof *codes);
    assert_non_null(codes);
    *ret_count = 0;
    while (text != NULL && text[0] != '\0') {
        const size_t size = strcspn(text, " ");
        codes[(*ret_count)++] = arena_string(arena, slice_of(text, size));
        text += text[size] == ' ' ? size + 1 : size;
    }
    return codes;
}

void add_unit(struct arena *arena, Hoso__V1__Catalogue *message, const struct unit_line *line)
{
    Hoso__V1__Unit *unit = arena_alloc(arena, sizeof *unit);
    hoso__v1__unit__init(unit);
    unit->id = text_of(arena, line->id);
    unit->code = unit->id;
    unit->name = text_of(arena, line->name != NULL ? line->name : line->id);
    unit->parent = text_of(arena, line->parent);
    unit->valid_from = text_of(arena, line->from);
    unit->valid_to = text_of(arena, line->to);
    unit->print_order = line->print_order;
    unit->tier = (Hoso__V1__Tier)(line->tier < 0 ? 0 : line->tier == 0 ? TIER_COMMUNE : line->tier);
    unit->successors = codes_of(arena, line->successors, &unit->n_successors);
    message->units[message->n_units++] = unit;
}

static void add_field(struct arena *arena, Hoso__V1__Catalogue *message,
                      const struct field_line *line)
{
    Hoso__V1__Field *field = arena_alloc(arena, sizeof *field);
    hoso__v1__field__init(field);
    field->id = text_of(arena, line->id);
    field->name = field->id;
    field->print_order = line->print_order;
    message->fields[message->n_fields++] = field;
}

static void add_procedure(struct arena *arena, Hoso__V1__Catalogue *message,
                          const struct procedure_line *line)
{
    Hoso__V1__Procedure *procedure = arena_alloc(arena, sizeof *procedure);
    hoso__v1__procedure__init(procedure);
    procedure->id = text_of(arena, line->id);
    procedure->name = procedure->id;
    procedure->field = text_of(arena, line->field);
    procedure->valid_from = text_of(arena, line->from);
    procedure->valid_to = text_of(arena, line->to);
    procedure->service_level = (Hoso__V1__ServiceLevel)(line->level < 0    ? 0
                                                        : line->level == 0 ? 1
                                                                           : line->level);
    message->procedures[message->n_procedures++] = procedure;
}

void message_init(struct arena *arena, size_t rows, Hoso__V1__Catalogue *message)
{
    arena_init(arena, ARENA_BYTES);
    hoso__v1__catalogue__init(message);
    message->units = arena_array(arena, rows, sizeof *message->units);
    message->fields = arena_array(arena, rows, sizeof *message->fields);
    message->procedures = arena_array(arena, rows, sizeof *message->procedures);
}

enum status parse_message(const Hoso__V1__Catalogue *message, struct catalogue **ret_catalogue,
                          struct error *error)
{
    struct buffer packed;
    buffer_init(&packed, CATALOGUE_BYTES_MAX + 65536);
    wire_pack(&message->base, &packed);
    assert_int_equal(buffer_status(&packed), STATUS_OK);
    const enum status status = catalogue_parse(buffer_slice(&packed), ret_catalogue, error);
    if (status == STATUS_OK) {
        assert_true(slice_equal(catalogue_packed(*ret_catalogue), buffer_slice(&packed)));
    }
    buffer_fini(&packed);
    return status;
}

enum status parse(const struct given *given, struct catalogue **ret_catalogue, struct error *error)
{
    struct arena arena;
    Hoso__V1__Catalogue message;
    message_init(&arena, ROWS_MAX, &message);
    for (int i = 0; i < ROWS_MAX && given->units[i].id != NULL; i++) {
        add_unit(&arena, &message, &given->units[i]);
    }
    for (int i = 0; i < ROWS_MAX && given->fields[i].id != NULL; i++) {
        add_field(&arena, &message, &given->fields[i]);
    }
    for (int i = 0; i < ROWS_MAX && given->procedures[i].id != NULL; i++) {
        add_procedure(&arena, &message, &given->procedures[i]);
    }
    const enum status status = parse_message(&message, ret_catalogue, error);
    arena_fini(&arena);
    return status;
}

struct catalogue *parsed(const struct given *given)
{
    struct catalogue *catalogue = NULL;
    struct error error = {0};
    if (parse(given, &catalogue, &error) != STATUS_OK) {
        fail_msg("%s", error.text);
    }
    return catalogue;
}

int32_t day_of(const char *text)
{
    int32_t day;
    assert_true(localday_parse(slice_text(text), &day));
    return day;
}
