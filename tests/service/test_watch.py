# SPDX-License-Identifier: Apache-2.0
"""libhoso's subscriber of the live totals, through the programs that use it: it ends with what the report says."""
import csv
import fcntl
import io
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

from events import TREES, received, series
from hosotest.cli import Cli
from hosotest.cluster import Cluster, ROOT, loopback_addresses, program
from hosotest.protocol import pb
from hosotest.totals import STOCKS, reported
from hosotest.watcher import Watcher, values_of
from test_totals import DAY, RESTRICTED, shift_to, wave, whole_catalogue

EXAMPLE = ROOT / "examples" / "watch_totals.c"
ALL_ROOTS = ("t00000", "t00001", "p")
WAIT_S = 60


@pytest.fixture(scope="module")
def cluster():
    cluster = Cluster(sources=["s1"])
    cluster.add("agency", role="agency", units="t00000")
    cluster.reporting.configure(totals_clock_shift_s=shift_to(DAY, 12), totals_restricted=RESTRICTED,
                                totals_restricted_listen=f"tcp://{loopback_addresses(1)[0]}")
    with cluster:
        cluster.put_catalogue(whole_catalogue())
        yield cluster


@pytest.fixture
def cli(cluster):
    return Cli(cluster, "agency")


@pytest.fixture
def admin(cluster):
    return Cli(cluster, "admin")


@pytest.fixture
def publish(cluster):
    """publish(events): its position."""
    publisher = cluster.publisher("s1", chunk=4000)

    def send(events):
        assert not publisher.publish(events)
        return publisher.position
    yield send
    cluster.reporting.wait_position(publisher.position)


def whole(reporter, position, roots=ALL_ROOTS):
    """What thong-ke says of the public feed's units."""
    expected = {}
    for root in roots:
        expected.update(reported(reporter, root, DAY, position))
    assert any(expected.values())
    return {unit: rows for unit, rows in expected.items() if unit not in (RESTRICTED, "t00001.c")}


@pytest.fixture
def watch(cli):
    watchers = []

    def start(*arguments, to=cli):
        watchers.append(Watcher(to, *arguments))
        return watchers[-1].follow(lambda watcher: watcher.beat)
    yield start
    for watcher in watchers:
        if watcher.process.poll() is None:
            watcher.process.kill()
        watcher.process.wait()


# The numbers

def test_once_equals_the_report_of_the_command(admin, publish):
    position = publish([*series("once", 20), received("once-b", unit="t00000.b", event_id="e-2")])
    lines = admin.run("watch", "--unit", "t00000", "--once", "--min-position", position, "--format", "json").stdout
    *units, beat = map(json.loads, lines.splitlines())
    assert beat["type"] == "heartbeat" and beat["cut"]["position"] == position and beat["day"] == DAY.isoformat()
    spans = []
    for first in (DAY, DAY.replace(day=1), DAY.replace(month=1, day=1)):
        report = admin.json("report", "thong-ke", "--unit", "t00000", "--from", first, "--to", DAY,
                            "--min-position", position)
        assert report["cut"] == beat["cut"]
        report["rows"] = [row for row in report["rows"] if row["kind"] == "UNIT"]
        spans.append({row["unit"]: row["cells"] for row in report["rows"]})
    flows = [c["id"] for c in report["columns"] if c["id"] not in (*STOCKS, "carried_over")]
    expected = {unit: {**{m: tuple(span[unit][m] for span in spans) for m in flows},
                       **{m: spans[0][unit][m] for m in STOCKS}} for unit in spans[0]}
    expected = {unit: {m: v for m, v in rows.items() if v not in (0, (0, 0, 0))} for unit, rows in expected.items()}
    assert {line["unit"]: values_of(line) for line in units} == expected and expected["t00000"]
    assert [line["unit"] for line in units] == [row["unit"] for row in report["rows"]]      # printing order


def test_once_as_table_and_csv(cli, publish):
    position = publish(series("formats", 3))
    table = cli.run("watch", "--unit", "t00000", "--once").stdout
    assert "Tiếp nhận" in table and f"số liệu tính đến vị trí {int(position)} " in table and "\033" not in table
    text = cli.run("watch", "--unit", "t00000", "--once", "--format", "csv", "--lang", "en", "--measures",
                   "received,processing_overdue").stdout
    rows = list(csv.reader(io.StringIO(text.removeprefix("\ufeff"))))
    assert rows[0] == ["Unit", "Id", "Received: Today", "Received: Month", "Received: Year", "In process, overdue: Now"]
    line = json.loads(cli.run("watch", "--unit", "t00000", "--once", "--format", "json").stdout.splitlines()[0])
    received_now = line["flows"]["received"]
    assert rows[1][1:5] == ["t00000", *(str(received_now[span]) for span in ("today", "month", "year"))]


