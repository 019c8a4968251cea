#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Records the streams of this folder from running services, then spoils some: a line lost, a line twice.

usage: record.py     with $HOSO_BIN as for the tests
"""
import datetime
import json
import pathlib
import sys
import time

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parent / folder) for folder in ("lib", "property", "service")]

import zmq
from google.protobuf.json_format import MessageToDict

from events import TREES, received
from histories import catalogue
from hosotest.client import make_event
from hosotest.cluster import Cluster
from hosotest.protocol import pb

UNIT, DAY, HANOI = "t00000", datetime.date(2024, 1, 31), datetime.timezone(datetime.timedelta(hours=7))
ENDS = pb.Unit(id="t00000.d", code="d", name="Kết thúc", tier=pb.TIER_COMMUNE, parent="t00000.b", valid_to="2024-01-31")
BEGINS = pb.Unit(id="t00000.e", code="e", name="Bắt đầu", tier=pb.TIER_COMMUNE, parent="t00000.b", valid_from="2024-02-01")
STRANGER = pb.Unit(id="t00000.other", code="o", name="Tỉnh khác", tier=pb.TIER_PROVINCE, print_order=9)
NEW = pb.Unit(id="t00000.new", code="n", name="Mới", tier=pb.TIER_COMMUNE, parent="t00000.a")


def ms(day, hour=9):
    return int(datetime.datetime(day.year, day.month, day.day, hour, tzinfo=HANOI).timestamp() * 1000)


def units(*more):
    whole = catalogue(TREES[:1])
    whole.units.extend([ENDS, BEGINS, STRANGER, *more])
    return whole


class Recorder:
    """One run of the services, its feed's clock at `hour` of DAY."""

    def __init__(self, clock):
        self.cluster = Cluster(sources=["s1"])
        then = datetime.datetime.combine(DAY, clock, HANOI)
        self.cluster.reporting.configure(totals_clock_shift_s=int(then.timestamp() - time.time()))
        self.cluster.start()
        self.cluster.put_catalogue(units())
        self.publisher = self.cluster.publisher("s1")
        self.channel, self.lines, self.number = self.cluster.reporting.channel(), [], 0
        service, keys = self.cluster.reporting, self.cluster.admin
        self.socket = zmq.Context.instance().socket(zmq.SUB)
        self.socket.curve_serverkey = service.keys.public.encode()
        self.socket.curve_publickey, self.socket.curve_secretkey = keys.public.encode(), keys.secret.encode()
        self.socket.setsockopt(zmq.LINGER, 0)
        self.socket.connect(service.settings["totals_listen"])
        self.reply = self.ask()
        for prefix in self.reply.subscriptions:
            self.socket.subscribe(prefix)
        self.record(lambda message: message.WhichOneof("body") == "heartbeat")
        self.lines.clear()

    def close(self):
        self.socket.close()
        self.channel.close()
        self.cluster.stop()

    def ask(self):
        return self.channel.call(10.0, totals_snapshot=pb.TotalsSnapshotRequest(unit=UNIT))

    def record(self, until):
        while True:
            topic, payload = self.socket.recv_multipart()
            message = pb.FeedMessage.FromString(payload)
            self.lines.append({"topic": topic.decode(), "message": MessageToDict(message)})
            if until(message):
                return

    def snapshot(self):
        self.lines.append({"snapshot": MessageToDict(self.ask())})

    def beat(self, position):
        self.record(lambda m: m.WhichOneof("body") == "heartbeat" and m.header.cut.position >= position)

    def publish(self, *events):
        assert not self.publisher.publish(list(events))
        self.beat(self.publisher.position)

    def receptions(self, **more):
        """In the units below, and in the stranger."""
        self.number += 1
        self.publish(*(received(f"d-{self.number}-{unit}", unit=unit, occurred_at=ms(DAY), **more)
                       for unit in ["t00000.a", "t00000.c", "t00000.other"]))

    def write(self, name, about, snapshots, lines=None):
        end = self.ask()
        values = {unit.totals.path[-1]: {**{f.measure: [f.today, f.month, f.year] for f in unit.totals.flows},
                                         **{s.measure: s.now for s in unit.totals.stocks}} for unit in end.units}
        last = {"end": {"feed": str(end.header.feed), "position": end.header.cut.position, "day": end.header.day,
                        "snapshots": snapshots, "values": values}}
        whole = [{"about": about, "unit": UNIT}, *(lines or self.lines), last]
        text = "".join(json.dumps(line, ensure_ascii=False) + "\n" for line in whole)
        (HERE / f"{name}.jsonl").write_text(text, encoding="utf-8")


