# SPDX-License-Identifier: Apache-2.0
"""The running services against the independent recount, on random histories.

Each example takes a tree of units and dossier codes nothing was counted under yet, publishes, and compares whole
reports; so one cluster serves all examples. HOSO_EXAMPLES says how many (150). A failure shrinks, and prints the events;
`--hypothesis-seed=N` repeats a run.
"""
import collections
import datetime
import os

import pytest
from hypothesis import HealthCheck, given, note, settings
from hypothesis import strategies as st

from histories import DAY0, FIELDS, SOURCES, SPACES, Tree, boundaries, catalogue, date_of, examples, full_ledger
from hosotest.client import cells, make_event
from hosotest.cluster import Cluster
from hosotest.protocol import pb
from naive_forms import Naive, cells_of
from recount import COLUMNS, FLOWS, OPEN, STOCKS, Recount

EXAMPLES = int(os.environ.get("HOSO_EXAMPLES", "150"))
TREES = 1500
OPEN_STATES = {                       # the measures of each, the one that is overdue last
    pb.OPEN_STATE_PROCESSING: ["processing_in_time", "processing_overdue"],
    pb.OPEN_STATE_WAITING_SUPPLEMENT: ["waiting_supplement"],
    pb.OPEN_STATE_WAITING_PAYMENT: ["waiting_payment"],
    pb.OPEN_STATE_STOPPED: ["stopped"],
    pb.OPEN_STATE_AWAITING_RECEPTION: ["awaiting_reception", "awaiting_reception_overdue"],
}


# What a site may write and no built-in form does.
OWN_FORM = """\
id: own
title: {vi: THỬ}
rows: fields
columns:
  - {id: soon, caption: {vi: [Sắp quá hạn]}, value: "close(processing_overdue, +3) - close(processing_overdue)"}
  - {id: later, caption: {vi: [Sau 40 ngày]}, value: "close(unresolved[online], +40)"}
  - {id: doubled, caption: {vi: [Gấp đôi]}, value: 2 * received - returned}
  - {id: share, caption: {vi: [Tỷ lệ]}, value: "(soon + doubled) / (later + open(result_waiting))"}
"""


class World:
    """A cluster, its clients, and the next fresh tree. A used-up cluster is replaced by a new one."""

    def __init__(self):
        self.cluster, self.examples = None, []
        self.serial = 0
        self._found()

    def _found(self):
        self.cluster, self.examples = Cluster(sources=SOURCES, spaces=SPACES), []
        forms = self.cluster.directory / "forms"
        forms.mkdir()
        (forms / "own.yaml").write_text(OWN_FORM, encoding="utf-8")
        self.cluster.reporting.configure(forms=forms)
        self.cluster.__enter__()
        self.trees = [Tree(number) for number in range(TREES)]
        self.cluster.put_catalogue(catalogue(self.trees))
        self.publishers = [self.cluster.publisher(source) for source in SOURCES]
        self.reporter = self.cluster.reporter()
        self.forms = list(self.reporter.list_forms())

    def fresh_tree(self):
        if not self.trees:
            self.check_findings()
            self.close()
            self._found()
        self.serial += 1
        return self.trees.pop()

    def close(self):
        self.cluster.stop()

    def check_findings(self):
        """Quality lists what the recount finds, no more and no less, over all examples."""
        listed = {(pb.FindingKind.Name(f.kind)[len("FINDING_KIND_"):], f.space, f.dossier, f.unit): (f.count, f.source, f.event_id)
                  for f in self.reporter.quality()}
        right = {key: line for example in self.examples for key, line in Recount(example.events, SPACES).findings.items()}
        missing, surplus = right.items() - listed.items(), listed.items() - right.items()
        assert not missing and not surplus, f"missing {sorted(missing)[:9]}, surplus {sorted(surplus)[:9]}"


@pytest.fixture(scope="module")
def world():
    world = World()
    yield world
    world.close()


def period_text(from_day, to_day):
    """Inclusive, as people say it."""
    return date_of(DAY0 + from_day), date_of(DAY0 + to_day - 1)


