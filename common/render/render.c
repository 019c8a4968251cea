/* SPDX-License-Identifier: Apache-2.0
 *
 * Rows as JSON are small enough to stand here; every other format has its own file.
 */
#include "render/render.h"

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

const char *render_verdict(const struct document *document, size_t check)
{
    static const char *const verdicts[2][2] = {{"SAI", "WRONG"}, {"đúng", "ok"}};
    return verdicts[document->checks[check].ok != 0][document->english];
}

bool render_document(const struct document *document, const struct render_options *options,
                     FILE *out)
{
    struct render_json json = render_json_to(out);
    if (document->failed) {
        return false;
    }
    bool printed = true;
    switch (options->format) {
    case RENDER_JSON:
        render_rows_json(document, &json, NULL);
        (void)fputc('\n', out);
        break;
    case RENDER_CSV:
        render_csv(document, options->separator, out);
        break;
    case RENDER_TABLE:
        printed = render_text(document, out);
        break;
    }
    return printed && ferror(out) == 0;
}
