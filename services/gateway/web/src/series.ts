// SPDX-License-Identifier: Apache-2.0
//
// How many dossiers a unit received and resolved on each of the last days: one report of each day, a few at a time.

import { useEffect, useState } from "preact/hooks";
import { Problem, ask, link, type Report } from "./api";
import type { Day } from "./parts/chart";
import { addDays } from "./period";

const DAYS = 30;
const AT_ONCE = 4;
const FORM = "bao-cao-thang"; // its lines are few, whatever the unit

function totalOf(report: Report, line: string): number {
    const cell = report.rows.find((row) => row.id === line)?.cells.total;
    return typeof cell === "number" ? cell : 0;
}

async function askDay(unit: string, day: string, signal: AbortSignal): Promise<Day> {
    const report = await ask<Report>(link(`reports/${FORM}`, { unit, from: day, to: day }), { signal });
    return {
        day,
        received: totalOf(report, "online") + totalOf(report, "direct_postal"),
        resolved: totalOf(report, "resolved"),
    };
}

export function useSeries(unit: string | null, last: string): { days: Day[]; problem: Problem | null } {
    const [state, setState] = useState<{ days: Day[]; problem: Problem | null }>({ days: [], problem: null });
    useEffect(() => {
        if (unit === null) {
            return undefined;
        }
        const abort = new AbortController();
        const days: Day[] = Array.from({ length: DAYS }, (_, at) => ({
            day: addDays(last, at - DAYS + 1),
            received: 0,
            resolved: 0,
        }));
        let next = DAYS;
        const work = async (): Promise<void> => {
            while (next > 0) {
                const at = --next;
                days[at] = await askDay(unit, days[at]!.day, abort.signal);
            }
        };
        setState({ days, problem: null });
        Promise.all(Array.from({ length: AT_ONCE }, work)).then(
            () => setState({ days: [...days], problem: null }),
            (problem: unknown) => {
                if (!abort.signal.aborted && problem instanceof Problem) {
                    setState({ days, problem });
                }
            },
        );
        return () => abort.abort();
    }, [unit, last]);
    return state;
}
