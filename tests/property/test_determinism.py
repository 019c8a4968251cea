# SPDX-License-Identifier: Apache-2.0
"""Order, duplicates, chunks, crashes and lost data directories cannot change a number.

The same set of events goes into two clusters in different ways, and the two ledgers are compared byte by byte. HOSO_ROUNDS
says how often each test is done (1), HOSO_SEED makes a run repeatable.
"""
import os
import random

import pytest

from histories import DAY0, SOURCES, SPACES, SPAN, Tree, catalogue, date_of
from hosotest.client import cells, make_event
from hosotest.cluster import Cluster
from recount import Recount
from walks import random_events

ROUNDS = int(os.environ.get("HOSO_ROUNDS", "1"))
TREES = [Tree(number) for number in range(4)]
PERIODS = [(-20, 0), (0, 31), (17, 48), (0, SPAN + 30), (900, 901)]


@pytest.fixture(params=range(ROUNDS))
def rng(request):
    seed = int(os.environ.get("HOSO_SEED", "0")) or random.SystemRandom().randrange(1, 1 << 32)
    print(f"HOSO_SEED={seed}")
    return random.Random(seed + request.param)


def publish_shuffled(cluster, events, rng, copies=0):
    """All events in random order, with some twice, in chunks of random size, both sources in turn."""
    mixed = events + rng.sample(events, min(copies, len(events)))
    rng.shuffle(mixed)
    publishers = {source: cluster.publisher(source) for source in SOURCES}
    while mixed:
        count = rng.choice([1, 3, 50, 400])
        part, mixed = mixed[:count], mixed[count:]
        for source, publisher in publishers.items():
            chosen = [make_event(event) for s, event in part if s == source]
            if chosen:
                publisher.chunk = rng.choice([1, 7, 100, 500])
                assert not publisher.publish(chosen)
    return max(publisher.position for publisher in publishers.values())


def settled_ledger(cluster, position):
    cluster.aggregation.wait_position(position)
    entries, cut = cluster.ledger()
    assert cut.position == position
    return entries


def check_reports(cluster, events, position):
    """Every unit of every tree, over every period, is what the recount says."""
    reporter, recount = cluster.reporter(), Recount(events, SPACES)
    for tree in TREES:
        for from_day, to_day in PERIODS:
            period = date_of(DAY0 + from_day), date_of(DAY0 + to_day - 1)
            report = reporter.run_report("thong-ke", tree.p, period, min_position=position)
            own, shown = recount.figures(DAY0 + from_day, DAY0 + to_day), cells(report)
            for unit, below in tree.below.items():
                for column, number in shown[unit].items():
                    assert number == sum(own[member][column] for member in below), (unit, period, column)
            assert all(check.ok for check in report.checks)


def describe_difference(one, other):
    keys = sorted(key for key in one.keys() | other.keys() if one.get(key) != other.get(key))
    return f"{len(keys)} of {len(one)} and {len(other)} records differ: " + ", ".join(
        f"{key!r}: {one.get(key)!r} / {other.get(key)!r}" for key in keys[:5])


