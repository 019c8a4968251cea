// SPDX-License-Identifier: Apache-2.0
//
// Periods as people name them. Days are texts like 2024-01-19, both ends inclusive. An office whose reporting month begins
// on another day than the first has "periods of the office": with day 20, its February is 20 January to 19 February.

import { say } from "./language";
import { writeDate } from "./numbers";

export interface Period {
    from: string;
    to: string;
}

export type Kind = "month" | "quarter" | "half" | "year" | "office" | "days";

const MONTHS_OF: Record<Exclude<Kind, "days">, number> = { month: 1, quarter: 3, half: 6, year: 12, office: 1 };

function dayText(year: number, month: number, day: number): string {
    return new Date(Date.UTC(year, month, day)).toISOString().slice(0, 10);
}

function parts(day: string): [number, number, number] {
    return [Number(day.slice(0, 4)), Number(day.slice(5, 7)) - 1, Number(day.slice(8, 10))];
}

export function addDays(day: string, count: number): string {
    const [year, month, date] = parts(day);
    return dayText(year, month, date + count);
}

/** The same day so many months before, or the last one of a month that is shorter. */
export function monthsBefore(day: string, count: number): string {
    const [year, month, date] = parts(day);
    const last = Number(dayText(year, month - count + 1, 0).slice(8, 10));
    return dayText(year, month - count, Math.min(date, last));
}

/** How many months a period has, from the 19th to the 18th, or to the 19th as some print it; 0 = no number of months. */
export function monthsOf(period: Period): number {
    const [year, month, date] = parts(period.from);
    const until = [addDays(period.to, 1), period.to].map(parts).find((day) => day[2] === date);
    return until === undefined ? 0 : (until[0] - year) * 12 + until[1] - month;
}

export function daysOf(period: Period): number {
    return (Date.parse(period.to) - Date.parse(period.from)) / 86_400_000 + 1;
}

/** A run of calendar months; `first` counts months since year 0. */
function months(first: number, count: number): Period {
    const year = Math.floor(first / 12);
    return { from: dayText(year, first % 12, 1), to: dayText(year, (first % 12) + count, 0) };
}

/** The office's month that is named after calendar month `number`. */
function officeMonth(number: number, reportingDay: number): Period {
    const begin = (month: number) => {
        const before = month - 1;
        return dayText(Math.floor(before / 12), before % 12, reportingDay);
    };
    return { from: begin(number), to: addDays(begin(number + 1), -1) };
}

/** The period of this kind that holds the day, moved by `step` periods. */
export function periodAt(kind: Exclude<Kind, "days">, day: string, step: number, reportingDay: number): Period {
    const [year, month, date] = parts(day);
    if (kind === "office") {
        return officeMonth(year * 12 + month + (date >= reportingDay ? 1 : 0) + step, reportingDay);
    }
    const count = MONTHS_OF[kind];
    const first = Math.floor((year * 12 + month) / count) * count;
    return months(first + step * count, count);
}

/** Which kind a period is; "days" if it has no name. */
export function kindOf(period: Period, reportingDay: number): Kind {
    const kinds: Exclude<Kind, "days">[] = ["month", "quarter", "half", "year"];
    if (reportingDay > 1) {
        kinds.unshift("office");
    }
    const same = (kind: Exclude<Kind, "days">) => {
        const named = periodAt(kind, period.to, 0, reportingDay);
        return named.from === period.from && named.to === period.to;
    };
    return kinds.find(same) ?? "days";
}

export function kindName(kind: Kind): string {
    switch (kind) {
        case "month":
            return say("Tháng", "Month");
        case "quarter":
            return say("Quý", "Quarter");
        case "half":
            return say("6 tháng", "Half year");
        case "year":
            return say("Năm", "Year");
        case "office":
            return say("Kỳ báo cáo của cơ quan", "The office's month");
        case "days":
            return say("Từ ngày – đến ngày", "From – to");
    }
}

/** "Tháng 02/2024", "Quý I/2024", …; days are written out. */
export function periodName(period: Period, reportingDay: number): string {
    const kind = kindOf(period, reportingDay);
    const [year, month] = parts(period.to);
    const two = String(month + 1).padStart(2, "0");
    switch (kind) {
        case "month":
            return say(`Tháng ${two}/${year}`, `${two}/${year}`);
        case "quarter": {
            const quarter = Math.floor(month / 3);
            return say(`Quý ${["I", "II", "III", "IV"][quarter]}/${year}`, `Q${quarter + 1} ${year}`);
        }
        case "half":
            return month < 6
                ? say(`6 tháng đầu năm ${year}`, `First half of ${year}`)
                : say(`6 tháng cuối năm ${year}`, `Second half of ${year}`);
        case "year":
            return say(`Năm ${year}`, `${year}`);
        case "office":
            return say(`Kỳ tháng ${two}/${year}`, `Office month ${two}/${year}`);
        case "days":
            return `${writeDate(period.from)} – ${writeDate(period.to)}`;
    }
}

/** The name for a list of choices: this one and the last one as people say it, the office's with its days. */
export function periodChoice(period: Period, kind: Exclude<Kind, "days">, today: string, reportingDay: number): string {
    const name = periodName(period, reportingDay);
    const is = (step: number) => periodAt(kind, today, step, reportingDay).from === period.from;
    const words: Record<Exclude<Kind, "days">, [string, string]> = {
        month: [say("Tháng này", "This month"), say("Tháng trước", "Last month")],
        quarter: [say("Quý này", "This quarter"), say("Quý trước", "Last quarter")],
        half: ["", ""],
        year: [say("Năm nay", "This year"), say("Năm trước", "Last year")],
        office: [say("Kỳ này", "This period"), say("Kỳ trước", "The last period")],
    };
    const word = is(0) ? words[kind][0] : is(-1) ? words[kind][1] : "";
    const shown = kind === "office" ? `${writeDate(period.from).slice(0, 5)} – ${writeDate(period.to)}` : name;
    return word === "" ? shown : `${word}: ${shown.charAt(0).toLowerCase()}${shown.slice(1)}`;
}

/** What a clerk reports next: the office's month that ended last. */
export function lastEnded(today: string, reportingDay: number): Period {
    return periodAt(reportingDay > 1 ? "office" : "month", today, -1, reportingDay);
}

/** The period's neighbour: the named one before or after; of plain days, as many days. */
export function neighbour(period: Period, step: number, reportingDay: number): Period {
    const kind = kindOf(period, reportingDay);
    if (kind !== "days") {
        return periodAt(kind, period.to, step, reportingDay);
    }
    const length = daysOf(period);
    return { from: addDays(period.from, step * length), to: addDays(period.to, step * length) };
}

/** Null, or what is wrong with it. */
export function wrongPeriod(from: string | null, to: string | null): string | null {
    if (from === null) {
        return say(
            "Ngày đầu kỳ không hợp lệ; viết như 19/01/2024.",
            "The first day cannot be read; write it as 19/01/2024.",
        );
    }
    if (to === null) {
        return say(
            "Ngày cuối kỳ không hợp lệ; viết như 19/02/2024.",
            "The last day cannot be read; write it as 19/02/2024.",
        );
    }
    return from <= to
        ? null
        : say("Kỳ báo cáo không hợp lệ: ngày cuối trước ngày đầu.", "The period ends before it begins.");
}
