/* SPDX-License-Identifier: Apache-2.0
 *
 * Memory to print into, and what should have been printed.
 */
#ifndef HOSO_TESTS_RENDER_PAPER_H
#define HOSO_TESTS_RENDER_PAPER_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/require.h"

struct paper {
    char *text;
    size_t size;
    FILE *out;
};

static inline FILE *begin(struct paper *paper)
{
    paper->out = open_memstream(&paper->text, &paper->size);
    require(paper->out != NULL);
    return paper->out;
}

static inline void expect(struct paper *paper, const char *text)
{
    require(fclose(paper->out) == 0);
    assert_string_equal(paper->text, text);
    free(paper->text);
}

#endif
