# SPDX-License-Identifier: Apache-2.0
"""What was seen in the field, row by row: rows.csv says which tests show what is right. Here are those that no other file has."""
import ast
import csv
import json
import pathlib
import re
import zipfile

import pytest

from hosotest.cli import Cli
from hosotest.client import cells
from hosotest.cluster import Cluster
from hosotest.cut import Cut

HERE = pathlib.Path(__file__).parent
HEADER = "id,code,name,name_en,tier,parent,print_order,valid_from,valid_to,successors,aliases\n"


def rows():
    with (HERE / "rows.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file, delimiter=";"))


def names_in(path):
    return {node.name for node in ast.parse(path.read_text(encoding="utf-8")).body if isinstance(node, ast.FunctionDef)}


def test_every_row_names_tests_that_exist():
    for row in rows():
        assert row["seen"] and row["right"] and row["tests"].split(), row
        for test in row["tests"].split():
            file, name = test.split("::")
            assert name in names_in(HERE / file), test


def test_every_input_is_in_a_row():
    named = {name for row in rows() for name in row["input"].split()}
    there = {f"{folder}/{path.name}" for folder in ("events", "encodings") for path in (HERE / folder).iterdir()} | {"hatinh"}
    assert named == there


def write(folder, units, procedures=("1.001193,Thủ tục,dat-dai,FULL,,",)):
    folder.mkdir(exist_ok=True)
    (folder / "units.csv").write_text(HEADER + "tinh,42,UBND tỉnh,,PROVINCE,,1,,,,\n" + "".join(f"{unit}\n" for unit in units),
                                      encoding="utf-8")
    (folder / "fields.csv").write_text("id,name,name_en,print_order\ndat-dai,Đất đai,,1\n", encoding="utf-8")
    (folder / "procedures.csv").write_text("id,name,field,service_level,valid_from,valid_to\n" +
                                           "".join(f"{procedure}\n" for procedure in procedures), encoding="utf-8")
    return folder


@pytest.fixture
def site():
    with Cluster(sources=["s1"]) as cluster:
        cluster.wait_for_copy()
        yield cluster


def warnings_of(done):
    return [line for line in done.stderr.splitlines() if line.startswith("warning: ")]


def test_what_a_table_program_leaves_in_ids_is_warned_of(site, tmp_path):
    """And taken: it may be meant. Said at the dry run and at the import."""
    procedures = [f"1.{n:06},Thủ tục {n},dat-dai,FULL,," for n in (1193, 1201, 1202, 1203)] + ["1.0012,Thủ tục cụt,dat-dai,FULL,,"]
    folder = write(tmp_path / "c", ["634.0,634,Xã A,,COMMUNE,tinh,1,,,,", "nan,635,Xã B,,COMMUNE,tinh,2,,,,"], procedures)
    admin = Cli(site, "admin")
    for options in ((), ("--dry-run",)):
        said = warnings_of(admin.run("--lang", "en", "catalogue", "import", folder, *options))
        assert len(said) == 3, said
        assert "units.csv:3: id: \"634.0\" looks like a number" in said[0]
        assert "units.csv:4: id: \"nan\" is what table programs make of an empty cell" in said[1]
        assert "procedures.csv:6: id: 1.0012 has 4 digits after the point" in said[2] and "is it 1.001200?" in said[2]
        site.reporting.wait_position(1)


def test_a_code_that_was_given_on_is_warned_of(site, tmp_path):
    """Another name and another parent on one day: not a move alone, nor another name alone."""
    districts = ["h1,1,Huyện Một,,DISTRICT,tinh,1,,,,", "h2,2,Huyện Hai,,DISTRICT,tinh,2,,,,"]
    given_on = ["18685,3,Xã Cẩm Bình,,COMMUNE,h1,3,,2025-06-30,,", "18685,3,Xã Khác,,COMMUNE,h2,3,2025-07-01,,,"]
    moved = ["18686,4,Xã Cẩm Vịnh,,COMMUNE,h1,4,,2025-06-30,,", "18686,4,Xã Cẩm Vịnh,,COMMUNE,h2,4,2025-07-01,,,"]
    renamed = ["18687,5,Xã Cẩm Quang,,COMMUNE,h1,5,,2025-06-30,,", "18687,5,Phường Cẩm Quang,,COMMUNE,h1,5,2025-07-01,,,"]
    folder = write(tmp_path / "c", districts + given_on + moved + renamed)
    said = warnings_of(Cli(site, "admin").run("--lang", "en", "catalogue", "import", folder))
    assert len(said) == 1 and "18685 changes its name and its parent on 2025-07-01" in said[0], said


def test_ids_and_names_of_the_greatest_length(site, tmp_path):
    """64 and 4,096 bytes, with UUIDs among them, and an event for each; one byte more is refused."""
    admin, long, name = Cli(site, "admin"), "x" * 64, "ă" * 2048
    uuid, code = "019d2be3-6a88-732b-8b17-b68020c8553a", "019d2bfd-8e22-77ef-819f-e49460350904"
    units = [f"{long},{long},{name},,COMMUNE,tinh,1,,,,", f"{uuid},{uuid},Xã B,,COMMUNE,tinh,2,,,,{'y' * 64}"]
    procedures = [f"{long},{name},dat-dai,FULL,,", f"{code},Thủ tục,dat-dai,FULL,,"]
    admin.run("catalogue", "import", write(tmp_path / "c", units, procedures))
    events = tmp_path / "events.ndjson"
    events.write_text("".join(json.dumps({
        "eventId": "e" * 64, "dossier": f"{n:064}", "kind": "RECEIVED", "occurredAt": "2024-06-03T09:00+07:00", "unit": unit,
        "procedure": procedure, "field": "dat-dai", "channel": "ONLINE", "serviceLevel": "FULL"}) + "\n"
        for n, (unit, procedure) in enumerate([(long, long), (uuid, code), ("y" * 64, code)])), encoding="utf-8")
    position = Cut.parse(Cli(site, "s1").run("publish", events, "--print-position").stdout)
    report = site.reporter().run_report("thong-ke", "tinh", ("2024-06-01", "2024-06-30"), min_position=position)
    assert (cells(report)[long]["received"], cells(report)[uuid]["received"]) == (1, 2)
    too_long = write(tmp_path / "d", [units[0].replace(long, long + "x", 1), units[1].replace("Xã B", name + "a")], procedures)
    stderr = admin.run("--lang", "en", "catalogue", "import", too_long, code=1).stderr
    assert "units.csv:3: id: " in stderr and "at most 64 are allowed" in stderr, stderr
    assert "units.csv:4: name: " in stderr and "has 4097 bytes, at most 4096 are allowed" in stderr, stderr


def test_one_faulty_event_counts_as_one(field, tmp_path):
    file, lines = tmp_path / "thousand.ndjson", (HERE / "events" / "04-java-offsetdatetime.ndjson").read_text(encoding="utf-8")
    event = lines.splitlines()[0]
    events = [event.replace("T04-00", f"K-{n}") for n in range(1000)]
    events[500] = events[500].replace("1.001193", "9.999999")
    file.write_text("\n".join(events) + "\n", encoding="utf-8")
    done = field.publish(file, code=3)
    assert (done.read, done.acknowledged, done.refused) == (1000, 999, 1)
    assert field.june()["received"] == 999
    [source] = field.admin.json("sources")["sources"]
    assert (source["source"], source["refused"]) == ("counter", 1)


def test_every_format_has_the_notes(site, tmp_path):
    """Of the units outside the tree, for one: CSV, JSON, HTML and XLSX say what a table says."""
    folder = write(tmp_path / "c", ["cu,1,Xã Cũ,,COMMUNE,tinh,1,,2024-05-31,,", "moi,2,Xã Mới,,COMMUNE,tinh,2,2024-06-01,,,"])
    admin = Cli(site, "admin")
    admin.run("catalogue", "import", folder)
    events = tmp_path / "events.ndjson"
    events.write_text(json.dumps({
        "eventId": "e", "dossier": "d", "kind": "RECEIVED", "occurredAt": "2024-05-03T09:00+07:00", "unit": "cu",
        "procedure": "1.001193", "field": "dat-dai", "channel": "ONLINE", "serviceLevel": "FULL"}) + "\n", encoding="utf-8")
    position = Cut.parse(Cli(site, "s1").run("publish", events, "--print-position").stdout)
    asked = ["--lang", "vi", "report", "II.06a", "--unit", "tinh", "--from", "2024-05-01", "--to", "2024-06-30", "--min-position", position]
    note = re.compile(r"Xã Cũ \(cu\)")
    table = admin.run(*asked)
    assert "Đơn vị ngoài cây ngày 30/06/2024" in table.stdout and note.search(table.stdout)
    for format in ("csv", "json", "html"):
        text = admin.run(*asked, "--format", format).stdout
        assert "Đơn vị ngoài cây ngày 30/06/2024" in text and note.search(text), (format, text)
    for ending, part in [("xlsx", "xl/sharedStrings.xml")]:
        admin.run(*asked, "--out", tmp_path / f"r.{ending}")
        with zipfile.ZipFile(tmp_path / f"r.{ending}") as package:
            text = re.sub(r"<[^>]*>", "", package.read(part).decode("utf-8"))
        assert "Đơn vị ngoài cây ngày 30/06/2024" in text and note.search(text), (ending, text)


def test_an_event_outside_its_units_days_is_a_finding(site, tmp_path):
    admin = Cli(site, "admin")
    admin.run("catalogue", "import", write(tmp_path / "c", ["cu,1,Xã Cũ,,COMMUNE,tinh,1,,2024-05-31,moi,",
                                                            "moi,2,Xã Mới,,COMMUNE,tinh,2,2024-06-01,,,"]))
    events = tmp_path / "events.ndjson"
    events.write_text("".join(json.dumps({
        "eventId": "e", "dossier": f"{unit}-{day}", "kind": "RECEIVED", "occurredAt": f"2024-{day}T09:00+07:00", "unit": unit,
        "procedure": "1.001193", "field": "dat-dai", "channel": "ONLINE", "serviceLevel": "FULL"}) + "\n"
        for unit in ("cu", "moi") for day in ("05-31", "06-01")), encoding="utf-8")
    position = Cut.parse(Cli(site, "s1").run("publish", events, "--print-position").stdout)
    site.reporting.wait_position(position)
    site.aggregation.wait_position(position)
    found = admin.json("quality", "--kind", "UNIT_NOT_VALID")["findings"]
    assert {finding["dossier"] for finding in found} == {"cu-06-01", "moi-05-31"}
    report = site.reporter().run_report("thong-ke", "tinh", ("2024-05-01", "2024-06-30"), min_position=position)
    assert cells(report)["tinh"]["received"] == 4 == cells(report)["moi"]["received"]
