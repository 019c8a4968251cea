/* SPDX-License-Identifier: Apache-2.0
 *
 * The catalogue and its changes as documents.
 */
#ifndef HOSO_RENDER_CATALOGUE_LISTS_H
#define HOSO_RENDER_CATALOGUE_LISTS_H

#include "catalogue/catalogue.h"
#include "render/json.h"
#include "render/document.h"

enum { CATALOGUE_PARTS = 3 };

/* Their names: "units", "fields", "procedures". */
extern const char *const catalogue_part_names[CATALOGUE_PARTS];

/* One part as a list, the units as of a day. The texts are the arena's; its limit, like running out
 * of memory, makes the document fail. */
void catalogue_part_document(const struct catalogue *catalogue, unsigned part, int32_t day,
                             bool english, struct arena *arena, struct document *document);
/* {"cut", and an array for each document by its name} */
void catalogue_print_json(const struct document *documents, const char *const *names,
                          unsigned count, struct hoso_cut cut, FILE *out);

/* How many events name an id of a table; false = unknown. */
typedef bool catalogue_events_of(void *context, const char *table, struct slice id,
                                 uint64_t *ret_events);
struct catalogue_events {
    catalogue_events_of *of;
    void *context;
};

/* What would change, as a list, into a document that this begins; `before` may be NULL, and so may
 * `events`. The texts are the arena's. TOO_LARGE; CONFLICT = `after` may not follow `before`. */
enum status catalogue_change_document(const struct catalogue *before, const struct catalogue *after,
                                      const struct catalogue_events *events, bool english,
                                      struct arena *arena, struct document *document,
                                      struct error *error) MUST_USE;

#endif
