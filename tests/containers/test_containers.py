# SPDX-License-Identifier: Apache-2.0
"""An administrator's day, in order: first run, start, the golden month, crashes and stops under load."""
import json
import subprocess
import time
import urllib.request

import pytest

from hosotest.watcher import values_of
from load import THIS_YEAR, UNIT, Load, SteadyWatcher
from stack import DEADLINE_S, IMAGE, NOFILE, PROJECT, ROOT, SERVICES, VERSION, await_that, docker

GRACE_S = 10
YEAR_SO_FAR = 2  # after today and the month
GOLDEN = json.loads((ROOT / "tests/end_to_end/golden/cam-xuyen-2024-02.json").read_text(encoding="utf-8"))
PORTS = {"intake": 7311, "aggregation": 7313, "reporting": 7314, "gateway": 7316}   # of metrics
STORES = [name for name in SERVICES if name != "gateway"]   # the others keep nothing
MONTH = ["--unit", "H27.45", "--from", GOLDEN["period"]["from"], "--to", GOLDEN["period"]["to"]]


def test_image_is_small_and_labelled(fact):
    image = json.loads(docker("image", "inspect", IMAGE).stdout)[0]
    base = json.loads(docker("image", "inspect", "debian:bookworm-slim").stdout)[0]
    own = image["Size"] - base["Size"]
    fact(f"image: {image['Size'] / 1e6:.0f} MB, of which {own / 1e6:.0f} MB on top of its base")
    assert own < 60e6       # 36 MB of it is ICU, which libxml2 links
    assert image["Config"]["User"] == "10001:10001" and image["Config"]["StopSignal"] == "SIGTERM"
    assert image["Config"]["Labels"]["org.opencontainers.image.version"] == VERSION
    assert not image["Config"].get("Volumes"), "an anonymous volume would hide that nothing is kept"
    said = docker("run", "--rm", "--network", "none", "--read-only", IMAGE, "hoso", "--version").stdout
    assert said.split()[1] == VERSION


def test_first_run_never_overwrites(stack):
    def contents():
        return {path: (path.read_text(), path.stat().st_mode, path.stat().st_mtime_ns)
                for path in stack.site.rglob("*") if path.is_file()}
    before = contents()
    assert len([path for path in before if path.suffix == ".key"]) == 7
    lost = stack.site / "inside" / "officer.conf"
    lost.unlink()
    stack.first_run()
    after = contents()
    assert {path: content for path, content in after.items() if path != lost} == \
        {path: content for path, content in before.items() if path != lost}
    assert after[lost][0] == before[lost][0]
    for path in before:
        assert path.suffix != ".key" or (path.stat().st_uid, path.stat().st_mode & 0o777) == (10001, 0o600)


def test_first_run_without_containers(stack):
    site, users = stack.work / "etc", ROOT / "deploy/systemd/hoso.sysusers.conf"
    site.mkdir()
    names = [line.split()[1] for line in users.read_text().splitlines() if line.startswith("u ")]
    assert names == [f"hoso-{name}" for name in SERVICES]
    steps = "".join(f"useradd --system {name} && chown {name}: /var/lib/{name} && " for name in names) + \
        "hoso-first-run /etc/hoso --systemd"
    volumes = [part for name in names for part in ("-v", f"{stack.work}/lib/{name}:/var/lib/{name}")]
    checks = "".join(f" && setpriv --reuid={name} --regid={name} --clear-groups {name} "
                     f"--config /etc/hoso/{name.removeprefix('hoso-')}.conf --check" for name in names)
    said = docker("run", "--rm", "--network", "none", "--user", "0:0", "-v", f"{site}:/etc/hoso", *volumes, IMAGE, "sh",
                  "-c", steps + checks).stdout
    assert said.count("are sound") == len(SERVICES)


def test_a_site_without_the_demo_gives_no_warning(stack):
    other = {**stack.environment, "HOSO_SITE": str(stack.work / "without")}
    (stack.work / "without").mkdir()
    docker("run", "--rm", "--network", "none", "--user", "0:0", "-v", f"{other['HOSO_SITE']}:/site", IMAGE,
           "hoso-first-run", "/site")
    said = subprocess.run(["docker-compose", "-f", ROOT / "deploy/compose.yaml", "config", "--services"], env=other,
                          capture_output=True, text=True, check=True)
    assert "warn" not in said.stderr.lower() and "demo" not in said.stdout and "intake" in said.stdout


