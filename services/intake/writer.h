/* SPDX-License-Identifier: Apache-2.0
 *
 * The only thread that writes the journal. It takes whatever has gathered, commits it in as few
 * transactions as their bounds allow, and only then answers. While it syncs, the next batch
 * gathers. A commit that fails for another reason than a full disk may have happened or not:
 * nothing is answered and the service ends; publishers send again.
 */
#ifndef HOSO_INTAKE_WRITER_H
#define HOSO_INTAKE_WRITER_H

#include <stdbool.h>
#include <stdint.h>

#include "base/status.h"
#include "services/intake/queue.h"
#include "services/intake/shared_catalogue.h"
#include "services/intake/worker.h"

struct intake;

/* One transaction; at most 4,096 dirty pages of blocks. */
enum { WRITER_EVENTS_MAX = 16384, WRITER_BYTES_MAX = 16 << 20 };

struct writer {
    struct intake *intake;
    struct shared_catalogue *catalogue; /* in force, as committed; one reference */
    struct shared_catalogue *next;      /* put by the open transaction; one reference, or NULL */
    struct answer *answers;             /* of the open transaction */
    unsigned answer_count;
    bool full; /* as of the last transaction */
    struct worker worker;
};

/* Takes over the reference to the catalogue (NULL = none yet). */
enum status writer_init(struct writer *writer, struct intake *intake,
                        struct shared_catalogue *catalogue) MUST_USE;
enum status writer_start(struct writer *writer) MUST_USE;
void writer_join(struct writer *writer); /* after queue_close */
void writer_fini(struct writer *writer);

/* One batch: journals and answers it. False = failed, end. (The thread's loop; tests call it.) */
bool writer_batch(struct writer *writer, const struct batch *batch);

#endif
