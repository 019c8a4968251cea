// SPDX-License-Identifier: Apache-2.0
//
// The units that the signed-in person may see, as the tree of a day.

import { useMemo } from "preact/hooks";
import { link, useAsk, type Asked, type Unit } from "./api";
import { treeOf, type Tree } from "./tree";

export function useUnits(day: string): Asked<Tree> {
    const asked = useAsk<Unit[]>(link("units", { at: day }));
    const tree = useMemo(() => (asked.data === null ? null : treeOf(asked.data)), [asked.data]);
    return { ...asked, data: tree };
}

/** The unit that the address names, else the first one that the person may see. */
export function chosenUnit(tree: Tree, given: string | null): string {
    return given ?? tree.roots[0]?.unit.unit ?? "";
}
