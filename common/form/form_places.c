/* SPDX-License-Identifier: Apache-2.0
 *
 * libcyaml forgets where values stood, so the file is kept as libyaml's document, too, and looked
 * at when something is wrong.
 */
#include "form/form_places_internal.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { FORM_LINE_MAX = 4096, FORM_BRACKETS_MAX = 64 };

static enum status fault_at(struct form_fault *fault, size_t line, const char *text)
{
    fault->line = (unsigned)line;
    (void)snprintf(fault->text, sizeof fault->text, "%s", text);
    return STATUS_INVALID;
}

static enum status syntax_fault(const yaml_parser_t *parser, struct form_fault *fault)
{
    char text[ERROR_TEXT_MAX];
    (void)snprintf(text, sizeof text, "not YAML: %s%s%s; look at indentation, quotes and colons",
                   parser->problem != NULL ? parser->problem : "it cannot be read",
                   parser->context != NULL ? " " : "",
                   parser->context != NULL ? parser->context : "");
    const size_t line =
        parser->problem_mark.line != 0 ? parser->problem_mark.line : parser->context_mark.line;
    return fault_at(fault, line + 1, text);
}

/* libyaml takes a time that grows with the square of the depth, and no form is deep. */
static enum status check_depth(struct slice text, struct form_fault *fault)
{
    unsigned open = 0;
    size_t line = 1;
    size_t width = 0;
    for (size_t i = 0; i < text.size; i++) {
        const char c = (char)text.data[i];
        width = c == '\n' ? 0 : width + 1;
        line += c == '\n';
        open += c == '[' || c == '{';
        open -= (c == ']' || c == '}') && open != 0;
        if (width > FORM_LINE_MAX) {
            return fault_at(fault, line, "the line is longer than 4,096 bytes: break it");
        }
        if (open > FORM_BRACKETS_MAX) {
            return fault_at(fault, line, "more than 64 brackets are open here: close them");
        }
    }
    return STATUS_OK;
}

enum status form_places_open(struct slice text, struct form_places *places,
                             struct form_fault *fault)
{
    yaml_parser_t parser;
    yaml_document_t next;
    if (check_depth(text, fault) != STATUS_OK) {
        return STATUS_INVALID;
    }
    if (!yaml_parser_initialize(&parser)) {
        return fault_at(fault, 0, "out of memory");
    }
    yaml_parser_set_input_string(&parser, text.data, text.size);
    enum status status = STATUS_OK;
    if (!yaml_parser_load(&parser, &places->document)) {
        status = syntax_fault(&parser, fault);
    } else if (yaml_document_get_root_node(&places->document) == NULL) {
        yaml_document_delete(&places->document);
        status =
            fault_at(fault, 1, "there is nothing in it: a form begins with id, title and rows");
    } else if (!yaml_parser_load(&parser, &next)) {
        yaml_document_delete(&places->document);
        status = syntax_fault(&parser, fault);
    } else {
        if (yaml_document_get_root_node(&next) != NULL) {
            const size_t line = yaml_document_get_root_node(&next)->start_mark.line;
            yaml_document_delete(&places->document);
            status = fault_at(fault, line + 1,
                              "a second document begins: one file is one form, so leave out ---");
        }
        yaml_document_delete(&next);
    }
    yaml_parser_delete(&parser);
    return status;
}

void form_places_close(struct form_places *places)
{
    yaml_document_delete(&places->document);
}

/* The value of a key: of the last, where it stands twice. */
static yaml_node_t *member(struct form_places *places, yaml_node_t *node, const char *name,
                           size_t size)
{
    yaml_node_t *found = NULL;
    if (node->type != YAML_MAPPING_NODE) {
        return NULL;
    }
    for (yaml_node_pair_t *pair = node->data.mapping.pairs.start;
         pair < node->data.mapping.pairs.top; pair++) {
        const yaml_node_t *key = yaml_document_get_node(&places->document, pair->key);
        if (key != NULL && key->type == YAML_SCALAR_NODE && key->data.scalar.length == size &&
            memcmp(key->data.scalar.value, name, size) == 0) {
            found = yaml_document_get_node(&places->document, pair->value);
        }
    }
    return found;
}

static yaml_node_t *entry(struct form_places *places, yaml_node_t *node, unsigned long index)
{
    if (node->type != YAML_SEQUENCE_NODE) {
        return NULL;
    }
    const yaml_node_item_t *item = node->data.sequence.items.start + index;
    return item < node->data.sequence.items.top ? yaml_document_get_node(&places->document, *item)
                                                : NULL;
}

unsigned form_places_line(struct form_places *places, const char *path)
{
    yaml_node_t *node = yaml_document_get_root_node(&places->document);
    size_t line = 0;
    while (node != NULL) {
        line = node->start_mark.line;
        if (*path == '\0') {
            break;
        }
        if (*path == '[') {
            char *end = NULL;
            node = entry(places, node, strtoul(path + 1, &end, 10));
            path = end + (*end == ']');
        } else {
            path += *path == '.';
            const size_t size = strcspn(path, ".[");
            node = member(places, node, path, size);
            path += size;
        }
    }
    return (unsigned)line + 1;
}
