/* SPDX-License-Identifier: Apache-2.0
 *
 * Follows the live totals with many subscribers of libhoso in one thread, and says when each of
 * them held what. Prints {"live":N} once all are, then reads the position that all have to reach
 * from its standard input, and ends with one JSON line. Into `--states` go lines
 * "SUBSCRIBER POSITION SECONDS", one for each time that a subscriber's table was confirmed; into
 * `--tables` one JSON line a subscriber: what it holds in the end.
 *
 *     feed_bench --reporting E --feed E --key SERVER --keys FILE --units A,B,… --subscribers N
 *                --states FILE --tables FILE
 */
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/require.h"
#include "client/hoso_watch.h"
#include "peer.h"

enum { SUBSCRIBERS_MAX = 400, UNITS_MAX = 400, LIVE_S = 60, REACH_S = 60, WAIT_MS = 100 };

/* libzmq makes at most 1,023 sockets in one context, and a watch takes several of its client's. */
enum { CLIENT_WATCHES = 100, CLIENTS_MAX = SUBSCRIBERS_MAX / CLIENT_WATCHES };

struct subscriber {
    struct hoso_watch *watch;
    uint64_t position;
};

struct bench {
    struct hoso_client *clients[CLIENTS_MAX]; /* of CLIENT_WATCHES subscribers each */
    struct subscriber subscribers[SUBSCRIBERS_MAX];
    struct pollfd polls[SUBSCRIBERS_MAX + 1]; /* the last one is standard input */
    unsigned count;
    uint64_t failures;
    uint64_t goal; /* 0 = not known yet */
    FILE *states;
    FILE *tables;
};

static FILE *open_output(int argc, char **argv, const char *option)
{
    const char *path = option_text(argc, argv, option, NULL);
    FILE *file = fopen(path, "w");
    if (file == NULL) {
        fail("%s cannot be written", path);
    }
    return file;
}

static void open_clients(struct bench *bench, int argc, char **argv)
{
    struct peer_keys keys;
    struct hoso_error error;
    const char *path = option_text(argc, argv, "--keys", NULL);
    if (peer_read_keys(path, &keys, 1) != 1) {
        fail("%s has no keys", path);
    }
    const struct hoso_options options = {.reporting = option_text(argc, argv, "--reporting", NULL),
                                         .reporting_key = option_text(argc, argv, "--key", NULL),
                                         .totals = option_text(argc, argv, "--feed", NULL),
                                         .public_key = keys.public_text,
                                         .secret_key = keys.secret_text};
    for (unsigned i = 0; i * CLIENT_WATCHES < bench->count; i++) {
        if (hoso_client_open(&options, &bench->clients[i], &error) != HOSO_OK) {
            fail("%s", error.text);
        }
    }
}

/* The units in turn, over and over. */
static void open_watches(struct bench *bench, char *units)
{
    const char *names[UNITS_MAX];
    unsigned unit_count = 0;
    char *name;
    while ((name = strsep(&units, ",")) != NULL && unit_count < UNITS_MAX) {
        names[unit_count++] = name;
    }
    require(unit_count != 0);
    for (unsigned i = 0; i < bench->count; i++) {
        const struct hoso_watch_options options = {.unit = names[i % unit_count]};
        struct hoso_error error;
        if (hoso_watch_open(bench->clients[i / CLIENT_WATCHES], &options,
                            &bench->subscribers[i].watch, &error) != HOSO_OK) {
            fail("%s", error.text);
        }
        bench->polls[i].fd = hoso_watch_fd(bench->subscribers[i].watch);
        bench->polls[i].events = POLLIN;
    }
}

/* Until it has nothing more to tell. */
static void take_news(struct bench *bench, unsigned index)
{
    struct subscriber *subscriber = &bench->subscribers[index];
    struct hoso_watch_news news = {.what = 1};
    struct hoso_error error;
    while (news.what != 0) {
        if (hoso_watch_next(subscriber->watch, 0, &news, &error) != HOSO_OK) {
            (void)fprintf(stderr, "subscriber %u: %s\n", index, error.text);
            bench->failures++; /* it tries on by itself */
            return;
        }
        const struct hoso_watch_info info = hoso_watch_info(subscriber->watch);
        if (info.state == HOSO_WATCH_LIVE && info.cut.position != subscriber->position) {
            subscriber->position = info.cut.position;
            (void)fprintf(bench->states, "%u %llu %.6f\n", index,
                          (unsigned long long)info.cut.position, clock_s());
        }
    }
}

static bool all_live(const struct bench *bench)
{
    for (unsigned i = 0; i < bench->count; i++) {
        if (hoso_watch_info(bench->subscribers[i].watch).state != HOSO_WATCH_LIVE) {
            return false;
        }
    }
    return true;
}

static bool all_reached(const struct bench *bench)
{
    for (unsigned i = 0; i < bench->count; i++) {
        const struct hoso_watch_info info = hoso_watch_info(bench->subscribers[i].watch);
        if (bench->goal == 0 || info.state != HOSO_WATCH_LIVE || info.cut.position < bench->goal) {
            return false;
        }
    }
    return true;
}

