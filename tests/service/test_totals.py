# SPDX-License-Identifier: Apache-2.0
"""Live totals: every subscriber ends with what the report thong-ke says, whatever happened on the way."""
import datetime
import time

import pytest

from events import TREES, received, series
from histories import catalogue
from hosotest.client import cells, make_event
from hosotest.cluster import Cluster
from hosotest.totals import Follower

PUBLISHED_DAY = datetime.date(2024, 1, 30)     # of series() and received()


def shift_to(date, time_of_day):
    """The setting that makes the feed's clock show this local time now."""
    then = datetime.datetime.combine(date, time_of_day, datetime.timezone(datetime.timedelta(hours=7)))
    return int(then.timestamp() - time.time())


def wanted(reporter, root, day, position=0):
    """What the report says the totals of all units below `root` are, in the form of Totals.values()."""
    first_days = [day, day.replace(day=1), day.replace(month=1, day=1)]
    spans = [reporter.run_report("thong-ke", root, (first.isoformat(), day.isoformat()), min_position=position)
             for first in first_days]
    stocks = set()
    today, month, year = (cells(report) for report in spans)
    result = {}
    for unit in today:
        values = {}
        for measure in today[unit]:
            if measure in FLOWS:
                values[measure] = tuple(span[unit][measure] for span in (today, month, year))
            elif measure in STOCKS:
                values[measure] = today[unit][measure]
        result[unit] = {k: v for k, v in values.items() if v not in (0, (0, 0, 0))}
    return result


STOCKS = ["processing_in_time", "processing_overdue", "waiting_supplement", "waiting_payment", "stopped",
          "awaiting_reception", "result_waiting", "petition_open_in_time", "petition_open_overdue"]
FLOWS = ["received", "out_of_territory", "resolved_early", "resolved_on_time", "resolved_late_apology",
         "resolved_late_no_apology", "returned", "withdrawn", "refused", "handed_over", "transferred_in", "transferred_out",
         "components_digitised", "result_digitised", "paid_online", "submitted", "petition_received",
         "petition_resolved_on_time", "petition_resolved_late"]


@pytest.fixture(scope="module")
def cluster():
    cluster = Cluster(sources=["s1", "s2"])
    cluster.add("agency", role="agency", units="t00000.a")
    cluster.reporting.configure(totals_clock_shift_s=shift_to(PUBLISHED_DAY, datetime.time(12)))
    with cluster:
        cluster.put_catalogue(catalogue(TREES))
        yield cluster


@pytest.fixture
def follower(cluster):
    followers = []

    def make(name="agency", **options):
        followers.append(Follower(cluster, name, **options))
        return followers[-1]
    yield make
    for each in followers:
        each.close()


def test_a_subscriber_ends_with_what_the_report_says(cluster, follower):
    publisher = cluster.publisher("s1")
    live = follower()
    live.follow(lambda totals: True)
    for n in range(10):
        publisher.publish(series("end", 20, 20 * n))
        live.pump()
    totals = live.follow_position(publisher.position)
    assert totals.day == PUBLISHED_DAY.isoformat()
    for root in ("t00000", "t00001"):
        expected = wanted(cluster.reporter(), root, PUBLISHED_DAY, publisher.position)
        assert {unit: totals.values()[unit] for unit in expected} == expected
    assert totals.values()["t00000"]["received"][0] >= 200 and totals.starts == 1
