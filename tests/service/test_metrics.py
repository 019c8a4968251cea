# SPDX-License-Identifier: Apache-2.0
"""What the services tell over HTTP: metrics that promtool accepts and that agree with what was done; alive and ready;
and nothing else."""
import http.client
import json
import pathlib
import re
import select
import shutil
import socket
import subprocess
import time

import pytest

from events import TREES, received, series
from histories import catalogue
from hosotest.cli import Cli
from hosotest.cluster import Cluster, loopback_addresses, program
from hosotest.client import Refused
from hosotest.gateway import Gateway
from hosotest.protocol import pb

PROMTOOL = shutil.which("promtool") or "promtool"           # of Debian's package prometheus
PROMETHEUS = pathlib.Path(__file__).resolve().parents[2] / "deploy" / "prometheus"
MONTH = ("2024-01-01", "2024-01-31")


def give_http(cluster):
    for service, address in zip(cluster.services, loopback_addresses(len(cluster.services))):
        service.http = address
        service.configure(http_listen=service.http)


def ask(service, path, method="GET", timeout_s=10, headers=None):
    """(status, headers, body)"""
    connection = http.client.HTTPConnection(service.http, timeout=timeout_s)
    try:
        connection.request(method, path, headers=headers or {})
        answer = connection.getresponse()
        return answer.status, answer.headers, answer.read().decode()
    finally:
        connection.close()


def metrics(service):
    """{'name{label="value"}': number}"""
    status, headers, body = ask(service, "/metrics")
    assert status == 200 and headers["Content-Type"] == "text/plain; version=0.0.4; charset=utf-8"
    lines = [line for line in body.splitlines() if not line.startswith("#")]
    return {name: float(value) for name, value in (line.rsplit(" ", 1) for line in lines)}


def until(wanted, timeout_s=30, every_s=0.02):
    deadline = time.monotonic() + timeout_s
    while not (got := wanted()):
        assert time.monotonic() < deadline, "it does not come"
        select.select([], [], [], every_s)
    return got


@pytest.fixture(scope="module")
def watched():
    cluster = Cluster(sources=["s1", "s2"])
    give_http(cluster)
    with cluster:
        cluster.put_catalogue(catalogue(TREES))
        yield cluster


