# SPDX-License-Identifier: Apache-2.0
"""A publisher on the host that goes on until it is told to finish, and knows how many dossiers it received."""
import subprocess
import threading

from hosotest.ndjson import to_line

NOON = 1_717_218_000_000  # 1 June 2024, outside of the golden month
JUNE = ["--unit", "H27.45", "--from", "2024-06-01", "--to", "2024-06-30"]


def received(dossier):
    return {"event_id": "e-1", "dossier": dossier, "kind": "RECEIVED", "occurred_at": NOON, "unit": "H27.45",
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
