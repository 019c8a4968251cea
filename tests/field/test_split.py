# SPDX-License-Identifier: Apache-2.0
"""A unit that was split: its open dossiers move by TRANSFERRED, by the office's list (docs/operations.md, "1 July 2025")."""
import csv
import json

import pytest

from hosotest.cli import Cli
from hosotest.client import cells, make_event
from hosotest.cluster import Cluster

UNITS = """id,code,name,name_en,tier,parent,print_order,valid_from,valid_to,successors,aliases
tinh,42,UBND tỉnh,,PROVINCE,,1,,,,
cu,18685,Xã Cẩm Bình,,COMMUNE,tinh,1,,2025-06-30,moi-a moi-b,
gop,18686,Xã Cẩm Vĩnh,,COMMUNE,tinh,2,,2024-12-31,cu,
nhap,18687,Xã Cẩm Quang,,COMMUNE,tinh,3,,2025-06-30,moi-a,
cut,18688,Xã Cẩm Huy,,COMMUNE,tinh,4,,2025-06-30,,
moi-a,18690,Xã Mới A,,COMMUNE,tinh,5,2025-07-01,,,
moi-b,18691,Xã Mới B,,COMMUNE,tinh,6,2025-07-01,,,
"""
JUNE = 1_749_000_000_000    # 4 June 2025
STATES = {"p": [], "s": ["SUPPLEMENT_REQUESTED"], "m": ["PAYMENT_REQUESTED"], "t": ["STOPPED"], "done": ["RESOLVED"]}


@pytest.fixture(scope="module")
def cluster(tmp_path_factory):
    folder = tmp_path_factory.mktemp("catalogue")
    (folder / "units.csv").write_text(UNITS, encoding="utf-8")
    (folder / "fields.csv").write_text("id,name,name_en,print_order\ndat-dai,Đất đai,,1\n", encoding="utf-8")
    (folder / "procedures.csv").write_text("id,name,field,service_level,valid_from,valid_to\n1.001193,Thủ tục,dat-dai,FULL,,\n",
                                           encoding="utf-8")
    with Cluster(sources=["s1"]) as cluster:
        Cli(cluster, "admin").run("catalogue", "import", folder)
        publisher = cluster.publisher("s1")
        events = []
        for unit, count in (("cu", 3), ("gop", 1)):
            for name, kinds in STATES.items():
                for n in range(count):
                    code = f"{unit}-{name}-{n}"
                    events.append(make_event({"event_id": "e-0", "dossier": code, "kind": "RECEIVED", "occurred_at": JUNE, "unit": unit,
                                              "procedure": "1.001193", "field": "dat-dai", "channel": "ONLINE",
                                              "service_level": "FULL"}))
                    events += [make_event({"event_id": f"e-{k + 1}", "dossier": code, "kind": kind, "occurred_at": JUNE + k + 1})
                               for k, kind in enumerate(kinds)]
        assert not publisher.publish(events)
        cluster.reporting.wait_position(publisher.position)
        yield cluster


@pytest.fixture
def admin(cluster):
    return Cli(cluster, "admin")


@pytest.mark.parametrize("unit, why", [("moi-a", "has not ended"), ("nhap", "merged into one unit"), ("cut", "has no successors"),
                                       ("nowhere", "no unit nowhere")])
def test_what_was_not_split_is_refused(admin, tmp_path, unit, why):
    done = admin.run("unit", "split", unit, "--to", tmp_path / "out.csv", code=1)
    assert why in done.stderr and not (tmp_path / "out.csv").exists()


def test_targets_have_to_be_named(admin, tmp_path):
    out = tmp_path / "events.ndjson"
    assert "who takes over" in admin.run("unit", "split", "cu", "--to", out, code=2).stderr
    admin.run("unit", "split", "cu", "--to", out, "--rest", "tinh", code=1)
    faulty = tmp_path / "faulty.csv"
    faulty.write_text("dossier,unit\ncu-p-0,moi-a\ncu-p-1,nhap\ncu-p-0,moi-b\n", encoding="utf-8")
    assert "faulty.csv:4: dossier: cu-p-0 stands in line 2, too" in admin.run(
        "unit", "split", "cu", "--to", out, "--list", faulty, code=1).stderr
    faulty.write_text("dossier,unit\ncu-p-0,moi-a\ncu-p-1,nhap\n", encoding="utf-8")
    done = admin.run("unit", "split", "cu", "--to", out, "--list", faulty, code=1)
    assert "cu-p-1: its unit in the list is not a successor" in done.stderr and "cu-p-2: no unit is named" in done.stderr
    assert "15 of 16 dossiers to mend" in done.stderr and not out.exists()
    faulty.write_text("dossier,unit\ncu-p-O,moi-a\n", encoding="utf-8")       # the letter for the figure
    done = admin.run("unit", "split", "cu", "--to", out, "--list", faulty, "--rest", "moi-b", code=1)
    assert "cu-p-O: the list names it, and it is no open dossier" in done.stderr and not out.exists()


