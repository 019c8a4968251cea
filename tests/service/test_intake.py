# SPDX-License-Identifier: Apache-2.0
"""The publisher's protocol, answer by answer."""
import pytest

from events import NOON, TREES, received, series
from hosotest.client import Channel, Conflict, Fenced, NoAnswer, Refused, cells, make_event
from hosotest.protocol import pb
from histories import Tree, catalogue

ACK, DUPLICATE, GAP = pb.APPEND_RESULT_ACK, pb.APPEND_RESULT_DUPLICATE, pb.APPEND_RESULT_GAP
CONFLICT, FENCED, INVALID = pb.APPEND_RESULT_CONFLICT, pb.APPEND_RESULT_FENCED, pb.APPEND_RESULT_INVALID
NOT_OPEN = pb.APPEND_RESULT_NOT_OPEN


def end_of_journal(cluster):
    return cluster.intake.status().cut.position


# Sequences

def test_a_new_source_begins_at_one(cluster, source):
    granted = cluster.publisher(source).open()
    assert granted.next_sequence == 1 and granted.epoch > 0
    assert granted.max_events >= 1000 and granted.max_bytes >= 1 << 16
    assert granted.cut.incarnation and granted.cut.position == end_of_journal(cluster)


def test_ack_numbers_on(cluster, publisher, source):
    before = end_of_journal(cluster)
    answer = publisher.append(1, series(source, 3))
    assert (answer.result, answer.next_sequence, answer.cut.position) == (ACK, 4, before + 3)
    answer = publisher.append(4, series(source, 2, 3))
    assert (answer.result, answer.next_sequence, answer.cut.position) == (ACK, 6, before + 5)


def test_duplicate(cluster, publisher, source):
    first = publisher.append(1, series(source, 5))
    again = publisher.append(1, series(source, 5))
    assert (again.result, again.next_sequence, again.cut) == (DUPLICATE, 6, first.cut)
    part = publisher.append(2, series(source, 2, 1))
    assert (part.result, part.next_sequence, part.cut.position) == (DUPLICATE, 6, first.cut.position - 2)
    assert end_of_journal(cluster) == first.cut.position


def test_duplicates_across_appends_and_partly_new(cluster, publisher, source):
    publisher.append(1, series(source, 2))
    first = publisher.append(3, series(source, 2, 2))
    assert publisher.append(1, series(source, 4)).result == DUPLICATE
    answer = publisher.append(2, series(source, 5, 1))      # 2–4 are old, 5 and 6 new
    assert (answer.result, answer.next_sequence, answer.cut.position) == (ACK, 7, first.cut.position + 2)


def unnumbered(cluster, name, events):
    """An Append without sequences, from somebody who never opened."""
    channel = cluster.intake.channel(cluster.keys_of(name))
    try:
        return channel.call(10.0, append=pb.AppendRequest(events=events))
    finally:
        channel.close()


def received_by(cluster, unit="t00000.a"):
    """How many dossiers the unit of series() has received."""
    end = end_of_journal(cluster)
    report = cluster.reporter().run_report("thong-ke", unit, ("2000-01-01", "2098-12-31"), min_position=end)
    return cells(report)[unit]["received"]


def test_without_sequences(cluster, publisher, source):
    before, counted = end_of_journal(cluster), received_by(cluster)
    events = series(source, 3)
    answer = unnumbered(cluster, source, events)
    assert (answer.result, answer.next_sequence, answer.cut.position) == (ACK, 0, before + 3)
    again = unnumbered(cluster, source, events)    # journaled twice, counted once
    assert (again.result, again.cut.position) == (ACK, before + 6)
    numbered = publisher.append(1, series(source, 2, 3))   # its sequences and its epoch are as they were
    assert (numbered.result, numbered.next_sequence, numbered.cut.position) == (ACK, 3, before + 8)
    cluster.reporting.wait_position(before + 8)
    assert received_by(cluster) == counted + 5


def test_without_sequences_faults_are_named(cluster, source):
    before = end_of_journal(cluster)
    answer = unnumbered(cluster, source, [*series(source, 1), received(f"{source}-x", unit="nowhere")])
    assert (answer.result, [(fault.index, fault.field) for fault in answer.faults]) == (INVALID, [(1, "unit")])
    assert end_of_journal(cluster) == before
    answer = unnumbered(cluster, source, [])
    assert answer.result == INVALID
    channel = cluster.intake.channel(cluster.keys_of(source))
    request = pb.AppendRequest(epoch=7, events=series(source, 1))
    assert channel.call(10.0, append=request).result == INVALID     # an epoch, but no sequence
    channel.close()


