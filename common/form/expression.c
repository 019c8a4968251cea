/* SPDX-License-Identifier: Apache-2.0
 *
 * Recursive descent over the text. What a figure's id stands for is parsed in place, so a value
 * ends as one flat sum; equal addends are merged as they come.
 */
#include "form/expression.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "form/measure_set_internal.h"

enum { DEPTH_MAX = 16, STEPS_MAX = 4096, COEFFICIENT_MAX = 1000 };

struct sum {
    struct term *terms; /* FORM_TERMS_MAX */
    unsigned count;
};

struct parser {
    const char *at;
    struct slice self; /* the figure whose value is being parsed */
    expression_source *source;
    void *context;
    struct expression_fault *fault;
    unsigned depth; /* of figures that stand for figures */
    unsigned *steps;
};

__attribute__((format(printf, 2, 3))) static bool fail(struct parser *parser, const char *format,
                                                       ...)
{
    va_list arguments;
    va_start(arguments, format);
    (void)vsnprintf(parser->fault->text, sizeof parser->fault->text, format, arguments);
    va_end(arguments);
    return false;
}

static void skip_space(struct parser *parser)
{
    parser->at += strspn(parser->at, " \t\r\n");
}

/* Takes the character if it comes next. */
static bool take(struct parser *parser, char wanted)
{
    skip_space(parser);
    if (*parser->at != wanted) {
        return false;
    }
    parser->at++;
    return true;
}

static bool expect(struct parser *parser, char wanted, const char *where)
{
    if (take(parser, wanted)) {
        return true;
    }
    return *parser->at == '\0'
               ? fail(parser, "it ends where \"%c\" should stand, %s", wanted, where)
               : fail(parser, "\"%c\" is missing %s, before \"%.40s\"", wanted, where, parser->at);
}