def test_lines_add_up_to_the_report(cluster, watch, publish):
    watcher = watch("--unit", "t00000")
    for n in range(5):
        position = publish(series("lines", 20, 20 * n))
        watcher.follow_position(position)
    assert watcher.values == whole(cluster.reporter(), position, ["t00000"]) and watcher.beat["resyncs"] == 0
    watcher.stop()


# Losses

def test_stopped_with_a_small_queue(cluster, watch, publish):
    watcher = watch("--queue", "10")
    watcher.process.send_signal(signal.SIGSTOP)
    for n in range(32):
        position = publish(wave(f"watch-flood-{n}"))
        cluster.reporting.wait_position(position)
    quick = watch()
    quick.follow_position(position)
    watcher.process.send_signal(signal.SIGCONT)
    watcher.follow_position(position)
    print([state.get("why") for state in watcher.states])
    assert watcher.beat["resyncs"] >= 1 and watcher.values == quick.values == whole(cluster.reporter(), position)
    watcher.stop()


def test_reporting_killed(cluster, watch, publish):
    watcher = watch("--unit", "t00000")
    watcher.follow_position(publish(series("killed", 5)))
    feed = watcher.beat["feed"]
    cluster.reporting.kill()
    watcher.follow(lambda watcher: watcher.states[-1]["state"] == "stale")
    publisher = cluster.publisher("s1")            # `publish` would wait for reporting
    assert not publisher.publish(series("killed", 5, 5))
    cluster.reporting.start()
    position = publisher.position
    watcher.follow_position(position)
    assert watcher.beat["feed"] != feed and watcher.beat["resyncs"] >= 1
    assert watcher.values == whole(cluster.reporter(), position, ["t00000"])
    watcher.stop()


def test_another_catalogue(cluster, watch, publish):
    """A new feed: the tree is another one; the watcher begins anew by itself."""
    watcher = watch("--unit", "t00000")
    new = pb.Unit(id="t00000.new", code="new", name="Xã mới", tier=pb.TIER_COMMUNE, parent="t00000")
    cluster.put_catalogue(whole_catalogue([new]))
    watcher.follow(lambda watcher: "t00000.new" in watcher.values)
    new.valid_to = "2024-01-29"
    cluster.put_catalogue(whole_catalogue([new]))
    watcher.follow(lambda watcher: "t00000.new" not in watcher.values)
    assert "another feed" in watcher.states[-1]["why"] and set(TREES[0].units) == set(watcher.values)
    watcher.stop()


def test_a_revoked_key(cluster, watch, publish):
    keys = cluster.add("leaver", role="agency", units="t00000")
    cluster.admit("leaver", service=cluster.reporting)
    watcher = watch("--unit", "t00000", to=Cli(cluster, "leaver"))
    cluster.remove("leaver")
    cluster.reload()
    watcher.follow(lambda watcher: watcher.states[-1]["state"] == "stale")
    before = dict(watcher.values)
    position = publish(series("leaver", 3))
    cluster.reporting.wait_position(position)
    assert watcher.values == before
    cluster.add("leaver", role="agency", units="t00000", keys=keys)     # let in again by itself
    cluster.reload()
    watcher.follow_position(position)
    assert watcher.values == whole(cluster.reporter(), position, ["t00000"])
    watcher.stop()
    cluster.remove("leaver")
    cluster.reload()


# Refusals

@pytest.mark.parametrize("arguments, code, text", [
    (["--unit", "nowhere"], 1, 'there is no unit "nowhere"'),
    (["--unit", "nowhere", "--timeout", "2500"], 1, 'there is no unit "nowhere"'),   # not first after a resend
    (["--unit", RESTRICTED], 1, f'there is no unit "{RESTRICTED}"'),
    (["--restricted"], 1, "has no right to all units of this feed"),
    (["--measures", "received,nothing"], 2, '"nothing" does not begin with a measure'),
    (["--format", "csv"], 2, "--format csv goes with --once"),
    (["--min-position", "1@2"], 2, "--min-position goes with --once"),
    (["--once", "--min-position", "99999999@1", "--timeout", "3000"], 4, "the feed is at position"),
])
def test_what_cannot_be_watched(cli, arguments, code, text):
    done = cli.run("watch", *arguments, "--lang", "en", code=code)
    assert text in done.stderr and done.stdout == ""


