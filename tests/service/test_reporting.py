# SPDX-License-Identifier: Apache-2.0
"""The reports' endpoint: cuts, waiting, rights, requests that are wrong."""
import time

import pytest

from events import NOON, received, series
from hosotest.client import Refused, cells, make_event
from hosotest.protocol import pb

DAY_MS = 86_400_000
DAY = ("2024-01-30", "2024-01-30")
YEAR = ("2024-01-01", "2024-12-31")


@pytest.fixture
def reporter(cluster):
    return cluster.reporter()


def refused(call, *args, **more):
    with pytest.raises(Refused) as caught:
        call(*args, **more)
    return caught.value


# Cuts

def test_a_report_of_the_position_just_published(cluster, reporter, publisher, source):
    for n in range(20):
        before = cells(reporter.run_report("thong-ke", "t00000.a", DAY, min_position=publisher.position))
        publisher.publish(series(source, 3, 3 * n))
        report = reporter.run_report("thong-ke", "t00000.a", DAY, min_position=publisher.position)
        assert report.cut.position >= publisher.position
        assert cells(report)["t00000.a"]["received"] == before["t00000.a"]["received"] + 3


def test_a_position_that_does_not_come_is_not_ready(cluster, reporter):
    began = time.monotonic()
    error = refused(reporter.run_report, "thong-ke", "t00000", DAY, min_position=1 << 40, wait_ms=300)
    assert error.code == pb.ERROR_CODE_NOT_READY and 0.2 < time.monotonic() - began < 5
    assert refused(reporter.run_report, "thong-ke", "t00000", DAY, min_position=1 << 40,
                   wait_ms=0).code == pb.ERROR_CODE_NOT_READY


def test_waiting_holds_up_nobody_else(cluster, reporter):
    waiting = cluster.reporter()
    waiting.channel.send(run_report=pb.RunReportRequest(form="thong-ke", unit="t00000", min_position=1 << 40, wait_ms=3000, min_incarnation=reporter.incarnation(),
                                                        period=pb.Period(**{"from": DAY[0], "to": DAY[1]})))
    began = time.monotonic()
    reporter.run_report("thong-ke", "t00000", DAY)
    assert time.monotonic() - began < 2
    assert waiting.channel.receive(8).error.code == pb.ERROR_CODE_NOT_READY


def test_a_report_is_what_was_asked(reporter):
    report = reporter.run_report("thong-ke", "t00000", YEAR)
    assert (report.form, report.unit, getattr(report.period, "from"), report.period.to) == ("thong-ke", "t00000", *YEAR)
    assert report.title and report.unit_name == "Đơn vị t00000" and report.cut.incarnation
    units = [(row.unit, row.level) for row in report.rows if row.kind == pb.ROW_KIND_UNIT]
    assert units == [("t00000", 0), ("t00000.a", 1), ("t00000.b", 1), ("t00000.c", 2)]
    assert all(len(row.cells) == len(report.columns) for row in report.rows)
    assert report.checks and all(check.ok for check in report.checks)


def test_english(reporter):
    report = reporter.run_report("thong-ke", "t00000", YEAR, lang="en")
    assert {c.id: c.label for c in report.columns}["received"] == "Received"
    vietnamese = reporter.run_report("thong-ke", "t00000", YEAR)
    assert {c.id: c.label for c in vietnamese.columns}["received"] == "Tiếp nhận"
    assert cells(report) == cells(vietnamese)


def test_every_form_runs(reporter):
    forms = reporter.list_forms()
    assert "thong-ke" in [line.form for line in forms]
    for line in forms:
        report = reporter.run_report(line.form, "t00000", YEAR)
        assert report.title == line.title and all(check.ok for check in report.checks), line.form
        shown = [column.id for column in report.columns]
        assert shown == [column.id for column in line.columns if column.id in shown] and len(shown) >= 1, line.form
        assert line.lines or len(shown) == len(line.columns), line.form
        assert report.digest == line.digest and len(report.digest) == 16
        assert all(len(row.stub) == len(report.stub) for row in report.rows), line.form


# Wrong requests

