# SPDX-License-Identifier: Apache-2.0
"""hoso doctor on real services: each fault is named with its cause and the right cure; health is told, too."""
import contextlib
import datetime
import json
import os
import pathlib
import re
import resource
import shutil
import signal
import socket
import subprocess
import tempfile
import time

import pytest

from events import TREES, series
from histories import catalogue
from hosotest.cli import Cli
from hosotest.cluster import ROOT, Cluster, loopback_addresses, make_keys, program

SERVICES = ("intake", "aggregation", "reporting")


@pytest.fixture(scope="module")
def installation():
    with Cluster(sources=["s1"]) as cluster:
        cluster.put_catalogue(catalogue(TREES))
        wait_connected(cluster)
        yield cluster


@pytest.fixture
def cli(installation):
    """A configuration of its own for each test, which may spoil it."""
    return new_cli(installation, "admin")


def new_cli(cluster, name, keys=None):
    """Of this name; with `keys`, of somebody who has these."""
    if keys is not None:
        kept, cluster.principals[name] = cluster.principals.get(name), {"keys": keys}
    cli = Cli(cluster, name)
    cli.settings = dict(line.split(" = ", 1) for line in cli.config.read_text().splitlines())
    cli.site = ("--site", cluster.directory)
    if keys is not None:
        cluster.principals.pop(name)
        if kept is not None:
            cluster.principals[name] = kept
    return cli


def change(cli, **settings):
    cli.settings.update(settings)
    cli.config.write_text("".join(f"{k} = {v}\n" for k, v in cli.settings.items() if v is not None))


def examine(cli, *arguments, code=1):
    """{check: (result, text, fix)}"""
    rows = cli.json("doctor", "--lang", "en", "--timeout", 1500, *arguments, code=code)
    assert all(set(row) == {"result", "check", "text", "fix"} for row in rows)
    assert all((row["result"] in ("ok", "skipped")) == (row["fix"] == "") for row in rows)
    assert code is None or (code == 1) == any(row["result"] == "failure" for row in rows)
    assert not any("{" in row["text"] + re.sub(r"'.{40}'|[0-9a-zA-Z.:+=^!/*?&<>()\[\]{}@%$#-]{40}", "", row["fix"]) for row in rows)
    return {row["check"]: (row["result"], row["text"], row["fix"]) for row in rows}


def faults(findings):
    return {check: finding for check, finding in findings.items() if finding[0] in ("warning", "failure")}


def expect(found, *rows):
    """Each row: check, result, words of the text, words of the cure; and no other fault."""
    assert set(found) == {check for check, *_ in rows}, found
    for check, result, text, fix in rows:
        assert found[check][0] == result and text in found[check][1] and fix in found[check][2], found[check]


@contextlib.contextmanager
def down(service, **settings):
    """The service is stopped, and may be given other settings; afterwards all is as before, and ready."""
    before = dict(service.settings)
    if service.process is not None:
        assert service.stop() == 0
    try:
        service.configure(**settings)
        yield service
    finally:
        if service.process is not None:
            service.process.wait(60) if service.process.poll() is not None else service.stop()
            service.process = None
        service.settings = before
        service.configure()
        service.start()
        wait_connected(service.cluster)


def wait_for(condition):
    deadline = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < deadline


def wait_connected(cluster):
    """Until each service that runs has an answer of the one that it follows."""
    wait_for(lambda: all(service.gauges().get("connected", 1) for service in cluster.services if service.process is not None))


def start_in_vain(service):
    """Until it ended by itself."""
    service.start(wait=False)
    assert service.process.wait(60) != 0
    service.process = None


# Health


def test_a_healthy_installation(installation, cli):
    findings = examine(cli, *cli.site, code=0)
    assert not faults(findings)
    for service in SERVICES:
        assert {f"{service}.{check}" for check in ("reachable", "knows-us", "version", "ready", "room", "clock")} <= set(findings)
        assert {f"site.{service}.{check}" for check in ("key", "rights", "check", "log")} <= set(findings)
    assert {"client.config", "client.key", "journal.reachable", "reporting.identities", "site.registry"} <= set(findings)
    assert findings["site.our-key"][1].startswith("our key is admin with the role admin")
    assert findings["intake.backup"][:2] == ("skipped", "no backup was made since intake was started")


