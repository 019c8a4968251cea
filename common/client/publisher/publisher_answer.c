/* SPDX-License-Identifier: Apache-2.0
 *
 * Answers: what each result of an Append means for the outbox and the window.
 */
/* clang-format off */
/*
 *     ACK, DUPLICATE  the flight is done; the front's flights leave the outbox
 *     INVALID         at the front: report and remove the faulty ones, send the rest;
 *                     further back: wait for the front
 *     GAP             an Append before it was lost: go back to what intake expects; if that has
 *                     left the outbox, the journal is older than what it acknowledged: open anew
 *     BUSY, FULL      send it again after a while
 *     CONFLICT        below what intake had at open, our numbers were wrong: number anew;
 *                     from there on: end
 *     NOT_OPEN        the journal was restored: open anew
 *     FENCED          end
 */
/* clang-format on */

#include "base/clock.h"
#include "client/publisher/publisher_internal.h"
#include "event/event_json.h"

#include <string.h>

static void acknowledge(struct hoso_publisher *publisher, uint64_t key)
{
    const uint64_t first = outbox_first(publisher->outbox);
    if (key > first) {
        publisher->counts.acknowledged += key - first;
        outbox_drop(publisher->outbox, key);
    }
}

static void take_done(struct hoso_publisher *publisher, unsigned index, const Hoso__V1__Cut *cut)
{
    publisher->flights[index].done = true;
    publisher_progress(publisher);
    publisher->busy_ms = BUSY_MIN_MS;
    if (cut != NULL && (cut->position > publisher->cut.position ||
                        cut->incarnation != publisher->cut.incarnation)) {
        publisher->cut = (struct hoso_cut){cut->incarnation, cut->position};
    }
    unsigned done = 0;
    while (done < publisher->flight_count && publisher->flights[done].done) {
        acknowledge(publisher, publisher->flights[done].first_key + publisher->flights[done].count);
        done++;
    }
    if (done != 0) {
        publisher->flight_count -= done;
        memmove(publisher->flights, publisher->flights + done,
                publisher->flight_count * sizeof *publisher->flights);
    }
}

/* Flights from `index` on are sent again, at the earliest after `wait_ms`. */
static void send_again(struct hoso_publisher *publisher, unsigned index, int wait_ms)
{
    const uint64_t key = publisher->flights[index].first_key;
    exchange_forget(publisher->exchange, publisher->flights[index].question);
    publisher->flight_count = index;
    publisher->next_key = key;
    publisher->resume_ms = clock_ms() + wait_ms;
}

static void take_busy(struct hoso_publisher *publisher, unsigned index)
{
    send_again(publisher, index, publisher->busy_ms);
    publisher->busy_ms =
        publisher->busy_ms * 2 < BUSY_MAX_MS ? publisher->busy_ms * 2 : BUSY_MAX_MS;
}

static void take_gap(struct hoso_publisher *publisher, uint64_t next_sequence)
{
    const uint64_t first = outbox_first(publisher->outbox);
    const uint64_t key = outbox_key(publisher->outbox, next_sequence);
    if (next_sequence < outbox_sequence(publisher->outbox, first)) {
        publisher_reopen(publisher);
        return;
    }
    if (key >= publisher->next_key) {
        (void)publisher_die(
            publisher, HOSO_CONFLICT,
            "intake expects sequence %llu, which was never sent: open this publisher again",
            (unsigned long long)next_sequence);
        return;
    }
    publisher_progress(publisher);
    acknowledge(publisher, key);
    publisher_rewind(publisher, key);
}

struct refusal {
    struct hoso_publisher *publisher;
    const Hoso__V1__EventFault *fault;
};