def test_counters_are_what_was_done(watched):
    """Events, a duplicate, a gap, a refused event, a conflict, a fenced publisher; reports, good and bad."""
    before = metrics(watched.intake)
    publisher = watched.publisher("s1")
    publisher.open()
    epoch, first, events = publisher.epoch, publisher.next_sequence, series("counted", 8)
    RESULT = pb.APPEND_RESULT_ACK, pb.APPEND_RESULT_DUPLICATE

    def append(sequence, events, epoch=epoch):
        return publisher.channel.call(append=pb.AppendRequest(epoch=epoch, first_sequence=sequence, events=events)).result

    assert append(first, events[:5]) == RESULT[0]
    assert append(first, events[:5]) == RESULT[1]
    assert append(first + 3, events[3:8]) == RESULT[0]                # two old, three new
    assert append(first + 20, events[:2]) == pb.APPEND_RESULT_GAP
    assert append(first, series("other", 4)) == pb.APPEND_RESULT_CONFLICT
    assert append(first + 8, [events[0], received("bad", unit="nowhere")]) == pb.APPEND_RESULT_INVALID
    assert append(first + 8, events[:3], epoch=epoch + 7) == pb.APPEND_RESULT_FENCED
    assert watched.publisher("s2").channel.call(append=pb.AppendRequest(
        epoch=1, first_sequence=1, events=events[:1])).result == pb.APPEND_RESULT_NOT_OPEN
    with pytest.raises(Refused):
        watched.reporter("s1").channel.call(run_report=pb.RunReportRequest(form="no-such-form"))
    done = {name: value - before.get(name, 0) for name, value in metrics(watched.intake).items()}
    assert {result: (done[f'hoso_intake_events_total{{result="{result}"}}'],
                     done[f'hoso_intake_appends_total{{result="{result}"}}'])
            for result in ("ack", "duplicate", "gap", "conflict", "invalid", "fenced", "not_open", "busy", "full")} == {
        "ack": (8, 2), "duplicate": (7, 1), "gap": (2, 1), "conflict": (4, 1), "invalid": (1, 1), "fenced": (3, 1),
        "not_open": (1, 1), "busy": (0, 0), "full": (0, 0)}
    assert done["hoso_intake_ack_seconds_count"] == 2 and done["hoso_intake_ack_seconds_sum"] > 0
    assert done["hoso_intake_batch_events_sum"] == 8
    assert done["hoso_intake_commits_total"] == done["hoso_intake_commit_seconds_count"] >= 6
    assert done["hoso_position"] == 8 and metrics(watched.intake)["hoso_ready"] == 1

    end = watched.intake.status().cut.position
    watched.aggregation.wait_position(end)
    aggregation = metrics(watched.aggregation)
    assert aggregation["hoso_aggregation_applied_events_total"] == 8 and aggregation["hoso_position"] == end
    assert aggregation["hoso_connected"] == 1 and aggregation["hoso_lag_events"] == 0
    assert aggregation["hoso_aggregation_batch_events_sum"] == 8

    reporter, before = watched.reporter(), metrics(watched.reporting)
    for _ in range(3):
        reporter.run_report("thong-ke", "t00000", MONTH, min_position=end)
    with pytest.raises(Refused):
        reporter.run_report("thong-ke", "nowhere", MONTH)
    with pytest.raises(Refused):
        reporter.run_report("made-up", "t00000", MONTH)
    done = {name: value - before.get(name, 0) for name, value in metrics(watched.reporting).items()}
    count = 'hoso_reporting_report_seconds_count{{form="{}",result="{}"}}'
    assert done[count.format("thong-ke", "ok")] == 3 and done[count.format("thong-ke", "error")] == 1
    assert done[count.format("other", "error")] == 1 and done[count.format("bao-cao-thang", "ok")] == 0
    assert done['hoso_reporting_requests_total{message="run_report"}'] >= 5
    assert done['hoso_errors_total{code="not_found"}'] == 2
    assert metrics(watched.reporting)["hoso_reporting_identity_violations_total"] == 0


def test_status_and_metrics_are_one_source(watched):
    for service in watched.services:
        told, shown = service.gauges(), metrics(service)
        for name in ("map_bytes", "ready", "store_full"):
            assert told[name] == shown[f"hoso_{name}"]
    assert watched.intake.gauges()["appends_ack"] == metrics(watched.intake)['hoso_intake_appends_total{result="ack"}']
    assert watched.intake.gauges()["commits"] == metrics(watched.intake)["hoso_intake_commits_total"]
    version = next(name for name in metrics(watched.intake) if name.startswith("hoso_build_info"))
    assert re.fullmatch(r'hoso_build_info\{version="[0-9.]+"\}', version)
    started = metrics(watched.intake)["process_start_time_seconds"]
    assert abs(time.time() - started) < 3600


@pytest.mark.parametrize("name", ["intake", "aggregation", "reporting"])
def test_promtool_accepts_the_metrics(watched, name):
    promtool("check", "metrics", input=ask(getattr(watched, name), "/metrics")[2])


def promtool(*arguments, **more):
    done = subprocess.run([PROMTOOL, *arguments], capture_output=True, text=True, **more)
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_alert_rules_and_the_scrape_example_are_sound(tmp_path):
    promtool("check", "rules", "--lint=all", "--lint-fatal", PROMETHEUS / "hoso.rules.yml")
    promtool("check", "config", PROMETHEUS / "prometheus.yml")
    for path in (PROMETHEUS / "hoso.rules.yml", pathlib.Path(__file__).with_name("hoso_rules_test.yml")):
        shutil.copy(path, tmp_path)
    promtool("test", "rules", tmp_path / "hoso_rules_test.yml")


