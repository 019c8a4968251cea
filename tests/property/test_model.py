# SPDX-License-Identifier: Apache-2.0
"""The model is itself tested: dossiers counted by hand, from the text of the rules."""
import pytest

from recount import COLUMNS, HOUR_MS, Recount, local_day

DAY0 = 19_800                                   # any local day; the tables count from here


def at(day, hour=9):
    return (DAY0 + day) * 24 * HOUR_MS + (hour - 7) * HOUR_MS


def ev(kind, day, hour=9, **more):
    """One event of dossier d, with what its kind must carry."""
    event = {"dossier": "d", "kind": kind, "occurred_at": at(day, hour)}
    if kind in ("SUBMITTED", "RECEIVED", "REFUSED", "TRANSFERRED", "PETITION_RECEIVED"):
        event["unit"] = "A"
    if "due" in more:
        event["due_at"] = at(more.pop("due"), 17)
    return {**event, **more}


SHARED = {"s1": "space", "s2": "space"}


def figures(events, from_day, to_day, source="s1"):
    numbered = [(e.pop("source", source), {"event_id": f"e{n}", **e}) for n, e in enumerate(events)]
    return {unit: {c: n for c, n in numbers.items() if n}
            for unit, numbers in Recount(numbered, SHARED).figures(DAY0 + from_day, DAY0 + to_day).items()}


def findings(events):
    numbered = [(e.pop("source", "s1"), {"event_id": f"e{n}", **e}) for n, e in enumerate(events)]
    return sorted((kind, unit, count, first)
                  for (kind, _, _, unit), (count, _, first) in Recount(numbered, SHARED).findings.items())


def test_local_day_changes_at_seventeen_hours_utc():
    assert local_day(17 * HOUR_MS - 1) == 0 and local_day(17 * HOUR_MS) == 1


RECEIVED = dict(kind="RECEIVED", day=0, due=5)

