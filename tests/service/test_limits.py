# SPDX-License-Identifier: Apache-2.0
"""What one key can do to the others: a peer that does not read, one that floods, long questions, a full queue. Run with -s
to see the figures."""
import pathlib
import re
import select
import socket
import statistics
import subprocess
import time

import pytest
import zmq

from events import NOON, TREES, received, series
from histories import catalogue
from hosotest.client import make_event
from hosotest.cluster import Cluster, program
from hosotest.protocol import pb
from test_endpoint import large_catalogue, put
from test_metrics import give_http, metrics

SHIM = pathlib.Path(__file__).parents[1] / "faults" / "fail_sync.c"
YEAR = pb.Period(**{"from": "2024-01-01", "to": "2024-12-31"})
MIB = 1 << 20


def pause(seconds):
    select.select([], [], [], seconds)


def until(wanted, timeout_s=30, every_s=0.02):
    deadline = time.monotonic() + timeout_s
    while not (got := wanted()):
        assert time.monotonic() < deadline, "it does not come"
        pause(every_s)
    return got


def rss(service):
    """Bytes of its own memory: the store's map is the kernel's to take back."""
    text = pathlib.Path(f"/proc/{service.process.pid}/smaps_rollup").read_text()
    return int(re.search(r"^Anonymous:\s+(\d+) kB", text, re.M).group(1)) * 1024


def many_units(count):
    wide = large_catalogue(8000)
    for n in range(count):
        wide.units.add(id=f"w{n:05}", code=f"w{n:05}", name=f"Ủy ban nhân dân xã {n}", tier=pb.TIER_COMMUNE,
                       parent="t00000", print_order=n + 10)
    return wide


@pytest.fixture(scope="module")
def wide():
    """A cluster with 8,000 communes below one province, so that reports of it are large."""
    with Cluster(sources=["s1", "s2"]) as cluster:
        channel = cluster.intake.channel()
        position = put(channel, many_units(8000).SerializeToString()).cut.position
        channel.close()
        cluster.reporting.wait_position(position)
        yield cluster


def test_a_peer_that_does_not_read_costs_little(wide):
    """600 questions with answers of megabytes: reporting grows by less than 64 MiB, answers others meanwhile, and has the
    memory back when the peer has gone."""
    service, reporter = wide.reporting, wide.reporter("reporting")
    report = pb.RunReportRequest(form="thong-ke", unit="t00000", period=YEAR)
    sizes = [reporter.channel.call(60, get_catalogue=pb.GetCatalogueRequest()).ByteSize(),
             reporter.channel.call(60, run_report=report).ByteSize()]
    assert min(sizes) > MIB
    before, most = rss(service), 0
    peer = service.channel()
    peer.socket.close()
    peer.socket = zmq.Context.instance().socket(zmq.DEALER)
    peer.socket.setsockopt(zmq.RCVHWM, 1)
    peer.socket.setsockopt(zmq.RCVBUF, 4096)
    peer.socket.setsockopt(zmq.LINGER, 0)
    peer.socket.curve_serverkey = service.keys.public.encode()
    peer.socket.curve_publickey, peer.socket.curve_secretkey = (half.encode() for half in wide.admin)
    peer.socket.connect(service.endpoint)

    def asked():
        gauges = {gauge.name: gauge.value for gauge in reporter.status().gauges}
        return gauges.get("requests_get_catalogue", 0) + gauges.get("requests_run_report", 0)

    start = asked()
    for n in range(300):
        peer.send(get_catalogue=pb.GetCatalogueRequest())
        peer.send(run_report=report)
        if n % 10 == 0:
            most = max(most, rss(service))
    until(lambda: asked() >= start + 600)
    for _ in range(100):                            # what was taken in is being worked on
        most = max(most, rss(service))
        assert reporter.channel.call(10, list_forms=pb.ListFormsRequest()).forms
        pause(0.01)
    peer.close()
    if b"__asan_init" in pathlib.Path(program("hoso-reporting")).read_bytes():
        pytest.skip("the sanitizer keeps freed memory for a while: its size says nothing here")
    # each thread's arena keeps what its largest request took, and which thread met which request first differs
    left = until(lambda: (now := rss(service)) < before + 24 * MIB and now)
    print(f"\nnot reading: answers of {sizes} bytes; reporting {before >> 20} MiB, at most {most >> 20}, afterwards {left >> 20}")
    assert most < before + 64 * MIB


