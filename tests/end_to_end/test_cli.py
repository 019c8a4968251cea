# SPDX-License-Identifier: Apache-2.0
"""The command `hoso` against running services: the golden month, killed publishers, faulty lines, every format."""
import copy
import csv
import io
import json
import pathlib
import re
import subprocess
import time

import pytest

from hosotest.cli import Cli
from hosotest.cluster import Cluster, program
from hosotest.cut import Cut
from hosotest.ndjson import from_line, to_line
from recount import COLUMNS, Recount, local_day

GOLDEN = json.loads((pathlib.Path(__file__).parent / "golden" / "cam-xuyen-2024-02.json").read_text(encoding="utf-8"))
MONTH = ["--unit", "H27.45", "--from", GOLDEN["period"]["from"], "--to", GOLDEN["period"]["to"]]
NOON = 1_717_218_000_000              # 1 June 2024, outside of the golden month
JUNE = ["--from", "2024-06-01", "--to", "2024-06-30"]
CATALOGUE = pathlib.Path(__file__).resolve().parents[2] / "deploy" / "demo" / "catalogue"
COMMUNES = [f"H27.45.{n:02}" for n in range(1, 24)]


def received(dossier, unit, **more):
    return {"event_id": "e-1", "dossier": dossier, "kind": "RECEIVED", "occurred_at": NOON, "unit": unit,
            "procedure": "1.004221", "field": "dat-dai", "channel": "ONLINE", "service_level": "FULL", **more}


def lines_of(events):
    return "".join(to_line(event) for event in events)


def received_in_june(cli, unit, position):
    report = cli.json("report", "thong-ke", "--unit", unit, *JUNE, "--min-position", position)
    return next(row for row in report["rows"] if row["unit"] == unit)["cells"]["received"]


# The golden month

@pytest.fixture(scope="module")
def golden_lines():
    return subprocess.run([program("hoso"), "simulate", "golden"], capture_output=True, text=True, encoding="utf-8",
                          check=True).stdout


@pytest.fixture(scope="module")
def golden_position(counter, golden_lines):
    """The month is published through standard input, and counted."""
    return Cut.parse(counter.run("publish", "-", "--print-position", stdin=golden_lines).stdout)


def golden_figures():
    """(row id, column id, figure) of everything the golden file gives."""
    for column, numbers in GOLDEN["given"].items():
        for row, number in numbers.items():
            yield row, column, number
    for rate, columns in GOLDEN["rates"].items():
        for column, ratio in columns.items():
            yield f"rate_{rate}", column, ratio
    for petition_class, numbers in GOLDEN["petitions"].items():
        for what, number in numbers.items():
            yield f"petitions_{petition_class}_{what}", "total", number


@pytest.fixture(scope="module")
def golden_report(agency, golden_position):
    return agency.json("report", "bao-cao-thang", *MONTH, "--min-position", golden_position)


@pytest.mark.parametrize("row, column, figure", list(golden_figures()), ids=lambda value: str(value)[:40])
def test_golden_figure(golden_report, row, column, figure):
    rows = {r["id"]: r for r in golden_report["rows"]}
    assert rows[row]["cells"][column] == figure


def test_golden_month_balances(golden_report):
    assert golden_report["checks"] and all(check["ok"] for check in golden_report["checks"])
    assert golden_report["title"] and golden_report["cut"]["position"]


def test_golden_month_is_printed_as_the_report_has_it(agency, golden_position):
    text = " ".join(agency.run("report", "bao-cao-thang", *MONTH, "--min-position", golden_position).stdout.split())
    for words in ["2.705 hồ sơ", "cấp huyện tiếp nhận: 1.744 hồ sơ", "cấp xã tiếp nhận: 961 hồ sơ", "1.022 hồ sơ",
                  "228 hồ sơ", "1.455 hồ sơ", "1.133 hồ sơ", "quá hạn 00 hồ sơ", "150 hồ sơ", "trả lại 08 hồ sơ",
                  "1.414 hồ sơ", "87,44%", "99,31%", "85,47%", "95,5%", "100%", "94,87%", "80%", "98,82%", "76,4%",
                  "86,84%", "19/01/2024", "19/02/2024"]:
        assert words in text, words


