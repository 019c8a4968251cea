# SPDX-License-Identifier: Apache-2.0
"""Live totals: every subscriber ends with what the report thong-ke says, whatever happened on the way."""
import datetime
import json
import os
import signal
import subprocess
import sys
import time

import pytest
import zmq

from events import TREES, received, series
from histories import catalogue
from hosotest.cli import Cli
from hosotest.client import Refused, make_event
from hosotest.cluster import Cluster, ROOT, loopback_addresses, make_keys
from hosotest.protocol import pb
from hosotest.totals import Follower, reported

HANOI = datetime.timezone(datetime.timedelta(hours=7))
ONE_DAY = datetime.timedelta(days=1)
DAY = datetime.date(2024, 1, 30)               # of series() and received()
DISTRICTS, COMMUNES = 30, 100
RESTRICTED = "t00001.b"                        # and t00001.c below it


GONE = pb.Unit(id="p.gone", code="x", name="Xã cũ", tier=pb.TIER_COMMUNE, parent="p.0", valid_to="2024-12-31")
CAME = pb.Unit(id="p.came", code="y", name="Xã mới", tier=pb.TIER_COMMUNE, parent="p.1", valid_from="2025-01-01")
NEW = pb.Unit(id="p.new", code="n", name="Xã", tier=pb.TIER_COMMUNE, parent="p.2")


def shift_to(day, hour, minute=0, second=0):
    """The setting that makes the feed's clock show this local time now."""
    then = datetime.datetime(day.year, day.month, day.day, hour, minute, second, tzinfo=HANOI)
    return int(then.timestamp() - time.time())


def ms(day, hour=9):
    return int(datetime.datetime(day.year, day.month, day.day, hour, tzinfo=HANOI).timestamp() * 1000)


def large_province():
    rows = [pb.Unit(id="p", code="p", name="Tỉnh", tier=pb.TIER_PROVINCE)]
    for d in range(DISTRICTS):
        rows.append(pb.Unit(id=f"p.{d}", code=f"p.{d}", name=f"Huyện {d}", tier=pb.TIER_DISTRICT, parent="p", print_order=d))
        rows += [pb.Unit(id=f"p.{d}.{c}", code=f"p.{d}.{c}", name=f"Xã {c}", tier=pb.TIER_COMMUNE, parent=f"p.{d}",
                         print_order=c) for c in range(COMMUNES)]
    return rows


def whole_catalogue(more=(), most_until=None):
    """`most_until`: the last day of the communes of two districts in three."""
    whole = catalogue(TREES)
    whole.units.extend([*large_province(), *more])
    for unit in whole.units:
        if most_until and unit.id.count(".") == 2 and unit.id.startswith("p.") and int(unit.id.split(".")[1]) % 3:
            unit.valid_to = most_until.isoformat()
    return whole


def wave(prefix):
    """One reception in every commune of the large province."""
    return [received(f"{prefix}-{d}-{c}", unit=f"p.{d}.{c}") for d in range(DISTRICTS) for c in range(COMMUNES)]


def expect_reported(reporter, values, position, day=DAY, roots=("t00000", "t00001", "p"), restricted=False):
    """`values` is exactly what the report says, of the units that belong in the feed."""
    expected = {}
    for root in roots:
        expected.update(reported(reporter, root, day, position))
    assert any(expected.values())
    hidden = (RESTRICTED, "t00001.c")
    expected = {unit: rows for unit, rows in expected.items() if (unit in hidden) == restricted}
    assert {unit: {m: tuple(v) if isinstance(v, list) else v for m, v in rows.items()}
            for unit, rows in values.items()} == expected


@pytest.fixture(scope="module")
def cluster():
    cluster = Cluster(sources=["s1", "s2"])
    cluster.add("agency", role="agency", units="t00000.a")
    cluster.add("inspector", role="agency", units=RESTRICTED)
    cluster.reporting.configure(totals_clock_shift_s=shift_to(DAY, 12), totals_restricted=RESTRICTED,
                                totals_restricted_listen=f"tcp://{loopback_addresses(1)[0]}")
    with cluster:
        cluster.put_catalogue(whole_catalogue())
        yield cluster


@pytest.fixture
def reporter(cluster):
    return cluster.reporter()


