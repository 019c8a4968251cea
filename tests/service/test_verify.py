# SPDX-License-Identifier: Apache-2.0
"""hoso verify while events come in: its copy of the ledger is made of pages with different cuts."""
import threading

import zmq

from events import series
from hosotest.cli import Cli
from hosotest.cluster import loopback_addresses, make_keys
from hosotest.protocol import pb


class SmallPages(threading.Thread):
    """Stands before aggregation: gives a snapshot record by record, and publishes events in between."""

    def __init__(self, cluster, source):
        super().__init__(daemon=True)
        self.keys, self.ended, self.pages, self.changes = make_keys(), threading.Event(), 0, 0
        self.cluster, self.source = cluster, source
        self.endpoint = f"tcp://{loopback_addresses(1)[0]}"
        self.socket = zmq.Context.instance().socket(zmq.ROUTER)
        self.socket.curve_server, self.socket.linger = True, 0
        self.socket.curve_secretkey = self.keys.secret.encode()
        self.socket.bind(self.endpoint)

    def run(self):
        publisher, ledger = self.cluster.publisher("s1"), self.cluster.aggregation.channel()
        while not self.ended.is_set():
            if not self.socket.poll(20):
                continue
            peer, payload = self.socket.recv_multipart()
            request = pb.LedgerRequest.FromString(payload)
            reply = pb.LedgerReply(request_id=request.request_id)
            if request.WhichOneof("body") == "snapshot":
                if self.pages % 2 == 0:
                    publisher.publish(series(self.source, 5, self.pages))
                    self.cluster.aggregation.wait_position(publisher.position)
                self.pages += 1
                request.snapshot.max_bytes = 1
                reply.snapshot.CopyFrom(ledger.call(snapshot=request.snapshot))
            else:
                self.changes += 1
                reply.changes.CopyFrom(ledger.call(changes=request.changes))
            self.socket.send_multipart([peer, reply.SerializeToString()])
        ledger.close()
        self.socket.close()


def test_events_between_the_pages(cluster, source, tmp_path):
    admin, between = Cli(cluster, "admin"), SmallPages(cluster, source)
    cluster.publisher("s1").publish(series(source, 50))
    text = [line for line in admin.config.read_text().splitlines() if not line.startswith("ledger")]
    admin.config.write_text("\n".join([*text, f"ledger = {between.endpoint}", f"ledger_key = {between.keys.public}", ""]))
    between.start()
    try:
        done = admin.json("verify", "--work", tmp_path)
    finally:
        between.ended.set()
        between.join()
    assert between.pages > 3 and between.changes > 0 and done["records"] >= between.pages
