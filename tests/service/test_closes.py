# SPDX-License-Identifier: Apache-2.0
"""Closed periods (docs/counting-rules.md §7a): journaled once, refused with a sentence, and what they left stays."""
import datetime

import pytest

from events import received
from histories import Tree, catalogue
from hosotest.client import Refused, cells, make_event
from hosotest.cluster import Cluster
from hosotest.protocol import pb

DAY_MS = 86_400_000
NOON = 1_706_590_800_000    # 30 January 2024
MONTH = ("2024-01-01", "2024-01-31")


@pytest.fixture(scope="module")
def cluster():
    with Cluster(sources=["shop"]) as site:
        site.add("can-bo", role="agency", units="t00000.a", close="yes")
        site.reload()
        site.put_catalogue(catalogue([Tree(0)]))
        yield site


@pytest.fixture
def closer(cluster):
    channel = cluster.intake.channel()

    def close(unit="t00000", to="2024-01-31", label="", id="close-000001", keys=None):
        asked = channel if keys is None else cluster.intake.channel(keys)
        reply = asked.call(10, close_period=pb.ClosePeriodRequest(id=id, unit=unit, to=to, label=label))
        cluster.reporting.wait_position(reply.cut.position)
        return reply
    yield close
    channel.close()


def run(cluster, unit="t00000", period=MONTH, form="thong-ke", **more):
    reporter = cluster.reporter()
    return reporter.run_report(form, unit, period, **more)


def publish(cluster, *events):
    publisher = cluster.publisher("shop")
    assert not publisher.publish(list(events))
    cluster.reporting.wait_position(publisher.position)
    publisher.close()
    cluster.open_clients.remove(publisher)


def stripped(report):
    """Without the cut's incarnation, which a restore changes."""
    copy = pb.Report.FromString(report.SerializeToString())
    copy.cut.incarnation = 0
    return copy.SerializeToString(deterministic=True)


def test_what_was_closed_stays(cluster, closer):
    publish(cluster, *[received(f"c{n}", unit="t00000.a") for n in range(5)])
    first = closer(label="Báo cáo tháng 1")
    assert first.number == 1 and not first.unchanged
    publish(cluster, received("late", unit="t00000.b"),
            make_event({"event_id": "v", "dossier": "c0", "kind": "VOIDED", "occurred_at": NOON + 1, "voids": "e-1"}),
            make_event({"event_id": "t", "dossier": "c1", "kind": "TRANSFERRED", "occurred_at": NOON + 2, "unit": "t00000.c"}))
    now, closed = run(cluster), run(cluster, as_closed=-1)
    assert cells(closed)["t00000"]["received"] == 5 and cells(now)["t00000"]["received"] == 5
    assert cells(closed)["t00000.a"]["received"] == 5 and cells(now)["t00000.a"]["received"] == 4
    assert cells(closed)["t00000.a"]["transferred_out"] == 0 and cells(now)["t00000.a"]["transferred_out"] == 1
    assert all(check.ok for report in (now, closed) for check in report.checks)
    assert closed.closed.number == 1 and closed.closed.label == "Báo cáo tháng 1" and closed.closed.by == "admin"
    assert closed.cut.position == first.cut.position and "Số liệu đã chốt" in closed.notes[0] and not now.HasField("closed")
    assert "đến hết ngày 31/01/2024, Báo cáo tháng 1, chốt ngày" in closed.notes[0]
    second = closer(id="close-000002")
    publish(cluster, received("later", unit="t00000.a"))
    assert stripped(run(cluster, as_closed=1)) == stripped(closed)
    assert cells(run(cluster, as_closed=second.number)) == cells(now)
    assert cells(run(cluster))["t00000.a"]["received"] == 5


def test_now_beside_the_closed_figures(cluster):
    compared = run(cluster, compare=pb.CLOSED, as_closed=1)
    row = cells(compared)["t00000.a"]
    assert (row["received"], row["received.other"], row["received.difference"]) == (5, 5, 0)
    assert (row["transferred_out"], row["transferred_out.other"], row["transferred_out.difference"]) == (1, 0, 1)
    assert compared.compared.closed.number == 1 and all(check.ok for check in compared.checks)
    latest = cells(run(cluster, compare=pb.CLOSED))["t00000.a"]
    assert (latest["received"], latest["received.other"]) == (5, 4)


def test_restart_and_recount_change_no_closed_figure(cluster):
    before = [stripped(run(cluster, form=form, as_closed=number)) for number in (1, 2)
              for form in ("thong-ke", "II.06a", "bao-cao-thang")]
    for service in (cluster.aggregation, cluster.reporting):
        assert service.stop() == 0
        service.wipe()
    for service in (cluster.aggregation, cluster.reporting):
        service.start()
    cluster.reporting.wait_position(cluster.intake.status().cut.position)
    assert before == [stripped(run(cluster, form=form, as_closed=number)) for number in (1, 2)
                      for form in ("thong-ke", "II.06a", "bao-cao-thang")]