def test_from_the_list_to_the_new_units(cluster, admin, tmp_path):
    listed = tmp_path / "chia-tach.csv"
    assert "16 open dossiers, 0 with their new unit" in admin.run("unit", "split", "cu", "--to", listed, "--separator", ";").stderr
    with listed.open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file, delimiter=";"))
    wanted = {f"{unit}-{name}-{n}" for unit, count in (("cu", 3), ("gop", 1)) for name in STATES if name != "done" for n in range(count)}
    assert {row["dossier"] for row in rows} == wanted and not any(row["unit"] for row in rows)
    with listed.open("w", encoding="utf-8-sig", newline="") as file:    # as a spreadsheet saves it, all columns kept
        writer = csv.DictWriter(file, rows[0].keys(), delimiter=";")
        writer.writeheader()
        for row in rows:
            writer.writerow({**row, "unit": "moi-a" if row["dossier"].startswith("cu-p") else ""})

    before = cells(cluster.reporter().run_report("thong-ke", "tinh", ("2025-01-01", "2025-12-31")))
    assert before["cu"]["processing_in_time"] == 4
    events = tmp_path / "chia-tach.ndjson"
    done = admin.run("unit", "split", "cu", "--to", events, "--list", listed, "--rest", "moi-b")
    assert "16 open dossiers, 16 with their new unit" in done.stderr
    lines = [json.loads(line) for line in events.read_text(encoding="utf-8").splitlines()]
    assert {line["dossier"] for line in lines} == wanted
    assert all((line["kind"], line["occurredAt"]) == ("TRANSFERRED", "2025-07-01T00:00:00+07:00") for line in lines)
    counter = Cli(cluster, "s1")
    for _ in range(2):    # once more is harmless
        counter.run("publish", events)
    position = cluster.intake.status().cut.position
    report = cluster.reporter().run_report("thong-ke", "tinh", ("2025-01-01", "2025-12-31"), min_position=position)
    assert not [check for check in report.checks if not check.ok]
    after = cells(report)
    stocks = ("processing_in_time", "waiting_supplement", "waiting_payment", "stopped")
    assert [after["moi-a"][name] for name in stocks] == [3, 0, 0, 0]
    assert [after["moi-b"][name] for name in stocks] == [1, 4, 4, 4]
    assert [after["cu"][name] for name in stocks] == [0, 0, 0, 0] and after["cu"]["transferred_out"] == 16
    assert after["tinh"]["received"] == before["tinh"]["received"] == 20
    june = cells(cluster.reporter().run_report("thong-ke", "tinh", ("2025-06-01", "2025-06-30")))
    assert june["cu"]["processing_in_time"] == 4, "what June closed with stays as it was"
    assert "0 open dossiers" in admin.run("unit", "split", "cu", "--to", events, "--rest", "moi-b").stderr


def test_a_dossier_that_was_moved_back_moves_once_more(cluster, admin, tmp_path):
    """By an event of its own, after the one that brought it back, and then it is listed no more."""
    back = {"event_id": "back", "dossier": "cu-t-0", "kind": "TRANSFERRED", "occurred_at": JUNE + 60 * 86_400_000, "unit": "cu"}
    publisher = cluster.publisher("s1")
    assert not publisher.publish([make_event(back)])
    cluster.reporting.wait_position(publisher.position)
    events = tmp_path / "again.ndjson"
    admin.run("unit", "split", "cu", "--to", events, "--rest", "moi-a")
    [line] = [json.loads(line) for line in events.read_text(encoding="utf-8").splitlines()]
    assert line["eventId"] == f"split-2025-07-01-{back['occurred_at'] + 1}" and line["unit"] == "moi-a"
    counter = Cli(cluster, "s1")
    for _ in range(2):
        counter.run("publish", events)
    cluster.reporting.wait_position(cluster.intake.status().cut.position)
    assert "0 open dossiers" in admin.run("unit", "split", "cu", "--to", events, "--rest", "moi-a").stderr
    assert not admin.json("quality", "--kind", "CONFLICTING", "--all")["findings"]


def test_each_space_has_a_file_of_its_own(cluster, admin, tmp_path):
    """The events of a file are published by one source, which reaches the dossiers of its space alone."""
    cluster.add("s2", role="source", units="*")
    publisher = cluster.admit("s2")
    reception = {"event_id": "e-0", "kind": "RECEIVED", "occurred_at": JUNE, "unit": "cu", "procedure": "1.001193",
                 "field": "dat-dai", "channel": "ONLINE", "service_level": "FULL"}
    assert not cluster.publisher("s1").publish([make_event({**reception, "dossier": "more-s1"})])
    assert not publisher.publish([make_event({**reception, "dossier": code}) for code in ("cu-p-0", "only-s2")])
    cluster.reporting.wait_position(publisher.position)
    out = tmp_path / "events.ndjson"
    done = admin.run("unit", "split", "cu", "--to", out, "--rest", "moi-b", code=1)
    assert "open dossiers of space s1" in done.stderr and "--space" in done.stderr and not out.exists()
    admin.run("unit", "split", "cu", "--to", out, "--rest", "moi-b", "--space", "s2")
    moves = [json.loads(line) for line in out.read_text(encoding="utf-8").splitlines()]
    assert sorted(move["dossier"] for move in moves) == ["cu-p-0", "only-s2"]
    assert not publisher.publish([make_event({"event_id": move["eventId"], "dossier": move["dossier"], "kind": "TRANSFERRED",
                                              "occurred_at": JUNE + 40 * 86_400_000, "unit": move["unit"]}) for move in moves])
    cluster.reporting.wait_position(publisher.position)
    assert sorted(line.dossier for line in cluster.reporter().list_open("moi-b", all=True) if line.space == "s2") == [
        "cu-p-0", "only-s2"]
