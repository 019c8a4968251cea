# SPDX-License-Identifier: Apache-2.0
"""The independent recount: what `thong-ke` must say, from the raw events, by the counting rules and nothing else.

Meant to be read next to the rules and found right; it is as slow as it looks. A dossier's events are put in the order
in which they take effect and walked, one after the other. Flows are what happens on the way. A stock at a day boundary
is the state after walking again, from nothing, everything that took effect before that day.

Events are (source, {"event_id": …, "dossier": …, "kind": "RECEIVED", "occurred_at": ms, …}) in the order of the journal.
A dossier is (space, code); a source's space is the one that `spaces` gives it, else its own name.
"""
import collections

HOUR_MS = 3_600_000
KINDS = ["", "SUBMITTED", "RECEIVED", "REFUSED", "SUPPLEMENT_REQUESTED", "SUPPLEMENT_RECEIVED", "PAYMENT_REQUESTED",
         "PAYMENT_RECEIVED", "STOPPED", "RESUMED", "EXTENDED", "APOLOGY_SENT", "TRANSFERRED", "COMPONENTS_DIGITISED",
         "RESULT_DIGITISED", "RESOLVED", "RETURNED", "WITHDRAWN", "HANDED_OVER", "VOIDED", "PETITION_RECEIVED",
         "PETITION_RESOLVED"]
FLOWS = ["received", "out_of_territory", "resolved_early", "resolved_on_time", "resolved_late_apology",
         "resolved_late_no_apology", "returned", "withdrawn", "refused", "handed_over", "transferred_in",
         "transferred_out", "components_digitised", "result_digitised", "paid_online", "submitted",
         "petition_received", "petition_resolved_on_time", "petition_resolved_late", "received_late"]
STOCKS = ["processing_in_time", "processing_overdue", "waiting_supplement", "waiting_payment", "stopped",
          "awaiting_reception", "result_waiting", "petition_open_in_time", "petition_open_overdue",
          "awaiting_reception_overdue"]
OPEN = ["processing_in_time", "processing_overdue", "waiting_supplement", "waiting_payment", "stopped"]
COLUMNS = FLOWS + ["carried_over"] + STOCKS

PAUSES = {"SUPPLEMENT_REQUESTED": "waiting_supplement", "PAYMENT_REQUESTED": "waiting_payment", "STOPPED": "stopped"}
RESUMES = {"SUPPLEMENT_RECEIVED", "PAYMENT_RECEIVED", "RESUMED"}
DUE_CARRIERS = RESUMES | {"RECEIVED", "EXTENDED"}
FINAL = {"resolved", "returned", "withdrawn"}
ENDINGS = {"RESOLVED", "RETURNED", "WITHDRAWN"}
NAMING = {"SUBMITTED", "RECEIVED", "REFUSED", "TRANSFERRED", "PETITION_RECEIVED"}     # their units


def local_day(ms):
    return (ms + 7 * HOUR_MS) // (24 * HOUR_MS)


# Which events there are (§2, §3.1)

def content(event):
    """Without what is not given: an attribute at zero and a missing one are the same."""
    return {name: value for name, value in event.items() if value}


def unit_of(event):
    return event["unit"] if event["kind"] in NAMING else ""


def standing(events):
    """Of the events of one dossier the first journaled under each identity, and the findings about the others. One that
    names no unit stands under the unit that was last named, by what was journaled before it."""
    first, findings = {}, []
    for source, event in events:
        identity = (source, event["event_id"])
        if identity not in first:
            first[identity] = event
        elif content(first[identity]) != content(event):
            named = [unit_of(e) for e in first.values() if unit_of(e)]
            findings.append(("CONFLICTING", source, event, unit_of(event) or (named[-1] if named else "")))
    return [(source, event) for (source, _), event in first.items()], findings


