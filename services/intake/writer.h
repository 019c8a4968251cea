/* SPDX-License-Identifier: Apache-2.0
 *
 * The only thread that writes the journal. It takes a batch of what has gathered, commits it in one
 * transaction, and only then answers. While it syncs, the next batch gathers. A commit that fails
 * for another reason than a full disk may have happened or not: nothing is answered and the service
 * ends; publishers send again.
 */
#ifndef HOSO_INTAKE_WRITER_H
#define HOSO_INTAKE_WRITER_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "journal_store/journal.h"
#include "services/intake/catalogue_ref.h"
#include "services/intake/queue.h"

struct writer_options {
    struct service *service; /* ends when a commit fails */
    struct metrics *metrics;
    struct journal *journal;
    struct queue *queue;
    _Atomic uint64_t *position; /* set to the last committed event or catalogue */
    struct bus_wake *committed; /* signalled after every commit */
};

struct journal_writer {
    struct writer_options options;
    struct catalogue_ref *catalogue; /* in force, as committed; one reference */
    struct catalogue_ref *next;      /* put by the open transaction; one reference, or NULL */
    struct writer_answer *answers;   /* of the open transaction */
    unsigned answer_count;
    bool full; /* as of the last transaction */
    pthread_t thread;
    bool running;
};

/* Takes over the reference to the catalogue (NULL = none yet). */
enum status writer_init(struct journal_writer *writer, const struct writer_options *options,
                        struct catalogue_ref *catalogue) MUST_USE;
enum status writer_start(struct journal_writer *writer) MUST_USE;
void writer_join(struct journal_writer *writer); /* after queue_close */
void writer_fini(struct journal_writer *writer);

/* One batch: journals and answers it. False = failed, end. (The thread's loop; tests call it.) */
bool writer_batch(struct journal_writer *writer, const struct writer_batch *batch);

#endif
