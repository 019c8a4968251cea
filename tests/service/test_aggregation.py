# SPDX-License-Identifier: Apache-2.0
"""The ledger's endpoint as a replica sees it: snapshot, changes, long poll, rights."""
import time

import pytest

from events import received, series
from hosotest.client import NoAnswer, Refused
from hosotest.protocol import pb


@pytest.fixture
def channel(cluster):
    channel = cluster.aggregation.channel()
    yield channel
    channel.close()


def changes(channel, after, part=0, wait_ms=0, max_bytes=1 << 20):
    return channel.call(20.0, every_s=15.0, changes=pb.ChangesRequest(after_position=after, part=part, max_bytes=max_bytes,
                                                                      wait_ms=wait_ms))


def apply_changes(channel, entries, position):
    """Follows the changes from `position` to the end, as a replica does. Parts of a batch are one transaction."""
    while True:
        answer = changes(channel, position)
        if not answer.parts:
            return position
        assert answer.parts[0].from_position <= position < answer.parts[0].to_position
        parts = list(answer.parts)
        while not parts[-1].last:
            parts += changes(channel, parts[-1].from_position, part=parts[-1].part + 1).parts
        for part in parts:
            for entry in part.entries:
                if entry.value:
                    entries[entry.key] = entry.value
                else:
                    entries.pop(entry.key, None)
            if part.last:
                position = part.to_position


def test_a_replica_that_follows_changes_equals_a_snapshot(cluster, channel, publisher, source):
    publisher.publish(series(source, 50))
    cluster.aggregation.wait_position(publisher.position)
    entries, cut = cluster.ledger()
    for n in range(5):
        publisher.publish(series(source, 40, 50 + 40 * n))
    cluster.aggregation.wait_position(publisher.position)
    position = apply_changes(channel, entries, cut.position)
    fresh, end = cluster.ledger()
    assert (entries, position) == (fresh, end.position)


def test_pages_of_any_size_make_the_same_snapshot(cluster, channel, publisher, source):
    publisher.publish(series(source, 50))
    cluster.aggregation.wait_position(publisher.position)
    whole, _ = cluster.ledger()
    small, after = {}, b""
    while True:
        page = channel.call(snapshot=pb.SnapshotRequest(after_key=after, max_bytes=1))
        small.update((entry.key, entry.value) for entry in page.entries)
        if page.last:
            break
        assert page.entries and page.entries[-1].key > after
        after = page.entries[-1].key
    assert small == whole and all(whole.values())


def test_a_long_poll_ends_when_there_is_something(cluster, channel, publisher, source):
    cluster.aggregation.wait_position(cluster.intake.status().cut.position)
    end = cluster.aggregation.status().cut.position
    channel.send(changes=pb.ChangesRequest(after_position=end, wait_ms=10_000, max_bytes=1 << 20))
    assert channel.receive(0.3) is None
    publisher.publish(series(source, 1))
    began = time.monotonic()
    reply = channel.receive(9)
    assert reply.changes.parts[0].from_position <= end < reply.changes.parts[0].to_position
    assert time.monotonic() - began < 5


def test_a_long_poll_ends_when_its_time_is_up(cluster, channel):
    cluster.aggregation.wait_position(cluster.intake.status().cut.position)
    end = cluster.aggregation.status().cut.position
    began = time.monotonic()
    assert not changes(channel, end, wait_ms=300).parts
    assert 0.2 < time.monotonic() - began < 3


def test_a_position_of_the_future_is_waited_for(cluster, channel):
    """A replica may be ahead of an aggregation that folds the journal anew: it is neither answered nor sent back."""
    answer = changes(channel, cluster.aggregation.status().cut.position + 1_000_000, wait_ms=50)
    assert not answer.parts and not answer.snapshot_needed and answer.cut.incarnation


def test_a_part_that_a_batch_does_not_have(cluster, channel, publisher, source):
    """A replica asks for it when aggregation was killed and made other batches of the same events."""
    cluster.aggregation.wait_position(cluster.intake.status().cut.position)
    end = cluster.aggregation.status().cut.position
    for n in range(2):
        publisher.publish(series(source, 1, n))
        cluster.aggregation.wait_position(publisher.position)
    assert [part.part for part in changes(channel, end).parts] == [0, 0]
    answer = changes(channel, end, part=1)
    assert not answer.parts and not answer.snapshot_needed


def test_dossiers_of_a_position_that_does_not_come(channel):
    began = time.monotonic()
    with pytest.raises(Refused) as refused:
        channel.call(20.0, every_s=15.0, scan_quality=pb.ScanQualityRequest(
            limit=1, min_position=1 << 40, min_incarnation=channel.call(20.0, status=pb.StatusRequest()).cut.incarnation))
    assert refused.value.code == pb.ERROR_CODE_NOT_READY and "1099511627776" in str(refused.value)
    assert 4 < time.monotonic() - began < 10


@pytest.mark.parametrize("role", ["source", "agency"])
@pytest.mark.parametrize("body", [{"changes": pb.ChangesRequest()}, {"snapshot": pb.SnapshotRequest()},
                                  {"scan_dossiers": pb.ScanDossiersRequest()}, {"scan_quality": pb.ScanQualityRequest()}])
def test_only_services_and_admins_read_the_ledger(cluster, serial, role, body):
    name = f"{role}-{next(serial)}"
    cluster.add(name, role=role, units="*")
    cluster.reload()
    for _ in range(50):                      # until the registry is read: a key that is not known has no answer
        channel = cluster.aggregation.channel(cluster.keys_of(name))
        try:
            with pytest.raises(Refused) as refused:
                channel.call(0.3, **body)
            break
        except NoAnswer:
            continue
        finally:
            channel.close()
    assert refused.value.code == pb.ERROR_CODE_DENIED


def test_rubbish_is_survived(cluster, channel):
    for rubbish in (b"", b"\xff" * 50, bytes(range(256)) * 100):
        channel.socket.send(rubbish)
    channel.socket.send_multipart([b"a", b"b"])
    while (reply := channel.receive(0.3)) is not None:
        assert reply.error.code == pb.ERROR_CODE_INVALID
    assert cluster.aggregation.status().service == "aggregation"


def test_dossier_with_very_many_events(cluster, publisher, source):
    """Beyond its limit one dossier's events are findings, and everything else goes on."""
    many = [received(f"{source}-long", event_id="first")]
    many += [received(f"{source}-long", event_id=f"e{n}") for n in range(2100)]
    assert not publisher.publish(many)
    cluster.aggregation.wait_position(publisher.position, timeout_s=60)
    over = [f for f in cluster.reporter().quality(kind=pb.FINDING_KIND_OVER_LIMIT) if f.dossier == f"{source}-long"]
    assert [f.count for f in over] == [101]