def test_nothing_is_worked_on_for_a_peer_that_left():
    """Forty reports wait for an event; their asker leaves, the event comes: the first answer that finds nobody ends the
    rest, and the key may ask as much as before."""
    def made():
        return sum(count for name, count in metrics(cluster.reporting).items()
                   if name.startswith("hoso_reporting_report_seconds_count"))

    def connected():
        """Connections that reporting has not closed, whether their other end is there or not."""
        host, port = cluster.reporting.endpoint.removeprefix("tcp://").split(":")
        local = f"{int.from_bytes(socket.inet_aton(host), 'little'):08X}:{int(port):04X}"
        rows = map(str.split, pathlib.Path("/proc/net/tcp").read_text().splitlines()[1:])
        return [row for row in rows if row[1] == local and row[3] in ("01", "08")]     # established, or the peer closed
    cluster = Cluster(sources=["s1"])
    give_http(cluster)
    with cluster:
        cluster.put_catalogue(catalogue(TREES))
        publisher = cluster.publisher("s1")
        publisher.publish([received("one")])
        cluster.reporting.wait_position(publisher.position)
        before = made()
        asker = cluster.reporting.channel()
        for _ in range(40):
            asker.send(run_report=pb.RunReportRequest(form="thong-ke", unit="t00000", period=YEAR, wait_ms=30_000,
                                                      min_position=publisher.position + 1,
                                                      min_incarnation=publisher.position.incarnation))
        until(lambda: cluster.reporting.gauges()["parked"] == 40)
        asker.close()
        until(lambda: not connected())
        cluster.reporting.status()      # by the same threads: they know it, too
        publisher.publish([received("two")])
        until(lambda: cluster.reporting.gauges()["parked"] == 0)
        assert until(lambda: (gone := cluster.reporting.gauges()["undelivered"]) >= 39 and gone) <= 40
        assert made() - before < 10
        asker = cluster.reporting.channel()
        for _ in range(64):
            asker.send(run_report=pb.RunReportRequest(form="thong-ke", unit="t00000", period=YEAR))
        for _ in range(64):
            assert asker.receive(30).WhichOneof("body") == "report"
        asker.close()


def ask_times(channel, count, **body):
    """Seconds of each of `count` questions, one after the other."""
    times = []
    for _ in range(count):
        begun = time.perf_counter()
        channel.call(30, every_s=30, **body)
        times.append(time.perf_counter() - begun)
    return times


class Flood:
    """Keeps `window` questions of one channel under way; answers are counted, large ones not looked into."""

    def __init__(self, channel, window, **body):
        self.channel, self.body, self.answered, self.errors = channel, body, 0, 0
        for _ in range(window):
            channel.send(**body)

    def pump(self):
        for _ in range(4):
            if not self.channel.socket.poll(0):
                return
            answer = self.channel.socket.recv()
            self.answered += 1
            self.errors += len(answer) < 500 and b"under way" in answer
            self.channel.send(**self.body)


def times_beside(channel, flood, count, **body):
    """At least `count` questions, and as many as it takes for five answers to the flood."""
    times = []
    while len(times) < count or flood.answered < 5:
        begun = time.perf_counter()
        wanted = channel.send(**body)
        while (reply := channel.receive(0.002)) is None or reply.request_id != wanted:
            flood.pump()
            assert time.perf_counter() < begun + 30
        assert reply.WhichOneof("body") != "error", reply.error
        times.append(time.perf_counter() - begun)
        flood.pump()
    return times


def show(what, quiet, busy):
    p50, p95 = statistics.median, lambda times: statistics.quantiles(times, n=20)[-1]
    print(f"\n{what}: quiet p50 {p50(quiet) * 1e3:.2f} ms, p95 {p95(quiet) * 1e3:.2f} ms; "
          f"beside it p50 {p50(busy) * 1e3:.2f} ms, p95 {p95(busy) * 1e3:.2f} ms")
    return p50(quiet), p50(busy)


