# SPDX-License-Identifier: Apache-2.0
"""A key with the role gateway acts for principals, and for itself may do next to nothing."""
import pytest

from events import series
from hosotest.client import Refused
from hosotest.protocol import pb

FORMS = {"list_forms": pb.ListFormsRequest()}


@pytest.fixture(scope="module")
def acting(cluster):
    """Asks a service as a gateway that names a principal."""
    cluster.add("gateway", role="gateway")
    cluster.add("clerk", role="agency", units="t00000.a")
    cluster.admit("gateway", service=cluster.reporting)
    cluster.admit("clerk")

    def ask(service, principal, key="gateway", **body):
        channel = service.channel(cluster.keys_of(key))
        try:
            return channel.call(10.0, principal=principal, **body)
        finally:
            channel.close()
    return ask


def test_it_has_the_principals_rights(cluster, acting):
    units = acting(cluster.reporting, "clerk", list_units=pb.ListUnitsRequest(unit="t00000.a")).units
    assert units == cluster.reporter("clerk").list_units("t00000.a")
    with pytest.raises(Refused, match='"clerk" has no right'):
        acting(cluster.reporting, "clerk", list_units=pb.ListUnitsRequest(unit="t00001.a"))
    with pytest.raises(Refused, match="publishing needs the role source"):
        acting(cluster.intake, "clerk", append=pb.AppendRequest(events=series("acting", 1)))


def test_the_principal_is_the_source(cluster, acting, source, publisher):
    answer = acting(cluster.intake, source, append=pb.AppendRequest(events=series(source, 3)))
    assert answer.result == pb.APPEND_RESULT_ACK
    assert publisher.append(1, series(source, 3)).result == pb.APPEND_RESULT_ACK    # its sequences are untouched


@pytest.mark.parametrize("principal", ["", "nobody", "gateway", "reporting", "x" * 65])
def test_for_whom_it_may_not_act(cluster, acting, principal):
    with pytest.raises(Refused):
        acting(cluster.reporting, principal, **FORMS)


@pytest.mark.parametrize("key", ["admin", "clerk"])
def test_nobody_else_acts_for_others(cluster, acting, key):
    assert acting(cluster.reporting, "", key=key, **FORMS)
    with pytest.raises(Refused, match="that takes the role gateway"):
        acting(cluster.reporting, "admin", key=key, **FORMS)


def test_who_loses_a_right_loses_it_there_too(cluster, acting):
    cluster.add("leaver", role="agency", units="*")
    cluster.admit("leaver", service=cluster.reporting)
    assert acting(cluster.reporting, "leaver", **FORMS)
    cluster.add("leaver", role="agency", units="*", expires="2024-01-01")
    cluster.reload()
    with pytest.raises(Refused):
        for _ in range(500):
            acting(cluster.reporting, "leaver", **FORMS)


def test_one_principal_does_not_stand_before_another(cluster, acting, publisher):
    """Limits count per principal: while one has all the requests under way that it may have, another is served."""
    for name in ("busy", "calm"):
        cluster.add(name, role="agency", units="*")
    cluster.admit("calm", service=cluster.reporting)
    channel = cluster.reporting.channel(cluster.keys_of("gateway"))
    far = {"form": "thong-ke", "unit": "t00000", "period": pb.Period(**{"from": "2024-01-01", "to": "2024-01-31"}),
           "min_position": 1 << 40, "min_incarnation": cluster.reporting.status().cut.incarnation}

    def busy(principal, wait_ms):
        asked = channel.send(principal=principal, run_report=pb.RunReportRequest(wait_ms=wait_ms, **far))
        while (reply := channel.receive(60)) is not None and reply.request_id != asked:
            pass
        assert reply is not None
        return reply.error.code == pb.ERROR_CODE_BUSY
    try:
        for _ in range(200):
            channel.send(principal="busy", run_report=pb.RunReportRequest(wait_ms=30_000, **far))
        assert busy("busy", 30_000)
        assert not busy("calm", 1)
    finally:
        channel.close()
