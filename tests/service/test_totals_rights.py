# SPDX-License-Identifier: Apache-2.0
"""Who sees which live totals, with and without totals_follow_rights: the table in SECURITY.md."""
import pytest
import zmq
from zmq.utils.monitor import recv_monitor_message

from events import TREES, series
from histories import catalogue
from hosotest.client import Refused
from hosotest.cluster import Cluster
from hosotest.protocol import pb

NAMES = {"all": {"role": "agency", "units": "*"}, "part": {"role": "agency", "units": "t00000"},
         "sender": {"role": "source", "units": "t00000"}, "gateway": {"role": "gateway"}}


@pytest.fixture(scope="module", params=[0, 1])
def site(request):
    cluster = Cluster(sources=["s1"])
    for name, how in NAMES.items():
        cluster.add(name, **how)
    cluster.reporting.configure(totals_follow_rights=request.param)
    with cluster:
        cluster.put_catalogue(catalogue(TREES))
        publisher = cluster.publisher("s1")
        assert not publisher.publish(series("rights", 5))
        cluster.reporting.wait_position(publisher.position)
        cluster.follower("admin").follow_position(publisher.position)
        cluster.follow_rights = request.param
        yield cluster


def snapshot(cluster, name, unit, **more):
    """The units of the answer, or None where it is denied."""
    channel = cluster.reporting.channel(cluster.keys_of(name))
    try:
        answer = channel.call(30.0, every_s=5.0, totals_snapshot=pb.TotalsSnapshotRequest(unit=unit), **more)
        return {unit.totals.path[-1] for unit in answer.units}
    except Refused as refused:
        assert refused.code == pb.ERROR_CODE_DENIED and refused.field == "unit", refused
        return None
    finally:
        channel.close()


def test_snapshots(site):
    whole = snapshot(site, "admin", "")
    assert {"t00000", "t00000.a", "t00001", "t00001.c"} <= whole
    for name in ("admin", "reporting", "all", "s1", "gateway"):
        assert snapshot(site, name, "") == whole
    for name in ("part", "sender"):
        assert snapshot(site, name, "t00000.a") == {"t00000.a"}
        assert snapshot(site, name, "") == (None if site.follow_rights else whole), name
        assert (snapshot(site, name, "t00001.c") is None) == bool(site.follow_rights), name


def test_a_principal_that_the_gateway_names_has_its_own_rights(site):
    assert snapshot(site, "gateway", "", principal="all")
    assert snapshot(site, "gateway", "t00000", principal="part")
    for unit in ("", "t00001"):
        assert (snapshot(site, "gateway", unit, principal="part") is None) == bool(site.follow_rights)


REFUSED = (zmq.EVENT_HANDSHAKE_FAILED_AUTH, zmq.EVENT_HANDSHAKE_FAILED_NO_DETAIL, zmq.EVENT_DISCONNECTED)


def may_enter(cluster, name):
    """What comes of a subscriber's handshake with the feed."""
    parameters, keys = cluster.follower_parameters(name), cluster.keys_of(name)
    with zmq.Context.instance().socket(zmq.SUB) as socket:
        monitor = socket.get_monitor_socket()
        socket.curve_serverkey = parameters["server_key"].encode()
        socket.curve_publickey, socket.curve_secretkey = keys.public.encode(), keys.secret.encode()
        socket.connect(parameters["feed"])
        event = 0
        while event not in (zmq.EVENT_HANDSHAKE_SUCCEEDED, *REFUSED):
            assert monitor.poll(30_000)
            event = recv_monitor_message(monitor)["event"]
        socket.disable_monitor()
        return event == zmq.EVENT_HANDSHAKE_SUCCEEDED


def test_the_feed_itself(site):
    for name in ("admin", "all", "gateway"):
        assert may_enter(site, name), name
    for name in ("part", "sender"):
        assert may_enter(site, name) != bool(site.follow_rights), name