@pytest.fixture
def follow(cluster):
    """follow(name, unit=…): live already."""
    followers = []

    def make(name="agency", live=True, **options):
        followers.append(Follower(**cluster.follower_parameters(name, **options)))
        if live:
            followers[-1].follow(lambda totals: True)
        return followers[-1]
    yield make
    for each in followers:
        each.close()


@pytest.fixture
def publish(cluster, request):
    """publish(events): its position."""
    publisher = cluster.publisher("s1", chunk=4000)

    def send(events):
        assert not publisher.publish(events)
        return publisher.position
    yield send
    cluster.reporting.wait_position(publisher.position)


# The numbers

def test_a_subscriber_ends_with_what_the_report_says(follow, publish, reporter):
    live = follow()
    for n in range(10):
        position = publish(series("end", 20, 20 * n))
        live.pump()
    totals = live.follow_position(position)
    assert totals.day == DAY.isoformat() and totals.starts == 1
    expect_reported(reporter, totals.values(), position)
    assert totals.values()["t00000"]["received"][0] >= 200


def test_a_subtree_and_a_single_unit(follow, publish, reporter):
    subtree, leaf = follow(unit="t00000"), follow(unit="t00000.a")
    assert set(subtree.totals.units) == set(TREES[0].units) and set(leaf.totals.units) == {"t00000.a"}
    before = leaf.received
    position = publish([received(f"subtree-{unit}", unit=unit) for unit in TREES[0].units + TREES[1].units])
    expect_reported(reporter, subtree.follow_position(position).values(), position, roots=["t00000"])
    values = leaf.follow_position(position).values()
    assert values["t00000.a"] == subtree.totals.values()["t00000.a"]
    assert subtree.totals.starts == leaf.totals.starts == 1 and leaf.received > before


def test_changes_of_one_unit_are_conflated(cluster, follow, publish):
    live = follow(unit="t00000.a")
    live.follow_position(publish(series("conflate", 1)))
    messages = live.totals.count
    for n in range(50):
        position = publish(series("conflate", 1, n + 1))
    live.follow_position(position)
    assert live.totals.count - messages < 50


def test_late_and_void_events_restate(follow, publish, reporter):
    live = follow(unit="t00000")
    december, today = datetime.date(2023, 12, 5), DAY
    publish([received("restate-1", unit="t00000.b", occurred_at=ms(december), due_at=ms(datetime.date(2023, 12, 20))),
             received("restate-2", unit="t00000.b", due_at=ms(today + ONE_DAY))])
    position = publish([make_event({"event_id": "r", "dossier": "restate-2", "kind": "RESOLVED",
                                    "occurred_at": ms(today, 10)})])
    before = live.follow_position(position).values()["t00000.b"]
    assert before["processing_overdue"] == 1 and before["resolved_early"] == (1, 1, 1)
    position = publish([make_event({"event_id": "v", "dossier": "restate-2", "kind": "VOIDED", "voids": "r",
                                    "occurred_at": ms(today, 11)}),
                        make_event({"event_id": "late", "dossier": "restate-1", "kind": "RESOLVED",
                                    "occurred_at": ms(datetime.date(2024, 1, 10))})])
    after = live.follow_position(position).values()["t00000.b"]
    expect_reported(reporter, live.totals.values(), position, roots=["t00000"])
    assert "processing_overdue" not in after and "resolved_early" not in after
    assert after["resolved_late_no_apology"] == (0, 1, 1)
    expect_reported(reporter, live.totals.values(), position, roots=["t00000"])


def test_the_example_follows(cluster, publish, tmp_path):
    protos = sorted(map(str, (ROOT / "proto" / "hoso" / "v1").glob("*.proto")))
    subprocess.run(["protoc", f"-I{ROOT / 'proto'}", f"--python_out={tmp_path}", *protos], check=True)
    example = subprocess.Popen([sys.executable, ROOT / "examples" / "python" / "totals.py", Cli(cluster, "agency").config,
                                "t00000.a"], text=True, stdout=subprocess.PIPE, env={**os.environ, "PYTHONPATH": str(tmp_path)})
    try:
        first = example.stdout.readline().split()
        position = publish(series("example", 3))
        while int((line := example.stdout.readline().split())[1]) < position:
            pass
    finally:
        example.kill()
        example.wait()
    received_before = int(dict(part.split("=") for part in first[2:]).get("received", 0))
    assert line[0] == DAY.isoformat() and f"received={received_before + 3}" in line


