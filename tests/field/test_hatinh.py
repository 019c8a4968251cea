# SPDX-License-Identifier: Apache-2.0
"""1 July 2025 in one province: districts end, communes merge, and the year's report is one report (tests/field/hatinh)."""
import pathlib

import pytest

from hosotest.cli import Cli
from hosotest.client import Refused, cells, make_event
from hosotest.cluster import Cluster
from hosotest.ndjson import from_line
from hosotest.protocol import pb

FIELD = pathlib.Path(__file__).parent / "hatinh"
YEAR = ("2025-01-01", "2025-12-31")
OPEN = ("processing_in_time", "processing_overdue", "waiting_supplement", "waiting_payment", "stopped")


@pytest.fixture(scope="module")
def cluster():
    with Cluster(sources=["s1"]) as cluster:
        Cli(cluster, "admin").run("catalogue", "import", FIELD)
        publisher = cluster.publisher("s1")
        lines = (FIELD / "events.ndjson").read_text(encoding="utf-8").splitlines()
        assert not publisher.publish([make_event(from_line(line)) for line in lines])
        cluster.reporting.wait_position(publisher.position)
        yield cluster


@pytest.fixture
def reporter(cluster):
    return cluster.reporter()


def report(reporter, form, unit, period=YEAR, **more):
    answer = reporter.run_report(form, unit, period, **more)
    bad = [check for check in answer.checks if not check.ok]
    assert not bad, bad
    return answer


def summary(answer, unit):
    numbers = cells(answer)[unit]
    return {"carried over": numbers["carried_over"], "received": numbers["received"], "early": numbers["resolved_early"],
            "on time": numbers["resolved_on_time"],
            "late": numbers["resolved_late_apology"] + numbers["resolved_late_no_apology"],
            "open": sum(numbers[column] for column in OPEN), "overdue": numbers["processing_overdue"]}


EXPECTED = {"carried over": 2, "received": 497, "early": 280, "on time": 209, "late": 0, "open": 10, "overdue": 10}


def test_the_year_of_the_province_is_one_report(reporter):
    answer = report(reporter, "thong-ke", "42")
    assert summary(answer, "42") == EXPECTED
    shown = [row for row in answer.rows if row.kind == pb.ROW_KIND_UNIT]
    assert [row.unit for row in shown][:2] == ["42", "n18073"] and len(shown) == 70
    rows = [cells(answer)[row.unit]["received"] for row in shown if row.level == 1]
    assert sum(rows) == 497
    paper = cells_of_total(report(reporter, "II.06a", "42"))
    assert (paper["carried_over"], paper["online"] + paper["direct_postal"]) == (2, 497)
    assert (paper["early"], paper["on_time"], paper["late"], paper["overdue"]) == (280, 209, 0, 10)


def cells_of_total(answer):
    ids = [column.id for column in answer.columns]
    return dict(zip(ids, [cell.number for cell in answer.rows[0].cells]))


def test_the_tree_of_june_has_the_same_total(reporter):
    """The new communes are outside that tree: one row, part of the total, named."""
    answer = report(reporter, "thong-ke", "42", tree_at="2025-06-30")
    assert summary(answer, "42") == EXPECTED
    outside = [row for row in answer.rows if row.id == "outside"]
    assert [(row.label, row.unit, row.level) for row in outside] == [("Đơn vị ngoài cây ngày 30/06/2025", "", 1)]
    assert cells(answer)[""]["received"] == 69
    assert any("đã gồm trong tổng số" in note and "Phường Thành Sen (n18073)" in note for note in answer.notes)
    lines = list(reporter.list_dossiers("thong-ke", "received", pb.Row(unit="42", id="outside"), YEAR, tree_at="2025-06-30"))
    assert sum(line.amount for line in lines) == 69 and all(line.unit.startswith("n") for line in lines)


def test_what_is_outside_the_tree_has_its_fields_and_lists_them(reporter):
    answer = report(reporter, "II.06a", "42", tree_at="2025-06-30")
    outside = [row for row in answer.rows if row.id == "outside"]
    assert [(row.field, row.level) for row in outside] == [("", 1), ("dat-dai", 2)]
    ids = [column.id for column in answer.columns]
    assert {row.cells[ids.index("online")].number for row in outside} == {69}
    cell = pb.Row(unit="42", id="outside", field="dat-dai")
    lines = list(reporter.list_dossiers("II.06a", "online", cell, YEAR, tree_at="2025-06-30"))
    assert sum(line.amount for line in lines) == 69


