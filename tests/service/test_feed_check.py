# SPDX-License-Identifier: Apache-2.0
"""hoso feed check: it finds nothing wrong with reporting's feed, and finds what is wrong with another one.

FakeFeed is a small feed of its own, written from docs/feed.md.
"""
import contextlib
import datetime
import json
import subprocess
import threading
import time

import zmq

from events import TREES, series
from hosotest.cli import Cli
from hosotest.cluster import Cluster, loopback_addresses, make_keys
from hosotest.protocol import pb

SECONDS = 3
ROUND_S = 0.3
PATHS = [["X"], ["X", "X.1"], ["X", "X.2"]]
LONG = ["X", "y" * 60]


class FakeFeed(threading.Thread):
    """A ROUTER that answers with snapshots and an XPUB with a round every 0.3 s, on loopback."""

    def __init__(self):
        super().__init__(daemon=True)
        self.keys, self.ended = make_keys(), threading.Event()
        self.feed, self.sequence, self.position, self.rounds = 4711, 0, 10, 0
        self.paths = PATHS + [LONG]
        self.sent = {self.topic(path): 0 for path in self.paths}      # the chains
        self.values = {path[-1]: 1 for path in self.paths}
        self.endpoints = [f"tcp://{address}" for address in loopback_addresses(2)]
        self.sockets = [self.bind(kind, endpoint) for kind, endpoint in zip([zmq.ROUTER, zmq.XPUB], self.endpoints)]

    def bind(self, kind, endpoint):
        socket = zmq.Context.instance().socket(kind)
        socket.curve_server, socket.linger = True, 0
        socket.curve_secretkey = self.keys.secret.encode()
        socket.bind(endpoint)
        return socket

    def run(self):
        router, feed = self.sockets
        next_beat, next_round = time.monotonic() + 1, time.monotonic() + ROUND_S
        while not self.ended.is_set():
            if router.poll(20):
                peer, payload = router.recv_multipart()
                request = pb.ReportingRequest.FromString(payload)
                reply = pb.ReportingReply(request_id=request.request_id, totals_snapshot=self.snapshot())
                router.send_multipart([peer, reply.SerializeToString()])
            while feed.poll(0):
                feed.recv()
            if time.monotonic() >= next_round:
                next_round += ROUND_S
                self.round()
                self.beat()
            if time.monotonic() >= next_beat:
                next_beat += 1
                self.beat()
        for socket in self.sockets:
            socket.close()

    # What it says.

    def topic(self, path):
        joined = "/".join(path)
        return f"totals.{joined}." if len(joined) <= 56 else f"totals.{path[0]}/~0123456789abcdef."

    def day(self):
        return datetime.datetime.now(datetime.timezone(datetime.timedelta(hours=7))).date().isoformat()

    def header(self, previous=0):
        return pb.FeedHeader(feed=self.feed, sequence=self.sequence, previous=previous, day=self.day(),
                             cut=pb.Cut(incarnation=1, position=self.position))

    def totals(self, path):
        value = self.values[path[-1]]
        return pb.UnitTotals(path=path, flows=[pb.FlowTotal(measure="received", today=value, month=value, year=value)],
                             stocks=[pb.StockTotal(measure="processing_in_time", now=value)])

    def snapshot(self):
        units = [pb.SnapshotUnit(topic=self.topic(path), sequence=self.sent[self.topic(path)], totals=self.totals(path))
                 for path in self.paths]
        return pb.TotalsSnapshotReply(header=self.header(), messages=self.sequence, units=units,
                                      subscriptions=["totals.", "feed.reset.", "feed.beat."])

    def send(self, topic, message):
        self.sockets[1].send_multipart([topic.encode(), message.SerializeToString()])

    def say(self, path):
        """One unit's message, numbered and chained."""
        topic, self.sequence = self.topic(path), self.sequence + 1
        message = pb.FeedMessage(header=self.header(self.sent[topic]), totals=self.totals(path))
        self.sent[topic] = self.sequence
        self.send(topic, message)

    def round(self):
        self.rounds, self.position = self.rounds + 1, self.position + 1
        for path in reversed(self.paths[:3] if self.rounds % 2 else self.paths):
            self.values[path[-1]] += 1
            self.say(path)

    def beat(self):
        self.send("feed.beat.", pb.FeedMessage(header=self.header(), heartbeat=pb.FeedHeartbeat(messages=self.sequence)))


