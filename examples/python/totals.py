#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Follows live totals, from the proto files alone (docs/feed.md). Prints the root's totals whenever they changed.

usage: totals.py CLIENT.CONF UNIT
       protoc -I proto --python_out=examples/python proto/hoso/v1/*.proto          once, before
"""
import sys

import zmq
from hoso.v1 import reporting_pb2, totals_pb2
from link import Link, curve_socket, read_settings

config, root = sys.argv[1:] if len(sys.argv) == 3 else sys.exit(__doc__)


def ask():
    return asking.ask(totals_snapshot=totals_pb2.TotalsSnapshotRequest(unit=root))


asking = Link(config, "reporting", reporting_pb2.ReportingRequest, reporting_pb2.ReportingReply)
sub = curve_socket(zmq.SUB, read_settings(config)["totals"], asking.server_key, asking.keys)
start = shown = None
for prefix in ask().subscriptions:
    sub.subscribe(prefix)
while True:
    topic, payload = sub.recv_multipart()
    topic, message = topic.decode(), totals_pb2.FeedMessage.FromString(payload)
    header, body = message.header, message.WhichOneof("body") or "totals"
    unit = getattr(message, body)
    if start is None and body == "heartbeat":        # the subscriptions are in force; older messages are in the snapshot
        start, count = ask(), 0
        units = {u.totals.path[-1]: u.totals for u in start.units}
        chain = {u.topic: u.sequence for u in start.units}
    elif start is None:
        continue
    elif header.feed != start.header.feed:
        start = None
    elif body in ("totals", "gone") and root in unit.path and header.sequence > max(start.header.sequence, chain.get(topic, 0)):
        if header.previous != (chain.get(topic, 0) if unit.path[-1] in units else 0):
            start = None                             # lost, says the chain
            continue
        count, chain[topic], units[unit.path[-1]] = count + 1, header.sequence, unit
        if body == "gone":
            del units[unit.path[-1]]
    elif body == "heartbeat" and topic == start.subscriptions[-1] and header.sequence >= start.header.sequence:
        if unit.messages - start.messages != count:
            start = None                             # lost, says the heartbeat
        elif shown != units.get(root, shown):
            shown = units[root]
            print(header.day, header.cut.position, *(f"{f.measure}={f.today}" for f in shown.flows),
                  *(f"{s.measure}={s.now}" for s in shown.stocks), flush=True)
