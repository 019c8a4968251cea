# SPDX-License-Identifier: Apache-2.0
"""Another local time: what was counted is counted anew from the journal, and reports go on meanwhile."""
import time

import pytest

from events import TREES, received
from histories import catalogue
from hosotest.cli import Cli
from hosotest.client import Refused, cells, make_event
from hosotest.cluster import Cluster
from hosotest.protocol import pb

LATE = 1_706_634_000_000                # 31 January 2024, 00:00 in UTC+7; still the 30th in UTC+6
UNIT = "t00000.a"
DAYS = {"+7": "2024-01-31", "+6": "2024-01-30"}


def day(reporter, text, position):
    report = reporter.run_report("thong-ke", UNIT, (text, text), min_position=position)
    return {measure: n for measure, n in cells(report)[UNIT].items() if n}


@pytest.fixture
def cluster():
    with Cluster(sources=["s1"]) as cluster:
        cluster.put_catalogue(catalogue(TREES))
        yield cluster


def wait_for(cluster, condition):
    deadline = time.monotonic() + 20
    while not condition():
        assert time.monotonic() < deadline, cluster.reporting.log_tail()
        time.sleep(0.05)


def late(number, **more):
    return received(f"late-{number}", occurred_at=LATE, **more)


def test_another_offset_counts_anew(cluster):
    """A correction after the change takes away what was added before it: without a recount, in another day's cell."""
    publisher = cluster.publisher("s1")
    assert not publisher.publish([late(n) for n in range(50)])
    assert day(cluster.reporter(), DAYS["+7"], publisher.position)["received"] == 50
    cluster.aggregation.wait_position(publisher.position)       # it is stored: what was only counted is gone with a stop
    for service in cluster.services:
        service.stop()
        service.configure(utc_offset_minutes=360)
        service.start()
    void = make_event({"event_id": "v", "dossier": "late-7", "kind": "VOIDED", "occurred_at": LATE, "voids": "e-1"})
    assert not publisher.publish([void])
    cluster.reporting.wait_position(publisher.position)
    reporter = cluster.reporter()
    assert day(reporter, DAYS["+6"], publisher.position) == {"received": 49, "processing_in_time": 49}
    assert day(reporter, DAYS["+7"], publisher.position) == {"carried_over": 49, "processing_in_time": 49}
    log = cluster.aggregation.log_text()
    assert log.count("aggregation.recount\"") == 1 and log.count("aggregation.recounted") == 1, log
    assert "fold" in log and "UTC+420" in log and "UTC+360" in log
    Cli(cluster, "admin").run("verify")
    cluster.aggregation.stop()
    cluster.aggregation.start()
    assert cluster.aggregation.log_text().count("aggregation.recount\"") == 1


def test_reporting_answers_from_its_copy_meanwhile(cluster):
    """While intake is away nothing can be counted: aggregation is not ready, and says why; reports are as before.
    The new copy is of other days than reporting's own, until it is set, too."""
    publisher = cluster.publisher("s1")
    assert not publisher.publish([late(n) for n in range(50)])
    reporter = cluster.reporter()
    before = day(reporter, DAYS["+7"], publisher.position)
    cluster.aggregation.wait_position(publisher.position)
    cluster.intake.stop()
    cluster.aggregation.stop()
    cluster.aggregation.configure(utc_offset_minutes=360)
    cluster.aggregation.start()
    status = cluster.aggregation.status()
    assert not status.ready and "counting anew" in status.reason, status
    for _ in range(20):
        assert day(reporter, DAYS["+7"], 0) == before
    cluster.intake.start()
    cluster.aggregation.wait_position(publisher.position)
    wait_for(cluster, lambda: "utc_offset_minutes" in cluster.reporting.status().reason)
    assert not cluster.reporting.status().ready
    with pytest.raises(Refused, match="utc_offset_minutes .* is not aggregation's") as refused:
        day(reporter, DAYS["+6"], 0)
    assert refused.value.code == pb.ERROR_CODE_NOT_READY
    cluster.reporting.stop()
    assert cluster.reporting.log_text().count("reporting.other_days") == 1
    cluster.reporting.configure(utc_offset_minutes=360)
    cluster.reporting.start()
    cluster.reporting.wait_position(publisher.position)
    assert day(cluster.reporter(), DAYS["+6"], publisher.position) == {"received": 50, "processing_in_time": 50}


def test_reporting_with_another_offset_answers_nothing(cluster):
    """Its own days are not those that its copy was counted in."""
    publisher = cluster.publisher("s1")
    assert not publisher.publish([late(0)])
    cluster.reporting.wait_position(publisher.position)
    for minutes, ready in ((360, False), (420, True)):
        cluster.reporting.stop()
        cluster.reporting.configure(utc_offset_minutes=minutes)
        cluster.reporting.start()
        wait_for(cluster, lambda: cluster.reporting.status().ready == ready)
        assert ("utc_offset_minutes" in cluster.reporting.status().reason) != ready
        assert cluster.reporting.log_text().count("reporting.other_days") == 1
    assert "UTC+420" in cluster.reporting.log_text() and "UTC+360" in cluster.reporting.log_text()
    assert day(cluster.reporter(), DAYS["+7"], publisher.position) == {"received": 1, "processing_in_time": 1}
