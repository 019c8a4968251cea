/* SPDX-License-Identifier: Apache-2.0
 *
 * A paragraph's text is what its runs say one after the other (w:t elements). Fields are looked for
 * in the whole of it; a value goes to the run in which its field begins, and takes that run's
 * formatting.
 */
#include "render/docx/docx_internal.h"

#include <limits.h>
#include <libxml/parser.h>
#include <libxml/tree.h>
#include <string.h>

enum { PIECES_MAX = 4096, TEXT_BYTES_MAX = 256 << 10, REPEATS_MAX = 100000 };

#define WORD "http://schemas.openxmlformats.org/wordprocessingml/2006/main"

/* The w:t elements of a paragraph; the text of piece i ends at ends[i]. */
struct paragraph {
    xmlNode *pieces[PIECES_MAX];
    size_t ends[PIECES_MAX];
    unsigned count;
    struct buffer text;
};

struct docx_part {
    const char *name;
    const struct docx_source *source;
    struct error *error;
    struct paragraph *paragraph;
    struct buffer value; /* a piece's new text */
};

static bool is(const xmlNode *node, const char *name)
{
    return node->type == XML_ELEMENT_NODE && strcmp((const char *)node->name, name) == 0 &&
           node->ns != NULL && strcmp((const char *)node->ns->href, WORD) == 0;
}

/* In the order of the document, without paragraphs inside of the paragraph (text boxes). */
static void gather(struct paragraph *paragraph, const xmlNode *parent)
{
    for (xmlNode *node = parent->children; node != NULL; node = node->next) {
        if (is(node, "t") && paragraph->count < PIECES_MAX) {
            xmlChar *text = xmlNodeGetContent(node);
            if (text != NULL) {
                buffer_put(&paragraph->text, text, strlen((const char *)text));
            }
            xmlFree(text);
            paragraph->pieces[paragraph->count] = node;
            paragraph->ends[paragraph->count++] = paragraph->text.size;
        } else if (!is(node, "p")) {
            gather(paragraph, node);
        }
    }
}

static enum status read_paragraph(struct docx_part *part, const xmlNode *node)
{
    struct paragraph *paragraph = part->paragraph;
    paragraph->count = 0;
    buffer_clear(&paragraph->text);
    gather(paragraph, node);
    if (buffer_status(&paragraph->text) != STATUS_OK || paragraph->count == PIECES_MAX) {
        return error_set(part->error, STATUS_TOO_LARGE,
                         "%s: a paragraph has over %d KiB of text or %d runs", part->name,
                         TEXT_BYTES_MAX >> 10, PIECES_MAX);
    }
    return STATUS_OK;
}

#define UNCLOSED SIZE_MAX