def test_a_service_needs_no_file(stack):
    settings = {"DATA": "/data", "KEY": "/run/secrets/intake", "REGISTRY": "/etc/hoso/registry/registry",
                "ANY_FILESYSTEM": "1", "LISTEN": "tcp://0.0.0.0:7301"}
    given = [part for name, value in settings.items() for part in ("-e", f"HOSO_INTAKE_{name}={value}")]
    said = docker("run", "--rm", "--network", "none", "--read-only", "--cap-drop", "ALL", *given,
                  "--tmpfs", "/data:uid=10001,mode=0700",
                  "-v", f"{stack.site}/registry:/etc/hoso/registry:ro",
                  "-v", f"{stack.site}/keys/intake.key:/run/secrets/intake:ro", IMAGE,
                  "sh", "-c", "hoso-intake --check && hoso-intake --print-config").stdout
    assert "are sound" in said and "; HOSO_INTAKE_LISTEN\n" in said


def start_with_data(stack, *options):
    """What intake says when its data directory is as `options` make it."""
    return docker("run", "--rm", "--network", "none", "--read-only", "--cap-drop", "ALL", *options,
                  "-v", f"{stack.site}/intake.conf:/etc/hoso/intake.conf:ro",
                  "-v", f"{stack.site}/registry:/etc/hoso/registry:ro",
                  "-v", f"{stack.site}/keys/intake.key:/run/secrets/intake:ro", IMAGE,
                  "hoso-intake", "--config", "/etc/hoso/intake.conf", code=1).stderr


def test_unsuitable_data_directories_are_refused_clearly(stack):
    said = start_with_data(stack)
    assert "/data is on overlay" in said and "a volume" in said
    said = start_with_data(stack, "--tmpfs", "/data:uid=10001,mode=0700")
    assert "/data is on tmpfs" in said and "lost at a restart" in said
    other = stack.work / "of-root"
    other.mkdir(mode=0o700)
    said = start_with_data(stack, "-v", f"{other}:/data")
    assert "belongs to user 0" in said and "10001" in said and "chown" in said


def test_start(stack, fact):
    with (stack.site / "counter.conf").open("a") as conf:
        conf.write("timeout_ms = 60000\n")  # the load below outlives a stop of everything
    began = time.monotonic()
    stack.compose("up", "-d", timeout_s=120)
    stack.await_answers()
    fact(f"docker-compose up until all answer: {time.monotonic() - began:.1f} s")
    for service in SERVICES:
        fact(f"{service} ready {stack.start_ms(service):.0f} ms after its container started")


def test_health_is_asked_by_the_engine(stack):
    for service in SERVICES:
        await_that(f"{service} is healthy", lambda: stack.inspect(service)["State"]["Health"]["Status"] == "healthy")
        said = stack.inspect(service)["State"]["Health"]["Log"][-1]["Output"]
        assert said.startswith((f"{service} {VERSION} answers", f"{service} {VERSION} is ready"))


@pytest.mark.parametrize("service", SERVICES)
def test_what_a_container_may_do(stack, service):
    assert stack.inside(service, "id", "-u").stdout.strip() == "10001"
    status = dict(line.split(":\t", 1) for line in stack.inside(service, "cat", "/proc/1/status").stdout.splitlines()
                  if ":\t" in line)
    assert status["Uid"].split() == ["10001"] * 4 and status["NoNewPrivs"] == "1"
    for kind in ["CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb"]:
        assert int(status[kind], 16) == 0, kind
    limits = stack.inside(service, "cat", "/proc/1/limits").stdout
    assert str(NOFILE) in next(line for line in limits.splitlines() if line.startswith("Max open files"))
    assert "Read-only file system" in stack.inside(service, "touch", "/usr/x", code=1).stderr
    stack.inside(service, "sh", "-c", "test -w /data" + (" && test -e /data/owner.lock" if service in STORES else ""))
    others = [name for name in SERVICES if name != service]
    for name in others:
        stack.inside(service, "test", "-e", f"/run/secrets/{name}", code=1)
    settings = stack.inspect(service)["HostConfig"]
    assert settings["Memory"] > 0 and settings["RestartPolicy"]["Name"] == "unless-stopped"


