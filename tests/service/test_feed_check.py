# SPDX-License-Identifier: Apache-2.0
"""hoso feed check: it finds nothing wrong with reporting's feed, and finds what is wrong with others.

FakeFeed is a small feed of its own, written from docs/feed.md; a subclass breaks one promise.
"""
import contextlib
import datetime
import json
import subprocess
import threading
import time

import pytest
import zmq

from events import TREES, series
from hosotest.cli import Cli
from hosotest.cluster import Cluster, loopback_addresses, make_keys
from hosotest.protocol import pb

SECONDS = 6
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

    # What it says; one of these is wrong in a subclass.

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


class Gap(FakeFeed):
    """In each round the first of two messages of a unit is lost: its next one comes before the heartbeat."""

    def round(self):
        topic, self.sequence = self.topic(["X", "X.1"]), self.sequence + 1
        self.sent[topic] = self.sequence
        super().round()


class LostAtTheEnd(FakeFeed):
    """After the third round a unit changes without a message, in a round of its own: only the heartbeat tells."""

    def send(self, topic, message):
        if not (topic == "totals.X/X.2." and self.rounds >= 4):
            super().send(topic, message)


class WrongCount(FakeFeed):
    def beat(self):
        heartbeat = pb.FeedHeartbeat(messages=self.sequence + self.rounds)
        self.send("feed.beat.", pb.FeedMessage(header=self.header(), heartbeat=heartbeat))


class FewHeartbeats(FakeFeed):
    """Two after each snapshot, then silence."""

    left = 1000

    def snapshot(self):
        self.left = 2
        return super().snapshot()

    def beat(self):
        if self.left > 0:
            self.left -= 1
            super().beat()


class NoHeartbeat(FakeFeed):
    def beat(self):
        pass


class WrongTopic(FakeFeed):
    def topic(self, path):
        return f"totals.{'.'.join(path)[:20]}."


class WrongShortForm(FakeFeed):
    def topic(self, path):
        return super().topic(path).replace("0123456789abcdef", "0123")


class NoDay(FakeFeed):
    def day(self):
        return ""


class Yesterday(FakeFeed):
    def day(self):
        return "2024-02-19"


class NoCut(FakeFeed):
    def send(self, topic, message):
        if topic.startswith("totals."):
            message.header.ClearField("cut")
        super().send(topic, message)


class Backwards(FakeFeed):
    def header(self, previous=0):
        header = super().header(previous)
        header.cut.position = 1000 - self.position
        return header


class Twice(FakeFeed):
    def send(self, topic, message):
        super().send(topic, message)
        super().send(topic, message)


class Increments(FakeFeed):
    """The snapshot does not say what the messages said."""

    def snapshot(self):
        reply = super().snapshot()
        for unit in reply.units:
            unit.totals.flows[0].year += 1
        return reply


class Garbage(FakeFeed):
    def round(self):
        super().round()
        self.sockets[1].send_multipart([b"totals.X.", b"\xff\xff\xff"])


class ThreeFrames(FakeFeed):
    def round(self):
        super().round()
        self.sockets[1].send_multipart([b"totals.X.", b"", b""])


class LongTopic(FakeFeed):
    def round(self):
        super().round()
        self.sockets[1].send_multipart([b"totals." + b"x" * 60 + b".", b""])


class NoSubscriptions(FakeFeed):
    def snapshot(self):
        reply = super().snapshot()
        reply.ClearField("subscriptions")
        return reply


BROKEN = [(Gap, "chain"), (LostAtTheEnd, "count"), (WrongCount, "count"), (FewHeartbeats, "heartbeat"),
          (NoHeartbeat, "heard"), (WrongTopic, "topic"), (WrongShortForm, "topic"), (NoDay, "form"), (Yesterday, "day"),
          (NoCut, "form"), (Backwards, "cut"), (Twice, "sequence"), (Increments, "state"), (Garbage, "form"),
          (ThreeFrames, "form"), (LongTopic, "form"), (NoSubscriptions, "snapshot")]


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


@pytest.fixture(scope="module")
def results(tmp_path_factory):
    """{feed's class: (exit code, result, errors)}: all are checked at the same time."""
    folder = tmp_path_factory.mktemp("feeds")
    feeds = [kind() for kind in (FakeFeed, *(kind for kind, _ in BROKEN))]
    for feed in feeds:
        feed.start()
    checks = [start_check(folder, feed) for feed in feeds]
    done = [check.communicate(timeout=120) for check in checks]
    for feed in feeds:
        feed.ended.set()
        feed.join()
    return {type(feed): (check.returncode, json.loads(out or "null"), errors)
            for feed, check, (out, errors) in zip(feeds, checks, done)}


def test_a_sound_feed(results):
    code, result, errors = results[FakeFeed]
    assert (code, result["ok"], errors) == (0, True, ""), result
    assert all(check["ok"] and check["seen"] > 2 for check in result["checks"] if check["id"] != "snapshot"), result


@pytest.mark.parametrize("kind, promise", BROKEN, ids=lambda value: getattr(value, "__name__", value))
def test_a_broken_feed(results, kind, promise):
    code, result, errors = results[kind]
    assert code == 1 and not result["ok"] and errors == ""
    found = {check["id"]: check["detail"] for check in result["checks"] if check["ok"] is False}
    assert found.get(promise), result


def test_reportings_feed(cluster, publisher):
    admin = Cli(cluster, "admin")
    check = admin.start("feed", "check", "--for", "5", "--format", "json")
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
