# SPDX-License-Identifier: Apache-2.0
"""A registered key floods a service with requests for large answers, reads none, and its connections are reset: the service
lives. A subscriber that does not read for longer than any heartbeat lives, too."""
import os
import signal
import subprocess
import sys
import time

import pytest

from events import TREES, series
from histories import catalogue
from hosotest.cli import Cli
from hosotest.cluster import Cluster

CONNECTIONS, ROUNDS, AFTER_S = 12, 2, 6.0

# Asks as fast as it can over several connections; told by a line when it is at it.
FLOOD = """
import sys, zmq
endpoint, server_key, public, secret, request, heartbeat_ms = sys.argv[1:]
context, sockets = zmq.Context(), []
for number in range(12):
    socket = context.socket(zmq.DEALER)
    socket.linger, socket.rcvhwm, socket.sndhwm = 0, 1, 100000
    socket.setsockopt(zmq.RCVBUF, 4096)
    if int(heartbeat_ms):
        socket.setsockopt(zmq.HEARTBEAT_IVL, int(heartbeat_ms))
    socket.curve_serverkey, socket.curve_publickey, socket.curve_secretkey = server_key.encode(), public.encode(), secret.encode()
    socket.connect(endpoint)
    sockets.append(socket)
told, count = False, 0
while True:
    for socket in sockets:
        try:
            socket.send(bytes.fromhex(request), zmq.NOBLOCK)
            count += 1
        except zmq.Again:
            pass
    if count > 20000 and not told:
        print("flooding", flush=True)
        told = True
"""


@pytest.fixture(scope="module")
def flooded():
    with Cluster(sources=["s1"]) as cluster:
        cluster.add("agency", role="agency", units="*")
        cluster.reload()
        cluster.put_catalogue(catalogue(TREES))
        publisher = cluster.publisher("s1")
        publisher.publish(series("flood", 50))
        cluster.reporting.wait_position(publisher.position)
        yield cluster


def flood(service, keys, request, heartbeat_ms):
    process = subprocess.Popen([sys.executable, "-c", FLOOD, service.endpoint, service.keys.public, keys.public, keys.secret,
                                request.SerializeToString().hex(), str(heartbeat_ms)], stdout=subprocess.PIPE, text=True)
    assert process.stdout.readline() == "flooding\n"
    time.sleep(0.5)
    process.kill()      # what it has not read makes the kernel reset its connections
    process.wait()


@pytest.mark.parametrize("name, key", [("reporting", "agency"), ("intake", "s1"), ("aggregation", "reporting")])
def test_a_flood_that_is_reset(flooded, name, key):
    service = getattr(flooded, name)
    pb = service.request_type
    request = {"reporting": lambda: pb(request_id=1, get_catalogue={}), "intake": lambda: pb(request_id=1, status={}),
               "aggregation": lambda: pb(request_id=1, snapshot={"max_bytes": 8 << 20})}[name]()
    for _ in range(ROUNDS):
        flood(service, flooded.keys_of(key), request, 0)
    time.sleep(AFTER_S)
    assert service.process.poll() is None, service.log_tail()
    service.status()


def test_a_reader_that_pauses(flooded):
    """`hoso watch` into a pipe that nobody reads, for longer than heartbeats were patient; its queue is full all the time."""
    watching = Cli(flooded, "admin").start("watch", "--queue", "20", "--format", "json")
    publisher, end, number = flooded.publisher("s1"), time.monotonic() + 32, 0
    assert watching.stdout.readline()
    while time.monotonic() < end:
        publisher.publish(series(f"pause-{number}", 20))
        number += 1
        time.sleep(0.05)
    assert watching.poll() is None, watching.stderr.read()
    watching.send_signal(signal.SIGINT)
    output, errors = watching.communicate(timeout=30)
    assert output and "Assertion" not in errors, errors
    assert watching.returncode in (0, 130, -signal.SIGINT), (watching.returncode, errors)
