# SPDX-License-Identifier: Apache-2.0
"""The guide for publishers is true: each of its lives adds to the counts exactly what it says."""
import json
import re

import pytest

from hosotest.cli import Cli
from hosotest.client import cells
from hosotest.cluster import Cluster, ROOT

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
        yield Cli(cluster, "counter"), cluster.reporter()


def test_every_life_adds_what_the_guide_says(counter):
    command, reporter = counter
    before = {}
    assert len(STEPS) == LIVES.count("```json") >= 9
    for events, said in STEPS:
        position = command.run("publish", "-", "--print-position", stdin=events).stdout
        report = reporter.run_report("thong-ke", "H27.45", ("2024-06-01", "2024-06-30"), min_position=int(position))
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