static void read_goal(struct bench *bench)
{
    char line[32];
    if (fgets(line, sizeof line, stdin) == NULL) {
        fail("standard input ended without a position");
    }
    bench->goal = strtoull(line, NULL, 10);
    bench->polls[bench->count].fd = -1;
}

/* `given_s` counts from the start, or from when the goal was given. */
static void follow(struct bench *bench, bool (*enough)(const struct bench *), double given_s,
                   const char *what)
{
    double deadline_s = clock_s() + given_s;
    while (!enough(bench)) {
        const int ready = poll(bench->polls, bench->count + 1, WAIT_MS);
        if (ready > 0 && (bench->polls[bench->count].revents & (POLLIN | POLLHUP)) != 0) {
            read_goal(bench);
            deadline_s = clock_s() + given_s;
        }
        for (unsigned i = 0; i < bench->count; i++) {
            if (ready <= 0 || bench->polls[i].revents != 0) {
                take_news(bench, i);
            }
        }
        if ((enough == all_live || bench->goal != 0) && clock_s() > deadline_s) {
            fail("not all subscribers %s within %.0f s", what, given_s);
        }
    }
}

static void print_table(const struct bench *bench, unsigned index)
{
    size_t count = 0;
    struct hoso_watch *watch = bench->subscribers[index].watch;
    const struct hoso_unit_totals *const *units = hoso_watch_units(watch, &count);
    FILE *out = bench->tables;
    (void)fprintf(out, "{\"subscriber\":%u,\"day\":\"%s\",\"position\":%llu,\"units\":{", index,
                  hoso_watch_info(watch).day,
                  (unsigned long long)hoso_watch_info(watch).cut.position);
    for (size_t i = 0; i < count; i++) {
        const char *comma = "";
        (void)fprintf(out, "%s\"%s\":{", i != 0 ? "," : "", units[i]->unit);
        for (size_t j = 0; j < units[i]->flow_count; j++) {
            const struct hoso_flow_total *flow = &units[i]->flows[j];
            (void)fprintf(out, "%s\"%s\":[%lld,%lld,%lld]", comma, flow->measure,
                          (long long)flow->today, (long long)flow->month, (long long)flow->year);
            comma = ",";
        }
        for (size_t j = 0; j < units[i]->stock_count; j++) {
            const struct hoso_stock_total *stock = &units[i]->stocks[j];
            (void)fprintf(out, "%s\"%s\":%lld", comma, stock->measure, (long long)stock->now);
            comma = ",";
        }
        (void)fprintf(out, "}");
    }
    (void)fprintf(out, "}}\n");
}

static void print_result(const struct bench *bench, double cpu_s)
{
    struct hoso_watch_info sum = {.messages = 0};
    for (unsigned i = 0; i < bench->count; i++) {
        const struct hoso_watch_info info = hoso_watch_info(bench->subscribers[i].watch);
        sum.messages += info.messages;
        sum.snapshots += info.snapshots;
        sum.resyncs += info.resyncs;
        print_table(bench, i);
    }
    (void)printf("{\"subscribers\":%u,\"messages\":%llu,\"snapshots\":%llu,\"resyncs\":%llu,"
                 "\"failures\":%llu,"
                 "\"client_cpu_s\":%.3f}\n",
                 bench->count, (unsigned long long)sum.messages, (unsigned long long)sum.snapshots,
                 (unsigned long long)sum.resyncs, (unsigned long long)bench->failures, cpu_s);
}

int main(int argc, char **argv)
{
    static struct bench bench;
    bench.count = (unsigned)option_number(argc, argv, "--subscribers", 200);
    if (bench.count == 0 || bench.count > SUBSCRIBERS_MAX) {
        fail("feed_bench: 1 to %d subscribers", SUBSCRIBERS_MAX);
    }
    bench.states = open_output(argc, argv, "--states");
    bench.tables = open_output(argc, argv, "--tables");
    char *units = strdup(option_text(argc, argv, "--units", NULL));
    require(units != NULL);
    open_clients(&bench, argc, argv);
    open_watches(&bench, units);
    free(units);
    bench.polls[bench.count] = (struct pollfd){.fd = STDIN_FILENO, .events = POLLIN};
    follow(&bench, all_live, LIVE_S, "are live");
    const double cpu_s = clock_cpu_s();
    (void)printf("{\"live\":%u}\n", bench.count);
    (void)fflush(stdout);
    follow(&bench, all_reached, REACH_S, "reached the end");
    print_result(&bench, clock_cpu_s() - cpu_s);
    for (unsigned i = 0; i < bench.count; i++) {
        hoso_watch_close(bench.subscribers[i].watch);
    }
    for (unsigned i = 0; i < CLIENTS_MAX; i++) {
        hoso_client_close(bench.clients[i]);
    }
    (void)fclose(bench.states);
    (void)fclose(bench.tables);
    return 0;
}