def reaches(network, address, port):
    probe = f"exec 3<>/dev/tcp/{address}/{port}"
    done = docker("run", "--rm", "--network", f"{PROJECT}_{network}", IMAGE, "timeout", "3", "bash", "-c", probe, code=None)
    return done.returncode == 0


def test_aggregation_is_reached_by_its_neighbours_only(stack):
    networks = stack.inspect("aggregation")["NetworkSettings"]["Networks"]
    assert list(networks) == [f"{PROJECT}_inside"]
    address = networks[f"{PROJECT}_inside"]["IPAddress"]
    assert reaches("inside", "aggregation", 7303)
    assert reaches("outside", "reporting", 7304) and reaches("outside", "intake", 7301)
    assert not reaches("outside", "aggregation", 7303) and not reaches("outside", address, 7303)
    assert not stack.inspect("aggregation")["HostConfig"]["PortBindings"]


def assert_golden(report):
    rows = {row["id"]: row["cells"] for row in report["rows"]}
    for column, numbers in GOLDEN["given"].items():
        for row, number in numbers.items():
            assert rows[row][column] == number, (row, column)
    assert report["checks"] and all(check["ok"] for check in report["checks"])


def test_golden_month_from_the_host(stack):
    stack.admin("catalogue", "import", "/import")
    events = stack.hoso("counter", "simulate", "golden").stdout
    position = stack.hoso("counter", "publish", "-", "--print-position", stdin=events).stdout.strip()
    assert_golden(stack.json("officer", "report", "bao-cao-thang", *MONTH, "--min-position", position))


def test_golden_month_from_a_container(stack, fact):
    printed = stack.demo("run", "--rm", "-T", "demo").stdout
    assert "2.705" in printed and "87,44%" in printed
    fact(printed)
    assert_golden(stack.json("officer", "report", "bao-cao-thang", *MONTH))


def received_this_year(stack, position):
    report = stack.json("officer", "report", "thong-ke", *THIS_YEAR, "--min-position", position)
    return next(row for row in report["rows"] if row["unit"] == UNIT)["cells"]["received"]


@pytest.fixture(scope="module")
def watcher(stack):
    """Watches from the first load to the last, through every crash and stop."""
    watcher = SteadyWatcher(stack.person("officer"), "--unit", "H27")
    yield watcher
    watcher.finish()


def assert_watched(stack, watcher, position):
    """What the watcher holds, and what one in a container sees, is what the report says."""
    count = received_this_year(stack, position)
    watched = watcher.values_at(position, DEADLINE_S)
    once = stack.admin("watch", "--unit", "H27", "--once", "--min-position", position, "--format", "json").stdout
    inside = {line["unit"]: values_of(line) for line in map(json.loads, once.splitlines()) if line["type"] == "unit"}
    for held in [watched, inside]:
        assert held[UNIT]["received"][YEAR_SO_FAR] == held["H27"]["received"][YEAR_SO_FAR] == count
        assert held[UNIT]["processing_in_time"] == count
    assert set(watched) == set(inside)


def await_progress(stack, events=2000):
    begin = stack.position("intake")
    await_that("the load goes on", lambda: stack.position("intake") >= begin + events)


COUNTED = []


def test_crashes_under_load(stack, watcher, fact):
    load = Load(stack, "crash")
    for service in SERVICES:
        await_progress(stack)
        stack.crash(service)
    await_progress(stack)
    position = load.finish()
    COUNTED.append(load.count)
    assert received_this_year(stack, position) == load.count
    assert_watched(stack, watcher, position)
    fact(f"each container killed under load: {load.count} events published, all counted once")
    stack.admin("verify")


