/* SPDX-License-Identifier: Apache-2.0
 *
 * The schema: every key of a form's file with its type and its limits. hoso-form(5) says what each
 * means.
 */
#include "form/form_file_internal.h"

#include "catalogue/catalogue.h"

/* clang-format off */
#define TEXT(key, flags, structure, member, max) \
    CYAML_FIELD_STRING_PTR(key, CYAML_FLAG_POINTER | (flags), structure, member, 0, max)
#define OPTIONAL CYAML_FLAG_OPTIONAL
#define CHOICE(key, flags, structure, member, choices) \
    CYAML_FIELD_ENUM(key, CYAML_FLAG_STRICT | (flags), structure, member, choices, \
                     COUNT_OF(choices))
#define GROUP(key, flags, structure, member, fields) \
    CYAML_FIELD_MAPPING(key, flags, structure, member, fields)
#define LIST(key, flags, member, entry, max) \
    CYAML_FIELD_SEQUENCE_COUNT(key, CYAML_FLAG_POINTER | (flags), struct form_file, member.items, \
                               member.count, entry, 1, max)

const cyaml_strval_t form_file_rows[] = {
    {"units", ROWS_UNITS},         {"fields", ROWS_FIELDS},         {"levels", ROWS_LEVELS},
    {"classes", ROWS_CLASSES},     {"procedures", ROWS_PROCEDURES}, {"tiers", ROWS_TIERS},
    {"lines", ROWS_LINES},
};
const cyaml_strval_t form_file_stubs[] = {
    {"ordinal", STUB_ORDINAL}, {"label", STUB_LABEL}, {"code", STUB_CODE},
    {"field", STUB_FIELD},     {"level", STUB_LEVEL},
};
static const cyaml_strval_t answers[] = {
    {"yes", ANSWER_YES}, {"no", ANSWER_NO}, {"true", ANSWER_YES}, {"false", ANSWER_NO},
};
static const cyaml_strval_t tiers[] = {
    {"nation", 1 << TIER_NATION},     {"ministry", 1 << TIER_MINISTRY},
    {"nation", 1 << TIER_NATION},     {"ministry", 1 << TIER_MINISTRY},
    {"province", 1 << TIER_PROVINCE}, {"department", 1 << TIER_DEPARTMENT},
    {"district", 1 << TIER_DISTRICT}, {"commune", 1 << TIER_COMMUNE},
};

static const cyaml_schema_field_t text_fields[] = {
    TEXT("vi", 0, struct file_text, vi, FORM_SENTENCE_MAX),
    TEXT("en", OPTIONAL, struct file_text, en, FORM_SENTENCE_MAX),
    CYAML_FIELD_END,
};

static const cyaml_schema_value_t caption = {
    CYAML_VALUE_STRING(CYAML_FLAG_POINTER, char, 0, FORM_TEXT_MAX),
};
static const cyaml_schema_field_t caption_fields[] = {
    CYAML_FIELD_SEQUENCE("vi", CYAML_FLAG_POINTER, struct file_captions, vi, &caption, 1,
                         FORM_CAPTIONS_MAX),
    CYAML_FIELD_SEQUENCE("en", CYAML_FLAG_POINTER | OPTIONAL, struct file_captions, en, &caption, 1,
                         FORM_CAPTIONS_MAX),
    CYAML_FIELD_END,
};

static const cyaml_schema_field_t each_fields[] = {
    GROUP("begin", OPTIONAL, struct file_each, begin, text_fields),
    GROUP("text", 0, struct file_each, text, text_fields),
    GROUP("between", OPTIONAL, struct file_each, between, text_fields),
    GROUP("end", OPTIONAL, struct file_each, end, text_fields),
    GROUP("alone", OPTIONAL, struct file_each, alone, text_fields),
    CYAML_FIELD_END,
};

#define ID TEXT("id", 0, struct file_item, id, FORM_ID_MAX)
#define CAPTION(flags) GROUP("caption", flags, struct file_item, caption, caption_fields)
#define LABEL(flags) GROUP("label", flags, struct file_item, label, text_fields)
#define NUMBER TEXT("number", OPTIONAL, struct file_item, number, FORM_ID_MAX)
#define VALUE(flags) TEXT("value", flags, struct file_item, value, FORM_VALUE_MAX)
#define TIERS(flags) CYAML_FIELD_FLAGS("tiers", CYAML_FLAG_STRICT | (flags), struct file_item, \
                                       tiers, tiers, COUNT_OF(tiers))

