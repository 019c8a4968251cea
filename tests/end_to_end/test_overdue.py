# SPDX-License-Identifier: Apache-2.0
"""`hoso overdue` on the golden month: the same dossiers that a report of today counts, unit by unit, in every format."""
import collections
import csv
import datetime
import io
import subprocess

import openpyxl
import pytest

from hosotest.client import Refused, cells, make_event
from hosotest.cluster import program
from hosotest.protocol import pb

DAY_MS = 86_400_000
TODAY = datetime.datetime.now(datetime.timezone(datetime.timedelta(hours=7))).date()
TREE = ["--tree-at", "2024-02-19"]                         # the district ended on 30 June 2025
PERIOD = [*TREE, "--unit", "H27.45", "--from", str(TODAY), "--to", str(TODAY)]


def noon(days):
    moment = datetime.datetime.combine(TODAY + datetime.timedelta(days=days), datetime.time(5), datetime.timezone.utc)
    return int(moment.timestamp() * 1000)


def dossier(code, unit, due, kind=None):
    yield make_event({"event_id": "e-1", "dossier": code, "kind": "RECEIVED", "occurred_at": noon(-30), "unit": unit,
                      "procedure": "1.004221", "field": "dat-dai", "channel": "POSTAL", "service_level": "PARTIAL",
                      "due_at": noon(due)})
    if kind:
        yield make_event({"event_id": "e-2", "dossier": code, "kind": kind, "occurred_at": noon(-29)})


@pytest.fixture(scope="module")
def position(cluster, counter):
    lines = subprocess.run([program("hoso"), "simulate", "golden"], capture_output=True, text=True, encoding="utf-8",
                           check=True).stdout
    counter.run("publish", "-", stdin=lines)
    cluster.add("overdue-counter", role="source", units="H27.45")
    cluster.reload()
    publisher = cluster.publisher("overdue-counter")
    publisher.publish([event for n, due in enumerate((-5, -1, 0, 1, 3, 4))
                       for event in dossier(f"D-{n}", "H27.45.02", due)])
    publisher.publish(list(dossier("W-1", "H27.45.02", -3, "SUPPLEMENT_REQUESTED")))
    publisher.publish(list(dossier("R-1", "H27.45.02", -3, "WITHDRAWN")))
    return publisher.position


@pytest.fixture(scope="module")
def figures(agency, position):
    """{unit: its own figures at the end of today}."""
    report = agency.json("report", "thong-ke", *PERIOD, "--min-position", position)
    own = {row["unit"]: row["cells"] for row in report["rows"] if row["kind"] == "UNIT"}
    below = [cells for unit, cells in own.items() if unit != "H27.45"]
    own["H27.45"] = {column: number - sum(cells[column] for cells in below) for column, number in own["H27.45"].items()}
    return own


@pytest.mark.parametrize("column, asked", [("processing_overdue", ["--within", "0"]), ("waiting_supplement", ["--waiting"])])
def test_counts_are_the_forms(agency, figures, column, asked):
    counts = agency.json("overdue", "--count", *TREE, *asked)
    right = {unit: cells[column] for unit, cells in figures.items() if cells[column]}
    assert [(unit["unit"], unit["count"]) for unit in counts["units"]] == list(right.items())
    assert sum(right.values()) == counts["sum"] > 0 and counts["cut"]["position"] and counts["complete"]
    lines = agency.json("overdue", "--all", *TREE, *asked)["dossiers"]
    assert collections.Counter(line["unit"] for line in lines) == right


def test_a_line_says_all(agency, position):
    lines = agency.json("overdue", "--unit", "H27.45.02", *TREE, "--within", "3", "--all")["dossiers"]
    lines = {line["dossier"]: line for line in lines}
    assert lines["D-0"] == {"unit": "H27.45.02", "unitName": lines["D-0"]["unitName"], "dossier": "D-0",
                            "procedure": "1.004221", "procedureName": lines["D-0"]["procedureName"], "field": "dat-dai",
                            "fieldName": "Đất đai", "received": str(TODAY - datetime.timedelta(30)),
                            "due": str(TODAY - datetime.timedelta(5)), "daysLeft": -5, "state": "PROCESSING",
                            "channel": "POSTAL", "serviceLevel": "PARTIAL", "space": "overdue-counter"}
    assert lines["D-0"]["unitName"].startswith("UBND") or lines["D-0"]["unitName"]
    assert {code for code in lines if code[1] == "-"} == {"D-0", "D-1", "D-2", "D-3", "D-4"}
    overdue = agency.json("overdue", "--unit", "H27.45.02", *TREE, "--all")["dossiers"]
    assert [line["dossier"] for line in overdue if line["dossier"][1] == "-"] == ["D-0", "D-1"]
    assert [line["due"] for line in overdue] == sorted(line["due"] for line in overdue)
    assert "W-1" in [line["dossier"] for line in agency.json("overdue", "--waiting", "--all", *TREE)["dossiers"]]