def test_it_speaks_vietnamese_first(installation, cli):
    text = cli.run("doctor", *cli.site).stdout
    assert "tốt       intake.ready: intake sẵn sàng" in text and text.endswith("0 cảnh báo, 0 lỗi\n")
    assert "bỏ qua    intake.backup: chưa có lần sao lưu nào" in text and "khớp với máy này" in text
    assert "ok        intake.ready: intake is ready" in cli.run("doctor", "--lang", "en").stdout
    csv = cli.run("doctor", "--format", "csv").stdout
    assert csv.splitlines()[0].lstrip("\ufeff") == "Kết quả;Mục kiểm tra;Nhận xét;Cách xử lý"


def test_every_sentence_has_its_vietnamese():
    known = set(re.findall(r'^msgid "(.*)"$', (ROOT / "po" / "vi.po").read_text(encoding="utf-8"), re.M))
    literals = r'((?:"(?:[^"\\\n]|\\.)*"\s*)+)'
    sentences = [
        "".join(re.findall(r'"((?:[^"\\\n]|\\.)*)"', found))
        for path in (ROOT / "services" / "hoso" / "doctor").glob("*.c")
        for found in re.findall(rf"\.(?:sound|wrong|fix) =\s+{literals}", path.read_text(encoding="utf-8"))]
    assert len(sentences) > 100
    assert [sentence for sentence in sentences if sentence not in known] == []


# Who we are


def test_a_key_that_was_never_granted(installation):
    keys = make_keys()
    stranger = new_cli(installation, "stranger", keys)
    found = faults(examine(stranger))
    expect(found, *((f"{service}.knows-us", "failure", "was not granted, has expired, or was granted", "hoso doctor --site DIR")
                    for service in SERVICES))
    assert keys.public in found["intake.knows-us"][2] and "--role" not in found["intake.knows-us"][2]
    found = faults(examine(stranger, *stranger.site))
    expect(found, *((f"{service}.knows-us", "failure", "does not grant it", "site.our-key") for service in SERVICES),
           ("site.our-key", "failure", "was not granted", f"hoso key grant client-stranger --key '{keys.public}' --role ROLE --units UNITS"))


def test_a_key_that_was_made_anew(installation):
    """The name has its rights still: they are kept."""
    keys = make_keys()
    installation.principals["client-counter"] = {
        "keys": make_keys(), "key": make_keys().public, "role": "source", "units": "H27.45 H27.46", "expires": "2098-01-01",
        "space": "ha-tinh", "close": "yes"}
    try:
        installation.write_registry()
        counter = new_cli(installation, "counter", keys)
        change(counter, ledger=None, ledger_key=None)
        found = examine(counter, *counter.site)
        assert found["site.our-key"][0] == "failure" and "another key for client-counter" in found["site.our-key"][1]
        assert (f"`hoso key grant client-counter --key '{keys.public}' --role source --units H27.45,H27.46 --space ha-tinh --close "
                f"--expires 2098-01-01 --registry {installation.registry}`") in found["site.our-key"][2]
        assert found["aggregation.reachable"][0] == "skipped"
    finally:
        installation.remove("client-counter")


def test_a_key_that_expired_and_one_that_was_not_reloaded(installation):
    last = (datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(hours=7, days=-2)).date().isoformat()
    installation.add("counter", role="source", units="H27", space="ha-tinh", expires=last)
    try:
        counter = new_cli(installation, "counter")
        found = examine(counter, *counter.site)
        assert found["site.our-key"][:2] == ("failure", f"our key, counter with the role source in {installation.registry}, expired on {last}")
        assert "--role source --units H27 --space ha-tinh --expires YYYY-MM-DD --registry" in found["site.our-key"][2]
        assert "expired" in found["intake.knows-us"][1] and found["intake.knows-us"][2] == "Do what site.our-key says"

        installation.principals["counter"]["expires"] = None                       # granted now, and nobody was told
        installation.write_registry()
        found = faults(examine(counter, *counter.site))
        expect(found, *((f"{service}.knows-us", "failure", "did not read the registry since", f"systemctl reload hoso-{service}")
                        for service in SERVICES))

        change(counter, ledger=None, ledger_key=None)
        installation.intake.reload()                                               # without the site, from what another knows
        wait_for(lambda: "intake.knows-us" not in faults(examine(counter)))
        found = faults(examine(counter))
        expect(found, ("reporting.knows-us", "failure", "though intake does", "docker-compose kill -s HUP reporting"))
    finally:
        installation.remove("counter")
        installation.reload()


def test_a_key_without_the_right(installation):
    expect(faults(examine(new_cli(installation, "s1"), code=0)),
           ("aggregation.knows-us", "warning", "aggregation is for administrators alone", "Take ledger and ledger_key out of this configuration"))


# The client


NOBODY = 65534