def test_a_key_that_floods_with_large_reports(wide):
    """Reports of 8,000 units, 32 at once, read as they come: a small report of another key is as fast as before, but for
    the processor that the large ones take."""
    small = {"run_report": pb.RunReportRequest(form="thong-ke", unit="t00000.a", period=YEAR)}
    large = {"run_report": pb.RunReportRequest(form="thong-ke", unit="t00000", period=YEAR)}
    reporter = wide.reporter("reporting")
    one = statistics.median(ask_times(reporter.channel, 5, **large))
    quiet = ask_times(reporter.channel, 200, **small)
    flood = Flood(wide.reporter("s1").channel, 32, **large)     # whose requests no other test has left under way
    busy = times_beside(reporter.channel, flood, 200, **small)
    quiet, beside = show(f"flood of large reports ({one * 1e3:.0f} ms each, {flood.answered} meanwhile)", quiet, busy)
    assert flood.answered and not flood.errors
    assert beside < max(4 * quiet, one)


def test_a_long_scan_does_not_delay_a_replica():
    """Pages of 4,000 folded dossiers of 9 events, 16 at once: a replica's question for changes does not wait for one."""
    with Cluster(sources=["s1"]) as cluster:
        cluster.put_catalogue(catalogue(TREES))
        publisher = cluster.publisher("s1")
        events = series("scan", 4200)
        for n, kind in enumerate(["SUPPLEMENT_REQUESTED", "SUPPLEMENT_RECEIVED"] * 4):
            events += [make_event({"event_id": f"more-{n}", "dossier": f"scan-{d}", "kind": kind, "occurred_at": NOON + n + 1})
                       for d in range(4200)]
        assert not publisher.publish(events)
        cluster.aggregation.wait_position(publisher.position)
        scan = {"scan_dossiers": pb.ScanDossiersRequest(
            units=["t00000.a"], from_day=19700, to_day=19800, limit=1000,
            terms=[pb.CellTerm(measure="withdrawn", side=pb.SIDE_FLOW, slots=0xffff, coefficient=1)])}
        changes = {"changes": pb.ChangesRequest(after_position=publisher.position)}
        replica, asker = cluster.aggregation.channel(cluster.keys_of("reporting")), cluster.aggregation.channel()
        one = statistics.median(ask_times(asker, 5, **scan))
        quiet = ask_times(replica, 200, **changes)
        flood = Flood(asker, 16, **scan)
        busy = times_beside(replica, flood, 200, **changes)
        quiet, beside = show(f"long scans ({one * 1e3:.1f} ms each, {flood.answered} meanwhile)", quiet, busy)
        assert flood.answered and not flood.errors
        assert beside < max(4 * quiet, one / 2)
        replica.close()
        asker.close()


def test_one_key_takes_its_share_of_the_queue(tmp_path):
    """While the disk is slow, one key sends 1,500 Appends: a quarter of intake's places is its own, the others are told
    BUSY, and another key's Appends are taken."""
    library, hold = tmp_path / "shim.so", tmp_path / "hold"
    subprocess.run(["cc", "-std=c17", "-D_GNU_SOURCE", "-shared", "-fPIC", "-o", library, SHIM, "-ldl"], check=True)
    cluster = Cluster(sources=["s1", "s2"])
    cluster.intake.environment = {"LD_PRELOAD": library, "HOSO_HOLD_SYNC": hold, "ASAN_OPTIONS": "verify_asan_link_order=0"}
    with cluster:
        cluster.put_catalogue(catalogue(TREES))
        loud, calm = cluster.publisher("s1"), cluster.publisher("s2")
        loud.open()
        calm.open()
        hold.touch()
        for n in range(1500):
            loud.channel.send(append=pb.AppendRequest(epoch=loud.epoch, first_sequence=1 + n, events=[received(f"loud-{n}")]))
        refused = [loud.channel.receive(10) for _ in range(1500 - 256)]
        assert all(reply.append.result == pb.APPEND_RESULT_BUSY for reply in refused)
        assert loud.channel.receive(0.2) is None
        for n in range(200):
            calm.channel.send(append=pb.AppendRequest(epoch=calm.epoch, first_sequence=1 + n, events=[received(f"calm-{n}")]))
        assert calm.channel.receive(0.2) is None
        hold.unlink()
        for channel, count in ((loud.channel, 256), (calm.channel, 200)):
            assert [channel.receive(10).append.result for _ in range(count)] == [pb.APPEND_RESULT_ACK] * count
