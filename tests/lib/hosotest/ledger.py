# SPDX-License-Identifier: Apache-2.0
"""Reads the ledger's records from docs/ledger-format.md alone, as a stranger would.

    days = days_of(entries)                      # {(unit, layer): {day: {measure: amount}}} of the ALL cells
    figures_of(days, units, from_day, to_day)    # {unit: {column: number}}, as recount.py gives them
"""
import collections
import datetime
import re
import struct

from hosotest.cluster import ROOT
from hosotest.journal import varint

CLOSES = 4                    # the family of closes: their records hold positions and times
ALL, SERVICES = 2, 3
YEARS, MONTHS, DAYS = 1, 2, 3
SUM = 0                       # the index of sums in the nodes of services
MEASURES = re.findall(r'^    X\(\w+, "(\w+)", (FLOW|STOCK)', (ROOT / "common/ledger/measure.h").read_text(encoding="utf-8"), re.M)
OPEN = ["processing_in_time", "processing_overdue", "waiting_supplement", "waiting_payment", "stopped"]

Node = collections.namedtuple("Node", "family level node unit field procedure layer")


def family_of(key):
    return key[0]


def node_of(key):
    """The node that a key names, or None: it is none of a cell's."""
    if key[0] not in (ALL, SERVICES):
        return None
    family, level, node = struct.unpack_from(">BBH", key)
    texts, rest = (1 if family == ALL else 2), key[4:]
    parts = rest.split(b"\0", texts)
    layer = struct.unpack(">I", parts[texts])[0] if parts[texts] else 0
    unit, field = ([part.decode() for part in parts[:texts]] + [""])[:2]
    assert not parts[texts] or layer, "layer 0 has no bytes"
    return Node(family, level, node, unit, field, "", layer)


def list_of(value):
    """{(index, slot, measure's name): amount} of a list."""
    entries, at, code = {}, 0, 0
    while at < len(value):
        step, at = varint(value, at)
        amount, at = varint(value, at)
        code += step
        amount = (amount >> 1) ^ -(amount & 1)
        assert amount, "an amount of zero is not stored"
        entries[code >> 10, code >> 6 & 15, MEASURES[code & 63][0]] = amount
    assert entries, "an empty list is not stored"
    return entries


def lists_of(value):
    """{procedure: list} of a node; an ALL cell's has one, without a procedure."""
    lists, at = {}, 0
    while at < len(value):
        size, at = varint(value, at)
        procedure, at = value[at:at + size].decode(), at + size
        size, at = varint(value, at)
        assert not lists or procedure > max(lists), "procedures are in order"
        lists[procedure], at = list_of(value[at:at + size]), at + size
    assert lists, "an empty node is not stored"
    return lists


def day_of(node, index):
    """Of an entry of a node of days; days since 1970-01-01."""
    return (datetime.date(node // 12, node % 12 + 1, index) - datetime.date(1970, 1, 1)).days


def sums_of(family, day):
    """(level, node, index) of a day in the coarser sums of its cell."""
    date = datetime.date(1970, 1, 1) + datetime.timedelta(days=day)
    if family == ALL:
        return (YEARS, 0, date.year - 1970), (MONTHS, date.year, date.month)
    return ((YEARS, date.year, SUM), (MONTHS, date.year * 4 + (date.month - 1) // 3, SUM),
            (DAYS, date.year * 12 + date.month - 1, SUM))


def add_list(cells, sums, node, entries):
    for (index, slot, measure), amount in entries.items():
        if node.level != DAYS or (node.family == SERVICES and index == SUM):
            sums[node, index, slot, measure] += amount
            continue
        day = day_of(node.node, index)
        if node.family == ALL:
            cells[node.unit, node.layer][day][measure] += amount
        sums[node._replace(family=0, level=0, node=day, field="", procedure=""), 0, slot, measure] += (
            amount if node.family == ALL else -amount)
        for level, at, place in sums_of(node.family, day):
            sums[node._replace(level=level, node=at), place, slot, measure] -= amount


def days_of(entries):
    """{(unit, layer): {day: {measure: amount}}} from the ALL cells, after checking that all nodes of each cell say the same, and
    that a unit's ALL cell is the sum of its services, layer by layer."""
    cells = collections.defaultdict(lambda: collections.defaultdict(collections.Counter))
    sums = collections.Counter()
    for key, value in entries.items():
        node = node_of(key)
        if node is None:
            continue
        for procedure, entries_of_list in lists_of(value).items():
            add_list(cells, sums, node._replace(procedure=procedure), entries_of_list)
    wrong = [what for what, amount in sums.items() if amount]
    assert not wrong, wrong[:5]
    return cells


def figures_of(days, units, from_day, to_day, below=1 << 32):
    """{unit: {column: number}} of the layers under `below`, each unit alone, by prefix sums of the daily amounts."""
    figures = {unit: collections.Counter() for unit in units}
    for (unit, layer), amounts in days.items():
        if unit not in figures or layer >= below:
            continue
        for day, measures in amounts.items():
            for measure, amount in measures.items():
                stock = dict(MEASURES)[measure] == "STOCK"
                if day < to_day and (stock or day >= from_day):
                    figures[unit][measure] += amount
                if day < from_day and measure in OPEN:
                    figures[unit]["carried_over"] += amount
    return figures
