# SPDX-License-Identifier: Apache-2.0
"""What each source sent: the list of sources, and the note of a report whose sources fell silent."""
import datetime
import time

import pytest

from events import TREES, received
from histories import catalogue
from hosotest.cli import Cli
from hosotest.client import Refused
from hosotest.cluster import Cluster
from hosotest.protocol import pb

DAY_MS = 86_400_000
JANUARY = ("2024-01-01", "2024-01-31")    # it ends on a Wednesday: the last three working days begin on the 29th
JANUARY_1 = 1_704_078_000_000             # 10:00 in Viet Nam


@pytest.fixture(scope="module")
def cluster():
    with Cluster(sources=["every-day", "until-20", "elsewhere", "never", "this-year"]) as cluster:
        cluster.add("reader-a", role="agency", units="t00000.a", expires="2099-12-31")
        cluster.add("reader-1", role="agency", units="t00001")
        cluster.admit("reader-a", service=cluster.reporting)
        cluster.put_catalogue(catalogue(TREES))
        publish(cluster, "every-day", [received(f"e-{day}", occurred_at=JANUARY_1 + day * DAY_MS) for day in range(31)])
        publish(cluster, "until-20", [received(f"u-{day}", unit="t00000.b", occurred_at=JANUARY_1 + day * DAY_MS)
                                      for day in range(20)])
        publish(cluster, "elsewhere", [received("x-1", unit="t00001", occurred_at=JANUARY_1)])
        yield cluster


def publish(cluster, name, events):
    publisher = cluster.publisher(name)
    assert not publisher.publish(events)
    cluster.reporting.wait_position(publisher.position)


def sources(cluster, asker="admin", **question):
    channel = cluster.reporter(asker).channel
    found, question = {}, pb.ListSourcesRequest(**question)
    while True:
        page = channel.call(10.0, list_sources=question)
        found.update((line.source, line) for line in page.sources)
        question.after = page.next
        if not page.next:
            return found


def until(wanted, timeout_s=30):
    deadline = time.monotonic() + timeout_s
    while not wanted():
        assert time.monotonic() < deadline, "it does not come"
        time.sleep(0.05)


def silence(report):
    return [note for note in report.notes if "chưa nhận dữ liệu" in note]


def test_every_source_is_listed_with_what_it_sent(cluster):
    found = sources(cluster)
    assert list(found) == sorted(found) and set(found) == {"every-day", "until-20", "elsewhere", "never", "this-year"}
    line = found["every-day"]
    assert (line.events, line.first_event, line.last_event) == (31, JANUARY_1, JANUARY_1 + 30 * DAY_MS)
    assert line.registered and list(line.units) == ["*"] and line.expires == "" and not line.silent
    assert (found["never"].registered, found["never"].events) == (True, 0)
    assert list(sources(cluster, limit=2)) == list(found)


def test_conflicts_and_findings_are_those_of_the_source(cluster):
    publish(cluster, "elsewhere", [received("x-1", unit="t00001", occurred_at=JANUARY_1 + 1),
                                   received("x-1", unit="t00001", event_id="e-2", occurred_at=JANUARY_1 + DAY_MS)])
    line = sources(cluster)["elsewhere"]
    assert (line.events, line.conflicts, line.findings) == (2, 1, 1)
    publish(cluster, "elsewhere", [received("x-1", unit="t00001", event_id="e-3", kind="VOIDED", voids="e-2", occurred_at=JANUARY_1 + 2 * DAY_MS)])
    line = sources(cluster)["elsewhere"]
    assert (line.events, line.conflicts, line.findings) == (3, 1, 0)


