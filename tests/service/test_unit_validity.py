# SPDX-License-Identifier: Apache-2.0
"""Events for units that are not valid on their day: they count, and are listed, by the catalogue in force at their place
in the journal."""
import shutil

import pytest

from events import NOON, TREES, received
from histories import catalogue
from hosotest.cli import Cli
from hosotest.client import Refused, cells, make_event
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


def country():
    """A commune that begins below one district in March and moves to the other in April; a ministry beside the province."""
    def unit(id, tier, parent, begin="", end=""):
        return pb.Unit(id=id, code=id, name=f"Đơn vị {id} {begin}", tier=tier, parent=parent, valid_from=begin, valid_to=end)
    message = catalogue([])
    message.units.extend([
        unit("vn", pb.TIER_NATION, ""), unit("bo", pb.TIER_MINISTRY, "vn"), unit("tinh", pb.TIER_PROVINCE, "vn"),
        unit("d1", pb.TIER_DISTRICT, "tinh"), unit("d2", pb.TIER_DISTRICT, "tinh"),
        unit("x", pb.TIER_COMMUNE, "d1", "2024-03-01", "2024-03-31"), unit("x", pb.TIER_COMMUNE, "d2", "2024-04-01")])
    return message


FEBRUARY, APRIL = ("2024-02-01", "2024-02-29"), ("2024-04-01", "2024-04-30")


def test_a_unit_that_has_not_begun():
    """Until it begins it lies where it will first lie: reports, lists, findings, a close and what comes after it, rights."""
    with Cluster(sources=["s"]) as cluster:
        for name in ("d1", "d2", "bo"):
            cluster.add(f"of-{name}", role="agency", units=name)
        publisher, reporter, admin = cluster.admit("s"), cluster.reporter(), Cli(cluster, "admin")
        cluster.put_catalogue(country())
        assert not publisher.publish([received("early-1", unit="x"), received("early-2", unit="x"), received("of-bo", unit="bo")])

        def figures(unit, period, **more):
            report = reporter.run_report("thong-ke", unit, period, min_position=publisher.position, **more)
            assert all(check.ok for check in report.checks), report.checks
            return cells(report), " ".join(report.notes)
        january = {unit: figures(unit, MONTH)[0] for unit in ("vn", "bo", "tinh", "d1", "d2")}
        assert {unit: rows[unit]["received"] for unit, rows in january.items()} == {"vn": 3, "bo": 1, "tinh": 2, "d1": 2, "d2": 0}
        assert january["d1"][""]["received"] == january["tinh"][""]["received"] == 2 and "" not in january["d2"]
        listed = reporter.list_dossiers("thong-ke", "received", pb.Row(unit="d1", id="outside"), MONTH, report_unit="d1")
        assert sorted(line.dossier for line in listed) == ["early-1", "early-2"]
        assert {line["dossier"] for line in admin.json("quality", "--unit", "d1")["findings"]} == {"early-1", "early-2"}
        assert figures("d1", FEBRUARY)[0][""]["carried_over"] == 2
        refused = admin.run("--lang", "vi", "report", "thong-ke", "--unit", "x", "--from", MONTH[0], "--to", MONTH[1], code=1).stderr
        assert "ngày đầu là 01/03/2024" in refused, refused
        rows, notes = figures("d2", APRIL)
        assert rows["x"]["carried_over"] == 2 and "mang theo 2 hồ sơ" in notes

        admin.run("period", "close", "d1", "--to", "2024-01-31")
        assert not publisher.publish([received("after", unit="x")])
        assert figures("d1", MONTH)[0]["d1"]["received"] == 3
        assert figures("d1", MONTH, as_closed=1)[0][""]["received"] == 2

        assert cells(cluster.reporter("of-d1").run_report("thong-ke", "d1", MONTH))[""]["received"] == 3
        with pytest.raises(Refused):
            cluster.reporter("of-bo").run_report("thong-ke", "d1", MONTH)
        for name, code in (("d1", 0), ("d2", 0), ("bo", 1)):
            Cli(cluster, f"of-{name}").run("dossier", "early-1", code=code)
