# SPDX-License-Identifier: Apache-2.0
"""Hypothesis strategies for events: plausible walks mixed with nonsense order, and everything a publisher gets wrong.

Times come from few days and few hours, so that ties, day ends and due days are hit often. `Tree` gives each example
units that nothing has been counted in yet.
"""
import datetime

from hypothesis import strategies as st

from hosotest.protocol import pb
from recount import HOUR_MS, local_day

FIRST_DAY = datetime.date(2024, 1, 15)
DAY0 = (FIRST_DAY - datetime.date(1970, 1, 1)).days
SPAN = 75                                            # days in which things happen: over two month ends, one of them in a leap year
HOURS_MS = [0, 1, 9 * HOUR_MS, 9 * HOUR_MS, 17 * HOUR_MS, 24 * HOUR_MS - 1]   # of a local day
FIELDS = ["dat-dai", "ho-tich", "xay-dung"]
PROCEDURES = [f"1.00{n}" for n in range(5)]
SOURCES = ["s1", "s2", "s3"]
SPACES = {"s1": "shared", "s2": "shared"}             # the third one has its own


def date_of(day):
    return (datetime.date(1970, 1, 1) + datetime.timedelta(days=day)).isoformat()


def at(day, hour_ms):
    ms = (DAY0 + day) * 24 * HOUR_MS - 7 * HOUR_MS + hour_ms
    assert local_day(ms) == DAY0 + day
    return ms


class Tree:
    """P with children A and B, and C below B. Dossiers may be in any of them."""

    def __init__(self, number):
        self.number = number
        self.p, self.a, self.b, self.c = self.units = [f"t{number:05}{letter}" for letter in ("", ".a", ".b", ".c")]
        self.below = {self.p: self.units, self.a: [self.a], self.b: [self.b, self.c], self.c: [self.c]}
        self.own = {unit: [unit] for unit in self.units}
        self.of_tier = {"province": [self.p], "department": [self.a], "district": [self.b], "commune": [self.c]}
        self.government = {"province": [self.p, self.a], "district": [self.b], "commune": [self.c]}

    def rows(self):
        tiers = [pb.TIER_PROVINCE, pb.TIER_DEPARTMENT, pb.TIER_DISTRICT, pb.TIER_COMMUNE]
        parents = ["", self.p, self.p, self.b]
        return [pb.Unit(id=unit, code=unit, name=f"Đơn vị {unit}", tier=tier, parent=parent, print_order=order)
                for order, (unit, tier, parent) in enumerate(zip(self.units, tiers, parents))]


def catalogue(trees):
    fields = [pb.Field(id=field, name=field, print_order=n) for n, field in enumerate(FIELDS)]
    procedures = [pb.Procedure(id=procedure, name=procedure, field=FIELDS[n % len(FIELDS)],
                               service_level=pb.SERVICE_LEVEL_FULL) for n, procedure in enumerate(PROCEDURES)]
    return pb.Catalogue(units=[row for tree in trees for row in tree.rows()], fields=fields, procedures=procedures)


busy_days = st.sampled_from([0, 1, 2, 15, 16, 17, 18, 45, 46, 47, 60])   # so that days meet; 17 and 46 begin a month
times = st.builds(at, busy_days | st.integers(0, SPAN), st.sampled_from(HOURS_MS))
some_due = st.builds(at, busy_days | st.integers(0, SPAN + 15), st.sampled_from(HOURS_MS))
dues = st.one_of(st.just(0), some_due, some_due)
unit_numbers = st.integers(0, 3)

PETITION = ["PETITION_RECEIVED", "PETITION_RESOLVED"]
PAUSING = ["SUPPLEMENT_REQUESTED", "SUPPLEMENT_RECEIVED", "PAYMENT_REQUESTED", "PAYMENT_RECEIVED", "STOPPED", "RESUMED"]
WALKING = PAUSING + ["EXTENDED", "APOLOGY_SENT", "TRANSFERRED", "COMPONENTS_DIGITISED", "RESULT_DIGITISED"]
ENDING = ["RESOLVED", "RETURNED", "WITHDRAWN", "HANDED_OVER"]
ANY = ["SUBMITTED", "RECEIVED", "REFUSED"] + WALKING + ENDING + PETITION


