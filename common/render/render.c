/* SPDX-License-Identifier: Apache-2.0
 *
 * Which format is meant, and rows as JSON, which are small enough to stand here; every other format
 * has its own file.
 */
#include "render/render.h"

#include <string.h>

static const struct {
    const char *name;
    const char *ending;
} formats[] = {
    [RENDER_TABLE] = {"table", ".txt"}, [RENDER_JSON] = {"json", ".json"},
    [RENDER_CSV] = {"csv", ".csv"},     [RENDER_HTML] = {"html", ".html"},
    [RENDER_XLSX] = {"xlsx", ".xlsx"},  [RENDER_DOCX] = {"docx", ".docx"},
};

enum { FORMATS = sizeof formats / sizeof *formats };

const char *render_format_ending(enum render_format format)
{
    return formats[format].ending;
}

bool render_format_named(const char *name, enum render_format *ret_format)
{
    for (unsigned i = 0; i < FORMATS; i++) {
        if (strcmp(formats[i].name, name) == 0) {
            *ret_format = (enum render_format)i;
            return true;
        }
    }
    return false;
}

const char *render_format_name(enum render_format format)
{
    return formats[format].name;
}

bool render_format_of_file(const char *path, enum render_format *ret_format)
{
    const char *ending = strrchr(path, '.');
    for (unsigned i = 0; ending != NULL && i < FORMATS; i++) {
        if (strcasecmp(formats[i].ending, ending) == 0) {
            *ret_format = (enum render_format)i;
            return true;
        }
    }
    return false;
}

bool render_takes_several(enum render_format format)
{
    return format != RENDER_JSON && format != RENDER_CSV && format != RENDER_DOCX;
}

static void put_cell(struct render_json *json, const char *id, const struct document_cell *cell)
{
    if (cell->kind == CELL_NUMBER) {
        json_put_number(json, id, cell->n);
    } else {
        json_put_text(json, id, cell->text);
    }
}

void render_rows_json(const struct document *document, struct render_json *json, const char *name)
{
    const struct document_cell *cell = document->cells;
    json_put_array(json, name);
    for (size_t row = 0; row < document->row_count; row++) {
        json_put_line(json);
        json_put_object(json, NULL);
        for (unsigned i = 0; i < document->column_count; i++, cell++) {
            if (document->columns[i].id != NULL) {
                put_cell(json, document->columns[i].id, cell);
            }
        }
        json_put_end(json);
    }
    if (document->row_count != 0) {
        json_put_line(json);
    }
    json_put_end(json);
}

static bool render_one(const struct document *document, const struct render_options *options,
                       FILE *out)
{
    struct render_json json = render_json_to(out);
    switch (options->format) {
    case RENDER_JSON:
        render_rows_json(document, &json, NULL);
        return fputc('\n', out) != EOF;
    case RENDER_CSV:
        return render_csv(document, options, out);
    default:
        return render_text(document, options, out);
    }
}

bool render_documents(const struct document *documents, size_t count,
                      const struct render_options *options, FILE *out)
{
    bool good = true;
    for (size_t i = 0; i < count; i++) {
        good = good && !documents[i].failed;
    }
    if (good && options->format == RENDER_HTML) {
        good = render_page(documents, count, out);
    } else {
        for (size_t i = 0; i < count && good; i++) {
            (void)fputs(i != 0 ? "\n" : "", out);
            good = render_one(&documents[i], options, out);
        }
    }
    return good && ferror(out) == 0;
}
