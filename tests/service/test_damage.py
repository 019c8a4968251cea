# SPDX-License-Identifier: Apache-2.0
"""What a disk changed never becomes a wrong figure: a bit of a store's file flips while its service is stopped. The
service answers as before, or makes its store anew, or says what to do and stays down."""
import random
import time

import pytest

from events import received
from histories import Tree, catalogue
from hosotest.client import NoAnswer, Refused, cells
from hosotest.cluster import Cluster
from hosotest.protocol import pb

YEAR = ("2024-01-01", "2024-12-31")
ROUNDS = 40
PAGE = 4096


@pytest.fixture(scope="module")
def site():
    with Cluster(sources=["shop"]) as cluster:
        cluster.put_catalogue(catalogue([Tree(0)]))
        publisher = cluster.publisher("shop")
        units = ["t00000.a", "t00000.b", "t00000.c"]
        publisher.publish([received(f"d{n}", unit=units[n % 3]) for n in range(600)])
        position = publisher.position
        publisher.close()
        cluster.reporting.wait_position(position)
        yield cluster, position


def report(cluster, timeout_s=60):
    """The figures, once the service can tell them; None if it ended."""
    service, deadline = cluster.reporting, time.monotonic() + timeout_s
    while service.process.poll() is None:
        assert time.monotonic() < deadline, service.log_tail()
        try:
            service.status(timeout_s=0.3)
        except NoAnswer:
            continue
        reporter = cluster.reporter()
        try:
            request = pb.RunReportRequest(form="thong-ke", unit="t00000", period=pb.Period(**{"from": YEAR[0], "to": YEAR[1]}))
            return cells(reporter.channel.call(2, run_report=request))
        except Refused as refused:
            assert refused.code == pb.ERROR_CODE_NOT_READY, refused
        except NoAnswer:
            pass
        finally:
            cluster.open_clients.remove(reporter)
            reporter.close()
    return None


def start_until_it_stays(service, ask):
    """As a supervisor does: again after an end with 1, not after one with 2. Returns the answer, None = it stays down."""
    for _ in range(4):
        service.start(wait=False)
        answer = ask()
        if answer is not None:
            return answer
        code = service.process.wait(10)
        service.process = None
        assert code in (1, 2), f"{code}\n{service.log_tail()}"
        assert "service.damaged" in service.log_text() or "service.refused" in service.log_text()
        if code == 2:
            return None
    raise AssertionError(f"{service.name} does not come back\n{service.log_tail()}")


def flip(path, at):
    with open(path, "r+b") as file:
        file.seek(at)
        byte = file.read(1)[0]
        file.seek(at)
        file.write(bytes([byte ^ 1 << at % 8]))


def places(data, rng):
    """Bytes of the whole file, and of the pages that hold records or are likely to: many pages are free."""
    used = [at for at in range(0, len(data), PAGE) if b"t00000" in data[at:at + PAGE] or at < 2 * PAGE]
    return [rng.randrange(len(data)) if n % 4 == 0 else rng.choice(used) + rng.randrange(PAGE) for n in range(ROUNDS)]


def test_a_damaged_copy_gives_no_wrong_figure(site):
    cluster, _ = site
    service, rng = cluster.reporting, random.Random(1)
    right = report(cluster)
    assert right["t00000"]["received"] == 600
    assert service.stop() == 0
    data = service.data / "data.mdb"
    sound, seen = data.read_bytes(), {"same": 0, "anew": 0, "down": 0}
    for at in places(sound, rng):
        data.write_bytes(sound)
        (service.data / "owner.lock").unlink()
        flip(data, at)
        service.log.write_text("")
        answer = start_until_it_stays(service, lambda: report(cluster))
        anew = "service.store_made_anew" in service.log_text()
        if answer is None:
            seen["down"] += 1
            assert "empty the directory" in service.log_text()
            continue
        assert answer == right, service.log_tail()
        assert service.gauges()["store_made_anew"] == anew
        seen["anew" if anew else "same"] += 1
        assert service.stop() == 0
    assert seen["anew"] and seen["same"], seen
    service.wipe()
    service.start()
    assert report(cluster) == right


def test_a_copy_damaged_in_use_is_made_anew(site):
    """The open copy is changed on disk all over: the next report meets it, and no answer is wrong."""
    cluster, _ = site
    service = cluster.reporting
    right = report(cluster)
    service.log.write_text("")
    data = service.data / "data.mdb"
    for at in range(2 * PAGE, data.stat().st_size, 17):
        flip(data, at)
    assert report(cluster) is None
    assert service.process.wait(10) in (1, 2)
    service.process = None
    assert "service.damaged" in service.log_text()
    if start_until_it_stays(service, lambda: report(cluster)) != right:
        service.wipe()
        service.start()
    assert report(cluster) == right


def cells_of(cluster):
    """Families 2 and 3: docs/ledger-format.md."""
    return {key: value for key, value in cluster.ledger()[0].items() if key[0] in (2, 3)}


def test_damaged_counters_are_counted_anew(site):
    """Aggregation meets the damage where a dossier's history is or should be: its space, `shop`, is in the key. The journal
    has everything."""
    cluster, position = site
    service = cluster.aggregation
    before = cells_of(cluster)
    assert service.stop() == 0
    data = service.data / "data.mdb"
    bytes_of = bytearray(data.read_bytes())
    at = bytes_of.find(b"e-1", 2 * PAGE)       # the id of an event
    while at >= 0:
        bytes_of[at] ^= 1
        at = bytes_of.find(b"e-1", at)
    data.write_bytes(bytes_of)
    service.start()
    publisher = cluster.publisher("shop")
    publisher.publish([received(f"d{n}", event_id="z", unit="t00000.a") for n in range(600)])
    assert service.process.wait(30) == 1 and "service.damaged" in service.log_text()
    service.process = None
    service.start()
    assert "service.store_made_anew" in service.log_text()
    service.wait_position(publisher.position)
    assert publisher.position > position and cells_of(cluster) == before, "a second reception counts nothing"
    cluster.reporting.wait_position(publisher.position)
    assert report(cluster)["t00000"]["received"] == 600
