/* SPDX-License-Identifier: Apache-2.0
 *
 * Publishes the events on its standard input, NDJSON as `hoso simulate` writes it, and measures how
 * fast they are acknowledged. Appends are encoded before the clock starts, events of one dossier by
 * one publisher; each publisher keeps `--window` of them under way and sends the next
 * when one is acknowledged, with `--rate` not before its time. Anything but ACK ends the bench.
 * Prints one JSON line when it starts ("started") and one at the end; into `--acks` go lines
 * "POSITION SECONDS": when what was acknowledged up to there.
 *
 *     append_bench --endpoint E --key SERVER --keys FILE [--batch B] [--window W]
 *                  [--publishers P] [--rate EVENTS_PER_S] [--acks FILE] < EVENTS
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <xxhash.h>
#include <zmq.h>

#include "base/require.h"
#include "event/event_json.h"
#include "event/event_wire.h"
#include "hoso/v1/publisher.pb-c.h"
#include "peer.h"

enum {
    PUBLISHERS_MAX = 64,
    BATCH_MAX = 4096,
    BYTES_MAX = INT32_MAX,
    BATCH_ARENA = BATCH_MAX * 4096,
    REPLY_MAX = 1 << 20,
    ANSWER_S = 60
};

struct append {
    size_t offset; /* in its publisher's bytes */
    size_t size;
    uint32_t count;
    double sent_s;
};

struct publisher {
    void *socket;
    uint64_t epoch;
    uint64_t next_sequence;
    struct buffer bytes;
    struct arena arena; /* of the events that wait to be encoded */
    Hoso__V1__Event **events;
    uint32_t event_count;
    struct append *appends; /* request_id = index */
    uint32_t append_count;
    uint32_t append_capacity;
    uint32_t sent;
    uint32_t answered;
};

struct bench {
    struct publisher publishers[PUBLISHERS_MAX];
    unsigned publisher_count;
    uint32_t batch;
    uint32_t window;
    uint32_t events;
    int64_t first_ms; /* when the first event happened, and the last */
    int64_t last_ms;
    uint32_t rate; /* events per second of all publishers together; 0 = as fast as it goes */
    double started_s;
    FILE *acks;        /* NULL = not asked for */
    uint64_t position; /* of the last event acknowledged */
    double *latencies; /* in ms */
    uint32_t latency_count;
    struct buffer reply;
};

static Hoso__V1__IntakeReply *take_reply(struct bench *bench, void *socket)
{
    peer_receive(socket, &bench->reply);
    Hoso__V1__IntakeReply *reply =
        hoso__v1__intake_reply__unpack(NULL, bench->reply.size, bench->reply.data);
    if (reply == NULL) {
        fail("an answer cannot be read");
    }
    if (reply->body_case == HOSO__V1__INTAKE_REPLY__BODY_ERROR) {
        fail("refused: %s: %s", reply->error->field, reply->error->text);
    }
    return reply;
}

static void pack_request(struct buffer *bytes, const Hoso__V1__IntakeRequest *request)
{
    const size_t size = hoso__v1__intake_request__get_packed_size(request);
    uint8_t *packed = malloc(size);
    require(packed != NULL && hoso__v1__intake_request__pack(request, packed) == size);
    buffer_put(bytes, packed, size);
    require(buffer_status(bytes) == STATUS_OK);
    free(packed);
}

static void open_publisher(struct bench *bench, struct publisher *publisher)
{
    Hoso__V1__OpenRequest open = HOSO__V1__OPEN_REQUEST__INIT;
    Hoso__V1__IntakeRequest request = HOSO__V1__INTAKE_REQUEST__INIT;
    request.body_case = HOSO__V1__INTAKE_REQUEST__BODY_OPEN;
    request.open = &open;
    buffer_init(&publisher->bytes, BYTES_MAX);
    pack_request(&publisher->bytes, &request);
    peer_send(publisher->socket, buffer_slice(&publisher->bytes));
    buffer_clear(&publisher->bytes);
    Hoso__V1__IntakeReply *reply = take_reply(bench, publisher->socket);
    require(reply->body_case == HOSO__V1__INTAKE_REPLY__BODY_OPEN);
    publisher->epoch = reply->open->epoch;
    publisher->next_sequence = reply->open->next_sequence;
    hoso__v1__intake_reply__free_unpacked(reply, NULL);
}

/* Encodes the events that wait as the publisher's next Append. */
static void add_append(struct publisher *publisher)
{
    Hoso__V1__AppendRequest append = HOSO__V1__APPEND_REQUEST__INIT;
    Hoso__V1__IntakeRequest request = HOSO__V1__INTAKE_REQUEST__INIT;
    const uint32_t count = publisher->event_count;
    if (publisher->append_count == publisher->append_capacity) {
        publisher->append_capacity = publisher->append_capacity * 2 + 1024;
        publisher->appends = reallocarray(publisher->appends, publisher->append_capacity,
                                          sizeof *publisher->appends);
        require(publisher->appends != NULL);
    }
    append.epoch = publisher->epoch;
    append.first_sequence = publisher->next_sequence;
    append.events = publisher->events;
    append.n_events = count;
    request.request_id = publisher->append_count;
    request.body_case = HOSO__V1__INTAKE_REQUEST__BODY_APPEND;
    request.append = &append;
    const size_t offset = publisher->bytes.size;
    pack_request(&publisher->bytes, &request);
    publisher->appends[publisher->append_count++] =
        (struct append){.offset = offset, .size = publisher->bytes.size - offset, .count = count};
    publisher->next_sequence += count;
    publisher->event_count = 0;
    arena_reset(&publisher->arena);
}