def configured(cli, tmp_path, **settings):
    """The same client with other settings; None takes one away."""
    lines = dict(line.split(" = ", 1) for line in cli.config.read_text().splitlines())
    lines.update(settings)
    config = tmp_path / "client.conf"
    config.write_text("".join(f"{k} = {v}\n" for k, v in lines.items() if v is not None))
    return ["--config", config]


def test_a_feed_that_is_not_there(cli, tmp_path):
    silent = f"tcp://{loopback_addresses(1)[0]}"
    for settings, code, text in [({"totals": None}, 1, 'does not say where "totals" is'),
                                 ({"totals": silent}, 4, f"totals at {silent} did not answer within 1500 ms: nothing listens there"),
                                 ({"reporting": silent}, 4, "did not answer within 1500 ms")]:
        more = configured(cli, tmp_path, **settings)
        for once in (["--once"], []):
            assert text in cli.run("watch", *more, "--timeout", "1500", "--lang", "en", *once, code=code).stderr
        if code == 4:                                  # nothing listens: without --timeout the answer comes at once
            began = time.monotonic()
            assert "did not answer: nothing listens there" in cli.run("watch", *more, "--lang", "en", code=code).stderr
            assert time.monotonic() - began < 9        # 10 s are the configuration's


def test_the_restricted_feed(cluster, admin, publish):
    position = publish([received("restricted-1", unit="t00001.c")])
    lines = admin.run("watch", "--restricted", "--once", "--min-position", position, "--format", "json").stdout
    units = {line["unit"]: values_of(line) for line in map(json.loads, lines.splitlines()) if line["type"] == "unit"}
    expected = reported(cluster.reporter(), "t00001", DAY, position)
    assert units == {unit: expected[unit] for unit in (RESTRICTED, "t00001.c")} and units["t00001.c"]


# The terminal

class Terminal:
    """hoso watch on a terminal of its own."""

    def __init__(self, cli, *arguments, rows=24, columns=120, **environment):
        self.master, slave = pty.openpty()
        self.before, self.out = termios.tcgetattr(slave), b""
        self.resize(rows, columns, slave)
        self.process = subprocess.Popen(cli.command("watch", *arguments), stdin=slave, stdout=slave, stderr=slave,
                                        start_new_session=True, env={**os.environ, **environment},
                                        preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0))
        self.slave = slave

    def resize(self, rows, columns, to=None):
        fcntl.ioctl(to or self.master, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))

    def read(self, until, timeout_s=WAIT_S):
        """What is written up to and with `until`."""
        deadline, begin = time.monotonic() + timeout_s, len(self.out)
        while until not in self.out[begin:].decode(errors="replace"):
            assert time.monotonic() < deadline, self.out[begin:][-2000:]
            if select.select([self.master], [], [], 0.2)[0]:
                self.out += os.read(self.master, 65536)
        return self.out[begin:].decode(errors="replace")

    def type(self, keys):
        os.write(self.master, keys.encode())

    def wait(self):
        code = self.process.wait(WAIT_S)
        while select.select([self.master], [], [], 0.1)[0]:
            self.out += os.read(self.master, 65536)
        return code

    def close(self):
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        os.close(self.master)
        os.close(self.slave)


@pytest.fixture
def terminal(cli):
    terminals = []

    def start(*arguments, **options):
        terminals.append(Terminal(cli, *arguments, **options))
        return terminals[-1]
    yield start
    for each in terminals:
        each.close()


def screen(text, rows=24, columns=120):
    """What a terminal shows after `text`, as lines without styles: the few controls that are used."""
    lines, row, column = [" " * columns for _ in range(rows)], 0, 0
    for control, letter, plain in re.findall(r"\033\[([?0-9;]*)([A-Za-z])|(.|\n|\r)", text):
        if letter == "A":
            row = max(0, row - int(control or 1))
        elif letter == "K":
            lines[row] = lines[row][:column] + " " * (columns - column)
        elif letter == "J" and control == "2":
            lines = [" " * columns for _ in range(rows)]
        elif letter == "J":
            lines[row:] = [lines[row][:column] + " " * (columns - column)] + [" " * columns] * (rows - row - 1)
        elif letter == "H":
            row = column = 0
        elif letter in "hlm" and letter:
            pass
        elif plain == "\n":
            if row == rows - 1:
                lines = lines[1:] + [" " * columns]
            row, column = min(row + 1, rows - 1), 0
        elif plain == "\r":
            column = 0
        elif plain:
            assert column < columns, "a line is wider than the terminal"
            lines[row] = lines[row][:column] + plain + lines[row][column + 1:]
            column += 1
    return [line.rstrip() for line in lines]