def test_golden_month_by_the_recount(golden_lines):
    """The stream yields the month by the counting rules alone, and every unit balances."""
    events = [("counter", from_line(line)) for line in golden_lines.splitlines()]
    begin, end = local_day_of(GOLDEN["period"]["from"]), local_day_of(GOLDEN["period"]["to"]) + 1
    units = Recount(events).figures(begin, end)
    assert set(units) <= {"H27.45", *COMMUNES} and len(units) == 24
    of = {"district": ["H27.45"], "commune": COMMUNES, "total": ["H27.45", *COMMUNES]}
    for tier, members in of.items():
        numbers = {column: sum(units[unit][column] for unit in members) for column in COLUMNS}
        given = GOLDEN["given"][tier]
        assert numbers["carried_over"] == given["carried_over"]
        assert numbers["received"] == given["online"] + given["direct_postal"]
        if tier == "total":
            assert numbers["resolved_early"] + numbers["resolved_on_time"] == given["resolved_early_or_on_time"]
            assert numbers["processing_in_time"] + numbers["processing_overdue"] == given["processing"]
            assert numbers["returned"] == given["returned"]
            assert numbers["waiting_supplement"] == given["waiting_supplement"]


def local_day_of(date):
    return local_day(from_line(json.dumps({"occurredAt": date + "T12:00:00+07:00"}))["occurred_at"])


def test_golden_month_again_changes_nothing(counter, agency, golden_lines, golden_position, golden_report):
    again = Cut.parse(counter.run("publish", "-", "--print-position", stdin=golden_lines).stdout)
    assert again >= golden_position
    report = agency.json("report", "bao-cao-thang", *MONTH, "--min-position", again)
    assert report["rows"] == golden_report["rows"]


def test_every_form_in_every_format(agency, golden_position):
    forms = [line["form"] for line in agency.json("forms")]
    assert {"bao-cao-thang", "II.06a", "thong-ke"} <= set(forms)
    for form in forms:
        arguments = ["report", form, *MONTH, "--min-position", golden_position]
        report = agency.json(*arguments)
        assert report["form"] == form and all(check["ok"] for check in report["checks"])
        assert agency.run(*arguments).stdout.strip()
        assert agency.run(*arguments, "--lang", "en").stdout.strip()
        assert_csv_is_the_report(agency.run(*arguments, "--format", "csv").stdout, report)


def assert_csv_is_the_report(text, report):
    assert text.startswith("\ufeff")
    remarks = [line for line in text[1:].splitlines() if line.startswith("#")]
    table = "".join(f"{line}\n" for line in text[1:].splitlines() if not line.startswith("#"))
    rows = list(csv.reader(io.StringIO(table), delimiter=";"))
    assert len({len(row) for row in rows}) == 1
    filled = [row for row in report["rows"] if row["cells"] or row["kind"] != "LINE"]     # not a sentence's second line
    assert len(rows) == len(filled) + 1
    columns = report["columns"]
    assert len(set(rows[0])) == len(rows[0])
    for name, column in zip(rows[0][-len(columns):], columns):
        path = ": ".join(column.get("captions", [column["label"]]))
        assert name in (path, f"{path} {column.get('number', '').split('=')[0]}")
    for line, row in zip(rows[1:], filled):
        shown = [row["cells"].get(column["id"], "") for column in columns]
        shown = ["" if cell is None else cell["text"] if isinstance(cell, dict) else str(cell) for cell in shown]
        assert line[-len(columns):] == shown
    for words in [report["title"], report["unitName"], str(report["cut"]["position"]), *report["notes"],
                  *(check["text"] for check in report["checks"])]:
        assert any(words in remark for remark in remarks), words


def test_periods_as_people_name_them(agency, golden_position, tmp_path):
    def period(cli, *arguments):
        told = cli.json("report", "II.06a", "--unit", "H27.45", *arguments)["period"]
        return told["from"], told["to"]

    assert period(agency, "--month", "2024-02") == ("2024-02-01", "2024-02-29")
    assert period(agency, "--quarter", "2024-Q1") == ("2024-01-01", "2024-03-31")
    assert period(agency, "--from", "19/01/2024", "--to", "2024-02-19") == ("2024-01-19", "2024-02-19")
    own = copy.copy(agency)
    own.config = tmp_path / "client.conf"
    own.config.write_text(agency.config.read_text() + "reporting_day = 20\n")
    assert period(own, "--month", "2024-02") == ("2024-01-20", "2024-02-19")
    listed = own.json("dossiers", "thong-ke", "--column", "returned", "--unit", "H27.45", "--month", "2024-02")
    shown = own.json("report", "thong-ke", "--unit", "H27.45", "--month", "2024-02")
    assert listed["sum"] == shown["rows"][0]["cells"]["returned"]
    for arguments, words in [([], "which period?"), (["--month", "2024-02", "--year", "2024"], "give one period"),
                             (["--from", "2024-02-31", "--to", "2024-03-01"], "month 02/2024 has 29 days")]:
        assert words in agency.run("--lang", "en", "report", "II.06a", "--unit", "H27.45", *arguments, code=2).stderr