def test_what_the_rules_watch_is_there(watched):
    shown = {name.split("{")[0] for service in watched.services for name in metrics(service)}
    rules = (PROMETHEUS / "hoso.rules.yml").read_text()
    asked = {name for line in rules.splitlines() if "expr:" in line for name in re.findall(r"\bhoso_\w+", line)}
    assert len(asked) > 8 and asked <= shown


def expressions_of_the_dashboard():
    panels = json.loads((PROMETHEUS.parent / "grafana" / "hoso.json").read_text(encoding="utf-8"))["panels"]
    return [target["expr"] for panel in panels for target in panel.get("targets", [])]


def test_the_dashboard_asks_for_what_is_there(watched, tmp_path):
    """promtool takes each expression; every metric is one that a service has, and every label one that it gives it."""
    rules = [{"record": f"panel:expression:{i}", "expr": expression} for i, expression in enumerate(expressions_of_the_dashboard())]
    assert len(rules) > 20
    (tmp_path / "panels.yml").write_text(json.dumps({"groups": [{"name": "panels", "rules": rules}]}))    # JSON is YAML
    promtool("check", "rules", tmp_path / "panels.yml")
    http_listen = loopback_addresses(1)[0]
    with Gateway(watched, http_listen=http_listen) as gateway:
        gateway.http = http_listen
        series = [name for service in [*watched.services, gateway] for name in metrics(service)]
    labels = {"up": {"job", "instance"}}
    for one in series:
        name, _, rest = one.partition("{")
        labels.setdefault(name, {"job", "instance"}).update(re.findall(r'(\w+)="', rest))
    for expression in expressions_of_the_dashboard():
        asked = set(re.findall(r"\b(?:hoso_\w+|process_\w+|up)\b", expression))
        assert asked and asked <= set(labels), expression
        used = {label for group in re.findall(r"by \(([^)]*)\)", expression) for label in group.split(", ")}
        used |= set(re.findall(r"[{,](\w+)(?:=~|=|!=)", expression))
        assert used <= set.union(*(labels[name] for name in asked)), expression


def test_nothing_else_is_answered(watched):
    service = watched.intake
    assert ask(service, "/livez")[0] == ask(service, "/readyz")[0] == 200
    status, headers, body = ask(service, "/metrics", "HEAD")
    assert status == 200 and body == "" and int(headers["Content-Length"]) > 1000
    for path in ("/", "/metrics/", "/etc/passwd", "/metrics/../livez", "//metrics"):
        assert ask(service, path)[0] == 404
    for method in ("POST", "PUT", "DELETE", "OPTIONS", "PATCH"):
        status, headers, _ = ask(service, "/metrics", method)
        assert status == 405 and headers["Allow"] == "GET, HEAD"
    assert ask(service, "/metrics?x=1")[0] == 200
    assert ask(service, "/metrics", headers={"X": "y" * 64000})[0] in (413, 431)


def test_connections_are_bounded(watched):
    """Many that say nothing: the others are still served, at the latest when those are past their time."""
    host, port = watched.intake.http.split(":")
    idle = [socket.create_connection((host, int(port)), timeout=10) for _ in range(40)]
    try:
        assert until(lambda: answered(watched.intake), timeout_s=30, every_s=0.2)
        assert watched.intake.status().ready
    finally:
        for connection in idle:
            connection.close()


def answered(service):
    try:
        return ask(service, "/livez", timeout_s=2)[0] == 200
    except OSError:
        return False


