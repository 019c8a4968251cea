# SPDX-License-Identifier: Apache-2.0
"""hoso doctor on real services: each fault is named, with the right check and what to do; health is told, too."""
import json
import os
import signal
import socket
import subprocess

import pytest

from events import TREES, series
from histories import catalogue
from hosotest.cli import Cli
from hosotest.cluster import ROOT, Cluster, loopback_addresses, make_keys, program


@pytest.fixture(scope="module")
def installation():
    with Cluster(sources=["s1"]) as cluster:
        cluster.put_catalogue(catalogue(TREES))
        yield cluster


@pytest.fixture
def cli(installation, request):
    """A configuration of its own for each test, which may spoil it."""
    cli = Cli(installation, "admin")
    cli.settings = dict(line.split(" = ", 1) for line in cli.config.read_text().splitlines())
    return cli


def change(cli, **settings):
    cli.settings.update(settings)
    cli.config.write_text("".join(f"{k} = {v}\n" for k, v in cli.settings.items() if v is not None))


def examine(cli, *arguments, code):
    """{check: (result, text, fix)}"""
    rows = cli.json("doctor", "--lang", "en", "--timeout", 1500, *arguments, code=code)
    assert all(set(row) == {"result", "check", "text", "fix"} for row in rows)
    assert all((row["result"] == "ok") == (row["fix"] == "") for row in rows)
    assert (code == 1) == any(row["result"] == "failure" for row in rows)
    return {row["check"]: (row["result"], row["text"], row["fix"]) for row in rows}


def faults(findings):
    return {check: finding for check, finding in findings.items() if finding[0] != "ok"}


def test_a_healthy_installation(installation, cli):
    findings = examine(cli, code=0)
    assert not faults(findings)
    for service in ("intake", "aggregation", "reporting"):
        assert {f"{service}.{check}" for check in ("reachable", "knows-us", "version", "ready", "room", "clock")} <= set(findings)
    assert {"client.config", "client.key", "journal.reachable", "reporting.identities"} <= set(findings)


def test_it_speaks_vietnamese_first(installation, cli):
    text = cli.run("doctor").stdout
    assert "tốt       intake.ready: intake sẵn sàng" in text and text.endswith("0 cảnh báo, 0 lỗi\n")
    assert "ok        intake.ready: intake is ready" in cli.run("doctor", "--lang", "en").stdout
    csv = cli.run("doctor", "--format", "csv").stdout
    assert csv.splitlines()[0].lstrip("\ufeff") == "Kết quả;Mục kiểm tra;Nhận xét;Cách xử lý"


def test_a_service_that_is_stopped(installation, cli):
    assert installation.aggregation.stop() == 0
    try:
        found = faults(examine(cli, code=1))
        assert found["aggregation.reachable"][0] == "failure" and "nothing listens" in found["aggregation.reachable"][1]
        assert "systemctl start hoso-aggregation" in found["aggregation.reachable"][2]
        assert set(found) == {"aggregation.reachable"}
        text = cli.run("doctor", code=1).stdout
        assert "LỖI       aggregation.reachable" in text and "\n          → Khởi động dịch vụ" in text
    finally:
        installation.aggregation.start()


def test_a_service_that_hangs(installation, cli):
    installation.reporting.process.send_signal(signal.SIGSTOP)
    try:
        found = faults(examine(cli, code=1))
        assert found["reporting.reachable"][0] == "failure" and "says nothing" in found["reporting.reachable"][1]
    finally:
        installation.reporting.process.send_signal(signal.SIGCONT)


def test_a_wrong_server_key(installation, cli):
    change(cli, intake_key=make_keys().public)
    found = faults(examine(cli, code=1))
    assert set(found) == {"intake.reachable", "journal.reachable"}
    assert "another key" in found["intake.reachable"][1] and "intake_key" in found["intake.reachable"][2]


def test_something_else_at_the_endpoint(installation, cli):
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        change(cli, reporting=f"tcp://127.0.0.1:{other.getsockname()[1]}")
        found = faults(examine(cli, code=1))
        assert set(found) == {"reporting.reachable"} and "says nothing" in found["reporting.reachable"][1]


def test_a_key_that_nobody_knows(installation, cli):
    installation.principals["stranger"] = {"keys": make_keys()}         # not in the registry
    try:
        stranger = Cli(installation, "stranger")
    finally:
        del installation.principals["stranger"]
    found = faults(examine(stranger, code=1))
    assert set(found) == {"intake.knows-us", "aggregation.knows-us", "reporting.knows-us"}
    assert "not in its registry" in found["intake.knows-us"][1] and "hoso key grant" in found["intake.knows-us"][2]