def test_stop_under_load(stack, watcher, fact):
    load = Load(stack, "stop")
    await_progress(stack)
    began = time.monotonic()
    stack.compose("stop")
    took = time.monotonic() - began
    for service in SERVICES:
        state = stack.inspect(service)["State"]
        assert (state["Status"], state["ExitCode"], state["OOMKilled"]) == ("exited", 0, False), \
            f"{service}: {state}\n{stack.logs(service)[-2000:]}"
        assert "service.overdue" not in stack.logs(service)
    assert took < GRACE_S
    fact(f"docker-compose stop under load: {took:.1f} s, all with exit code 0")
    stack.compose("start")
    stack.await_answers()
    await_progress(stack)
    position = load.finish()
    COUNTED.append(load.count)
    assert received_this_year(stack, position) == sum(COUNTED)
    assert_watched(stack, watcher, position)
    stack.admin("verify")


def metrics_of(stack, service):
    """{series: value} of a service's metrics, asked from the network inside."""
    port = PORTS[service]
    address = stack.inspect(service)["NetworkSettings"]["Networks"][f"{PROJECT}_inside"]["IPAddress"]
    with urllib.request.urlopen(f"http://{address}:{port}/readyz", timeout=10) as answer:
        assert answer.status == 200
    with urllib.request.urlopen(f"http://{address}:{port}/metrics", timeout=10) as answer:
        lines = answer.read().decode().splitlines()
    return {series: float(value) for series, value in (line.rsplit(" ", 1) for line in lines if line[0] != "#")}


def test_metrics_are_for_the_inside(stack):
    position = stack.position("intake")
    for service in STORES:
        assert metrics_of(stack, service)["hoso_position"] == position
    assert metrics_of(stack, "gateway")["hoso_ready"] == 1
    assert metrics_of(stack, "reporting")["hoso_reporting_identity_violations_total"] == 0
    for service, port in PORTS.items():
        assert f"{port}/tcp" not in (stack.inspect(service)["HostConfig"]["PortBindings"] or {})


def test_doctor_finds_nothing(stack):
    findings = json.loads(stack.admin("doctor", "--format", "json").stdout)
    assert len(findings) > 10 and not [finding for finding in findings if finding["result"] == "failure"], findings


def test_recreated_containers_find_their_data(stack):
    before = stack.json("officer", "report", "bao-cao-thang", *MONTH)
    stack.compose("down")
    stack.compose("up", "-d")
    stack.await_answers()
    after = stack.json("officer", "report", "bao-cao-thang", *MONTH)
    assert after["rows"] == before["rows"] and after["cut"] == before["cut"]


def test_backup_under_load_and_restore(stack, fact):
    """The steps of docs/operations.md. What was published after the backup is lost, published again, and counted once."""
    load = Load(stack, "restore")
    await_progress(stack)
    told = json.loads(stack.admin("backup", "/backup/journal", "--format", "json").stdout)
    held = told["cut"]["position"]
    position = load.finish()
    assert held < position
    before = received_this_year(stack, position)
    stack.compose("stop", "intake", "aggregation")
    stack.admin("restore", "/backup/journal", "--check")
    stack.compose("rm", "-f", "intake", "aggregation")
    docker("volume", "rm", f"{PROJECT}_intake")
    stack.compose("run", "--rm", "-T", "restore")
    docker("volume", "rm", f"{PROJECT}_aggregation")
    stack.compose("up", "-d")
    stack.await_answers()
    await_that("the restored journal is counted", lambda: stack.position("reporting") == held)
    stack.admin("verify")
    again = Load(stack, "restore", load.count)
    assert received_this_year(stack, again.finish()) == before
    stack.admin("verify")
    assert "another directory" in stack.admin("backup", "/backup/journal", code=1).stderr
    stack.admin("backup", "/backup/journal-2")
    fact(f"backup of {told['bytes'] / 1e6:.0f} MB under load: {told['seconds']} s")


def test_a_revoked_key_is_refused_after_a_signal(stack):
    registry = stack.site / "registry"
    docker("run", "--rm", "--network", "none", "-v", f"{registry}:/registry", IMAGE,
           "hoso", "key", "revoke", "officer", "--registry", "/registry/registry")
    stack.compose("kill", "-s", "HUP", *SERVICES)
    await_that("the officer is refused", lambda: stack.hoso(
        "officer", "--timeout", "1000", "forms", code=None).returncode != 0)
    assert stack.position("reporting") > 0