def examine_as_nobody(cli, key):
    """A secret as Kubernetes mounts it: root's. The advice is one that the reader can follow; mode 0440 and a group is sound."""
    folder = pathlib.Path(tempfile.mkdtemp(prefix="hoso-test-"))
    try:
        secret, config = folder / "secret", folder / "client.conf"
        secret.write_bytes(pathlib.Path(key).read_bytes())
        config.write_text("".join(f"{name} = {secret if name == 'key' else value}\n" for name, value in cli.settings.items()
                                  if name != "outbox"))
        os.chmod(folder, 0o755)
        for mode, sound in ((0o444, False), (0o440, True)):
            os.chown(secret, 0, NOBODY)
            os.chmod(secret, mode)
            done = subprocess.run([program("hoso"), "--config", config, "doctor", "--lang", "en", "--timeout", "1500", "--format", "json"],
                                  capture_output=True, text=True, user=NOBODY, group=NOBODY, extra_groups=[])
            row, = [row for row in json.loads(done.stdout) if row["check"] == "client.key"]
            assert (row["result"] == "ok") == sound and ("fsGroup" in row["fix"]) != sound, row
    except PermissionError:
        pass            # the programs are in a folder that others may not enter
    finally:
        shutil.rmtree(folder)


def test_key_files(installation, cli):
    key = cli.settings["key"]
    os.chmod(key, 0o640)
    expect(faults(examine(cli)), ("client.key", "failure", "its mode is 0640", f"chmod 600 {key}"),
           ("client.config", "failure", "0640", "Correct that"))
    os.chmod(key, 0o600)
    if os.geteuid() == 0:
        examine_as_nobody(cli, key)
    change(cli, key=key + ".missing")
    assert "hoso key new" in faults(examine(cli))["client.key"][2]


def test_configurations(installation, cli):
    change(cli, intak="tcp://127.0.0.1:1")
    assert "intak" in faults(examine(cli))["client.config"][1]
    change(cli, intak=None, ledger=None, ledger_key=None)                          # what is not named does not apply
    findings = examine(cli, code=0)
    assert findings["aggregation.reachable"][:2] == ("skipped", "this configuration does not name ledger: not needed here, not checked")
    change(cli, **{name: None for name in cli.settings if name not in ("key", "outbox", "any_filesystem")})
    expect(faults(examine(cli)), ("client.services", "failure", "names no service", "reporting and reporting_key"))


def test_endpoints(installation, cli):
    change(cli, intake_key=make_keys().public)
    expect(faults(examine(cli)), ("intake.reachable", "failure", "another key", "to intake_key"),
           ("journal.reachable", "failure", "another key", "to intake_key"))
    change(cli, intake_key=installation.intake.keys.public, reporting="tcp://no-such-host.invalid:7304")
    expect(faults(examine(cli)), ("reporting.reachable", "failure", "no host has the name", "Correct reporting in this configuration"))
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        change(cli, reporting=f"tcp://127.0.0.1:{other.getsockname()[1]}")
        expect(faults(examine(cli)), ("reporting.reachable", "failure", "says nothing", "ss -ltnp"))


def test_events_that_wait_in_the_outbox(installation):
    cli = new_cli(installation, "s1")
    assert installation.intake.stop() == 0
    try:
        line = json.dumps({"eventId": "e-1", "dossier": "waits", "kind": "RESOLVED", "occurredAt": "2024-01-19T08:12:00+07:00"})
        waiting = cli.start("publish", "-", "--timeout", "500")
        waiting.communicate(line + "\n", timeout=60)
        found = faults(examine(cli))
        assert found["client.outbox"][0] == "warning" and found["client.outbox"][1].endswith(": 1")
    finally:
        installation.intake.start()
    cli.run("publish", "-", stdin="")
    assert "nothing waits" in examine(cli, code=0)["client.outbox"][1]


# Services that are not there


@pytest.mark.parametrize("name", SERVICES)
def test_services_that_were_stopped_or_killed(installation, cli, name):
    service = getattr(installation, name)
    own = {"intake": ["journal.reachable"], "aggregation": [], "reporting": ["totals.reachable"]}[name] + [f"{name}.reachable"]
    others = {"intake": "aggregation.ready", "aggregation": "reporting.ready", "reporting": None}[name]
    with down(service):
        def found(*arguments):
            rows = faults(examine(cli, *arguments))
            follower = rows.pop(others, None)
            assert follower is None or f"{name} does not answer" in follower[1] and "compares them" in follower[2]
            return rows
        expect(found(), *((check, "failure", "nothing listens", f"journalctl -u hoso-{name} -n 1") for check in own))
        expect(found(*cli.site), *((check, "failure", "it was stopped", f"systemctl start hoso-{name}") for check in own))
        service.start()
        service.kill()
        expect(found(*cli.site), *((check, "failure", "it was killed", f"systemctl start hoso-{name}") for check in own))


