#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Follows live totals, from the proto files alone (docs/feed.md). Prints the root's totals whenever they changed.

usage: protoc -I proto --python_out=. proto/hoso/v1/*.proto
       totals.py REPORTING FEED SERVER_KEY PUBLIC_KEY SECRET_KEY UNIT     endpoints like tcp://127.0.0.1:7304, keys in Z85
"""
import sys

import zmq
from hoso.v1 import reporting_pb2, totals_pb2

reporting, feed, server_key, public_key, secret_key, root = sys.argv[1:]


def connect(kind, endpoint):
    socket = zmq.Context.instance().socket(kind)
    socket.curve_serverkey, socket.curve_publickey, socket.curve_secretkey = (
        key.encode() for key in (server_key, public_key, secret_key))
    socket.connect(endpoint)
    return socket


def ask():
    asking.send(reporting_pb2.ReportingRequest(
        totals_snapshot=totals_pb2.TotalsSnapshotRequest(unit=root)).SerializeToString())
    reply = reporting_pb2.ReportingReply.FromString(asking.recv())
    return reply.totals_snapshot if reply.WhichOneof("body") == "totals_snapshot" else sys.exit(reply.error.text)


asking, sub, start, shown = connect(zmq.DEALER, reporting), connect(zmq.SUB, feed), None, None
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
