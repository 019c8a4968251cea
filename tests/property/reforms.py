# SPDX-License-Identifier: Apache-2.0
"""Random reforms: units that move, merge, are split, end, begin and come back, on two days of the span."""
from hypothesis import strategies as st

from histories import DAY0, SPAN, date_of
from hosotest.protocol import pb

NAMES = ["p", "d1", "d2", "d3", "c1", "c2", "c3", "c4", "c5"]        # a province, districts, communes
LEVELS = {"p": 0, "d": 1, "c": 2}
TIERS = [pb.TIER_PROVINCE, pb.TIER_DISTRICT, pb.TIER_COMMUNE]
reform_days = st.lists(st.sampled_from([1, 16, 17, 31, 46, 47, 60]), min_size=1, max_size=2, unique=True).map(sorted)


@st.composite
def parents(draw, name, present):
    """Of a unit in one epoch: mostly of the level above, sometimes the province; "" for the province itself."""
    level = LEVELS[name[0]]
    candidates = [other for other in present if LEVELS[other[0]] == level - 1] or ["p"]
    return "" if level == 0 else draw(st.sampled_from(candidates + (["p"] if level == 2 else [])))


@st.composite
def epochs(draw, count):
    """For each epoch {name: parent} of the units that there are."""
    result = []
    for _ in range(count):
        gone = draw(st.lists(st.sampled_from(NAMES[1:]), max_size=4, unique=True))
        present = [name for name in NAMES if name not in gone]
        result.append({name: draw(parents(name, present)) for name in present})
    return result


@st.composite
def reforms(draw):
    """Rows for recount.Units, with short names. Successors are among those that stand later in a random order."""
    days = draw(reform_days)
    spans = list(zip([None] + [DAY0 + day for day in days], [DAY0 + day for day in days] + [None]))
    trees = draw(epochs(len(spans)))
    ranks = draw(st.permutations([name for name in NAMES if any(name in tree for tree in trees)]))
    rows = []
    for name in NAMES:
        order = draw(st.integers(0, 2))
        for n, (tree, (begin, end)) in enumerate(zip(trees, spans)):
            if name not in tree:
                continue
            ends = end is not None and name not in trees[n + 1]
            later = ranks[ranks.index(name) + 1:]     # so that none leads back
            successors = []
            if ends and later:
                successors = draw(st.lists(st.sampled_from(later), max_size=draw(st.sampled_from([0, 1, 1, 3])), unique=True))
            rows.append({"id": name, "parent": tree[name], "from": begin, "to": end, "order": order, "epoch": n,
                         "tier": TIERS[LEVELS[name[0]]], "successors": successors})
    return rows


def named(rows, prefix):
    """The same with ids of one example's own."""
    def full(name):
        return f"{prefix}.{name}" if name else ""
    return [{**row, "id": full(row["id"]), "parent": full(row["parent"]),
             "successors": [full(name) for name in row["successors"]]} for row in rows]


def messages(rows):
    """Rows that differ in nothing but their days are renamed, so that there is something to tell them apart."""
    return [pb.Unit(id=row["id"], code=row["id"], name=f"{row['id']} lần {row['epoch']}", tier=row["tier"], parent=row["parent"],
                    print_order=row["order"], valid_from=date_of(row["from"]) if row["from"] is not None else "",
                    valid_to=date_of(row["to"] - 1) if row["to"] is not None else "", successors=row["successors"])
            for row in rows]


class ReportTree:
    """What each row of one report counts, as naive_forms asks for it."""

    def __init__(self, units, root, period, tree_day):
        self.own = units.scope(root, *period, tree_day)
        self.units = sum(self.own.values(), [])
        self.below = {row: units.below(row, root, self.own, tree_day) for row in units.order(root, tree_day) + [""]}
        self.of_tier = {tier: [unit for row, members in self.own.items() for unit in members
                               if self.letter(row or unit) == letter]
                        for tier, letter in (("province", "p"), ("district", "d"), ("commune", "c"), ("other", None))}
        self.government = self.of_tier

    @staticmethod
    def letter(unit):
        return unit.split(".")[1][0]


tree_days = st.none() | st.integers(-5, SPAN + 5)
