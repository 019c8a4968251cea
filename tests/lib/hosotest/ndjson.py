# SPDX-License-Identifier: Apache-2.0
"""Events as lines of JSON, both ways, for tests: {"event_id": …, "occurred_at": ms} ↔ {"eventId": …, "occurredAt": RFC 3339}."""
import datetime
import json
import re

TIMES = ("occurred_at", "due_at")
LOCAL = datetime.timezone(datetime.timedelta(hours=7))


def to_line(event):
    def value(name):
        if name in TIMES:
            return datetime.datetime.fromtimestamp(event[name] / 1000, LOCAL).isoformat(timespec="milliseconds")
        return event[name]
    return json.dumps({re.sub("_(.)", lambda m: m[1].upper(), name): value(name) for name in event if event[name]},
                      ensure_ascii=False) + "\n"


def from_line(line):
    def value(name, text):
        if name in TIMES:
            moment = datetime.datetime.fromisoformat(text.replace("Z", "+00:00"))
            return round(moment.timestamp() * 1000)
        return text
    names = {re.sub("[A-Z]", lambda m: "_" + m[0].lower(), name): v for name, v in json.loads(line).items()}
    return {name: value(name, v) for name, v in names.items()}