def without_voided(events):
    """Events of one dossier that happened, in sort order, and the findings about VOIDEDs that void nothing."""
    voidable = {(source, event["event_id"]) for source, event in events if event["kind"] != "VOIDED"}
    voids = [(source, event) for source, event in events if event["kind"] == "VOIDED"]
    voided = {(source, event["voids"]) for source, event in voids}
    findings = [("VOID_UNMATCHED", source, event) for source, event in voids if (source, event["voids"]) not in voidable]
    rest = [(source, event) for source, event in events
            if event["kind"] != "VOIDED" and (source, event["event_id"]) not in voided]
    return sorted(rest, key=sort_key), findings


def sort_key(entry):
    source, event = entry
    return event["occurred_at"], KINDS.index(event["kind"]), source.encode(), event["event_id"].encode()


# The way of a dossier (§3.2–3.9)

def timeline(events):
    """(day it takes effect, source, event) of the sorted events of one dossier, and its orphans."""
    at = next((n for n, (_, event) in enumerate(events) if event["kind"] == "RECEIVED"), None)
    early = events if at is None else events[:at]
    line = [(local_day(e["occurred_at"]), s, e) for s, e in early if e["kind"] in ("SUBMITTED", "REFUSED")]
    waiting = [(s, e) for s, e in early if e["kind"] not in ("SUBMITTED", "REFUSED")]
    if at is None:
        return line, waiting
    day = local_day(events[at][1]["occurred_at"])
    line += [(day, s, e) for s, e in [events[at]] + waiting]
    line += [(local_day(e["occurred_at"]), s, e) for s, e in events[at + 1:]]
    return line, []


class Dossier:
    """Walks. `step` gives the flows of one event as (measure, unit) and says whether the event had no effect."""

    def __init__(self, implied):
        self.implied = implied         # handed over without a result: the first HANDED_OVER is the resolution, too
        self.state = None              # None = not received yet
        self.unit = self.due_day = None
        self.awaited_in = self.wait_due_day = None    # None = not awaiting reception; no day by which it must be accepted
        self.asked = self.apology = False             # asked = there was a SUBMITTED or a REFUSED
        self.marks = set()             # COMPONENTS_DIGITISED, RESULT_DIGITISED, HANDED_OVER that were seen

    def step(self, day, event):
        kind = event["kind"]
        if kind in ("SUBMITTED", "RECEIVED", "REFUSED"):
            return self.reception(day, event)
        if kind == "HANDED_OVER" and self.implied and kind not in self.marks:
            resolved = self.while_open(day, {"kind": "RESOLVED"})
            return resolved + self.mark(kind)[0], False
        if kind in ("COMPONENTS_DIGITISED", "RESULT_DIGITISED", "HANDED_OVER"):
            return self.mark(kind)
        if self.state in FINAL:
            return [], True
        if event.get("due_at") and kind in DUE_CARRIERS:
            self.due_day = local_day(event["due_at"])
        return self.while_open(day, event), False

    def reception(self, day, event):
        kind = event["kind"]
        if self.state is not None:
            return [], True
        awaiting, first, self.asked = self.awaited_in is not None, not self.asked, True
        if kind == "SUBMITTED":
            if awaiting:
                return [], True
            self.awaited_in = event["unit"]
            self.wait_due_day = local_day(event["due_at"]) if event.get("due_at") else None
            return [("submitted", event["unit"])], False
        if kind == "REFUSED":
            if not awaiting and not first:
                return [], True
            self.awaited_in = None
            return [("refused", event["unit"])], False
        self.state, self.unit = "processing", event["unit"]
        self.due_day = local_day(event["due_at"]) if event.get("due_at") else None
        flows = [("received", self.unit)]
        if event.get("out_of_territory"):
            flows.append(("out_of_territory", self.unit))
        if awaiting and self.wait_due_day is not None and day > self.wait_due_day:
            flows.append(("received_late", self.unit))
        return flows, False

    def mark(self, kind):
        again = kind in self.marks
        self.marks.add(kind)
        if again:
            return [], True
        if kind == "COMPONENTS_DIGITISED":
            return [("components_digitised", self.unit)], False
        if self.state == "resolved":
            return [(kind.lower(), self.unit)], False
        return [], self.state in FINAL  # of an open dossier: remembered until the resolution

    def while_open(self, day, event):
        kind = event["kind"]
        if kind in PAUSES:
            self.state = PAUSES[kind]
        elif kind in RESUMES:
            self.state = "processing"
            if kind == "PAYMENT_RECEIVED" and event.get("paid_online"):
                return [("paid_online", self.unit)]
        elif kind == "APOLOGY_SENT" or (kind == "EXTENDED" and event.get("apology_sent")):
            self.apology = True
        elif kind == "TRANSFERRED":
            old, self.unit = self.unit, event["unit"]
            return [("transferred_out", old), ("transferred_in", self.unit)]
        elif kind in ("RETURNED", "WITHDRAWN"):
            self.state = kind.lower()
            return [(self.state, self.unit)]
        elif kind == "RESOLVED":
            self.state = "resolved"
            waited = [kind.lower() for kind in ("HANDED_OVER", "RESULT_DIGITISED") if kind in self.marks]
            return [(measure, self.unit) for measure in [self.punctuality(day)] + waited]
        return []

    def punctuality(self, day):
        if self.due_day is None or day == self.due_day:
            return "resolved_on_time"
        if day < self.due_day:
            return "resolved_early"
        return "resolved_late_apology" if self.apology else "resolved_late_no_apology"

    def stock(self, boundary):
        """(measure, unit) that this dossier is in at the start of the day `boundary`, or None."""
        if self.state is None:
            late = self.wait_due_day is not None and boundary > self.wait_due_day
            measure = "awaiting_reception_overdue" if late else "awaiting_reception"
            return (measure, self.awaited_in) if self.awaited_in else None
        if self.state == "processing":
            overdue = self.due_day is not None and boundary > self.due_day
            return "processing_overdue" if overdue else "processing_in_time", self.unit
        if self.state == "resolved":
            return None if "HANDED_OVER" in self.marks else ("result_waiting", self.unit)
        return None if self.state in FINAL else (self.state, self.unit)