@st.composite
def plausible_kinds(draw):
    """Some way through the counter, in the order in which it should happen."""
    kinds = draw(st.sampled_from([["RECEIVED"], ["RECEIVED"], ["RECEIVED"], ["SUBMITTED", "RECEIVED"], ["SUBMITTED"],
                                  ["SUBMITTED", "REFUSED"], ["REFUSED", "RECEIVED"], [],
                                  ["SUBMITTED", "REFUSED", "SUBMITTED"], ["SUBMITTED", "REFUSED", "SUBMITTED", "RECEIVED"]]))
    kinds = kinds + draw(st.lists(st.sampled_from(WALKING), max_size=5))
    return kinds + draw(st.sampled_from([[], ["RESOLVED"], ["RESOLVED"], ["RESOLVED", "HANDED_OVER"], ["RETURNED"],
                                         ["HANDED_OVER", "RESOLVED"], ["HANDED_OVER"], ["WITHDRAWN"], PETITION, PETITION[::-1]]))


@st.composite
def attributes(draw, kind):
    """What the kind must carry, sometimes what it may carry, and rarely what it does not."""
    event = {}
    if kind in ("SUBMITTED", "RECEIVED", "REFUSED", "TRANSFERRED", "PETITION_RECEIVED"):
        event["unit"] = draw(unit_numbers)           # index into the tree's units, for now
    if kind in ("SUBMITTED", "RECEIVED", "REFUSED"):
        event["procedure"] = draw(st.sampled_from(PROCEDURES))
    if kind == "RECEIVED":
        event["field"] = draw(st.sampled_from(FIELDS))
        event["channel"] = draw(st.sampled_from(["ONLINE", "DIRECT", "POSTAL"]))
        event["service_level"] = draw(st.sampled_from(["FULL", "PARTIAL", "NONE"]))
        event["out_of_territory"] = draw(st.booleans())
    if kind in ("SUBMITTED", "RECEIVED", "SUPPLEMENT_RECEIVED", "PAYMENT_RECEIVED", "RESUMED", "EXTENDED", "PETITION_RECEIVED"):
        event["due_at"] = draw(dues)
    elif draw(st.integers(0, 19)) == 19:
        event["due_at"] = draw(dues)                 # allowed, and counts nothing
    if kind == "EXTENDED":
        event["apology_sent"] = draw(st.booleans())
    if kind == "PAYMENT_RECEIVED":
        event["paid_online"] = draw(st.booleans())
    if kind == "PETITION_RECEIVED":
        event["petition_class"] = draw(st.sampled_from(["ADMINISTRATIVE", "BUSINESS"]))
    return event


@st.composite
def histories(draw):
    """The events of one dossier as (source number, event) without dossier code and with units as numbers."""
    orderly = draw(st.integers(0, 3)) > 0
    kinds = draw(plausible_kinds() if orderly else st.lists(st.sampled_from(ANY), min_size=1, max_size=9))
    kinds += draw(st.lists(st.sampled_from(ANY), max_size=2))
    moments = [draw(times) for _ in kinds]
    if orderly:
        moments.sort()
    events = []
    for n, (kind, moment) in enumerate(zip(kinds, moments)):
        event = {"event_id": f"e{n}", "kind": kind, "occurred_at": moment, **draw(attributes(kind))}
        events.append((draw(st.sampled_from([0, 0, 0, 0, 1, 2])), event))
    return events + draw(mistakes(events))


@st.composite
def mistakes(draw, events):
    """VOIDEDs, duplicates and conflicts of these events, and twins: the same instant and kind from the
    other source under the same id, or under another id."""
    more = []
    for n in range(draw(st.sampled_from([0, 0, 0, 1, 1, 2, 3]))):
        what = draw(st.sampled_from(["void", "void", "again", "other", "echo", "twin", "void the void"]))
        if not events and what != "void the void":
            continue
        source, event = draw(st.sampled_from(events)) if events else (0, {"event_id": "e0"})
        if what == "again":
            more.append((source, dict(event)))
        elif what == "other":
            more.append((source, {**event, "occurred_at": draw(times)}))
        elif what == "echo":
            more.append(((source + draw(st.integers(1, 2))) % 3, {**event, **draw(attributes(event["kind"]))}))
        elif what == "twin":
            twin = {"event_id": draw(st.sampled_from(["a", "x"])) + event["event_id"]}
            more.append((source, {**event, **draw(attributes(event["kind"])), **twin}))
        else:
            target = event["event_id"] if what == "void" else f"v{draw(st.integers(0, 2))}"
            source = draw(st.sampled_from([source, source, source, 0]))
            more.append((source, {"event_id": f"v{n}", "kind": "VOIDED", "occurred_at": draw(times), "voids": target}))
    return more


