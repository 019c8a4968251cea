// SPDX-License-Identifier: Apache-2.0
//
// How many dossiers a unit received and resolved on each of the last days.

import { useMemo } from "preact/hooks";
import { link, useAsk, type Problem } from "./api";
import type { Day } from "./parts/chart";
import { addDays } from "./period";

const DAYS = 30;

export const RESOLVED = ["resolved_early", "resolved_on_time", "resolved_late_apology", "resolved_late_no_apology"];

interface Series {
    days: { day: string; flows: Record<string, number> }[];
}

export function useSeries(unit: string | null, last: string): { days: Day[]; problem: Problem | null } {
    const asked = useAsk<Series>(
        unit === null ? null : link("series", { unit, from: addDays(last, 1 - DAYS), to: last, treeAt: last }),
    );
    const days = useMemo(
        () =>
            (asked.data?.days ?? []).map(({ day, flows }) => ({
                day,
                received: flows.received ?? 0,
                resolved: RESOLVED.reduce((sum, measure) => sum + (flows[measure] ?? 0), 0),
            })),
        [asked.data],
    );
    return { days, problem: asked.problem };
}
