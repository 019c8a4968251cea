// SPDX-License-Identifier: Apache-2.0
//
// Live totals as the gateway streams them (Server-Sent Events of /v1/totals): the table of a unit's subtree, kept up to
// date. The browser connects again by itself, and goes on where it was.

import { useEffect, useRef, useState } from "preact/hooks";
import { link } from "./api";

export interface Flow {
    today: number;
    month: number;
    year: number;
}

export interface UnitTotals {
    unit: string;
    path: string[];
    name: string;
    day: string;
    flows: Record<string, Flow>;
    stocks: Record<string, number>;
}

export type LiveState = "connecting" | "synchronising" | "live" | "stale" | "cut";

export interface Live {
    state: LiveState;
    day: string;
    units: Map<string, UnitTotals>;
    /** Units whose figures changed last. */
    changed: Set<string>;
    /** When the last event came, on this computer's clock. */
    heard: Date | null;
}

interface Message {
    type: "unit" | "gone" | "reset" | "heartbeat" | "state";
    unit?: string;
    path?: string[];
    state?: LiveState;
    day?: string;
}

const TYPES: Message["type"][] = ["unit", "gone", "reset", "heartbeat", "state"];
/** Events that come together are drawn together. */
const DRAW_MS = 250;

export function flow(totals: UnitTotals | undefined, ...measures: string[]): Flow {
    const sum: Flow = { today: 0, month: 0, year: 0 };
    for (const measure of measures) {
        const one = totals?.flows[measure];
        sum.today += one?.today ?? 0;
        sum.month += one?.month ?? 0;
        sum.year += one?.year ?? 0;
    }
    return sum;
}

export function stock(totals: UnitTotals | undefined, ...measures: string[]): number {
    return measures.reduce((sum, measure) => sum + (totals?.stocks[measure] ?? 0), 0);
}

/** One message into the table. True = it shows. */
export function take(live: Live, message: Message & Partial<UnitTotals>): boolean {
    live.heard = new Date();
    if (message.day) {
        live.day = message.day;
    }
    switch (message.type) {
        case "unit":
            live.units.set(message.unit!, message as UnitTotals);
            live.changed.add(message.unit!);
            return true;
        case "gone":
            return live.units.delete(message.unit ?? message.path?.[message.path.length - 1] ?? "");
        case "reset":
            live.units.clear();
            return true;
        case "state":
            live.state = message.state ?? "live";
            return true;
        case "heartbeat":
            if (live.state !== "live") {
                live.state = "live";
            }
            return true;
    }
}

function fresh(): Live {
    return { state: "connecting", day: "", units: new Map(), changed: new Set(), heard: null };
}

/** The table of a unit's subtree; null follows nothing. */
export function useLive(unit: string | null): Live {
    const live = useRef<Live>(fresh());
    const [, draw] = useState(0);
    useEffect(() => {
        const table = fresh();
        live.current = table;
        if (unit === null) {
            return undefined;
        }
        let timer: ReturnType<typeof setTimeout> | undefined;
        let connected = false;
        const show = () => {
            timer ??= setTimeout(() => {
                timer = undefined;
                draw((count) => count + 1);
                table.changed = new Set();
            }, DRAW_MS);
        };
        const source = new EventSource(link("totals", { unit }));
        const hear = (event: MessageEvent<string>) => {
            if (take(table, JSON.parse(event.data) as Message)) {
                show();
            }
        };
        TYPES.forEach((type) => source.addEventListener(type, hear));
        source.onmessage = hear;
        source.onopen = () => {
            connected = true;
            table.state = table.units.size === 0 ? "synchronising" : "live";
            show();
        };
        source.onerror = () => {
            table.state = connected ? "cut" : "connecting";
            show();
        };
        draw((count) => count + 1);
        return () => {
            source.close();
            clearTimeout(timer);
        };
    }, [unit]);
    return live.current;
}