@pytest.mark.parametrize("change, code, field", [
    ({"form": "no-such-form"}, pb.ERROR_CODE_NOT_FOUND, "form"),
    ({"form": ""}, None, "form"),
    ({"unit": "nowhere"}, pb.ERROR_CODE_NOT_FOUND, "unit"),
    ({"unit": ""}, None, "unit"),
    ({"period": ("2024-02-30", "2024-03-01")}, pb.ERROR_CODE_INVALID, "period.from"),
    ({"period": ("2024-02-01", "")}, pb.ERROR_CODE_INVALID, "period.to"),
    ({"period": ("2024-02-02", "2024-02-01")}, pb.ERROR_CODE_INVALID, None),
    ({"period": ("19/01/2024", "19/02/2024")}, pb.ERROR_CODE_INVALID, "period.from"),
    ({"tree_at": "soon"}, pb.ERROR_CODE_INVALID, "tree_at"),
    ({"lang": "fr"}, pb.ERROR_CODE_INVALID, "lang"),
    ({"wait_ms": 30_001}, pb.ERROR_CODE_INVALID, "wait_ms"),
])
def test_wrong_requests_are_named(reporter, change, code, field):
    error = refused(reporter.run_report, **{"form": "thong-ke", "unit": "t00000", "period": DAY, **change})
    assert error.text and error.code in ([code] if code else [pb.ERROR_CODE_INVALID, pb.ERROR_CODE_NOT_FOUND])
    assert field is None or error.field == field


def test_rubbish_is_survived(cluster, reporter):
    for rubbish in (b"", b"\xff" * 50, bytes(range(256)) * 100):
        reporter.channel.socket.send(rubbish)
    reporter.channel.socket.send_multipart([b"a", b"b"])
    while (reply := reporter.channel.receive(0.3)) is not None:
        assert reply.error.code == pb.ERROR_CODE_INVALID
    reporter.run_report("thong-ke", "t00000", DAY)


# Rights

@pytest.fixture
def narrow(cluster, serial):
    """A reporter with the right to t00000.b and below only."""
    name = f"agency-{next(serial)}"
    cluster.add(name, role="agency", units="t00000.b")
    cluster.admit(name, service=cluster.reporting)
    return cluster.reporter(name)


def test_an_agency_sees_its_subtree_only(narrow):
    assert [row.unit for row in narrow.run_report("thong-ke", "t00000.b", DAY).rows] == ["t00000.b", "t00000.c"]
    assert narrow.run_report("thong-ke", "t00000.c", DAY).rows
    for unit in ("t00000", "t00000.a", "t00001"):
        assert refused(narrow.run_report, "thong-ke", unit, DAY).code == pb.ERROR_CODE_DENIED
    assert [line.unit.id for line in narrow.list_units()] == ["t00000.b", "t00000.c"]
    assert refused(lambda: list(narrow.quality(unit="t00000.a"))).code == pb.ERROR_CODE_DENIED
    list(narrow.quality(unit="t00000.c"))
    row = pb.Row(unit="t00000.a")
    assert refused(lambda: list(narrow.list_dossiers("thong-ke", "received", row, DAY))).code == pb.ERROR_CODE_DENIED


def test_a_source_reads_its_own_units(cluster, serial):
    name = f"counter-{next(serial)}"
    cluster.add(name, role="source", units="t00001")
    cluster.admit(name, service=cluster.reporting)
    reporter = cluster.reporter(name)
    assert reporter.run_report("thong-ke", "t00001", DAY).rows
    assert refused(reporter.run_report, "thong-ke", "t00000", DAY).code == pb.ERROR_CODE_DENIED


def test_findings_without_a_unit_asked_for_are_those_of_the_askers_units(narrow, cluster, reporter, publisher, source):
    for unit in ("t00000.a", "t00000.b", "t00000.c"):
        publisher.publish([received(f"{source}-{unit}", unit=unit), received(f"{source}-{unit}", unit=unit, event_id="again")])
    cluster.reporting.wait_position(publisher.position)
    mine = lambda asker: {f.unit for f in asker.quality() if f.dossier.startswith(source)}
    assert mine(narrow) == {"t00000.b", "t00000.c"} and mine(reporter) == {"t00000.a", "t00000.b", "t00000.c"}
    assert {f.unit for f in narrow.quality()} <= {"t00000.b", "t00000.c"}
    name = f"{source}-nowhere"
    cluster.add(name, role="agency", units="no-such-unit")
    cluster.admit(name, service=cluster.reporting)
    nobody = cluster.reporter(name)
    assert refused(lambda: list(nobody.quality())).code == pb.ERROR_CODE_DENIED


