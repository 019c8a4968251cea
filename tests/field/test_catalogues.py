# SPDX-License-Identifier: Apache-2.0
"""The catalogue as people keep it: faults with their cause, a dry run, export and import again, aliases."""
import pathlib
import shutil
import time

import pytest

from hosotest.cli import Cli
from hosotest.client import Refused, cells, make_event
from hosotest.cluster import ROOT, Cluster
from hosotest.protocol import pb

HERE = pathlib.Path(__file__).parent
DEMO = ROOT / "deploy" / "demo" / "catalogue"
FILES = ("units.csv", "fields.csv", "procedures.csv")


@pytest.fixture(scope="module")
def cluster():
    with Cluster(sources=["s1"]) as cluster:
        yield cluster


@pytest.fixture
def admin(cluster):
    return Cli(cluster, "admin")


@pytest.mark.parametrize("folder, place, cause", [
    ("utf16le-comma", "units.csv:1: ", "UTF-16"), ("cr-only", "units.csv:1: ", "CR alone"),
    ("sep-line", "units.csv:1: ", "sep="), ("total-row", "units.csv:5: ", "a line of totals"),
    ("pandas-floats", "units.csv:3: print_order: ", "write 45"), ("zwsp-in-id", "units.csv:4: id: ", "U+200B")])
def test_the_cause_in_words(admin, folder, place, cause):
    done = admin.run("catalogue", "import", HERE / "encodings" / folder, code=1)
    line = next(line for line in done.stderr.splitlines() if place in line)
    assert cause in line
    assert "nothing was changed" in done.stderr
    assert len([line for line in done.stderr.splitlines() if ".csv:" in line]) == 1, done.stderr


def test_all_faults_at_once(admin, tmp_path):
    shutil.copytree(DEMO, tmp_path / "c")
    units = (tmp_path / "c" / "units.csv").read_text(encoding="utf-8").splitlines()
    width = units[0].count(",")
    units += ["bad1,,," + "," * (width - 3), "bad2,bad2,Xã,,COMMUNE,nowhere,1,," + "," * (width - 8)]
    (tmp_path / "c" / "units.csv").write_text("\n".join(units) + "\n", encoding="utf-8")
    with (tmp_path / "c" / "procedures.csv").open("a", encoding="utf-8") as procedures:
        procedures.write("9.999999,Thủ tục,khong-co,FULL,,\n")
    done = admin.run("catalogue", "import", tmp_path / "c", code=1)
    for place in (f"units.csv:{len(units) - 1}: tier: ", f"units.csv:{len(units) - 1}: print_order: ",
                  f"units.csv:{len(units)}: parent: no unit nowhere", "field: no field khong-co"):
        assert place in done.stderr, done.stderr


def test_export_imports_again_and_a_dry_run_shows_what_changes(cluster, admin, tmp_path):
    admin.run("catalogue", "import", DEMO)
    cluster.reporting.wait_position(1)
    admin.run("catalogue", "export", tmp_path / "one")
    assert admin.json("catalogue", "import", tmp_path / "one", "--dry-run") == []
    admin.run("catalogue", "import", tmp_path / "one")
    admin.run("catalogue", "export", tmp_path / "two")
    assert all((tmp_path / "one" / name).read_bytes() == (tmp_path / "two" / name).read_bytes() for name in FILES)
    before = cluster.intake.status().cut.position
    units = (tmp_path / "two" / "units.csv").read_text(encoding="utf-8-sig")
    assert "Thị trấn Cẩm Xuyên" in units
    units = units.replace("Thị trấn Cẩm Xuyên", "Phường Cẩm Xuyên") + "H27.99,H27.99,Sở Mới,,DEPARTMENT,H27,99,2026-01-01,,,\r\n"
    (tmp_path / "two" / "units.csv").write_text(units, encoding="utf-8")
    changes = admin.json("catalogue", "import", tmp_path / "two", "--dry-run", "--lang", "en")
    assert {(c["change"], c["id"], c["after"]) for c in changes} >= {("new", "H27.99", "Sở Mới"),
                                                                   ("renamed", "H27.45.01", "Phường Cẩm Xuyên")}
    assert cluster.intake.status().cut.position == before


