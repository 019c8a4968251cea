# SPDX-License-Identifier: Apache-2.0
"""Whose dossiers a source can touch: those of its space, and no others."""
import pytest

from events import NOON, TREES, received
from histories import catalogue
from hosotest.client import cells, make_event
from hosotest.cluster import Cluster
from hosotest.protocol import pb

DAY_MS = 86_400_000
MONTH = ("2024-01-01", "2024-01-31")
OURS, THEIRS = "t00000.a", "t00000.b"
EVENTS_MAX = 2000


@pytest.fixture(scope="module")
def cluster():
    spaces = {"portal": "province", "one-stop": "province"}
    with Cluster(sources=["owner", "stranger", "portal", "one-stop"], spaces=spaces) as cluster:
        cluster.put_catalogue(catalogue(TREES))
        yield cluster


def publish(cluster, name, *events):
    publisher = cluster.publisher(name)
    assert not publisher.publish([make_event(event) if isinstance(event, dict) else event for event in events])
    return publisher.position


def event(dossier, kind, event_id, hours=1, **more):
    return {"event_id": event_id, "dossier": dossier, "kind": kind, "occurred_at": NOON + hours * 3_600_000, **more}


def figures(cluster, position, unit=OURS):
    report = cluster.reporter().run_report("thong-ke", unit, MONTH, min_position=position)
    return {column: n for column, n in cells(report)[unit].items() if n}


def findings(cluster, position, dossier):
    cluster.reporting.wait_position(position)
    return {(pb.FindingKind.Name(f.kind)[len("FINDING_KIND_"):], f.space, f.source, f.count)
            for f in cluster.reporter().quality() if f.dossier == dossier}


def change(cluster, unit, before, position):
    after = figures(cluster, position, unit)
    return {column: after.get(column, 0) - before.get(column, 0) for column in {**before, **after}
            if after.get(column, 0) != before.get(column, 0)}


def test_another_source_cannot_touch_a_dossier(cluster):
    """An event without a unit needs no right to any: it is an orphan in the stranger's own space."""
    before = figures(cluster, publish(cluster, "owner", received("touched", unit=OURS)))
    position = publish(cluster, "stranger", event("touched", "RESOLVED", "x-1"), event("touched", "VOIDED", "x-2", voids="e-1"))
    assert figures(cluster, position) == before
    assert findings(cluster, position, "touched") == {("ORPHAN", "stranger", "stranger", 1),
                                                      ("VOID_UNMATCHED", "stranger", "stranger", 1)}


def test_another_source_cannot_claim_a_dossier(cluster):
    """An earlier reception under the same code is another dossier, of the stranger's own."""
    before = figures(cluster, publish(cluster, "owner", received("claimed", unit=OURS)))
    theirs = figures(cluster, 0, THEIRS)
    position = publish(cluster, "stranger", received("claimed", unit=THEIRS, occurred_at=NOON - DAY_MS))
    assert figures(cluster, position) == before
    assert change(cluster, THEIRS, theirs, position) == {"received": 1, "processing_in_time": 1}
    assert not findings(cluster, position, "claimed")
    lines = list(cluster.reporter().list_dossiers("thong-ke", "received", pb.Row(unit="t00000"), MONTH))
    assert {(line.space, line.unit) for line in lines if line.dossier == "claimed"} == {("owner", OURS), ("stranger", THEIRS)}


def test_another_source_cannot_transfer_a_dossier(cluster):
    before = figures(cluster, publish(cluster, "owner", received("transferred", unit=OURS)))
    theirs = figures(cluster, 0, THEIRS)
    position = publish(cluster, "stranger", event("transferred", "TRANSFERRED", "x-1", unit=THEIRS))
    assert figures(cluster, position) == before and not change(cluster, THEIRS, theirs, position)
    assert findings(cluster, position, "transferred") == {("ORPHAN", "stranger", "stranger", 1)}


