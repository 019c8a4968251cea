// SPDX-License-Identifier: Apache-2.0
//
// Numbers, dates and moments as people read them: 2.705 and 19/01/2024 in Vietnamese, 2,705 in English.

import { language } from "./language";

export function writeNumber(value: number): string {
    const digits = Math.abs(value).toString();
    const point = language() === "vi" ? "." : ",";
    const grouped = digits.replace(/\B(?=(\d{3})+(?!\d))/g, point);
    return (value < 0 ? "−" : "") + grouped;
}

/** A difference: with its sign, and ±0 as 0. */
export function writeDifference(value: number): string {
    return value > 0 ? "+" + writeNumber(value) : writeNumber(value);
}

/** 2024-01-19 → 19/01/2024; anything else as it is. */
export function writeDate(day: string): string {
    const parts = /^(\d{4})-(\d{2})-(\d{2})/.exec(day);
    return parts ? `${parts[3]}/${parts[2]}/${parts[1]}` : day;
}

/** 19/1/2024, 19-01-2024 or 2024-01-19 → 2024-01-19; null if it is no day. */
export function readDate(text: string): string | null {
    const iso = /^\s*(\d{4})-(\d{1,2})-(\d{1,2})\s*$/.exec(text);
    const local = /^\s*(\d{1,2})[/.-](\d{1,2})[/.-](\d{4})\s*$/.exec(text);
    const [year, month, day] = iso
        ? [Number(iso[1]), Number(iso[2]), Number(iso[3])]
        : local
          ? [Number(local[3]), Number(local[2]), Number(local[1])]
          : [0, 0, 0];
    const date = new Date(Date.UTC(year, month - 1, day));
    const exists = year >= 2000 && year <= 2099 && date.getUTCMonth() === month - 1 && date.getUTCDate() === day;
    return exists ? date.toISOString().slice(0, 10) : null;
}

/** 08:05:09 of the given moment, on this computer's clock. */
export function writeTime(moment: Date): string {
    return [moment.getHours(), moment.getMinutes(), moment.getSeconds()]
        .map((part) => String(part).padStart(2, "0"))
        .join(":");
}

/** In Viet Nam's time, whatever zone this machine is set to: 08:12 19/01/2024. */
export function writeMoment(moment: Date): string {
    return writeInstant(new Date(moment.getTime() + 7 * 3_600_000).toISOString());
}

/** 2024-01-19T08:12:00+07:00 → 08:12 19/01/2024, in the time zone that it is written in. */
export function writeInstant(text: string): string {
    const parts = /^(\d{4}-\d{2}-\d{2})T(\d{2}:\d{2})/.exec(text);
    return parts ? `${parts[2]} ${writeDate(parts[1]!)}` : text;
}

/** 81512005632 → 75,9 GiB */
export function writeBytes(bytes: number): string {
    const units = ["B", "KiB", "MiB", "GiB", "TiB"];
    let at = 0;
    let value = bytes;
    while (value >= 1024 && at < units.length - 1) {
        value /= 1024;
        at++;
    }
    const text = at === 0 ? String(value) : value.toFixed(1);
    return `${language() === "vi" ? text.replace(".", ",") : text} ${units[at]}`;
}