# The way of a petition

def petition_days(events):
    """Of the sorted events of one petition: reception, its day, the day it was resolved or None; and the rest."""
    receptions = [(s, e) for s, e in events if e["kind"] == "PETITION_RECEIVED"]
    resolutions = [(s, e) for s, e in events if e["kind"] == "PETITION_RESOLVED"]
    if not receptions:
        return None, None, None, [("ORPHAN", s, e) for s, e in resolutions]
    reception = receptions[0][1]
    received = local_day(reception["occurred_at"])
    resolved = max(received, local_day(resolutions[0][1]["occurred_at"])) if resolutions else None
    return reception, received, resolved, [("IGNORED", s, e) for s, e in receptions[1:] + resolutions[1:]]


def petition_flows(events):
    reception, received, resolved, _ = petition_days(events)
    if reception is None:
        return []
    flows = [(received, "petition_received", reception["unit"])]
    if resolved is not None:
        late = reception.get("due_at") and resolved > local_day(reception["due_at"])
        flows.append((resolved, "petition_resolved_late" if late else "petition_resolved_on_time", reception["unit"]))
    return flows


def petition_stock(events, boundary):
    reception, received, resolved, _ = petition_days(events)
    if reception is None or received >= boundary or (resolved is not None and resolved < boundary):
        return None
    overdue = reception.get("due_at") and boundary > local_day(reception["due_at"])
    return "petition_open_overdue" if overdue else "petition_open_in_time", reception["unit"]


# Counting (§4)

