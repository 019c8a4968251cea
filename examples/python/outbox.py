# SPDX-License-Identifier: Apache-2.0
"""Where publish.py keeps events, as lines of JSON in an SQLite file, until intake has them on disk, and a while longer.

A row waits while its `sequence` is NULL. What is acknowledged keeps the sequence it has in intake's journal, for KEEP_DAYS:
longer than two backups of intake are apart, so that after a restore it can be sent again.
"""
import datetime
import json
import os
import sqlite3
import time

from google.protobuf import json_format
from hoso.v1 import common_pb2

KEEP_DAYS = 30
PREFIXES = {"kind": "KIND_", "channel": "CHANNEL_", "serviceLevel": "SERVICE_LEVEL_", "petitionClass": "PETITION_CLASS_"}


def event_of(line):
    """An event from its JSON form: enum names get their prefix, times become milliseconds."""
    fields = json.loads(line)
    for name in PREFIXES.keys() & fields:
        fields[name] = PREFIXES[name] + fields[name]
    for name in {"occurredAt", "dueAt"} & fields.keys():
        moment = datetime.datetime.fromisoformat(fields[name])
        if moment.tzinfo is None:
            raise ValueError(f"{name} has no offset like +07:00")
        fields[name] = round(moment.timestamp() * 1000)
    return json_format.ParseDict(fields, common_pb2.Event())


class Outbox:
    def __init__(self, path):
        self.db = sqlite3.connect(path, isolation_level=None, timeout=0)
        self.refused_path, self.refused = path + ".refused", 0
        self.db.execute("PRAGMA locking_mode = EXCLUSIVE")     # one publisher at a time: another one gets an error
        self.db.execute("PRAGMA synchronous = FULL")           # what is committed is on disk
        self.db.execute("CREATE TABLE IF NOT EXISTS outbox"
                        " (id INTEGER PRIMARY KEY, line TEXT NOT NULL, sequence INTEGER, acknowledged_at REAL)")
        self.db.execute("CREATE INDEX IF NOT EXISTS by_sequence ON outbox (sequence)")
        self.db.execute("DELETE FROM outbox WHERE acknowledged_at < ?", (time.time() - KEEP_DAYS * 86400,))

    def put(self, lines):
        """All of them or, after a crash, none."""
        self.db.execute("BEGIN")
        for line in filter(None, map(str.strip, lines)):
            try:
                event_of(line)
                self.db.execute("INSERT INTO outbox (line) VALUES (?)", (line,))
            except (ValueError, TypeError, AttributeError, json_format.ParseError) as error:
                self._set_aside(line, "", " ".join(str(error).split()))
        self.db.execute("COMMIT")

    def waiting(self, after, limit):
        """[(id, line)] in the order they were put."""
        return self.db.execute("SELECT id, line FROM outbox WHERE sequence IS NULL AND id > ? ORDER BY id LIMIT ?",
                               (after, limit)).fetchall()

    def acknowledge(self, first_sequence, ids):
        self.db.execute("BEGIN")
        self.db.executemany("UPDATE outbox SET sequence = ?, acknowledged_at = ? WHERE id = ?",
                            [(sequence, time.time(), row) for sequence, row in enumerate(ids, first_sequence)])
        self.db.execute("COMMIT")

    def wait_again(self, next_sequence):
        """What intake acknowledged and no longer has waits again."""
        self.db.execute("UPDATE outbox SET sequence = NULL, acknowledged_at = NULL WHERE sequence >= ?", (next_sequence,))

    def refuse(self, row, field, reason):
        """Told before it is forgotten: a crash in between tells it twice."""
        [[line]] = self.db.execute("SELECT line FROM outbox WHERE id = ?", (row,))
        self._set_aside(line, field, reason)
        self.db.execute("DELETE FROM outbox WHERE id = ?", (row,))

    def _set_aside(self, line, field, reason):
        self.refused += 1
        with open(self.refused_path, "a", encoding="utf-8") as file:
            file.write(json.dumps({"field": field, "reason": reason, "line": line}, ensure_ascii=False) + "\n")
            file.flush()
            os.fsync(file.fileno())
