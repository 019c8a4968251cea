# SPDX-License-Identifier: Apache-2.0
"""The life of one dossier: what came of each event, state and due day, and what it counts in."""
import pytest

from events import NOON, received
from hosotest.cli import Cli
from hosotest.client import Refused, make_event
from hosotest.protocol import pb

DAY_MS = 86_400_000


def event(dossier, event_id, kind, day, **more):
    return make_event({"event_id": event_id, "dossier": dossier, "kind": kind, "occurred_at": NOON + day * DAY_MS, **more})


@pytest.fixture
def admin(cluster):
    return Cli(cluster, "admin")


def life_of(cluster, code, asker="admin"):
    reply = cluster.reporter(asker).channel.call(10.0, get_dossier=pb.GetDossierRequest(dossier=code))
    assert len(reply.lives) <= 1
    return reply.lives[0] if reply.lives else None


def publish(cluster, publisher, events):
    assert not publisher.publish(events)
    cluster.reporting.wait_position(publisher.position)


def amounts(life):
    return [(line.day, line.unit, line.measure, line.amount) for line in life.counts]


def test_every_event_says_what_came_of_it(cluster, publisher, source):
    code = f"{source}-a"
    publish(cluster, publisher, [
        received(code, due_at=NOON + 5 * DAY_MS),
        event(code, "again", "RECEIVED", 1, unit="t00000.b", procedure="1.000", field="dat-dai", channel="ONLINE",
              service_level="FULL"),
        event(code, "wrong", "RETURNED", 2),
        event(code, "not-so", "VOIDED", 3, voids="wrong"),
        event(code, "nothing", "VOIDED", 3, voids="not-there"),
        event(code, "moved", "TRANSFERRED", 4, unit="t00000.b"),
        event(code, "done", "HANDED_OVER", 6)])
    publish(cluster, publisher, [event(code, "done", "HANDED_OVER", 7)])    # one id, two contents
    life = life_of(cluster, code)
    fates = {line.event.event_id: (line.effective, line.voided, line.finding) for line in life.events}
    assert fates == {"e-1": (True, False, 0), "again": (False, False, pb.FINDING_KIND_IGNORED),
                     "wrong": (False, True, 0), "not-so": (True, False, 0),
                     "nothing": (False, False, pb.FINDING_KIND_VOID_UNMATCHED), "moved": (True, False, 0),
                     "done": (True, False, pb.FINDING_KIND_RESULT_IMPLIED)}
    assert [line.event.event_id for line in life.events] == sorted(
        fates, key=lambda event_id: next((line.event.occurred_at, line.event.kind, line.event.event_id)
                                         for line in life.events if line.event.event_id == event_id))
    assert all(line.source == source and line.position for line in life.events)
    assert (life.state, life.unit, life.due) == (pb.DOSSIER_STATE_RESOLVED, "t00000.b", "2024-02-04")
    assert [(line.kind, line.event_id, line.count) for line in life.outside] == [(pb.FINDING_KIND_CONFLICTING, "done", 1)]
    assert life.unit_name and life.procedure == "1.000" and life.field == "dat-dai"


def test_the_counts_are_those_of_the_reports(cluster, publisher, source):
    code = f"{source}-b"
    before = totals(cluster)
    publish(cluster, publisher, [received(code, due_at=NOON + 2 * DAY_MS), event(code, "more", "SUPPLEMENT_REQUESTED", 1),
                                 event(code, "came", "SUPPLEMENT_RECEIVED", 3, due_at=NOON + 8 * DAY_MS)])
    after, life = totals(cluster), life_of(cluster, code)
    for measure, number in after.items():
        mine = sum(line.amount for line in life.counts if line.measure == measure and line.day <= "2024-02-29")
        assert number - before[measure] == mine, measure
    assert (life.state, life.due) == (pb.DOSSIER_STATE_PROCESSING, "2024-02-07")
    assert ("2024-02-07", "t00000.a", "processing_overdue", 1) in amounts(life), "without an event, as its due day ends"
    assert [line.day for line in life.counts] == sorted(line.day for line in life.counts)


