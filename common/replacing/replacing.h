/* SPDX-License-Identifier: Apache-2.0
 *
 * A catalogue takes the place of another: how many events stand behind what changes, as intake's
 * journal has them, and the ids that go.
 */
#ifndef HOSO_REPLACING_REPLACING_H
#define HOSO_REPLACING_REPLACING_H

#include "base/arena.h"
#include "base/buffer.h"
#include "catalogue/catalogue.h"
#include "client/client.h"

enum { USES_UNITS, USES_FIELDS, USES_PROCEDURES, USES_TABLES };

struct replacing_uses {
    struct {
        char **ids; /* sorted, each once */
        uint64_t *events;
        size_t count;
    } tables[USES_TABLES];
};

/* Of every id that is in `before` and changes or goes, or of those alone that go. In the arena.
 * DENIED = this key is no administrator's. */
enum hoso_status replacing_count_uses(struct hoso_client *client, const struct catalogue *before,
                                      const struct catalogue *after, bool gone_alone,
                                      struct arena *arena, struct replacing_uses *ret_uses,
                                      struct hoso_error *error);

/* How many events name an id, as struct catalogue_events of render/catalogue_lists.h asks; `uses`
 * is a struct replacing_uses. False = the id was not counted. */
bool replacing_events_of(void *uses, const char *table, struct slice id, uint64_t *ret_events);
/* Puts a catalogue in force in place of `before` (NULL = none, or unknown). Intake lets ids go once
 * it has counted for this key that no event names them, which is done where it is needed. CONFLICT
 * = events name some that would go; a line for each is added to `named`: "units: x is gone, but 7
 * events name it". */
enum hoso_status replacing_put(struct hoso_client *client, const struct catalogue *before,
                               const struct catalogue *after, struct hoso_cut *ret_cut,
                               struct buffer *named, struct hoso_error *error);

#endif
