// SPDX-License-Identifier: Apache-2.0
//
// Units as a tree, and finding one by its name as people type it: without diacritics, capital letters or the word "xã".

import type { Unit } from "./api";

export interface Node {
    unit: Unit;
    depth: number;
    children: Node[];
}

export interface Tree {
    roots: Node[];
    byId: Map<string, Node>;
}

/** From the catalogue's list, which has parents before children, in printing order. */
export function treeOf(units: Unit[]): Tree {
    const tree: Tree = { roots: [], byId: new Map() };
    for (const unit of units) {
        const parent = tree.byId.get(unit.parent);
        const node: Node = { unit, depth: parent ? parent.depth + 1 : 0, children: [] };
        (parent ? parent.children : tree.roots).push(node);
        tree.byId.set(unit.unit, node);
    }
    return tree;
}

export function plain(text: string): string {
    return text.normalize("NFD").replace(/\p{M}/gu, "").replace(/đ/g, "d").replace(/Đ/g, "D").toLowerCase();
}

/** Every word is somewhere in the unit's name or its code. */
export function matches(unit: Unit, words: string[]): boolean {
    const text = plain(`${unit.name} ${unit.unit}`);
    return words.every((word) => text.includes(word));
}

export function searchWords(text: string): string[] {
    return plain(text)
        .split(/\s+/)
        .filter((word) => word !== "");
}

/** All nodes in printing order of which every ancestor is open. */
export function visible(roots: Node[], open: Set<string>): Node[] {
    return roots.flatMap((node) => [node, ...(open.has(node.unit.unit) ? visible(node.children, open) : [])]);
}

export function ancestors(tree: Tree, id: string): string[] {
    const path: string[] = [];
    let node = tree.byId.get(id);
    while (node !== undefined) {
        path.unshift(node.unit.unit);
        node = tree.byId.get(node.unit.parent);
    }
    return path;
}
