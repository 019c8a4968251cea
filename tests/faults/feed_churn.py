#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Subscribers of the live totals come and go by the thousand while reporting runs under valgrind and events come in.

usage: feed_churn.py [SUBSCRIBERS [ROUNDS]]     1000 and 5; $HOSO_BIN a build without sanitizers; not part of CI

In each round all connect (a part of them follows one unit, a part a subtree, a part everything, some ask for a thousand
topics), some are cut off without a word, the rest leave. Ends with what valgrind says and with a follower and a `hoso watch`
that were there all the time holding what a new snapshot says.
"""
import os
import pathlib
import random
import sys
import tempfile
import time

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parent / folder) for folder in ("lib", "property", "service")]

import zmq

from events import TREES, series
from histories import catalogue
from hosotest import cluster as harness
from hosotest.cli import Cli
from hosotest.watcher import Watcher


def wrap_in_valgrind(folder):
    """A folder of programs, of which reporting runs under valgrind."""
    for name in ("hoso", "hoso-intake", "hoso-aggregation", "hoso-reporting"):
        real = harness.program(name)
        if name == "hoso-reporting":
            path = folder / name
            path.write_text("#!/bin/sh\nexec valgrind --quiet --error-exitcode=99 --leak-check=full "
                            f"--errors-for-leak-kinds=definite {real} \"$@\"\n")
            path.chmod(0o755)
        else:
            (folder / name).symlink_to(real)
    os.environ["HOSO_BIN"] = str(folder)


def subscriber(context, parameters, keys, number):
    socket = context.socket(zmq.SUB)
    socket.curve_serverkey = parameters["server_key"].encode()
    socket.curve_publickey, socket.curve_secretkey = keys.public.encode(), keys.secret.encode()
    socket.setsockopt(zmq.LINGER, 0)
    topics = [["totals."], ["totals.t00000/"], ["totals.t00000/t00000.a.", "beat.t00000/t00000.a."],
              [f"totals.nothing.{number}.{n}." for n in range(1000 if number % 100 == 3 else 3)]][number % 4]
    for topic in topics:
        socket.subscribe(topic)
    socket.connect(parameters["feed"])
    return socket


def main():
    count, rounds = (int(value) for value in (sys.argv[1:] + ["1000", "5"][len(sys.argv) - 1:]))
    harness.READY_S, harness.STOP_S = 120, 120
    with tempfile.TemporaryDirectory() as folder:
        wrap_in_valgrind(pathlib.Path(folder))
        with harness.Cluster(sources=["s1"]) as cluster:
            keys = cluster.add("agency", role="agency", units="t00000")
            cluster.reload()
            cluster.put_catalogue(catalogue(TREES))
            publisher, stays, parameters = cluster.publisher("s1"), cluster.follower(), cluster.follower_parameters("agency")
            stays.follow(lambda totals: True)
            watcher = Watcher(Cli(cluster, "admin"), "--timeout", "120000")
            watcher.follow(lambda watching: watching.beat, 300)
            for n in range(rounds):
                began, context = time.monotonic(), zmq.Context()
                context.set(zmq.MAX_SOCKETS, count + 10)
                sockets = [subscriber(context, parameters, keys, number) for number in range(count)]
                heard, deadline = set(), time.monotonic() + 120
                while len(heard) < count // 2 and time.monotonic() < deadline:   # those who asked for nothing hear nothing
                    publisher.publish(series(f"churn-{n}-{time.monotonic_ns()}", 5))
                    heard |= {number for number, socket in enumerate(sockets) if socket.poll(0)}
                    stays.pump(0)
                random.shuffle(sockets)
                for socket in sockets:
                    socket.close()
                context.term()
                stays.follow_position(publisher.position, 300)
                watcher.follow_position(publisher.position, 300)
                gauges = {gauge.name: gauge.value for gauge in cluster.reporting.status(timeout_s=120).gauges}
                print(f"round {n + 1}: {len(heard)} of {count} heard something, {time.monotonic() - began:.0f} s, "
                      f"subscriptions {gauges['totals_subscriptions']}, messages {gauges['totals_messages']}", flush=True)
            fresh = cluster.follower()
            fresh.follow_position(publisher.position, 300)
            assert fresh.totals.values() == stays.totals.values() == watcher.values
            watcher.stop()
            code, log = cluster.reporting.stop(), cluster.reporting.log_text()
            assert code == 0 and "==" not in log, f"exit {code}\n{log[-4000:]}"
    print("valgrind has nothing to say; the one that stayed holds what a new snapshot says; its restarts:", stays.reasons,
          "and those of hoso watch:", watcher.beat["resyncs"])


if __name__ == "__main__":
    main()
