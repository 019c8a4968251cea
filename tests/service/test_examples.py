# SPDX-License-Identifier: Apache-2.0
"""The examples do what they promise: publish.py loses and doubles nothing, report.py prints what the services say, the C
program builds as it says and runs. All of them are run as a stranger would: the proto files, and a client.conf."""
import itertools
import json
import os
import pathlib
import signal
import subprocess
import sys

import pytest

from hosotest.cli import Cli
from hosotest.client import cells
from hosotest.cluster import Cluster, ROOT, program
from hosotest.cut import Cut
from hosotest.ndjson import to_line

NOON = 1_717_218_000_000              # 1 June 2024
JUNE = ("2024-06-01", "2024-06-30")
CATALOGUE = ROOT / "deploy" / "demo" / "catalogue"
MANY = 30_000


@pytest.fixture(scope="module")
def proto(tmp_path_factory):
    folder = tmp_path_factory.mktemp("proto")
    files = sorted(map(str, (ROOT / "proto" / "hoso" / "v1").glob("*.proto")))
    subprocess.run(["protoc", f"-I{ROOT / 'proto'}", f"--python_out={folder}", *files], check=True)
    return folder


@pytest.fixture(scope="module")
def cluster():
    with Cluster(sources=["counter"]) as cluster:
        cluster.add("officer", role="agency", units="H27.45")
        cluster.reload()
        Cli(cluster, "admin").run("catalogue", "import", CATALOGUE)
        yield cluster


@pytest.fixture
def unit(serial):
    """A commune of its own for each test."""
    return f"H27.45.{next(serial):02}"


@pytest.fixture(scope="module")
def serial():
    return itertools.count(1)


class Example:
    """One example, run as one of the cluster's principals."""

    def __init__(self, proto, script, config):
        self.command = [sys.executable, ROOT / "examples" / "python" / script, config]
        self.environment = {**os.environ, "PYTHONPATH": str(proto), "PYTHONIOENCODING": "utf-8"}

    def start(self, *arguments):
        return subprocess.Popen([*self.command, *arguments], text=True, encoding="utf-8", env=self.environment,
                                stdout=subprocess.PIPE, stderr=subprocess.PIPE)

    def run(self, *arguments, code=0):
        process = self.start(*arguments)
        out, errors = process.communicate(timeout=120)
        assert process.returncode == code, errors
        return out, errors


@pytest.fixture
def publish(cluster, proto):
    return Example(proto, "publish.py", Cli(cluster, "counter").config)


@pytest.fixture
def ask(cluster, proto):
    return Example(proto, "report.py", Cli(cluster, "officer").config)


def events(unit, count, name="e"):
    return [{"event_id": "received", "dossier": f"{unit}-{name}-{n}", "kind": "RECEIVED", "occurred_at": NOON, "unit": unit,
             "procedure": "1.004221", "field": "dat-dai", "channel": "ONLINE", "service_level": "FULL"} for n in range(count)]


@pytest.fixture
def write(tmp_path):
    def write(lines, name="events.ndjson"):
        (tmp_path / name).write_text("".join(line if isinstance(line, str) else to_line(line) for line in lines),
                                     encoding="utf-8")
        return tmp_path / name
    return write


def received(cluster, unit, position):
    report = cluster.reporter().run_report("thong-ke", unit, JUNE, min_position=Cut.parse(position))
    return cells(report)[unit]["received"]


# publish.py

def test_the_same_file_again_counts_once(cluster, publish, unit, write, tmp_path):
    file = write(events(unit, 3000))
    for outbox in ("outbox", "outbox", "another"):
        position, _ = publish.run(tmp_path / outbox, file)
    assert received(cluster, unit, position) == 3000


def test_killed_in_the_middle(cluster, publish, unit, write, tmp_path):
    """With events in the outbox and on their way; the last run is given no events."""
    file, outbox = write(events(unit, MANY)), tmp_path / "outbox"
    for arguments in ([outbox, file], [outbox]):
        start = cluster.intake.status().cut.position
        process = publish.start(*arguments)
        cluster.intake.wait_position(start + 1)
        process.kill()
        process.communicate()
        assert process.returncode == -signal.SIGKILL, "it was too fast to be killed"
    position, _ = publish.run(outbox)
    assert received(cluster, unit, position) == MANY


def test_intake_killed_in_the_middle(cluster, publish, unit, write, tmp_path):
    start = cluster.intake.status().cut.position
    process = publish.start(tmp_path / "outbox", write(events(unit, MANY)))
    cluster.intake.wait_position(start + 1)
    cluster.intake.kill()
    assert "connecting again" in process.stderr.readline()
    cluster.intake.start()
    position, errors = process.communicate(timeout=120)
    assert process.returncode == 0, errors
    assert received(cluster, unit, position) == MANY


def test_what_can_never_be_taken_is_set_aside(cluster, publish, unit, write, tmp_path):
    lines = events(unit, 2000)
    lines[5], lines[700] = '{"eventId":"e","dosier":"x"}\n', events("H99", 1)[0]
    lines[701], lines[1999] = to_line(lines[701]).replace("+07:00", ""), events("H98", 1)[0]
    file, outbox = write(lines), tmp_path / "outbox"
    position, errors = publish.run(outbox, file, code=3)
    refused = [json.loads(line) for line in open(f"{outbox}.refused", encoding="utf-8")]
    assert [(entry["field"], entry["line"] + "\n") for entry in refused] == [
        ("", lines[5]), ("", lines[701]), ("unit", to_line(lines[700])), ("unit", to_line(lines[1999]))]
    assert "dosier" in refused[0]["reason"] and "H99" in refused[2]["reason"] and "H99" in errors
    assert received(cluster, unit, position) == 1996
    publish.run(outbox)                        # nothing is left of them