def test_another_source_cannot_use_up_a_dossier(cluster):
    """The limit of events is of a dossier in its space: the owner still resolves its own."""
    before = figures(cluster, publish(cluster, "owner", received("used-up", unit=OURS)))
    publish(cluster, "stranger", *[event("used-up", "APOLOGY_SENT", f"x-{n}") for n in range(EVENTS_MAX + 5)])
    position = publish(cluster, "owner", event("used-up", "RESOLVED", "e-2"))
    assert change(cluster, OURS, before, position) == {"resolved_on_time": 1, "processing_in_time": -1, "result_waiting": 1}
    assert findings(cluster, position, "used-up") == {("ORPHAN", "stranger", "stranger", EVENTS_MAX),
                                                      ("OVER_LIMIT", "stranger", "stranger", 5)}


def test_sources_of_one_space_work_together(cluster):
    """The portal files, the one-stop software does the rest: one dossier, whichever journals first."""
    unit = "t00001"
    submitted = {"unit": unit, "procedure": "1.000"}
    publish(cluster, "portal", event("filed", "SUBMITTED", "p-1", hours=-1, **submitted))
    publish(cluster, "one-stop", received("filed", unit=unit), event("filed", "RESOLVED", "o-1"))
    position = publish(cluster, "portal", event("filed", "HANDED_OVER", "p-2", hours=2))
    assert figures(cluster, position, unit) == {"submitted": 1, "received": 1, "resolved_on_time": 1, "handed_over": 1}
    assert not findings(cluster, position, "filed")


def test_a_change_of_the_registry_rewrites_nothing(cluster):
    """The space is the events': what comes after the change belongs to another dossier, and a repeat is no new event."""
    unit, moved = "t00001.a", received("moved", unit="t00001.a")
    cluster.add("mover", role="source", units="*", space="old")
    cluster.admit("mover")
    before = figures(cluster, publish(cluster, "mover", moved), unit)
    cluster.add("mover", role="source", units="*", space="new", keys=cluster.keys_of("mover"))
    cluster.admit("mover")
    position = publish(cluster, "mover", event("moved", "RESOLVED", "e-2"))
    assert figures(cluster, position, unit) == before
    assert findings(cluster, position, "moved") == {("ORPHAN", "new", "mover", 1)}
    open_lines = list(cluster.reporter().list_open(unit, all=True))
    assert [(line.space, line.dossier) for line in open_lines] == [("old", "moved")]


def test_lists_tell_dossiers_of_two_spaces_apart_page_by_page(cluster):
    unit = "t00001.b"
    publish(cluster, "owner", *[received(f"page-{n}", unit=unit) for n in range(5)])
    position = publish(cluster, "stranger", *[received(f"page-{n}", unit=unit) for n in range(5)])
    cluster.reporting.wait_position(position)
    both = sorted((space, f"page-{n}") for space in ("owner", "stranger") for n in range(5))
    reporter = cluster.reporter()
    behind = list(reporter.list_dossiers("thong-ke", "received", pb.Row(unit=unit), MONTH, limit=3))
    assert sorted((line.space, line.dossier) for line in behind) == both
    assert sorted((line.space, line.dossier) for line in reporter.list_open(unit, limit=3, all=True)) == both


def test_a_code_of_two_spaces_has_two_lives(cluster):
    """Each with its own events; one who may not see a unit does not learn what stands there under the same code."""
    publish(cluster, "owner", received("twice", unit=OURS), event("twice", "RESOLVED", "e-1"))     # one id, two contents
    position = publish(cluster, "stranger", received("twice", unit=THEIRS), event("twice", "RESOLVED", "e-2"))
    cluster.reporting.wait_position(position)
    cluster.add("of-theirs", role="agency", units=THEIRS)
    cluster.admit("of-theirs", service=cluster.reporting)
    shown = {}
    for reader in ("admin", "of-theirs"):
        lives = cluster.reporter(reader).channel.call(10.0, get_dossier=pb.GetDossierRequest(dossier="twice")).lives
        shown[reader] = [(life.space, life.unit, [line.event.event_id for line in life.events],
                          [(line.event_id, line.source) for line in life.outside]) for life in lives]
    theirs = ("stranger", THEIRS, ["e-1", "e-2"], [])
    assert shown == {"admin": [("owner", OURS, ["e-1"], [("e-1", "owner")]), theirs], "of-theirs": [theirs]}