# Losses

def start_process(cluster, name, **options):
    process = subprocess.Popen([sys.executable, "-m", "hosotest.totals"], text=True, stdin=subprocess.PIPE,
                               stdout=subprocess.PIPE, env={**os.environ, "PYTHONPATH": str(ROOT / "tests" / "lib")})
    parameters = cluster.follower_parameters(name, **options)
    process.stdin.write(json.dumps({**parameters, "keys": parameters["keys"]._asdict()}) + "\n")
    process.stdin.flush()
    assert process.stdout.readline() == "live\n"
    return process


def test_stopped_and_slow_subscribers_notice_and_end_equal(cluster, follow, publish, reporter):
    stopped = start_process(cluster, "agency", buffer_bytes=4096)
    slow, quick = follow(queue=10, buffer_bytes=4096), follow()
    try:
        stopped.send_signal(signal.SIGSTOP)
        for n in range(8):
            position = publish(wave(f"flood-{n}"))
            quick.follow_position(position)
        stopped.send_signal(signal.SIGCONT)
        stopped.stdin.write(f"{position}\n")
        stopped.stdin.flush()
        end = json.loads(stopped.stdout.readline())
    finally:
        stopped.kill()
        stopped.wait()
    slow.follow_position(position)
    print("stopped:", end["reasons"], "slow:", slow.reasons, "quick:", quick.reasons)
    assert end["starts"] > 1 and all("lost" in why for why in end["reasons"][1:])
    assert slow.totals.starts > 1 and all("lost" in why for why in slow.reasons[1:])
    for values in (end["values"], slow.totals.values(), quick.totals.values()):
        expect_reported(reporter, values, position)


# The calendar

QUEUE = 20_000      # of a subscriber that is not to lose anything, however busy the machine


@pytest.fixture
def at(cluster):
    """Lets reporting's clock show another time, and afterwards noon of DAY again, whatever became of the test."""
    def set_clock(shift):
        assert cluster.reporting.stop() == 0
        cluster.reporting.configure(totals_clock_shift_s=shift)
        cluster.reporting.start()
    yield set_clock
    set_clock(shift_to(DAY, 12))


def test_midnight_of_month_and_year(cluster, publish, at):
    cluster.put_catalogue(whole_catalogue([GONE, CAME]))
    for day in (datetime.date(2024, 1, 31), datetime.date(2024, 12, 31)):
        position = publish([received(f"midnight-{day}-{n}", unit="p.0.0", occurred_at=ms(day), due_at=ms(day + ONE_DAY))
                            for n in range(5)])
        cluster.reporting.wait_position(position)
        at(shift_to(day, 23, 59, 45))
        reporter, live = cluster.reporter(), cluster.follower("agency")
        totals = live.follow(lambda totals: totals.cut.position >= position)
        assert totals.day == day.isoformat() and totals.values()["p.0.0"]["received"][0] == 5
        expect_reported(reporter, totals.values(), position, day)
        overdue, next_day = totals.values()["p.0.0"].get("processing_overdue", 0), day + ONE_DAY
        live.follow(lambda totals: totals.day == next_day.isoformat())
        first = live.totals.values()["p.0.0"]
        assert first["processing_overdue"] == overdue + 5 and first.get("received", (0, 0, 0))[:2] == (0, 0)
        assert (first.get("received", (0, 0, 0))[2] == 0) == (next_day.month == 1)
        expect_reported(reporter, live.totals.values(), position, next_day)
        assert ("p.gone" in live.totals.units) == (day.month == 1)
        assert ("p.came" in live.totals.units) == (day.month == 12)