def test_gap_journals_nothing(cluster, publisher, source):
    before = end_of_journal(cluster)
    answer = publisher.append(2, series(source, 1))
    assert (answer.result, answer.next_sequence) == (GAP, 1)
    assert end_of_journal(cluster) == before


@pytest.mark.parametrize("first, count", [(1, 3), (3, 1), (2, 9)])
def test_conflict_journals_nothing(cluster, publisher, source, first, count):
    end = publisher.append(1, series(source, 3)).cut.position
    other = [received(f"{source}-other-{n}") for n in range(count)]
    answer = publisher.append(first, other)
    assert (answer.result, answer.next_sequence) == (CONFLICT, 4)
    assert end_of_journal(cluster) == end
    with pytest.raises(Conflict):
        publisher.next_sequence = 1
        publisher.publish(other)


def test_a_new_epoch_fences_the_old(cluster, publisher, source):
    publisher.append(1, series(source, 1))
    second = cluster.publisher(source)
    granted = second.open()
    assert granted.epoch > publisher.epoch and granted.next_sequence == 2
    assert publisher.append(2, series(source, 1, 1)).result == FENCED
    assert publisher.append(1, series(source, 1)).result == FENCED
    with pytest.raises(Fenced):
        publisher.publish(series(source, 1, 1))
    assert second.append(2, series(source, 1, 1)).result == ACK


def test_without_an_epoch_nothing_is_taken(cluster, source):
    publisher = cluster.publisher(source)
    assert publisher.append(1, series(source, 1)).result == NOT_OPEN
    publisher.epoch = 12345
    assert publisher.append(1, series(source, 1)).result == NOT_OPEN


def test_sources_do_not_meet(cluster, serial):
    one, two = cluster.publisher("s1"), cluster.publisher("s2")
    code = f"both-{next(serial)}"
    for publisher in (one, two):
        first = publisher.open().next_sequence
        assert publisher.append(first, [received(code)]).result == ACK


def test_a_window_of_appends_is_answered_one_by_one(publisher, source):
    ids = {}
    for n in range(20):
        request = pb.AppendRequest(epoch=publisher.epoch, first_sequence=1 + 2 * n, events=series(source, 2, 2 * n))
        ids[publisher.channel.send(append=request)] = 2 * n + 3
    for _ in range(20):
        reply = publisher.channel.receive(5)
        assert reply.append.result == ACK and reply.append.cut.position
        assert ids.pop(reply.request_id) <= reply.append.next_sequence
    assert not ids


# Faults

SPOILED = [
    ({"event_id": ""}, "event_id"),
    ({"event_id": "x" * 65}, "event_id"),
    ({"dossier": ""}, "dossier"),
    ({"dossier": "đ" * 33}, "dossier"),
    ({"dossier": "line\nbreak"}, "dossier"),
    ({"kind": 0}, "kind"),
    ({"kind": 22}, "kind"),
    ({"occurred_at": 0}, "occurred_at"),
    ({"occurred_at": 946_684_800_000 - 1}, "occurred_at"),
    ({"occurred_at": 4_102_444_800_000}, "occurred_at"),
    ({"unit": ""}, "unit"),
    ({"unit": "nowhere"}, "unit"),
    ({"procedure": ""}, "procedure"),
    ({"procedure": "9.999"}, "procedure"),
    ({"field": ""}, "field"),
    ({"field": "no-such-field"}, "field"),
    ({"channel": 0}, "channel"),
    ({"channel": 9}, "channel"),
    ({"service_level": 0}, "service_level"),
    ({"service_level": -1}, "service_level"),
    ({"due_at": -5}, "due_at"),
    ({"due_at": 5_000_000_000_000}, "due_at"),
    ({"reason": "r" * 501}, "reason"),
    ({"kind": pb.KIND_VOIDED}, "voids"),
    ({"kind": pb.KIND_PETITION_RECEIVED}, "petition_class"),
    ({"kind": pb.KIND_TRANSFERRED, "unit": ""}, "unit"),
    ({"kind": pb.KIND_REFUSED, "procedure": "9.999"}, "procedure"),
]


@pytest.mark.parametrize("change, field", SPOILED, ids=[f"{f}-{n}" for n, (_, f) in enumerate(SPOILED)])
def test_invalid_names_the_field(cluster, publisher, source, change, field):
    before, event = end_of_journal(cluster), received(source)
    for name, value in change.items():
        setattr(event, name, value)
    answer = publisher.append(1, series(source, 1, 7) + [event])
    assert (answer.result, answer.next_sequence) == (INVALID, 1)
    assert [(fault.index, fault.field) for fault in answer.faults] == [(1, field)]
    assert len(answer.faults[0].reason) > 5
    assert end_of_journal(cluster) == before