static bool report_refusal(void *context, const struct outbox_entry *entry)
{
    const struct refusal *refusal = context;
    struct hoso_publisher *publisher = refusal->publisher;
    struct reader reader = reader_of(entry->record);
    struct event event;
    event_decode(&reader, &event);
    if (!reader_done(&reader) || publisher->options.refused == NULL) {
        return false;
    }
    char event_id[EVENT_ID_MAX + 1] = "";
    char dossier[EVENT_ID_MAX + 1] = "";
    struct buffer json;
    memcpy(event_id, event.event_id.data, event.event_id.size);
    memcpy(dossier, event.dossier.data, event.dossier.size);
    buffer_init(&json, EVENT_JSON_MAX);
    event_to_json(&event, &json);
    buffer_u8(&json, '\0');
    const struct hoso_refusal public_refusal = {
        .tag = entry->tag,
        .earlier = entry->key < publisher->opened_end,
        .event_id = event_id,
        .dossier = dossier,
        .field = refusal->fault->field,
        .reason = refusal->fault->reason,
        .json = buffer_status(&json) == STATUS_OK ? (const char *)json.data : "",
    };
    publisher->options.refused(publisher->options.context, &public_refusal);
    buffer_fini(&json);
    return false;
}

/* Reports before it removes: after a crash in between an event is reported twice rather than
 * never. */
static void take_invalid(struct hoso_publisher *publisher, const Hoso__V1__AppendReply *reply)
{
    bool faulty[BATCH_MAX] = {false};
    const struct flight flight = publisher->flights[0];
    uint64_t count = 0;
    for (size_t i = 0; i < reply->n_faults; i++) {
        const Hoso__V1__EventFault *fault = reply->faults[i];
        if (fault->index >= flight.count || faulty[fault->index]) {
            continue;
        }
        struct refusal refusal = {.publisher = publisher, .fault = fault};
        faulty[fault->index] = true;
        count++;
        if (outbox_read(publisher->outbox, flight.first_key + fault->index, 1, report_refusal,
                        &refusal) != STATUS_OK) {
            (void)publisher_die(publisher, HOSO_CORRUPT,
                                "the outbox is damaged: a refused event is not in it");
            return;
        }
    }
    if (count == 0) {
        (void)publisher_die(publisher, HOSO_INTERNAL,
                            "intake refused a batch without saying which event");
        return;
    }
    const enum status status = outbox_remove(publisher->outbox, flight.count, faulty);
    if (status != STATUS_OK) {
        (void)publisher_die(publisher, status == STATUS_FULL ? HOSO_FULL : HOSO_IO,
                            "cannot take refused events out of the outbox: %s",
                            status_text(status));
        return;
    }
    publisher_progress(publisher);
    publisher->counts.refused += count;
    publisher_rewind(publisher, outbox_first(publisher->outbox));
}

/* Sequences that intake had before we opened were used for something else: ours never arrived. */
static void take_conflict(struct hoso_publisher *publisher, unsigned index)
{
    const struct flight *flight = &publisher->flights[index];
    if (outbox_sequence(publisher->outbox, flight->first_key) >= publisher->opened_sequence) {
        (void)publisher_die(
            publisher, HOSO_CONFLICT,
            "intake has other events under our sequences: is this key used by two publishers?");
        return;
    }
    const enum status status = outbox_renumber(publisher->outbox, publisher->opened_sequence);
    if (status != STATUS_OK) {
        (void)publisher_die(publisher, HOSO_IO, "cannot renumber the outbox: %s",
                            status_text(status));
        return;
    }
    publisher_notice(
        publisher, "the outbox was numbered anew: this source published from elsewhere in between");
    publisher_rewind(publisher, outbox_first(publisher->outbox));
}