def test_nothing_was_closed_before_the_first_catalogue(tmp_path):
    """Where reporting cannot be asked for closes, that is worth a warning, but not when the journal was empty."""
    with Cluster(sources=["s1"]) as site:
        admin = Cli(site, "admin")
        site.reporting.stop()
        assert "closed periods" not in admin.run("catalogue", "import", DEMO).stderr
        admin.run("catalogue", "import", DEMO)
        renamed = shutil.copytree(DEMO, tmp_path / "renamed") / "units.csv"
        renamed.write_text(renamed.read_text(encoding="utf-8").replace("Thị trấn Thiên Cầm", "Thị trấn Thiên Cầm mới"), encoding="utf-8")
        assert "whether closed periods are concerned is not known" in admin.run("catalogue", "import", renamed.parent).stderr


def test_a_new_site_answers_before_its_first_catalogue_and_its_first_event(tmp_path):
    """What a newcomer asks in the first hour; the first export has the headers alone, to be filled in."""
    with Cluster(sources=["s1"]) as site:
        new = Cli(site, "admin")
        site.wait_for_copy()

        def questions(units):
            assert len(new.json("units")) == units <= len(new.json("units", "--all"))
            assert [line["source"] for line in new.json("sources")["sources"]] == ["s1"]
            assert new.json("quality")["findings"] == []
            new.run("period", "list")
            new.run("catalogue", "show")
        questions(0)
        assert len(new.json("catalogue", "import", DEMO, "--dry-run")) > 100
        new.run("catalogue", "export", tmp_path / "empty")
        assert all(len((tmp_path / "empty" / name).read_text(encoding="utf-8-sig").splitlines()) == 1 for name in FILES)
        assert "no catalogue" in new.run("report", "II.06a", "--unit", "H27.45", "--from", "2024-01-01", "--to", "2024-01-31", code=1).stderr
        new.run("catalogue", "import", DEMO)
        site.reporting.wait_position(1)
        questions(len(units_of(site)))
        assert new.json("catalogue", "import", DEMO, "--dry-run") == []
        site.aggregation.stop()
        site.aggregation.start()
        site.reporting.stop()
        site.reporting.start()
        site.wait_for_copy()
        questions(len(units_of(site)))


def units_of(site):
    return site.reporter().list_units()


def test_what_was_other_is_shown_before_and_after(cluster, admin, tmp_path):
    folder = write_small(tmp_path / "c", ["x,1,Xã X,X,COMMUNE,tinh,1,,,,a b\n"], ["1.1,Thủ tục,dat-dai,FULL,,\n"])
    with Cluster(sources=["s1"]) as other:
        run = Cli(other, "admin")
        run.run("catalogue", "import", folder)
        other.reporting.wait_position(1)
        write_small(folder, ["x,1,Xã X,Y,DEPARTMENT,tinh,2,,,,a c\n"], ["1.1,Thủ tục,dat-dai,PARTIAL,,\n"])
        changes = run.json("catalogue", "import", folder, "--dry-run", "--lang", "en")
        assert [(c["change"], c["before"], c["after"]) for c in changes] == [
            ("other", "COMMUNE", "DEPARTMENT"), ("other", "1", "2"), ("other", "X", "Y"), ("aliases", "a b", "a c"),
            ("other", "FULL", "PARTIAL")]
        wrong = run.run("report", "II.06a", "--unit", "tinh", "--from", "2024-01-01", "--to", "2024-01-31", "--tree-at", "nonsense",
                        "--lang", "en", code=2)
        assert "today" in wrong.stderr


