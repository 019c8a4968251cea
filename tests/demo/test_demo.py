# SPDX-License-Identifier: Apache-2.0
"""deploy/demo.sh as a newcomer meets it: what it prints, Ctrl-C, a second start, README's event, and what it never deletes.

It builds into build/release like any demo, so it runs by itself: tests/run.sh demo.
"""
import fcntl
import json
import os
import pathlib
import pty
import re
import select
import signal
import struct
import subprocess
import termios
import time

import pytest

from hosotest.cluster import loopback_addresses

ROOT = pathlib.Path(__file__).resolve().parents[2]
DEMO = ROOT / "deploy" / "demo.sh"
HOSO = ROOT / "build" / "release" / "services" / "hoso" / "hoso"
MONTH = ["--unit", "H27.45", "--from", "2024-01-19", "--to", "2024-02-19"]
LONG_S = 600  # a first build


@pytest.fixture(scope="module")
def environment(tmp_path_factory):
    port = int(loopback_addresses(1)[0].rsplit(":", 1)[1]) + 10000
    return dict(os.environ, HOSO_DEMO_DIR=str(tmp_path_factory.mktemp("demo") / "home"), HOSO_DEMO_PORT=str(port))


class Demo:
    """A demo whose services run; leaving the block is Ctrl-C on its terminal."""

    def __init__(self, environment, *options):
        self.home = pathlib.Path(environment["HOSO_DEMO_DIR"])
        # A shell's background job, and all that it starts, ignores Ctrl-C, and bash cannot trap what it found ignored.
        self.process = subprocess.Popen([DEMO, *options], env=environment, start_new_session=True,
                                        stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True,
                                        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL))
        self.said = ""

    def __enter__(self):
        for line in self.process.stderr:
            self.said += line
            if line.startswith("Ctrl-C stops"):
                return self
        raise AssertionError(self.said)

    def __exit__(self, *_):
        os.killpg(self.process.pid, signal.SIGINT)
        self.said += self.process.stderr.read()
        self.code = self.process.wait(timeout=30)

    def hoso(self, person, *arguments, stdin=None):
        return subprocess.run([HOSO, "--config", self.home / f"{person}.conf", *arguments], input=stdin, text=True,
                              capture_output=True, check=True).stdout

    def dossiers_of_the_month(self, cut=None):
        printed = self.hoso("officer", "report", "bao-cao-thang", *MONTH, *(["--min-position", cut] if cut else []))
        return re.search(r"([\d.]+) hồ sơ, cụ thể", printed).group(1)


def wait_for_more_of_today(demo, timeout_s=120):
    """Events of today go on coming, in communes of today's tree."""
    def position():
        lines = demo.hoso("officer", "watch", "--unit", "H27", "--once", "--format", "json").splitlines()
        units = [line for line in map(json.loads, lines) if line["type"] == "unit"]
        busy = [unit for unit in units if unit["unit"].startswith("H27.1") and unit["flows"].get("received", {"today": 0})["today"]]
        return max(unit["cut"]["position"] for unit in units) if busy else 0

    end = time.monotonic() + timeout_s
    first = position()
    while not 0 < first < position():
        assert time.monotonic() < end, "nothing happens today"
        first = first or position()


def readme_event():
    return re.search(r"```json\n(.*?)```", (ROOT / "README.md").read_text(encoding="utf-8"), re.S).group(1)


def on_a_terminal(environment, *options):
    """What it prints on one; it has to end with 0."""
    master, slave = pty.openpty()
    fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 80, 0, 0))
    process = subprocess.Popen([DEMO, *options], env=environment, stdin=slave, stdout=slave, stderr=slave, start_new_session=True,
                               preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0))
    os.close(slave)
    printed, end = b"", time.monotonic() + LONG_S
    while select.select([master], [], [], max(0, end - time.monotonic()))[0]:
        try:
            piece = os.read(master, 1 << 16)
        except OSError:                                          # the last one has closed it
            break
        printed += piece
    if time.monotonic() > end:
        os.killpg(process.pid, signal.SIGKILL)
    assert process.wait(30) == 0, printed[-2000:]
    os.close(master)
    return printed.decode(errors="replace")


def test_a_folder_that_no_demo_made_is_left_alone(environment, tmp_path):
    (tmp_path / "thesis.odt").write_text("years of work")
    done = subprocess.run([DEMO, "--once", "--fresh"], env={**environment, "HOSO_DEMO_DIR": str(tmp_path)}, text=True,
                          capture_output=True, timeout=LONG_S)
    assert done.returncode == 2 and "HOSO_DEMO_DIR" in done.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.odt"]


def test_the_newcomers_event_counts_and_is_still_there_after_a_second_start(environment):
    with Demo(environment) as demo:
        assert demo.dossiers_of_the_month() == "2.705"
        cut = demo.hoso("counter", "publish", "-", "--print-position", stdin=readme_event()).strip()
        assert demo.dossiers_of_the_month(cut) == "2.706"
    assert demo.code == 0 and demo.said.rstrip().split("\n")[-1].startswith("Stopped.")
    assert len(demo.said.split("\n")) < 30, "the newcomer is shown what matters"
    with Demo(environment) as again:
        assert again.dossiers_of_the_month() == "2.706"
        wait_for_more_of_today(again)
    assert again.code == 0


def test_an_official_has_no_private_endpoints(environment):
    said = (pathlib.Path(environment["HOSO_DEMO_DIR"]) / "officer.conf").read_text()
    assert not re.search(r"^(intake|journal|ledger|outbox)", said, re.M)


def test_fresh_begins_anew_and_prints_the_month_with_its_communes(environment):
    """On a terminal that is too small for it, without waiting for anybody's key."""
    printed = on_a_terminal({**environment, "TERM": "xterm"}, "--once", "--fresh")
    assert "2.705 hồ sơ" in printed
    assert "Thị trấn Cẩm Xuyên" in printed and "Xã Yên Hòa" in printed