def test_midnight_of_many_units_comes_in_parts(cluster, publish, at):
    """3,031 units differ at once; no more than 500 are sent in each 100 ms, so that no subscriber loses any. Heartbeats
    wait for the last."""
    day = datetime.date(2024, 3, 14)
    received_today = [received(f"many-{d}-{c}", unit=f"p.{d}.{c}", occurred_at=ms(day))
                      for d in range(DISTRICTS) for c in range(COMMUNES)]
    position = publish(received_today)
    cluster.reporting.wait_position(position)
    at(shift_to(day, 23, 59, 45))
    live, next_day, arrivals, beaten = cluster.follower("agency", queue=QUEUE), (day + ONE_DAY).isoformat(), [], []
    live.follow(lambda totals: totals.cut.position >= position)
    take = live.totals.message

    def message(topic, message):
        if message.header.day == next_day:
            (arrivals if message.WhichOneof("body") == "totals" else beaten).append(time.monotonic())
        take(topic, message)
    live.totals.message = message
    live.follow(lambda totals: totals.day == next_day)
    units = DISTRICTS * COMMUNES + DISTRICTS + 1
    assert len(arrivals) == units and live.totals.starts == 1, (len(arrivals), live.reasons)
    assert arrivals[-1] - arrivals[0] > 0.1 * (units // 500 - 1) and min(beaten) >= arrivals[-1]
    expect_reported(cluster.reporter(), live.totals.values(), position, day + ONE_DAY)


@pytest.mark.parametrize("kind", ["midnight", "catalogue"])
def test_many_units_that_leave_come_in_parts(cluster, kind, at):
    """2,000 units end at once, at midnight or because another catalogue says so: no more than 500 messages are sent in
    each 100 ms, and what comes next waits for the last of them."""
    day = datetime.date(2024, 3, 20)
    at_midnight, leaving = kind == "midnight", DISTRICTS * COMMUNES * 2 // 3
    cluster.put_catalogue(whole_catalogue([GONE, CAME], most_until=day if at_midnight else None))
    at(shift_to(day, 23, 59, 45) if at_midnight else shift_to(day, 12))
    live, arrivals = cluster.follower("agency", queue=QUEUE), []
    live.follow(lambda totals: len(totals.units) > leaving + 1000)
    feed, take = live.totals.feed, live.totals.message

    def message(topic, message):
        if message.WhichOneof("body") == "gone":
            assert message.header.feed == feed
            arrivals.append(time.monotonic())
        take(topic, message)
    live.totals.message = message
    if at_midnight:
        live.follow(lambda totals: totals.day == (day + ONE_DAY).isoformat())
        assert live.totals.starts == 1, live.reasons
    else:
        cluster.put_catalogue(whole_catalogue([GONE, CAME], most_until=day - ONE_DAY))
        live.follow(lambda totals: totals.feed != feed)
    assert len(live.totals.units) < leaving
    assert len(arrivals) == leaving and arrivals[-1] - arrivals[0] > 0.1 * (leaving // 500 - 2), len(arrivals)
    cluster.put_catalogue(whole_catalogue([GONE, CAME]))


# Resets

def test_another_catalogue_and_another_start_reset(cluster, publish, reporter):
    live = cluster.follower("agency")
    live.follow(lambda totals: True)
    feed = live.totals.feed
    position = cluster.put_catalogue(whole_catalogue([GONE, CAME, NEW])).cut.position
    live.follow(lambda totals: totals.feed != feed and "p.new" in totals.units)
    feed = live.totals.feed
    cluster.reporting.stop()
    cluster.reporting.start()
    live.follow(lambda totals: totals.feed != feed)
    expect_reported(cluster.reporter(), live.totals.values(), position)


# Rights

def subscribed(endpoint, server_key, keys):
    socket = zmq.Context.instance().socket(zmq.SUB)
    socket.curve_serverkey = server_key.encode()
    socket.curve_publickey, socket.curve_secretkey = keys.public.encode(), keys.secret.encode()
    socket.setsockopt(zmq.LINGER, 0)
    socket.setsockopt(zmq.RECONNECT_IVL, 50)
    socket.subscribe("")
    socket.connect(endpoint)
    return socket


def test_no_right_is_nothing(cluster, follow, publish, reporter):
    public, closed = (cluster.reporting.settings[name] for name in ("totals_listen", "totals_restricted_listen"))
    server = cluster.reporting.keys.public
    nobody = [subscribed(public, server, make_keys()), subscribed(closed, server, make_keys()),
              subscribed(closed, server, cluster.keys_of("agency"))]
    everyone, inspector, admin = follow("agency"), follow("inspector", restricted=True), follow("admin", restricted=True)
    for n in range(3):
        position = publish([received(f"rights-{n}", unit="t00001.c"), received(f"rights-{n}-a", unit="t00001.a")])
        for each in (everyone, inspector, admin):
            each.follow_position(position)
    inspector.follow(lambda totals: totals.sequence + totals.count)
    for socket in nobody:
        assert not socket.poll(0)
        socket.close()
    expect_reported(reporter, everyone.totals.values(), position)      # without the restricted units; above them, with
    for each in (inspector, admin):
        assert set(each.totals.units) == {"t00001.b", "t00001.c"}
        expect_reported(reporter, each.totals.values(), position, roots=["t00001"], restricted=True)


@pytest.mark.parametrize("name, unit, restricted, code", [
    ("agency", "", True, pb.ERROR_CODE_DENIED), ("agency", "t00001.b", True, pb.ERROR_CODE_DENIED),
    ("agency", "t00001.b", False, pb.ERROR_CODE_NOT_FOUND), ("agency", "nowhere", False, pb.ERROR_CODE_NOT_FOUND),
    ("inspector", "t00000", True, pb.ERROR_CODE_NOT_FOUND),
])
def test_snapshots_have_the_same_rights(cluster, name, unit, restricted, code):
    channel = cluster.reporter(name).channel
    with pytest.raises(Refused) as caught:
        channel.call(totals_snapshot=pb.TotalsSnapshotRequest(unit=unit, restricted=restricted))
    assert caught.value.code == code


def test_a_revoked_key_hears_nothing_more(cluster, follow, publish):
    keys = cluster.add("leaver", role="agency", units="t00000")
    cluster.reload()
    server = cluster.reporting.keys.public
    deadline, stays = time.monotonic() + 10, follow("agency")
    leaver = subscribed(cluster.reporting.settings["totals_listen"], server, keys)
    while not leaver.poll(200):
        assert time.monotonic() < deadline
    cluster.remove("leaver")
    cluster.reload()
    deadline = time.monotonic() + 30
    quiet = 0                                  # heartbeats come once a second
    while quiet < 3:
        assert time.monotonic() < deadline
        if leaver.poll(1500):
            leaver.recv_multipart()
            quiet = 0
        else:
            quiet += 1
    position = publish(series("revoked", 3))
    stays.follow_position(position)
    assert not leaver.poll(0)
    leaver.close()


# Replicas

def test_two_replicas_are_equal_and_catch_up(tmp_path):
    cluster = Cluster(sources=["s1"])
    cluster.aggregation.configure(change_log_bytes=65536)
    cluster.reporting.configure(totals_clock_shift_s=shift_to(DAY, 12))
    with cluster:
        position = cluster.put_catalogue(whole_catalogue()).cut.position
        second = cluster.add_replica()
        cluster.aggregation.reload()
        second.start()
        publisher = cluster.publisher("s1", chunk=4000)

        def publish(events):
            assert not publisher.publish(events)
            return publisher.position

        def expect_equal(position):
            values, stated = [], []
            for service in (cluster.reporting, second):
                service.wait_position(position)
                live = cluster.follower("admin", reporting=service)
                values.append(live.follow(lambda totals: totals.cut.position == position).values())
                channel = service.channel()
                stated.append(channel.call(run_report=pb.RunReportRequest(
                    form="thong-ke", unit="p", period=pb.Period(**{"from": "2024-01-01", "to": "2024-12-31"}),
                    min_position=position, min_incarnation=channel.call(status=pb.StatusRequest()).cut.incarnation,
                    wait_ms=10000)))
                channel.close()
            assert values[0] == values[1] and stated[0] == stated[1] and any(values[0].values())

        expect_equal(publish(wave("two")))
        second.kill()
        position = publish(series("little", 10))
        second.start()
        expect_equal(position)
        assert second.gauges()["snapshots"] == 0           # by changes
        second.kill()
        for n in range(3):
            position = publish(wave(f"much-{n}"))
        cluster.aggregation.wait_position(position)
        second.start()
        expect_equal(position)
        assert second.gauges()["snapshots"] == 1           # too late: by a snapshot
