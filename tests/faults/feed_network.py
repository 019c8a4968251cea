#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Subscribers behind a network of their own, which fails: the link is down, then slow and lossy, then well again.

usage: feed_network.py     as root (it makes a network namespace and a pair of links); not part of CI. The
                           lossy part needs a kernel with netem

Both subscribers, a follower in Python and `hoso watch`, must reconnect, notice what they missed, and end with what one that
was near all the time holds.
"""
import json
import os
import pathlib
import subprocess
import sys
import time

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parent / folder) for folder in ("lib", "property", "service")]

from events import TREES, series
from histories import catalogue
from hosotest.cli import Cli
from hosotest.cluster import Cluster
from hosotest.watcher import Watcher

SPACE, OUTER, INNER = f"hoso{os.getpid()}", f"ho{os.getpid()}", f"hi{os.getpid()}"
OUTER_ADDRESS, INNER_ADDRESS = "10.199.77.1", "10.199.77.2"
PHASE_S, DOWN_S = 10, 45       # the heartbeats are patient for 5 + 15 s


def ip(*words):
    subprocess.run(["ip", *words], check=True)


def make_network():
    ip("netns", "add", SPACE)
    ip("link", "add", OUTER, "type", "veth", "peer", "name", INNER, "netns", SPACE)
    ip("address", "add", f"{OUTER_ADDRESS}/30", "dev", OUTER)
    ip("link", "set", OUTER, "up")
    ip("-n", SPACE, "address", "add", f"{INNER_ADDRESS}/30", "dev", INNER)
    ip("-n", SPACE, "link", "set", INNER, "up")


def make_lossy():
    """False: this kernel has no netem."""
    words = ["tc", "qdisc", "add", "dev", OUTER, "root", "netem", "delay", "150ms", "50ms", "loss", "15%", "rate", "64kbit"]
    return subprocess.run(words, stderr=subprocess.DEVNULL, check=False).returncode == 0


class FarCli(Cli):
    def command(self, *arguments):
        return ["ip", "netns", "exec", SPACE, *super().command(*arguments)]


def start_follower(cluster):
    parameters = cluster.follower_parameters("agency")
    process = subprocess.Popen(["ip", "netns", "exec", SPACE, sys.executable, "-m", "hosotest.totals"], text=True,
                               stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                               env={**os.environ, "PYTHONPATH": str(HERE.parent / "lib")})
    process.stdin.write(json.dumps({**parameters, "keys": parameters["keys"]._asdict()}) + "\n")
    process.stdin.flush()
    assert process.stdout.readline() == "live\n"
    return process


def follow(process, position):
    process.stdin.write(f"{position}\n")
    process.stdin.flush()
    return json.loads(process.stdout.readline())


def main():
    cluster = Cluster(sources=["s1"])
    cluster.add("agency", role="agency", units="t00000")
    for name in ("listen", "totals_listen"):
        port = cluster.reporting.settings[name].rpartition(":")[2]
        cluster.reporting.configure(**{name: f"tcp://{OUTER_ADDRESS}:{port}"})
    cluster.reporting.endpoint = cluster.reporting.settings["listen"]
    make_network()
    try:
        with cluster:
            cluster.put_catalogue(catalogue(TREES))
            publisher, near = cluster.publisher("s1"), cluster.follower("admin")
            far = start_follower(cluster)
            watcher = Watcher(FarCli(cluster, "agency"))
            watcher.follow(lambda watching: watching.beat)

            def publish_for(seconds, name):
                """Keeps events coming; the follower nearby paces it."""
                end = time.monotonic() + seconds
                while time.monotonic() < end:
                    publisher.publish(series(f"{name}-{time.monotonic_ns()}", 5))
                    near.pump(0.5)

            for name, seconds, change in [
                    ("well", PHASE_S, lambda: True),
                    ("down", DOWN_S, lambda: ip("link", "set", OUTER, "down")),
                    ("up again", PHASE_S, lambda: ip("link", "set", OUTER, "up")),
                    ("lossy", DOWN_S, make_lossy),
                    ("well again", PHASE_S, lambda: subprocess.run(["tc", "qdisc", "del", "dev", OUTER, "root"],
                                                                   stderr=subprocess.DEVNULL, check=False))]:
                if change() is False:
                    print(f"{name}: not on this kernel", flush=True)
                    continue
                publish_for(seconds, name)
                near.follow_position(publisher.position)
                if name != "down":
                    end = follow(far, publisher.position)
                    values = json.loads(json.dumps(near.totals.values()))
                    print(f"{name}: equal {end['values'] == values}, {end['starts']} starts, {end['reasons']}", flush=True)
                    watcher.follow_position(publisher.position)
                    print(f"{name}: hoso watch: equal {watcher.values == near.totals.values()}, {watcher.beat['resyncs']} "
                          f"resyncs, {[state['state'] for state in watcher.states]}", flush=True)
                    assert end["values"] == values and watcher.values == near.totals.values()
            watcher.stop()
            far.kill()
            far.wait()
    finally:
        subprocess.run(["ip", "link", "del", OUTER], check=False)
        subprocess.run(["ip", "netns", "del", SPACE], check=False)


if __name__ == "__main__":
    main()
