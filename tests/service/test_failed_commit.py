# SPDX-License-Identifier: Apache-2.0
"""Commits that fail. By the disk: whether it happened is unknown, so nothing is acknowledged and intake ends. For want of room,
or because a transaction changes too much: nothing happened, and counting goes on."""
import time

import pytest

from events import TREES, series
from histories import catalogue
from hosotest.cli import Cli
from hosotest.client import NoAnswer
from hosotest.cluster import Cluster
from hosotest.faults import build
from hosotest.journal import entries_of
from hosotest.protocol import pb

@pytest.fixture(scope="module")
def shim(tmp_path_factory):
    return build(tmp_path_factory.mktemp("shim"), "fail_sync")


@pytest.fixture(scope="module")
def store_shim(tmp_path_factory):
    return build(tmp_path_factory.mktemp("shim"), "fail_store")


def test_a_failed_commit_acknowledges_nothing_and_loses_nothing(tmp_path, shim):
    trigger = tmp_path / "fail"
    cluster = Cluster(sources=["s1", "s2"])
    cluster.intake.environment = {"LD_PRELOAD": shim, "HOSO_FAIL_SYNC": trigger, "ASAN_OPTIONS": "verify_asan_link_order=0"}
    with cluster:
        cluster.put_catalogue(catalogue(TREES))
        one, two = cluster.publisher("s1"), cluster.publisher("s2")
        events = {"s1": series("one", 300), "s2": series("two", 200)}
        assert not one.publish(events["s1"][:100]) and not two.publish(events["s2"][:100])
        acknowledged = one.next_sequence - 1
        for again in range(3):
            trigger.touch()
            part = events["s1"][acknowledged:acknowledged + 50]
            with pytest.raises(NoAnswer):
                one.append(acknowledged + 1, part, timeout_s=2.0)
            assert not trigger.exists() and cluster.intake.process.wait(20) == 1
            cluster.intake.process = None
            assert cluster.intake.log_text().count("intake.commit_failed") == again + 1
            cluster.intake.start()
            answer = one.append(acknowledged + 1, part)      # the same epoch, the same numbers: it compares
            assert answer.result in (pb.APPEND_RESULT_ACK, pb.APPEND_RESULT_DUPLICATE)
            acknowledged = answer.next_sequence - 1
        one.next_sequence = acknowledged + 1
        assert not one.publish(events["s1"][acknowledged:]) and not two.publish(events["s2"][100:])
        Cli(cluster, "admin").run("backup", tmp_path / "backup")
        held = [(e.source, e.dossier) for e in entries_of(tmp_path / "backup").values() if e]
        assert sorted(held) == sorted((source, event.dossier) for source in events for event in events[source])
        cluster.aggregation.wait_position(len(held) + 1)
        assert cluster.aggregation.gauges()["dossiers"] == 500


def test_a_batch_that_changes_too_much_is_counted_in_halves(store_shim):
    cluster = Cluster(sources=["s1"])
    cluster.aggregation.environment = {"LD_PRELOAD": store_shim, "HOSO_TXN_WRITES": "3000",
                                       "ASAN_OPTIONS": "verify_asan_link_order=0"}
    with cluster:
        cluster.put_catalogue(catalogue(TREES))
        cluster.aggregation.stop()
        publisher = cluster.publisher("s1")
        for start in range(0, 6000, 200):      # a block each
            assert not publisher.publish(series("large", 200, start))
        cluster.aggregation.start()
        cluster.aggregation.wait_position(6001)
        assert cluster.aggregation.gauges()["dossiers"] == 6000
        assert "aggregation.batch_halved" in cluster.aggregation.log_text()


def test_on_one_disk_the_journal_has_the_last_room(tmp_path):
    """Under 512 MiB what is derived waits while events are taken; under 256 MiB they are refused; with room all goes on."""
    free, shim = tmp_path / "free", build(tmp_path, "fail_disk")
    cluster = Cluster(sources=["s1"])
    services = [cluster.intake, cluster.aggregation, cluster.reporting]
    for service in services:
        service.environment = {"LD_PRELOAD": shim, "HOSO_FREE_BYTES": free, "ASAN_OPTIONS": "verify_asan_link_order=0"}

    def leave(mib):
        tmp_path.joinpath("new").write_text(str(mib << 20))
        tmp_path.joinpath("new").rename(free)

    def logged(service, text):
        begun = time.monotonic()
        while text not in service.log_text():
            assert time.monotonic() - begun < 60, service.log_tail()
            service.status()

    leave(10_000)
    with cluster:
        cluster.put_catalogue(catalogue(TREES))
        publisher = cluster.publisher("s1")
        assert not publisher.publish(series("room", 10))
        cluster.reporting.wait_position(publisher.position)
        before = int(publisher.position)
        leave(400)
        time.sleep(1.2)                    # it is measured once a second
        for start in range(10, 60, 10):
            assert not publisher.publish(series("room", 10, start))
        logged(cluster.aggregation, "aggregation.full")
        logged(cluster.reporting, "reporting.full")
        assert cluster.aggregation.status().cut.position == cluster.reporting.status().cut.position == before
        assert not cluster.aggregation.status().ready and cluster.intake.status().ready
        assert cluster.reporter().run_report("thong-ke", TREES[0].p, ("2024-01-01", "2024-12-31")).cut.position == before
        leave(200)
        taken = 60                         # a second's worth, until it is measured
        while publisher.append(publisher.next_sequence, series("room", 1, taken)).result == pb.APPEND_RESULT_ACK:
            taken, publisher.next_sequence = taken + 1, publisher.next_sequence + 1
        assert publisher.append(publisher.next_sequence, series("room", 1, taken)).result == pb.APPEND_RESULT_FULL
        leave(10_000)
        assert not publisher.publish(series("room", 10, taken))
        cluster.reporting.wait_position(publisher.position)
        for service, id in zip(services, ("intake", "aggregation", "reporting")):
            assert service.log_text().count(f'"{id}.full"') == service.log_text().count(f'"{id}.room"') == 1, service.log_tail()
        assert cluster.aggregation.gauges()["dossiers"] == taken + 10


@pytest.mark.parametrize("name", ["aggregation", "reporting"])
def test_a_full_store_is_logged_when_it_begins_and_when_it_ends(tmp_path, store_shim, name):
    full, cluster = tmp_path / "full", Cluster(sources=["s1"])
    service = getattr(cluster, name)
    service.environment = {"LD_PRELOAD": store_shim, "HOSO_FAIL_FULL": full, "ASAN_OPTIONS": "verify_asan_link_order=0"}
    with cluster:
        cluster.put_catalogue(catalogue(TREES))
        full.touch()
        publisher, begun = cluster.publisher("s1"), time.monotonic()
        assert not publisher.publish(series("full", 10))
        while f"{name}.full" not in service.log_text():
            assert time.monotonic() - begun < 20, service.log_tail()
            service.status()
        refused = time.monotonic()
        while time.monotonic() - refused < 3.5:     # three more attempts
            service.status()
        assert service.log_text().count(f'"{name}.full"') == 1, service.log_tail()
        full.unlink()
        service.wait_position(publisher.position)
        assert service.log_text().count(f'"{name}.room"') == 1, service.log_tail()