def test_every_fault_is_listed(publisher, source):
    events = series(source, 10)
    events[2].unit, events[5].kind, events[9].procedure = "nowhere", 99, "none"
    answer = publisher.append(1, events)
    assert [(fault.index, fault.field) for fault in answer.faults] == [(2, "unit"), (5, "kind"), (9, "procedure")]


def test_at_most_a_hundred_faults_are_listed(publisher, source):
    events = series(source, 150)
    for event in events:
        event.unit = "nowhere"
    answer = publisher.append(1, events)
    assert answer.result == INVALID and [fault.index for fault in answer.faults] == list(range(100))


def test_a_publisher_gets_the_good_ones_through(cluster, publisher, source):
    before, events = end_of_journal(cluster), series(source, 300)
    for n in range(0, 300, 2):
        events[n].unit = "nowhere"
    publisher.chunk = 70
    faults = publisher.publish(events)
    assert sorted(event.dossier for event, _, _ in faults) == sorted(f"{source}-{n}" for n in range(0, 300, 2))
    assert {field for _, field, _ in faults} == {"unit"}
    assert end_of_journal(cluster) == before + 150
    assert publisher.open().next_sequence == 151


@pytest.mark.parametrize("events", [0, 4097])
def test_an_append_has_a_size(publisher, source, events):
    small = [make_event({"event_id": "e", "dossier": "d", "kind": "RESOLVED", "occurred_at": NOON})] * events
    answer = publisher.append(1, small)
    assert answer.result == INVALID and answer.faults[0].reason


def test_names_are_the_same_in_any_unicode_form(cluster, publisher, source):
    composed, decomposed = "hồ-sơ-" + source, "hô\u0300-so\u031b-" + source
    first = publisher.append(1, [received(composed)])
    assert publisher.append(1, [received(decomposed)]).result == DUPLICATE
    assert publisher.append(2, [received(decomposed)]).result == ACK    # another sequence, the same event: counted once
    cluster.aggregation.wait_position(first.cut.position + 1)


# Rights

def test_units_outside_the_subtree_are_refused(cluster, serial):
    name = f"narrow-{next(serial)}"
    cluster.add(name, role="source", units="t00000.b")
    publisher = cluster.admit(name)
    publisher.open()
    units = ["t00000.b", "t00000.c", "t00000.a", "t00000", "t00001.b"]    # its own, below it, beside, above, elsewhere
    answer = publisher.append(1, [received(f"{name}-{u}", unit=u) for u in units])
    assert answer.result == INVALID
    assert [(fault.index, fault.field) for fault in answer.faults] == [(2, "unit"), (3, "unit"), (4, "unit")]


@pytest.mark.parametrize("role", ["agency", "service", "admin"])
def test_only_sources_publish(cluster, serial, role):
    name = f"{role}-{next(serial)}"
    cluster.add(name, role=role, units="*" if role == "agency" else None)
    publisher = cluster.admit(name)
    for call in (publisher.open, lambda: publisher.append(1, series(name, 1))):
        with pytest.raises(Refused) as refused:
            call()
        assert refused.value.code == pb.ERROR_CODE_DENIED and refused.value.text


@pytest.mark.parametrize("role", ["source", "agency", "service"])
def test_only_an_admin_puts_the_catalogue(cluster, serial, role):
    name = f"{role}-{next(serial)}"
    cluster.add(name, role=role, units="*" if role != "service" else None)
    publisher = cluster.admit(name)
    with pytest.raises(Refused) as refused:
        publisher.put_catalogue(catalogue(TREES))
    assert refused.value.code == pb.ERROR_CODE_DENIED


def test_an_unknown_key_gets_no_answer(cluster):
    from hosotest.cluster import make_keys
    for service in cluster.services:
        channel = service.channel(make_keys())
        with pytest.raises(NoAnswer):
            channel.call(timeout_s=1.0, every_s=0.3, status=pb.StatusRequest())
        channel.close()
        assert service.status().service == service.name