def test_a_reader_sees_the_sources_of_its_units(cluster):
    """Those that may send events of them, and those that did."""
    cluster.add("of-another-unit", units="t00001")
    cluster.admit("of-another-unit", service=cluster.reporting)
    until(lambda: "of-another-unit" in sources(cluster))    # reporting reads the registry in its own time
    assert "of-another-unit" not in sources(cluster, "reader-a")
    assert {"every-day", "never"} <= set(sources(cluster, "reader-a"))
    assert "of-another-unit" in sources(cluster, "reader-1")
    cluster.remove("elsewhere")
    cluster.reload()
    until(lambda: not sources(cluster)["elsewhere"].registered)
    assert sources(cluster)["elsewhere"].events == 3
    assert "elsewhere" in sources(cluster, "reader-1") and "elsewhere" not in sources(cluster, "reader-a")
    with pytest.raises(Refused) as refused:
        sources(cluster, "reader-1", unit="t00000")
    assert refused.value.code == pb.ERROR_CODE_DENIED
    with pytest.raises(Refused) as refused:
        sources(cluster, unit="no-such-unit")
    assert refused.value.code == pb.ERROR_CODE_NOT_FOUND


def test_a_report_names_the_source_that_fell_silent(cluster):
    reporter = cluster.reporter()
    notes = silence(reporter.run_report("thong-ke", "t00000", JANUARY))
    assert len(notes) == 1 and "29/01/2024" in notes[0] and "31/01/2024" in notes[0]
    assert "until-20" in notes[0] and "every-day" not in notes[0] and "never" not in notes[0]
    assert not silence(reporter.run_report("thong-ke", "t00000.a", JANUARY)), "it never sent events of that unit"
    assert not silence(reporter.run_report("thong-ke", "t00000", ("2024-01-01", "2024-01-19"))), "it was sending then"
    assert "until-20 (lần cuối 20/01/2024)" in notes[0]
    month = silence(reporter.run_report("thong-ke", "t00000", ("2024-03-01", "2024-03-31")))
    assert len(month) == 1 and "until-20 (lần cuối 20/01/2024)" in month[0], "nothing came in the whole month"
    assert not silence(reporter.run_report("thong-ke", "t00000", ("2025-03-01", "2025-03-31"))), "it was gone for a year"
    english = reporter.run_report("thong-ke", "t00000", JANUARY, lang="en")
    assert any("No data of the days" in note and "until-20" in note for note in english.notes)


def test_late_data_takes_the_note_away(cluster):
    publish(cluster, "until-20", [received("u-late", unit="t00000.b", occurred_at=JANUARY_1 + 29 * DAY_MS)])
    assert not silence(cluster.reporter().run_report("thong-ke", "t00000", JANUARY))


def test_silent_today(cluster):
    now = datetime.datetime.now(datetime.timezone.utc)
    then = int((now - datetime.timedelta(days=12)).timestamp() * 1000)
    publish(cluster, "this-year", [received("now-1", occurred_at=then)])
    assert sources(cluster)["this-year"].silent
    publish(cluster, "this-year", [received("now-2", occurred_at=int(now.timestamp() * 1000))])
    line = sources(cluster)["this-year"]
    assert not line.silent and line.events_today == 1 and line.events_month >= 1


def test_the_command(cluster):
    listed = Cli(cluster, "admin").json("sources", "--all")
    by_name = {line["source"]: line for line in listed["sources"]}
    assert by_name["never"]["state"] == "NEVER_SENT" and by_name["every-day"]["events"] == 31
    assert by_name["every-day"]["state"] == "ENDED" and by_name["this-year"]["state"] == "SENDING"
    assert by_name["every-day"]["firstEvent"] == "2024-01-01T10:00:00+07:00"
    assert by_name["every-day"]["refused"] == 0
    assert len(cluster.publisher("every-day").publish([received("bad", unit="no-such-unit"), received("worse", due_at=1)])) == 2
    again = {line["source"]: line for line in Cli(cluster, "admin").json("sources", "--all")["sources"]}
    assert (again["every-day"]["refused"], again["until-20"]["refused"]) == (2, 0)
    others = Cli(cluster, "reader-a").json("sources", "--all")["sources"]
    assert all(line["refused"] == "" for line in others)
    table = Cli(cluster, "admin").run("sources", "--unit", "t00000").stdout
    assert "Chưa gửi lần nào" in table


def test_counted_from_the_journal_again_it_is_the_same(cluster):
    Cli(cluster, "admin").run("verify")