def test_only_one_publisher_for_a_key(cluster, publish, unit, write, tmp_path):
    start = cluster.intake.status().cut.position
    process = publish.start(tmp_path / "outbox", write(events(unit, MANY)))
    cluster.intake.wait_position(start + 1)
    process.send_signal(signal.SIGSTOP)
    cluster.publisher("counter").open()
    process.send_signal(signal.SIGCONT)
    _, errors = process.communicate(timeout=120)
    assert process.returncode == 1 and "FENCED" in errors
    position, _ = publish.run(tmp_path / "outbox")
    assert received(cluster, unit, position) == MANY


def test_an_outbox_has_one_publisher(publish, unit, write, tmp_path):
    os.mkfifo(tmp_path / "fifo")
    first = publish.start(tmp_path / "outbox", tmp_path / "fifo")
    with open(tmp_path / "fifo", "w", encoding="utf-8"):          # it reads, so it has the outbox
        _, errors = publish.run(tmp_path / "outbox", write(events(unit, 1)), code=1)
        assert "locked" in errors
    first.communicate(timeout=60)
    assert first.returncode == 0


def test_a_restored_intake_gets_again_what_it_lost(proto, unit, write, tmp_path):
    """What it acknowledged after the backup is still in the outbox."""
    with Cluster(sources=["counter"]) as cluster:
        admin = Cli(cluster, "admin")
        admin.run("catalogue", "import", CATALOGUE)
        publish = Example(proto, "publish.py", Cli(cluster, "counter").config)
        publish.run(tmp_path / "outbox", write(events(unit, 1000, "old")))
        admin.run("backup", tmp_path / "backup")
        position, _ = publish.run(tmp_path / "outbox", write(events(unit, 1000, "new")))
        assert received(cluster, unit, position) == 2000
        for service in cluster.services:
            assert service.stop() == 0
            service.wipe()
        admin.run("restore", tmp_path / "backup", "--to", cluster.intake.data, "--any-filesystem")
        cluster.start()
        assert cluster.intake.status().cut.position == 1001
        position, _ = publish.run(tmp_path / "outbox", write(events(unit, 10, "newest")))
        assert received(cluster, unit, position) == 2010


# report.py

def test_report_prints_the_report(cluster, ask, publish, unit, write, tmp_path):
    position, _ = publish.run(tmp_path / "outbox", write(events(unit, 1234)))
    table, _ = ask.run("report", "truc-tuyen", unit, *JUNE, position.strip())
    heads, row, cut = [line.split() for line in table.splitlines()][2:5]
    assert row[-12:-6] == ["1.234", "1.234", "0", "1.234", "1.234", "100%"] and heads[0] == "Tổng", table
    assert Cut.parse(f"{cut[1]}@{cut[4]}") >= Cut.parse(position)
    sentences, _ = ask.run("report", "bao-cao-thang", unit, *JUNE)
    assert "1.234 hồ sơ" in sentences and "!" not in sentences
    assert "KẾT QUẢ GIẢI QUYẾT" in ask.run("forms")[0]
    assert "Xã Cẩm Bình" in ask.run("units", "H27.45", JUNE[0])[0]
    assert ask.run("status")[0].startswith("reporting ")


def test_report_says_why_not(ask):
    for form, where, word in (("no-such-form", "H27.45", "no-such-form"), ("thong-ke", "H27", "right"),
                              ("thong-ke", "H99", "H99")):
        out, errors = ask.run("report", form, where, *JUNE, code=1)
        assert word in errors and not out


# publish_and_report.c

def test_the_c_program_builds_as_it_says(cluster, tmp_path):
    build = pathlib.Path(program("hoso")).parents[2]
    subprocess.run(["cmake", "--install", build, "--prefix", tmp_path / "usr"], check=True, stdout=subprocess.DEVNULL)
    [flags] = {line.partition("=")[2].strip() for line in open(build / "CMakeCache.txt") if line.startswith("HOSO_SANITIZE:")}
    pkg_config = [*(tmp_path / "usr").rglob("hoso.pc")][0].parent
    options = subprocess.run(["pkg-config", "--cflags", "--libs", "hoso"], check=True, text=True, capture_output=True,
                             env={**os.environ, "PKG_CONFIG_PATH": str(pkg_config)}).stdout.split()
    example = tmp_path / "publish_and_report"
    subprocess.run(["cc", *([f"-fsanitize={flags}"] if flags else []), "-o", example,
                    ROOT / "examples" / "publish_and_report.c", *options, f"-Wl,-rpath,{pkg_config.parent}"], check=True)
    for _ in range(2):                         # the second time it is a duplicate
        done = subprocess.run([example, Cli(cluster, "counter").config, tmp_path / "outbox"], text=True, encoding="utf-8",
                              capture_output=True, timeout=60)
        assert done.returncode == 0 and done.stdout.strip().endswith("= 1"), done.stdout + done.stderr
