# SPDX-License-Identifier: Apache-2.0
"""Closing a period through kills, many at once, the command, a backup: journaled once. What is closed: test_closes.py."""
import datetime
import random
import threading
import time

import openpyxl
import pytest

from events import TREES, received
from histories import DAY0, SOURCES, SPACES, SPAN, catalogue, date_of
from hosotest.cli import Cli
from hosotest.client import Refused, make_event
from hosotest.cluster import Cluster
from hosotest.journal import entries_of
from hosotest.protocol import pb
from test_backup import publish_all, restore
from walks import random_events

UNIT, BELOW = TREES[0].b, TREES[0].c
DAY = date_of(DAY0 + 30)
NOON = 1_706_590_800_000    # 30 January 2024


@pytest.fixture(scope="module")
def cluster():
    with Cluster(sources=["s1"]) as cluster:
        cluster.add("head", role="agency", units=TREES[0].b, close="yes")
        cluster.add("clerk", role="agency", units=TREES[0].b)
        cluster.add("counter", role="source", units=TREES[0].c, close="yes")
        cluster.put_catalogue(catalogue(TREES))
        for name in ("head", "clerk", "counter"):
            cluster.admit(name)
        yield cluster


def ask(cluster, ident, unit=UNIT, to=DAY, label="", by="admin"):
    channel = cluster.intake.channel(cluster.keys_of(by))
    try:
        return channel.call(30.0, close_period=pb.ClosePeriodRequest(id=ident, unit=unit, to=to, label=label))
    finally:
        channel.close()


def journaled(cluster):
    return cluster.intake.status().cut.position


