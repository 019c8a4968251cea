#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Peers by name, behind a name server that falls silent: nobody but who needs the name may notice.

usage: names.py [SECONDS]     as root: it makes network and mount namespaces of its own, with a name server that this script
                              plays. SECONDS of silence in each phase (25: a look-up lasts 20)

Reporting names aggregation, which is killed while the name server is silent: reports, Status and /livez go on at once, and
once aggregation is back its address is known without the server. A reporting whose aggregation has no address yet answers,
too, and stops in time. A client fails at its own timeout and says which name is not resolved.
"""
import os
import pathlib
import socket
import struct
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parent / folder) for folder in ("lib", "property", "service")]

SERVER, LATE_S, STOP_LATE_S = "127.0.0.99", 1.0, 8.0


class NameServer(threading.Thread):
    """Answers A queries for the names it knows; silent when told."""

    def __init__(self):
        super().__init__(daemon=True)
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.bind((SERVER, 53))
        self.addresses, self.silent, self.queries = {}, False, 0
        self.start()

    def run(self):
        while True:
            query, peer = self.socket.recvfrom(512)
            self.queries += 1
            if not self.silent:
                self.socket.sendto(self.answer(query), peer)

    def answer(self, query):
        end = query.index(b"\0", 12)
        labels, at = [], 12
        while at < end:
            labels.append(query[at + 1:at + 1 + query[at]].decode())
            at += 1 + query[at]
        address, kind = self.addresses.get(".".join(labels)), struct.unpack("!H", query[end + 1:end + 3])[0]
        found = address is not None and kind == 1
        flags = 0x8180 if address is not None else 0x8183
        head = query[:2] + struct.pack("!HHHHH", flags, 1, int(found), 0, 0)
        record = b"\xc0\x0c" + struct.pack("!HHIH", 1, 1, 0, 4) + socket.inet_aton(address) if found else b""
        return head + query[12:end + 5] + record


def enter():
    """Starts this script again in namespaces of its own."""
    script = 'ip link set lo up && mount --bind "$1" /etc/resolv.conf && shift && exec "$@"'
    with tempfile.NamedTemporaryFile("w", suffix=".resolv") as resolv:
        resolv.write(f"nameserver {SERVER}\n")
        resolv.flush()
        sys.exit(subprocess.run(["unshare", "--net", "--mount", "sh", "-c", script, "sh", resolv.name, sys.executable,
                                 __file__, "--inside", *sys.argv[1:]], check=False).returncode)


class Latency:
    """Asks again and again, in a thread; the worst answer counts."""

    def __init__(self, name, ask):
        self.name, self.ask, self.worst, self.count, self.going = name, ask, 0.0, 0, True
        self.error = None
        self.thread = threading.Thread(target=self.run, daemon=True)
        self.thread.start()

    def run(self):
        try:
            while self.going:
                begun = time.monotonic()
                self.ask()
                self.worst = max(self.worst, time.monotonic() - begun)
                self.count += 1
                time.sleep(0.05)
        except Exception as error:
            self.error = error

    def stop(self):
        self.going = False
        self.thread.join()
        print(f"  {self.name}: {self.count} answers, worst {self.worst:.2f} s", flush=True)
        assert self.error is None, (self.name, self.error)
        assert self.count > 0 and self.worst < LATE_S, self.name


def livez(http):
    def ask():
        with urllib.request.urlopen(f"http://{http}/livez", timeout=5) as answer:
            assert answer.status == 200
    return ask


def status_of(service):
    channel = service.channel()
    return lambda: channel.call(5.0, every_s=10.0, status=type(service).status_request())


def timed(what, limit_s, action):
    begun = time.monotonic()
    result = action()
    spent = time.monotonic() - begun
    print(f"  {what}: {spent:.2f} s", flush=True)
    assert spent < limit_s, (what, spent)
    return result


def inside(seconds):
    from events import TREES, series
    from histories import catalogue
    from hosotest.cli import Cli
    from hosotest.cluster import Cluster, Service, loopback_addresses
    from hosotest.protocol import pb
    Service.status_request = staticmethod(pb.StatusRequest)
    names = NameServer()
    cluster = Cluster(sources=["s1"])
    host, _, port = cluster.aggregation.endpoint[len("tcp://"):].partition(":")
    names.addresses["aggregation.test"] = host
    http, lost_http = loopback_addresses(2)
    cluster.reporting.configure(aggregation=f"tcp://aggregation.test:{port}", http_listen=http)
    with cluster:
        cluster.put_catalogue(catalogue(TREES))
        publisher, reporter = cluster.publisher("s1"), cluster.reporter()
        publisher.publish(series("before", 5))
        cluster.reporting.wait_position(publisher.position)
        names.silent = True
        print(f"the name server is silent, aggregation is down for {seconds} s", flush=True)
        cluster.aggregation.kill()
        probes = [Latency("reports", lambda: reporter.list_units()), Latency("status", status_of(cluster.reporting)),
                  Latency("/livez", livez(http))]
        end, number, asked = time.monotonic() + seconds, 0, names.queries
        while time.monotonic() < end:
            publisher.publish(series(f"down-{number}", 5))
            number += 1
            time.sleep(0.2)
        assert names.queries > asked, "the name was not looked up again"
        cluster.aggregation.start(wait=False)
        timed("aggregation is back until reporting has all", 10.0,
              lambda: cluster.reporting.wait_position(publisher.position))
        for probe in probes:
            probe.stop()
        print("a reporting whose aggregation has never had an address", flush=True)
        lost = cluster.add_replica()
        lost.configure(aggregation=f"tcp://lost.test:{port}", http_listen=lost_http)
        for service in cluster.services[:-1]:
            service.reload()
        timed("start", LATE_S + 1.0, lost.start)
        probes = [Latency("status", status_of(lost)), Latency("/livez", livez(lost_http))]
        time.sleep(min(seconds, 3))
        for probe in probes:
            probe.stop()
        code = timed("stop in the middle of a look-up", STOP_LATE_S - 4, lost.stop)
        assert code == 0, code
        cluster.services.remove(lost)
        print("a client", flush=True)
        cli = Cli(cluster, "admin")
        text = cli.config.read_text()
        cli.config.write_text("\n".join("reporting = tcp://lost.test:7305" if line.startswith("reporting =") else line
                                        for line in text.splitlines()) + "\n")
        failed = timed("a call", 2.0 + LATE_S, lambda: cli.run("quality", "--timeout", "2000", code=4))
        assert '"lost.test"' in failed.stderr, failed.stderr
        print("  " + failed.stderr.strip(), flush=True)
        begun = time.monotonic()
    print(f"stop of all: {time.monotonic() - begun:.2f} s", flush=True)


if __name__ == "__main__":
    if sys.argv[1:2] == ["--inside"]:
        inside(float(sys.argv[2]) if len(sys.argv) > 2 else 25.0)
    else:
        enter()
