# SPDX-License-Identifier: Apache-2.0
"""A commit that the disk fails: whether it happened is unknown, so nothing is acknowledged and intake ends."""
import pathlib
import subprocess

import pytest

from events import TREES, series
from histories import catalogue
from hosotest.cli import Cli
from hosotest.client import NoAnswer
from hosotest.cluster import Cluster
from hosotest.journal import entries_of
from hosotest.protocol import pb

SOURCE = pathlib.Path(__file__).parents[1] / "faults" / "fail_sync.c"


@pytest.fixture(scope="module")
def shim(tmp_path_factory):
    library = tmp_path_factory.mktemp("shim") / "fail_sync.so"
    subprocess.run(["cc", "-std=c17", "-D_GNU_SOURCE", "-shared", "-fPIC", "-o", library, SOURCE, "-ldl"], check=True)
    return library


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
