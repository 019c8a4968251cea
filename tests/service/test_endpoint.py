# SPDX-License-Identifier: Apache-2.0
"""What every endpoint promises: a request that cannot be read is answered with its own id, and a catalogue may come in parts."""
import pytest

from events import TREES
from histories import catalogue
from hosotest.client import Refused
from hosotest.cluster import Cluster
from hosotest.protocol import pb

PART = 256 << 10


@pytest.mark.parametrize("name", ["intake", "aggregation", "reporting"])
def test_a_malformed_request_is_answered_with_its_id(cluster, name):
    """Its caller must not wait for its timeout: whichever service it is, and wherever in the message the id stands."""
    channel = getattr(cluster, name).channel()
    field = {"intake": 5, "aggregation": 6, "reporting": 8}[name]
    broken = bytes([field << 3 | 2, 5, 8])                                       # a Status cut short
    misplaced = bytes([field << 3 | 2, 2, 0x12, 9])                              # with a text cut short in it
    for request_id, message in [(71, bytes([8, 71]) + broken), (72, bytes([8, 72]) + misplaced),
                                (73, misplaced + bytes([8, 73]))]:
        channel.socket.send(message)
        reply = channel.receive(5)
        assert reply is not None and reply.request_id == request_id
        assert reply.error.code == pb.ERROR_CODE_INVALID and reply.error.text
    channel.close()


@pytest.fixture
def admin(cluster):
    channel = cluster.intake.channel()
    yield channel
    channel.close()


def part(number, data, total, last=False, upload=1):
    return pb.PutCataloguePartRequest(id=upload, part=number, data=data, last=last, total_bytes=total)


def put(channel, packed, size=PART, upload=1):
    """Sends all parts; the last one's answer."""
    pieces = [packed[at:at + size] for at in range(0, len(packed), size)]
    for number, piece in enumerate(pieces[:-1]):
        answer = channel.call(put_catalogue_part=part(number, piece, len(packed), upload=upload))
        assert answer.next_part == number + 1
    return channel.call(put_catalogue_part=part(len(pieces) - 1, pieces[-1], len(packed), True, upload))


def refused(call):
    with pytest.raises(Refused) as error:
        call()
    return error.value


def test_a_catalogue_in_parts_is_the_same_catalogue(cluster, admin):
    packed, before = catalogue(TREES).SerializeToString(), cluster.intake.status().cut.position
    for size in (len(packed), 100, 7):
        assert put(admin, packed, size).unchanged
    assert cluster.intake.status().cut.position == before


def large_catalogue(procedures=12000):
    """Over the 2 MiB of one message to intake."""
    large = catalogue(TREES)
    for n in range(procedures):
        large.procedures.add(id=f"large-{n}", name="Thủ tục " + "rất dài " * 20, field=large.fields[0].id,
                             service_level=pb.SERVICE_LEVEL_FULL)
    return large


def test_a_large_catalogue_comes_in_parts_and_goes_out_whole():
    large = large_catalogue()
    packed = large.SerializeToString()
    assert 2 << 20 < len(packed) < 6 << 20
    with Cluster() as cluster:
        channel = cluster.intake.channel()
        cluster.reporting.wait_position(put(channel, packed).cut.position)
        channel.close()
        assert cluster.reporter().get_catalogue().catalogue == large


def test_parts_that_do_not_fit(cluster, admin):
    """Each refusal says what is wrong, and drops the upload."""
    packed = catalogue(TREES).SerializeToString()

    def send(*arguments, **more):
        return admin.call(put_catalogue_part=part(*arguments, **more))

    assert "begin again" in refused(lambda: send(1, packed, len(packed))).text
    send(0, packed[:50], len(packed))
    assert "begin again" in refused(lambda: send(2, packed[50:], len(packed), True)).text
    send(0, packed[:50], len(packed))
    assert "begin again" in refused(lambda: send(1, packed[50:], len(packed), True, upload=2)).text
    send(0, packed[:50], len(packed))
    assert f"{len(packed)} bytes, not" in refused(lambda: send(1, packed[50:], len(packed) + 1, True)).text
    assert "at most 262144" in refused(lambda: send(0, bytes(PART + 1), PART + 1)).text
    assert "at most 16777216" in refused(lambda: send(0, b"", 17 << 20)).text
    assert "begin again" in refused(lambda: send(1, packed[50:], len(packed), True)).text
    assert refused(lambda: send(0, b"\xff\xff", 2, True)).code == pb.ERROR_CODE_INVALID
    assert put(admin, packed).unchanged


def test_uploads_are_few_and_each_its_own(cluster, serial):
    """Four keys upload at once; a fifth waits; none can add to another's."""
    packed, channels = catalogue(TREES).SerializeToString(), []
    for _ in range(5):
        name = f"admin-{next(serial)}"
        cluster.add(name, role="admin")
        channels.append(cluster.admit(name).channel)
    for channel in channels[:4]:
        channel.call(put_catalogue_part=part(0, packed[:50], len(packed)))
    assert refused(lambda: channels[4].call(put_catalogue_part=part(0, packed[:50], len(packed)))).code == pb.ERROR_CODE_BUSY
    for channel in channels[:4]:
        assert channel.call(put_catalogue_part=part(1, packed[50:], len(packed), True)).unchanged
    assert put(channels[4], packed).unchanged


def test_only_an_admin_uploads(publisher):
    assert refused(lambda: publisher.channel.call(put_catalogue_part=part(0, b"x", 1))).code == pb.ERROR_CODE_DENIED