class Example:
    """One tree, its events so far, and what they must add up to."""

    def __init__(self, world):
        self.world, self.tree, self.events, self.position = world, world.fresh_tree(), [], 0
        self.prefix = f"H{world.serial:06}"
        world.examples.append(self)

    def complete(self, dossier, event):
        event = {**event, "dossier": f"{self.prefix}-{dossier}"}
        if "unit" in event:
            event["unit"] = self.tree.units[event["unit"]]
        return event

    def publish(self, part):
        for source, numbered in part:
            events = [self.complete(dossier, event) for dossier, event in numbered]
            publisher = self.world.publishers[source]
            faults = publisher.publish([make_event(event) for event in events])
            assert not faults, faults
            self.position = max(self.position, publisher.position)
            self.events += [(SOURCES[source], event) for event in events]

    def report(self, from_day, to_day, form="thong-ke", **more):
        report = self.world.reporter.run_report(form, self.tree.p, period_text(from_day, to_day),
                                                min_position=self.position, **more)
        assert report.cut.position >= self.position
        bad = [check for check in report.checks if not check.ok]
        assert not bad, bad
        return report

    def expected(self, from_day, to_day):
        """{unit: {column: its own and everything below}}."""
        own = Recount(self.events, SPACES).figures(DAY0 + from_day, DAY0 + to_day)
        return {unit: {column: sum(own[member][column] for member in below) for column in COLUMNS}
                for unit, below in self.tree.below.items()}

    def compare(self, from_day, to_day):
        shown = cells(self.report(from_day, to_day))
        expected = self.expected(from_day, to_day)
        assert set(shown) == set(expected)
        wrong = [f"{unit} {column}: {shown[unit][column]} is reported, {expected[unit][column]} is right"
                 for unit in expected for column in COLUMNS if shown[unit][column] != expected[unit][column]]
        if wrong:
            for source, event in self.events:
                note(f"{source} {event}")
        assert not wrong, f"{period_text(from_day, to_day)}: " + "; ".join(wrong)
        return shown


    def compare_by_field(self, from_day, to_day):
        """II.06a: a row for each unit, and one for each field that has anything to show; the same for a unit alone."""
        report, recount = self.report(from_day, to_day, form="II.06a"), Recount(self.events, SPACES)
        ids = [column.id for column in report.columns]
        shown = {(row.unit, row.field, row.id): dict(zip(ids, [cell.number for cell in row.cells])) for row in report.rows}
        for unit, below in self.tree.below.items():
            for field in ["", *FIELDS]:
                right = recount.by_field(DAY0 + from_day, DAY0 + to_day, below, field or None)
                assert shown.get((unit, field, ""), dict.fromkeys(ids, 0)) == right, (unit, field, self.events)
                alone = recount.by_field(DAY0 + from_day, DAY0 + to_day, [unit], field or None)
                row = shown.get((unit, field, "own"), alone if len(below) == 1 else dict.fromkeys(ids, 0))
                assert row == alone, (unit, field, self.events)


    def compare_depth(self, from_day, to_day, form):
        """With a depth the same rows, without those of units further down."""
        whole = self.report(from_day, to_day, form)
        for depth in (1, 2, 64):
            level, right = 0, []
            for row in whole.rows:
                level = row.level if row.kind == pb.ROW_KIND_UNIT else level
                alone = row.kind == pb.ROW_KIND_OWN or row.id.split(".")[0] == "own"
                right += [row] if level + alone < depth else []
            assert list(self.report(from_day, to_day, form, depth=depth).rows) == right, (form, depth, self.events)

    def compare_form(self, form, from_day, to_day):
        """Every cell of the form is what its expression gives, evaluated naively. Returns cells that are not 0."""
        report = self.report(from_day, to_day, form=form.form)
        naive = Naive(list(Recount(self.events, SPACES).cases.values()), DAY0 + from_day, DAY0 + to_day)
        busy = []
        for row, column, said, right, how in cells_of(naive, self.tree, form, report):
            assert said == right, (form.form, row.unit, row.field, row.procedure, row.id, column.id, self.events)
            busy += [(row, column, said[0], how)] if said[0] else []
        return busy


def alone(example, period):
    """{(space, code): the recount of that dossier alone}."""
    from_day, to_day = period
    return {code: Naive([case], DAY0 + from_day, DAY0 + to_day) for code, case in Recount(example.events, SPACES).cases.items()}


def check_cell(example, form, cell, period, cases):
    """The dossiers listed behind the cell are those that the recount counts in it, and add up to it."""
    row, column, number, (source, sources, wanted, figure) = cell
    listed = collections.Counter()
    for line in example.world.reporter.list_dossiers(form.form, column.id, row, period_text(*period)):
        listed[line.space, line.dossier] += line.amount
    right = {code: naive.cell(source, sources, wanted, figure)[0] for code, naive in cases.items()}
    assert {d: n for d, n in listed.items() if n} == {d: n for d, n in right.items() if n}, (form.form, row, column.id)
    assert sum(right.values()) == number


def check_identities(numbers):
    resolved = sum(numbers[c] for c in FLOWS if c.startswith("resolved_"))
    came = numbers["carried_over"] + numbers["received"] + numbers["transferred_in"]
    went = resolved + numbers["returned"] + numbers["withdrawn"] + numbers["transferred_out"]
    assert came == went + sum(numbers[c] for c in OPEN)


