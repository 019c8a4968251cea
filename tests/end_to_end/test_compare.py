# SPDX-License-Identifier: Apache-2.0
"""A report that compares is two reports of the same unit tree side by side, in every form and format."""
import csv
import fractions
import io
import subprocess

import openpyxl
import pytest

from hosotest.cluster import program
from hosotest.cut import Cut
from test_files import FORMS, first_row

UNIT = "H27.45"
HALVES = ("2024-01-19", "2024-02-03"), ("2024-02-04", "2024-02-19")  # as many days, and events in both


@pytest.fixture(scope="module")
def position(counter):
    month = subprocess.run([program("hoso"), "simulate", "golden"], capture_output=True, check=True).stdout.decode()
    return Cut.parse(counter.run("publish", "-", "--print-position", stdin=month).stdout)


def asked(form, days, position, *more):
    return ["report", form, "--unit", UNIT, "--from", days[0], "--to", days[1], "--min-position", position,
            "--tree-at", HALVES[1][1], *more]


def rows_of(report):
    return {(row.get("kind"), row["unit"], row.get("field"), row.get("procedure"), row.get("id")): row
            for row in report["rows"] if "kind" in row}


def percent(n, d):
    """Half up, away from zero, in hundredths of a per cent."""
    value = abs(fractions.Fraction(n * 10000, d))
    hundredths = int(value + fractions.Fraction(1, 2))
    return hundredths if n * d >= 0 else -hundredths


def hundredths(text):
    return round(float(text.split("%")[0].split(" ")[0].replace(".", "").replace(",", ".")) * 100)


def assert_compared(cells, column, here, there):
    """`here` and `there` are None where their report has no such row: no figure in it."""
    zero = 0 if isinstance(here if here is not None else there, int) else {"n": 0, "d": 0, "text": "—"}
    here, there = here if here is not None else zero, there if there is not None else zero
    assert (cells[column], cells[f"{column}.other"]) == (here, there)
    difference = cells[f"{column}.difference"]
    if isinstance(here, int):
        assert difference == here - there
        assert (cells[f"{column}.percent"]["n"], cells[f"{column}.percent"]["d"]) == (here - there, there)
        told, n, d = cells[f"{column}.percent"]["text"], here - there, there
    else:
        told, n, d = difference["text"], here["n"] * there["d"] - there["n"] * here["d"], here["d"] * there["d"]
        assert (difference["n"], difference["d"]) == (n, d)
    assert told == "—" if d == 0 else hundredths(told) == percent(n, d)


@pytest.mark.parametrize("form", FORMS)
def test_both_sides_are_reports(agency, position, form):
    there, here = (agency.json(*asked(form, days, position)) for days in HALVES)
    both = agency.json(*asked(form, HALVES[1], position, "--compare", "previous"))
    assert {key: both["compared"][key] for key in ("with", "from", "to")} == \
        {"with": "previous", "from": HALVES[0][0], "to": HALVES[0][1]}
    assert all(check["ok"] for check in both["checks"])
    left, right, rows = rows_of(here), rows_of(there), rows_of(both)
    wanted = left.keys() | right.keys()
    assert rows.keys() == {key for key in wanted if form != "bao-cao-thang" or "." not in key[4]}
    order = [key for key in rows if key in left]
    assert order == [key for key in left if key in rows]
    for key, row in rows.items():
        for column in here["columns"]:
            name = column["id"]
            cells = [side[key]["cells"].get(name) if key in side else None for side in (left, right)]
            if cells != [None, None]:
                assert_compared(row["cells"], name, *cells)


@pytest.mark.parametrize("form", FORMS)
def test_files_have_what_the_json_has(agency, position, tmp_path, form):
    arguments = asked(form, HALVES[1], position, "--compare", "previous")
    both = agency.json(*arguments)
    agency.run(*arguments, "--out", tmp_path / "both.xlsx")
    sheet = openpyxl.load_workbook(tmp_path / "both.xlsx")[form]
    first, stub = first_row(sheet), len(both.get("stub", [None]))
    table = list(csv.reader(io.StringIO(agency.run(*arguments, "--format", "csv", "--plain").stdout.lstrip("\ufeff")),
                            delimiter=";"))
    assert len(set(table[0])) == len(table[0])
    assert len(table) == len(both["rows"]) + 1
    for number, row in enumerate(both["rows"]):
        for place, column in enumerate(both["columns"]):
            cell = row["cells"].get(column["id"])
            value = sheet.cell(first + number, stub + 1 + place).value
            in_csv = table[number + 1][len(table[0]) - len(both["columns"]) + place]
            if isinstance(cell, int):
                assert value == cell and int(in_csv) == cell
            elif cell is not None and cell["d"] != 0:
                assert value == pytest.approx(cell["n"] / cell["d"], abs=1e-12)
                assert in_csv == cell["text"]


def test_what_stands_beside_a_figure_is_listed(agency, position):
    both = agency.json(*asked("II.06a", HALVES[1], position, "--compare", "previous"))
    for row in both["rows"][:20]:
        row_named = [*(["--field", row["field"]] if "field" in row else []), *(["--row", row["id"]] if "id" in row else [])]
        listed = agency.json("dossiers", "II.06a", "--column", "late", "--unit", row["unit"] or UNIT, "--report-unit", UNIT,
                             "--from", HALVES[0][0], "--to", HALVES[0][1], "--tree-at", HALVES[1][1], "--all", *row_named)
        assert listed["sum"] == row["cells"]["late.other"]


def test_a_table_names_both_periods(agency, position):
    arguments = asked("truc-tuyen", HALVES[1], position, "--compare", "previous", "--columns", "received")
    text = agency.run(*arguments).stdout
    assert "so sánh với kỳ trước: Từ ngày 19/01/2024 đến ngày 03/02/2024" in text
    assert all(words in text for words in ("Kỳ này", "Kỳ trước", "Tăng, giảm", "Tỷ lệ tăng"))
    assert "Trực tuyến" not in text.split("Ghi chú")[0]


def test_a_year_ago_has_the_same_days(agency, position):
    both = agency.json("report", "truc-tuyen", "--unit", UNIT, "--month", "2024-02", "--compare", "year-ago",
                       "--min-position", position)
    assert (both["compared"]["from"], both["compared"]["to"]) == ("2023-02-01", "2023-02-28")


@pytest.mark.parametrize("arguments, words", [
    (["--compare", "last"], "previous"),
    (["--compare", "previous", "--out", "x.docx"], "--compare"),
])
def test_what_cannot_be_compared(agency, arguments, words):
    shown = agency.run("report", "bao-cao-thang", "--unit", UNIT, "--month", "2024-02", *arguments, code=2)
    assert words in shown.stderr


def test_before_2000_nothing_counts(agency):
    shown = agency.run("report", "truc-tuyen", "--unit", UNIT, "--from", "2000-01-01", "--to", "2000-01-31", "--tree-at", "2024-01-01",
                       "--compare", "previous", "--lang", "en", code=1)
    assert "2000-01-01" in shown.stderr
