/* SPDX-License-Identifier: Apache-2.0
 *
 * Asks for one report again and again, one question at a time over one connection, and measures how
 * long each answer takes. Every answer must be a report whose checks hold.
 *
 *     report_bench --endpoint E --key SERVER --keys FILE --form F --unit U --from D --to D
 *                  [--requests N] [--until-input-ends 1]
 *
 * With --until-input-ends it goes on for as long as its standard input is open.
 */
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
#include <zmq.h>

#include "base/require.h"
#include "hoso/v1/reporting.pb-c.h"
#include "peer.h"

enum { REQUESTS_MAX = 1000000, REPLY_MAX = 64 << 20, REQUEST_MAX = 4096, WARM_UP = 5 };

struct bench {
    void *socket;
    Hoso__V1__ReportingRequest request;
    struct buffer reply;
    double *latencies; /* in ms */
    size_t count;
    size_t rows;
    uint64_t failed_checks;
};

static void check_reply(struct bench *bench)
{
    Hoso__V1__ReportingReply *reply =
        hoso__v1__reporting_reply__unpack(NULL, bench->reply.size, bench->reply.data);
    if (reply == NULL || reply->request_id != bench->request.request_id) {
        fail("an answer cannot be read, or belongs to another question");
    }
    if (reply->body_case == HOSO__V1__REPORTING_REPLY__BODY_ERROR) {
        fail("refused: %s: %s", reply->error->field, reply->error->text);
    }
    require(reply->body_case == HOSO__V1__REPORTING_REPLY__BODY_REPORT);
    bench->rows = reply->report->n_rows;
    for (size_t i = 0; i < reply->report->n_checks; i++) {
        bench->failed_checks += !reply->report->checks[i]->ok;
    }
    hoso__v1__reporting_reply__free_unpacked(reply, NULL);
}

static double ask(struct bench *bench)
{
    uint8_t packed[REQUEST_MAX];
    bench->request.request_id++;
    require(hoso__v1__reporting_request__get_packed_size(&bench->request) <= sizeof packed);
    const double from_s = clock_s();
    peer_send(bench->socket,
              slice_of(packed, hoso__v1__reporting_request__pack(&bench->request, packed)));
    peer_receive(bench->socket, &bench->reply);
    const double spent_ms = (clock_s() - from_s) * 1e3;
    check_reply(bench);
    return spent_ms;
}

static bool input_has_ended(void)
{
    struct pollfd input = {.fd = STDIN_FILENO, .events = POLLIN};
    char byte;
    return poll(&input, 1, 0) == 1 && read(STDIN_FILENO, &byte, 1) <= 0;
}

static void run(struct bench *bench, size_t requests, bool until_input_ends)
{
    for (unsigned i = 0; i < WARM_UP; i++) {
        (void)ask(bench);
    }
    while (bench->count < requests && !(until_input_ends && input_has_ended())) {
        bench->latencies[bench->count++] = ask(bench);
    }
}

static void print_result(struct bench *bench, const char *form, double seconds, double cpu_s)
{
    if (bench->count == 0) {
        fail("not one report was answered");
    }
    (void)printf("{\"form\":\"%s\",\"requests\":%zu,\"rows\":%zu,\"answer_bytes\":%zu,"
                 "\"failed_checks\":%llu,\"reports_per_s\":%.0f,\"ms_p50\":%.3f,\"ms_p99\":%.3f,"
                 "\"ms_max\":%.3f,\"client_cpu_s\":%.3f}\n",
                 form, bench->count, bench->rows, bench->reply.size,
                 (unsigned long long)bench->failed_checks, (double)bench->count / seconds,
                 percentile(bench->latencies, bench->count, 0.5),
                 percentile(bench->latencies, bench->count, 0.99),
                 percentile(bench->latencies, bench->count, 1), cpu_s);
}

int main(int argc, char **argv)
{
    static struct bench bench;
    struct peer_keys keys;
    Hoso__V1__RunReportRequest run_report = HOSO__V1__RUN_REPORT_REQUEST__INIT;
    Hoso__V1__Period period = HOSO__V1__PERIOD__INIT;
    const bool until_input_ends = option_number(argc, argv, "--until-input-ends", 0) != 0;
    const size_t requests =
        option_number(argc, argv, "--requests", until_input_ends ? REQUESTS_MAX : 500);
    if (requests > REQUESTS_MAX ||
        peer_read_keys(option_text(argc, argv, "--keys", NULL), &keys, 1) != 1) {
        fail("report_bench: --requests is at most %d, and --keys needs a key", REQUESTS_MAX);
    }
    run_report.form = (char *)(uintptr_t)option_text(argc, argv, "--form", NULL);
    run_report.unit = (char *)(uintptr_t)option_text(argc, argv, "--unit", NULL);
    period.from = (char *)(uintptr_t)option_text(argc, argv, "--from", NULL);
    period.to = (char *)(uintptr_t)option_text(argc, argv, "--to", NULL);
    run_report.period = &period;
    hoso__v1__reporting_request__init(&bench.request);
    bench.request.body_case = HOSO__V1__REPORTING_REQUEST__BODY_RUN_REPORT;
    bench.request.run_report = &run_report;
    buffer_init(&bench.reply, REPLY_MAX);
    bench.latencies = calloc(requests, sizeof *bench.latencies);
    void *context = zmq_ctx_new();
    require(bench.latencies != NULL && context != NULL);
    bench.socket = peer_connect(context, option_text(argc, argv, "--endpoint", NULL),
                                option_text(argc, argv, "--key", NULL), &keys);
    const double started_s = clock_s();
    const double cpu_s = clock_cpu_s();
    run(&bench, requests, until_input_ends);
    print_result(&bench, run_report.form, clock_s() - started_s, clock_cpu_s() - cpu_s);
    (void)zmq_close(bench.socket);
    (void)zmq_ctx_term(context);
    free(bench.latencies);
    buffer_fini(&bench.reply);
    return 0;
}