def check_dossiers(example, report, row, column, period):
    """The dossiers listed behind a cell are the recount's, and add up to it."""
    from_day, to_day = period
    lines = list(example.world.reporter.list_dossiers("thong-ke", column, row, period_text(from_day, to_day), limit=3))
    listed = {}
    for line in lines:
        dossier = line.space, line.dossier
        listed[dossier] = listed.get(dossier, 0) + line.amount
    units = [row.unit] if row.kind == pb.ROW_KIND_OWN else example.tree.below[row.unit]
    right = Recount(example.events, SPACES).dossiers(DAY0 + from_day, DAY0 + to_day, units, column)
    assert {d: n for d, n in listed.items() if n} == right
    assert sum(right.values()) == row.cells[[c.id for c in report.columns].index(column)].number
    check_order(example, lines)
    state = next((state for state, columns in OPEN_STATES.items() if column in columns), None)
    for line in lines:
        assert state is None or line.state == state, line
        assert (column == "processing_overdue") <= (0 < len(line.due) and line.due < date_of(DAY0 + to_day)), line
        assert (line.ended == "") == (line.state in OPEN_STATES or line.state == pb.DOSSIER_STATE_PETITION_OPEN), line


def check_order(example, lines):
    """By unit in the catalogue's order, then due day, those without one last, then space and code; each once."""
    places = [(example.tree.units.index(line.unit), line.due or "9", line.space.encode(), line.dossier.encode()) for line in lines]
    assert places == sorted(set(places)), places


def check_open(example, day, at):
    """What is open at the end of a day, by unit: as many as a report of that day counts at its end, and the recount's
    dossiers; `at` empty = today."""
    recount, root, reporter = Recount(example.events, SPACES), example.tree.units[0], example.world.reporter
    figures = recount.figures(day, day + 1)
    for state, columns in OPEN_STATES.items():
        for days, counted in ((1, columns[-1:]), (None, columns)):
            asked = {"days": days} if days is not None and len(columns) == 2 else {"all": True}
            asked["at"] = at
            counted = counted if "days" in asked else columns
            counts = reporter.count_open(root, state=state, **asked)
            lines = list(reporter.list_open(root, state=state, limit=2, **asked))
            right = {unit: sum(figures[unit][column] for column in counted) for unit in example.tree.units}
            assert counts == {unit: n for unit, n in right.items() if n}, (state, asked, example.events)
            assert collections.Counter(line.unit for line in lines) == counts
            dossiers = {code for column in counted
                        for code in recount.dossiers(day, day + 1, example.tree.units, column)}
            assert sorted((line.space, line.dossier) for line in lines) == sorted(dossiers)
            assert all(line.state == state and line.ended == "" for line in lines)
            check_order(example, lines)


@settings(max_examples=EXAMPLES, deadline=None, print_blob=True,
          suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(parts=examples(), days=boundaries, data=st.data())
def test_reports_are_what_the_recount_says(world, parts, days, data):
    example, (a, b, c) = Example(world), days
    for part in parts:
        example.publish(part)
        example.compare(a, c)
    first, second, whole = example.compare(a, b), example.compare(b, c), example.compare(a, c)
    for unit in example.tree.units:
        assert all(first[unit][f] + second[unit][f] == whole[unit][f] for f in FLOWS)
        assert sum(first[unit][s] for s in OPEN) == second[unit]["carried_over"]
        assert all(second[unit][s] == whole[unit][s] for s in STOCKS)
        check_identities(whole[unit])
    example.compare_by_field(a, c)
    for form in ("II.06a", "thu-tuc", "thong-ke", "muc-do"):
        example.compare_depth(a, c, form)
    listed = data.draw(st.lists(st.sampled_from([form.form for form in world.forms]), min_size=3, max_size=3, unique=True), label="listed")
    cases = alone(example, (a, c))
    for form in world.forms:
        busy = example.compare_form(form, a, c)
        for cell in data.draw(st.permutations(busy), label="cells")[:5] if form.form in listed else []:
            check_cell(example, form, cell, (a, c), cases)
    today = (datetime.date.today() - datetime.date(1970, 1, 1)).days
    check_open(example, today, "")
    for day in (b, c):
        check_open(example, DAY0 + day - 1, date_of(DAY0 + day - 1))
    report = example.report(a, c)
    row = data.draw(st.sampled_from([row for row in report.rows if row.kind == pb.ROW_KIND_UNIT]), label="row")
    busy = [column for column in COLUMNS if whole[row.unit][column]] or COLUMNS
    check_dossiers(example, report, row, data.draw(st.sampled_from(busy), label="column"), (a, c))


def test_every_cell_of_every_form_lists_its_dossiers(world):
    """Of a small ledger in which every column of every form counts something, each cell that is not 0, once."""
    example, period = Example(world), (20, 46)
    example.publish(full_ledger())
    cases, empty = alone(example, period), set()
    for form in world.forms:
        busy = example.compare_form(form, *period)
        for cell in busy:
            check_cell(example, form, cell, period, cases)
        if not form.lines:
            shown = {column.id for _, column, _, _ in busy}
            empty |= {(form.form, column.id) for column in form.columns if column.value and column.id not in shown}
    assert not empty, sorted(empty)


def test_quality_lists_every_finding(world):
    world.check_findings()
