# SPDX-License-Identifier: Apache-2.0
"""Random trees with merges, splits, moves and renames, random histories across them: reports, lists and live totals against
the recount. Each example adds units of its own to the catalogue, so one cluster serves them all."""
import collections
import os
import time

import pytest
from hypothesis import HealthCheck, given, note, settings
from hypothesis import strategies as st

from histories import DAY0, SOURCES, SPACES, SPAN, boundaries, catalogue, date_of, examples
from hosotest.client import Refused, cells, make_event
from hosotest.cluster import Cluster
from hosotest.protocol import pb
from naive_forms import Naive, cells_of
from recount import COLUMNS, FLOWS, STOCKS, Recount, Units
from reforms import ReportTree, messages, named, reforms, tree_days

EXAMPLES = int(os.environ.get("HOSO_EXAMPLES", "150"))
TODAY = DAY0 + SPAN // 2               # of the live totals


class World:
    def __init__(self):
        noon_s = (TODAY * 24 + 5) * 3600
        self.cluster = Cluster(sources=SOURCES, spaces=SPACES)
        self.cluster.reporting.configure(totals_clock_shift_s=noon_s - int(time.time()), totals_interval_ms=1)
        self.cluster.__enter__()
        self.message, self.serial, self.examples = catalogue([]), 0, []
        self.publishers = [self.cluster.publisher(source) for source in SOURCES]
        self.reporter = self.cluster.reporter()
        self.forms = self.reporter.list_forms()


@pytest.fixture(scope="module")
def world():
    world = World()
    yield world
    world.cluster.stop()


class Example:
    def __init__(self, world, rows, busy):
        world.serial += 1
        self.world, self.prefix = world, f"R{world.serial:05}"
        self.rows = named(rows, self.prefix)
        self.units, self.root = Units(self.rows), f"{self.prefix}.p"
        self.busy = [f"{self.prefix}.{name}" for name in busy]
        self.events, self.position, self.recount = [], 0, None
        world.examples.append(self)
        world.message.units.extend(messages(self.rows))
        self.position = world.cluster.put_catalogue(world.message).cut.position

    def publish(self, part):
        for source, numbered in part:
            events = [{**event, "dossier": f"{self.prefix}-{dossier}"} for dossier, event in numbered]
            for event in events:
                if "unit" in event:
                    event["unit"] = self.busy[event["unit"]]
            publisher = self.world.publishers[source]
            assert not publisher.publish([make_event(event) for event in events])
            self.position = max(self.position, publisher.position)
            self.events += [(SOURCES[source], event) for event in events]
        self.recount = Recount(self.events, SPACES, in_force=lambda _: self.units)

    def report(self, root, period, tree_day, form="thong-ke"):
        texts = date_of(period[0]), date_of(period[1] - 1)
        report = self.world.reporter.run_report(form, root, texts, min_position=self.position,
                                                tree_at=date_of(tree_day))
        bad = [check for check in report.checks if not check.ok]
        assert not bad, (bad, self.rows, self.events)
        return report

    def compare(self, root, period, tree_day):
        """Every row of a report: what is in it, and where it stands. Returns the figures of the root."""
        own, scope = self.recount.figures(*period), self.units.scope(root, *period, tree_day)
        shown = cells(report := self.report(root, period, tree_day))
        expected = {}
        for row in self.units.order(root, tree_day) + [""]:
            members = self.units.below(row, root, scope, tree_day)
            figures = {column: sum(own[unit][column] for unit in members) for column in COLUMNS}
            if any(figures.values()) or (row and self.units.row(row, tree_day)):
                expected[row] = figures
        assert list(shown) == list(expected), (root, period, tree_day, self.rows, self.events)
        for row, figures in expected.items():
            wrong = [f"{column}: {shown[row][column]}, {figures[column]} is right"
                     for column in COLUMNS if shown[row][column] != figures[column]]
            assert not wrong, (row, wrong, root, period, tree_day, self.rows, self.events)
        if root == self.root:     # in any tree: nothing falls out, and nothing counts twice
            assert sorted(sum(scope.values(), [])) == self.units.ids, (period, tree_day, self.rows)
            everything = {column: sum(own[unit][column] for unit in self.units.ids) for column in COLUMNS}
            assert everything == {column: shown[root][column] for column in COLUMNS}, (period, tree_day, self.rows, self.events)
        return report, expected

    def compare_form(self, form, root, period, tree_day):
        """Every cell of a form is what its expression gives, dossier by dossier. Returns those that are not 0."""
        report, tree = self.report(root, period, tree_day, form.form), ReportTree(self.units, root, period, tree_day)
        naive, busy = Naive(list(self.recount.cases.values()), *period), []
        for row, column, said, right, how in cells_of(naive, tree, form, report):
            assert said == right, (form.form, row.unit, row.field, row.procedure, row.id, column.id, root, period, tree_day,
                                   self.rows, self.events)
            busy += [(form, row, column, said[0], how)] if said[0] else []
        return busy

    def check_list(self, cell, root, period, tree_day):
        """The dossiers behind a form's cell are the recount's, and add up to it."""
        form, row, column, number, (source, sources, wanted, figure) = cell
        asked = pb.Row(unit=row.unit or root, field=row.field, procedure=row.procedure, id=row.id)
        listed = collections.Counter()
        for line in self.world.reporter.list_dossiers(form.form, column.id, asked, (date_of(period[0]), date_of(period[1] - 1)),
                                                      tree_at=date_of(tree_day), report_unit=root):
            listed[line.space, line.dossier] += line.amount
        right = {code: Naive([case], *period).cell(source, sources, wanted, figure)[0]
                 for code, case in self.recount.cases.items()}
        assert {code: n for code, n in listed.items() if n} == {code: n for code, n in right.items() if n}, (
            form.form, row, column.id, self.rows, self.events)
        assert sum(right.values()) == number

    def check_continuity(self, root, period, tree_day, report):
        """Carried over = what was open the day before in that day's tree, but for units that came and left."""
        day = period[0] - 1
        if not self.units.row(root, day):
            return
        before = sum(self.units.scope(root, day, day + 1, day).values(), [])
        after = sum(self.units.scope(root, *period, tree_day).values(), [])
        stock = self.recount.figures(period[0], period[0] + 1)

        def opened(units):
            return sum(stock[unit]["carried_over"] for unit in units)
        came, left = set(after) - set(before), set(before) - set(after)
        assert opened(before) + opened(came) - opened(left) == cells(report)[root]["carried_over"]
        if came or left:
            assert [check.ok for check in report.checks if check.id == "continuity"] == [True]
        for unit in left:
            if opened([unit]) and self.units.row(unit, period[0] - 1) and self.units.row(unit, tree_day):
                assert any(unit in text or self.units.above(unit, tree_day)[0] in text for text in report.notes), report.notes

    def check_dossiers(self, root, row, column, period, tree_day):
        scope = self.units.scope(root, *period, tree_day)
        asked = pb.Row(unit=row or root, id="" if row else "outside")
        lines = self.world.reporter.list_dossiers("thong-ke", column, asked, (date_of(period[0]), date_of(period[1] - 1)),
                                                  tree_at=date_of(tree_day), report_unit=root, limit=5)
        listed = {}
        for line in lines:
            dossier = line.space, line.dossier
            listed[dossier] = listed.get(dossier, 0) + line.amount
        right = self.recount.dossiers(*period, self.units.below(row, root, scope, tree_day), column)
        assert {dossier: n for dossier, n in listed.items() if n} == right, (row, column, self.rows, self.events)

    def snapshot(self):
        """Of the live totals, once they have seen everything."""
        channel, deadline = self.world.reporter.channel, time.monotonic() + 30
        while True:
            assert time.monotonic() < deadline, "the live totals do not come"
            try:
                snapshot = channel.call(totals_snapshot=pb.TotalsSnapshotRequest(unit=self.root))
                if snapshot.header.cut.position >= self.position:
                    return snapshot
            except Refused as refused:
                assert refused.code in (pb.ERROR_CODE_NOT_READY, pb.ERROR_CODE_NOT_FOUND), refused
            channel.socket.poll(5)

    def check_totals(self):
        """The live totals of one day: flows of that day, stocks at its end."""
        forest, own = self.units.forest(TODAY), self.recount.figures(TODAY, TODAY + 1)
        snapshot = self.snapshot()
        shown = {unit.totals.path[-1]: unit.totals for unit in snapshot.units}
        rows = [row for row in forest if self.root in [row] + self.units.above_row(row, TODAY)]
        assert set(shown) == set(rows), (self.rows, self.events)
        for row in rows:
            members = [unit for other in rows if row in [other] + self.units.above_row(other, TODAY) for unit in forest[other]]
            values = {flow.measure: flow.today for flow in shown[row].flows}
            values.update({stock.measure: stock.now for stock in shown[row].stocks})
            for column in FLOWS + STOCKS:
                right = sum(own[unit][column] for unit in members)
                assert values.get(column, 0) == right, (row, column, self.rows, self.events)


