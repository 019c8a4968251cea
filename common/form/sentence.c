/* SPDX-License-Identifier: Apache-2.0
 *
 * One pass over the sentence: text is copied, a place is looked up.
 */
#include "form/sentence.h"

#include <string.h>

static const struct {
    const char *name;
    enum place_kind kind;
} names[] = {
    {"from", PLACE_FROM},
    {"to", PLACE_TO},
    {"unit", PLACE_UNIT},
    {"area", PLACE_AREA},
    {"tier_count", PLACE_TIER_COUNT},
    {"several", PLACE_SEVERAL},
    {"each", PLACE_EACH},
    {"tier", PLACE_TIER},
    {"line", PLACE_LINE},
};

/* Cuts what stands behind the last `mark` off the text, or gives an empty slice. */
static struct slice cut_behind(struct slice *text, char mark)
{
    for (size_t i = text->size; i-- > 0;) {
        if (text->data[i] == (uint8_t)mark) {
            const struct slice behind = slice_of(text->data + i + 1, text->size - i - 1);
            text->size = i;
            return behind;
        }
    }
    return slice_of(text->data, 0);
}

static bool parse_figure(const struct form *form, struct slice name, struct sentence_place *place)
{
    struct slice id = name;
    struct slice last = cut_behind(&id, '.');
    if (last.size == 1 && (last.data[0] == 'n' || last.data[0] == 'd')) {
        place->part = (char)last.data[0];
        last = cut_behind(&id, '.');
    }
    if (last.size != 0) {
        const struct form_scope *scope = form_scope_find(form, last);
        if (scope == NULL) {
            return false;
        }
        place->scope = (int)(scope - form->scopes);
    }
    const struct form_figure *figure = form_figure_find(form, id);
    if (figure == NULL || figure->value.count == 0 ||
        (place->part != 0 && figure->under.count == 0)) {
        return false;
    }
    place->kind = PLACE_FIGURE;
    place->figure = (unsigned)(figure - form->figures);
    return true;
}

static bool parse_place(const struct form *form, struct slice inside, struct sentence_place *place)
{
    *place = (struct sentence_place){.scope = -1};
    if (memchr(inside.data, '|', inside.size) != NULL) {
        const struct slice digits = cut_behind(&inside, '|');
        if (digits.size != 1 || digits.data[0] < '1' || digits.data[0] > '9') {
            return false;
        }
        place->digits = (unsigned)(digits.data[0] - '0');
    }
    for (unsigned i = 0; i < COUNT_OF(names); i++) {
        if (slice_equal(slice_text(names[i].name), inside)) {
            place->kind = names[i].kind;
            return true;
        }
    }
    return parse_figure(form, inside, place);
}

bool sentence_write(const struct form *form, const char *sentence, sentence_put *put, void *context,
                    struct buffer *out, struct slice *ret_bad)
{
    while (*sentence != '\0') {
        const size_t plain = strcspn(sentence, "{");
        buffer_put(out, sentence, plain);
        sentence += plain;
        if (*sentence == '{') {
            const size_t size = strcspn(sentence + 1, "}");
            struct sentence_place place;
            const struct slice inside = slice_of(sentence + 1, size);
            if (sentence[size + 1] != '}' || !parse_place(form, inside, &place) ||
                !put(context, &place, out)) {
                if (ret_bad != NULL) {
                    *ret_bad = slice_of(sentence, size + 1 + (sentence[size + 1] == '}'));
                }
                return false;
            }
            sentence += size + 2;
        }
    }
    return true;
}
