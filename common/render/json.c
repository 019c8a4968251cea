/* SPDX-License-Identifier: Apache-2.0
 *
 * Whether a comma is due is known from whether the innermost object or array has anything yet.
 */
#include "render/json.h"

#include <inttypes.h>
#include <string.h>

#include "base/require.h"
#include "base/text.h"

struct render_json render_json_to(FILE *out)
{
    return (struct render_json){.out = out};
}

static void put_quoted(FILE *out, struct slice rest)
{
    char escape[TEXT_ESCAPE_SIZE];
    (void)fputc('"', out);
    while (rest.size != 0) {
        const struct slice piece = text_json_piece(&rest, escape);
        (void)fwrite(piece.data, 1, piece.size, out);
    }
    (void)fputc('"', out);
}

/* The comma, the line's end and the name before a value. */
static void begin_value(struct render_json *json, const char *name)
{
    if (json->open[json->depth].filled) {
        (void)fputc(',', json->out);
    }
    if (json->new_line) {
        (void)fputc('\n', json->out);
    }
    json->new_line = false;
    json->open[json->depth].filled = true;
    if (name != NULL) {
        put_quoted(json->out, slice_text(name));
        (void)fputc(':', json->out);
    }
}

static void open_value(struct render_json *json, const char *name, char begin, char end)
{
    begin_value(json, name);
    require(json->depth < RENDER_JSON_DEPTH_MAX);
    json->depth++;
    json->open[json->depth].filled = false;
    json->open[json->depth].end = end;
    (void)fputc(begin, json->out);
}

void json_put_object(struct render_json *json, const char *name)
{
    open_value(json, name, '{', '}');
}

void json_put_array(struct render_json *json, const char *name)
{
    open_value(json, name, '[', ']');
}

void json_put_end(struct render_json *json)
{
    require(json->depth > 0);
    if (json->new_line) {
        (void)fputc('\n', json->out);
    }
    json->new_line = false;
    (void)fputc(json->open[json->depth].end, json->out);
    json->depth--;
}

void json_put_line(struct render_json *json)
{
    json->new_line = true;
}

void json_put_text(struct render_json *json, const char *name, const char *text)
{
    begin_value(json, name);
    put_quoted(json->out, slice_text(text));
}

void json_put_optional(struct render_json *json, const char *name, const char *text)
{
    if (text != NULL && text[0] != '\0') {
        json_put_text(json, name, text);
    }
}

void json_put_number(struct render_json *json, const char *name, int64_t number)
{
    begin_value(json, name);
    (void)fprintf(json->out, "%" PRId64, number);
}

void json_put_id(struct render_json *json, const char *name, uint64_t id)
{
    begin_value(json, name);
    (void)fprintf(json->out, "\"%" PRIu64 "\"", id);
}

void json_put_real(struct render_json *json, const char *name, double number)
{
    begin_value(json, name);
    (void)fprintf(json->out, "%.2f", number);
}

void json_put_flag(struct render_json *json, const char *name, bool flag)
{
    begin_value(json, name);
    (void)fputs(flag ? "true" : "false", json->out);
}

void json_put_null(struct render_json *json, const char *name)
{
    begin_value(json, name);
    (void)fputs("null", json->out);
}

void json_put_cut(struct render_json *json, uint64_t incarnation, uint64_t position)
{
    json_put_object(json, "cut");
    json_put_id(json, "incarnation", incarnation);
    json_put_number(json, "position", (int64_t)position);
    json_put_end(json);
}
