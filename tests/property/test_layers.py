# SPDX-License-Identifier: Apache-2.0
"""Closed periods: what was reported stays answerable, whatever comes after (counting rules §7a).

Events come in parts with closes between them. Every close must go on to say what the recount of the events before it says,
in the ledger's records and in reports, and a second way to the same closes must give the same bytes. HOSO_ROUNDS says how
often each test is done (1), HOSO_SEED makes a run repeatable.
"""
import os
import random

import pytest

from histories import DAY0, SOURCES, SPACES, SPAN, Tree, catalogue, date_of
from hosotest.client import Channel
from hosotest.cluster import Cluster
from hosotest.ledger import CLOSES, days_of, family_of, figures_of, node_of
from hosotest.protocol import pb
from recount import COLUMNS, Close, Recount, layer
from test_determinism import describe_difference, publish_shuffled, publish_through_kills, settled_ledger
from walks import random_events

ROUNDS = int(os.environ.get("HOSO_ROUNDS", "1"))
TREES = [Tree(number) for number in range(3)]
PARTS = 5


@pytest.fixture(params=range(ROUNDS))
def rng(request):
    seed = int(os.environ.get("HOSO_SEED", "0")) or random.SystemRandom().randrange(1, 1 << 32)
    print(f"HOSO_SEED={seed}")
    return random.Random(seed + request.param)


def plan(rng, dossiers=200):
    """[(events, [(unit, last day), …]), …]: what is published, and what is closed then. The same unit is closed again up to
    an earlier, the same and a later day; a dossier's events may stand on both sides of a close."""
    events = random_events(rng, TREES, dossiers)
    rng.shuffle(events)
    size = len(events) // PARTS + 1
    parts = []
    for at in range(0, len(events), size):
        closes = [(rng.choice(rng.choice(TREES).units), DAY0 + rng.randrange(-1, SPAN + 20))
                  for _ in range(rng.choice([1, 1, 2, 3]))]
        parts.append((events[at:at + size], closes))
    first = parts[0][1][0]
    parts[2][1].append((first[0], first[1] + rng.choice([-10, 0, 10])))
    return parts


def close_period(cluster, ident, unit, last_day, label=""):
    channel = Channel(cluster.intake.endpoint, cluster.intake.keys.public, cluster.admin, pb.IntakeRequest, pb.IntakeReply)
    try:
        return channel.call(30.0, close_period=pb.ClosePeriodRequest(id=ident, unit=unit, to=date_of(last_day), label=label))
    finally:
        channel.close()


def below(unit):
    return next(tree.below[unit] for tree in TREES if unit in tree.below)


class Books:
    """A cluster and what was closed in it."""

    def __init__(self, cluster):
        self.cluster, self.closes, self.events, self.position = cluster, [], [], 0
        cluster.put_catalogue(catalogue(TREES))

    def close(self, unit, last_day):
        """Asked twice, as after a lost answer: one close."""
        ident = f"close-{len(self.closes):04}"
        reply, again = (close_period(self.cluster, ident, unit, last_day, "Báo cáo tháng") for _ in range(2))
        assert (reply.unchanged, again.unchanged) == (False, True)
        assert (reply.number, reply.cut) == (again.number, again.cut)
        assert reply.number == len(self.closes) + 1 and reply.cut.position > self.position
        self.position = reply.cut.position
        self.closes.append(Close(reply.number, self.events, below(unit), last_day, SPACES))

    def run(self, parts, publish):
        for events, closes in parts:
            self.position = max(self.position, publish(events))
            self.events += events
            for unit, last_day in closes:
                self.close(unit, last_day)
        return settled_ledger(self.cluster, self.position)


def without_closes(ledger):
    return {key: value for key, value in ledger.items() if family_of(key) != CLOSES}


def check_layers(books, ledger):
    """Now is the recount of all, each close the recount of what came before it; and no amount stands in another layer
    than the rule says."""
    days, units = days_of(ledger), [unit for tree in TREES for unit in tree.units]
    views = [(units, DAY0 + SPAN + 60, 1 << 32, Recount(books.events, SPACES))]
    views += [(close.units, close.last_day + 1, close.number, close.recount()) for close in books.closes]
    for counted, end, number, recount in views:
        for from_day, to_day in [(end - 1, end), (end - 31, end), (DAY0 - 20, end), (DAY0 + 10, min(DAY0 + 20, end))]:
            if from_day >= to_day:
                continue
            said, right = figures_of(days, counted, from_day, to_day, number), recount.figures(from_day, to_day)
            for unit in counted:
                for column in COLUMNS:
                    assert said[unit][column] == right[unit][column], (number, unit, column, from_day - DAY0, to_day - DAY0)
    for (unit, number), amounts in days.items():
        for day in amounts if number else []:
            close = books.closes[number - 1]
            assert close.covers([unit], day + 1), (number, unit, day - DAY0)
            assert number >= layer(books.closes[:number], unit, day)


def test_every_close_stays_as_it_was(rng):
    """In the records, and the same records whatever the order between two closes."""
    parts, ledgers = plan(rng), []
    for copies in (0, 50):
        with Cluster(sources=SOURCES, spaces=SPACES) as cluster:
            books = Books(cluster)
            ledger = books.run(parts, lambda events: publish_shuffled(cluster, events, rng, copies))
            check_layers(books, ledger)
            assert any(node.layer for key in ledger if (node := node_of(key))), "nothing came late"
            ledgers.append(without_closes(ledger))
    assert ledgers[0] == ledgers[1], describe_difference(*ledgers)


def set_offset(cluster, minutes):
    for service in (cluster.aggregation, cluster.reporting):
        service.stop()
        service.configure(utc_offset_minutes=minutes)
        service.start()


def test_kills_and_recounts_give_the_same_bytes(rng):
    """Services die while events come between the closes, and some of the closes are made while days are counted in another
    local time; then aggregation counts anew from the journal, closes included."""
    parts = plan(rng)
    offsets = iter(rng.choice([[420, 360, 360, 420, 420], [420, 420, 480, 360, 420], [360, 420, 540, 420, 420]]))
    def publish(events):
        set_offset(cluster, next(offsets, 420))
        return publish_through_kills(cluster, events, rng)[0]
    with Cluster(sources=SOURCES, spaces=SPACES) as cluster:
        reference = without_closes(Books(cluster).run(parts, lambda events: publish_shuffled(cluster, events, rng)))
    with Cluster(sources=SOURCES, spaces=SPACES) as cluster:
        books = Books(cluster)
        ledger = books.run(parts, publish)
        assert without_closes(ledger) == reference, describe_difference(without_closes(ledger), reference)
        cluster.aggregation.kill()
        cluster.aggregation.wipe()
        cluster.aggregation.start()
        again = settled_ledger(cluster, books.position)
        assert again == ledger, describe_difference(again, ledger)
        check_layers(books, again)
