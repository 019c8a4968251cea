# SPDX-License-Identifier: Apache-2.0
"""Follows `hoso watch` in its form for programs."""
import json
import signal
import threading

WAIT_S = 60


def values_of(line):
    flows = {m: (v["today"], v["month"], v["year"]) for m, v in line["flows"].items()}
    return {m: v for m, v in {**flows, **line["stocks"]}.items() if v not in (0, (0, 0, 0))}


class Watcher:
    """hoso watch in its form for programs: reads its lines and holds what they say."""

    def __init__(self, cli, *arguments):
        self.process = cli.start("watch", "--format", "json", *arguments)
        self.values, self.states, self.beat = {}, [], {}

    def follow(self, until, timeout_s=WAIT_S):
        """Reads until `until(self)` holds at a heartbeat or a state."""
        watchdog = threading.Timer(timeout_s, self.process.kill)    # a watcher without a feed says nothing
        watchdog.start()
        try:
            while not (self._take() in ("heartbeat", "state") and until(self)):
                pass
        finally:
            watchdog.cancel()
        return self

    def _take(self):
        text = self.process.stdout.readline()
        assert text, (self.states, self.beat)
        return self.take(json.loads(text))

    def take(self, line):
        """One line; returns its type."""
        if line["type"] == "unit":
            self.values[line["unit"]] = values_of(line)
        elif line["type"] == "gone":
            self.values.pop(line["unit"])
        elif line["type"] == "state":
            self.states.append(line)
        else:
            self.beat = line
            assert line["units"] == len(self.values)
        return line["type"]

    def follow_position(self, position, timeout_s=WAIT_S):
        return self.follow(lambda watcher: watcher.beat.get("cut", {}).get("position", 0) >= position
                           and watcher.states[-1]["state"] == "live", timeout_s)

    def stop(self):
        """Ctrl-C; nothing may be said on the way."""
        self.process.send_signal(signal.SIGINT)
        _, errors = self.process.communicate(timeout=WAIT_S)
        assert (self.process.returncode, errors) == (0, ""), errors
