/* SPDX-License-Identifier: Apache-2.0
 *
 * A list of dossiers as offices keep them on paper: title, unit, day or period, a line for each
 * unit with its number of dossiers, its dossiers numbered below, notes.
 */
#ifndef HOSO_RENDER_LIST_PAPER_H
#define HOSO_RENDER_LIST_PAPER_H

#include "render/lists/list_pages.h"

/* Puts the head and the notes to a document that list_fill() made of the pages, for every format
 * but JSON; lists without a head stay as they are. For people (not CSV) with `grouped` the units
 * become lines of their own, and columns that say nothing are left out. */
void list_paper(const struct list_kind *kind, const struct list_reader *reader,
                const struct list_pages *pages, bool grouped, struct document *document);

#endif
