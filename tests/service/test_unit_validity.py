# SPDX-License-Identifier: Apache-2.0
"""Events for units that are not valid on their day: they count, and are listed, by the catalogue in force at their place
in the journal."""
import shutil

import pytest

from events import NOON, TREES, received
from histories import catalogue
from hosotest.cli import Cli
from hosotest.client import cells, make_event
from hosotest.cluster import Cluster
from hosotest.protocol import pb

MONTH = ("2024-01-01", "2024-01-31")
ENDED = "t00000.a"             # on 20 January; the events are of 30 January


def with_end(day):
    message = catalogue(TREES)
    next(unit for unit in message.units if unit.id == ENDED).valid_to = day
    return message


@pytest.fixture(scope="module")
def cluster():
    """The unit ends, is said not to have ended, and to have ended again; each catalogue has events after it."""
    with Cluster(sources=["s"]) as cluster:
        publisher = cluster.publisher("s")
        for name, day in (("first", "2024-01-20"), ("second", ""), ("third", "2024-01-20")):
            cluster.put_catalogue(with_end(day))
            assert not publisher.publish([
                received(f"{name}", unit=ENDED),
                make_event({"event_id": "e-2", "dossier": f"{name}", "kind": "RESOLVED", "occurred_at": NOON + 1, "unit": ENDED}),
                received(f"{name}-early", unit=ENDED, occurred_at=NOON - 20 * 86_400_000)])
        assert not publisher.publish([
            received("void", unit=ENDED),
            make_event({"event_id": "e-2", "dossier": "void", "kind": "VOIDED", "occurred_at": NOON, "voids": "e-1"}),
            make_event({"event_id": "e-1", "dossier": "moved", "kind": "TRANSFERRED", "occurred_at": NOON, "unit": ENDED})])
        cluster.reporting.wait_position(publisher.position)
        yield cluster


def listed(cluster):
    return {(pb.FindingKind.Name(f.kind)[len("FINDING_KIND_"):], f.dossier, f.unit, f.event_id, f.count)
            for f in cluster.reporter().quality()}


FOUND = {("UNIT_NOT_VALID", "first", ENDED, "e-1", 1), ("UNIT_NOT_VALID", "third", ENDED, "e-1", 1),
         ("UNIT_NOT_VALID", "moved", ENDED, "e-1", 1), ("ORPHAN", "moved", ENDED, "e-1", 1)}


def test_the_catalogue_in_force_at_the_event_decides(cluster):
    """An attribute that the kind does not carry says nothing, and a voided event is no finding."""
    assert listed(cluster) == FOUND


def test_the_events_count(cluster):
    report = cells(cluster.reporter().run_report("thong-ke", "t00000", MONTH))
    assert report["t00000"]["received"] == 6 and report["t00000"]["resolved_on_time"] == 3


def test_the_list_says_it_in_words(cluster):
    admin = Cli(cluster, "admin")
    assert "Đơn vị không còn hoặc chưa có hiệu lực vào ngày đó" in admin.run("quality", "--unit", "t00000").stdout
    assert "UNIT_NOT_VALID" in admin.run("--lang", "en", "quality", "--kind", "UNIT_NOT_VALID").stdout
    found = admin.json("quality", "--kind", "UNIT_NOT_VALID")["findings"]
    assert {(line["dossier"], line["space"]) for line in found} == {("first", "s"), ("third", "s"), ("moved", "s")}
    assert "đơn vị không có hiệu lực vào ngày đó" in admin.run("dossier", "first").stdout


def test_counting_anew_finds_the_same(cluster):
    position = cluster.aggregation.status().cut.position
    cluster.aggregation.stop()
    shutil.rmtree(cluster.aggregation.data)
    cluster.aggregation.start()
    cluster.aggregation.wait_position(position)
    cluster.reporting.wait_position(position)
    assert listed(cluster) == FOUND