def test_a_key_that_is_revoked_gets_no_further_answer(cluster, publisher, source):
    assert publisher.append(1, series(source, 1)).result == ACK
    entry = cluster.principals[source]
    cluster.remove(source)
    cluster.reload()
    cluster.admit("s1")
    denied = None
    for n in range(200):                          # the reload happens soon, not at once
        try:
            publisher.append(2 + n, series(source, 1, 1 + n), timeout_s=1.0)
        except (Refused, NoAnswer) as error:
            denied = error
            break
    assert denied is not None
    if isinstance(denied, Refused):
        assert denied.code == pb.ERROR_CODE_DENIED
    cluster.principals[source] = entry
    cluster.write_registry()
    cluster.admit(source)


def test_a_key_that_expired_gets_no_answer(cluster, serial):
    name = f"expired-{next(serial)}"
    cluster.add(name, role="source", units="*", expires="2024-01-01")
    cluster.reload()
    cluster.admit("s1")
    with pytest.raises((NoAnswer, Refused)):
        cluster.publisher(name).status(timeout_s=1.0)


def test_a_faulty_registry_leaves_the_one_in_force(cluster):
    good = cluster.registry.read_text()
    try:
        cluster.registry.write_text(good + "\n[broken]\nkey = nonsense\nrole = king\n")
        cluster.reload()
        publisher = cluster.publisher("s1")
        assert publisher.status().service == "intake"
        for service in cluster.services:
            assert service.status().service == service.name
    finally:
        cluster.registry.write_text(good)
        cluster.reload()


# Rubbish

def test_rubbish_is_survived(cluster, publisher, source):
    """Not protobuf, empty, several frames, too long, no body: the service goes on, and answers at most with INVALID."""
    raw = publisher.channel.socket
    for rubbish in (b"", b"\xff" * 50, b"\x08", bytes(range(256)) * 100):
        raw.send(rubbish)
    raw.send_multipart([b"a", b"b", b"c"])
    raw.send(pb.IntakeRequest(request_id=9).SerializeToString())
    answers = []
    while (reply := publisher.channel.receive(0.5)) is not None:
        answers.append(reply)
    assert all(a.WhichOneof("body") == "error" and a.error.code == pb.ERROR_CODE_INVALID for a in answers)
    assert publisher.append(1, series(source, 1)).result == ACK


def test_an_oversized_message_cuts_the_connection_and_nothing_else(cluster, source):
    bad = Channel(cluster.intake.endpoint, cluster.intake.keys.public, cluster.keys_of(source),
                  pb.IntakeRequest, pb.IntakeReply)
    bad.socket.send(b"\0" * (64 << 20))
    assert bad.receive(0.5) is None
    bad.close()
    assert cluster.intake.status().service == "intake"


# The catalogue

def test_the_same_catalogue_again_takes_no_position(cluster):
    admin, before = cluster.publisher("admin"), end_of_journal(cluster)
    answer = admin.put_catalogue(catalogue(TREES))
    assert answer.unchanged and end_of_journal(cluster) == before


def test_ids_may_not_disappear(cluster):
    admin, before = cluster.publisher("admin"), end_of_journal(cluster)
    with pytest.raises(Refused) as refused:
        admin.put_catalogue(catalogue([Tree(0)]))
    assert refused.value.code == pb.ERROR_CODE_INVALID and "t00001" in refused.value.text
    assert end_of_journal(cluster) == before


def spoil_catalogue(change):
    wrong = catalogue(TREES)
    change(wrong)
    return wrong


@pytest.mark.parametrize("change, named", [
    (lambda c: c.units.add(id="x", code="x", name="X", tier=pb.TIER_COMMUNE, parent="nowhere"), "nowhere"),
    (lambda c: c.units.append(c.units[1]), "t00000.a"),
    (lambda c: c.units.add(id="x" * 65, code="x", name="X", tier=pb.TIER_COMMUNE), "x"),
    (lambda c: c.procedures.add(id="p", name="P", field="no-such-field", service_level=pb.SERVICE_LEVEL_FULL), "no-such-field"),
    (lambda c: c.units.add(id="x", code="x", name="X", tier=pb.TIER_COMMUNE, valid_from="2024-02-30"), "2024-02-30"),
    (lambda c: setattr(c.units[0], "parent", "t00000.c"), "t00000"),
], ids=["parent", "overlap", "long id", "field", "date", "cycle"])
def test_a_faulty_catalogue_is_refused_whole(cluster, change, named):
    before = end_of_journal(cluster)
    with pytest.raises(Refused) as refused:
        cluster.publisher("admin").put_catalogue(spoil_catalogue(change))
    assert refused.value.code == pb.ERROR_CODE_INVALID and named in refused.value.text
    assert end_of_journal(cluster) == before
