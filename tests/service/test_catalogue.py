# SPDX-License-Identifier: Apache-2.0
"""Units with dates: counts stay with the unit that had them, a report applies the tree of its last day or the one asked for."""
import pytest

from events import received
from hosotest.client import cells
from hosotest.cluster import Cluster
from hosotest.protocol import pb

PERIOD = ("2024-01-01", "2024-01-31")


def unit(unit_id, parent, tier, order=0, valid_from="", valid_to="", name=None):
    return pb.Unit(id=unit_id, code=unit_id, name=name or f"Đơn vị {unit_id}", tier=tier, parent=parent, print_order=order,
                   valid_from=valid_from, valid_to=valid_to)


def before_and_after():
    """Commune c moves from district d1 to d2 on 1 July 2024; on 1 July 2025 the districts end; c2 prints before c."""
    province, district, commune = pb.TIER_PROVINCE, pb.TIER_DISTRICT, pb.TIER_COMMUNE
    units = [unit("p", "", province), unit("d1", "p", district, 1, valid_to="2025-06-30"),
             unit("d2", "p", district, 2, valid_to="2025-06-30"),
             unit("c", "d1", commune, 9, valid_to="2024-06-30"),
             unit("c", "d2", commune, 9, "2024-07-01", "2025-06-30", name="Xã mới"),
             unit("c", "p", commune, 9, "2025-07-01"),
             unit("c2", "d2", commune, 1, valid_to="2025-06-30"), unit("c2", "p", commune, 1, "2025-07-01")]
    return pb.Catalogue(units=units, fields=[pb.Field(id="dat-dai", name="Đất đai")], procedures=[
        pb.Procedure(id="1.000", name="Thủ tục", field="dat-dai", service_level=pb.SERVICE_LEVEL_FULL)])


@pytest.fixture(scope="module")
def cluster():
    with Cluster(sources=["s1"]) as cluster:
        cluster.put_catalogue(before_and_after())
        cluster.add("d1-agency", role="agency", units="d1")
        cluster.admit("d1-agency", service=cluster.reporting)
        publisher = cluster.publisher("s1")
        for name, number in [("p", 1), ("d1", 2), ("d2", 4), ("c", 8), ("c2", 16)]:
            assert not publisher.publish([received(f"{name}-{n}", unit=name) for n in range(number)])
        cluster.reporting.wait_position(publisher.position)
        yield cluster


TREES = [
    ("2024-02-01", [("p", 0, 31), ("d1", 1, 10), ("c", 2, 8), ("d2", 1, 20), ("c2", 2, 16)]),
    ("2024-12-31", [("p", 0, 31), ("d1", 1, 2), ("d2", 1, 28), ("c2", 2, 16), ("c", 2, 8)]),
    ("2025-07-01", [("p", 0, 31), ("c2", 1, 16), ("c", 1, 8)]),     # and 6 outside the tree: d1 and d2 have ended
]


def of_units(rows):
    return [row for row in rows if row.kind == pb.ROW_KIND_UNIT and row.id != "outside"]


@pytest.mark.parametrize("tree_at, rows", TREES)
def test_the_tree_asked_for_applies(cluster, tree_at, rows):
    report = cluster.reporter().run_report("thong-ke", "p", PERIOD, tree_at=tree_at)
    numbers = cells(report)
    assert [(row.unit, row.level, numbers[row.unit]["received"]) for row in of_units(report.rows)] == rows
    outside = [numbers[row.unit]["received"] for row in report.rows if row.id == "outside"]
    assert sum(outside) == rows[0][2] - sum(number for _, level, number in rows[1:] if level == 1) - 1


@pytest.mark.parametrize("last, rows", TREES)
def test_the_tree_of_the_last_day_applies(cluster, last, rows):
    report = cluster.reporter().run_report("thong-ke", "p", ("2024-01-01", last))
    numbers = cells(report)
    assert [(row.unit, row.level, numbers[row.unit]["received"]) for row in of_units(report.rows)] == rows
    outside = [numbers[row.unit]["received"] for row in report.rows if row.id == "outside"]
    assert sum(outside) == rows[0][2] - sum(number for _, level, number in rows[1:] if level == 1) - 1


def test_a_unit_has_the_name_of_the_day(cluster):
    reporter = cluster.reporter()
    names = [reporter.run_report("thong-ke", "c", PERIOD, tree_at=day).unit_name for day in ("2024-06-30", "2024-07-01")]
    assert names == ["Đơn vị c", "Xã mới"]


def test_units_of_a_day(cluster):
    reporter = cluster.reporter()
    for day, rows in TREES:
        assert [(line.unit.id, line.depth) for line in reporter.list_units(at=day)] == [row[:2] for row in rows]


def test_dossiers_behind_a_parent_follow_the_same_tree(cluster):
    reporter = cluster.reporter()
    for day, rows in TREES:
        for name, _, number in rows:
            lines = list(reporter.list_dossiers("thong-ke", "received", pb.Row(unit=name), PERIOD, tree_at=day))
            assert len(lines) == number == sum(line.amount for line in lines), (day, name)


def test_a_late_event_in_a_unit_that_ended_still_counts(cluster):
    publisher, reporter = cluster.publisher("s1"), cluster.reporter()
    event = received("after-the-end", unit="d1", event_id="late")
    event.occurred_at = 1_798_700_000_000                        # December 2026
    assert not publisher.publish([event])
    report = reporter.run_report("thong-ke", "d1", ("2026-12-01", "2026-12-31"), tree_at="2025-06-30",
                                 min_position=publisher.position)
    assert cells(report)["d1"]["received"] == 1


def test_rights_follow_a_unit_through_its_moves(cluster):
    """c was below d1 once: the district's agency may still ask for it."""
    reporter = cluster.reporter("d1-agency")
    report = reporter.run_report("thong-ke", "c", PERIOD, tree_at="2025-07-01")
    assert cells(report)["c"]["received"] == 8