@st.composite
def examples(draw):
    """Dossiers whose events are mixed and cut into two parts of one or more chunks: [[(source number, [(dossier number,
    event), …]), …], …]. What comes in the second part is late."""
    dossiers = draw(st.lists(histories(), min_size=1, max_size=8))
    events = [(source, number, event) for number, history in enumerate(dossiers) for source, event in history]
    if draw(st.booleans()):
        draw(st.randoms(use_true_random=False)).shuffle(events)
    cut = draw(st.integers(0, len(events)))
    size = draw(st.integers(1, max(1, len(events))))
    return [chunks(part, size) for part in (events[:cut], events[cut:])]


def chunks(events, size):
    result = []
    for begin in range(0, len(events), size):
        for source in sorted({source for source, _, _ in events[begin:begin + size]}):
            result.append((source, [(d, e) for s, d, e in events[begin:begin + size] if s == source]))
    return result


# Every way through a counter: (kind, days after the first event, what it carries); due days, too, count from there.
LIVES = [
    [("RECEIVED", 0, {"due": 1})],
    [("RECEIVED", 0, {"due": 60, "out_of_territory": True})],
    [("RECEIVED", 0, {"due": 25})],
    [("RECEIVED", 0, {"due": 9}), ("COMPONENTS_DIGITISED", 1, {}), ("RESOLVED", 8, {}), ("RESULT_DIGITISED", 8, {})],
    [("RECEIVED", 0, {"due": 9}), ("RESOLVED", 9, {}), ("HANDED_OVER", 10, {})],
    [("RECEIVED", 0, {"due": 9}), ("RESOLVED", 10, {})],
    [("RECEIVED", 0, {"due": 9}), ("APOLOGY_SENT", 9, {}), ("RESOLVED", 10, {})],
    [("RECEIVED", 0, {"due": 9}), ("RETURNED", 10, {})],
    [("RECEIVED", 0, {"due": 9}), ("WITHDRAWN", 10, {})],
    [("RECEIVED", 0, {"due": 9}), ("SUPPLEMENT_REQUESTED", 8, {})],
    [("RECEIVED", 0, {"due": 9}), ("PAYMENT_REQUESTED", 8, {})],
    [("RECEIVED", 0, {"due": 9}), ("PAYMENT_RECEIVED", 8, {"due": 50, "paid_online": True})],
    [("RECEIVED", 0, {"due": 9}), ("STOPPED", 8, {})],
    [("RECEIVED", 0, {"due": 9}), ("EXTENDED", 8, {"due": 12, "apology_sent": True}), ("TRANSFERRED", 10, {})],
    [("SUBMITTED", 0, {"due": 2})],
    [("SUBMITTED", 0, {"due": 60})],
    [("SUBMITTED", 0, {"due": 2}), ("REFUSED", 9, {})],
    [("SUBMITTED", 0, {"due": 2}), ("RECEIVED", 9, {"due": 60})],
    *[[("PETITION_RECEIVED", 0, {"due": due, "petition_class": which})] + [("PETITION_RESOLVED", day, {}) for day in solved]
      for which in ("ADMINISTRATIVE", "BUSINESS") for due, solved in ((9, [9]), (9, [10]), (9, []), (60, []))],
]


def full_ledger():
    """One part, as of examples(): each of LIVES in each of the units, now begun before day 20 and now after it, by every
    channel, level and field in turn."""
    events = []
    for unit in range(4):
        for n, life in enumerate(LIVES):
            number, begin = unit * len(LIVES) + n, 12 + 10 * ((unit + n // 2) % 2)
            for order, (kind, day, carried) in enumerate(life):
                event = {"event_id": f"e{order}", "kind": kind, "occurred_at": at(begin + day, 9 * HOUR_MS), **carried}
                if "due" in event:
                    event["due_at"] = at(begin + event.pop("due"), 17 * HOUR_MS)
                if kind in ("SUBMITTED", "RECEIVED", "REFUSED", "PETITION_RECEIVED", "TRANSFERRED"):
                    event["unit"] = (unit + (kind == "TRANSFERRED")) % 4
                if kind in ("SUBMITTED", "RECEIVED", "REFUSED"):
                    event["procedure"] = PROCEDURES[number % len(PROCEDURES)]
                if kind == "RECEIVED":
                    event["field"] = FIELDS[number % len(FIELDS)]
                    event["channel"] = ["ONLINE", "ONLINE", "DIRECT", "POSTAL"][(number + unit) % 4]
                    event["service_level"] = ["FULL", "PARTIAL", "NONE"][(number // 2) % 3]
                events.append((number, event))
    return [(0, events)]


boundaries = st.lists(st.integers(-20, SPAN + 30) | st.integers(600, 3000), min_size=3, max_size=3, unique=True).map(sorted)