class BrokenFeed(FakeFeed):
    """In each round the first of two messages of a unit is lost, and something comes that is no message."""

    def round(self):
        topic, self.sequence = self.topic(["X", "X.1"]), self.sequence + 1
        self.sent[topic] = self.sequence
        super().round()
        self.sockets[1].send_multipart([b"totals.X.", b"", b""])


def start_check(folder, feed):
    """A check of this feed, on its way."""
    keys = make_keys()
    Cluster.write_keys(folder / f"{type(feed).__name__}.key", keys)
    config = folder / f"{type(feed).__name__}.conf"
    config.write_text(f"reporting = {feed.endpoints[0]}\nreporting_key = {feed.keys.public}\n"
                      f"key = {type(feed).__name__}.key\n")
    cli = Cli.__new__(Cli)
    cli.config = config
    return cli.start("feed", "check", feed.endpoints[1], "--for", SECONDS, "--format", "json", "--lang", "en")


def test_feeds_of_others(tmp_path):
    """A sound one and a broken one, at the same time; tests/unit/hoso/feed_check_test.c has each promise."""
    feeds = [FakeFeed(), BrokenFeed()]
    for feed in feeds:
        feed.start()
    checks = [start_check(tmp_path, feed) for feed in feeds]
    done = [check.communicate(timeout=60) for check in checks]
    for feed in feeds:
        feed.ended.set()
        feed.join()
    sound, broken = (json.loads(out) for out, _ in done)
    assert [check.returncode for check in checks] == [0, 1] and [errors for _, errors in done] == ["", ""]
    assert sound["ok"] and not broken["ok"], (sound, broken)
    assert all(check["ok"] and check["seen"] > 1 for check in sound["checks"] if check["id"] != "snapshot"), sound
    found = {check["id"]: check["detail"] for check in broken["checks"] if check["ok"] is False}
    assert found.get("chain") and "were not [topic][message]" in found.get("form", ""), broken


def test_reportings_feed(cluster, publisher):
    admin = Cli(cluster, "admin")
    check = admin.start("feed", "check", "--for", "3", "--format", "json")
    while check.poll() is None:
        publisher.publish(series(f"check-{time.monotonic_ns()}", 5))
        with contextlib.suppress(subprocess.TimeoutExpired):
            check.wait(0.2)
    result = json.loads(check.stdout.read())
    assert check.returncode == 0 and result["ok"] and check.stderr.read() == "", result
    assert all(each["ok"] for each in result["checks"]) and result["messages"] > 10
    table = admin.run("feed", "check", "--for", "2", "--unit", TREES[0].units[0]).stdout
    assert "Nhịp đếm đúng số thông điệp" in table and "SAI" not in table


def test_what_cannot_be_checked(cluster):
    admin = Cli(cluster, "admin")
    wrong = f"tcp://{loopback_addresses(1)[0]}"
    result = json.loads(admin.run("feed", "check", wrong, "--for", "1", "--format", "json", code=1).stdout)
    assert {check["id"] for check in result["checks"] if check["ok"] is False} == {"heard", "state"}
    assert "SAI" in admin.run("feed", "check", "--unit", "nowhere", "--for", "1", code=1).stdout
    assert "--for is 1 to" in admin.run("feed", "check", "--lang", "en", "--for", "0", code=2).stderr
    assert "did you mean" in admin.run("feed", "check", "--lang", "en", "--untl", "x", code=2).stderr
