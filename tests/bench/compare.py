#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Puts two runs beside each other: what a line measured before, now, and the ratio.

usage: compare.py BEFORE.jsonl AFTER.jsonl
"""
import json
import pathlib
import sys

# what names a line, and what is measured by it
NAMES = ("bench", "batch", "window", "publishers", "events", "history", "form", "unit", "months", "publishing", "phase",
         "service")
FIGURES = ("events_per_s", "acknowledged_per_s", "ack_ms_p50", "ack_ms_p99", "floor_events_per_s", "seconds", "catch_up_s",
           "ms_p50", "ms_p99", "ms_max", "rss_anonymous_bytes", "rss_peak_bytes", "disk_bytes_per_event", "client_cpu_s",
           "other_cpu_s")


def read(path):
    lines = map(json.loads, pathlib.Path(path).read_text().splitlines())
    return {tuple((n, line[n]) for n in NAMES if n in line): line for line in lines}


def main():
    if len(sys.argv) != 3:
        print(__doc__.strip(), file=sys.stderr)
        return 2
    before, after = read(sys.argv[1]), read(sys.argv[2])
    for name in [n for n in after if n in before and n != (("bench", "machine"),)]:
        print(" ".join(str(value) for _, value in name))
        for figure in FIGURES:
            if figure in before[name] and figure in after[name]:
                old, new = before[name][figure], after[name][figure]
                print(f"    {figure:22} {old:>14,} {new:>14,}   {f'× {new / old:.2f}' if old else ''}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