static const cyaml_schema_field_t stub_fields[] = {
    CHOICE("id", 0, struct file_item, stub, form_file_stubs), CAPTION(0), NUMBER, CYAML_FIELD_END,
};
/* Of a table: value. Of a form made of section lines: name and tiers. */
static const cyaml_schema_field_t column_fields[] = {
    ID, CAPTION(0), LABEL(OPTIONAL), NUMBER, VALUE(OPTIONAL),
    GROUP("name", OPTIONAL, struct file_item, name, text_fields), TIERS(OPTIONAL), CYAML_FIELD_END,
};
static const cyaml_schema_field_t line_fields[] = {
    ID, LABEL(0), VALUE(OPTIONAL),
    CYAML_FIELD_UINT("level", OPTIONAL, struct file_item, level),
    GROUP("sentence", OPTIONAL, struct file_item, sentence, text_fields),
    GROUP("several", OPTIONAL, struct file_item, several, text_fields),
    GROUP("each", OPTIONAL, struct file_item, each, each_fields),
    CHOICE("optional", OPTIONAL, struct file_item, optional, answers), CYAML_FIELD_END,
};
static const cyaml_schema_field_t figure_fields[] = {ID, VALUE(0), CYAML_FIELD_END};
static const cyaml_schema_field_t group_fields[] = {ID, LABEL(0), TIERS(0), CYAML_FIELD_END};
static const cyaml_schema_field_t check_fields[] = {
    ID, VALUE(0), GROUP("text", OPTIONAL, struct file_item, text, text_fields), CYAML_FIELD_END,
};

#define ENTRY(name, fields) \
    static const cyaml_schema_value_t name = { \
        CYAML_VALUE_MAPPING(CYAML_FLAG_DEFAULT, struct file_item, fields)}
ENTRY(stub, stub_fields);
ENTRY(column, column_fields);
ENTRY(line, line_fields);
ENTRY(figure, figure_fields);
ENTRY(group, group_fields);
ENTRY(check, check_fields);
static const cyaml_schema_field_t note_fields[] = {
    TEXT("vi", 0, struct file_note, text.vi, FORM_SENTENCE_MAX),
    TEXT("en", OPTIONAL, struct file_note, text.en, FORM_SENTENCE_MAX),
    GROUP("several", OPTIONAL, struct file_note, several, text_fields),
    GROUP("each", OPTIONAL, struct file_note, each, each_fields), CYAML_FIELD_END,
};
static const cyaml_schema_value_t note = {
    CYAML_VALUE_MAPPING(CYAML_FLAG_DEFAULT, struct file_note, note_fields),
};

static const cyaml_schema_field_t form_fields[] = {
    TEXT("id", 0, struct form_file, id, FORM_ID_MAX),
    CYAML_FIELD_INT("order", OPTIONAL, struct form_file, order),
    GROUP("title", 0, struct form_file, title, text_fields),
    TEXT("legal_basis", OPTIONAL, struct form_file, legal_basis, FORM_TEXT_MAX),
    GROUP("counted_in", OPTIONAL, struct form_file, counted_in, text_fields),
    TEXT("paper", OPTIONAL, struct form_file, paper, FORM_ID_MAX),
    TEXT("valid_from", OPTIONAL, struct form_file, valid_from, FORM_ID_MAX),
    TEXT("valid_to", OPTIONAL, struct form_file, valid_to, FORM_ID_MAX),
    CHOICE("rows", 0, struct form_file, rows, form_file_rows),
    CHOICE("subtotals", OPTIONAL, struct form_file, subtotals, answers),
    CHOICE("measures", OPTIONAL, struct form_file, measures, answers),
    LIST("stub", OPTIONAL, stub, &stub, FORM_STUB_MAX),
    LIST("columns", 0, columns, &column, FORM_FIGURES_MAX),
    LIST("lines", OPTIONAL, lines, &line, FORM_FIGURES_MAX),
    LIST("figures", OPTIONAL, figures, &figure, FORM_FIGURES_MAX),
    LIST("groups", OPTIONAL, groups, &group, FORM_GROUPS_MAX),
    LIST("checks", OPTIONAL, checks, &check, FORM_CHECKS_MAX),
    CYAML_FIELD_SEQUENCE_COUNT("notes", CYAML_FLAG_POINTER | OPTIONAL, struct form_file, notes,
                               note_count, &note, 1, FORM_NOTES_MAX),
    CYAML_FIELD_END,
};
/* clang-format on */

const cyaml_schema_value_t form_file_schema = {
    CYAML_VALUE_MAPPING(CYAML_FLAG_POINTER, struct form_file, form_fields),
};

const char *form_rows_name(enum form_rows rows)
{
    return form_file_rows[rows].str; /* in the enum's order */
}

const char *form_stub_name(enum form_stub_kind kind)
{
    return form_file_stubs[kind].str;
}
