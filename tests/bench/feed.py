# SPDX-License-Identifier: Apache-2.0
"""The live totals under load: how long after its acknowledgement an event is in the tables of many subscribers, whether
memory grows meanwhile, and whether every table ends equal to the report."""
import datetime
import json
import subprocess
import time

import machine
from harness import ROOT_UNIT, emit, progress, result
from hosotest.protocol import pb
from hosotest.totals import reported

RATE = 20_000            # events per second
BATCH, WINDOW = 100, 16
SECONDS = {False: 60, True: 5}
PER_DAY = 20_000
FIRST_DAY_AGO = 130      # days before today, on which the history begins, so that it ends before tomorrow
SAMPLE_S = 1


class Memory:
    """Anonymous memory of the services and of the subscribers, again and again."""

    def __init__(self, processes):
        self.processes, self.samples = processes, {name: [] for name in processes}

    def sample(self):
        for name, pid in self.processes.items():
            self.samples[name].append(machine.memory(pid)["rss_anonymous_bytes"])

    def summary(self):
        """Of each the quarters' greatest: what grows is greater in each than in the one before."""
        def quarters(values):
            return [max(values[len(values) * i // 4:len(values) * (i + 1) // 4] or [0]) for i in range(4)]
        return {name: quarters(values) for name, values in self.samples.items()}


def latencies_ms(acks, states):
    """For each Append and each subscriber: from the acknowledgement until the table held it."""
    values = []
    for seen in states.values():
        at = 0
        for position, acknowledged_s in acks:
            while at < len(seen) and seen[at][0] < position:
                at += 1
            if at == len(seen):
                break
            values.append((seen[at][1] - acknowledged_s) * 1e3)
    return sorted(values)


def read_acks(path):
    return [(int(position), float(seconds)) for position, seconds in map(str.split, path.read_text().splitlines())]


def read_states(path):
    states = {}
    for line in path.read_text().splitlines():
        subscriber, position, seconds = line.split()
        states.setdefault(int(subscriber), []).append((int(position), float(seconds)))
    return states


def differing(cluster, tables, units, position):
    """Subscribers whose table is not what the report says."""
    reporter, expected, wrong = cluster.reporter(), {}, []
    for line in tables.read_text().splitlines():
        table = json.loads(line)
        root = units[table["subscriber"] % len(units)]
        if root not in expected:
            day = datetime.date.fromisoformat(table["day"])
            expected[root] = reported(reporter, root, day, position)
        assert table["position"] == position
        held = {unit: {m: tuple(v) if isinstance(v, list) else v for m, v in values.items()}
                for unit, values in table["units"].items()}
        if held != expected[root]:
            wrong.append(table["subscriber"])
    return wrong


def subscribe(bench, cluster, count, units):
    feed = cluster.follower_parameters("admin")
    arguments = [bench.programs / "feed_bench", "--reporting", feed["reporting"], "--feed", feed["feed"],
                 "--key", feed["server_key"], "--keys", bench.keys(cluster, ["admin"], "subscriber.keys"),
                 "--units", ",".join(units), "--subscribers", count,
                 "--states", bench.path("states"), "--tables", bench.path("tables")]
    process = subprocess.Popen([str(a) for a in arguments], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    live = process.stdout.readline()
    if not live:
        raise SystemExit(f"feed_bench failed with {process.wait()}")
    return process


def measure(bench, count, who, units):
    """One cluster, one load; the units are followed in turn."""
    progress(f"live totals: {count} subscribers of {who}, {RATE} events/s")
    with bench.cluster() as cluster:
        cluster.put_catalogue(bench.catalogue)
        subscribers = subscribe(bench, cluster, count, units)
        first_day = datetime.date.today() - datetime.timedelta(days=FIRST_DAY_AGO)
        publisher, begun = bench.append(cluster, RATE * SECONDS[bench.quick], BATCH, WINDOW, per_day=PER_DAY, rate=RATE,
                                        first_day=first_day.isoformat(), acks=bench.path("acks"))
        watch = machine.Watch(cluster.services)
        memory = Memory({**{s.name: s.process.pid for s in cluster.services}, "subscribers": subscribers.pid})
        while publisher.poll() is None and subscribers.poll() is None:
            memory.sample()
            time.sleep(SAMPLE_S)
        published = result(publisher)
        out, _ = subscribers.communicate(f"{published['position']}\n")
        if subscribers.returncode != 0:
            raise SystemExit(f"feed_bench failed with {subscribers.returncode}")
        followed = json.loads(out.splitlines()[-1])
        watched = watch.end(followed["client_cpu_s"] + published["client_cpu_s"])
        values = latencies_ms(read_acks(bench.path("acks")), read_states(bench.path("states")))
        wrong = differing(cluster, bench.path("tables"), units, published["position"])
        emit("live_totals", who=who, **followed, rate=RATE, seconds=published["seconds"],
                   events_per_s=published["events_per_s"], ack_ms_p50=published["ack_ms_p50"],
                   ack_ms_p99=published["ack_ms_p99"],
                   **{f"to_subscriber_ms_p{n}": round(values[min(len(values) - 1, len(values) * n // 100)], 1)
                      for n in (50, 95, 99)},
                   publisher_cpu_s=published["client_cpu_s"], **watched,
                   anonymous_bytes_by_quarter=memory.summary())
        if wrong:
            raise SystemExit(f"the tables of subscribers {wrong} are not what the report says")


def live_totals(bench):
    measure(bench, 200, "a district each", [unit.id for unit in bench.catalogue.units if unit.tier == pb.TIER_DISTRICT])
    measure(bench, 20, "the whole province", [ROOT_UNIT])