class Case:
    """All that happened under one dossier code of a space: a dossier, a petition, or both. `invalid` are the identities
    of events whose unit was not valid."""

    def __init__(self, journaled, invalid=()):
        events, conflicts = standing(journaled)
        happened, self.findings = without_voided(events)
        self.findings += [("UNIT_NOT_VALID", s, e) for s, e in happened if (s, e["event_id"]) in invalid]
        self.petition = [(s, e) for s, e in happened if e["kind"].startswith("PETITION_")]
        self.timeline, orphans = timeline([(s, e) for s, e in happened if not e["kind"].startswith("PETITION_")])
        handed_over = [("RESULT_IMPLIED", s, e) for _, s, e in self.timeline if e["kind"] == "HANDED_OVER"][:1]
        self.implied = bool(handed_over) and not any(e["kind"] in ENDINGS for _, _, e in self.timeline)
        self.flows, walk = petition_flows(self.petition), Dossier(self.implied)
        loose = [("ORPHAN", s, e) for s, e in orphans] + petition_days(self.petition)[3]
        reception = next((event for _, _, event in self.timeline if event["kind"] == "RECEIVED"), {})
        self.field, self.channel = reception.get("field"), reception.get("channel")
        for day, source, event in self.timeline:
            flows, ignored = walk.step(day, event)
            self.flows += [(day, measure, unit) for measure, unit in flows]
            loose += [("IGNORED", source, event)] if ignored else []
        self.unit = walk.unit or self.unit_before_reception()
        loose += handed_over if self.implied else []
        self.findings = [(kind, s, e, unit_of(e) or self.unit) for kind, s, e in self.findings + loose] + conflicts

    def unit_before_reception(self):
        """The unit that has what was not received: of the petition, else of the last wait or refusal that counts."""
        petitioned = petition_days(self.petition)[0]
        asked = [unit for _, measure, unit in self.flows if measure in ("submitted", "refused")]
        return asked[-1] if asked else petitioned["unit"] if petitioned else ""

    def stocks(self, boundary):
        walk = Dossier(self.implied)
        for day, _, event in self.timeline:
            if day < boundary:
                walk.step(day, event)
        return [stock for stock in (walk.stock(boundary), petition_stock(self.petition, boundary)) if stock]

    def figures(self, from_day, to_day):
        """{unit: {column: number}} of the period [from_day, to_day); what is 0 is left out."""
        units = collections.defaultdict(collections.Counter)
        for day, measure, unit in self.flows:
            if from_day <= day < to_day:
                units[unit][measure] += 1
        for measure, unit in self.stocks(from_day):
            if measure in OPEN:
                units[unit]["carried_over"] += 1
        for measure, unit in self.stocks(to_day):
            units[unit][measure] += 1
        return units


