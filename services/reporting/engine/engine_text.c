/* SPDX-License-Identifier: Apache-2.0
 *
 * A form's sentences with the report's figures in their places. A line of several tiers says the
 * total and then each tier; a tier that the report has no unit of is not named.
 */
#include "services/reporting/engine/engine_internal.h"

#include <string.h>

#include "services/reporting/engine/number.h"

/* What a place can refer to. */
struct telling {
    const struct engine *engine;
    const struct form_sentence *sentence;
    const struct record *tier; /* inside `each`, or NULL */
};

static bool write_text(const struct telling *telling, const char *sentence, struct buffer *out);

static void put_text(struct buffer *out, const char *text)
{
    if (text != NULL) {
        buffer_put(out, text, strlen(text));
    }
}

/* By the unit's name, "UBND huyện …", or by its tier. */
static const char *area_name(const struct unit *unit, bool english)
{
    static const struct {
        const char *vi, *capital, *en;
    } areas[] = {
        {"thành phố", "Thành phố", "city"},
        {"thị xã", "Thị xã", "town"},
        {"thị trấn", "Thị trấn", "township"},
        {"đặc khu", "Đặc khu", "special zone"},
        {"phường", "Phường", "ward"},
        {"huyện", "Huyện", "district"},
        {"quận", "Quận", "urban district"},
        {"tỉnh", "Tỉnh", "province"},
        {"xã", "Xã", "commune"},
    };
    static const struct text2 tiers[] = {
        [TIER_NONE] = {"đơn vị", "unit"},         [TIER_PROVINCE] = {"tỉnh", "province"},
        [TIER_DEPARTMENT] = {"sở", "department"}, [TIER_DISTRICT] = {"huyện", "district"},
        [TIER_COMMUNE] = {"xã", "commune"},       [TIER_NATION] = {"quốc gia", "nation"},
        [TIER_MINISTRY] = {"bộ", "ministry"},
    };
    const char *prefix = "UBND ";
    struct slice name = unit->name;
    if (name.size > strlen(prefix) && memcmp(name.data, prefix, strlen(prefix)) == 0) {
        name = slice_of(name.data + strlen(prefix), name.size - strlen(prefix));
    }
    for (unsigned i = 0; i < COUNT_OF(areas) && unit->tier != TIER_DEPARTMENT; i++) {
        const size_t size = strlen(areas[i].vi);
        if (name.size > size && name.data[size] == ' ' &&
            (memcmp(name.data, areas[i].vi, size) == 0 ||
             memcmp(name.data, areas[i].capital, size) == 0)) {
            return english ? areas[i].en : areas[i].vi;
        }
    }
    const unsigned tier = (unsigned)unit->tier < COUNT_OF(tiers) ? unit->tier : TIER_NONE;
    return text_in(tiers[tier], english);
}

static unsigned count_tiers(const struct engine *engine)
{
    unsigned count = 0;
    for (uint32_t i = 0; i < engine->record_count; i++) {
        const struct form_scope *scope = engine->records[i].scope;
        count += scope != NULL && scope->tiers != 0;
    }
    return count;
}

/* The vector that a figure's place takes: of the tier being told, of the scope named, or of all.
 * NULL: the scope has no unit here. */
static const int64_t *place_sums(const struct telling *telling, const struct sentence_place *place)
{
    const struct engine *engine = telling->engine;
    if (telling->tier != NULL) {
        return telling->tier->sums;
    }
    for (uint32_t i = 0; place->scope >= 0 && i < engine->record_count; i++) {
        if (engine->records[i].scope == &engine->input->form->scopes[place->scope]) {
            return engine->records[i].sums;
        }
    }
    return place->scope < 0 ? engine->records[0].sums : NULL;
}

static void put_figure(const struct telling *telling, const struct sentence_place *place,
                       struct buffer *out)
{
    const struct engine_input *input = telling->engine->input;
    const int64_t *sums = place_sums(telling, place);
    char text[NUMBER_TEXT_SIZE];
    const int64_t n = sums != NULL ? sums[(size_t)2 * place->figure] : 0;
    const int64_t d = sums != NULL ? sums[(size_t)2 * place->figure + 1] : 0;
    if (input->form->figures[place->figure].under.count != 0 && place->part == 0) {
        ratio_format(n, d, input->english, text);
    } else {
        number_format(place->part == 'd' ? d : n, place->digits, input->english, text);
    }
    put_text(out, text);
}

