#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A counter's publisher, from the proto files alone: a durable outbox, a window of Appends, every answer (docs/integration.md).

usage: publish.py CLIENT.CONF OUTBOX [EVENTS.ndjson]     prints the cut that holds everything, POSITION@INCARNATION
       protoc -I proto --python_out=examples/python proto/hoso/v1/*.proto          once, before

It may be killed at any time and run again, with the same events or without: an event counts once however often it is sent.
An event that can never be taken goes to OUTBOX.refused, so that the others get through; the exit code is then 3.
"""
import sys
import time

from hoso.v1 import publisher_pb2 as pb
from link import TRY_AGAIN, Link
from outbox import Outbox, event_of

BATCH, WINDOW, SILENCE_S, PAUSE_S, AWAY_S = 500, 4, 5.0, 1.0, 3600.0


def fill(rows, max_bytes):
    """As many of the rows as one Append takes: (ids, events)."""
    events, size = [event_of(line) for _, line in rows], 64
    for count, event in enumerate(events):
        size += event.ByteSize() + 8                       # its tag and length
        if size > max_bytes and count:
            rows, events = rows[:count], events[:count]
            break
    return [row for row, _ in rows], events


class Publisher:
    def __init__(self, link, outbox):
        self.link, self.outbox, self.incarnation, self.position = link, outbox, 0, 0

    def send_all(self):
        """Until nothing waits. Whatever goes wrong, the way out is the same: open anew, and number what still waits from
        where intake stands. What was journaled without our hearing of it is journaled twice, and counts once."""
        while not self.send_some():
            pass
        return f"{self.position}@{self.incarnation}"

    def send_some(self):
        """In one epoch. True = nothing waits any more."""
        opened = self.link.ask(AWAY_S, open=pb.OpenRequest())    # nothing sent in an older epoch can still arrive
        self.outbox.wait_again(opened.next_sequence)
        self.note(opened.cut)
        sequence, after, flights, good, more = opened.next_sequence, 0, {}, True, True
        while True:
            while good and more and len(flights) < WINDOW:
                rows = self.outbox.waiting(after, min(BATCH, opened.max_events))
                more = bool(rows)
                if more:
                    ids, events = fill(rows, opened.max_bytes)
                    append = pb.AppendRequest(epoch=opened.epoch, first_sequence=sequence, events=events)
                    flights[self.link.send(append=append)] = sequence, ids
                    sequence, after = sequence + len(ids), ids[-1]
            if not flights:
                return good
            reply = self.link.receive(SILENCE_S)
            if reply is None:                              # what became of it is unknown
                say("intake does not answer; connecting again")
                self.link.reconnect()
                return False
            if reply.request_id in flights:
                good = self.take(reply, *flights.pop(reply.request_id)) and good

    def take(self, reply, first_sequence, ids):
        """One answer. False = send nothing more in this epoch."""
        answer = reply.append
        if reply.WhichOneof("body") == "error":
            if reply.error.code not in TRY_AGAIN:
                sys.exit(f"{reply.error.field} {reply.error.text}".strip())
            pause(reply.error.text)
        elif answer.result in (pb.APPEND_RESULT_ACK, pb.APPEND_RESULT_DUPLICATE):
            self.outbox.acknowledge(first_sequence, ids)
            self.note(answer.cut)
            return True
        elif answer.result == pb.APPEND_RESULT_INVALID:
            for fault in answer.faults:
                say(f"refused: {fault.field} {fault.reason}")
                self.outbox.refuse(ids[fault.index], fault.field, fault.reason)
        elif answer.result in (pb.APPEND_RESULT_BUSY, pb.APPEND_RESULT_FULL):
            pause(pb.AppendResult.Name(answer.result))     # FULL: somebody must make room on intake's disk
        elif answer.result in (pb.APPEND_RESULT_FENCED, pb.APPEND_RESULT_CONFLICT):
            sys.exit(f"{pb.AppendResult.Name(answer.result)}: another program publishes with this key, and only one may")
        return False                                       # also GAP, NOT_OPEN: intake stands elsewhere than we thought

    def note(self, cut):
        """The furthest one; a restored journal has another incarnation, whose positions begin anew."""
        self.position = max(self.position, cut.position) if cut.incarnation == self.incarnation else cut.position
        self.incarnation = cut.incarnation


def say(text):
    print(text, file=sys.stderr)


def pause(text):
    say(f"waiting: {text}")
    time.sleep(PAUSE_S)


def main(config, path, events=None):
    outbox = Outbox(path)
    if events:
        with open(events, encoding="utf-8") as file:
            outbox.put(file)
    print(Publisher(Link(config, "intake", pb.IntakeRequest, pb.IntakeReply), outbox).send_all())
    sys.exit(3 if outbox.refused else 0)


if __name__ == "__main__":
    main(*sys.argv[1:]) if len(sys.argv) in (3, 4) else sys.exit(__doc__)