static bool is_name(uint8_t byte)
{
    return (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') ||
           (byte >= '0' && byte <= '9') || (byte != '\0' && strchr("._-|", byte) != NULL);
}

/* The first field that begins in [*at, until): its name, and *at where it begins. Returns its end;
 * 0 = none; UNCLOSED = no } stands behind its name. */
static size_t next_field(struct slice text, size_t *at, size_t until, char name[DOCX_FIELD_MAX + 1])
{
    for (size_t begin = *at; begin < until; begin++) {
        size_t size = 0;
        if (text.data[begin] != '{') {
            continue;
        }
        while (begin + 1 + size < text.size && size < DOCX_FIELD_MAX &&
               is_name(text.data[begin + 1 + size])) {
            name[size] = (char)text.data[begin + 1 + size];
            size++;
        }
        if (size != 0) {
            const size_t end = begin + 1 + size;
            name[size] = '\0';
            *at = begin;
            return end < text.size && text.data[end] == '}' ? end + 1 : UNCLOSED;
        }
    }
    return 0;
}

/* How often the paragraphs below the node want it, those of inner tables aside; DOCX_ONCE = no
 * field says so. */
static enum status count_repeats(struct docx_part *part, xmlNode *node, long *repeats)
{
    enum status status = STATUS_OK;
    if (is(node, "p")) {
        char name[DOCX_FIELD_MAX + 1];
        size_t at = 0;
        size_t end;
        status = read_paragraph(part, node);
        const struct slice text = buffer_slice(&part->paragraph->text);
        while (status == STATUS_OK && *repeats == DOCX_ONCE &&
               (end = next_field(text, &at, text.size, name)) != 0 && end != UNCLOSED) {
            *repeats = part->source->repeats(part->source->context, name);
            at = end;
        }
        return status;
    }
    for (xmlNode *child = node->children; child != NULL && status == STATUS_OK;
         child = child->next) {
        if (!is(child, "tbl")) {
            status = count_repeats(part, child, repeats);
        }
    }
    return status;
}

static bool set_text(xmlNode *node, struct slice text)
{
    if (text.size > INT_MAX) {
        return false;
    }
    xmlNode *content = xmlNewTextLen(text.data, (int)text.size);
    if (content == NULL) {
        return false;
    }
    for (xmlNode *child = node->children; child != NULL; child = node->children) {
        xmlUnlinkNode(child);
        xmlFreeNode(child);
    }
    xmlNodeSetSpacePreserve(node, 1);
    return xmlAddChild(node, content) != NULL;
}

/* The text of piece i with the values of the fields that begin in it. `at` is where it goes on. */
static enum status fill_piece(struct docx_part *part, unsigned i, size_t index, size_t *at)
{
    const struct slice text = buffer_slice(&part->paragraph->text);
    const size_t end = part->paragraph->ends[i];
    char name[DOCX_FIELD_MAX + 1];
    buffer_clear(&part->value);
    while (*at < end) {
        size_t begin = *at;
        const size_t after = next_field(text, &begin, end, name);
        const size_t plain = after != 0 ? begin : end;
        buffer_put(&part->value, text.data + *at, plain - *at);
        *at = plain;
        if (plain == end) {
            break;
        }
        struct error error = {.text = ""};
        if (after == UNCLOSED) {
            return error_set(part->error, STATUS_INVALID,
                             "the template, %s: {%s has no } right behind it: close the field, or, "
                             "if the brace is text, put a blank behind it",
                             part->name, name);
        }
        const enum status status =
            part->source->put(part->source->context, name, index, &part->value, &error);
        if (status != STATUS_OK) {
            return error_set(part->error, STATUS_INVALID, "the template, %s: {%s}: %s", part->name,
                             name, error.text);
        }
        *at = after;
    }
    return buffer_status(&part->value);
}

/* Nothing but blanks is left, and the paragraph's place may do without it. */
static bool is_over(const xmlNode *node, bool visible)
{
    if (visible || !is(node->parent, "tc")) {
        return !visible;
    }
    for (const xmlNode *other = node->parent->children; other != NULL; other = other->next) {
        if (other != node && is(other, "p")) {
            return true;
        }
    }
    return false;
}

static bool any_visible(struct slice text)
{
    for (size_t i = 0; i < text.size; i++) {
        if (text.data[i] != ' ') {
            return true;
        }
    }
    return false;
}

static enum status fill_paragraph(struct docx_part *part, xmlNode *node, size_t index)
{
    enum status status = read_paragraph(part, node);
    char name[DOCX_FIELD_MAX + 1];
    size_t at = 0;
    bool visible = false;
    const struct slice text = buffer_slice(&part->paragraph->text);
    if (status != STATUS_OK || next_field(text, &at, text.size, name) == 0) {
        return status;
    }
    at = 0;
    for (unsigned i = 0; i < part->paragraph->count && status == STATUS_OK; i++) {
        status = fill_piece(part, i, index, &at);
        if (status == STATUS_OK) {
            visible = visible || any_visible(buffer_slice(&part->value));
            status = set_text(part->paragraph->pieces[i], buffer_slice(&part->value))
                         ? STATUS_OK
                         : STATUS_TOO_LARGE;
        }
    }
    if (status == STATUS_OK && is_over(node, visible)) {
        xmlUnlinkNode(node);
        xmlFreeNode(node);
    }
    return status;
}

static enum status fill(struct docx_part *part, xmlNode *node, size_t index);

static enum status fill_children(struct docx_part *part, xmlNode *parent, size_t index)
{
    enum status status = STATUS_OK;
    for (xmlNode *next, *node = parent->children; node != NULL && status == STATUS_OK;
         node = next) {
        next = node->next;
        status = fill(part, node, index);
    }
    return status;
}

/* Paragraphs inside of a paragraph first: it may go. */
static enum status fill_once(struct docx_part *part, xmlNode *node, size_t index)
{
    const enum status status = fill_children(part, node, index);
    return status == STATUS_OK && is(node, "p") ? fill_paragraph(part, node, index) : status;
}

static enum status fill_copies(struct docx_part *part, xmlNode *node, size_t count)
{
    enum status status = count <= REPEATS_MAX ? STATUS_OK
                                              : error_set(part->error, STATUS_TOO_LARGE,
                                                          "%s: something is repeated over %d times",
                                                          part->name, REPEATS_MAX);
    for (size_t i = 0; i < count && status == STATUS_OK; i++) {
        xmlNode *copy = NULL; /* with the names of its place: it declares no namespace anew */
        if (xmlDOMWrapCloneNode(NULL, node->doc, node, &copy, node->doc, node->parent, 1, 0) != 0 ||
            xmlAddPrevSibling(node, copy) == NULL) {
            return STATUS_TOO_LARGE;
        }
        status = fill_once(part, copy, i);
    }
    xmlUnlinkNode(node);
    xmlFreeNode(node);
    return status;
}

static enum status fill(struct docx_part *part, xmlNode *node, size_t index)
{
    long repeats = DOCX_ONCE;
    if (is(node, "tr") || (is(node, "p") && !is(node->parent, "tc"))) {
        const enum status status = count_repeats(part, node, &repeats);
        if (status != STATUS_OK) {
            return status;
        }
    }
    return repeats == DOCX_ONCE || index != SIZE_MAX ? fill_once(part, node, index)
                                                     : fill_copies(part, node, (size_t)repeats);
}

static enum status parse(const struct docx_part *part, struct slice xml, xmlDoc **ret_document)
{
    xmlDoc *document = xmlReadMemory((const char *)xml.data, (int)xml.size, NULL, NULL,
                                     XML_PARSE_NONET | XML_PARSE_NOERROR | XML_PARSE_NOWARNING);
    if (document == NULL || xmlGetIntSubset(document) != NULL ||
        xmlDocGetRootElement(document) == NULL) {
        xmlFreeDoc(document);
        return error_set(part->error, STATUS_INVALID,
                         "%s in the template is not XML as Word writes it", part->name);
    }
    *ret_document = document;
    return STATUS_OK;
}

static enum status print(const struct docx_part *part, xmlDoc *document, struct buffer *filled)
{
    xmlChar *text = NULL;
    int size = 0;
    xmlDocDumpMemoryEnc(document, &text, &size, "UTF-8");
    if (text == NULL) {
        return error_set(part->error, STATUS_TOO_LARGE, "%s: out of memory", part->name);
    }
    buffer_put(filled, text, (size_t)size);
    xmlFree(text);
    return buffer_status(filled) == STATUS_OK
               ? STATUS_OK
               : error_set(part->error, STATUS_TOO_LARGE, "%s is over %zu MiB when it is filled",
                           part->name, filled->max >> 20);
}

enum status docx_fill_part(const char *name, struct slice xml, const struct docx_source *source,
                           struct buffer *filled, struct error *error)
{
    struct docx_part part = {.name = name, .source = source, .error = error};
    xmlDoc *document = NULL;
    enum status status = parse(&part, xml, &document);
    if (status != STATUS_OK) {
        return status;
    }
    part.paragraph = xmlMalloc(sizeof *part.paragraph);
    if (part.paragraph == NULL) {
        xmlFreeDoc(document);
        return error_set(error, STATUS_TOO_LARGE, "%s: out of memory", name);
    }
    buffer_init(&part.paragraph->text, TEXT_BYTES_MAX);
    buffer_init(&part.value, TEXT_BYTES_MAX);
    status = fill_children(&part, xmlDocGetRootElement(document), SIZE_MAX);
    if (status == STATUS_OK) {
        status = print(&part, document, filled);
    } else if (error != NULL && error->text[0] == '\0') {
        (void)error_set(error, status, "%s: %s", name, status_text(status));
    }
    buffer_fini(&part.paragraph->text);
    buffer_fini(&part.value);
    xmlFree(part.paragraph);
    xmlFreeDoc(document);
    return status;
}