def number(value):
    return f"{value:,}".replace(",", ".")


def shown_total(lines):
    """Received today, of the first row."""
    rule = next(n for n, line in enumerate(lines) if line.startswith("───"))
    return int(re.split(r"\s{2,}", lines[rule + 1])[1].replace(".", ""))


def test_a_terminal_is_redrawn_in_place(cluster, terminal, publish, cli):
    shown = terminal("--unit", "t00000")
    shown.read("đang cập nhật")
    shown.read("q: thoát")
    before = shown_total(screen(shown.out.decode()))
    position = publish(series("terminal", 7))
    text = shown.read(f"vị trí {number(position)} ") + shown.read("q: thoát")
    assert "\033[1;7m" in text                     # what changed stands out
    lines = screen(shown.out.decode())
    assert shown_total(lines) == before + 7
    assert sum("(t00000)" in line for line in lines) == 1 and sum("q: thoát" in line for line in lines) == 1
    assert shown.out.startswith(b"\033[?25l") and b"\033[?25h" not in shown.out
    assert not termios.tcgetattr(shown.slave)[3] & termios.ECHO
    shown.type("\x03")
    assert shown.wait() == 0
    assert shown.out.endswith(b"\033[?25h") and termios.tcgetattr(shown.slave) == shown.before


def test_a_terminal_survives_resizing(terminal, publish):
    shown = terminal(rows=24, columns=120, NO_COLOR="1")
    shown.read("không hiện")
    shown.resize(14, 60)
    text = shown.read("\033[H\033[2J") + shown.read("q: thoát")
    lines = screen(shown.out.decode().rpartition("\033[2J")[2], rows=14, columns=60)
    assert "còn 6 cột" in text and sum("q: thoát" in line for line in lines) == 1
    assert not re.search(r"\033\[[0-9;]*m", shown.out.decode())          # NO_COLOR
    shown.type("q")
    assert shown.wait() == 0 and termios.tcgetattr(shown.slave) == shown.before


def test_a_terminal_is_put_right_when_stopped(terminal):
    shown = terminal("--unit", "t00000")
    shown.read("đang cập nhật")
    shown.type("\x1a")
    shown.read("\033[?25h")
    while os.waitid(os.P_PID, shown.process.pid, os.WSTOPPED | os.WNOWAIT | os.WEXITED).si_code != os.CLD_STOPPED:
        pass
    assert termios.tcgetattr(shown.slave) == shown.before
    shown.process.send_signal(signal.SIGCONT)
    shown.read("\033[?25l")
    shown.read("đang cập nhật")
    shown.process.terminate()
    assert shown.wait() == 0 and shown.out.endswith(b"\033[?25h")


def test_a_terminal_without_a_feed(terminal, cli, tmp_path):
    """What is wrong is said after the terminal was put right."""
    shown = terminal("--unit", "nowhere")
    assert shown.wait() == 1
    assert shown.out.decode().index("\033[?25h") < shown.out.decode().index("Không có đơn vị này")


# The library

def test_the_c_example_follows(cluster, cli, publish, tmp_path):
    """Compiled as a stranger would, against the shared library."""
    library = pathlib.Path(program("hoso")).parents[2] / "common" / "client"
    if b"__asan_init" in (library / "libhoso.so").read_bytes():
        pytest.skip("a sanitized library wants a sanitized program")
    watch_totals = tmp_path / "watch_totals"
    subprocess.run(["cc", "-Wall", "-Wextra", "-Werror", "-I", ROOT / "common" / "client", "-o", watch_totals, EXAMPLE,
                    "-L", library, "-lhoso"], check=True)
    example = subprocess.Popen([watch_totals, cli.config, "t00000.a"], text=True, stdout=subprocess.PIPE,
                               env={**os.environ, "LD_LIBRARY_PATH": str(library)})
    try:
        first = example.stdout.readline().split()
        position = publish(series("c-example", 3))
        while int((line := example.stdout.readline().split())[1]) < position:
            pass
    finally:
        example.kill()
        example.wait()
    before = int(first[3].removeprefix("received="))
    assert line[2] == "t00000.a" and line[3] == f"received={before + 3}"
