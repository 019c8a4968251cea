/* SPDX-License-Identifier: Apache-2.0
 *
 * publish --check: what became of the events that were published, once they are counted. Reporting
 * is asked for the life of each of their dossiers, as the key may see it.
 */
#ifndef HOSO_PUBLISH_PUBLISHED_H
#define HOSO_PUBLISH_PUBLISHED_H

#include "services/hoso/command.h"

enum {
    PUBLISHED_DOSSIERS_MAX = 1000, /* that are looked at; the first ones */
    PUBLISHED_FINDINGS_MAX = 10000 /* that are told */
};

struct published {
    struct arena arena;
    const char *dossiers[PUBLISHED_DOSSIERS_MAX];
    unsigned count;
    bool is_more; /* not all were looked at, or told */
};

void published_init(struct published *published);
void published_fini(struct published *published);
/* One event that was put, as JSON. */
void published_add(struct published *published, struct slice line);
/* The findings about the dossiers' events, from a cut at least at `min_cut`; a result for
 * hoso_free(). */
enum hoso_status published_check(struct published *published, struct hoso_client *client,
                                 const struct hoso_cut *min_cut, struct hoso_findings **ret_found,
                                 struct hoso_error *error);
/* As a table or CSV, with a sentence on stderr. The exit code. */
int published_print(const struct published *published, const struct command *command,
                    struct hoso_findings *found);
/* As the array "findings" of an open object. */
void published_put_json(const struct hoso_findings *found, struct render_json *json);

#endif