def test_a_close_is_journaled_once(cluster):
    """However often it is asked for, also by many at once."""
    before, replies = journaled(cluster), []
    threads = [threading.Thread(target=lambda: replies.append(ask(cluster, "one-close"))) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert journaled(cluster) == before + 1
    assert {(reply.number, reply.cut.position) for reply in replies} == {(replies[0].number, before + 1)}
    assert sorted(reply.unchanged for reply in replies) == [False] + 7 * [True]
    again = ask(cluster, "another-close")
    assert (again.number, again.cut.position, again.unchanged) == (replies[0].number + 1, before + 2, False)


def test_a_killed_intake_knows_its_closes(cluster):
    first = ask(cluster, "before the kill", label="Báo cáo tháng 02/2024")
    cluster.intake.kill()
    cluster.intake.start()
    again = ask(cluster, "before the kill", label="Báo cáo tháng 02/2024")
    assert again.unchanged and (again.number, again.cut) == (first.number, first.cut)
    assert ask(cluster, "after the kill").number == first.number + 1



DAY_AFTER = (datetime.date.today() + datetime.timedelta(days=2)).isoformat()


@pytest.mark.parametrize("close, code, field, words", [
    ({"to": ""}, pb.ERROR_CODE_INVALID, "to", "not a date"),
    ({"unit": ""}, pb.ERROR_CODE_INVALID, "unit", ""),
    ({"label": "line\nline"}, pb.ERROR_CODE_INVALID, "", "control characters"),
    ({"by": "clerk"}, pb.ERROR_CODE_DENIED, "unit", "close = yes"),
    ({"by": "head", "unit": TREES[0].p}, pb.ERROR_CODE_DENIED, "unit", "may not close periods of unit"),
    ({"by": "counter"}, pb.ERROR_CODE_DENIED, "unit", "may not close periods of unit"),
    ({"by": "s1"}, pb.ERROR_CODE_DENIED, "unit", "may not close periods of unit"),
])
def test_what_is_refused(cluster, close, code, field, words):
    before = journaled(cluster)
    with pytest.raises(Refused) as refused:
        ask(cluster, **{"ident": "a refused close", **close})
    assert (refused.value.code, refused.value.field) == (code, field), refused.value
    assert words in refused.value.text
    assert journaled(cluster) == before


def test_an_id_is_for_one_close(cluster):
    ask(cluster, "taken already", label="một")
    for other in ({"label": "hai"}, {"to": date_of(DAY0 + 29)}, {"unit": BELOW}):
        with pytest.raises(Refused) as refused:
            ask(cluster, "taken already", **{"label": "một", **other})
        assert refused.value.code == pb.ERROR_CODE_INVALID and "draw a new one" in refused.value.text


def test_the_right_to_close(cluster):
    """For the units of the key and what is below them; it ends when intake has read the registry again."""
    assert ask(cluster, "by the head 1", by="head").number and ask(cluster, "by the head 2", unit=BELOW, by="head").number
    assert ask(cluster, "by a counter", unit=BELOW, by="counter").number
    cluster.principals["head"]["close"] = None
    cluster.write_registry()
    cluster.reload()
    deadline = time.monotonic() + 30
    with pytest.raises(Refused) as refused:
        while time.monotonic() < deadline:
            ask(cluster, "by the head 3", by="head")
    assert refused.value.code == pb.ERROR_CODE_DENIED


def test_the_command(cluster):
    admin = Cli(cluster, "admin")
    done = admin.json("period", "close", UNIT, "--to", DAY, "--label", "Báo cáo tháng 02/2024", "--id", "from the command")
    assert done["number"] and not done["unchanged"] and done["cut"]["position"] == journaled(cluster)
    again = admin.json("period", "close", UNIT, "--to", DAY, "--label", "Báo cáo tháng 02/2024", "--id", "from the command")
    assert again == {**done, "unchanged": True}
    plain = admin.run("--lang", "en", "period", "close", UNIT, "--to", DAY)
    assert plain.stdout == f"{done['number'] + 1}\n" and "is closed up to" in plain.stderr
    listed = admin.json("period", "list", UNIT, "--all")["closes"]
    assert [close["number"] for close in listed][:2] == [done["number"] + 1, done["number"]]
    assert {name: listed[1][name] for name in ("unit", "to", "label", "by", "position")} == {
        "unit": UNIT, "to": DAY, "label": "Báo cáo tháng 02/2024", "by": "admin", "position": done["cut"]["position"]}
    one = admin.json("period", "list", "--limit", "1")
    assert len(one["closes"]) == 1 and not one["complete"]
    shown = admin.run("--lang", "vi", "period", "list")
    assert "Người chốt" in shown.stdout and "lần chốt số liệu" in shown.stdout + shown.stderr
    refused = admin.run("--lang", "en", "period", "close", UNIT, "--to", DAY_AFTER, code=1)
    assert "day to come" in refused.stderr and not refused.stdout
    refused = admin.run("--lang", "vi", "period", "close", UNIT, "--to", DAY_AFTER, code=1)
    assert "Chỉ chốt số liệu được đến hết ngày hôm nay" in refused.stderr


def test_an_answer_that_is_lost_names_the_id(cluster):
    cluster.intake.kill()
    admin = Cli(cluster, "admin")
    lost = admin.run("--lang", "en", "--timeout", "1", "period", "close", UNIT, "--to", DAY, code=4)
    cluster.intake.start()
    ident = lost.stderr.split("--id ")[1].split(",")[0]
    assert not admin.json("period", "close", UNIT, "--to", DAY, "--id", ident)["unchanged"]
    assert admin.json("period", "close", UNIT, "--to", DAY, "--id", ident)["unchanged"]


def test_nothing_to_close_without_a_catalogue():
    with Cluster(sources=[]) as empty:
        with pytest.raises(Refused) as refused:
            ask(empty, "too early for it")
        assert refused.value.code == pb.ERROR_CODE_NOT_READY and "no catalogue" in refused.value.text


def test_a_backup_holds_closes(tmp_path):
    """A restored journal knows each close by its id, and counts to the same layers."""
    events, backup = random_events(random.Random(11), TREES, 200), tmp_path / "backup"
    half = len(events) // 2
    with Cluster(sources=SOURCES, spaces=SPACES) as cluster:
        cluster.put_catalogue(catalogue(TREES))
        publish_all(cluster, events[:half])
        first = ask(cluster, "the first close", unit=TREES[0].p, to=date_of(DAY0 + SPAN))
        publish_all(cluster, events[half:])
        second = ask(cluster, "the second close")
        cluster.aggregation.wait_position(second.cut.position)
        ledger, _ = cluster.ledger()
        Cli(cluster, "admin").run("backup", backup)
        assert [entries_of(backup)[reply.cut.position] for reply in (first, second)] == [None, None]
    other = Cluster(sources=SOURCES, spaces=SPACES)
    restore(backup, other.intake.data)
    with other:
        other.aggregation.wait_position(second.cut.position)
        assert other.ledger()[0] == ledger
        again = ask(other, "the first close", unit=TREES[0].p, to=date_of(DAY0 + SPAN))
        assert again.unchanged and (again.number, again.cut.position) == (first.number, first.cut.position)
        assert ask(other, "the third close").number == 3
        assert Cli(other, "admin").json("verify", "--work", tmp_path)["records"] > 0


def test_what_the_command_shows_of_a_close():
    """Closed, then one more and one voided: both views, the difference cell by cell, and its dossiers."""
    unit = TREES[0].b
    with Cluster(sources=["s1"]) as cluster:
        cluster.put_catalogue(catalogue(TREES))
        admin, publisher = Cli(cluster, "admin"), cluster.publisher("s1")
        assert not publisher.publish([received(f"c{n}", unit=unit) for n in range(5)])
        cluster.reporting.wait_position(publisher.position)
        done = admin.json("period", "close", unit, "--to", "2024-01-31", "--label", "Báo cáo tháng 01/2024")
        assert not publisher.publish([received("late", unit=unit), received("later", unit=unit), make_event(
            {"event_id": "v", "dossier": "c0", "kind": "VOIDED", "occurred_at": NOON, "voids": "e-1"})])
        asked = ["thong-ke", "--unit", unit, "--month", "2024-01", "--min-position", publisher.position]

        def cells_of(*more):
            report = admin.json("report", *asked, *more)
            return report, next(row["cells"] for row in report["rows"] if row["unit"] == unit)
        now, closed = cells_of(), cells_of("--as-closed", "latest")
        assert now[1]["received"] == 6 and "closed" not in now[0]
        assert closed[1]["received"] == 5 and closed[0]["cut"]["position"] == done["cut"]["position"]
        assert {name: closed[0]["closed"][name] for name in ("number", "unit", "to", "label", "by")} == {
            "number": done["number"], "unit": unit, "to": "2024-01-31", "label": "Báo cáo tháng 01/2024", "by": "admin"}
        assert cells_of("--as-closed", done["number"]) == closed
        compared, both = cells_of("--compare", "closed")
        assert [both[f"received{part}"] for part in ("", ".other", ".difference")] == [6, 5, 1]
        assert compared["compared"]["with"] == "closed" and compared["closed"]["number"] == done["number"]
        assert cells_of("--compare", "closed", "--as-closed", done["number"])[1] == both
        table = admin.run("report", *asked, "--compare", "closed", "--columns", "received,returned", "--format", "table").stdout
        assert "*1" in table and "*0" not in table
        admin.run("report", *asked, "--compare", "closed", "--out", cluster.directory / "a.html")
        assert (cluster.directory / "a.html").read_text(encoding="utf-8").count('<td class="n differs">1</td>') >= 1
        admin.run("report", *asked, "--compare", "closed", "--out", cluster.directory / "a.xlsx")
        marked = [cell for row in openpyxl.load_workbook(cluster.directory / "a.xlsx").worksheets[0].iter_rows() for cell in row
                  if cell.fill.fill_type == "solid"]
        assert marked and all(cell.value != 0 and cell.font.bold for cell in marked)
        table = admin.run("--lang", "vi", "report", *asked, "--as-closed", "latest").stdout
        assert "ố liệu đã chốt" in table and "Báo cáo tháng 01/2024" in table

        def behind(*more):
            page = admin.json("dossiers", "thong-ke", "--column", "received", "--unit", unit, "--month", "2024-01", *more)
            return {line["dossier"]: line["amount"] for line in page["dossiers"]}, page["sum"]
        assert behind("--restated") == ({"c0": -1, "late": 1, "later": 1}, 1)
        assert behind("--restated", "--as-closed", done["number"]) == behind("--restated")
        assert behind("--as-closed", "latest") == ({f"c{n}": 1 for n in range(5)}, 5)
        for wrong in ("0", "-1", "never"):
            assert "--as-closed" in admin.run("report", *asked, "--as-closed", wrong, code=2).stderr
        unclosed = admin.run("--lang", "vi", "report", "thong-ke", "--unit", unit, "--month", "2024-02", "--as-closed", "latest", code=1)
        assert "Chưa có lần chốt số liệu nào" in unclosed.stderr
