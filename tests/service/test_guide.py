# SPDX-License-Identifier: Apache-2.0
"""The guide for publishers is true: each of its lives adds to the counts exactly what it says."""
import json
import os
import pathlib
import re
import subprocess

import pytest

from hosotest.cli import Cli
from hosotest.client import cells
from hosotest.cluster import Cluster, ROOT, program
from hosotest.cut import Cut

GUIDE = (ROOT / "docs" / "integration.md").read_text(encoding="utf-8")
LIVES = GUIDE[GUIDE.index("## Whole lives"):GUIDE.index("## Identity")]
# a block of events, and the sentence after it
STEPS = [(match[1], dict(re.findall(r"`(\w+)` (\d+)", match[2])))
         for match in re.finditer(r"```json\n(.*?)```\n\nAdds (.*?)\n\n", LIVES, re.DOTALL)]
KINDS = re.findall(r"KIND_(\w+) = [1-9]", (ROOT / "proto" / "hoso" / "v1" / "common.proto").read_text())


@pytest.fixture(scope="module")
def counter():
    with Cluster(sources=["counter"]) as cluster:
        Cli(cluster, "admin").run("catalogue", "import", ROOT / "deploy" / "demo" / "catalogue")
        yield Cli(cluster, "counter"), cluster


def test_every_life_adds_what_the_guide_says(counter):
    command, cluster = counter
    reporter, before = cluster.reporter(), {}
    assert len(STEPS) == LIVES.count("```json") >= 9
    for events, said in STEPS:
        position = command.run("publish", "-", "--print-position", stdin=events).stdout
        report = reporter.run_report("thong-ke", "H27.45", ("2024-06-01", "2024-06-30"), min_position=Cut.parse(position))
        after = cells(report)["H27.45"]
        added = {measure: after[measure] - before.get(measure, 0) for measure in after}
        assert {m: n for m, n in added.items() if n != 0} == {m: int(n) for m, n in said.items()}, events
        assert all(check.ok for check in report.checks)
        before = after
    assert not list(reporter.quality())


def test_the_table_has_every_kind():
    table = GUIDE[GUIDE.index("## What to send"):GUIDE.index("## Whole lives")]
    assert set(KINDS) <= set(re.findall(r"`([A-Z_]+)`", table)) and len(KINDS) == 21
    assert {json.loads(line)["kind"] for events, _ in STEPS for line in events.splitlines()} <= set(KINDS)


def test_the_table_has_every_answer():
    proto = (ROOT / "proto" / "hoso" / "v1" / "publisher.proto").read_text()
    answers = set(re.findall(r"APPEND_RESULT_(\w+) = [1-9]", proto))
    assert answers <= set(re.findall(r"^\| `(\w+)` \|", GUIDE, re.MULTILINE)) and len(answers) >= 8


def test_the_script_for_cron(counter, tmp_path):
    """A file goes when it is published, stays while intake is away, and is set aside when a line is refused."""
    command, cluster = counter
    script, spool = tmp_path / "publish-new-events", tmp_path / "spool"
    script.write_text(GUIDE[GUIDE.index("#!/bin/sh"):].partition("```")[0], encoding="utf-8")
    (spool / "refused").mkdir(parents=True)
    names = ["1.ndjson", "2.ndjson", "3.ndjson"]
    for name, (events, _) in zip(names, STEPS):
        (spool / name).write_text(events.replace('"dossier":"', '"dossier":"cron-'), encoding="utf-8")
    (spool / names[1]).write_text((spool / names[1]).read_text().replace("H27.45.01", "H99"), encoding="utf-8")
    environment = {**os.environ, "PATH": f"{pathlib.Path(program('hoso')).parent}:{os.environ['PATH']}",
                   "HOSO_CONFIG": str(command.config), "HOSO_CLIENT_TIMEOUT_MS": "1000"}

    def run():
        return subprocess.run(["sh", script, spool], env=environment, timeout=60).returncode
    start = cluster.intake.status().cut.position
    cluster.intake.kill()
    assert run() == 1 and sorted(path.name for path in spool.glob("*.ndjson")) == names
    cluster.intake.start()
    assert run() == 0 and not list(spool.glob("*.ndjson"))
    assert [path.name for path in (spool / "refused").iterdir()] == ["2.ndjson"] and "H99" in (spool / "log").read_text()
    lines = [len(events.splitlines()) for events, _ in STEPS[:3]]
    assert cluster.intake.status().cut.position == start + sum(lines) - 1