@pytest.mark.parametrize("arguments", [["dossiers", "thong-ke", "--column", "returned", *MONTH], ["overdue"], ["quality"], ["sources"]])
def test_no_list_of_nothing(agency, arguments):
    """Such a list would say that there is nothing."""
    assert "--limit is at least 1" in agency.run("--lang", "en", *arguments, "--limit", "0", code=2).stderr


def test_dossiers_behind_a_figure(agency, golden_position):
    report = agency.json("report", "thong-ke", *MONTH, "--min-position", golden_position)
    cell = report["rows"][0]["cells"]["returned"]
    listed = agency.json("dossiers", "thong-ke", "--column", "returned", *MONTH)
    lines = listed["dossiers"] if isinstance(listed, dict) else listed
    assert cell == GOLDEN["given"]["total"]["returned"] == sum(line["amount"] for line in lines)
    assert len({line["dossier"] for line in lines}) == cell


# Publishing

def test_a_killed_publisher_loses_and_doubles_nothing(cluster, counter, tmp_path):
    """SIGKILL in the middle, with events in the outbox and on their way; then the same file again."""
    unit, outbox = COMMUNES[0], tmp_path / "outbox"
    events = [received(f"killed-{n}", unit) for n in range(30_000)]
    file = tmp_path / "events.ndjson"
    file.write_text(lines_of(events), encoding="utf-8")
    for kill in range(3):
        start = cluster.intake.status().cut.position
        process = counter.start("publish", "-", "--outbox", outbox, "--batch", 100)
        process.stdin.write(lines_of(events[:10_000 * (kill + 1)]))
        process.stdin.flush()                     # and stays open: it cannot have finished
        cluster.intake.wait_position(start + 1)
        process.kill()
        process.communicate()
    position = counter.run("publish", file, "--outbox", outbox, "--print-position").stdout.strip()
    assert received_in_june(counter, unit, position) == len(events)


def test_publishing_survives_a_killed_intake(cluster, counter, tmp_path):
    unit, events = COMMUNES[1], [received(f"intake-{n}", COMMUNES[1]) for n in range(5000)]
    start = cluster.intake.status().cut.position
    process = counter.start("publish", "-", "--outbox", tmp_path / "outbox", "--batch", 50, "--print-position")
    process.stdin.write(lines_of(events[:2000]))
    process.stdin.flush()
    cluster.intake.wait_position(start + 1)
    cluster.intake.kill()
    cluster.intake.start()
    process.stdin.write(lines_of(events[2000:]))
    position, errors = process.communicate(timeout=60)
    assert process.returncode == 0, errors
    assert received_in_june(counter, unit, position.strip()) == 5000


def test_a_pipe_that_stays_open_is_published_as_it_comes(cluster, counter):
    unit, start = COMMUNES[6], cluster.intake.status().cut.position
    process = counter.start("publish", "-", "--print-position")
    for n in range(3):
        process.stdin.write("\ufeff" * (n == 0) + to_line(received(f"pipe-{n}", unit)))
        process.stdin.flush()
        cluster.intake.wait_position(start + n + 1)
    position, errors = process.communicate(to_line(received("pipe-3", unit)), timeout=60)
    assert process.returncode == 0 and "4 acknowledged" in errors, errors
    assert received_in_june(counter, unit, position.strip()) == 4


@pytest.mark.parametrize("unit, given", [(COMMUNES[2], True), (COMMUNES[20], False)], ids=["given", "by default"])
def test_events_wait_in_the_outbox_while_intake_is_away(cluster, counter, tmp_path, unit, given):
    """In the directory that is given, or beside a configuration that does not speak of one."""
    config, outbox = tmp_path / "counter.conf", tmp_path / ("outbox" if given else "counter.conf.outbox")
    config.write_text("".join(line for line in counter.config.read_text().splitlines(True)
                              if not line.startswith("outbox")))
    options = ("--config", config, "--outbox", outbox) if given else ("--config", config)
    cluster.intake.kill()
    try:
        done = counter.run("publish", "-", *options, "--timeout", 500, code=4,
                           stdin=lines_of(received(f"away-{unit}-{n}", unit) for n in range(50)))
        assert "50" in done.stderr and outbox.is_dir()
    finally:
        cluster.intake.start()
    position = counter.run("publish", "-", *options, "--print-position",
                           stdin=lines_of([received(f"away-{unit}-more", unit)])).stdout.strip()
    assert received_in_june(counter, unit, position) == 51