# Units, dossiers, quality

def test_units_in_catalogue_order(reporter):
    lines = [(line.unit.id, line.depth) for line in reporter.list_units("t00000")]
    assert lines == [("t00000", 0), ("t00000.a", 1), ("t00000.b", 1), ("t00000.c", 2)]
    assert len(reporter.get_catalogue().catalogue.units) == 8


def test_dossiers_page_by_page(cluster, reporter, publisher, source):
    publisher.publish([received(f"{source}-{n:03}", unit="t00001.a") for n in range(57)])
    report = reporter.run_report("thong-ke", "t00001.a", DAY, min_position=publisher.position)
    row = next(row for row in report.rows if row.unit == "t00001.a")
    lists = [list(reporter.list_dossiers("thong-ke", "received", row, DAY, limit=limit)) for limit in (1, 10, 1000)]
    names = [[line.dossier for line in lines] for lines in lists]
    assert names[0] == names[1] == names[2] and len(set(names[0])) == len(names[0])
    assert sum(line.amount for line in lists[0]) == cells(report)["t00001.a"]["received"]
    assert {f"{source}-{n:03}" for n in range(57)} <= set(names[0])


def test_a_line_says_where_it_stood_at_the_end_of_the_period(cluster, reporter, publisher, source):
    """Received on 30 January and due on 3 February: open for the report up to 2 February, overdue for the one up to 4
    February, resolved six days late for the one up to 9 February; and one that is returned before its due day."""
    late, soon, none = f"{source}-late", f"{source}-soon", f"{source}-none"
    publisher.publish([
        received(late, unit="t00001.b", due_at=NOON + 4 * DAY_MS),
        make_event({"event_id": "e-2", "dossier": late, "kind": "RESOLVED", "occurred_at": NOON + 10 * DAY_MS}),
        received(soon, unit="t00001.b", due_at=NOON + 8 * DAY_MS, channel="POSTAL"),
        make_event({"event_id": "e-2", "dossier": soon, "kind": "RETURNED", "occurred_at": NOON + 5 * DAY_MS}),
        received(none, unit="t00001.b")])
    cluster.reporting.wait_position(publisher.position)
    row = pb.Row(unit="t00001.b")

    def stands(column, to):
        return [(line.dossier, line.received, line.due, line.days_left, line.state, line.ended, line.channel, line.service_level)
                for line in reporter.list_dossiers("thong-ke", column, row, ("2024-01-30", to)) if line.dossier.startswith(source)]
    rows = {name: (f"{source}-{name}", "2024-01-30", due) for name, due in
            (("late", "2024-02-03"), ("soon", "2024-02-07"), ("none", ""))}
    online, postal = (pb.CHANNEL_ONLINE, pb.SERVICE_LEVEL_FULL), (pb.CHANNEL_POSTAL, pb.SERVICE_LEVEL_FULL)
    assert stands("received", "2024-02-02") == [
        (*rows["late"], 1, pb.DOSSIER_STATE_PROCESSING, "", *online), (*rows["soon"], 5, pb.DOSSIER_STATE_PROCESSING, "", *postal),
        (*rows["none"], 0, pb.DOSSIER_STATE_PROCESSING, "", *online)]
    assert stands("processing_overdue", "2024-02-04") == [(*rows["late"], -1, pb.DOSSIER_STATE_PROCESSING, "", *online)]
    assert stands("received", "2024-02-09") == [
        (*rows["late"], -6, pb.DOSSIER_STATE_RESOLVED, "2024-02-09", *online),
        (*rows["soon"], 3, pb.DOSSIER_STATE_RETURNED, "2024-02-04", *postal), (*rows["none"], 0, pb.DOSSIER_STATE_PROCESSING, "", *online)]
    for day, within, open_then in (("2024-02-02", 6, ["late", "soon"]), ("2024-02-02", 2, ["late"]), ("2024-02-03", 0, []),
                                   ("2024-02-03", 1, ["late"]), ("2024-02-09", 1, [])):
        asked = {"at": day, "days": within}
        assert [line.dossier for line in reporter.list_open("t00001.b", **asked) if line.dossier.startswith(source)] == [
            f"{source}-{name}" for name in open_then], asked
        assert reporter.count_open("t00001.b", **asked).get("t00001.b", 0) == len(list(reporter.list_open("t00001.b", **asked)))