class Recount:
    """`spaces`: {source: space}. `in_force`: of an event's place in the journal, the Units in force there (§6); None = all
    units are valid on all days. `cases` is {(space, code): Case}."""

    def __init__(self, events, spaces=None, in_force=None):
        spaces = spaces or {}
        histories, invalid = collections.defaultdict(list), collections.defaultdict(set)
        for place, (source, event) in enumerate(events):
            dossier, identity = (spaces.get(source, source), event["dossier"]), (source, event["event_id"])
            again = any((s, e["event_id"]) == identity for s, e in histories[dossier])
            histories[dossier].append((source, event))
            day = local_day(event["occurred_at"])
            if in_force and unit_of(event) and not again and not in_force(place).row(unit_of(event), day):
                invalid[dossier].add(identity)
        self.cases = {dossier: Case(history, invalid[dossier]) for dossier, history in histories.items()}
        self.findings = {}
        for dossier, case in self.cases.items():
            order = [(source, event["event_id"]) for source, event in histories[dossier]]
            self.findings.update(self.listed(case.findings, dossier, order))

    @staticmethod
    def listed(findings, dossier, order):
        """{(kind, space, code, unit): (how many, source and id of the one journaled first)}: one line each."""
        groups = collections.defaultdict(list)
        for kind, source, event, unit in findings:
            groups[kind, *dossier, unit].append((source, event["event_id"]))
        def first(kind, group):     # conflicts are in the order of the journal already
            return group[0] if kind == "CONFLICTING" else min(group, key=order.index)
        return {key: (len(group), *first(key[0], group)) for key, group in groups.items()}

    def figures(self, from_day, to_day, wanted=lambda case: True):
        """{unit: {column: number}} for the period [from_day, to_day), each unit alone, of the cases wanted."""
        units = collections.defaultdict(lambda: dict.fromkeys(COLUMNS, 0))
        for case in filter(wanted, self.cases.values()):
            for unit, numbers in case.figures(from_day, to_day).items():
                for column, number in numbers.items():
                    units[unit][column] += number
        return units

    def by_field(self, from_day, to_day, units, field=None):
        """A row of form II.06a for these units together: of one field, or of all."""
        def total(columns, wanted):
            figures = self.figures(from_day, to_day, wanted)
            return sum(figures[unit][column] for unit in units for column in columns)

        def of_field(case):
            return field is None or case.field == field

        def count(*columns):
            return total(columns, of_field)
        row = {"online": total(["received"], lambda case: of_field(case) and case.channel == "ONLINE"),
               "carried_over": count("carried_over", "transferred_in") - count("transferred_out"),
               "early": count("resolved_early"), "on_time": count("resolved_on_time", "returned", "withdrawn"),
               "late": count("resolved_late_apology", "resolved_late_no_apology"),
               "in_time": count("processing_in_time", "waiting_supplement", "waiting_payment", "stopped"),
               "overdue": count("processing_overdue")}
        row["direct_postal"] = count("received") - row["online"]
        row["received_total"] = row["online"] + row["direct_postal"] + row["carried_over"]
        row["resolved_total"] = row["early"] + row["on_time"] + row["late"]
        row["open_total"] = row["in_time"] + row["overdue"]
        return row

    def dossiers(self, from_day, to_day, units, column):
        """{(space, code): what it adds} to the column of these units together; what is 0 is left out."""
        amounts = {code: sum(case.figures(from_day, to_day)[unit][column] for unit in units)
                   for code, case in self.cases.items()}
        return {code: amount for code, amount in amounts.items() if amount}


# Which units a report adds up (§6)

