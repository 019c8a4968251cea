# SPDX-License-Identifier: Apache-2.0
"""Closes in trees that merge, split and move: what a close left is the recount of what came before it, in the rows of the
catalogue that was in force, and stays so to the byte when late events come and the catalogue changes."""
import os

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from histories import DAY0, SPAN, date_of, examples
from hosotest.client import Channel, Refused, cells
from hosotest.protocol import pb
from recount import COLUMNS
from reforms import reforms
from test_reforms import Example, World

EXAMPLES = int(os.environ.get("HOSO_EXAMPLES", "100"))


@pytest.fixture(scope="module")
def world():
    world = World()
    yield world
    world.cluster.stop()


def close_period(example, unit, last_day):
    intake = example.world.cluster.intake
    channel = Channel(intake.endpoint, intake.keys.public, example.world.cluster.admin, pb.IntakeRequest, pb.IntakeReply)
    try:
        return channel.call(30.0, close_period=pb.ClosePeriodRequest(id=f"{example.prefix}-close", unit=unit, to=date_of(last_day)))
    finally:
        channel.close()


def ask(example, unit, period, number):
    """None = the unit is not valid on the last day, so there is no such report."""
    try:
        report = example.world.reporter.run_report("thong-ke", unit, (date_of(period[0]), date_of(period[1] - 1)),
                                                   min_position=example.position, as_closed=number)
    except Refused as refused:
        assert refused.code == pb.ERROR_CODE_NOT_FOUND and "is not valid on" in refused.text, refused
        return None
    bad = [check for check in report.checks if not check.ok]
    assert not bad, (bad, example.rows, example.events)
    return report


def compare_rows(example, recount, unit, period, shown):
    own, tree_day = recount.figures(*period), period[1] - 1
    scope = example.units.scope(unit, *period, tree_day)
    for row in example.units.order(unit, tree_day) + [""]:
        members = example.units.below(row, unit, scope, tree_day)
        right = {column: sum(own[member][column] for member in members) for column in COLUMNS}
        if row in shown:
            assert {column: shown[row][column] for column in COLUMNS} == right, (row, unit, example.rows, example.events)
        else:
            assert not any(right.values()), (row, unit, example.rows, example.events)


@settings(max_examples=EXAMPLES, deadline=None, print_blob=True,
          suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(rows=reforms(), parts=examples(), data=st.data())
def test_closes_hold_in_any_tree(world, rows, parts, data):
    names = sorted({row["id"] for row in rows})
    busy = data.draw(st.lists(st.sampled_from(names), min_size=4, max_size=4), label="busy")
    example = Example(world, rows, busy)
    example.publish(parts[0])
    recount, last_day = example.recount, DAY0 + data.draw(st.integers(0, SPAN + 10), label="last day")
    unit = data.draw(st.sampled_from([example.root, *example.units.ids]), label="closed")
    period = last_day - 40, last_day + 1
    close = close_period(example, unit, last_day)
    example.position = close.cut.position
    first = ask(example, unit, period, close.number)
    example.publish(parts[1])
    for row in world.message.units[-len(rows):]:
        row.name += " (đổi tên)"
    example.position = world.cluster.put_catalogue(world.message).cut.position
    again = ask(example, unit, period, close.number)
    assert (first is None) == (again is None)
    if first is not None:
        assert again.SerializeToString(deterministic=True) == first.SerializeToString(deterministic=True), (rows, example.events)
        compare_rows(example, recount, unit, period, cells(again))