static void take_event(struct bench *bench, const struct event *event)
{
    const uint64_t hash = XXH3_64bits(event->dossier.data, event->dossier.size);
    struct publisher *publisher = &bench->publishers[hash % bench->publisher_count];
    Hoso__V1__Event *wire = arena_alloc(&publisher->arena, sizeof *wire);
    require(wire != NULL && event_to_wire(event, &publisher->arena, wire) == STATUS_OK);
    publisher->events[publisher->event_count++] = wire;
    if (publisher->event_count == bench->batch) {
        add_append(publisher);
    }
    bench->first_ms = bench->events == 0 ? event->occurred_at_ms : bench->first_ms;
    bench->last_ms = event->occurred_at_ms;
    bench->events++;
}

static void encode_input(struct bench *bench)
{
    static char line[EVENT_JSON_MAX + 2];
    struct arena arena;
    arena_init(&arena, 4 * EVENT_JSON_MAX);
    while (fgets(line, sizeof line, stdin) != NULL) {
        struct event event;
        struct event_fault fault;
        const struct slice json = slice_of(line, strcspn(line, "\n"));
        if (event_from_json(json, &arena, &event, &fault) != STATUS_OK) {
            fail("event %u: %s: %s", bench->events + 1, fault.field, fault.reason);
        }
        take_event(bench, &event);
        arena_reset(&arena);
    }
    arena_fini(&arena);
    for (unsigned i = 0; i < bench->publisher_count; i++) {
        if (bench->publishers[i].event_count != 0) {
            add_append(&bench->publishers[i]);
        }
        arena_fini(&bench->publishers[i].arena);
        free(bench->publishers[i].events);
    }
    if (ferror(stdin) || bench->events == 0) {
        fail("no events came, or not all");
    }
}

/* When its next Append may go; the past if there is no rate. */
static double due_s(const struct bench *bench, const struct publisher *publisher)
{
    return bench->rate == 0 ? 0
                            : bench->started_s + (double)publisher->sent * bench->batch *
                                                     bench->publisher_count / bench->rate;
}

static bool may_send(const struct bench *bench, const struct publisher *publisher)
{
    return publisher->sent < publisher->append_count &&
           publisher->sent - publisher->answered < bench->window;
}

static void send_some(const struct bench *bench, struct publisher *publisher)
{
    while (may_send(bench, publisher) && due_s(bench, publisher) <= clock_s()) {
        struct append *append = &publisher->appends[publisher->sent++];
        append->sent_s = clock_s();
        peer_send(publisher->socket,
                  slice_of(publisher->bytes.data + append->offset, append->size));
    }
}

static void take_answer(struct bench *bench, struct publisher *publisher)
{
    Hoso__V1__IntakeReply *reply = take_reply(bench, publisher->socket);
    if (reply->body_case != HOSO__V1__INTAKE_REPLY__BODY_APPEND ||
        reply->request_id >= publisher->sent ||
        reply->append->result != HOSO__V1__APPEND_RESULT__APPEND_RESULT_ACK) {
        fail("append %llu: result %d", (unsigned long long)reply->request_id,
             reply->body_case == HOSO__V1__INTAKE_REPLY__BODY_APPEND ? (int)reply->append->result
                                                                     : -1);
    }
    const double now_s = clock_s();
    bench->latencies[bench->latency_count++] =
        (now_s - publisher->appends[reply->request_id].sent_s) * 1e3;
    if (bench->acks != NULL) {
        (void)fprintf(bench->acks, "%llu %.6f\n", (unsigned long long)reply->append->cut->position,
                      now_s);
    }
    if (reply->append->cut->position > bench->position) {
        bench->position = reply->append->cut->position;
    }
    publisher->answered++;
    hoso__v1__intake_reply__free_unpacked(reply, NULL);
}

/* Until the next Append is due, a minute if only an answer can make one so. */
static long wait_ms(const struct bench *bench)
{
    double wait_s = ANSWER_S;
    for (unsigned i = 0; i < bench->publisher_count; i++) {
        const struct publisher *publisher = &bench->publishers[i];
        const double left_s = due_s(bench, publisher) - clock_s();
        if (may_send(bench, publisher) && left_s < wait_s) {
            wait_s = left_s > 0 ? left_s : 0;
        }
    }
    return (long)ceil(wait_s * 1e3);
}