# name, events, period, expected {unit: numbers}
TABLE = [
    ("received and open", [ev(**RECEIVED)], (0, 1), {"A": {"received": 1, "processing_in_time": 1}}),
    ("before anything", [ev(**RECEIVED)], (-5, 0), {}),
    ("carried over, in time on the due day", [ev(**RECEIVED)], (1, 5), {"A": {"carried_over": 1, "processing_in_time": 1}}),
    ("the boundary that begins the due day", [ev(**RECEIVED)], (4, 5), {"A": {"carried_over": 1, "processing_in_time": 1}}),
    ("overdue once the due day is over", [ev(**RECEIVED)], (5, 6), {"A": {"carried_over": 1, "processing_overdue": 1}}),
    ("overdue for ever, without an event", [ev(**RECEIVED)], (900, 901), {"A": {"carried_over": 1, "processing_overdue": 1}}),
    ("never overdue without a due date", [ev("RECEIVED", 0)], (0, 900), {"A": {"received": 1, "processing_in_time": 1}}),
    ("out of territory", [ev("RECEIVED", 0, out_of_territory=True)], (0, 1),
     {"A": {"received": 1, "out_of_territory": 1, "processing_in_time": 1}}),
    ("early", [ev(**RECEIVED), ev("RESOLVED", 4)], (0, 9), {"A": {"received": 1, "resolved_early": 1, "result_waiting": 1}}),
    ("on time on the due day, even at 23 h", [ev(**RECEIVED), ev("RESOLVED", 5, 23)], (1, 9),
     {"A": {"carried_over": 1, "resolved_on_time": 1, "result_waiting": 1}}),
    ("on time without a due date", [ev("RECEIVED", 0), ev("RESOLVED", 50)], (50, 51),
     {"A": {"carried_over": 1, "resolved_on_time": 1, "result_waiting": 1}}),
    ("late without an apology", [ev(**RECEIVED), ev("RESOLVED", 6)], (6, 7),
     {"A": {"carried_over": 1, "resolved_late_no_apology": 1, "result_waiting": 1}}),
    ("late with an apology", [ev(**RECEIVED), ev("APOLOGY_SENT", 6, 8), ev("RESOLVED", 6)], (6, 7),
     {"A": {"carried_over": 1, "resolved_late_apology": 1, "result_waiting": 1}}),
    ("an apology after the resolution is too late", [ev(**RECEIVED), ev("RESOLVED", 6), ev("APOLOGY_SENT", 7)], (6, 8),
     {"A": {"carried_over": 1, "resolved_late_no_apology": 1, "result_waiting": 1}}),
    ("extended with an apology, still late", [ev(**RECEIVED), ev("EXTENDED", 4, due=7, apology_sent=True), ev("RESOLVED", 8)],
     (8, 9), {"A": {"carried_over": 1, "resolved_late_apology": 1, "result_waiting": 1}}),
    ("extended, then on time", [ev(**RECEIVED), ev("EXTENDED", 6, due=9), ev("RESOLVED", 9)], (9, 10),
     {"A": {"carried_over": 1, "resolved_on_time": 1, "result_waiting": 1}}),
    ("extended without a new date keeps the old one", [ev(**RECEIVED), ev("EXTENDED", 4)], (6, 7),
     {"A": {"carried_over": 1, "processing_overdue": 1}}),
    ("overdue before it was extended", [ev(**RECEIVED), ev("EXTENDED", 8, due=20)], (5, 7),
     {"A": {"carried_over": 1, "processing_overdue": 1}}),
    ("in time again once it is extended", [ev(**RECEIVED), ev("EXTENDED", 8, due=20)], (7, 9),
     {"A": {"carried_over": 1, "processing_in_time": 1}}),
    ("waiting is never overdue", [ev(**RECEIVED), ev("SUPPLEMENT_REQUESTED", 2)], (2, 40),
     {"A": {"carried_over": 1, "waiting_supplement": 1}}),
    ("a date on an event that carries none counts nothing", [ev(**RECEIVED), ev("STOPPED", 2, due=30), ev("RESUMED", 3)],
     (3, 10), {"A": {"carried_over": 1, "processing_overdue": 1}}),
    ("back to work with the new date", [ev(**RECEIVED), ev("SUPPLEMENT_REQUESTED", 2), ev("SUPPLEMENT_RECEIVED", 10, due=12)],
     (10, 12), {"A": {"carried_over": 1, "processing_in_time": 1}}),
    ("back to work with the old date", [ev(**RECEIVED), ev("STOPPED", 2), ev("RESUMED", 10)], (10, 11),
     {"A": {"carried_over": 1, "processing_overdue": 1}}),
    ("a pause moves to the new pause", [ev(**RECEIVED), ev("STOPPED", 2), ev("PAYMENT_REQUESTED", 3)], (3, 4),
     {"A": {"carried_over": 1, "waiting_payment": 1}}),
    ("any of the three ends any pause", [ev(**RECEIVED), ev("STOPPED", 2), ev("SUPPLEMENT_RECEIVED", 3)], (3, 4),
     {"A": {"carried_over": 1, "processing_in_time": 1}}),
    ("not paused: only the date", [ev(**RECEIVED), ev("RESUMED", 1, due=50)], (9, 10),
     {"A": {"carried_over": 1, "processing_in_time": 1}}),
    ("paid online twice, once paused", [ev(**RECEIVED), ev("PAYMENT_REQUESTED", 1), ev("PAYMENT_RECEIVED", 2, paid_online=True),
                                        ev("PAYMENT_RECEIVED", 3, paid_online=True), ev("PAYMENT_RECEIVED", 3, 10)], (2, 4),
     {"A": {"carried_over": 1, "paid_online": 2, "processing_in_time": 1}}),
    ("paid after the end counts nothing", [ev(**RECEIVED), ev("RETURNED", 1), ev("PAYMENT_RECEIVED", 2, paid_online=True)],
     (1, 3), {"A": {"carried_over": 1, "returned": 1}}),
    ("resolved from a pause", [ev(**RECEIVED), ev("STOPPED", 1), ev("RESOLVED", 2)], (2, 3),
     {"A": {"carried_over": 1, "resolved_early": 1, "result_waiting": 1}}),
    ("withdrawn", [ev(**RECEIVED), ev("WITHDRAWN", 1)], (0, 9), {"A": {"received": 1, "withdrawn": 1}}),
    ("the first final state stands", [ev(**RECEIVED), ev("WITHDRAWN", 1), ev("RESOLVED", 2), ev("RETURNED", 3)], (0, 9),
     {"A": {"received": 1, "withdrawn": 1}}),
    ("handed over is no second resolution", [ev(**RECEIVED), ev("RESOLVED", 2), ev("HANDED_OVER", 4), ev("HANDED_OVER", 5)],
     (4, 9), {"A": {"handed_over": 1}}),
    ("result waits until handed over", [ev(**RECEIVED), ev("RESOLVED", 2), ev("HANDED_OVER", 4)], (3, 4),
     {"A": {"result_waiting": 1}}),
    ("handed over before resolved counts at the resolution", [ev(**RECEIVED), ev("HANDED_OVER", 1), ev("RESOLVED", 2)], (2, 3),
     {"A": {"carried_over": 1, "resolved_early": 1, "handed_over": 1}}),
    ("a result digitised too soon counts in the unit that resolves", [
        ev(**RECEIVED), ev("RESULT_DIGITISED", 1), ev("TRANSFERRED", 2, unit="B"), ev("RESOLVED", 3)], (1, 4),
     {"A": {"carried_over": 1, "transferred_out": 1},
      "B": {"transferred_in": 1, "resolved_early": 1, "result_digitised": 1, "result_waiting": 1}}),
    ("returned: neither result nor hand-over", [ev(**RECEIVED), ev("RESULT_DIGITISED", 1), ev("RETURNED", 2), ev("HANDED_OVER", 3)],
     (0, 9), {"A": {"received": 1, "returned": 1}}),
    ("components digitised before reception count on its day", [ev("COMPONENTS_DIGITISED", -3), ev(**RECEIVED)], (0, 1),
     {"A": {"received": 1, "components_digitised": 1, "processing_in_time": 1}}),
    ("components digitised after the end count too", [ev(**RECEIVED), ev("RETURNED", 1), ev("COMPONENTS_DIGITISED", 2)], (2, 3),
     {"A": {"components_digitised": 1}}),
    ("transferred while waiting", [ev(**RECEIVED), ev("STOPPED", 1), ev("TRANSFERRED", 2, unit="B")], (2, 3),
     {"A": {"carried_over": 1, "transferred_out": 1}, "B": {"transferred_in": 1, "stopped": 1}}),
    ("transferred to itself", [ev(**RECEIVED), ev("TRANSFERRED", 2)], (2, 3),
     {"A": {"carried_over": 1, "transferred_out": 1, "transferred_in": 1, "processing_in_time": 1}}),
    ("submitted and awaiting", [ev("SUBMITTED", 0, unit="B")], (0, 4), {"B": {"submitted": 1, "awaiting_reception": 1}}),
    ("submitted there, received here", [ev("SUBMITTED", 0, unit="B"), ev("RECEIVED", 1)], (0, 2),
     {"A": {"received": 1, "processing_in_time": 1}, "B": {"submitted": 1}}),
    ("submitted twice", [ev("SUBMITTED", 0), ev("SUBMITTED", 1, unit="B")], (0, 2), {"A": {"submitted": 1, "awaiting_reception": 1}}),
    ("refused", [ev("SUBMITTED", 0), ev("REFUSED", 1, unit="B")], (0, 2), {"A": {"submitted": 1}, "B": {"refused": 1}}),
    ("refused before it was submitted", [ev("REFUSED", 0), ev("SUBMITTED", 1)], (0, 2),
     {"A": {"refused": 1, "submitted": 1, "awaiting_reception": 1}}),
    ("refused, then submitted again", [ev("SUBMITTED", 0), ev("REFUSED", 1), ev("SUBMITTED", 2, unit="B")], (0, 3),
     {"A": {"submitted": 1, "refused": 1}, "B": {"submitted": 1, "awaiting_reception": 1}}),
    ("refused twice in a row", [ev("SUBMITTED", 0), ev("REFUSED", 1), ev("REFUSED", 2)], (0, 3), {"A": {"submitted": 1, "refused": 1}}),
    ("awaiting, on the last day", [ev("SUBMITTED", 0, due=2)], (1, 2), {"A": {"awaiting_reception": 1}}),
    ("awaiting, the day after", [ev("SUBMITTED", 0, due=2), ev("SUBMITTED", 1, due=9)], (1, 3),
     {"A": {"awaiting_reception_overdue": 1}}),
    ("received late", [ev("SUBMITTED", 0, due=2, unit="B"), ev("RECEIVED", 3)], (0, 4),
     {"A": {"received": 1, "received_late": 1, "processing_in_time": 1}, "B": {"submitted": 1}}),
    ("received on the last day", [ev("SUBMITTED", 0, due=2), ev("RECEIVED", 2)], (1, 3),
     {"A": {"received": 1, "processing_in_time": 1}}),
    ("received late, but not asked for any more", [ev("SUBMITTED", 0, due=2), ev("REFUSED", 3), ev("RECEIVED", 4)], (1, 5),
     {"A": {"refused": 1, "received": 1, "processing_in_time": 1}}),
    ("handed over without a result", [ev(**RECEIVED), ev("APOLOGY_SENT", 1), ev("HANDED_OVER", 6)], (0, 7),
     {"A": {"received": 1, "resolved_late_apology": 1, "handed_over": 1}}),
    ("handed over without a result, while stopped", [ev(**RECEIVED), ev("STOPPED", 1), ev("HANDED_OVER", 5)], (1, 6),
     {"A": {"carried_over": 1, "resolved_on_time": 1, "handed_over": 1}}),
    ("handed over, the result comes later", [ev(**RECEIVED), ev("HANDED_OVER", 1), ev("RESOLVED", 6)], (0, 7),
     {"A": {"received": 1, "resolved_late_no_apology": 1, "handed_over": 1}}),
    ("handed over and returned", [ev(**RECEIVED), ev("HANDED_OVER", 1), ev("RETURNED", 6)], (0, 7), {"A": {"received": 1, "returned": 1}}),
    ("handed over, the result is voided", [ev(**RECEIVED), ev("RESOLVED", 1), ev("HANDED_OVER", 2), ev("VOIDED", 3, voids="e1")],
     (0, 4), {"A": {"received": 1, "resolved_early": 1, "handed_over": 1}}),
    ("refused, then received after all", [ev("REFUSED", 0), ev("RECEIVED", 1)], (0, 2),
     {"A": {"refused": 1, "received": 1, "processing_in_time": 1}}),
    ("refused after reception counts nothing", [ev("RECEIVED", 0), ev("REFUSED", 1)], (0, 2),
     {"A": {"received": 1, "processing_in_time": 1}}),
    ("resolved before reception: at reception", [ev("RESOLVED", -9), ev("RECEIVED", 0, due=5)], (0, 1),
     {"A": {"received": 1, "resolved_early": 1, "result_waiting": 1}}),
    ("the same instant: by kind number", [ev("RESOLVED", 0), ev("RECEIVED", 0), ev("SUBMITTED", 0)], (0, 1),
     {"A": {"submitted": 1, "received": 1, "resolved_on_time": 1, "result_waiting": 1}}),
    ("the first reception decides", [ev("RECEIVED", 3, unit="B"), ev("RECEIVED", 1)], (0, 9),
     {"A": {"received": 1, "processing_in_time": 1}}),
    ("orphans count nothing", [ev("RESOLVED", 1), ev("PAYMENT_RECEIVED", 2, paid_online=True)], (0, 9), {}),
    ("voided", [ev(**RECEIVED), ev("RESOLVED", 2), ev("VOIDED", 1, voids="e1")], (0, 3),
     {"A": {"received": 1, "processing_in_time": 1}}),
    ("a VOIDED of another source voids nothing", [ev(**RECEIVED), ev("VOIDED", 1, voids="e0", source="s2")], (0, 1),
     {"A": {"received": 1, "processing_in_time": 1}}),
    ("a VOIDED cannot be voided", [ev(**RECEIVED), ev("VOIDED", 1, voids="e0"), ev("VOIDED", 2, voids="e1")], (0, 9), {}),
    ("a duplicate counts once", [ev(event_id="x", **RECEIVED), ev(event_id="x", **RECEIVED)], (0, 1),
     {"A": {"received": 1, "processing_in_time": 1}}),
    ("of a conflict the first journaled stands", [ev("RECEIVED", 3, event_id="x"), ev("RECEIVED", 0, event_id="x")], (0, 4),
     {"A": {"received": 1, "processing_in_time": 1}}),
    ("petition open", [ev("PETITION_RECEIVED", 0, due=2)], (0, 2), {"A": {"petition_received": 1, "petition_open_in_time": 1}}),
    ("petition overdue", [ev("PETITION_RECEIVED", 0, due=2)], (1, 3), {"A": {"petition_open_overdue": 1}}),
    ("petition on time", [ev("PETITION_RECEIVED", 0, due=2), ev("PETITION_RESOLVED", 2)], (0, 3),
     {"A": {"petition_received": 1, "petition_resolved_on_time": 1}}),
    ("petition late", [ev("PETITION_RECEIVED", 0, due=2), ev("PETITION_RESOLVED", 3), ev("PETITION_RESOLVED", 9)], (1, 20),
     {"A": {"petition_resolved_late": 1}}),
    ("petition resolved before reception", [ev("PETITION_RESOLVED", -4), ev("PETITION_RECEIVED", 0)], (-9, 9),
     {"A": {"petition_received": 1, "petition_resolved_on_time": 1}}),
    ("a petition and a dossier of one code", [ev("PETITION_RECEIVED", 0, unit="B"), ev("RECEIVED", 0)], (0, 1),
     {"A": {"received": 1, "processing_in_time": 1}, "B": {"petition_received": 1, "petition_open_in_time": 1}}),
]


