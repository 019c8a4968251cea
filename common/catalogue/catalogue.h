/* SPDX-License-Identifier: Apache-2.0
 *
 * Units, fields and procedures with their dates, from a packed hoso.v1.Catalogue. Immutable once
 * parsed, so threads may share it. Which units a report adds up is scope.h's business.
 */
#ifndef HOSO_CATALOGUE_CATALOGUE_H
#define HOSO_CATALOGUE_CATALOGUE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/buffer.h"
#include "base/slice.h"
#include "base/status.h"

enum {
    CATALOGUE_UNITS_MAX = 65536,
    CATALOGUE_FIELDS_MAX = 1000,
    CATALOGUE_PROCEDURES_MAX = 20000,
    CATALOGUE_DEPTH_MAX = 8,        /* levels on any day, the root included */
    CATALOGUE_CODES_MAX = 64,       /* successors, or aliases, of one row */
    CATALOGUE_SUCCESSIONS_MAX = 32, /* from a unit to its successor, to its successor, … */
    CATALOGUE_ID_MAX = 64,          /* bytes of an id or a code */
    CATALOGUE_NAME_MAX = 4096,      /* bytes of a name */
    CATALOGUE_BYTES_MAX = 16 << 20
};

enum tier {
    TIER_NONE,
    TIER_PROVINCE,
    TIER_DEPARTMENT,
    TIER_DISTRICT,
    TIER_COMMUNE,
    TIER_NATION,
    TIER_MINISTRY,
    TIER_COUNT
};
/* As in the files: "" for none. */
extern const char *const catalogue_tier_names[TIER_COUNT];
enum { CATALOGUE_LEVELS = 4 };
extern const char *const catalogue_level_names[CATALOGUE_LEVELS];

/* Ids or codes of one row. */
struct code_list {
    char **codes;
    uint32_t count;
};

/* One row of a unit: [from_day, to_day). */
struct unit {
    struct slice id, code, name, name_en, parent;
    enum tier tier;
    uint32_t print_order;
    int32_t from_day; /* INT32_MIN = always */
    int32_t to_day;   /* INT32_MAX = still valid */
    struct code_list successors, aliases;
};

struct field {
    struct slice id, name, name_en;
    uint32_t print_order;
};

struct procedure {
    struct slice id, name, field;
    uint32_t service_level; /* enum service_level; today's */
    int32_t from_day, to_day;
    struct code_list aliases;
};

struct catalogue;

/* Parses and checks everything: ids and lengths, spans of one unit that overlap, parents that do
 * not exist or are not valid in the whole span of the child, cycles, unknown fields of procedures.
 * The error names the row and what to do. */
enum status catalogue_parse(struct slice packed, struct catalogue **ret_catalogue,
                            struct error *error) MUST_USE;
void catalogue_free(struct catalogue *catalogue);                 /* NULL-safe */
struct slice catalogue_packed(const struct catalogue *catalogue); /* the bytes it came from */

/* Whether `next` may replace `current` (may be NULL): every id of current still exists. CONFLICT
 * names the first missing. */
enum status catalogue_may_replace(const struct catalogue *current, const struct catalogue *next,
                                  struct error *error) MUST_USE;

/* By id at any date. O(log n). */
bool catalogue_has_unit(const struct catalogue *catalogue, struct slice id);
bool catalogue_has_field(const struct catalogue *catalogue, struct slice id);
bool catalogue_has_procedure(const struct catalogue *catalogue, struct slice id);
const struct unit *catalogue_unit(const struct catalogue *catalogue, struct slice id,
                                  int32_t day); /* NULL = not valid then */
/* The id that a name means on `day`: an id's own or an alias; else what it meant last before, else
 * what it means first after. False = nothing is known by that name. */
bool catalogue_unit_named(const struct catalogue *catalogue, struct slice name, int32_t day,
                          struct slice *ret_id);
bool catalogue_procedure_named(const struct catalogue *catalogue, struct slice name, int32_t day,
                               struct slice *ret_id);
/* The last row that ended by `day`. */
const struct unit *catalogue_unit_before(const struct catalogue *catalogue, struct slice id,
                                         int32_t day); /* NULL = none */
/* The first row, where that one begins after `day`. */
const struct unit *catalogue_unit_to_come(const struct catalogue *catalogue, struct slice id,
                                          int32_t day); /* NULL = none */
/* Every unit id once, in order of id, by its latest row. */
uint32_t catalogue_unit_count(const struct catalogue *catalogue);
const struct unit *catalogue_unit_at(const struct catalogue *catalogue, uint32_t index);
const struct field *catalogue_field(const struct catalogue *catalogue, struct slice id);
/* Its latest row. */
const struct procedure *catalogue_procedure(const struct catalogue *catalogue, struct slice id);
/* In printing order: fields by print_order and id; procedures, the latest row of each, by field and
 * then as given. */
const struct field *catalogue_fields(const struct catalogue *catalogue, uint32_t *ret_count);
const struct procedure *catalogue_procedures(const struct catalogue *catalogue,
                                             uint32_t *ret_count);

/* CSV (RFC 4180, UTF-8, optional BOM, header row; separator , or ;) → packed catalogue. `directory`
 * holds units.csv (id,code,name,name_en,tier,parent,print_order,valid_from,valid_to and, if wanted,
 * successors,aliases), fields.csv (id,name,name_en,print_order) and procedures.csv
 * (id,name,field,service_level,valid_from,valid_to and, if wanted, aliases). */
struct catalogue_import {
    struct buffer packed;
    struct buffer faults;   /* "FILE:LINE: column: why; what to do", a line for each */
    struct buffer warnings; /* the same: imported, but hardly what was meant */
    uint32_t fault_count, warning_count;
};
void catalogue_import_init(struct catalogue_import *import);
void catalogue_import_fini(struct catalogue_import *import);
enum status catalogue_import(const char *directory, struct catalogue_import *import) MUST_USE;
/* The same of the texts of the three files. */
struct catalogue_texts {
    struct slice units, fields, procedures;
};
enum status catalogue_import_texts(const struct catalogue_texts *texts,
                                   struct catalogue_import *import) MUST_USE;
/* The same for one who needs no more than the first fault. */
enum status catalogue_import_csv(const char *directory, struct buffer *packed,
                                 struct error *error) MUST_USE;
/* Writes the three files; importing them gives the same bytes. */
enum status catalogue_export_csv(struct slice packed, const char *directory,
                                 struct error *error) MUST_USE;

#endif