def test_aliases_become_ids(cluster, admin, tmp_path):
    """1.001193.000.00.00.H27 is 1.001193; a code given on means the unit of the day."""
    (tmp_path / "units.csv").write_text(
        "id,code,name,name_en,tier,parent,print_order,valid_from,valid_to,successors,aliases\n"
        "tinh,42,UBND tỉnh,,PROVINCE,,1,,,,\n"
        "cu,18685,Xã Cẩm Bình,,COMMUNE,tinh,1,,2025-06-30,moi,18685\n"
        "moi,18685,Xã Cẩm Bình mới,,COMMUNE,tinh,1,2025-07-01,,,18685 H27.18685\n", encoding="utf-8")
    (tmp_path / "fields.csv").write_text("id,name,name_en,print_order\ndat-dai,Đất đai,,1\n", encoding="utf-8")
    (tmp_path / "procedures.csv").write_text(
        "id,name,field,service_level,valid_from,valid_to,aliases\n"
        "1.001193,Thủ tục,dat-dai,FULL,,,1.001193.000.00.00.H27\n", encoding="utf-8")
    with Cluster(sources=["s1"]) as other:
        Cli(other, "admin").run("catalogue", "import", tmp_path)
        publisher = other.publisher("s1")
        days = {"june": 1_750_000_000_000, "august": 1_755_000_000_000}
        events = [make_event({"event_id": "e", "dossier": f"{name}-{unit}", "kind": "RECEIVED", "occurred_at": at, "unit": unit,
                              "procedure": "1.001193.000.00.00.H27", "field": "dat-dai", "channel": "ONLINE",
                              "service_level": "FULL"}) for name, at in days.items() for unit in ("18685", "H27.18685")]
        assert not publisher.publish(events)
        reporter = other.reporter()
        june = reporter.run_report("thong-ke", "tinh", ("2025-06-01", "2025-06-30"), min_position=publisher.position)
        assert cells(june)["cu"]["received"] == 1                    # H27.18685 means the new one, also before it began
        lines = list(reporter.list_dossiers("thong-ke", "received", june.rows[0], ("2025-06-01", "2025-08-31")))
        assert sorted((line.dossier, line.unit, line.procedure) for line in lines) == [
            ("august-18685", "moi", "1.001193"), ("august-H27.18685", "moi", "1.001193"),
            ("june-18685", "cu", "1.001193"), ("june-H27.18685", "moi", "1.001193")]
        clash = (tmp_path / "units.csv").read_text(encoding="utf-8").replace(",18685 H27.18685", ",18685 tinh")
        (tmp_path / "units.csv").write_text(clash, encoding="utf-8")
        done = Cli(other, "admin").run("catalogue", "import", tmp_path, code=1)
        assert "aliases: tinh means" in done.stderr


def write_country(folder):
    """The size of the whole country with its history: 97 provinces of old and new, 700 districts, 10,500 communes that end on
    30 June 2025, 3,321 that begin, each of the old merged into a new one or split; 5,000 procedures with long names."""
    rows = ["id,code,name,name_en,tier,parent,print_order,valid_from,valid_to,successors,aliases", "vn,00,Cả nước,,NATION,,1,,,,"]
    old, new = 63, 34
    rows += [f"t{n},{n:02},UBND tỉnh cũ số {n},,PROVINCE,vn,{n},,2025-06-30,p{n % new}," for n in range(old)]
    rows += [f"p{n},{n:02},UBND tỉnh {n},,PROVINCE,vn,{n},2025-07-01,,,T{n:02}" for n in range(new)]
    rows += [f"d{n},{n:03},UBND huyện số {n},,DISTRICT,t{n % old},{n},,2025-06-30,," for n in range(700)]
    for n in range(10_500):
        successors = f"n{n % 3321}" if n % 10 else f"n{n % 3321} n{(n + 34) % 3321}"
        rows.append(f"c{n},{n:05},Ủy ban nhân dân xã số {n},,COMMUNE,d{n % 700},{n},,2025-06-30,{successors},")
    rows += [f"n{n},{n:05},Ủy ban nhân dân xã mới số {n},,COMMUNE,p{n % new},{n},2025-07-01,,," for n in range(3321)]
    (folder / "units.csv").write_text("\n".join(rows) + "\n", encoding="utf-8")
    (folder / "fields.csv").write_text("id,name,name_en,print_order\ndat-dai,Đất đai,,1\n", encoding="utf-8")
    name = "Đăng ký đất đai, tài sản gắn liền với đất " * 25
    procedures = ["id,name,field,service_level,valid_from,valid_to"]
    procedures += [f'1.{n:06},"{name}{n}",dat-dai,FULL,,' for n in range(100_000, 105_000)]
    (folder / "procedures.csv").write_text("\n".join(procedures) + "\n", encoding="utf-8")