def test_order_duplicates_and_chunks_leave_the_ledger_as_it_is(rng):
    events, ledgers = random_events(rng, TREES, dossiers=300), []
    for copies in (0, len(events) // 3):
        with Cluster(sources=SOURCES, spaces=SPACES) as cluster:
            cluster.put_catalogue(catalogue(TREES))
            position = publish_shuffled(cluster, events, rng, copies)
            ledgers.append(settled_ledger(cluster, position))
            check_reports(cluster, events, position)
    assert ledgers[0] == ledgers[1], describe_difference(*ledgers)


def reference_ledger(events):
    """Published once, in order, by a cluster that nothing happens to."""
    with Cluster(sources=SOURCES, spaces=SPACES) as cluster:
        cluster.put_catalogue(catalogue(TREES))
        for source in SOURCES:
            publisher = cluster.publisher(source)
            assert not publisher.publish([make_event(event) for s, event in events if s == source])
        return settled_ledger(cluster, publisher.position), int(publisher.position)     # of that cluster's journal


def test_killed_services_lose_and_double_nothing(rng):
    """Each service is killed with SIGKILL again and again while events are published, and keeps its directory."""
    events = random_events(rng, TREES, dossiers=300)
    reference, last = reference_ledger(events)
    with Cluster(sources=SOURCES, spaces=SPACES) as cluster:
        cluster.put_catalogue(catalogue(TREES))
        position, deaths = publish_through_kills(cluster, events, rng)
        assert deaths > 2
        assert position == last, "an event is lost or journaled twice"
        ledger = settled_ledger(cluster, position)
        assert ledger == reference, describe_difference(ledger, reference)
        check_reports(cluster, events, position)


def test_a_replica_ahead_of_a_killed_aggregation(rng):
    """Reporting hears of events that aggregation has not committed yet; killed then, aggregation counts them again."""
    events = random_events(rng, TREES, dossiers=100)
    reference, last = reference_ledger(events)
    with Cluster(sources=SOURCES, spaces=SPACES) as cluster:
        cluster.put_catalogue(catalogue(TREES))
        deaths, reporter = 0, cluster.reporter()
        for source in SOURCES:
            publisher = cluster.publisher(source)
            mine = [make_event(event) for s, event in events if s == source]
            for at in range(0, len(mine), 5):
                assert not publisher.publish(mine[at:at + 5])
                reporter.run_report("thong-ke", TREES[0].p, (date_of(DAY0), date_of(DAY0)), min_position=publisher.position)
                if deaths < 2 and cluster.aggregation.status().cut.position < publisher.position:
                    cluster.aggregation.kill()
                    deaths += 1
                    cluster.aggregation.start()
        assert deaths == 2, "aggregation commits before it tells"
        assert publisher.position == last
        ledger = settled_ledger(cluster, last)
        assert ledger == reference, describe_difference(ledger, reference)
        check_reports(cluster, events, publisher.position)


def publish_through_kills(cluster, events, rng):
    """One source after the other; during each part one service dies. Positions prove that nothing was doubled: a resend
    of what is journaled takes no new position. Returns the last position and how many died."""
    position = deaths = 0
    for source in SOURCES:
        publisher = cluster.publisher(source, chunk=7, timeout_s=0.5)
        mine = [make_event(event) for s, event in events if s == source]
        while mine:
            part, mine = mine[:200], mine[200:]
            murderer = Murderer(publisher.channel, rng.choice(cluster.services), rng.randrange(1, len(part) // 7 + 2))
            publisher.channel = murderer
            assert not publisher.publish(part)
            publisher.channel = murderer.channel
            deaths += murderer.struck
            for service in cluster.services:
                if service.process is None:
                    service.start(wait=False)
        position = max(position, publisher.position)
    for service in cluster.services:
        service.wait_ready()
    return position, deaths


class Murderer:
    """Between a publisher and its channel: after so many sends a service dies. Intake comes back at once."""

    def __init__(self, channel, victim, countdown):
        self.channel, self.victim, self.left, self.struck = channel, victim, countdown, False

    def __getattr__(self, name):
        return getattr(self.channel, name)

    def send(self, **body):
        request_id = self.channel.send(**body)
        self.left -= 1
        if self.left == 0:
            self.victim.kill()
            self.struck = True
            if self.victim is self.victim.cluster.intake:
                self.victim.start(wait=False)
        return request_id


@pytest.mark.parametrize("name", ["aggregation", "reporting"])
def test_a_wiped_directory_is_built_again(rng, name):
    events = random_events(rng, TREES, dossiers=150)
    half = len(events) // 2
    with Cluster(sources=SOURCES, spaces=SPACES) as cluster:
        cluster.put_catalogue(catalogue(TREES))
        position = publish_shuffled(cluster, events[:half], rng)
        before = settled_ledger(cluster, position)
        service = getattr(cluster, name)
        service.kill()
        service.wipe()
        service.start()
        after = settled_ledger(cluster, position)
        assert after == before, describe_difference(after, before)
        position = publish_shuffled(cluster, events[half:], rng)
        settled_ledger(cluster, position)
        check_reports(cluster, events, position)


class Deaf:
    """Between a publisher and its channel: loses some of the answers."""

    def __init__(self, channel, rng):
        self.channel, self.rng, self.lost = channel, rng, 0

    def __getattr__(self, name):
        return getattr(self.channel, name)

    def receive(self, timeout_s):
        reply = self.channel.receive(timeout_s)
        if reply is not None and reply.WhichOneof("body") == "append" and self.rng.random() < 0.3:
            self.lost += 1
            return self.channel.receive(0.02)
        return reply


def test_resending_after_lost_answers_doubles_nothing(rng):
    events = random_events(rng, TREES, dossiers=60)
    mine = [make_event(event) for source, event in events if source == "s1"]
    with Cluster(sources=SOURCES, spaces=SPACES) as cluster:
        start = cluster.put_catalogue(catalogue(TREES)).cut.position
        publisher = cluster.publisher("s1", chunk=4, window=1, timeout_s=0.2)
        publisher.channel = Deaf(publisher.channel, rng)
        assert not publisher.publish(mine)
        assert publisher.channel.lost and publisher.answers["DUPLICATE"]
        assert cluster.intake.status().cut.position == start + len(mine)
        check_reports(cluster, [(s, e) for s, e in events if s == "s1"], start + len(mine))
