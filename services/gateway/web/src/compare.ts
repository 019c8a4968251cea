// SPDX-License-Identifier: Apache-2.0
//
// A report beside another one of the same form and unit: the period before, the same period of the year before, or the
// figures as they were closed. Rows are the same when unit, field, procedure, line and kind are.

import type { Cell, Column, Report, Row } from "./api";
import { writeDifference, writeNumber } from "./numbers";
import { kindOf, neighbour, periodAt, type Period } from "./period";

export type Comparison = "previous" | "year-ago" | "closed";

/** 29 February has 28 February a year before. */
function yearBefore(day: string): string {
    const year = Number(day.slice(0, 4)) - 1;
    const rest = day.slice(4);
    return rest === "-02-29" ? `${year}-02-28` : `${year}${rest}`;
}

export function basePeriod(comparison: Comparison, period: Period, reportingDay: number): Period {
    if (comparison === "closed") {
        return period;
    }
    if (comparison === "previous") {
        return neighbour(period, -1, reportingDay);
    }
    const kind = kindOf(period, reportingDay);
    return kind === "days"
        ? { from: yearBefore(period.from), to: yearBefore(period.to) }
        : periodAt(kind, yearBefore(period.to), 0, reportingDay);
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
