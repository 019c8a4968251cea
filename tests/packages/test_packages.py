# SPDX-License-Identifier: Apache-2.0
"""The packages of deploy/debian in the chroot that run.sh made, in this order: installed, configured, run as their units
say, upgraded, removed, purged. This process is the services' supervisor: it reads the units, and hears READY and WATCHDOG."""
import json
import os
import pathlib
import re
import shlex
import shutil
import signal
import socket
import subprocess

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
SYSTEM = pathlib.Path(os.environ["HOSO_SYSTEM"])
VERSION = re.search(r"project\(hoso VERSION (\S+)", (ROOT / "CMakeLists.txt").read_text())[1]
GOLDEN = json.loads((ROOT / "tests/end_to_end/golden/cam-xuyen-2024-02.json").read_text(encoding="utf-8"))
MONTH = ["--unit", "H27.45", "--from", GOLDEN["period"]["from"], "--to", GOLDEN["period"]["to"]]
SERVICES = ["intake", "aggregation", "reporting", "gateway"]
CONFFILE = SYSTEM / "etc/default/hoso-services"
DEADLINE_S = 120


def run(*command, code=0, stdin=None):
    """A command inside, as root."""
    done = subprocess.run(["chroot", SYSTEM, "env", "-i", "PATH=/usr/sbin:/usr/bin:/sbin:/bin", "LANG=C.UTF-8",
                           "DEBIAN_FRONTEND=noninteractive", *map(str, command)],
                          input=stdin, capture_output=True, text=True, timeout=DEADLINE_S)
    assert code is None or done.returncode == code, f"{command}: {done.returncode}\n{done.stdout}\n{done.stderr}"
    return done.stdout


def hoso(*arguments, **options):
    return run("hoso", "--config", "/etc/hoso/admin.conf", "--timeout", "60000", *arguments, **options)


class Unit:
    """A unit file as installed."""

    def __init__(self, name):
        lines = (SYSTEM / f"lib/systemd/system/hoso-{name}.service").read_text().splitlines()
        self.settings = dict(line.split("=", 1) for line in lines if "=" in line and line[0] not in "#[")

    def __getitem__(self, name):
        return self.settings[name]


class Supervised:
    """A service as its unit starts it: user, environment, command; it says when it is ready, and that it lives."""

    def __init__(self, name):
        self.name, self.unit = name, Unit(name)
        path = SYSTEM / f"run/notify-{name}"
        path.unlink(missing_ok=True)
        self.notices = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.notices.bind(str(path))
        path.chmod(0o777)
        self.notices.settimeout(DEADLINE_S)
        file = SYSTEM / self.unit["EnvironmentFile"].lstrip("-/")
        given = [line for line in file.read_text().splitlines() if line and line[0] != "#"]
        self.process = subprocess.Popen(
            ["chroot", f"--userspec={self.unit['User']}:{self.unit['Group']}", SYSTEM, "env", "-i",
             f"NOTIFY_SOCKET=/run/notify-{name}", f"WATCHDOG_USEC={int(self.unit['WatchdogSec']) * 1000000 // 6}", *given,
             *shlex.split(self.unit["ExecStart"])], stderr=subprocess.PIPE, text=True)

    def wait(self, notice):
        while (got := self.notices.recv(256).decode()) != notice:
            pass
        return got

    def stop(self):
        self.notices.setblocking(False)     # its queue is short
        while True:
            try:
                self.notices.recv(256)
            except BlockingIOError:
                break
        self.notices.settimeout(DEADLINE_S)
        self.process.send_signal(signal.SIGTERM)
        self.wait("STOPPING=1")
        log = self.process.communicate(timeout=DEADLINE_S)[1]
        assert self.process.returncode == 0, log
        return log


def start_all():
    services = [Supervised(name) for name in SERVICES]
    for service in services:
        assert service.unit["Type"] == "notify"
        service.wait("READY=1")
        service.wait("WATCHDOG=1")
    return services


def report():
    rows = json.loads(hoso("report", "bao-cao-thang", *MONTH, "--format", "json"))["rows"]
    return {row["id"]: row["cells"] for row in rows}


def assert_golden():
    rows = report()
    for column, numbers in GOLDEN["given"].items():
        for row, number in numbers.items():
            assert rows[row][column] == number, (row, column)