def test_the_whole_country_with_its_history(tmp_path):
    write_country(tmp_path)
    with Cluster(sources=["s1"]) as country:
        admin, began = Cli(country, "admin"), time.monotonic()
        admin.run("catalogue", "import", tmp_path)
        country.reporting.wait_position(1)
        assert time.monotonic() - began < 20
        publisher = country.publisher("s1")
        events = [make_event({"event_id": "e", "dossier": f"{unit}-1", "kind": "RECEIVED", "occurred_at": 1_741_000_000_000,
                              "unit": unit, "procedure": "1.100000", "field": "dat-dai", "channel": "ONLINE",
                              "service_level": "FULL"}) for unit in ("c0", "c1", "c2", "d5", "t7")]     # March 2025
        assert not publisher.publish(events)
        year = ("2025-01-01", "2025-12-31")
        report = country.reporter().run_report("thong-ke", "vn", year, min_position=publisher.position)
        assert not [check for check in report.checks if not check.ok]
        numbers = cells(report)
        assert numbers["vn"]["received"] == 5 and numbers["c0"]["received"] == 1      # split: a row of its own
        assert (numbers["n1"]["received"], numbers["p7"]["received"], numbers[""]["received"]) == (1, 1, 1)
        lines = list(country.reporter().list_dossiers("thong-ke", "received", report.rows[0], year))
        assert sorted(line.unit for line in lines) == ["c0", "c1", "c2", "d5", "t7"]
        admin.run("catalogue", "export", tmp_path / "out")
        assert admin.json("catalogue", "import", tmp_path / "out", "--dry-run") == []


def write_wide(folder, rows, name_bytes):
    """A country of so many rows: a root, its provinces, and communes with names of that length."""
    write_country(folder)
    lines = ["id,code,name,name_en,tier,parent,print_order,valid_from,valid_to,successors,aliases", "vn,0,Việt Nam,,NATION,,1,,,,"]
    lines += [f"p{n},{n},Tỉnh {n},,PROVINCE,vn,{n},,,," for n in range(34)]
    lines += [f"c{n},{n},{'x' * name_bytes}{n},,COMMUNE,p{n % 34},{n},,,," for n in range(rows - 35)]
    (folder / "units.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")


def test_the_most_rows_and_bytes(tmp_path):
    """65,536 rows of 16 MiB in all are taken, counted and written out again; what is more is refused in words."""
    with Cluster(sources=["s1"]) as country:
        admin = Cli(country, "admin")
        write_wide(tmp_path, 65_537, 20)
        done = admin.run("--lang", "vi", "catalogue", "import", tmp_path, code=1)
        assert "units.csv:65538: có hơn 65536 dòng" in done.stderr and "--depth" not in done.stderr, done.stderr
        write_wide(tmp_path, 65_536, 250)
        done = admin.run("--lang", "vi", "catalogue", "import", tmp_path, code=1)
        assert ": danh mục lớn hơn 16777216 byte khi đóng gói" in done.stderr and "--depth" not in done.stderr, done.stderr
        write_wide(tmp_path, 65_536, 100)
        admin.run("catalogue", "import", tmp_path)
        publisher = country.publisher("s1")
        assert not publisher.publish([make_event({
            "event_id": "e", "dossier": "last", "kind": "RECEIVED", "occurred_at": 1_741_000_000_000, "unit": "c65500",
            "procedure": "1.100000", "field": "dat-dai", "channel": "ONLINE", "service_level": "FULL"})])
        report = country.reporter().run_report("thong-ke", "p16", ("2025-03-01", "2025-03-31"), min_position=publisher.position)
        assert cells(report)["p16"]["received"] == cells(report)["c65500"]["received"] == 1
        admin.run("catalogue", "export", tmp_path / "out")
        assert admin.json("catalogue", "import", tmp_path / "out", "--dry-run") == []