def of_unit(line, unit):
    return line.get("message", {}).get("totals", {}).get("path", [""])[-1] == unit


def losses():
    """plain, duplicate, gap, lost-last: one run, spoilt in different ways."""
    recorder = Recorder(datetime.time(12))
    recorder.receptions()
    recorder.snapshot()
    for _ in range(3):
        recorder.receptions()
    begin = next(n for n, line in enumerate(recorder.lines) if "snapshot" in line)
    plain = recorder.lines[begin:]
    recorder.write("plain", "a snapshot, then changes", 1, plain)
    recorder.write("buffered", "messages that are older than the snapshot arrive before it", 1)
    twice = [copy for line in plain for copy in ([line] if "snapshot" in line else [line, line])]
    recorder.write("duplicate", "every message arrives twice", 1, twice)
    places = [n for n, line in enumerate(plain) if of_unit(line, "t00000.c")]
    again = {"snapshot": MessageToDict(recorder.ask())}
    recorder.write("gap", "a message of a commune is lost, as its next one tells", 2,
                   [line for n, line in enumerate(plain) if n != places[0]
                    and (n < places[0] or "beat." not in line.get("topic", ""))] + [again])
    recorder.write("gap-at-the-end", "the last message of a commune is lost, as the heartbeat tells", 2,
                   [line for n, line in enumerate(plain) if n != places[-1]] + [again])
    recorder.close()


def restatement():
    recorder = Recorder(datetime.time(12))
    recorder.snapshot()
    recorder.publish(received("late", unit="t00000.c", occurred_at=ms(datetime.date(2023, 12, 5)),
                              due_at=ms(datetime.date(2023, 12, 20))),
                     received("void", unit="t00000.c", occurred_at=ms(DAY)))
    recorder.publish(make_event({"event_id": "r", "dossier": "void", "kind": "RESOLVED", "occurred_at": ms(DAY, 10)}))
    recorder.publish(make_event({"event_id": "v", "dossier": "void", "kind": "VOIDED", "voids": "r",
                                 "occurred_at": ms(DAY, 11)}),
                     make_event({"event_id": "l", "dossier": "late", "kind": "RESOLVED",
                                 "occurred_at": ms(datetime.date(2024, 1, 10))}))
    recorder.write("restatement", "a late and a voiding event restate earlier days: values go down, too", 1)
    recorder.close()


def reset():
    recorder = Recorder(datetime.time(12))
    recorder.snapshot()
    recorder.receptions()
    feed = recorder.reply.header.feed
    recorder.cluster.publisher("admin").put_catalogue(units(NEW))
    recorder.record(lambda m: m.WhichOneof("body") == "heartbeat" and m.header.feed != feed)
    recorder.snapshot()
    recorder.receptions()
    recorder.write("reset", "another catalogue comes into force: a new feed, a unit more", 2)
    recorder.close()


def midnight():
    recorder = Recorder(datetime.time(23, 59, 50))
    recorder.receptions(due_at=ms(DAY + datetime.timedelta(days=1)))
    recorder.lines.clear()
    recorder.snapshot()
    recorder.record(lambda m: m.WhichOneof("body") == "heartbeat" and m.header.day != DAY.isoformat())
    recorder.receptions()
    recorder.write("midnight", "a month ends: flows begin anew, dossiers become overdue, a unit leaves, another comes", 1)
    recorder.close()


if __name__ == "__main__":
    losses()
    restatement()
    reset()
    midnight()