@settings(max_examples=EXAMPLES, deadline=None, print_blob=True,
          suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(rows=reforms(), parts=examples(), days=boundaries, tree_day=tree_days, data=st.data())
def test_reports_of_any_tree_are_what_the_recount_says(world, rows, parts, days, tree_day, data):
    names = sorted({row["id"] for row in rows})
    busy = data.draw(st.lists(st.sampled_from(names), min_size=4, max_size=4), label="busy")
    example = Example(world, rows, busy)
    for part in parts:
        example.publish(part)
    a, b, c = (DAY0 + day for day in days)
    for period in [(a, b), (b, c), (a, c)]:
        for tree in [period[0], period[1] - 1 if tree_day is None else DAY0 + tree_day]:
            valid = [unit for unit in example.units.ids if example.units.row(unit, tree)]
            for root in [example.root, data.draw(st.sampled_from(valid), label="root")]:
                report, expected = example.compare(root, period, tree)
                example.check_continuity(root, period, tree, report)
    busy_cells = [(row, column) for row, figures in expected.items() for column in COLUMNS if figures[column]]
    if busy_cells:
        row, column = data.draw(st.sampled_from(busy_cells), label="cell")
        example.check_dossiers(root, row, column, period, tree)
    form = data.draw(st.sampled_from(world.forms), label="form")
    busy = [cell for whole in {example.root, root} for cell in example.compare_form(form, whole, period, tree) if whole == root]
    if busy:
        example.check_list(data.draw(st.sampled_from(busy), label="listed"), root, period, tree)
    example.check_totals()


def test_quality_lists_every_finding(world):
    """Those about units that were not valid, too: the catalogue in force has been the example's since its first event."""
    listed = {(pb.FindingKind.Name(f.kind)[len("FINDING_KIND_"):], f.space, f.dossier, f.unit): (f.count, f.source, f.event_id)
              for f in world.reporter.quality()}
    recounts = [Recount(example.events, SPACES, in_force=lambda _, units=example.units: units) for example in world.examples]
    right = {key: line for recount in recounts for key, line in recount.findings.items()}
    missing, surplus = right.items() - listed.items(), listed.items() - right.items()
    assert not missing and not surplus, f"missing {sorted(missing)[:9]}, surplus {sorted(surplus)[:9]}"
    assert EXAMPLES < 20 or any(kind == "UNIT_NOT_VALID" for kind, *_ in right)