static bool is_name(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

static struct slice take_name(struct parser *parser)
{
    skip_space(parser);
    const char *begin = parser->at;
    while (is_name(*parser->at)) {
        parser->at++;
    }
    return slice_of(begin, (size_t)(parser->at - begin));
}

static bool unknown_name(struct parser *parser, struct slice name)
{
    const char *nearest = measure_set_nearest(name);
    return fail(
        parser,
        "\"%.*s\" is no measure and no figure of this form%s%s%s: `hoso form show thong-ke` "
        "lists the measures",
        SLICE_ARG(name), nearest != NULL ? "; did you mean \"" : "", nearest != NULL ? nearest : "",
        nearest != NULL ? "\"?" : "");
}

static bool add_term(struct parser *parser, struct sum *sum, const struct term *term)
{
    unsigned i = 0;
    while (i < sum->count &&
           (sum->terms[i].measure != term->measure || sum->terms[i].side != term->side ||
            sum->terms[i].slots != term->slots || sum->terms[i].days != term->days)) {
        i++;
    }
    if (i == FORM_TERMS_MAX) {
        return fail(parser, "it adds up more than %d measures: make two figures of it",
                    FORM_TERMS_MAX);
    }
    if (i == sum->count) {
        sum->terms[sum->count++] = *term;
        return true;
    }
    const int together = sum->terms[i].coefficient + term->coefficient;
    if (together > COEFFICIENT_MAX || together < -COEFFICIENT_MAX) {
        return fail(parser, "a measure is taken more than %d times", COEFFICIENT_MAX);
    }
    sum->terms[i].coefficient = (int16_t)together;
    if (together == 0) {
        sum->terms[i] = sum->terms[--sum->count];
    }
    return true;
}

static bool add_measures(struct parser *parser, struct sum *sum, uint64_t measures,
                         struct term term)
{
    for (unsigned measure = 0; measure < MEASURE_COUNT; measure++) {
        term.measure = (uint8_t)measure;
        if ((measures >> measure & 1U) != 0 && !add_term(parser, sum, &term)) {
            return false;
        }
    }
    return true;
}

static bool parse_slot(struct parser *parser, unsigned *kinds, enum slot_kind kind_before,
                       uint32_t *ret_slots, enum slot_kind *ret_kind)
{
    const struct slice name = take_name(parser);
    const struct slot_name *found = slot_name_find(name);
    if (found == NULL) {
        return fail(parser,
                    "\"%.*s\" cannot stand in brackets: there are online, direct, postal; full, "
                    "partial, not_online; of petitions administrative, business",
                    SLICE_ARG(name));
    }
    if (kind_before != SLOT_KINDS && found->kind != kind_before) {
        return fail(parser,
                    "\"%.*s\" is of another kind than what stands before |: separate kinds with a "
                    "comma, [online, full|partial]",
                    SLICE_ARG(name));
    }
    if (kind_before == SLOT_KINDS && (*kinds >> found->kind & 1U) != 0) {
        return fail(parser, "\"%.*s\": join names of one kind with |, as in [direct|postal]",
                    SLICE_ARG(name));
    }
    *kinds |= 1U << found->kind;
    *ret_kind = found->kind;
    *ret_slots = slot_name_slots(found);
    return true;
}

/* Behind a measure's name: [online, full|partial], or nothing = all. */
static bool parse_slots(struct parser *parser, const struct measure_set *set, uint16_t *ret_slots)
{
    uint32_t slots = SLOTS_ALL;
    unsigned kinds = 0;
    *ret_slots = SLOTS_ALL;
    if (!take(parser, '[')) {
        return true;
    }
    do {
        uint32_t part = 0;
        enum slot_kind kind = SLOT_KINDS;
        do {
            uint32_t one = 0;
            if (!parse_slot(parser, &kinds, kind, &one, &kind)) {
                return false;
            }
            part |= one;
        } while (take(parser, '|'));
        slots &= part;
    } while (take(parser, ','));
    if (set->petition != ((kinds >> SLOT_CLASS & 1U) != 0)) {
        return fail(parser, set->petition ? "petitions have classes: [administrative] or [business]"
                                          : "only petitions have classes");
    }
    *ret_slots = (uint16_t)slots;
    return expect(parser, ']', "behind the names in brackets");
}

static bool parse_days(struct parser *parser, uint16_t *ret_days)
{
    char *end = NULL;
    if (!expect(parser, '+', "behind the comma: close(…, +3)")) {
        return false;
    }
    skip_space(parser);
    const unsigned long days = strtoul(parser->at, &end, 10);
    if (end == parser->at || days == 0 || days > FORM_DAYS_MAX) {
        return fail(parser, "behind + stands a number of days from 1 to %d", FORM_DAYS_MAX);
    }
    parser->at = end;
    *ret_days = (uint16_t)days;
    return true;
}

/* open( or close( was read. */
static bool parse_stock(struct parser *parser, enum side side, int coefficient, struct sum *sum)
{
    struct term term = {.side = (uint8_t)side, .coefficient = (int16_t)coefficient};
    const char *side_name = side == SIDE_OPEN ? "open" : "close";
    const struct slice name = take_name(parser);
    struct measure_set set;
    if (!measure_set_find(name, &set)) {
        return unknown_name(parser, name);
    }
    if (!set.stock) {
        return fail(parser, "\"%.*s\" is counted in the period: write it without %s( )",
                    SLICE_ARG(name), side_name);
    }
    return parse_slots(parser, &set, &term.slots) &&
           (side == SIDE_OPEN || !take(parser, ',') || parse_days(parser, &term.days)) &&
           expect(parser, ')', side == SIDE_OPEN ? "behind open(…" : "behind close(…") &&
           add_measures(parser, sum, set.measures, term);
}

static bool parse_value(struct parser *parser, int coefficient, struct sum *value,
                        struct sum *under);

static bool parse_figure(struct parser *parser, struct slice id, const char *source,
                         int coefficient, struct sum *sum)
{
    struct parser inner = *parser;
    struct term ignored[FORM_TERMS_MAX];
    struct sum under = {ignored, 0};
    inner.at = source;
    inner.self = id;
    inner.depth++;
    if (inner.depth > DEPTH_MAX) {
        return fail(parser, "\"%.*s\" stands for itself, or over more than %d other figures",
                    SLICE_ARG(id), DEPTH_MAX);
    }
    if (!parse_value(&inner, coefficient, sum, &under)) {
        return false;
    }
    return under.count == 0 || fail(parser,
                                    "\"%.*s\" is a ratio: ratios are not added up; use what it "
                                    "divides",
                                    SLICE_ARG(id));
}

static bool parse_what(struct parser *parser, int coefficient, struct sum *sum)
{
    const struct slice name = take_name(parser);
    const bool open = slice_equal(name, slice_text("open"));
    if (name.size == 0) {
        return *parser->at == '\0'
                   ? fail(parser, "it ends where a measure or a figure's id should stand")
                   : fail(parser, "a measure or a figure's id should stand before \"%.40s\"",
                          parser->at);
    }
    if ((open || slice_equal(name, slice_text("close"))) && take(parser, '(')) {
        return parse_stock(parser, open ? SIDE_OPEN : SIDE_CLOSE, coefficient, sum);
    }
    const char *source = parser->source != NULL && !slice_equal(name, parser->self)
                             ? parser->source(parser->context, name)
                             : NULL;
    skip_space(parser);
    if (source != NULL && *parser->at != '[') {
        return parse_figure(parser, name, source, coefficient, sum);
    }
    struct measure_set set;
    struct term term = {.side = SIDE_FLOW, .coefficient = (int16_t)coefficient};
    if (!measure_set_find(name, &set)) {
        return slice_equal(name, parser->self)
                   ? fail(parser, "\"%.*s\" stands for itself", SLICE_ARG(name))
                   : unknown_name(parser, name);
    }
    if (set.stock) {
        return fail(parser,
                    "\"%.*s\" is what there is at a moment: write open(%.*s) or close(%.*s)",
                    SLICE_ARG(name), SLICE_ARG(name), SLICE_ARG(name));
    }
    return parse_slots(parser, &set, &term.slots) && add_measures(parser, sum, set.measures, term);
}

static bool parse_item(struct parser *parser, int sign, struct sum *sum)
{
    skip_space(parser);
    if (++*parser->steps > STEPS_MAX) {
        return fail(parser, "it stands for more than %d items: make it simpler", STEPS_MAX);
    }
    if (*parser->at < '0' || *parser->at > '9') {
        return parse_what(parser, sign, sum);
    }
    char *end = NULL;
    const unsigned long times = strtoul(parser->at, &end, 10);
    parser->at = end;
    if (!take(parser, '*')) {
        return fail(parser,
                    "a number alone cannot be added up over units: write it as \"%lu * "
                    "received\"",
                    times);
    }
    const long coefficient = sign * (long)(times <= COEFFICIENT_MAX ? times : 0);
    if (coefficient == 0 || labs(coefficient) > COEFFICIENT_MAX) {
        return fail(parser, "before * stands a number from 1 to %d", COEFFICIENT_MAX);
    }
    return parse_what(parser, (int)coefficient, sum);
}

static bool parse_sum(struct parser *parser, int coefficient, struct sum *sum, unsigned *ret_items)
{
    int sign = take(parser, '-') ? -1 : 1;
    *ret_items = 0;
    for (;;) {
        if (!parse_item(parser, sign * coefficient, sum)) {
            return false;
        }
        *ret_items += 1;
        if (take(parser, '+')) {
            sign = 1;
        } else if (take(parser, '-')) {
            sign = -1;
        } else {
            return true;
        }
    }
}

/* One side of a ratio, or all of a count. */
static bool parse_part(struct parser *parser, int coefficient, struct sum *sum, bool *ret_simple)
{
    unsigned items = 0;
    const bool bracket = take(parser, '(');
    if (!parse_sum(parser, coefficient, sum, &items)) {
        return false;
    }
    *ret_simple = bracket || items == 1;
    return !bracket || expect(parser, ')', "behind the sum in brackets");
}

static bool parse_value(struct parser *parser, int coefficient, struct sum *value,
                        struct sum *under)
{
    bool simple = false;
    if (!parse_part(parser, coefficient, value, &simple)) {
        return false;
    }
    if (take(parser, '/')) {
        bool simple_under = false;
        if (!parse_part(parser, 1, under, &simple_under)) {
            return false;
        }
        if (!simple || !simple_under) {
            return fail(parser, "which sum is divided? Put brackets around it: (a + b) / c");
        }
        if (under->count == 0) {
            return fail(parser, "what it is divided by is always 0");
        }
    }
    skip_space(parser);
    return *parser->at == '\0' ||
           fail(parser,
                "\"%.40s\" cannot stand there: items are joined with + or -, and / stands "
                "once",
                parser->at);
}

enum status expression_parse(const char *text, const char *self, expression_source *source,
                             void *context, struct parsed_value *ret_value,
                             struct expression_fault *fault)
{
    unsigned steps = 0;
    struct parser parser = {.at = text,
                            .self = slice_text(self),
                            .source = source,
                            .context = context,
                            .fault = fault,
                            .steps = &steps};
    struct sum value = {ret_value->value, 0};
    struct sum under = {ret_value->under, 0};
    if (!parse_value(&parser, 1, &value, &under)) {
        return STATUS_INVALID;
    }
    ret_value->value_count = value.count;
    ret_value->under_count = under.count;
    if (value.count == 0) {
        (void)fail(&parser, "its items cancel out: it is always 0");
        return STATUS_INVALID;
    }
    return STATUS_OK;
}

enum status expression_parse_check(const char *text, expression_figure *find, void *context,
                                   struct form_check *check, struct expression_fault *fault)
{
    struct parser parser = {.at = text, .fault = fault};
    int side = 1;
    bool equals = false;
    check->count = 0;
    for (int sign = 1;;) {
        const struct slice id = take_name(&parser);
        const int figure = find(context, id);
        if (id.size == 0 || figure < 0) {
            (void)fail(&parser,
                       "\"%.*s\" is no figure of this form: a check is written as a = b + c",
                       SLICE_ARG(id));
            return STATUS_INVALID;
        }
        if (check->count == COUNT_OF(check->terms)) {
            (void)fail(&parser, "it compares more than %zu figures", COUNT_OF(check->terms));
            return STATUS_INVALID;
        }
        check->terms[check->count++] =
            (struct form_check_term){(uint16_t)figure, (int16_t)(side * sign)};
        if (take(&parser, '+')) {
            sign = 1;
        } else if (take(&parser, '-')) {
            sign = -1;
        } else if (!equals && take(&parser, '=')) {
            equals = true;
            side = -1;
            sign = 1;
        } else {
            break;
        }
    }
    skip_space(&parser);
    if (!equals || *parser.at != '\0') {
        (void)fail(&parser, equals ? "\"%.40s\" cannot stand there" : "= is missing%.0s",
                   parser.at);
        return STATUS_INVALID;
    }
    return STATUS_OK;
}