def test_events_wait_in_the_outbox_while_there_is_no_catalogue():
    with Cluster(sources=["counter"]) as cluster:
        counter = Cli(cluster, "counter")
        done = counter.run("publish", "-", "--timeout", 3000, code=4,
                           stdin=lines_of(received(f"early-{n}", COMMUNES[0]) for n in range(50)))
        assert "50" in done.stderr and "catalogue" in done.stderr
        Cli(cluster, "admin").run("catalogue", "import", CATALOGUE)
        position = counter.run("publish", "-", "--print-position", stdin="").stdout.strip()
        assert received_in_june(counter, COMMUNES[0], position) == 50


def test_a_full_intake_is_reported_once_and_ends_a_publish(tmp_path):
    """What intake cannot take stays in the outbox. A file's publish ends after its timeout; a pipe's ends with its input."""
    cluster = Cluster(sources=["counter"])
    cluster.intake.configure(map_bytes=1 << 24)
    with cluster:
        counter, file = Cli(cluster, "counter"), tmp_path / "many.ndjson"
        Cli(cluster, "admin").run("catalogue", "import", CATALOGUE)
        refused = {"event_id": "e-1", "kind": "REFUSED", "occurred_at": NOON, "unit": COMMUNES[0], "procedure": "1.004221",
                   "reason": "x" * 500}
        file.write_text(lines_of({**refused, "dossier": f"full-{n}"} for n in range(40_000)), encoding="utf-8")
        done = counter.run("publish", file, "--timeout", 2000, code=4)
        assert done.stderr.count("at its reserve") == 1 and "its disk is full" in done.stderr, done.stderr
        first = int(re.search(r"([0-9]+) wait in the outbox", done.stderr)[1])
        assert 0 < first < 40_000
        pipe = counter.start("publish", "-", "--timeout", 1000)
        pipe.stdin.write(to_line({**refused, "dossier": "full-more"}))
        pipe.stdin.flush()
        assert "at its reserve" in pipe.stderr.readline()
        with pytest.raises(subprocess.TimeoutExpired):
            pipe.wait(3)
        _, errors = pipe.communicate(timeout=60)
        assert pipe.returncode == 4 and "at its reserve" not in errors and f"{first + 1} wait in the outbox" in errors, errors
        cluster.intake.stop()
        cluster.intake.configure(map_bytes=1 << 30)
        cluster.intake.start()
        position = Cut.parse(counter.run("publish", "-", "--print-position", stdin="").stdout)
        assert position > 40_001


BAD_LINES = [
    (3, "this is not JSON\n"),
    (5, '{"eventId":"e","dossier":"x","kind":"NO_SUCH_KIND","occurredAt":"2024-06-01T12:00:00+07:00"}\n'),
    (8, to_line(received("bad-unit", "H99.nowhere"))),
    (9, to_line(received("bad-time", COMMUNES[3])).replace("2024-06-01", "2024-06-31")),
    (12, '{"eventId":"e","dosier":"x"}\n'),
    (13, "[]\n"),
    (14, '{"eventId":"' + "x" * 20_000 + '"}\n'),
]


def test_faulty_lines_are_named_and_the_others_get_through(counter, tmp_path):
    unit, lines = COMMUNES[3], []
    bad = dict(BAD_LINES)
    for number in range(1, 21):
        lines.append(bad.get(number) or to_line(received(f"good-{number}", unit)))
    file = tmp_path / "mixed.ndjson"
    file.write_text("".join(lines), encoding="utf-8")
    done = counter.run("publish", file, "--print-position", code=3)
    named = {int(line.split(":")[1]) for line in done.stderr.splitlines() if line.startswith(f"{file}:")}
    assert named == set(bad), done.stderr
    assert received_in_june(counter, unit, done.stdout.strip()) == 20 - len(bad)


def test_a_source_publishes_for_its_own_units_only(cluster, tmp_path):
    other = Cli(cluster, "other-counter")
    done = other.run("publish", "-", code=3, stdin=lines_of([received("mine", COMMUNES[4]), received("not-mine", "H27")]))
    assert "-:2: unit" in done.stderr and "-:1" not in done.stderr