def test_a_list_that_is_cut_does_not_say_that_a_unit_has_no_more(agency, figures):
    """Not even as many as it shows, when the cut is in the middle of the unit; whole units have their number."""
    own = [(unit, cells["waiting_supplement"]) for unit, cells in figures.items() if cells["waiting_supplement"]]
    first, second = own[0][1], own[1][1]
    heads = lambda limit: [line.rsplit(": ", 1)[1] for line in agency.run(
        "overdue", "--waiting", *TREE, *limit, "--lang", "en").stdout.splitlines() if line.endswith(" dossiers")]
    assert heads(["--limit", "30"]) == ["at least 30 dossiers"]
    assert heads(["--limit", str(first + 1)]) == [f"{first:,} dossiers", "at least 1 dossiers"]
    assert heads(["--all"])[:2] == [f"{first:,} dossiers", f"{second:,} dossiers"]
    assert not any("at least" in head for head in heads(["--all"]))


def test_pages_are_one_list(cluster, position):
    reporter = cluster.reporter("agency")
    whole = [line.dossier for line in reporter.list_open("H27.45", days=1, tree_at=TREE[1])]
    assert whole == [line.dossier for line in reporter.list_open("H27.45", days=1, tree_at=TREE[1], limit=7)] and len(set(whole)) == len(whole)
    assert whole == [line.dossier for line in reporter.list_open(days=1, tree_at=TREE[1])]     # all that it may see


def test_people_read_vietnamese(agency, position, tmp_path):
    rows = list(csv.reader(io.StringIO(agency.run("--format", "csv", "overdue", "--all", *TREE).stdout.lstrip("\ufeff")), delimiter=";"))
    head, lines = rows[0], {row[2]: row for row in rows[1:] if len(row) > 2}
    assert head[1:4] == ["Đơn vị", "Mã hồ sơ", "Mã thủ tục"]
    due = TODAY - datetime.timedelta(5)
    assert lines["D-0"][8:] == [f"{due:%d/%m/%Y}", "-5", "Đang giải quyết", "Bưu chính công ích", "Một phần",
                                 "overdue-counter"]
    english = agency.run("--lang", "en", "--format", "csv", "overdue", "--all", *TREE).stdout
    assert "In process,Postal,Partial" in english
    agency.run("overdue", "--all", *TREE, "--out", tmp_path / "list.xlsx")
    sheet = openpyxl.load_workbook(tmp_path / "list.xlsx").worksheets[0]
    assert "D-0" in [cell.value for row in sheet.iter_rows() for cell in row]
    assert "Đang giải quyết" in agency.run("overdue", "--all", *TREE).stdout


def test_wrong_questions(cluster, agency, position):
    assert "hai danh sách" in agency.run("overdue", "--within", "2", "--waiting", code=2).stderr
    assert "365" in agency.run("overdue", "--within", "366", code=2).stderr
    reporter = cluster.reporter("agency")
    for asked, code, field in [({"unit": "nowhere"}, pb.ERROR_CODE_NOT_FOUND, "unit"), ({"unit": "H27"}, pb.ERROR_CODE_DENIED, "unit"),
                               ({"limit": 1001}, pb.ERROR_CODE_INVALID, "limit"), ({"days": 367}, pb.ERROR_CODE_INVALID, "days"),
                               ({"state": 9}, pb.ERROR_CODE_INVALID, "state"), ({"tree_at": "x"}, pb.ERROR_CODE_INVALID, "tree_at"), ({"after": "zz"}, pb.ERROR_CODE_INVALID, "")]:
        with pytest.raises(Refused) as caught:
            list(reporter.list_open(**{"tree_at": TREE[1], **asked}))
        assert (caught.value.code, caught.value.field) == (code, field), caught.value
    other = cluster.reporter("agency")
    page = other.channel.call(list_open=pb.ListOpenRequest(unit="H27.45", days=1, limit=1, tree_at=TREE[1]))
    with pytest.raises(Refused, match="other units"):
        list(reporter.list_open("H27.45.23", days=1, after=page.next, tree_at=TREE[1]))
