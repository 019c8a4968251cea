// SPDX-License-Identifier: Apache-2.0
//
// A report beside another one of the same form and unit: the period before, the same period of the year before, or the
// figures as they were closed. Rows are the same when unit, field, procedure, line and kind are.

import type { Cell, Column, Report, Row } from "./api";
import { writeDifference, writeNumber } from "./numbers";
import { addDays, daysOf, monthsBefore, monthsOf, type Period } from "./period";

export type Comparison = "previous" | "year-ago" | "closed";

/**
 * The period that another is compared with, by the rule of `hoso report --compare`: the previous one ends the day before and
 * has as many months, or as many days if it is no number of months.
 */
export function basePeriod(comparison: Comparison, period: Period): Period {
    switch (comparison) {
        case "previous": {
            const months = monthsOf(period);
            const first = months !== 0 ? monthsBefore(period.from, months) : addDays(period.from, -daysOf(period));
            return { from: first, to: addDays(period.from, -1) };
        }
        case "year-ago":
            return { from: monthsBefore(period.from, 12), to: addDays(monthsBefore(addDays(period.to, 1), 12), -1) };
        case "closed":
            return period;
    }
}

function key(row: Row): string {
    return [row.kind, row.unit, row.field, row.procedure, row.id, row.kind === "GROUP" ? row.label : ""].join("\t");
}

export interface Base {
    report: Report;
    rows: Map<string, Row>;
}

export function baseOf(report: Report): Base {
    return { report, rows: new Map(report.rows.map((row) => [key(row), row])) };
}

const BESIDE = /\.(other|difference|percent)$/;

/**
 * A report with compare=closed as two: the one of today, with its columns as on paper, and the closed one beside it. Both
 * are of one answer, so nothing was counted between them.
 */
export function splitCompared(compared: Report): { report: Report; base: Base } {
    const columns = compared.columns
        .filter((column) => !BESIDE.test(column.id))
        .map(({ captions, ...column }) => {
            const own = (captions ?? []).slice(0, -1); // the last one says which of the two
            return { ...column, label: own[own.length - 1] ?? column.label, captions: own };
        });
    const closed = compared.rows.map((row) => {
        const cells = columns.flatMap(({ id }) => {
            const cell = row.cells[`${id}.other`];
            return cell === undefined ? [] : [[id, cell] as const];
        });
        return { ...row, cells: Object.fromEntries(cells) };
    });
    return { report: { ...compared, columns }, base: baseOf({ ...compared, rows: closed }) };
}

/** now − then of a count; null where there is nothing to subtract. */
export function differenceOf(base: Base, row: Row, column: string): number | null {
    const now = row.cells[column];
    const then = base.rows.get(key(row))?.cells[column];
    return typeof now === "number" && typeof then === "number" ? now - then : null;
}

function hundredths(cell: { n: number; d: number }): number {
    return cell.d === 0 ? 0 : Math.floor((cell.n * 10000 * 2 + cell.d) / (cell.d * 2));
}

/** What stands under a figure: the base and in brackets the difference; "" where there is nothing to compare. */
export function beside(base: Base, row: Row, column: Column): string {
    const now: Cell | undefined = row.cells[column.id];
    const then: Cell | undefined = base.rows.get(key(row))?.cells[column.id];
    if (now === undefined) {
        return "";
    }
    if (then === undefined) {
        return "—";
    }
    if (typeof now === "number" && typeof then === "number") {
        return `${writeNumber(then)} (${writeDifference(now - then)})`;
    }
    if (typeof now !== "number" && typeof then !== "number" && now.d !== 0 && then.d !== 0) {
        const difference = hundredths(now) - hundredths(then);
        const points = writeDifference(Math.trunc(difference / 100));
        const sign = difference < 0 && points === "0" ? "−" : difference > 0 && points === "0" ? "+" : "";
        const rest = String(Math.abs(difference) % 100).padStart(2, "0");
        return `${then.text} (${sign}${points},${rest})`;
    }
    return typeof then === "number" ? writeNumber(then) : then.text;
}

/** Has this figure another value than the base's? */
export function differs(base: Base, row: Row, column: Column): boolean {
    const now = row.cells[column.id];
    const then = base.rows.get(key(row))?.cells[column.id];
    return typeof now === "number" && typeof then === "number"
        ? now !== then
        : JSON.stringify(now) !== JSON.stringify(then);
}
