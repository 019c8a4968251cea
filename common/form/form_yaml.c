/* SPDX-License-Identifier: Apache-2.0
 *
 * libcyaml reports a failure by a code, by one line of log that names the word, and by a trace of
 * lines from the inside to the outside. From the trace comes the path, from the path the schema of
 * the place, and so what could stand there.
 */
#include "form/form_yaml_internal.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"

enum { CHOICES_TEXT_MAX = 320 };

/* What was logged of the failure. */
struct trace {
    char word[96];            /* behind the last colon of the message */
    char path[FORM_PATH_MAX]; /* outermost first */
    unsigned line;            /* of the innermost */
    bool in_trace;
    bool field_innermost; /* the path ends with a field that was seen, not with an entry */
};

static void put_before(struct trace *trace, const char *part)
{
    char path[FORM_PATH_MAX];
    const char *dot = trace->path[0] != '\0' && trace->path[0] != '[' ? "." : "";
    const int size = snprintf(path, sizeof path, "%s%s%s", part, dot, trace->path);
    if (size > 0 && (size_t)size < sizeof path) {
        memcpy(trace->path, path, (size_t)size + 1);
    }
}

static void take_frame(struct trace *trace, const char *line)
{
    char part[FORM_PATH_MAX];
    const char *name = strchr(line, '\'');
    const size_t size = name != NULL ? strcspn(name + 1, "'") : 0;
    const char *at = strstr(line, "(line: ");
    if (trace->line == 0 && at != NULL) {
        trace->line = (unsigned)strtoul(at + strlen("(line: "), NULL, 10);
    }
    if (name == NULL) {
        return; /* of a mapping, before its first field */
    }
    if (strstr(line, "sequence entry") != NULL) {
        const unsigned long number = strtoul(name + 1, NULL, 10);
        (void)snprintf(part, sizeof part, "[%lu]", number != 0 ? number - 1 : 0);
    } else {
        trace->field_innermost = trace->field_innermost || trace->path[0] == '\0';
        (void)snprintf(part, sizeof part, "%.*s", (int)size, name + 1);
    }
    put_before(trace, part);
}

static void listen(cyaml_log_t level, void *context, const char *format, va_list arguments)
{
    struct trace *trace = context;
    char line[ERROR_TEXT_MAX];
    if (level != CYAML_LOG_ERROR) {
        return;
    }
    (void)vsnprintf(line, sizeof line, format, arguments);
    line[strcspn(line, "\n")] = '\0';
    if (strstr(line, "Backtrace") != NULL) {
        trace->in_trace = true;
    } else if (trace->in_trace) {
        take_frame(trace, line);
    } else {
        const char *colon = strrchr(line, ':');
        const char *word = colon != NULL ? colon + 1 + strspn(colon + 1, " '") : "";
        (void)snprintf(trace->word, sizeof trace->word, "%.*s", (int)strcspn(word, "'"), word);
    }
}

static const cyaml_schema_field_t *find_field(const cyaml_schema_field_t *fields, const char *name,
                                              size_t size)
{
    while (fields->key != NULL &&
           (strlen(fields->key) != size || memcmp(fields->key, name, size) != 0)) {
        fields++;
    }
    return fields->key != NULL ? fields : NULL;
}

/* The schema of what stands at the path, or NULL. */
static const cyaml_schema_value_t *schema_at(const char *path)
{
    const cyaml_schema_value_t *at = &form_file_schema;
    while (at != NULL && *path != '\0') {
        if (*path == '[') {
            at = at->type == CYAML_SEQUENCE ? at->sequence.entry : at;
            path += strcspn(path, "]");
            path += *path == ']';
        } else {
            path += *path == '.';
            const size_t size = strcspn(path, ".[");
            const cyaml_schema_field_t *field =
                at->type == CYAML_MAPPING ? find_field(at->mapping.fields, path, size) : NULL;
            at = field != NULL ? &field->value : NULL;
            path += size;
        }
    }
    return at;
}

/* What could stand there, with ", " between, and the one most like what does. */
struct choices {
    char text[CHOICES_TEXT_MAX];
    const char *word;
    struct text_guess guess;
};

static void add_choice(struct choices *choices, const char *name)
{
    const size_t used = strlen(choices->text);
    (void)snprintf(choices->text + used, sizeof choices->text - used, "%s%s", used != 0 ? ", " : "",
                   name);
    text_guess_try(&choices->guess, name);
}

static struct choices choices_of(const cyaml_schema_value_t *schema, const char *word)
{
    struct choices choices = {.word = word, .guess = text_guess_of(slice_text(word))};
    if (schema == NULL) {
        return choices;
    }
    if (schema->type == CYAML_MAPPING) {
        for (const cyaml_schema_field_t *field = schema->mapping.fields; field->key != NULL;
             field++) {
            add_choice(&choices, field->key);
        }
    } else if (schema->type == CYAML_ENUM || schema->type == CYAML_FLAGS) {
        for (uint32_t i = 0; i < schema->enumeration.count; i++) {
            add_choice(&choices, schema->enumeration.strings[i].str);
        }
    }
    return choices;
}

/* "columns[3]: …": where it is, and what is wrong there. */
__attribute__((format(printf, 3, 4))) static void
explain_at(struct form_fault *fault, const char *path, const char *format, ...)
{
    va_list arguments;
    const int size =
        snprintf(fault->text, sizeof fault->text, "%.140s%s", path, path[0] != '\0' ? ": " : "");
    va_start(arguments, format);
    (void)vsnprintf(fault->text + size, sizeof fault->text - (size_t)size, format, arguments);
    va_end(arguments);
}

