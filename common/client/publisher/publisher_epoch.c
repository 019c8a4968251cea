/* SPDX-License-Identifier: Apache-2.0
 *
 * Opening a source: a new epoch, what intake takes in one Append, and which sequence it expects.
 * Until it answers, events wait in the outbox and nothing is sent.
 */
#include "base/clock.h"
#include "base/require.h"
#include "client/publisher/publisher_internal.h"

void publisher_ask_epoch(struct hoso_publisher *publisher)
{
    if (publisher->opened || publisher->dead != HOSO_OK ||
        exchange_asking(publisher->exchange) != 0 || clock_ms() < publisher->resume_ms) {
        return;
    }
    Hoso__V1__OpenRequest open = HOSO__V1__OPEN_REQUEST__INIT;
    Hoso__V1__IntakeRequest request = HOSO__V1__INTAKE_REQUEST__INIT;
    request.body_case = HOSO__V1__INTAKE_REQUEST__BODY_OPEN;
    request.open = &open;
    const enum status status =
        exchange_ask(publisher->exchange, &request.base, publisher->resend_min_ms);
    require(status == STATUS_OK); /* a few bytes, and nothing else is asked */
}

/* An outbox of events that were never sent counts on from what intake expects. One that starts
 * above that was sent to a journal that is gone. One that starts below is sent as it is numbered:
 * intake compares. */
static void settle_numbers(struct hoso_publisher *publisher)
{
    struct outbox *outbox = publisher->outbox;
    const bool sent_before = outbox_first(outbox) < publisher->sent_end;
    const uint64_t sequence = outbox_sequence(outbox, outbox_first(outbox));
    publisher->next_key = outbox_first(outbox);
    if (sent_before && sequence <= publisher->opened_sequence) {
        return;
    }
    if (sent_before) {
        publisher_notice(publisher,
                         "intake's journal is older than the outbox: numbering the outbox anew");
    }
    const enum status status = outbox_renumber(outbox, publisher->opened_sequence);
    if (status != STATUS_OK) {
        (void)publisher_die(publisher, HOSO_IO, "cannot renumber the outbox: %s",
                            status_text(status));
    }
}

void publisher_reopen(struct hoso_publisher *publisher)
{
    publisher_notice(publisher,
                     "intake's journal was restored from a backup: opening anew. What it "
                     "acknowledged after the backup must be published again");
    publisher->opened = false;
    publisher->sent_end = outbox_end(publisher->outbox);
    publisher_rewind(publisher, outbox_first(publisher->outbox));
}

void publisher_opened(struct hoso_publisher *publisher, const Hoso__V1__OpenReply *reply)
{
    if (reply->next_sequence == 0 || reply->max_events == 0 || reply->max_bytes == 0) {
        (void)publisher_die(publisher, HOSO_INTERNAL,
                            "intake opened the source without its sequence and limits");
        return;
    }
    publisher_progress(publisher);
    publisher->opened = true;
    publisher->epoch = reply->epoch;
    publisher->opened_sequence = reply->next_sequence;
    publisher->max_bytes = reply->max_bytes;
    if (reply->max_events < publisher->max_events) {
        publisher->max_events = reply->max_events;
    }
    if (reply->cut != NULL) {
        publisher->cut = (struct hoso_cut){reply->cut->incarnation, reply->cut->position};
    }
    settle_numbers(publisher);
}
