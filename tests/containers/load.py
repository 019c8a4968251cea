# SPDX-License-Identifier: Apache-2.0
"""A publisher on the host that goes on until it is told to finish, and knows how many dossiers it received; an agency
on the host that watches the live totals meanwhile."""
import datetime
import json
import subprocess
import threading
import time

from hosotest.ndjson import to_line

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
        self.process = subprocess.Popen(stack.hoso_command("counter", "publish", "-", "--print-position"),
                                        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        self.feeder = threading.Thread(target=self.feed)
        self.feeder.start()

    def feed(self):
        try:
            while self.count != self.last and not (self.last is None and self.enough.is_set()):
                self.process.stdin.write(to_line(received(f"{self.name}-{self.count}")))
                self.count += 1
        except BrokenPipeError:
            pass

    def finish(self):
        """The position that its last event was given. All of them were acknowledged."""
        self.enough.set()
        self.feeder.join()
        out, err = self.process.communicate(timeout=180)
        assert self.process.returncode == 0, err
        assert f"{self.count} read, {self.count} acknowledged, 0 refused" in err
        return int(out)


class Watcher:
    """hoso watch with its lines in a pipe: what it holds, and what the last heartbeat confirmed of it."""

    def __init__(self, stack):
        self.units, self.position, self.day, self.states = {}, 0, "", []
        self.confirmed = threading.Condition()
        self.process = subprocess.Popen(stack.hoso_command("officer", "watch", "--unit", "H27"), stdout=subprocess.PIPE,
                                        stderr=subprocess.PIPE, text=True)
        self.reader = threading.Thread(target=self.read)
        self.reader.start()

    def read(self):
        for line in self.process.stdout:
            said = json.loads(line)
            with self.confirmed:
                if said["type"] == "unit":
                    self.units[said["unit"]] = said
                elif said["type"] == "gone":
                    del self.units[said["unit"]]
                elif said["type"] == "state":
                    self.states.append(said)
                elif said["type"] == "heartbeat":
                    assert said["units"] == len(self.units)
                    self.position, self.day = said["cut"]["position"], said["day"]
                    self.confirmed.notify_all()

    def totals(self, position, timeout_s):
        """{unit: its last line}, confirmed up to this position."""
        with self.confirmed:
            assert self.confirmed.wait_for(lambda: self.position >= position, timeout_s), \
                f"at {self.position}, not {position}; {self.states[-3:]}"
            return dict(self.units)

    def finish(self):
        self.process.terminate()
        self.process.communicate(timeout=30)
        self.reader.join()
