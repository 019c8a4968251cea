# SPDX-License-Identifier: Apache-2.0
"""A peer goes away and comes back: said at once, asked again at once. And one that refuses is told from one that is silent."""
import time

from events import TREES, series
from histories import catalogue
from hosotest.cluster import Cluster

AT_ONCE_S = 2.5        # connections are tried once a second; the deadline of a question is five seconds and more


def wait_gauge(service, name, value, timeout_s=5.0):
    begun = time.monotonic()
    while service.gauges()[name] != value:
        assert time.monotonic() - begun < timeout_s, f"{service.name}: {name} is not {value}\n{service.log_tail()}"
        time.sleep(0.02)
    return time.monotonic() - begun


def restarted(peer, reader, publisher, name, away_s):
    """Kills the peer for a while; how long it takes until the reader knows, and until it has what is new."""
    peer.kill()
    gone = wait_gauge(reader, "connected", 0)
    time.sleep(away_s)
    peer.start()
    begun = time.monotonic()
    back = wait_gauge(reader, "connected", 1)
    publisher.publish(series(name, 5))
    reader.wait_position(publisher.position)
    print(f"{reader.name}: {peer.name} gone after {gone:.2f} s, back after {back:.2f} s, "
          f"new events after {time.monotonic() - begun:.2f} s")
    assert gone < 1.0 and back < AT_ONCE_S, (gone, back)


def test_a_peer_that_comes_back_is_asked_at_once():
    with Cluster(sources=["s1"]) as cluster:
        cluster.put_catalogue(catalogue(TREES))
        publisher = cluster.publisher("s1")
        publisher.publish(series("before", 5))
        cluster.reporting.wait_position(publisher.position)
        for away_s in (0.0, 3.0):
            restarted(cluster.aggregation, cluster.reporting, publisher, f"a{away_s}", away_s)
            restarted(cluster.intake, cluster.aggregation, publisher, f"i{away_s}", away_s)


def test_a_refusal_is_no_silence():
    """Aggregation's key is known to intake, but may not read its journal."""
    with Cluster(sources=["s1"]) as cluster:
        cluster.principals["aggregation"]["role"] = "source"
        cluster.principals["aggregation"]["units"] = "*"
        cluster.write_registry()
        cluster.intake.reload()
        cluster.aggregation.stop()
        cluster.aggregation.start()
        deadline = time.monotonic() + 10
        while "aggregation.journal_refused" not in cluster.aggregation.log_text():
            assert time.monotonic() < deadline, cluster.aggregation.log_tail()
            time.sleep(0.05)
        assert "refuses" in cluster.aggregation.status().reason
        time.sleep(6)       # it is asked again, and not told again
        assert cluster.aggregation.log_text().count("aggregation.journal_refused") == 1
        assert "aggregation.journal_silent" not in cluster.aggregation.log_text()


def test_the_next_of_several_peers():
    """Two addresses of aggregation in one setting, of which the first leads nowhere."""
    with Cluster(sources=["s1"]) as cluster:
        cluster.put_catalogue(catalogue(TREES))
        cluster.reporting.stop()
        endpoint, key = (cluster.reporting.settings[name] for name in ("aggregation", "aggregation_key"))
        cluster.reporting.configure(aggregation=f"tcp://127.0.0.1:1 {endpoint}", aggregation_key=f"{key} {key}")
        cluster.reporting.start()
        publisher = cluster.publisher("s1")
        publisher.publish(series("found", 5))
        cluster.reporting.wait_position(publisher.position, timeout_s=10)
        assert list(cluster.reporter().quality()) is not None
