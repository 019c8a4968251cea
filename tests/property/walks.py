# SPDX-License-Identifier: Apache-2.0
"""Many random events at once, for tests that compare sets of events and need no shrinking.

No conflicts: of two contents under one identity the first one journaled stands, so there the order does count.
"""
from histories import ANY, ENDING, FIELDS, HOURS_MS, PROCEDURES, SOURCES, SPAN, WALKING, at


def random_events(rng, trees, dossiers):
    """[(source, event)] of `dossiers` dossiers in the units of the trees."""
    events = []
    for number in range(dossiers):
        units = rng.choice(trees).units
        kinds = ["RECEIVED"] + rng.choices(WALKING, k=rng.randrange(5)) + rng.choices(ENDING, k=rng.randrange(3))
        if rng.random() < 0.3:
            kinds = rng.choices(ANY, k=rng.randrange(1, 8))
        moments = sorted(moment(rng) for _ in kinds)
        for n, (kind, when) in enumerate(zip(kinds, moments)):
            event = {"event_id": f"e{n}", "dossier": f"D-{number}", "kind": kind, "occurred_at": when}
            events.append((rng.choice(SOURCES), {**event, **attributes(rng, kind, units)}))
        if rng.random() < 0.15:
            source, target = rng.choice(events[-len(kinds):])
            events.append((source, {"event_id": "v", "dossier": f"D-{number}", "kind": "VOIDED",
                                    "occurred_at": moment(rng), "voids": target["event_id"]}))
    return events


def moment(rng):
    return at(rng.randrange(SPAN), rng.choice(HOURS_MS))


def attributes(rng, kind, units):
    event = {}
    if kind in ("SUBMITTED", "RECEIVED", "REFUSED", "TRANSFERRED", "PETITION_RECEIVED"):
        event["unit"] = rng.choice(units)
    if kind in ("SUBMITTED", "RECEIVED", "REFUSED"):
        event["procedure"] = rng.choice(PROCEDURES)
    if kind == "RECEIVED":
        event.update(field=rng.choice(FIELDS), channel=rng.choice(["ONLINE", "DIRECT", "POSTAL"]),
                     service_level=rng.choice(["FULL", "PARTIAL", "NONE"]))
    if kind in ("SUBMITTED", "RECEIVED", "SUPPLEMENT_RECEIVED", "EXTENDED", "PETITION_RECEIVED"):
        event["due_at"] = rng.choice([0, moment(rng)])
    if kind == "PAYMENT_RECEIVED":
        event["paid_online"] = rng.random() < 0.5
    if kind == "PETITION_RECEIVED":
        event["petition_class"] = rng.choice(["ADMINISTRATIVE", "BUSINESS"])
    return event