def test_another_catalogue_changes_no_closed_row(cluster):
    before = stripped(run(cluster, as_closed=2))
    fresh = catalogue([Tree(0), Tree(1)])
    for row in fresh.units:
        row.name = row.name + " (tên mới)"
    cluster.put_catalogue(fresh)
    assert stripped(run(cluster, as_closed=2)) == before
    assert "(tên mới)" in run(cluster).unit_name


def test_the_dossiers_behind_a_restatement(cluster):
    reporter = cluster.reporter()

    def listed(unit, column="received", **more):
        request = pb.ListDossiersRequest(form="thong-ke", column=column, unit=unit,
                                         period=pb.Period(**{"from": MONTH[0], "to": MONTH[1]}), **more)
        return {line.dossier: line.amount for line in reporter.channel.call(10, list_dossiers=request).lines}
    assert listed("t00000.a", as_closed=1) == {f"c{n}": 1 for n in range(5)}
    assert listed("t00000.a", as_closed=1, restated=True) == {"c0": -1, "later": 1}
    assert listed("t00000", as_closed=1, restated=True) == {"c0": -1, "late": 1, "later": 1}
    assert listed("t00000", as_closed=2, restated=True) == {"later": 1}
    assert listed("t00000.a") == {**{f"c{n}": 1 for n in range(1, 5)}, "later": 1}


def test_a_close_is_journaled_once(cluster, closer):
    position = cluster.intake.status().cut.position
    again = closer(label="Báo cáo tháng 1")
    assert again.unchanged and again.number == 1 and cluster.intake.status().cut.position == position
    with pytest.raises(Refused) as refused:
        closer(label="another")
    assert refused.value.field == "id" and "another close" in refused.value.text


def test_who_may_close(cluster, closer):
    keys = cluster.keys_of("can-bo")
    with pytest.raises(Refused) as refused:
        closer(id="close-000003", keys=keys)
    assert refused.value.code == pb.ERROR_CODE_DENIED and "may not close" in refused.value.text
    assert closer(unit="t00000.a", id="close-000003", keys=keys).number == 3
    with pytest.raises(Refused) as refused:
        closer(unit="t00000.a", id="close-000004", keys=cluster.keys_of("shop"))
    assert refused.value.code == pb.ERROR_CODE_DENIED


@pytest.mark.parametrize("change, code, said", [
    ({"to": str(datetime.date.today() + datetime.timedelta(days=3))}, pb.ERROR_CODE_INVALID, "a day to come"),
    ({"to": "2024-02-31"}, pb.ERROR_CODE_INVALID, "not a date"),
    ({"unit": "nowhere"}, pb.ERROR_CODE_NOT_FOUND, 'no unit "nowhere"'),
    ({"id": "short"}, pb.ERROR_CODE_INVALID, "bytes"),
    ({"label": "x" * 201}, pb.ERROR_CODE_INVALID, "label"),
    ({"label": "a\u200bb"}, pb.ERROR_CODE_INVALID, "U+200B"),
])
def test_a_faulty_close_is_refused(cluster, closer, change, code, said):
    with pytest.raises(Refused) as refused:
        closer(**{"id": "close-faulty", **change})
    assert refused.value.code == code and said in refused.value.text, refused.value.text


@pytest.mark.parametrize("more, code, said", [
    ({"as_closed": 9}, pb.ERROR_CODE_NOT_FOUND, "close 9"),
    ({"as_closed": 3}, pb.ERROR_CODE_NOT_FOUND, "does not cover"),
    ({"as_closed": -2}, pb.ERROR_CODE_INVALID, "no close"),
    ({"as_closed": -1, "period": ("2024-01-01", "2024-02-01")}, pb.ERROR_CODE_NOT_FOUND, "no close covers"),
])
def test_an_unclosed_period_is_refused(cluster, more, code, said):
    with pytest.raises(Refused) as refused:
        run(cluster, **more)
    assert refused.value.code == code and said in refused.value.text, refused.value.text


def test_closes_are_listed(cluster):
    reporter = cluster.reporter()

    def listed(**more):
        return [close.number for close in reporter.channel.call(10, list_closes=pb.ListClosesRequest(**more)).closes]
    assert listed() == [3, 2, 1] and listed(limit=1) == [3] and listed(before=3) == [2, 1]
    assert listed(unit="t00000.a") == [3]
    officer = cluster.reporter("can-bo")
    assert [close.number for close in officer.channel.call(10, list_closes=pb.ListClosesRequest()).closes] == [3]