/* One AppendReply to flights[index]. */
static void take_append(struct hoso_publisher *publisher, unsigned index,
                        const Hoso__V1__AppendReply *reply)
{
    switch (reply->result) {
    case HOSO__V1__APPEND_RESULT__APPEND_RESULT_ACK:
    case HOSO__V1__APPEND_RESULT__APPEND_RESULT_DUPLICATE:
        take_done(publisher, index, reply->cut);
        break;
    case HOSO__V1__APPEND_RESULT__APPEND_RESULT_GAP:
        take_gap(publisher, reply->next_sequence);
        break;
    case HOSO__V1__APPEND_RESULT__APPEND_RESULT_INVALID:
        if (index == 0) {
            take_invalid(publisher, reply);
        } else {
            send_again(publisher, index, 0);
            publisher->alone = true;
        }
        break;
    case HOSO__V1__APPEND_RESULT__APPEND_RESULT_BUSY:
        take_busy(publisher, index);
        break;
    case HOSO__V1__APPEND_RESULT__APPEND_RESULT_FULL:
        publisher_notice_wait(publisher, WAIT_DISK,
                              "intake's disk is at its reserve; events wait until it has room");
        send_again(publisher, index, publisher->resend_min_ms);
        break;
    case HOSO__V1__APPEND_RESULT__APPEND_RESULT_CONFLICT:
        take_conflict(publisher, index);
        break;
    case HOSO__V1__APPEND_RESULT__APPEND_RESULT_NOT_OPEN:
        publisher_reopen(publisher);
        break;
    case HOSO__V1__APPEND_RESULT__APPEND_RESULT_FENCED:
        (void)publisher_die(publisher, HOSO_FENCED,
                            "another publisher opened this source: only one may run with one key");
        break;
    default:
        (void)publisher_die(publisher, HOSO_INTERNAL,
                            "intake gave an answer that this version does not know");
        break;
    }
}

/* A failure of the request as a whole, not of its events: what passes by itself is tried again, the
 * rest ends the publisher. */
static void take_error(struct hoso_publisher *publisher, const Hoso__V1__Error *reply)
{
    struct hoso_error error;
    const enum hoso_status status = client_fail_reply(&error, reply);
    if (status == HOSO_BUSY || status == HOSO_NOT_READY || status == HOSO_UNAVAILABLE) {
        publisher_rewind(publisher, outbox_first(publisher->outbox));
        publisher->resume_ms = clock_ms() + BUSY_MAX_MS;
        publisher_notice_wait(publisher, WAIT_READY, "intake is not ready: %s", error.text);
        return;
    }
    (void)publisher_die(publisher, status, "%s", error.text);
}

static void take_answer(struct hoso_publisher *publisher, const struct exchange_answer *answer)
{
    const Hoso__V1__IntakeReply *reply = (const Hoso__V1__IntakeReply *)answer->reply;
    unsigned index = 0;
    while (index < publisher->flight_count &&
           publisher->flights[index].question != answer->question) {
        index++;
    }
    publisher->resend_ms = publisher->resend_min_ms;
    if (answer->refusal != NULL) {
        take_error(publisher, answer->refusal);
    } else if (!publisher->opened && reply->body_case == HOSO__V1__INTAKE_REPLY__BODY_OPEN) {
        publisher_opened(publisher, reply->open);
    } else if (index < publisher->flight_count &&
               reply->body_case == HOSO__V1__INTAKE_REPLY__BODY_APPEND) {
        take_append(publisher, index, reply->append);
    } else {
        (void)publisher_die(publisher, HOSO_INTERNAL, "intake answered another question");
    }
}

static void take_silence(struct hoso_publisher *publisher)
{
    if (publisher->flight_count == 0) {
        return; /* it was asked for the epoch, and is again */
    }
    publisher_notice_wait(publisher, WAIT_ANSWER, "no answer from intake for %d ms; sending again",
                          publisher->resend_ms);
    publisher->resend_ms =
        publisher->resend_ms * 2 < RESEND_MAX_MS ? publisher->resend_ms * 2 : RESEND_MAX_MS;
    publisher_rewind(publisher, outbox_first(publisher->outbox));
}

bool publisher_take_news(struct hoso_publisher *publisher)
{
    struct exchange_answer answer = {.reply = NULL};
    struct error error = {.status = STATUS_OK};
    arena_reset(&publisher->batch_arena);
    switch (exchange_take(publisher->exchange, &publisher->batch_arena, &answer, &error)) {
    case EXCHANGE_NOTHING:
        return false;
    case EXCHANGE_ANSWERED:
    case EXCHANGE_REFUSED:
        take_answer(publisher, &answer);
        break;
    case EXCHANGE_UNREADABLE:
        (void)publisher_die(publisher, HOSO_INTERNAL, "cannot read intake's answer: %s",
                            error.text);
        break;
    case EXCHANGE_SILENT:
        take_silence(publisher);
        break;
    case EXCHANGE_LOST:
        break;
    }
    return true;
}
