# SPDX-License-Identifier: Apache-2.0
"""Drives the reference client through the recorded streams."""
import json
import pathlib

import pytest
from google.protobuf.json_format import ParseDict

from hosotest.protocol import pb
from hosotest.totals import Totals

STREAMS = sorted(pathlib.Path(__file__).parent.glob("*.jsonl"))


def lines_of(path):
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


@pytest.mark.parametrize("path", STREAMS, ids=lambda path: path.stem)
def test_stream(path):
    head, *lines, last = lines_of(path)
    totals = Totals(head["unit"])
    for number, line in enumerate(lines, 2):
        if "snapshot" in line:
            assert totals.wants_snapshot, f"{path.name}:{number}"
            totals.snapshot(ParseDict(line["snapshot"], pb.TotalsSnapshotReply()))
        else:
            totals.message(line["topic"], ParseDict(line["message"], pb.FeedMessage()))
    end = last["end"]
    assert not totals.wants_snapshot, totals.why
    assert (str(totals.feed), totals.cut.position, totals.day) == (end["feed"], end["position"], end["day"])
    assert totals.starts == end["snapshots"]
    expected = {unit: {m: tuple(v) if isinstance(v, list) else v for m, v in values.items()}
                for unit, values in end["values"].items()}
    assert totals.values() == expected


def test_the_kit_is_whole():
    assert {path.stem for path in STREAMS} >= {"plain", "duplicate", "gap", "reset", "restatement", "midnight"}


def test_a_client_that_believes_everything_fails():
    """The streams do tell a wrong client from a right one: without the chain and the heartbeat a gap goes unnoticed."""
    class Gullible(Totals):
        def _start_over(self, why):
            pass
    for stem in ("gap", "gap-at-the-end"):
        _, *lines, last = lines_of(STREAMS[0].with_name(f"{stem}.jsonl"))
        totals = Gullible("t00000")
        for line in lines:
            if "snapshot" in line and totals.starts == 0:
                totals.snapshot(ParseDict(line["snapshot"], pb.TotalsSnapshotReply()))
            elif "message" in line:
                totals.message(line["topic"], ParseDict(line["message"], pb.FeedMessage()))
        assert {unit: {m: list(v) if isinstance(v, tuple) else v for m, v in values.items()}
                for unit, values in totals.values().items()} != last["end"]["values"]