def with_version(package, version, change=None):
    """The same package as another version. Its path inside."""
    source = next((SYSTEM / "packages").glob(f"{package}_*.deb"))
    folder = SYSTEM / "packages" / f"{package}-{version}"
    subprocess.run(["dpkg-deb", "-R", source, folder], check=True)
    control = folder / "DEBIAN/control"
    control.write_text(re.sub(r"\(= \S+\)", f"(= {version})", re.sub(r"(?m)^Version: .*$", f"Version: {version}", control.read_text())))
    if change:
        change(folder)
    to = SYSTEM / "packages" / f"{package}-{version}.deb"
    subprocess.run(["dpkg-deb", "--root-owner-group", "-b", folder, to], check=True, stdout=subprocess.DEVNULL)
    shutil.rmtree(folder)
    return f"/packages/{to.name}"


def other_conffile(folder):
    (folder / "etc/default/hoso-services").write_text("# what an older version shipped\n")
    sums = folder / "DEBIAN/md5sums"
    sums.write_text("".join(line for line in sums.read_text().splitlines(True) if "etc/default" not in line))


def state(package):
    return run("dpkg-query", "-W", "-f=${Status} ${Version}", package, code=None)


def test_an_older_version_is_installed():
    assert (ROOT / "deploy/debian/changelog").read_text().startswith(f"hoso ({VERSION}) ")
    older = [with_version("hoso", "0.0.9"), with_version("hoso-services", "0.0.9", other_conffile)]
    run("apt-get", "install", "-y", "--no-install-recommends", *older)
    assert state("hoso-services") == "install ok installed 0.0.9"
    for name in SERVICES:
        user = run("getent", "passwd", f"hoso-{name}").split(":")
        assert user[5] == f"/var/lib/hoso-{name}" and user[6].strip().endswith("nologin")
        assert run("stat", "-c", "%U %a", f"/var/lib/hoso-{name}").strip() == f"hoso-{name} 700"
        assert run("sh", "-c", f"ls /etc/systemd/system/multi-user.target.wants/hoso-{name}.service")
        assert Unit(name)["ConditionPathExists"] == f"/etc/hoso/{name}.conf"


def test_systemd_takes_the_units():
    units = [f"/lib/systemd/system/hoso-{name}.service" for name in SERVICES]
    said = run("sh", "-c", f"systemd-analyze verify --man=no {' '.join(units)} 2>&1")
    assert "hoso" not in said, said
    for unit in units:
        rated = run("systemd-analyze", "security", "--offline=true", "--no-pager", unit)
        assert float(re.search(r"exposure level for \S+: ([\d.]+)", rated)[1]) < 2.5, rated


def test_the_first_run_and_the_golden_month():
    run("hoso-first-run", "/etc/hoso", "--systemd")
    CONFFILE.write_text(CONFFILE.read_text() + "HOSO_REPORTING_TOTALS_INTERVAL_MS=50\n")
    services = start_all()
    run("hoso", "key", "new", "/etc/hoso/keys/counter.key")
    run("hoso", "key", "grant", "counter", "--key", "/etc/hoso/keys/counter.key", "--role", "source", "--units", "H27",
        "--registry", "/etc/hoso/registry/registry")
    public = {name: re.search("public = (.*)", (SYSTEM / f"etc/hoso/keys/{name}.key").read_text())[1] for name in ["intake"]}
    (SYSTEM / "etc/hoso/counter.conf").write_text(
        f"intake = tcp://127.0.0.1:7301\nintake_key = {public['intake']}\nkey = keys/counter.key\noutbox = outbox-counter\n")
    for service in services:
        service.process.send_signal(signal.SIGHUP)
    run("cp", "-r", "/usr/share/doc/hoso/examples/catalogue", "/tmp/catalogue")
    run("sh", "-c", "gunzip -f /tmp/catalogue/*.gz 2>/dev/null || true")
    hoso("catalogue", "import", "/tmp/catalogue")
    events = hoso("simulate", "golden")
    position = run("hoso", "--config", "/etc/hoso/counter.conf", "publish", "-", "--print-position",
                   stdin=events).strip()
    hoso("report", "bao-cao-thang", *MONTH, "--min-position", position)
    assert_golden()
    assert "2.705" in hoso("report", "bao-cao-thang", *MONTH)
    printed = run("sh", "-c", ". /etc/default/hoso-services && export HOSO_REPORTING_TOTALS_INTERVAL_MS && "
                  "hoso-reporting --config /etc/hoso/reporting.conf --print-config")
    assert "totals_interval_ms = 50" in printed
    assert json.loads(hoso("doctor", "--site", "/etc/hoso", "--format", "json", code=None))
    for service in reversed(services):
        service.stop()