/* "; did you mean …?", or "". */
static const char *guess_text(const struct choices *choices, char text[FORM_PATH_MAX])
{
    text[0] = '\0';
    if (choices->guess.nearest != NULL) {
        (void)snprintf(text, FORM_PATH_MAX, "; did you mean \"%s\"?", choices->guess.nearest);
    }
    return text;
}

static void explain_value(struct form_fault *fault, const struct trace *trace,
                          const cyaml_schema_value_t *schema)
{
    const struct choices choices = choices_of(schema, trace->word);
    char guess[FORM_PATH_MAX];
    switch (schema != NULL ? (int)schema->type : -1) {
    case CYAML_ENUM:
    case CYAML_FLAGS:
        explain_at(fault, trace->path, "there is no value \"%s\"%s; there are %s", trace->word,
                   guess_text(&choices, guess), choices.text);
        break;
    case CYAML_STRING:
        explain_at(fault, trace->path, "a text is needed here, not \"%s\"", trace->word);
        break;
    case CYAML_INT:
    case CYAML_UINT:
        explain_at(fault, trace->path, "a whole number from 0 on is needed here, not \"%s\"",
                   trace->word);
        break;
    case CYAML_SEQUENCE:
        explain_at(fault, trace->path,
                   "a list, [a, b] or lines that begin with -, is needed here, not \"%s\"",
                   trace->word);
        break;
    case CYAML_MAPPING:
        explain_at(fault, trace->path, "keys with values are needed here: %s", choices.text);
        break;
    default:
        explain_at(fault, trace->path, "another value is needed here, not \"%s\"", trace->word);
        break;
    }
}

/* "columns[0].value" → "columns[0]" */
static void drop_last(char *path)
{
    char *dot = strrchr(path, '.');
    if (dot != NULL) {
        *dot = '\0';
    } else {
        path[0] = '\0';
    }
}

static void explain(cyaml_err_t error, struct trace *trace, struct form_places *places,
                    struct form_fault *fault)
{
    const cyaml_schema_value_t *schema = schema_at(trace->path);
    char whole[2 * FORM_PATH_MAX];
    char guess[FORM_PATH_MAX];
    (void)snprintf(whole, sizeof whole, "%s", trace->path);
    switch (error) {
    case CYAML_ERR_INVALID_KEY:
        if (trace->field_innermost) {
            drop_last(trace->path);
            schema = schema_at(trace->path);
        }
        const struct choices choices = choices_of(schema, trace->word);
        explain_at(fault, trace->path, "there is no key \"%s\"%s; there are %s", trace->word,
                   guess_text(&choices, guess), choices.text);
        (void)snprintf(whole, sizeof whole, "%s%s%s", trace->path,
                       trace->path[0] != '\0' ? "." : "", trace->word);
        break;
    case CYAML_ERR_MAPPING_FIELD_MISSING:
        if (trace->field_innermost) {
            drop_last(trace->path);
        }
        explain_at(fault, trace->path, "the key \"%s\" is missing: add it", trace->word);
        (void)snprintf(whole, sizeof whole, "%s", trace->path);
        break;
    case CYAML_ERR_UNEXPECTED_EVENT:
        explain_at(fault, trace->path, "it stands here twice: keep one of them");
        break;
    case CYAML_ERR_ALIAS:
        explain_at(fault, trace->path,
                   "anchors and aliases (& and *) are not read: write the value out");
        break;
    case CYAML_ERR_STRING_LENGTH_MAX:
        explain_at(fault, trace->path, "at most %u bytes: make it shorter",
                   schema != NULL ? schema->string.max : 0);
        break;
    case CYAML_ERR_SEQUENCE_ENTRIES_MIN:
    case CYAML_ERR_SEQUENCE_ENTRIES_MAX:
        if (strrchr(whole, '[') != NULL) {
            *strrchr(whole, '[') = '\0'; /* the entry where it was noticed */
        }
        explain_at(fault, whole,
                   error == CYAML_ERR_SEQUENCE_ENTRIES_MIN
                       ? "the list is empty: leave the key out, or give an entry"
                       : "the list has too many entries: make it shorter");
        break;
    case CYAML_ERR_INVALID_VALUE:
        explain_value(fault, trace, schema);
        break;
    default:
        explain_at(fault, trace->path, "%s", cyaml_strerror(error));
        break;
    }
    /* An alias has the place of what it stands for. */
    fault->line = error == CYAML_ERR_ALIAS ? trace->line : form_places_line(places, whole);
}

static const cyaml_config_t *config_of(struct trace *trace, cyaml_config_t *config)
{
    *config = (cyaml_config_t){.log_fn = listen,
                               .log_ctx = trace,
                               .log_level = CYAML_LOG_ERROR,
                               .mem_fn = cyaml_mem,
                               .flags = CYAML_CFG_NO_ALIAS};
    return config;
}

enum status form_yaml_load(struct slice text, struct form_places *places,
                           struct form_file **ret_file, struct form_fault *fault)
{
    struct trace trace = {.in_trace = false};
    cyaml_config_t config;
    cyaml_data_t *data = NULL;
    const cyaml_err_t error = cyaml_load_data(text.data, text.size, config_of(&trace, &config),
                                              &form_file_schema, &data, NULL);
    if (error != CYAML_OK) {
        explain(error, &trace, places, fault);
        return STATUS_INVALID;
    }
    *ret_file = data;
    return STATUS_OK;
}

void form_yaml_free(struct form_file *file)
{
    struct trace trace = {.in_trace = false};
    cyaml_config_t config;
    (void)cyaml_free(config_of(&trace, &config), &form_file_schema, file, 0);
}
