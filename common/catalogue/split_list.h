/* SPDX-License-Identifier: Apache-2.0
 *
 * Which unit takes over which dossier of a unit that was split: the office's list, a CSV file with
 * the columns dossier and unit; procedure, procedure_name, received, due and state may stand beside
 * them and are passed over. `hoso unit split` writes such a list to be filled in. Read by the rules
 * of the catalogue's files.
 */
#ifndef HOSO_CATALOGUE_SPLIT_LIST_H
#define HOSO_CATALOGUE_SPLIT_LIST_H

#include "base/arena.h"
#include "base/buffer.h"
#include "base/status.h"

enum { SPLIT_LINES_MAX = 200000 };

struct split_line {
    const char *dossier;
    const char *unit; /* "" = not filled in */
    uint32_t line;
    bool used; /* the caller's: it was found */
};

struct split_list {
    struct arena arena;
    struct split_line *lines; /* by dossier, each once */
    uint32_t count;
    struct buffer faults; /* "FILE:LINE: column: why; what to do", a line for each */
};

/* `path` ends in .csv. The list is given back in any case. INVALID, TOO_LARGE: see the faults;
 * NOT_FOUND, IO: the file, among the faults, too. */
enum status split_list_read(const char *path, struct split_list *ret_list) MUST_USE;
void split_list_fini(struct split_list *list);
/* NULL = the list has no such dossier. */
struct split_line *split_list_find(const struct split_list *list, const char *dossier);

#endif