@pytest.mark.parametrize("events, period, expected", [row[1:] for row in TABLE], ids=[row[0] for row in TABLE])
def test_by_hand(events, period, expected):
    assert figures([dict(e) for e in events], *period) == expected


# (kind, unit, how many, the first of them)
FINDINGS = [
    ("second reception", [ev("RECEIVED", 0), ev("RECEIVED", 1, unit="B")], [("IGNORED", "B", 1, "e1")]),
    ("submitted and refused after reception", [ev("RECEIVED", 0), ev("SUBMITTED", 1), ev("REFUSED", 1)],
     [("IGNORED", "A", 2, "e1")]),
    ("submitted and refused in vain", [ev("SUBMITTED", 0), ev("SUBMITTED", 1, unit="B"), ev("REFUSED", 2), ev("REFUSED", 3)],
     [("IGNORED", "A", 1, "e3"), ("IGNORED", "B", 1, "e1")]),
    ("after a final state", [ev("RECEIVED", 0), ev("RESOLVED", 1), ev("STOPPED", 2), ev("HANDED_OVER", 3), ev("HANDED_OVER", 4)],
     [("IGNORED", "A", 2, "e2")]),
    ("orphan", [ev("RESOLVED", 0), ev("SUBMITTED", 0)], [("ORPHAN", "A", 1, "e0")]),
    ("orphan of no unit", [ev("RESOLVED", 0)], [("ORPHAN", "", 1, "e0")]),
    ("not while paused is no finding", [ev("RECEIVED", 0), ev("RESUMED", 1)], []),
    ("conflict", [ev("RECEIVED", 0, event_id="x"), ev("RECEIVED", 1, event_id="x", unit="B")], [("CONFLICTING", "B", 1, "x")]),
    ("conflict without a unit", [ev("RECEIVED", 0), ev("STOPPED", 1, event_id="x"), ev("RESUMED", 1, event_id="x")],
     [("CONFLICTING", "A", 1, "x")]),
    ("duplicate is no finding", [ev("RECEIVED", 0, event_id="x"), ev("RECEIVED", 0, event_id="x", due_at=0)], []),
    ("voids nothing", [ev("RECEIVED", 0), ev("VOIDED", 0, voids="nothing"), ev("VOIDED", 0, voids="e1")],
     [("VOID_UNMATCHED", "A", 2, "e1")]),
    ("handed over without a result", [ev("RECEIVED", 0), ev("HANDED_OVER", 1), ev("HANDED_OVER", 2)],
     [("IGNORED", "A", 1, "e2"), ("RESULT_IMPLIED", "A", 1, "e1")]),
    ("handed over before the result", [ev("RECEIVED", 0), ev("HANDED_OVER", 1), ev("RESOLVED", 2)], []),
]