def test_a_service_that_hangs(installation, cli):
    installation.reporting.process.send_signal(signal.SIGSTOP)
    try:
        found = faults(examine(cli))
        assert found["reporting.reachable"][0] == "failure" and "says nothing" in found["reporting.reachable"][1]
    finally:
        installation.reporting.process.send_signal(signal.SIGCONT)


def test_services_that_cannot_start(installation, cli, tmp_path):
    """What its own check finds, and what only its log tells."""
    def found(code=1):
        rows = faults(examine(cli, *cli.site, code=code))
        return {check: rows[check] for check in rows if "reporting" in check or check == "totals.reachable"}

    def not_there(cause):
        return [(check, "failure", "nothing listens", cause) for check in ("reporting.reachable", "totals.reachable")]

    reporting = installation.reporting
    with down(reporting, data="/dev/shm/hoso-doctor", any_filesystem=0):           # a file system that keeps nothing
        expect(found(), ("site.reporting.check", "failure", "is on tmpfs", "then start reporting"), *not_there("site.reporting.check"))
    with down(reporting, reserve=1):                                              # a setting that there is not
        expect(found(), ("site.reporting.check", "failure", "reserve", "then start reporting"), *not_there("site.reporting.check"))
    with down(reporting):
        os.chmod(reporting.key_file, 0o644)
        try:
            expect(found(), ("site.reporting.key", "failure", "others can read", f"chmod 600 {reporting.key_file}"),
                   ("site.reporting.check", "failure", "0644", "then start reporting"), *not_there("site.reporting.check"))
        finally:
            os.chmod(reporting.key_file, 0o600)
    with down(reporting) as service, socket.socket() as other:                     # a port that is taken
        host, port = service.endpoint.removeprefix("tcp://").split(":")
        other.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        other.bind((host, int(port)))
        other.listen()
        start_in_vain(service)
        rows = found()
        assert "says nothing" in rows["reporting.reachable"][1] and "ss -ltnp" in rows["reporting.reachable"][2]
        assert rows["site.reporting.log"][0] == "failure" and "another program has its port" in rows["site.reporting.log"][1]
        assert f"change the port in {service.config}" in rows["site.reporting.log"][2]
    forms = tmp_path / "forms"
    forms.mkdir()
    (forms / "faulty.yaml").write_text("id: faulty\nrows: nothing\n")
    with down(reporting, forms=forms) as service:                                  # forms of one's own that are faulty
        start_in_vain(service)
        expect(found(), ("site.reporting.log", "failure", "faulty.yaml", "then start reporting"), *not_there("site.reporting.log"))
        assert re.search(r"could not start at \d\d:\d\d:\d\d ", found()["site.reporting.log"][1])
        (forms / "faulty.yaml").rename(forms / "faulty.txt")
        service.start()
        (forms / "faulty.txt").rename(forms / "faulty.yaml")
        service.reload()
        wait_for(lambda: "reporting.forms_refused" in service.log_text())
        expect(found(code=0), ("site.reporting.log", "warning", "did not take the changed forms", "hoso form check"),
               ("reporting.log", "warning", "errors that reporting logged since it was started: 1", "docs/log-messages.md"))


@pytest.mark.skipif(os.geteuid() != 0, reason="gives a directory to another user")
def test_a_data_directory_of_another_user(installation, cli):
    with down(installation.aggregation) as service:
        os.chown(service.data, 10001, 10001)
        try:
            found = faults(examine(cli, *cli.site))
            assert found["site.aggregation.check"][0] == "failure"
            assert "belongs to user 10001" in found["site.aggregation.check"][1] and "chown -R" in found["site.aggregation.check"][1]
            assert found["aggregation.reachable"][2] == "Do what site.aggregation.check says, then start it"
            said = cli.run("doctor", *cli.site, code=1).stdout
            assert "thuộc người dùng 10001, còn tiến trình này chạy bằng người dùng 0" in said and "→ Làm theo lời báo, rồi khởi động aggregation" in said
        finally:
            os.chown(service.data, 0, 0)


# Services that answer


