# SPDX-License-Identifier: Apache-2.0
"""What a form's cells must say, from the recount and the expressions that the form lists, and nothing else.

An expression is read and evaluated here anew, dossier by dossier: `close(processing_overdue, +3)` is how many are overdue
three days after the period, by walking each again up to then.
"""
import re

TOKEN = re.compile(r"\s*(\d+|\w+|[-+*/()\[\],|])")
SEVERAL = {
    "resolved": ["resolved_early", "resolved_on_time", "resolved_late_apology", "resolved_late_no_apology"],
    "resolved_late": ["resolved_late_apology", "resolved_late_no_apology"],
    "petition_resolved": ["petition_resolved_on_time", "petition_resolved_late"],
    "processing": ["processing_in_time", "processing_overdue"],
    "unresolved": ["processing_in_time", "processing_overdue", "waiting_supplement", "waiting_payment", "stopped"],
    "petition_open": ["petition_open_in_time", "petition_open_overdue"],
}
SLOTS = {"online": ("channel", "ONLINE"), "direct": ("channel", "DIRECT"), "postal": ("channel", "POSTAL"),
         "full": ("level", "FULL"), "partial": ("level", "PARTIAL"), "not_online": ("level", "NONE"),
         "administrative": ("class", "ADMINISTRATIVE"), "business": ("class", "BUSINESS")}
BEFORE_RECEPTION = {"submitted", "refused", "awaiting_reception", "awaiting_reception_overdue"}


def attributes_of(case, measure):
    """What a count is split by: field, procedure, channel and level of the reception; the class of a petition."""
    if measure.startswith("petition_"):
        first = next(event for _, event in case.petition if event["kind"] == "PETITION_RECEIVED")
        return {"class": first["petition_class"]}
    if measure in BEFORE_RECEPTION:
        return {}
    reception = next((event for _, _, event in case.timeline if event["kind"] == "RECEIVED"), None)
    assert reception is not None, measure
    return {"field": reception["field"], "procedure": reception["procedure"], "channel": reception["channel"],
            "level": reception["service_level"]}


class Naive:
    """Cells of one period, over some cases of a recount. `wanted(unit, attributes)` says what a row counts."""

    def __init__(self, cases, from_day, to_day):
        self.cases, self.days, self.cache = cases, (from_day, to_day), {}

    def counted(self, side, later):
        """[(case, measure, unit, attributes)], one for each that is counted."""
        if (side, later) not in self.cache:
            from_day, to_day = self.days
            found = []
            for case in self.cases:
                if side == "flow":
                    pairs = [(measure, unit) for day, measure, unit in case.flows if from_day <= day < to_day]
                else:
                    pairs = case.stocks((from_day if side == "open" else to_day) + later)
                found += [(case, measure, unit, attributes_of(case, measure)) for measure, unit in pairs]
            self.cache[side, later] = found
        return self.cache[side, later]

    def number(self, measure, side, later, slots, wanted):
        names = SEVERAL.get(measure, [measure])
        return sum(1 for _, name, unit, its in self.counted(side, later)
                   if name in names and wanted(unit, its) and all(its.get(kind) in values for kind, values in slots.items()))

    def cell(self, source, sources, wanted, own_id=""):
        """(number, None), or (n, d) of a ratio."""
        reader = Reader(self, source, sources, wanted, own_id)
        number = reader.part()
        under = reader.part() if reader.take("/") else None
        assert reader.at == len(reader.tokens), source
        return number, under


class Reader:
    def __init__(self, naive, source, sources, wanted, own_id):
        self.naive, self.sources, self.wanted, self.own_id = naive, sources, wanted, own_id
        self.tokens, self.at = TOKEN.findall(source), 0

    def take(self, token):
        taken = self.at < len(self.tokens) and self.tokens[self.at] == token
        self.at += taken
        return taken

    def next(self):
        self.at += 1
        return self.tokens[self.at - 1]

    def part(self):
        bracket = self.take("(")
        total, sign = 0, -1 if self.take("-") else 1
        while True:
            times = int(self.next()) if self.tokens[self.at].isdigit() else 1
            assert times == 1 or self.take("*")
            total += sign * times * self.item()
            sign = 1 if self.take("+") else -1 if self.take("-") else 0
            if not sign:
                assert not bracket or self.take(")")
                return total

    def item(self):
        name = self.next()
        if name in ("open", "close"):
            assert self.take("(")
            measure, slots, later = self.next(), self.slots(), 0
            if self.take(","):
                assert self.take("+")
                later = int(self.next())
            assert self.take(")")
            return self.naive.number(measure, name, later, slots, self.wanted)
        bracket = self.tokens[self.at:self.at + 1] == ["["]
        if name in self.sources and name != self.own_id and not bracket:
            return self.naive.cell(self.sources[name], self.sources, self.wanted, name)[0]
        return self.naive.number(name, "flow", 0, self.slots(), self.wanted)

    def slots(self):
        slots = {}
        if self.take("["):
            while True:
                kind, value = SLOTS[self.next()]
                slots.setdefault(kind, set()).add(value)
                if self.take("]"):
                    return slots
                assert self.take("|") or self.take(",")
        return slots


def wanted_of(tree, form, row):
    """What a row of a table counts, by its unit, field, procedure and id."""
    alone, part = row.id.split(".")[0], row.id
    units = tree.below[row.unit]
    if alone in ("own", "outside"):
        units, part = tree.own[row.unit], row.id.removeprefix(alone).removeprefix(".")
    if part.removeprefix("tier_") in tree.of_tier:
        of_tier = tree.of_tier[part.removeprefix("tier_")]
        units, part = [unit for unit in of_tier if alone != "outside" or unit in units], ""
    kind, value = SLOTS.get(part, (None, None))

    def wanted(unit, its):
        return (unit in units and (not row.field or its.get("field") == row.field)
                and (not row.procedure or its.get("procedure") == row.procedure)
                and (part != "no_field" or "field" not in its) and (kind is None or its.get(kind) == value))
    assert part in ("", "no_field") or kind, (form.form, row.id)
    return wanted


def cells_of(naive, tree, form, report):
    """Yields (row, column, what the report says, what is right, source, wanted)."""
    figures = form.lines or form.columns
    sources = {figure.id: figure.value for figure in figures if figure.value}
    for row in report.rows:
        for column, cell in zip(report.columns, row.cells):
            if form.lines:
                units = tree.government.get(column.id, tree.units)
                source, figure = sources.get(row.id), row.id
                wanted = lambda unit, its, units=units: unit in units
            else:
                source, figure, wanted = sources[column.id], column.id, wanted_of(tree, form, row)
            if source is None:
                continue      # a heading
            said = (cell.ratio.n, cell.ratio.d) if cell.WhichOneof("value") == "ratio" else (cell.number, None)
            yield row, column, said, naive.cell(source, sources, wanted, figure), (source, sources, wanted, figure)