@pytest.mark.parametrize("events, expected", [row[1:] for row in FINDINGS], ids=[row[0] for row in FINDINGS])
def test_findings_by_hand(events, expected):
    assert findings([dict(e) for e in events]) == expected


def test_every_column_is_there():
    numbers = Recount([("s1", {"event_id": "e", **ev("RECEIVED", 0)})]).figures(DAY0, DAY0 + 1)["A"]
    assert list(numbers) == COLUMNS and len(COLUMNS) == 31


def test_a_row_by_field():
    events = [ev(field="f", channel="ONLINE", event_id="e0", **RECEIVED), ev("SUPPLEMENT_REQUESTED", 1, event_id="e1"),
              ev("RECEIVED", 0, event_id="e0", dossier="x", field="f", channel="POSTAL"),
              ev("WITHDRAWN", 1, event_id="e1", dossier="x"),
              ev("RECEIVED", -1, event_id="e0", dossier="y", field="g", channel="ONLINE"),
              ev("TRANSFERRED", 1, event_id="e1", dossier="y", unit="B")]
    recount = Recount([("s1", event) for event in events])
    zero = dict.fromkeys(recount.by_field(0, 1, []), 0)
    f = {"online": 1, "direct_postal": 1, "received_total": 2, "on_time": 1, "resolved_total": 1, "in_time": 1, "open_total": 1}
    assert recount.by_field(DAY0, DAY0 + 9, ["A"], "f") == {**zero, **f}
    assert recount.by_field(DAY0, DAY0 + 9, ["A"], "g") == zero            # carried over, and gone to B
    moved = {"carried_over": 1, "received_total": 1, "in_time": 1, "open_total": 1}
    assert recount.by_field(DAY0, DAY0 + 9, ["B"], "g") == {**zero, **moved}
    assert recount.by_field(DAY0, DAY0 + 9, ["A", "B"])["received_total"] == 3