# The rest

def test_verify_finds_nothing_and_status_lists_all(admin, golden_position):
    admin.run("verify")
    status = admin.run("status").stdout
    assert all(name in status for name in ("intake", "aggregation", "reporting"))


def test_quality_lists_an_orphan(counter, admin):
    orphan = {"event_id": "o-1", "dossier": "orphan-cli", "kind": "RESOLVED", "occurred_at": NOON}
    position = counter.run("publish", "-", "--print-position", stdin=lines_of([orphan])).stdout.strip()
    received_in_june(counter, COMMUNES[5], position)
    for format_name in ("table", "csv", "json"):
        assert "orphan-cli" in admin.run("quality", "--format", format_name).stdout
    for kind in ("ORPHAN", "orphan"):
        assert "orphan-cli" in admin.run("quality", "--kind", kind).stdout
    assert 'did you mean "VOID_UNMATCHED"?' in admin.run("quality", "--kind", "void-unmached", "--lang", "en", code=1).stderr


@pytest.mark.parametrize("arguments", [["overdue", "--unit"], ["quality", "--unit"], ["sources", "--unit"], ["period", "list"], ["units"]], ids=" ".join)
def test_a_unit_that_was_meant(agency, arguments):
    assert 'there is no unit "H27.4S" in the catalogue; did you mean "H27.45"?' in agency.run(*arguments, "H27.4S", "--lang", "en", code=1).stderr


def test_granting_what_never_was(admin, tmp_path):
    """The registry is a file; whether there is a unit is asked of reporting, as far as the configuration names it."""
    registry = tmp_path / "registry"
    def grant(*more, code=0, cli=admin):
        return cli.run("key", "grant", "somebody", "--role", "agency", "--registry", registry, "--lang", "en", *more, code=code).stderr
    assert "the catalogue never had a unit" in grant("--units", "H27.45,H27.4S", code=2)
    assert 'did you mean "H27.45"? --force' in grant("--units", "H27.4S", code=2)
    assert "2020-01-01 has passed" in grant("--units", "H27.45", "--expires", "2020-01-01", code=2)
    assert not registry.exists()
    assert "warning" not in grant("--units", "H27.45,H27", "--expires", "2099-01-01") and "units = H27.45 H27\n" in registry.read_text()
    assert "replaced" in grant("--units", "H27.4S", "--expires", "2020-01-01", "--force") and "units = H27.4S" in registry.read_text()
    assert "has passed" in admin.run("key", "token", "somebody", "--expires", "2020-01-01", "--registry", registry, "--lang", "en", code=2).stderr
    nobody = Cli.__new__(Cli)
    nobody.config = tmp_path / "nobody.conf"
    nobody.config.write_text("\n".join(line for line in admin.config.read_text().splitlines() if not line.startswith("reporting")))
    assert "nobody could be asked whether the catalogue has the units H27.45" in grant("--units", "H27.45", cli=nobody)


def test_lists_wait_for_a_position(counter, admin):
    """What was just published is in them; a position that never comes is waited for as long as --timeout says."""
    for number in range(3):
        begin = {"event_id": "w-1", "dossier": f"waited-for-{number}", "kind": "RESOLVED", "occurred_at": NOON}
        position = counter.run("publish", "-", "--print-position", stdin=lines_of([begin])).stdout.strip()
        listed = admin.json("quality", "--kind", "ORPHAN", "--min-position", position, "--all")
        assert f"waited-for-{number}" in {line["dossier"] for line in listed["findings"]} and listed["cut"]["position"] >= Cut.parse(position)
    lists = [["quality"], ["overdue"], ["overdue", "--count"], ["dossiers", "thong-ke", "--column", "received", *MONTH]]
    for arguments in lists:
        listed = admin.run(*arguments, "--min-position", position, "--lang", "en")
        assert int(re.search(r", position (\d+)", listed.stderr)[1]) >= Cut.parse(position)
        began = time.monotonic()
        assert "hoso: --min-position: " in admin.run(*arguments, "--min-position", "99999999@1", "--timeout", 1500, "--lang", "en", code=4).stderr
        assert time.monotonic() - began >= 1.5


