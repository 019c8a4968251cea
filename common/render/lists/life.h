/* SPDX-License-Identifier: Apache-2.0
 *
 * The life of a dossier, printed: its events and what came of each, and what it counts in, day by
 * day.
 */
#ifndef HOSO_RENDER_LIFE_H
#define HOSO_RENDER_LIFE_H

#include "client/hoso_events.h"
#include "render/words.h"

/* Two lists of one of the lives, for document_fini; texts live in `lives`. */
void life_events(const struct list_reader *reader, struct hoso_lives *lives,
                 const struct hoso_life *life, struct document *ret_document);
void life_counts(const struct list_reader *reader, struct hoso_lives *lives,
                 const struct hoso_life *life, struct document *ret_document);
/* What stands above them: "Hồ sơ: …", a line each. */
void life_print_head(const struct list_reader *reader, struct hoso_lives *lives,
                     const struct hoso_life *life, FILE *out);

/* {"cut","dossiers":[{"dossier","state",…,"events":[…],"counts":[…],"outside":[…]}]}; false = out
 * of memory. */
bool life_print_json(struct hoso_lives *lives, FILE *out);

#endif