def test_what_is_for_people():
    """Manual pages, completion, Vietnamese."""
    for page in ["hoso", "hoso-intake", "hoso-first-run", "hoso-events"]:
        path = next(SYSTEM.glob(f"usr/share/man/man*/{page}.*"))
        assert run("sh", "-c", f"gunzip -c /{path.relative_to(SYSTEM)} | grep -c '^\\.S[Hh]'")
    run("apt-get", "install", "-y", "--no-install-recommends", "bash-completion")
    done = run("bash", "-c", ". /usr/share/bash-completion/bash_completion; _completion_loader hoso; complete -p hoso")
    assert "hoso" in done
    assert (SYSTEM / "usr/share/zsh/vendor-completions/_hoso").exists()
    assert (SYSTEM / "usr/share/fish/vendor_completions.d/hoso.fish").exists()
    assert (SYSTEM / "usr/share/locale/vi/LC_MESSAGES/hoso.mo").exists()


def test_the_upgrade_keeps_data_and_what_an_administrator_wrote():
    before = report_files()
    kept = CONFFILE.read_text()
    run("apt-get", "install", "-y", "--no-install-recommends", "-o", "Dpkg::Options::=--force-confold",
        *(f"/packages/{path.name}" for path in (SYSTEM / "packages").glob(f"hoso*_{VERSION}_*.deb")))
    assert state("hoso-services") == f"install ok installed {VERSION}"
    assert CONFFILE.read_text() == kept and "TOTALS_INTERVAL" in kept
    assert "HOSO_INTAKE_MAP_BYTES" in CONFFILE.with_name("hoso-services.dpkg-dist").read_text()
    assert report_files() == before
    services = start_all()
    assert_golden()
    hoso("verify")
    for service in reversed(services):
        service.stop()


def report_files():
    """What must outlive everything: keys, registry, configuration, and the journal."""
    paths = [path for path in (SYSTEM / "etc/hoso").rglob("*") if path.is_file() and "outbox" not in str(path)]
    return {str(path): path.read_bytes() for path in [*paths, SYSTEM / "var/lib/hoso-intake/data.mdb"]}


def test_a_program_is_built_with_the_library():
    run("apt-get", "install", "-y", "--no-install-recommends",
        *(f"/packages/{path.name}" for path in (SYSTEM / "packages").glob(f"libhoso*_{VERSION}_*.deb")))
    library = next(SYSTEM.glob("usr/lib/*/libhoso.so")).parent
    program = SYSTEM / "tmp/publish_and_report"
    subprocess.run(["cc", f"-I{SYSTEM}/usr/include", SYSTEM / "usr/share/doc/libhoso-dev/examples/publish_and_report.c",
                    f"-L{library}", "-lhoso", "-o", program], check=True)
    assert "libhoso.so.0" in run("ldd", "/tmp/publish_and_report")
    assert "not found" not in run("ldd", "/tmp/publish_and_report")


def test_removed_the_data_stay():
    before = report_files()
    run("apt-get", "remove", "-y", "hoso-services")
    assert not (SYSTEM / "usr/bin/hoso-intake").exists()
    assert report_files() == before and CONFFILE.exists()


@pytest.mark.parametrize("answer", ["false", "true"])
def test_purged_the_data_go_only_if_the_administrator_says_so(answer):
    before = report_files()
    package = next((SYSTEM / "packages").glob("hoso-services_*.deb")).name
    run("apt-get", "install", "-y", "--no-install-recommends", f"/packages/{package}")
    assert report_files() == before
    run("sh", "-c", f"echo 'hoso-services hoso-services/purge-data boolean {answer}' | debconf-set-selections")
    run("dpkg", "--purge", "hoso-services")
    assert not CONFFILE.exists()
    if answer == "false":
        assert report_files() == before
    else:
        assert not (SYSTEM / "etc/hoso").exists() and not list((SYSTEM / "var/lib").glob("hoso-*"))
