# SPDX-License-Identifier: Apache-2.0
"""A subscriber of the live totals, as docs/feed.md tells anybody to write one.

Totals is the algorithm alone: it is given messages and snapshots, holds the units, and says when it wants a (new)
snapshot. Follower puts it on sockets. tests/conformance has streams that any such client must get right.
"""
import json
import random
import sys
import time

import zmq

from hosotest.client import Channel, Keys, Refused, TRY_AGAIN, cells
from hosotest.cut import Cut
from hosotest.protocol import pb

BUFFER_MAX = 10_000
STOCKS = ["processing_in_time", "processing_overdue", "waiting_supplement", "waiting_payment", "stopped",
          "awaiting_reception", "result_waiting", "petition_open_in_time", "petition_open_overdue",
          "awaiting_reception_overdue"]


class Totals:
    """The units of one feed, or of the subtree below `root`."""

    def __init__(self, root=""):
        self.root, self.units, self.cut, self.day = root, {}, None, ""
        self.wants_snapshot, self.why, self.starts = True, "start", 0
        self.feed = self.sequence = self.base = self.count = 0
        self.beat_topic, self.chain, self.buffer = "", {}, []

    def message(self, topic, message):
        if self.wants_snapshot:
            self.buffer = self.buffer[-BUFFER_MAX:] + [(topic, message)]   # the chain shows if one was dropped
        else:
            self._take(topic, message)

    def snapshot(self, reply):
        """Begins from the snapshot, then takes in what was buffered meanwhile."""
        self.feed, self.sequence, self.base, self.count = reply.header.feed, reply.header.sequence, reply.messages, 0
        self.units = {unit.totals.path[-1]: unit.totals for unit in reply.units}
        self.chain = {unit.topic: unit.sequence for unit in reply.units}
        self.beat_topic, self.cut, self.day = reply.subscriptions[-1], reply.header.cut, reply.header.day
        self.wants_snapshot, self.starts = False, self.starts + 1
        buffered, self.buffer = self.buffer, []
        ours = [n for n, (_, message) in enumerate(buffered) if message.header.feed == self.feed]
        for topic, message in buffered[ours[0] if ours else len(buffered):]:    # before: feeds that have ended
            self.message(topic, message)

    def _start_over(self, why):
        self.wants_snapshot, self.why = True, why

    def _take(self, topic, message):
        header, body = message.header, message.WhichOneof("body")
        if header.feed != self.feed:
            self._start_over("another feed")
        elif body == "heartbeat" and topic == self.beat_topic and header.sequence >= self.sequence:
            self.cut, self.day = header.cut, header.day
            if message.heartbeat.messages - self.base != self.count:
                self._start_over("lost, says the heartbeat")
        elif body in ("totals", "gone"):
            self._take_unit(topic, header, getattr(message, body), body == "gone")

    def _take_unit(self, topic, header, unit, gone):
        last, expected = self.chain.get(topic, 0), self.chain.get(topic, 0)
        if isinstance(last, tuple):            # of a unit that left: its topic begins anew
            last, expected = last[0], 0
        if (self.root and self.root not in unit.path) or header.sequence <= max(self.sequence, last):
            return                             # not ours; older than the snapshot; a duplicate
        if header.previous != expected:
            self._start_over("lost, says the chain")
            return
        self.count += 1
        self.chain[topic] = (header.sequence,) if gone else header.sequence
        if not gone:
            self.units[unit.path[-1]] = unit
        elif self.units.pop(unit.path[-1], None) is not None and unit.path[-1] == self.root:
            self._start_over("the root left")

    def values(self):
        """{unit: {measure: (today, month, year) or now}}, without zeros."""
        return {name: {**{f.measure: (f.today, f.month, f.year) for f in unit.flows},
                       **{s.measure: s.now for s in unit.stocks}} for name, unit in self.units.items()}