def test_ready_says_why_not():
    cluster = Cluster(sources=["s1"])
    give_http(cluster)
    cluster.intake.start(wait=False)
    cluster.intake.wait_ready()
    try:
        status, _, body = ask(cluster.intake, "/readyz")
        assert status == 503 and body.startswith("not ready: there is no catalogue yet") and body.count("\n") == 1
        assert ask(cluster.intake, "/livez")[0] == 200
        asked = subprocess.run([program("hoso-intake"), "--config", str(cluster.intake.config), "--ready"],
                               capture_output=True, text=True)
        assert asked.returncode == 1 and "no catalogue" in asked.stderr and not asked.stdout
        status = cluster.intake.status()
        assert not status.ready and "catalogue" in status.reason and abs(status.now_ms / 1000 - time.time()) < 60
        cluster.reporting.start()
        status, _, body = ask(cluster.reporting, "/readyz")
        assert status == 503 and "copy" in body
        cluster.aggregation.start()
        cluster.put_catalogue(catalogue(TREES))
        for service in cluster.services:
            until(lambda: ask(service, "/readyz")[0] == 200)
            asked = subprocess.run([program(f"hoso-{service.name}"), "--config", str(service.config), "--ready"],
                                   capture_output=True, text=True)
            assert asked.returncode == 0 and "is ready" in asked.stdout
        assert cluster.intake.stop() == 0
        until(lambda: "intake does not answer" in ask(cluster.aggregation, "/readyz")[2])
        assert metrics(cluster.aggregation)["hoso_connected"] == 0
        assert ask(cluster.aggregation, "/livez")[0] == 200 and ask(cluster.reporting, "/readyz")[0] == 200
    finally:
        cluster.stop()


def test_it_ends_with_the_service(watched):
    """While it drains it is not ready (service_test.c); then the port is free."""
    replica = watched.add_replica()
    replica.http = loopback_addresses(1)[0]
    replica.configure(http_listen=replica.http)
    watched.aggregation.reload()
    replica.start()
    until(lambda: ask(replica, "/readyz")[0] == 200)
    assert replica.stop() == 0
    watched.services.remove(replica)
    with pytest.raises(ConnectionRefusedError):
        ask(replica, "/livez")


@pytest.mark.parametrize("listen, why", [("localhost:7311", "in numbers"), ("7311", "in numbers"), ("127.0.0.1:", "in numbers"),
                                         ("192.0.2.1:7311", "address of this machine"), ("[::1]", "in numbers")])
def test_a_wrong_address_is_refused(tmp_path, listen, why):
    cluster = Cluster(directory=tmp_path)
    cluster.intake.configure(http_listen=listen)
    done = subprocess.run([program("hoso-intake"), "--config", str(cluster.intake.config)], capture_output=True, text=True)
    assert done.returncode == 1 and "http_listen" in done.stderr and why in done.stderr


@pytest.mark.parametrize("name", ["intake", "aggregation", "reporting"])
def test_a_port_in_use_is_refused(tmp_path, name):
    cluster = Cluster(directory=tmp_path)
    service = getattr(cluster, name)
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        listen = f"127.0.0.1:{taken.getsockname()[1]}"
        service.configure(http_listen=listen)
        done = subprocess.run([program(f"hoso-{name}"), "--config", str(service.config)], capture_output=True, text=True)
    assert done.returncode == 1 and f"cannot listen on {listen}: Address already in use" in done.stderr
    assert "choose another port" in done.stderr and "service.started" not in done.stderr


def test_a_backup_an_expiring_key_and_a_silent_source_are_seen(tmp_path):
    now = time.time()
    with_key = time.strftime("%Y-%m-%d", time.localtime(now + 5 * 86400))
    cluster = Cluster(sources=["quiet"])
    give_http(cluster)
    cluster.add("soon", units="*", expires=with_key)
    with cluster:
        cluster.put_catalogue(catalogue(TREES))
        assert metrics(cluster.intake)["hoso_intake_keys_expiring"] == 1
        assert metrics(cluster.intake)["hoso_intake_backup_timestamp_seconds"] == 0
        Cli(cluster, "admin").run("backup", tmp_path / "backup")
        assert abs(metrics(cluster.intake)["hoso_intake_backup_timestamp_seconds"] - now) < 600
        publisher = cluster.publisher("quiet")
        assert not publisher.publish([received("q-1", occurred_at=int((now - 12 * 86400) * 1000))])
        cluster.reporting.wait_position(publisher.position)
        cluster.reporting.stop()    # it counts them once a minute, and when it begins
        cluster.reporting.start()
        assert until(lambda: metrics(cluster.reporting)["hoso_reporting_silent_sources"] == 1)
