/* SPDX-License-Identifier: Apache-2.0
 *
 * A slice is bytes that it does not own. Text is a slice too: UTF-8, not NUL-terminated.
 */
#ifndef HOSO_BASE_SLICE_H
#define HOSO_BASE_SLICE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

struct slice {
    const uint8_t *data;
    size_t size;
};

/* For printf("%.*s", SLICE_ARG(s)). */
#define SLICE_ARG(s) (int)(s).size, (const char *)((s).size != 0 ? (s).data : (const uint8_t *)"")

static inline struct slice slice_of(const void *data, size_t size)
{
    return (struct slice){data, size};
}

/* A view of a NUL-terminated string; NULL is empty. */
static inline struct slice slice_text(const char *text)
{
    return (struct slice){(const uint8_t *)text, text != NULL ? strlen(text) : 0};
}

/* Order of bytes, a prefix first. */
static inline int slice_compare(struct slice a, struct slice b)
{
    const size_t size = a.size < b.size ? a.size : b.size;
    const int order = size != 0 ? memcmp(a.data, b.data, size) : 0;
    return order != 0 ? order : (a.size > b.size) - (a.size < b.size);
}

static inline bool slice_equal(struct slice a, struct slice b)
{
    return a.size == b.size && (a.size == 0 || memcmp(a.data, b.data, a.size) == 0);
}

/* Takes the first line off the front of a text, with its newline if it has one. */
static inline struct slice slice_take_line(struct slice *text)
{
    const uint8_t *newline = text->size != 0 ? memchr(text->data, '\n', text->size) : NULL;
    const size_t size = newline != NULL ? (size_t)(newline - text->data) + 1 : text->size;
    const struct slice line = slice_of(text->data, size);
    *text = slice_of(text->data + size, text->size - size);
    return line;
}

#endif