def test_a_key_without_the_rights(installation):
    found = faults(examine(Cli(installation, "s1"), code=1))
    assert set(found) == {"aggregation.knows-us"} and "role admin" in found["aggregation.knows-us"][2]


def test_key_files(installation, cli):
    key = cli.settings["key"]
    os.chmod(key, 0o640)
    found = faults(examine(cli, code=1))
    assert "mode 0640" in found["client.key"][1] and found["client.key"][2] == f"chmod 600 {key}"
    os.chmod(key, 0o600)
    change(cli, key=key + ".missing")
    assert "hoso key new" in faults(examine(cli, code=1))["client.key"][2]


def test_a_faulty_configuration(installation, cli):
    change(cli, intak="tcp://127.0.0.1:1")
    found = faults(examine(cli, code=1))
    assert found["client.config"][0] == "failure" and "intak" in found["client.config"][1]


def test_what_is_not_configured_is_a_warning(installation, cli):
    change(cli, ledger=None, ledger_key=None)
    found = faults(examine(cli, code=0))
    assert {check: finding[0] for check, finding in found.items()} == {"aggregation.reachable": "warning"}


def test_a_service_that_is_not_ready():
    cluster = Cluster()
    cluster.intake.start()
    try:
        found = faults(examine(Cli(cluster, "admin"), code=1))
        assert found["intake.ready"][0] == "failure" and "no catalogue yet" in found["intake.ready"][1]
        assert set(found) == {"intake.ready", "aggregation.reachable", "reporting.reachable", "totals.reachable"}
    finally:
        cluster.stop()


def test_events_that_wait_in_the_outbox(installation):
    cli = Cli(installation, "s1")
    assert installation.intake.stop() == 0
    try:
        line = json.dumps({"eventId": "e-1", "dossier": "waits", "kind": "RESOLVED", "occurredAt": "2024-01-19T08:12:00+07:00"})
        waiting = cli.start("publish", "-", "--timeout", "500")
        waiting.communicate(line + "\n", timeout=60)
        found = faults(examine(cli, code=1))
        assert found["client.outbox"][0] == "warning" and found["client.outbox"][1].startswith("1 event")
    finally:
        installation.intake.start()
    cli.run("publish", "-", stdin="")
    assert "nothing waits" in examine(cli, code=1)["client.outbox"][1]          # 1: its role is no admin's


def test_the_site_that_first_run_made(tmp_path):
    """Its keys and registry, whoever made it."""
    made = subprocess.run(["sh", str(ROOT / "deploy/container/first-run.sh"), str(tmp_path / "site")], capture_output=True,
                          text=True, env={**os.environ, "HOSO": program("hoso")})
    assert made.returncode == 0, made.stderr
    site = tmp_path / "site"
    address = loopback_addresses(1)[0]
    config = tmp_path / "client.conf"
    keys = dict(line.split(" = ", 1) for line in (site / "keys" / "intake.key").read_text().splitlines())
    config.write_text(f"intake = tcp://{address}\nintake_key = {keys['public']}\nkey = site/keys/admin.key\n")

    def site_faults():
        done = subprocess.run([program("hoso"), "--config", str(config), "doctor", "--site", str(site), "--format", "json",
                               "--lang", "en"], capture_output=True, text=True, timeout=60)
        assert done.returncode == 1, done.stderr                                # nothing runs
        rows = {row["check"]: row for row in json.loads(done.stdout)}
        assert {"site.intake.key", "site.aggregation.key", "site.reporting.key", "site.registry"} <= set(rows)
        return {check: row for check, row in rows.items() if check.startswith("site.") and row["result"] != "ok"}

    assert not site_faults()
    registry = site / "registry" / "registry"
    whole = registry.read_text()
    os.chmod(site / "keys" / "intake.key", 0o644)
    os.chmod(registry, 0o666)
    found = site_faults()
    assert set(found) == {"site.intake.key", "site.registry"} and "0666" in found["site.registry"]["text"]
    os.chmod(site / "keys" / "intake.key", 0o600)
    os.chmod(registry, 0o644)
    registry.write_text(whole.replace("[admin]", "[admin]\nexpires = 2020-01-01"))
    assert site_faults()["site.our-key"]["result"] == "failure"
    registry.write_text(whole.replace("role = service", "role = admin", 1))
    assert set(site_faults()) == {"site.intake.rights"}
    registry.write_text(whole)
    assert not site_faults()
    aggregation = site / "aggregation.conf"
    aggregation.write_text(aggregation.read_text().replace(keys["public"], make_keys().public))
    found = site_faults()
    assert set(found) == {"site.aggregation.config"} and f"journal_key = {keys['public']}" in found["site.aggregation.config"]["fix"]
    registry.write_text(whole[:whole.index("[admin]")])
    assert "not in" in site_faults()["site.our-key"]["text"]
