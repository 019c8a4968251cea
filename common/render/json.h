/* SPDX-License-Identifier: Apache-2.0
 *
 * Writes JSON to a stream: names, commas, quotes and escapes are put where they belong. `name` is
 * NULL for an element of an array and for the outermost value. A failure to write is the stream's.
 */
#ifndef HOSO_RENDER_JSON_H
#define HOSO_RENDER_JSON_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "base/slice.h"

enum { RENDER_JSON_DEPTH_MAX = 8 };

struct render_json {
    FILE *out;
    unsigned depth;
    bool new_line; /* before what is put next */
    struct {
        bool filled;
        char end; /* '}' or ']' */
    } open[RENDER_JSON_DEPTH_MAX + 1];
};

struct render_json render_json_to(FILE *out);

void json_put_object(struct render_json *json, const char *name);
void json_put_array(struct render_json *json, const char *name);
/* Of the object or array that was opened last. */
void json_put_end(struct render_json *json);
/* What is put next, or an end, begins a line. */
void json_put_line(struct render_json *json);

void json_put_text(struct render_json *json, const char *name, const char *text);
/* Nothing where the text is empty or NULL. */
void json_put_optional(struct render_json *json, const char *name, const char *text);
void json_put_number(struct render_json *json, const char *name, int64_t number);
/* A text, because it may exceed 53 bits. */
void json_put_id(struct render_json *json, const char *name, uint64_t id);
void json_put_real(struct render_json *json, const char *name, double number); /* two decimals */
void json_put_flag(struct render_json *json, const char *name, bool flag);
void json_put_null(struct render_json *json, const char *name);
/* "cut":{"incarnation":"…","position":n} */
void json_put_cut(struct render_json *json, uint64_t incarnation, uint64_t position);

#endif