def write_small(folder, units, procedures):
    folder.mkdir(exist_ok=True)
    (folder / "units.csv").write_text("id,code,name,name_en,tier,parent,print_order,valid_from,valid_to,successors,aliases\n"
                                      "tinh,42,UBND tỉnh,,PROVINCE,,1,,,,\n" + "".join(units), encoding="utf-8")
    (folder / "fields.csv").write_text("id,name,name_en,print_order\ndat-dai,Đất đai,,1\n", encoding="utf-8")
    (folder / "procedures.csv").write_text("id,name,field,service_level,valid_from,valid_to\n" + "".join(procedures), encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def used(tmp_path_factory):
    """1.0012 is what a table program made of 1.001200; the commune `y` was never used, `x` was."""
    folder = write_small(tmp_path_factory.mktemp("used") / "c", ["x,1,Xã X,,COMMUNE,tinh,1,,,,\n", "y,2,Xã Y,,COMMUNE,tinh,2,,,,\n"],
                         ["1.0012,Thủ tục,dat-dai,FULL,,\n", "1.001193,Thủ tục,dat-dai,FULL,,\n"])
    with Cluster(sources=["s1"]) as cluster:
        Cli(cluster, "admin").run("catalogue", "import", folder)
        publisher = cluster.publisher("s1")
        assert not publisher.publish([make_event({"event_id": "e", "dossier": f"d-{n}", "kind": "RECEIVED",
                                                  "occurred_at": 1_750_000_000_000, "unit": "x", "procedure": "1.001193",
                                                  "field": "dat-dai", "channel": "ONLINE", "service_level": "FULL"})
                                      for n in range(7)])
        cluster.reporting.wait_position(publisher.position)
        yield cluster


def test_a_dry_run_says_how_many_events_are_behind_each_change(used, tmp_path):
    folder = write_small(tmp_path / "c", ["x,1,Xã X mới,,COMMUNE,tinh,1,,,,\n", "y,2,Xã Y mới,,COMMUNE,tinh,2,,,,\n",
                                          "z,3,Xã Z,,COMMUNE,tinh,3,,,,\n"],
                         ["1.0012,Thủ tục,dat-dai,FULL,,\n", "1.001193,Thủ tục khác,dat-dai,FULL,,\n"])
    changes = Cli(used, "admin").json("catalogue", "import", folder, "--dry-run", "--lang", "en")
    assert {(change["id"], change["change"], change["events"]) for change in changes} == {
        ("x", "renamed", 7), ("y", "renamed", 0), ("z", "new", ""), ("1.001193", "renamed", 7)}


def test_an_id_that_no_event_named_may_go(used, tmp_path):
    """The code that a table program cut goes, and the right one comes; what events name stays."""
    admin = Cli(used, "admin")
    right = ["1.001200,Thủ tục,dat-dai,FULL,,\n", "1.001193,Thủ tục,dat-dai,FULL,,\n"]
    y = "y,2,Xã Y,,COMMUNE,tinh,2,,,,\n"
    without_x = write_small(tmp_path / "x", [y], right)
    done = admin.run("catalogue", "import", without_x, code=1)
    assert "units: x is gone, but 7 events name it" in done.stderr and "nobody has counted" not in done.stderr
    assert "x is gone, but events name it" in admin.run("catalogue", "import", without_x, "--dry-run", code=1).stderr
    without_y = write_small(tmp_path / "y", ["x,1,Xã X,,COMMUNE,tinh,1,,,,\n"], right)
    changes = admin.json("catalogue", "import", without_y, "--dry-run", "--lang", "en")
    assert {(change["id"], change["change"], change["events"]) for change in changes} == {
        ("y", "gone", 0), ("1.0012", "gone", 0), ("1.001200", "new", "")}
    admin.run("catalogue", "import", without_y)
    used.reporting.wait_position(used.intake.status().cut.position)
    assert {line["unit"] for line in admin.json("units")} == {"tinh", "x"}
    publisher = used.publisher("s1")
    event = {"event_id": "e", "dossier": "late", "kind": "RECEIVED", "occurred_at": 1_750_000_000_000, "unit": "y",
             "procedure": "1.001200", "field": "dat-dai", "channel": "ONLINE", "service_level": "FULL"}
    faults = publisher.publish([make_event(event)])
    assert len(faults) == 1
    assert not publisher.publish([make_event({**event, "unit": "x"})])
    admin.run("catalogue", "import", write_small(tmp_path / "z", ["x,1,Xã X,,COMMUNE,tinh,1,,,,\n"], right[1:]), code=1)


def test_nobody_lets_an_id_go_that_was_not_counted(used, tmp_path):
    """Nor one that was named after it was counted."""
    rows = ["x,1,Xã X,,COMMUNE,tinh,1,,,,\n", "w,9,Xã W,,COMMUNE,tinh,9,,,,\n"]
    procedures = ["1.001200,Thủ tục,dat-dai,FULL,,\n", "1.001193,Thủ tục,dat-dai,FULL,,\n"]
    Cli(used, "admin").run("catalogue", "import", write_small(tmp_path / "w", rows, procedures))
    used.reporting.wait_position(used.intake.status().cut.position)
    catalogue = used.reporter().get_catalogue().catalogue
    del catalogue.units[[unit.id for unit in catalogue.units].index("w")]
    admin = used.publisher("admin")
    with pytest.raises(Refused):
        admin.put_catalogue(catalogue)
    count = pb.CountUsesRequest(units=["w"])
    answer = admin.channel.call(count_uses=count)
    assert list(answer.units) == [0] and answer.position == answer.cut.position
    publisher = used.publisher("s1")
    assert not publisher.publish([make_event({"event_id": "e", "dossier": "w", "kind": "RECEIVED", "occurred_at": 1_750_000_000_000,
                                              "unit": "w", "procedure": "1.001193", "field": "dat-dai", "channel": "ONLINE",
                                              "service_level": "FULL"})])
    with pytest.raises(Refused):
        admin.put_catalogue(catalogue)
    assert list(admin.channel.call(count_uses=count).units) == [1]
    with pytest.raises(Refused):
        admin.put_catalogue(catalogue)
    with pytest.raises(Refused):
        admin.channel.call(count_uses=pb.CountUsesRequest(units=["b", "a"]))


def test_a_dry_run_warns_of_changes_before_a_close(used, tmp_path):
    """A unit that would have ended, moved or begun in a closed period; not one that does so later, or is renamed."""
    admin = Cli(used, "admin")
    admin.run("period", "close", "tinh", "--to", "2025-06-30")
    used.reporting.wait_position(used.intake.status().cut.position)
    admin.run("catalogue", "export", tmp_path / "now")
    units = (tmp_path / "now" / "units.csv").read_text(encoding="utf-8-sig")
    begun = "n,7,Xã N,,COMMUNE,tinh,7,2025-05-01,,,\r\n"
    for change, warned in ((lambda text: text.replace("Xã X", "Phường X"), set()), (lambda text: text + begun, {"n"}),
                           (lambda text: text + begun.replace("2025-05-01", "2025-07-01"), set()),
                           (lambda text: text.replace("COMMUNE,tinh,1,,", "COMMUNE,tinh,1,2025-02-01,"), {"x"})):
        (tmp_path / "now" / "units.csv").write_text(change(units), encoding="utf-8")
        stderr = admin.run("catalogue", "import", tmp_path / "now", "--dry-run").stderr
        lines = [line for line in stderr.splitlines() if "was closed" in line]
        assert {line.split()[2] for line in lines} == warned, (stderr, units)
        assert all("before 2025-06-30, up to which tinh was closed (close 1)" in line for line in lines)
    (tmp_path / "now" / "units.csv").write_text(units + begun, encoding="utf-8")
    assert "units: n changes before 2025-06-30" in admin.run("catalogue", "import", tmp_path / "now").stderr
    used.reporting.wait_position(used.intake.status().cut.position)
    (tmp_path / "now" / "units.csv").write_text(units, encoding="utf-8")      # no event named it
    admin.run("catalogue", "import", tmp_path / "now")
    used.reporting.wait_position(used.intake.status().cut.position)


def test_a_unit_that_ended_before_a_close_keeps_its_end(used, tmp_path):
    """Its last day, its parent and who came after it decide the closed rows, too."""
    admin = Cli(used, "admin")
    ended = "e,8,Xã E,,COMMUNE,tinh,8,,2025-03-31,x,\r\n"
    admin.run("catalogue", "export", tmp_path / "now")
    path = tmp_path / "now" / "units.csv"
    units = path.read_text(encoding="utf-8-sig") + ended
    path.write_text(units, encoding="utf-8")
    admin.run("catalogue", "import", tmp_path / "now")
    admin.run("period", "close", "tinh", "--to", "2025-12-31")
    used.reporting.wait_position(used.intake.status().cut.position)
    for change, warned in ((("Xã E", "Phường E"), False), (("2025-03-31,x", "2025-02-28,x"), True),
                           (("2025-03-31,x", "2025-03-31,"), True)):
        path.write_text(units.replace(*change), encoding="utf-8")
        stderr = admin.run("catalogue", "import", tmp_path / "now", "--dry-run").stderr
        assert any("units: e changes before 2025-12-31" in line for line in stderr.splitlines()) == warned, (change, stderr)


def test_a_text_that_is_too_long_hides_no_other_fault(used, tmp_path):
    long = "x" * 4097
    folder = write_small(tmp_path / "long", [f"x,1,{long},,COMMUNE,tinh,1,,,,\n", "y,2,Xã Y,,COMMUNE,nowhere,2,,,,\n"],
                         [f"1.001193,{long},dat-dai,FULL,,\n"])
    stderr = Cli(used, "admin").run("--lang", "en", "catalogue", "import", folder, code=1).stderr
    assert f"units.csv:3: name: \"{long[:40]}…\" has 4097 bytes, at most 4096 are allowed; shorten it" in stderr
    assert "procedures.csv:2: name" in stderr and "units.csv:4: parent" in stderr, stderr
