# SPDX-License-Identifier: Apache-2.0
"""What a case does: publishes files of events/ as a counter, and asks what they count as an administrator."""
import pathlib
import re
import types

from hosotest.cli import Cli
from hosotest.client import cells
from hosotest.cut import Cut

EVENTS = pathlib.Path(__file__).resolve().parent / "events"
SUMMARY = re.compile(r"^(\d+) read, (\d+) acknowledged, (\d+) refused", re.MULTILINE)


class Field:
    def __init__(self, cluster):
        self.cluster = cluster
        self.counter, self.admin = Cli(cluster, "counter"), Cli(cluster, "admin")
        self.position = 0

    def publish(self, file, *options, code=0):
        """Publishes a file of events/, or one by its path: what was said, the reasons by line, and the summary."""
        path = EVENTS / file
        done = self.counter.run("publish", path, "--print-position", *options, code=code)
        self.position = Cut.parse(done.stdout) if done.stdout else self.position
        said = [line.removeprefix(f"{path}:") for line in done.stderr.splitlines() if line.startswith(f"{path}:")]
        read, acknowledged, refused = map(int, SUMMARY.search(done.stderr).groups())
        return types.SimpleNamespace(said=said, text=done.stderr, read=read, acknowledged=acknowledged, refused=refused,
                                     lines=[int(line.split(":")[0]) for line in said])

    def june(self, unit="H27.45"):
        """The measures of June 2024 that are not 0."""
        report = self.cluster.reporter().run_report("thong-ke", unit, ("2024-06-01", "2024-06-30"),
                                                    min_position=self.position)
        assert all(check.ok for check in report.checks)
        return {measure: n for measure, n in cells(report)[unit].items() if n != 0}

    def quality(self, *options):
        return self.admin.json("quality", *options)["findings"]