def test_a_row_below_the_report_lists_its_own(reporter):
    """446's own report of the year has its communes' row only; what is outside the tree belongs to the report's unit."""
    rows = {row.unit: row for row in report(reporter, "thong-ke", "42", tree_at="2025-06-30").rows}
    lines = list(reporter.list_dossiers("thong-ke", "received", rows["446"], YEAR, tree_at="2025-06-30", report_unit="42"))
    assert sum(line.amount for line in lines) == cells(report(reporter, "thong-ke", "42", tree_at="2025-06-30"))["446"]["received"]
    with pytest.raises(Refused):
        list(reporter.list_dossiers("thong-ke", "received", rows["446"], YEAR, report_unit="42"))


def test_lists_add_up_whatever_was_folded_in(reporter):
    for unit, column, number in [("42", "received", 497), ("42", "processing_overdue", 10), ("n18073", "received", 24),
                                 ("n18073", "resolved_early", 9), ("n18685", "carried_over", 2)]:
        answer = report(reporter, "thong-ke", unit)
        assert cells(answer)[unit][column] == number, (unit, column)
        lines = list(reporter.list_dossiers("thong-ke", column, pb.Row(unit=unit), YEAR))
        assert sum(line.amount for line in lines) == number, (unit, column)


def test_units_that_moved_are_named_with_their_stock(reporter):
    december, january = ("2024-12-01", "2024-12-31"), ("2025-01-01", "2025-01-31")
    open_at_end = {unit: summary(report(reporter, "thong-ke", unit, december), unit)["open"] for unit in ("446", "436")}
    assert open_at_end == {"446": 2, "436": 0}
    for unit, carried, word in [("446", 0, "chuyển đi"), ("436", 2, "chuyển đến")]:
        answer = report(reporter, "II.06a", unit, january)
        assert cells_of_total(answer)["carried_over"] == carried
        assert [check.id for check in answer.checks if check.id == "continuity"]
        [note] = [note for note in answer.notes if word in note and "Cẩm Bình" in note]
        assert ("Xã Cẩm Bình (x18685) từ Huyện Cẩm Xuyên (446) sang Thành phố Hà Tĩnh (436) ngày 01/01/2025, mang theo 1 hồ sơ"
                in note)
        assert "Xã Cẩm Vịnh (x18691)" in note


def test_a_unit_that_ended_says_who_took_its_place(reporter):
    with pytest.raises(Refused) as caught:
        reporter.run_report("thong-ke", "x18073", YEAR)
    assert caught.value.code == pb.ERROR_CODE_NOT_FOUND
    assert "2025-06-30" in caught.value.text and "n18073" in caught.value.text
    with pytest.raises(Refused) as caught:
        reporter.run_report("thong-ke", "446", YEAR)
    assert "2025-06-30" in caught.value.text and "no successor" in caught.value.text


def test_units_of_a_day_with_who_became_whom(cluster, reporter):
    plain, everything = reporter.list_units(at="2025-07-01"), reporter.list_units(at="2025-07-01", all=True)
    assert len(plain) == 70
    merged = {line.unit.id: (line.counted_in, list(line.unit.successors)) for line in everything if line.counted_in}
    assert merged["x18082"] == ("n18652", ["n18652"]) and len(merged) == 209 + 12
    shown = Cli(cluster, "admin").json("units", "--at", "2025-07-01", "--all")
    assert {"unit": "x18082", "countedIn": "n18652"}.items() <= next(
        line for line in shown if line["unit"] == "x18082").items()


def test_an_event_for_a_unit_that_ended_is_counted_under_its_successor(cluster, reporter):
    publisher = cluster.publisher("s1")
    late = {"event_id": "late", "dossier": "late-1", "kind": "RECEIVED", "occurred_at": 1_754_010_000_000, "unit": "x18715",
            "procedure": "1.012753", "field": "dat-dai", "channel": "DIRECT", "service_level": "PARTIAL"}   # 1 August 2025
    assert not publisher.publish([make_event(late)])
    august = ("2025-08-01", "2025-08-01")
    answer = report(reporter, "thong-ke", "42", august, min_position=publisher.position)
    assert cells(answer)["42"]["received"] == 1 == cells(answer)["n18739"]["received"]
    void = {"event_id": "void", "dossier": "late-1", "kind": "VOIDED", "occurred_at": 1_754_010_000_001, "voids": "late"}
    assert not publisher.publish([make_event(void)])
    answer = report(reporter, "thong-ke", "42", august, min_position=publisher.position)
    assert cells(answer)["42"]["received"] == 0