def totals(cluster):
    report = cluster.reporter().run_report("thong-ke", "t00000", ("2024-01-01", "2024-02-29"))
    return {column.id: cell.number for column, cell in zip(report.columns, report.rows[0].cells)}


@pytest.mark.parametrize("kinds, state", [
    (["SUBMITTED"], "AWAITING_RECEPTION"), (["SUBMITTED", "REFUSED"], "REFUSED"), (["RECEIVED", "STOPPED"], "STOPPED"),
    (["RECEIVED", "WITHDRAWN"], "WITHDRAWN"), (["RECEIVED", "RETURNED"], "RETURNED"), (["RESOLVED"], "UNSPECIFIED"),
    (["PETITION_RECEIVED"], "PETITION_OPEN"), (["PETITION_RECEIVED", "PETITION_RESOLVED"], "PETITION_RESOLVED")])
def test_states(cluster, publisher, source, kinds, state):
    carries = {"SUBMITTED": {"unit": "t00000.a", "procedure": "1.000"}, "REFUSED": {"unit": "t00000.a", "procedure": "1.000"},
               "PETITION_RECEIVED": {"unit": "t00000.a", "petition_class": "ADMINISTRATIVE"}}
    code = f"{source}-c"
    publish(cluster, publisher, [received(code, event_id=f"e-{n}") if kind == "RECEIVED"
                                 else event(code, f"e-{n}", kind, n + 1, **carries.get(kind, {})) for n, kind in enumerate(kinds)])
    life = life_of(cluster, code)
    assert life.state == getattr(pb, f"DOSSIER_STATE_{state}")
    if state == "UNSPECIFIED":
        assert [line.finding for line in life.events] == [pb.FINDING_KIND_ORPHAN] and not life.counts


def test_a_reader_sees_the_dossiers_of_its_units(cluster, publisher, source):
    """Also one that went to another unit; not one that it never had."""
    code = f"{source}-d"
    for name, units in (("of-a", "t00000.a"), ("of-b", "t00000.b"), ("of-1", "t00001")):
        cluster.add(name, role="agency", units=units)
    cluster.admit("of-1", service=cluster.reporting)
    publish(cluster, publisher, [received(code), event(code, "moved", "TRANSFERRED", 1, unit="t00000.b")])
    assert life_of(cluster, code, "of-a") == life_of(cluster, code, "of-b") == life_of(cluster, code)
    assert life_of(cluster, code, "of-1") is None
    assert life_of(cluster, f"{source}-unknown") is None
    with pytest.raises(Refused) as refused:
        life_of(cluster, "x" * 65)
    assert refused.value.code == pb.ERROR_CODE_INVALID


def test_the_command(cluster, publisher, source, admin):
    code = f"{source}-e"
    publish(cluster, publisher, [received(code, due_at=NOON + 5 * DAY_MS), event(code, "done", "RESOLVED", 2)])
    life, = admin.json("dossier", code)["dossiers"]
    assert (life["state"], life["unit"], life["due"]) == ("RESOLVED", "t00000.a", "2024-02-04")
    assert [(line["kind"], line["effect"]) for line in life["events"]] == [("RECEIVED", "EFFECTIVE"), ("RESOLVED", "EFFECTIVE")]
    assert {"day": "2024-02-01", "unit": "t00000.a", "measure": "resolved_early", "amount": 1, "procedure": "1.000",
            "field": "dat-dai", "channel": "ONLINE", "serviceLevel": "FULL", "petitionClass": ""} in life["counts"]
    text = admin.run("dossier", code).stdout
    for part in (f"Hồ sơ: {code}", "Tình trạng: Đã giải quyết", "Có hiệu lực", "Giải quyết trước hạn", "04/02/2024"):
        assert part in text
    assert "Resolved early" in admin.run("--lang", "en", "dossier", code).stdout
    assert "no-such-dossier" in admin.run("dossier", "no-such-dossier", code=1).stderr
