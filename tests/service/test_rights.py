# SPDX-License-Identifier: Apache-2.0
"""Every message of every endpoint, by every role, with a key of its own and through a gateway. The
messages come from the protocol's descriptors: one without a row here fails."""
import itertools

import pytest

from hosotest.client import Channel, Refused
from hosotest.protocol import pb

SOURCE, AGENCY, ADMIN, SERVICE, GATEWAY = ROLES = ("source", "agency", "admin", "service", "gateway")
PEOPLE = {SOURCE, AGENCY, ADMIN}
READERS = {ADMIN, SERVICE}
ANYONE = PEOPLE | {SERVICE}
WHO_MAY = {
    "intake": {"open": {SOURCE}, "append": {SOURCE}, "put_catalogue": {ADMIN}, "put_catalogue_part": {ADMIN},
               "close_period": PEOPLE, "check_events": {SOURCE}, "count_refused": {SOURCE, ADMIN}, "count_uses": {ADMIN},
               "status": ANYONE | {GATEWAY}},
    "journal": {"read": READERS},
    "aggregation": {"changes": READERS, "snapshot": READERS, "scan_dossiers": READERS, "scan_quality": READERS,
                    "scan_open": READERS, "read_dossier": READERS, "status": READERS},
    "reporting": {"run_report": ANYONE, "list_forms": ANYONE, "list_units": ANYONE, "get_catalogue": ANYONE,
                  "list_dossiers": ANYONE, "quality": ANYONE, "list_open": ANYONE, "get_dossier": ANYONE,
                  "list_sources": ANYONE, "list_closes": ANYONE, "series": ANYONE, "status": ANYONE | {GATEWAY},
                  "totals_snapshot": ANYONE | {GATEWAY}},
}
REQUESTS = {"intake": pb.IntakeRequest, "journal": pb.JournalRequest, "aggregation": pb.LedgerRequest, "reporting": pb.ReportingRequest}
OWN, FOREIGN = "t00000.a", "t00001.a"
PERIOD = pb.Period(**{"from": "2024-01-01", "to": "2024-01-31"})
# Of reporting's messages with a unit: the others of the request. None = the figures of every unit are open to every key.
WITH_UNIT = {"run_report": {"form": "thong-ke", "period": PERIOD}, "list_units": {},
             "list_dossiers": {"form": "thong-ke", "period": PERIOD, "column": "received"}, "list_open": {"state": 1},
             "quality": {}, "list_closes": {}, "series": {"period": PERIOD}, "list_sources": {}, "totals_snapshot": None}


def bodies(service):
    return REQUESTS[service].DESCRIPTOR.oneofs_by_name["body"].fields


def messages():
    return [(service, field.name) for service in REQUESTS for field in bodies(service)]


def empty(service, message):
    field = REQUESTS[service].DESCRIPTOR.fields_by_name[message]
    return getattr(pb, field.message_type.name)()


@pytest.fixture(scope="module")
def ask(cluster):
    """ask(service, role, message, body, gateway) → the refusal, or None."""
    channels = {}
    for role in ROLES:
        cluster.add(f"the-{role}", role=role, units=OWN if role in (SOURCE, AGENCY) else None)
    for service, role in itertools.product((cluster.intake, cluster.reporting), ROLES):
        cluster.admit(f"the-{role}", service=service)
    for role in READERS:
        cluster.admit(f"the-{role}", service=cluster.aggregation)

    def channel(service, keys):
        if service == "journal":
            return Channel(cluster.journal_endpoint, cluster.intake.keys.public, keys, pb.JournalRequest, pb.JournalReply)
        return getattr(cluster, service).channel(keys)

    def ask(service, role, message, body, gateway=False):
        key = GATEWAY if gateway else role
        if (service, key) not in channels:
            channels[service, key] = channel(service, cluster.keys_of(f"the-{key}"))
        principal = {"principal": f"the-{role}"} if gateway else {}
        try:
            channels[service, key].call(10.0, **{message: body}, **principal)
        except Refused as refused:
            return refused
        return None

    yield ask
    for opened in channels.values():
        opened.close()


def may_not_send(refused):
    return refused is not None and refused.code == pb.ERROR_CODE_DENIED and " needs the role " in refused.text


def test_every_message_has_its_row():
    for service in REQUESTS:
        assert set(WHO_MAY[service]) == {field.name for field in bodies(service)}, service
    with_unit = {f.name for f in bodies("reporting") if "unit" in f.message_type.fields_by_name}
    assert set(WITH_UNIT) == with_unit


@pytest.mark.parametrize("service, message", messages())
@pytest.mark.parametrize("role", ROLES)
def test_with_a_key_of_its_own(ask, service, message, role):
    refused = ask(service, role, message, empty(service, message))
    assert may_not_send(refused) != (role in WHO_MAY[service][message]), refused


@pytest.mark.parametrize("service, message", [m for m in messages() if m[0] != "journal"])     # it has no principals
@pytest.mark.parametrize("role", ROLES)
def test_through_a_gateway(ask, service, message, role):
    refused = ask(service, role, message, empty(service, message), gateway=True)
    if role in PEOPLE:
        assert may_not_send(refused) != (role in WHO_MAY[service][message]), refused
    else:
        assert refused is not None and refused.code == pb.ERROR_CODE_DENIED
        assert "may not act for" in refused.text


@pytest.mark.parametrize("gateway", [False, True])
@pytest.mark.parametrize("message", sorted(WITH_UNIT))
@pytest.mark.parametrize("role", sorted(PEOPLE))
def test_of_another_unit(ask, role, message, gateway):
    rest = WITH_UNIT[message]
    for unit in (OWN, FOREIGN):
        body = empty("reporting", message)
        body.MergeFrom(type(body)(unit=unit, **(rest or {})))
        refused = ask("reporting", role, message, body, gateway)
        denied = refused is not None and refused.code == pb.ERROR_CODE_DENIED
        assert denied == (unit == FOREIGN and role != ADMIN and rest is not None), refused