static void publish(struct bench *bench)
{
    zmq_pollitem_t items[PUBLISHERS_MAX];
    uint32_t left = 0;
    bench->started_s = clock_s();
    for (unsigned i = 0; i < bench->publisher_count; i++) {
        items[i] = (zmq_pollitem_t){.socket = bench->publishers[i].socket, .events = ZMQ_POLLIN};
        left += bench->publishers[i].append_count;
        send_some(bench, &bench->publishers[i]);
    }
    while (left != 0) {
        const long timeout_ms = wait_ms(bench);
        if (zmq_poll(items, (int)bench->publisher_count, timeout_ms) <= 0 &&
            timeout_ms == ANSWER_S * 1000) {
            fail("no answer within a minute");
        }
        for (unsigned i = 0; i < bench->publisher_count; i++) {
            if ((items[i].revents & ZMQ_POLLIN) != 0) {
                take_answer(bench, &bench->publishers[i]);
                left--;
            }
            send_some(bench, &bench->publishers[i]);
        }
    }
}

static void connect_all(struct bench *bench, void *context, int argc, char **argv)
{
    struct peer_keys keys[PUBLISHERS_MAX];
    const char *path = option_text(argc, argv, "--keys", NULL);
    if (peer_read_keys(path, keys, bench->publisher_count) != bench->publisher_count) {
        fail("%s has too few keys", path);
    }
    for (unsigned i = 0; i < bench->publisher_count; i++) {
        struct publisher *publisher = &bench->publishers[i];
        publisher->socket = peer_connect(context, option_text(argc, argv, "--endpoint", NULL),
                                         option_text(argc, argv, "--key", NULL), &keys[i]);
        open_publisher(bench, publisher);
        arena_init(&publisher->arena, BATCH_ARENA);
        publisher->events = calloc(bench->batch, sizeof *publisher->events);
        require(publisher->events != NULL);
    }
}

static void print_result(struct bench *bench, double ended_s, double cpu_s)
{
    uint64_t bytes = 0;
    uint32_t appends = 0;
    for (unsigned i = 0; i < bench->publisher_count; i++) {
        bytes += bench->publishers[i].bytes.size;
        appends += bench->publishers[i].append_count;
    }
    (void)printf("{\"events\":%u,\"appends\":%u,\"batch\":%u,\"window\":%u,\"publishers\":%u,"
                 "\"seconds\":%.4f,\"events_per_s\":%.0f,\"message_bytes\":%llu,"
                 "\"ack_ms_p50\":%.3f,\"ack_ms_p99\":%.3f,\"ack_ms_max\":%.3f,"
                 "\"client_cpu_s\":%.3f,\"started_s\":%.6f,\"ended_s\":%.6f,\"position\":%llu}\n",
                 bench->events, appends, bench->batch, bench->window, bench->publisher_count,
                 ended_s - bench->started_s, bench->events / (ended_s - bench->started_s),
                 (unsigned long long)bytes, percentile(bench->latencies, bench->latency_count, 0.5),
                 percentile(bench->latencies, bench->latency_count, 0.99),
                 percentile(bench->latencies, bench->latency_count, 1), cpu_s, bench->started_s,
                 ended_s, (unsigned long long)bench->position);
    (void)fflush(stdout);
}

int main(int argc, char **argv)
{
    static struct bench bench;
    bench.batch = (uint32_t)option_number(argc, argv, "--batch", 1000);
    bench.window = (uint32_t)option_number(argc, argv, "--window", 16);
    bench.publisher_count = (unsigned)option_number(argc, argv, "--publishers", 1);
    bench.rate = (uint32_t)option_number(argc, argv, "--rate", 0);
    const char *acks = option_text(argc, argv, "--acks", "");
    if (acks[0] != '\0' && (bench.acks = fopen(acks, "w")) == NULL) {
        fail("%s cannot be written", acks);
    }
    if (bench.batch == 0 || bench.batch > BATCH_MAX || bench.window == 0 ||
        bench.publisher_count == 0 || bench.publisher_count > PUBLISHERS_MAX) {
        fail("append_bench: a number is out of range");
    }
    void *context = zmq_ctx_new();
    require(context != NULL);
    buffer_init(&bench.reply, REPLY_MAX);
    connect_all(&bench, context, argc, argv);
    encode_input(&bench);
    bench.latencies = calloc(bench.events, sizeof *bench.latencies);
    require(bench.latencies != NULL);
    const double cpu_s = clock_cpu_s();
    (void)printf("{\"started_s\":%.6f,\"first_ms\":%lld,\"last_ms\":%lld}\n", clock_s(),
                 (long long)bench.first_ms, (long long)bench.last_ms);
    (void)fflush(stdout);
    publish(&bench);
    print_result(&bench, clock_s(), clock_cpu_s() - cpu_s);
    for (unsigned i = 0; i < bench.publisher_count; i++) {
        (void)zmq_close(bench.publishers[i].socket);
        buffer_fini(&bench.publishers[i].bytes);
        free(bench.publishers[i].appends);
    }
    if (bench.acks != NULL) {
        (void)fclose(bench.acks);
    }
    free(bench.latencies);
    buffer_fini(&bench.reply);
    (void)zmq_ctx_term(context);
    return 0;
}
