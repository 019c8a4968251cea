// SPDX-License-Identifier: Apache-2.0
//
// The headings of a form as on paper: neighbours under one caption share its cell, and a column with fewer captions than
// others has its own down to the last row. The same rule as common/render/heading.c.

import type { Column } from "./api";

export interface HeadingCell {
    text: string;
    columns: number;
    rows: number;
}

function captions(column: Column): string[] {
    return column.captions ?? [column.label];
}

/** Have both columns the same captions down to this row, above their own? */
function sameGroup(one: string[], other: string[], row: number): boolean {
    return (
        one.length > row + 1 &&
        other.length > row + 1 &&
        one.slice(0, row + 1).every((caption, at) => caption === other[at])
    );
}

/** One list of cells for each row of the heading. */
export function headingOf(columns: Column[]): HeadingCell[][] {
    const paths = columns.map(captions);
    const depth = Math.max(1, ...paths.map((path) => path.length));
    const rows: HeadingCell[][] = [];
    for (let row = 0; row < depth; row++) {
        const cells: HeadingCell[] = [];
        paths.forEach((path, at) => {
            const text = path[row];
            const before = paths[at - 1];
            if (text === undefined) {
                return; // its own caption reaches down from a row above
            }
            if (path.length === row + 1) {
                cells.push({ text, columns: 1, rows: depth - row });
            } else if (before !== undefined && sameGroup(before, path, row)) {
                cells[cells.length - 1]!.columns++;
            } else {
                cells.push({ text, columns: 1, rows: 1 });
            }
        });
        rows.push(cells);
    }
    return rows;
}

/** A column's whole name where there is one line for it: "Trong kỳ: Trực tuyến". */
export function headingPath(column: Column): string {
    return captions(column).join(": ");
}