def test_services_that_do_not_find_each_other(installation, cli):
    """A key that is another's now, and a name that is not resolved."""
    with down(installation.reporting, aggregation_key=make_keys().public) as service:
        service.start()
        found = examine(cli, *cli.site)
        assert found["site.reporting.config"][0] == "failure"
        assert f"Write aggregation_key = {installation.aggregation.keys.public} to {service.config}" in found["site.reporting.config"][2]
        assert found["reporting.ready"][0] == "warning" and "aggregation does not answer" in found["reporting.ready"][1]
    with down(installation.aggregation, journal="tcp://no-such-host.invalid:7302") as service:
        service.start()
        found = faults(examine(cli, *cli.site, code=None))                         # ready at first, with what was counted
        assert "intake does not answer it" in found["aggregation.ready"][1] and "settings journal and journal_key" in found["aggregation.ready"][2]


def test_a_service_without_its_role(installation, cli):
    installation.principals["aggregation"]["role"] = "agency"
    installation.principals["aggregation"]["units"] = "*"
    installation.write_registry()
    try:
        found = examine(cli, *cli.site)
        assert found["site.aggregation.rights"][0] == "failure"
        assert f"hoso key grant aggregation --key '{installation.aggregation.keys.public}' --role service" in found["site.aggregation.rights"][2]
    finally:
        installation.add("aggregation", role="service", keys=installation.aggregation.keys)


def test_too_few_open_files(installation, cli, monkeypatch):
    limits = resource.getrlimit(resource.RLIMIT_NOFILE)
    with down(installation.reporting) as service:
        popen = subprocess.Popen
        monkeypatch.setattr(subprocess, "Popen", lambda *a, **k: popen(
            *a, **k, preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_NOFILE, (1024, 1024))))
        service.start()
        monkeypatch.undo()
        expect(faults(examine(cli, code=0)), ("reporting.open-files", "warning", "only 1024", "LimitNOFILE=65536"))
    assert resource.getrlimit(resource.RLIMIT_NOFILE) == limits


def test_a_service_without_a_catalogue():
    cluster = Cluster()
    cluster.intake.start()
    try:
        expect(faults(examine(new_cli(cluster, "admin"))),
               ("intake.ready", "failure", "there is no catalogue yet", "hoso catalogue import DIR"),
               *((check, "failure", "nothing listens", "systemctl start") for check in ("aggregation.reachable", "reporting.reachable", "totals.reachable")))
    finally:
        cluster.stop()


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
        assert "docker-compose run --rm --no-deps intake hoso-intake" in rows["site.intake.check"]["text"]
        return {check: row for check, row in rows.items() if check.startswith("site.") and row["result"] in ("warning", "failure")}

    found = site_faults()
    assert set(found) == {"site.gateway.logins"} and "hoso key password NAME" in found["site.gateway.logins"]["fix"]
    registry = site / "registry" / "registry"
    subprocess.run([program("hoso"), "key", "password", "admin", "--registry", str(registry)], input="long enough to be one\n", text=True, check=True)
    assert not site_faults()
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


def test_a_journal_that_was_put_back_and_another(installation, cli):
    """The last one: the installation has another journal afterwards."""
    intake, aggregation = installation.intake, installation.aggregation
    old = installation.directory / "old-journal"
    with down(aggregation):
        assert intake.stop() == 0
        shutil.copytree(intake.data, old)
        intake.start()
    publisher = installation.publisher("s1")
    publisher.open()
    assert publisher.publish(series("later", 3)) == []
    aggregation.wait_position(publisher.position)
    assert aggregation.stop() == 0 and intake.stop() == 0
    new = installation.directory / "new-journal"
    intake.data.rename(new)
    shutil.copytree(old, intake.data)                                             # by hand, as nobody should
    intake.start()
    start_in_vain(aggregation)
    found = faults(examine(cli, *cli.site))
    assert found["aggregation.reachable"][2] == "Do what site.aggregation.log says, then start it"
    assert "older copy of intake's files" in found["site.aggregation.log"][1] and "hoso restore" in found["site.aggregation.log"][2]
    assert intake.stop() == 0
    intake.wipe()
    intake.start()                                                                # another one
    installation.publisher("admin").put_catalogue(catalogue(TREES))
    start_in_vain(aggregation)
    found = faults(examine(cli, *cli.site))
    assert "another than the one that was counted" in found["site.aggregation.log"][1]
    assert f"empty {aggregation.data} and start aggregation" in found["site.aggregation.log"][2]
    aggregation.wipe()
    aggregation.start()
    aggregation.wait_position(1)
    assert not any("aggregation" in check for check in faults(examine(cli, *cli.site, code=None)))