def test_pages_while_events_arrive(cluster, reporter, publisher, source):
    """What does not change is on one page exactly, whatever else comes in, goes, or gets another due day between them."""
    def due(n):
        return NOON + (5 + n % 7) * DAY_MS
    publisher.publish([received(f"{source}-{n:02}", unit="t00001.c", due_at=due(n)) for n in range(40)])
    report = reporter.run_report("thong-ke", "t00001.c", DAY, min_position=publisher.position)
    row = next(row for row in report.rows if row.unit == "t00001.c")
    seen = []
    for count, line in enumerate(reporter.list_dossiers("thong-ke", "received", row, DAY, limit=3)):
        seen.append(line.dossier)
        if count % 3 == 1 and count < 36:
            gone = make_event({"event_id": "gone", "dossier": f"{source}-{count:02}", "kind": "VOIDED", "voids": "e-1",
                               "occurred_at": NOON})
            publisher.publish([received(f"{source}-new-{count}", unit="t00001.c", due_at=due(count)), gone])
            cluster.reporting.wait_position(publisher.position)
    steady = [f"{source}-{n:02}" for n in range(40) if n % 3 != 1]
    assert sorted(code for code in seen if code in steady) == steady
    assert len(set(seen)) == len(seen)


def test_the_dossiers_behind_a_number_just_seen(cluster, reporter, publisher, source):
    """A report may know of events that aggregation has counted and not committed yet: whoever asks for the dossiers
    behind its number waits for them."""
    row = next(r for r in reporter.run_report("thong-ke", "t00000.a", DAY).rows if r.unit == "t00000.a")
    for n in range(10):
        publisher.publish(series(source, 2, 2 * n))
        report = reporter.run_report("thong-ke", "t00000.a", DAY, min_position=publisher.position)
        lines = list(reporter.list_dossiers("thong-ke", "received", row, DAY))
        assert len(lines) == cells(report)["t00000.a"]["received"]


@pytest.mark.parametrize("change, field", [({"column": "no-such"}, "column"), ({"limit": 1001}, "limit")])
def test_wrong_questions_about_dossiers(reporter, change, field):
    row = pb.Row(unit="t00000")
    error = refused(lambda: list(reporter.list_dossiers(**{"form": "thong-ke", "column": "received", "row": row,
                                                           "period": DAY, **change})))
    assert error.code in (pb.ERROR_CODE_INVALID, pb.ERROR_CODE_NOT_FOUND) and error.field == field


def test_an_orphan_is_listed_until_its_reception_comes(cluster, reporter, publisher, source):
    event = received(f"{source}-orphan", event_id="late")
    event.kind = pb.KIND_RESOLVED
    publisher.publish([event])
    cluster.reporting.wait_position(publisher.position)
    orphans = [f for f in reporter.quality(kind=pb.FINDING_KIND_ORPHAN) if f.dossier == f"{source}-orphan"]
    assert [(f.source, f.event_id, f.event_kind, f.unit, f.position) for f in orphans] == [
        (source, "late", pb.KIND_RESOLVED, "", publisher.position)], "a resolution names no unit of its own"
    publisher.publish([received(f"{source}-orphan")])
    cluster.reporting.wait_position(publisher.position)
    assert not [f for f in reporter.quality(kind=pb.FINDING_KIND_ORPHAN) if f.dossier == f"{source}-orphan"]


def test_reports_go_on_while_aggregation_is_away(cluster, reporter, publisher, source):
    publisher.publish(series(source, 3))
    whole = cells(reporter.run_report("thong-ke", "t00000.a", DAY, min_position=publisher.position))
    cluster.aggregation.kill()
    try:
        assert cells(reporter.run_report("thong-ke", "t00000.a", DAY)) == whole
        error = refused(lambda: list(reporter.quality()))
        assert error.code in (pb.ERROR_CODE_UNAVAILABLE, pb.ERROR_CODE_BUSY)
    finally:
        cluster.aggregation.start()
    publisher.publish(series(source, 1, 3))
    after = cells(reporter.run_report("thong-ke", "t00000.a", DAY, min_position=publisher.position))
    assert after["t00000.a"]["received"] == whole["t00000.a"]["received"] + 1
