# SPDX-License-Identifier: Apache-2.0
"""A publisher on the host that goes on until it is told to finish, and knows how many dossiers it received; an agency
on the host that watches the live totals meanwhile."""
import datetime
import json
import threading
import time

from hosotest.cut import Cut
from hosotest.ndjson import to_line
from hosotest.watcher import Watcher

UNIT = "H27.101"  # of today's tree, which the golden month's district is not
NOW_MS = int(time.time() * 1000)
YEAR = datetime.datetime.fromtimestamp(NOW_MS / 1000, datetime.timezone(datetime.timedelta(hours=7))).year
THIS_YEAR = ["--unit", UNIT, "--from", f"{YEAR}-01-01", "--to", f"{YEAR}-12-31"]


def received(dossier):
    return {"event_id": "e-1", "dossier": dossier, "kind": "RECEIVED", "occurred_at": NOW_MS, "unit": UNIT,
            "procedure": "1.004221", "field": "dat-dai", "channel": "ONLINE", "service_level": "FULL"}


class Load:
    """With `count` it sends just so many."""

    def __init__(self, stack, name, count=None):
        self.name, self.count, self.last = name, 0, count
        self.enough = threading.Event()
        self.process = stack.person("counter").start("publish", "-", "--print-position")
        self.feeder = threading.Thread(target=self.feed, daemon=True)
        self.feeder.start()

    def feed(self):
        try:
            while self.count != self.last and not (self.last is None and self.enough.is_set()):
                self.process.stdin.write(to_line(received(f"{self.name}-{self.count}")))
                self.count += 1
        except BrokenPipeError:
            pass

    def finish(self):
        """The cut that its last event was given. All of them were acknowledged."""
        self.enough.set()
        self.feeder.join()
        out, err = self.process.communicate(timeout=180)
        assert self.process.returncode == 0, err
        assert f"{self.count} read, {self.count} acknowledged, 0 refused" in err
        return Cut.parse(out)


class SteadyWatcher(Watcher):
    """Reads all the time, in a thread of its own, so that hoso watch never waits for us."""

    def __init__(self, cli, *arguments):
        super().__init__(cli, *arguments)
        self.confirmed = threading.Condition()
        self.reader = threading.Thread(target=self.read, daemon=True)
        self.reader.start()

    def read(self):
        for text in self.process.stdout:
            with self.confirmed:
                if self.take(json.loads(text)) == "heartbeat":
                    self.confirmed.notify_all()

    def values_at(self, position, timeout_s):
        """What it holds, confirmed up to this position."""
        with self.confirmed:
            assert self.confirmed.wait_for(lambda: self.beat and self.beat["cut"]["position"] >= position, timeout_s), \
                f"{self.beat}, not {position}; {self.states[-3:]}"
            return dict(self.values)

    def finish(self):
        self.process.terminate()
        self.process.wait(timeout=30)
        self.reader.join()