class Follower:
    """Totals on sockets. `pump` is to be called often; small queues make it a slow reader."""

    def __init__(self, reporting, feed, server_key, keys, unit="", restricted=False, queue=1000, buffer_bytes=None):
        self.totals, self.unit, self.restricted = Totals(unit), unit, restricted
        self.channel = Channel(reporting, server_key, keys, pb.ReportingRequest, pb.ReportingReply)
        self.socket = zmq.Context.instance().socket(zmq.SUB)
        self.socket.curve_serverkey = server_key.encode()
        self.socket.curve_publickey, self.socket.curve_secretkey = keys.public.encode(), keys.secret.encode()
        for option, value in [(zmq.LINGER, 0), (zmq.RCVHWM, queue), (zmq.RECONNECT_IVL, 20), (zmq.RECONNECT_IVL_MAX, 200)]:
            self.socket.setsockopt(option, value)
        if buffer_bytes:
            self.socket.setsockopt(zmq.RCVBUF, buffer_bytes)
        self.socket.connect(feed)
        self.subscribed, self.beaten, self.received, self.reasons = set(), False, 0, []

    def close(self):
        self.channel.close()
        self.socket.close()

    def _ask(self):
        """A snapshot, or None = not now."""
        try:
            request = pb.TotalsSnapshotRequest(unit=self.unit, restricted=self.restricted)
            return self.channel.call(10.0, every_s=5.0, totals_snapshot=request)
        except Refused as refused:
            if refused.code in TRY_AGAIN:
                return None
            raise

    def pump(self, timeout_s=0.05):
        """Takes in what is there, and asks for a snapshot if one is wanted."""
        if not self.subscribed:
            reply = self._ask()                # only to learn what to subscribe to
            for prefix in reply.subscriptions if reply else ():
                self.socket.subscribe(prefix)
                self.subscribed.add(prefix)
        if self.socket.poll(int(timeout_s * 1000)):
            while self.socket.poll(0):
                topic, payload = self.socket.recv_multipart()
                message = pb.FeedMessage.FromString(payload)
                self.received += 1
                self.beaten = self.beaten or message.WhichOneof("body") == "heartbeat"
                self.totals.message(topic.decode(), message)
                if self.totals.wants_snapshot and message.WhichOneof("body") == "heartbeat":
                    break
        if self.totals.wants_snapshot and self.beaten:     # a heartbeat: the subscriptions are in force
            reply = self._ask()
            if reply is not None and set(reply.subscriptions) <= self.subscribed:
                self.reasons.append(self.totals.why)
                self.totals.snapshot(reply)
            elif reply is not None:
                self.subscribed = set()
            if self.totals.wants_snapshot:
                self.socket.poll(random.randrange(100))    # not all subscribers at once

    def follow(self, until, timeout_s=60.0):
        """Pumps until `until(totals)` holds and no snapshot is wanted."""
        deadline = time.monotonic() + timeout_s
        while self.totals.wants_snapshot or not until(self.totals):
            assert time.monotonic() < deadline, f"{self.totals.why}; cut {self.totals.cut}; {self.received} messages"
            self.pump()
        return self.totals

    def follow_position(self, position, timeout_s=60.0):
        return self.follow(lambda totals: totals.cut.position >= position, timeout_s)


def reported(reporter, root, day, position):
    """What thong-ke says of all units below `root`, in the form of Totals.values(). Its columns: flows, what was
    carried over, stocks."""
    spans = []
    for first in (day, day.replace(day=1), day.replace(month=1, day=1)):
        report = reporter.run_report("thong-ke", root, (first.isoformat(), day.isoformat()), min_position=position)
        assert report.cut.position == position
        spans.append(cells(report))
    measures = [column.id for column in report.columns]
    flows = measures[:measures.index("carried_over")]
    stocks = measures[measures.index("carried_over") + 1:]
    assert stocks == STOCKS
    values = {unit: {**{m: tuple(span[unit][m] for span in spans) for m in flows},
                     **{m: spans[0][unit][m] for m in stocks}} for unit in spans[0]}
    return {unit: {m: v for m, v in rows.items() if v not in (0, (0, 0, 0))} for unit, rows in values.items()}


def main():
    """A follower in a process of its own, to be stopped and continued: reads its parameters as a line of JSON, says
    "live", then for each position read follows up to it and prints what it holds."""
    follower = Follower(**json.loads(sys.stdin.readline(), object_hook=lambda o: Keys(**o) if "secret" in o else o))
    follower.follow(lambda totals: True)
    print("live", flush=True)
    poller = zmq.Poller()
    poller.register(sys.stdin, zmq.POLLIN)
    while True:
        follower.pump()
        if poller.poll(0):
            line = sys.stdin.readline()
            if not line:
                return
            totals = follower.follow_position(Cut.parse(line))
            print(json.dumps({"values": totals.values(), "reasons": follower.reasons, "starts": totals.starts}), flush=True)


if __name__ == "__main__":
    main()