class Units:
    """Rows of units.csv: {"id", "parent", "from", "to", "order", "tier", "successors"}, days half-open, None = open."""

    def __init__(self, rows):
        self.rows = rows
        self.ids = sorted({row["id"] for row in rows})

    def row(self, unit, day):
        return next((row for row in self.rows if row["id"] == unit and holds(row, day)), None)

    def last_row(self, unit, day):
        """The last one that ended by the day."""
        ended = [row for row in self.rows if row["id"] == unit and row["to"] is not None and row["to"] <= day]
        return max(ended, key=lambda row: row["to"], default=None)

    def above(self, unit, day):
        """Every unit above, on a day on which it is valid."""
        row = self.row(unit, day)
        if row is None or not row["parent"]:
            return []
        return [row["parent"]] + self.above(row["parent"], day)

    def holder(self, unit, day):
        """In whose row it is counted in the tree of that day; None = outside the tree."""
        if self.row(unit, day):
            return unit
        last = self.last_row(unit, day)
        successors = last["successors"] if last else []
        if len(successors) == 1:
            return self.holder(successors[0], day)
        return unit if any(self.holder(successor, day) for successor in successors) else None

    def above_row(self, unit, day):
        """Every unit above its row in the tree of that day: of one that was split, what all successors have above them."""
        if self.row(unit, day):
            return self.above(unit, day)
        holders = [self.holder(successor, day) for successor in self.last_row(unit, day)["successors"]]
        paths = [self.above_row(holder, day) for holder in holders if holder]
        shared = [unit for unit in paths[0] if all(unit in path for path in paths)]
        tops = {([holder] + self.above_row(holder, day))[-1] for holder in holders if holder}
        return shared or (list(tops) if len(tops) == 1 and not tops.isdisjoint(holders) else [])

    def nearest_day(self, unit, day):
        """The last day on which it was there; of one that has not begun its first."""
        last = self.last_row(unit, day)
        return last["to"] - 1 if last else min(row["from"] for row in self.rows if row["id"] == unit)

    def lay_below(self, unit, root, from_day, to_day):
        days = [day for day in range(from_day, to_day) if self.row(unit, day)] or [self.nearest_day(unit, from_day)]
        return any(root in self.above(unit, day) for day in days)

    def scope(self, root, from_day, to_day, tree_day):
        """{row: the units counted in it alone} of a report; "" is the row of those outside the tree."""
        scope = collections.defaultdict(list)
        for unit in self.ids:
            holder = self.holder(unit, tree_day)
            if holder and root in [holder] + self.above_row(holder, tree_day):
                scope[holder].append(unit)
            elif not holder and self.lay_below(unit, root, from_day, to_day):
                scope[""].append(unit)
        return scope

    def below(self, row, root, scope, tree_day):
        """All units counted in a row of a scope and below it."""
        if row == "":
            return scope[""]
        members = [unit for other, units in scope.items() if other and row in [other] + self.above_row(other, tree_day)
                   for unit in units]
        return members + (scope.get("", []) if row == root else [])

    def forest(self, day):
        """{row: the units counted in it} of the live totals: what is outside the tree is in the nearest row above."""
        forest = collections.defaultdict(list)
        for unit in self.ids:
            holder = self.holder(unit, day)
            if not holder:
                path = self.above(unit, self.nearest_day(unit, day))
                holder = next((self.holder(above, day) for above in path if self.holder(above, day)), None)
            if holder:
                forest[holder].append(unit)
        return forest

    def order(self, root, tree_day):
        """The rows below a root and itself, as they are printed: children of the day, then units that were split."""
        def print_order(unit):
            row = self.row(unit, tree_day) or self.last_row(unit, tree_day)
            return row["order"], unit
        rows = [unit for unit in self.ids if self.holder(unit, tree_day) == unit]
        children = [unit for unit in rows if self.above_row(unit, tree_day)[:1] == [root]]
        valid = sorted((unit for unit in children if self.row(unit, tree_day)), key=print_order)
        split = sorted((unit for unit in children if not self.row(unit, tree_day)), key=print_order)
        return [root] + [row for child in valid for row in self.order(child, tree_day)] + split


def holds(row, day):
    return (row["from"] is None or row["from"] <= day) and (row["to"] is None or day < row["to"])


# Closed periods (§7a)

class Close:
    """What was journaled before it stays as it was: for the units that the closed one covered, up to the last day."""

    def __init__(self, number, events, units, last_day, spaces=None):
        self.number, self.events, self.units, self.last_day = number, list(events), list(units), last_day
        self.spaces = spaces

    def covers(self, units, to_day):
        return to_day - 1 <= self.last_day and set(units) <= set(self.units)

    def recount(self):
        return Recount(self.events, self.spaces)

    def restated(self, now, from_day, to_day, units, column):
        """{dossier: by how much it changed the column} from the close to the recount `now`."""
        amounts = collections.Counter(now.dossiers(from_day, to_day, units, column))
        amounts.subtract(self.recount().dossiers(from_day, to_day, units, column))
        return {code: amount for code, amount in amounts.items() if amount}


def latest_close(closes, units, to_day):
    """The one of which a report as closed is asked, unless it names one; None = these units and days were never closed."""
    return max((close for close in closes if close.covers(units, to_day)), key=lambda close: close.number, default=None)


def layer(closes, unit, day):
    """Where an amount of a unit and day stands that is counted after these closes; 0 = on the ground."""
    return max((close.number for close in closes if close.covers([unit], day + 1)), default=0)