/* What is in the total and in none of the tiers, so that what is told adds up: of units outside the
 * tree, or of no tier; notes name them. False = nothing, or no memory, which the arena remembers.
 */
static bool take_rest(const struct engine *engine, struct form_scope *scope, struct record *rest)
{
    static const struct text2 name = {"đơn vị khác", "other units"};
    int64_t *sums = arena_array(engine->arena, engine->width, sizeof *sums);
    if (sums == NULL) {
        return false;
    }
    engine_add(engine, sums, engine->records[0].sums);
    for (uint32_t i = 0; i < engine->record_count; i++) {
        for (unsigned at = 0; at < engine->width && engine->records[i].scope->tiers != 0; at++) {
            sums[at] -= engine->records[i].sums[at];
        }
    }
    *scope = (struct form_scope){.name = name};
    *rest = (struct record){.scope = scope, .sums = sums};
    return engine_any(engine, sums);
}

/* Once for each tier, or, if there is but one, what stands in place of it all. */
static bool put_each(const struct telling *telling, struct buffer *out)
{
    const struct engine *engine = telling->engine;
    const struct form_each *each = &telling->sentence->each;
    const bool english = engine->input->english;
    bool good = true;
    bool first = true;
    if (count_tiers(engine) < 2) {
        return write_text(telling, text_in(each->alone, english), out);
    }
    good = write_text(telling, text_in(each->begin, english), out);
    for (uint32_t i = 0; good && i < engine->record_count; i++) {
        const struct telling of_tier = {engine, telling->sentence, &engine->records[i]};
        if (engine->records[i].scope->tiers != 0) {
            good = (first || write_text(telling, text_in(each->between, english), out)) &&
                   write_text(&of_tier, text_in(each->text, english), out);
            first = false;
        }
    }
    struct form_scope scope;
    struct record rest;
    if (good && take_rest(engine, &scope, &rest)) {
        const struct telling of_rest = {engine, telling->sentence, &rest};
        good = write_text(telling, text_in(each->between, english), out) &&
               write_text(&of_rest, text_in(each->text, english), out);
    }
    return good && write_text(telling, text_in(each->end, english), out);
}

static bool put_place(void *context, const struct sentence_place *place, struct buffer *out)
{
    const struct telling *telling = context;
    const struct engine *engine = telling->engine;
    const struct engine_input *input = engine->input;
    const struct unit *root = input->scope.rows[0].unit;
    switch (place->kind) {
    case PLACE_FROM:
        put_text(out, engine_day_text(engine, input->days.from));
        return true;
    case PLACE_TO:
        put_text(out, engine_day_text(engine, input->days.to - 1));
        return true;
    case PLACE_UNIT:
        put_text(out, engine->report->unit_name);
        return true;
    case PLACE_AREA:
        put_text(out, area_name(root, input->english));
        return true;
    case PLACE_TIER_COUNT:
        buffer_printf(out, "%u", count_tiers(engine));
        return true;
    case PLACE_SEVERAL:
        return count_tiers(engine) < 2 ||
               write_text(telling, text_in(telling->sentence->several, input->english), out);
    case PLACE_EACH:
        return put_each(telling, out);
    case PLACE_TIER:
        put_text(out, text_in(telling->tier->scope->name, input->english));
        return true;
    case PLACE_LINE:
        put_text(out, "\n");
        return true;
    case PLACE_FIGURE:
        put_figure(telling, place, out);
        return true;
    }
    return false;
}

static bool write_text(const struct telling *telling, const char *sentence, struct buffer *out)
{
    struct telling copy = *telling;
    return sentence_write(telling->engine->input->form, sentence, put_place, &copy, out, NULL);
}

enum status engine_sentence(const struct engine *engine, const struct form_sentence *sentence,
                            char **ret_text)
{
    const struct telling telling = {engine, sentence, NULL};
    const char *text = text_in(sentence->text, engine->input->english);
    struct buffer out;
    buffer_init(&out, SENTENCE_BYTES_MAX);
    enum status status = write_text(&telling, text, &out) ? buffer_status(&out) : STATUS_INVALID;
    if (status == STATUS_OK) {
        *ret_text = arena_string(engine->arena, buffer_slice(&out));
        status = *ret_text != NULL ? STATUS_OK : STATUS_TOO_LARGE;
    }
    buffer_fini(&out);
    return status;
}