def test_publish_says_what_became_of_the_events(counter):
    """An orphan, then the same id with other content: told of these dossiers alone, at once; repeated without a change they are told again."""
    first = {"event_id": "c-1", "dossier": "checked-orphan", "kind": "RESOLVED", "occurred_at": NOON}
    sound = {"event_id": "c-2", "dossier": "checked-sound", "kind": "RECEIVED", "occurred_at": NOON, "unit": COMMUNES[5],
             "procedure": "1.004221", "field": "dat-dai", "channel": "DIRECT", "service_level": "PARTIAL"}
    def publish(*events, code):
        return json.loads(counter.run("publish", "-", "--check", "--format", "json", stdin=lines_of(events), code=code).stdout)
    assert publish(sound, code=0)["findings"] == []
    told = publish(first, sound, code=3)
    assert [(f["kind"], f["dossier"], f["eventId"]) for f in told["findings"]] == [("ORPHAN", "checked-orphan", "c-1")]
    told = publish({**sound, "occurred_at": NOON + 60_000}, code=3)
    assert [(f["kind"], f["dossier"]) for f in told["findings"]] == [("CONFLICTING", "checked-sound")]
    shown = counter.run("publish", "-", "--check", stdin=lines_of([first]), code=3)
    assert "checked-orphan" in shown.stdout and "checked-sound" not in shown.stdout and "1 lỗi dữ liệu của 1 hồ sơ" in shown.stderr


def test_who_may_publish_is_said_in_words(agency, tmp_path):
    line = tmp_path / "one.ndjson"
    line.write_text(lines_of([{"event_id": "r-1", "dossier": "rights", "kind": "RESOLVED", "occurred_at": NOON}]))
    said = agency.run("publish", line, "--outbox", "none", "--lang", "en", code=1).stderr
    assert 'publishing needs the role source: the key "agency" has the role agency' in said


def test_units_and_catalogue(agency, admin):
    units = [line["unit"] for line in agency.json("units", "--at", "2024-02-19")]
    assert units == ["H27.45", *COMMUNES]
    shown = admin.run("catalogue", "show").stdout
    assert all(text in shown for text in ("H27", "UBND tỉnh Hà Tĩnh", "dat-dai", "1.004221"))


@pytest.mark.parametrize("arguments, code", [
    ([], 2), (["no-such-command"], 2), (["report"], 2), (["report", "thong-ke"], 2),
    (["report", "thong-ke", "--unit", "H27.45", "--from", "yesterday", "--to", "2024-02-01"], 2),
    (["report", "thong-ke", "--unit", "H27.45", "--form", "x"], 2), (["publish"], 2),
    (["publish", "/no/such/file"], 1),
    (["report", "no-such-form", *MONTH], 1), (["report", "thong-ke", "--unit", "H99", *JUNE], 1),
    (["report", "thong-ke", "--unit", "H27", *JUNE], 1),                # outside of the agency's rights
    (["publish", "-"], 1), (["catalogue", "import", "/no/such/folder"], 1),
])
def test_failures_say_what_and_exit(agency, arguments, code):
    done = agency.run(*arguments, code=code, stdin=to_line(received("x", "H27.45")))
    assert done.stderr.strip() and not done.stdout


def test_help_is_on_stdout():
    top = subprocess.run([program("hoso"), "--help"], capture_output=True, text=True, check=True)
    assert not top.stderr
    for command in ["publish", "report", "forms", "units", "catalogue", "dossiers", "quality", "status", "verify", "key",
                    "simulate"]:
        assert command in top.stdout
        own = subprocess.run([program("hoso"), "--lang", "en", command, "--help"], capture_output=True, text=True, check=True)
        assert command in own.stdout and not own.stderr


def test_a_service_that_is_not_there_is_four(cluster, agency):
    cluster.reporting.kill()
    try:
        done = agency.run("--timeout", 500, "report", "thong-ke", *MONTH, code=4)
        assert "reporting" in done.stderr
    finally:
        cluster.reporting.start()


def test_keys(tmp_path):
    def hoso(*arguments):
        return subprocess.run([program("hoso"), *map(str, arguments)], capture_output=True, text=True, check=True)
    key, registry = tmp_path / "new.key", tmp_path / "registry"
    public = hoso("key", "new", key).stdout.strip()
    assert key.stat().st_mode & 0o777 == 0o600 and f"public = {public}" in key.read_text()
    hoso("key", "grant", "somebody", "--key", key, "--role", "source", "--units", "H27.45", "--space", "ha-tinh", "--registry", registry)
    assert public in registry.read_text() and "somebody" in hoso("key", "list", "--registry", registry).stdout
    assert "ha-tinh" in hoso("key", "list", "--registry", registry).stdout
    hoso("key", "revoke", "somebody", "--registry", registry)
    assert public not in registry.read_text()


