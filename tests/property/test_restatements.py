# SPDX-License-Identifier: Apache-2.0
"""Reports as closed against the recount of what was journaled before each close, on random histories with closes at random
moments; and the dossiers behind each restatement. What one close answered it must answer for ever, to the byte."""
import collections
import os

import pytest
from hypothesis import HealthCheck, given, note, settings
from hypothesis import strategies as st

from histories import DAY0, SPACES, SPAN, date_of, examples, unit_numbers
from hosotest.client import Channel, Refused, cells
from hosotest.protocol import pb
from recount import COLUMNS, Close, Recount, latest_close
from test_recount import Example, World, check_identities

EXAMPLES = int(os.environ.get("HOSO_EXAMPLES", "100"))
FORMS = ["thong-ke", "II.06a", "07a-btp", "bao-cao-thang"]


@pytest.fixture(scope="module")
def world():
    world = World()
    yield world
    world.close()


class Books(Example):
    """One tree, its events, what was closed in it, and what every close answered first."""

    def __init__(self, world):
        super().__init__(world)
        self.closes, self.answers = [], {}
        intake = world.cluster.intake
        self.intake = Channel(intake.endpoint, intake.keys.public, world.cluster.admin, pb.IntakeRequest, pb.IntakeReply)

    def close_period(self, number, day):
        unit = self.tree.units[number]
        asked = pb.ClosePeriodRequest(id=f"{self.prefix}-{len(self.closes)}", unit=unit, to=date_of(DAY0 + day),
                                      label="Báo cáo")
        reply = self.intake.call(30.0, close_period=asked)
        self.position = reply.cut.position
        self.closes.append(Close(reply.number, self.events, self.tree.below[unit], DAY0 + day, SPACES))
        note(f"closed {unit} up to day {day} after {len(self.events)} events")
        self.compare_closed(self.closes[-1])

    def run(self, unit, period, form="thong-ke", as_closed=0):
        days = date_of(period[0]), date_of(period[1] - 1)
        report = self.world.reporter.run_report(form, unit, days, min_position=self.position, as_closed=as_closed)
        bad = [check for check in report.checks if not check.ok]
        assert not bad, (bad, self.events)
        return report

    def compare_closed(self, close):
        """Each unit that the close covers, over periods that end with it and before."""
        recount = close.recount()
        for length, before in ((30, 0), (1, 0), (20, 9)):
            period = close.last_day + 1 - before - length, close.last_day + 1 - before
            right = recount.figures(*period)
            for unit in close.units:
                below = self.tree.below[unit]
                shown = cells(self.run(unit, period, as_closed=close.number))[unit]
                wrong = {column: (shown[column], sum(right[member][column] for member in below)) for column in COLUMNS
                         if shown[column] != sum(right[member][column] for member in below)}
                assert not wrong, (close.number, unit, period, wrong, self.events)
                check_identities(shown)
        self.compare_answers(close)

    def compare_answers(self, close):
        """The first answers, to the byte."""
        period = close.last_day - 29, close.last_day + 1
        for form in FORMS:
            answer = self.run(close.units[0], period, form, close.number).SerializeToString(deterministic=True)
            assert answer == self.answers.setdefault((close.number, form), answer), (form, self.events)

    def compare_latest(self, unit, to_day):
        """-1 is the latest that covers unit and period, or refused."""
        period = to_day - 30, to_day
        latest = latest_close(self.closes, self.tree.below[unit], to_day)
        if latest is not None:
            assert self.run(unit, period, as_closed=-1).closed.number == latest.number
            return
        with pytest.raises(Refused) as refused:
            self.run(unit, period, as_closed=-1)
        assert refused.value.code == pb.ERROR_CODE_NOT_FOUND

    def listed(self, unit, period, column, **more):
        lines, after = collections.Counter(), ""
        while True:
            page = self.world.reporter.channel.call(30.0, list_dossiers=pb.ListDossiersRequest(
                form="thong-ke", column=column, unit=unit, limit=3, after=after,
                period=pb.Period(**{"from": date_of(period[0]), "to": date_of(period[1] - 1)}), **more))
            for line in page.lines:
                lines[line.space, line.dossier] += line.amount
            after = page.next
            if not after:
                return {code: amount for code, amount in lines.items() if amount}

    def compare_dossiers(self, close, column):
        """Behind the closed figure, and behind what changed since; both add up."""
        unit, period = close.units[0], (close.last_day - 29, close.last_day + 1)
        below, now = self.tree.below[unit], Recount(self.events, SPACES)
        closed = close.recount().dossiers(*period, below, column)
        assert self.listed(unit, period, column, as_closed=close.number) == closed, (column, self.events)
        restated = self.listed(unit, period, column, as_closed=close.number, restated=True)
        assert restated == close.restated(now, *period, below, column), (column, self.events)
        figures = [cells(self.run(unit, period, as_closed=number))[unit][column] for number in (0, close.number)]
        assert sum(restated.values()) == figures[0] - figures[1]


@settings(max_examples=EXAMPLES, deadline=None, print_blob=True,
          suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(parts=examples(), data=st.data())
def test_closes_answer_as_they_did(world, parts, data):
    books = Books(world)
    for chunk in [chunk for part in parts for chunk in part][:8]:
        books.publish([chunk])
        for number, day in data.draw(st.lists(st.tuples(unit_numbers, st.integers(-2, SPAN)), max_size=2), label="closes"):
            books.close_period(number, day)
    for close in books.closes:
        books.compare_closed(close)
        books.compare_dossiers(close, data.draw(st.sampled_from(COLUMNS), label="column"))
    for unit in books.tree.units:
        books.compare_latest(unit, DAY0 + data.draw(st.integers(0, SPAN + 5), label="to"))
    books.compare(0, SPAN)
    books.intake.close()
