# SPDX-License-Identifier: Apache-2.0
"""Well-formed events in a row, and ways to spoil one."""
from histories import Tree
from hosotest.client import make_event

TREES = [Tree(0), Tree(1)]
NOON = 1_706_590_800_000    # 30 January 2024


def received(dossier, unit="t00000.a", event_id="e-1", **more):
    return make_event({"event_id": event_id, "dossier": dossier, "kind": "RECEIVED", "occurred_at": NOON, "unit": unit,
                       "procedure": "1.000", "field": "dat-dai", "channel": "ONLINE", "service_level": "FULL", **more})


def series(prefix, count, begin=0):
    """`count` receptions of different dossiers."""
    return [received(f"{prefix}-{n}") for n in range(begin, begin + count)]
