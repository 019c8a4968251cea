// SPDX-License-Identifier: Apache-2.0
//
// A list that comes page by page. Pages of different cuts do not belong together, so the first page of another cut begins
// the list anew.

import { useEffect, useState } from "preact/hooks";
import { ask, useAsk, type Page, type Problem } from "./api";

export interface Listed<P extends Page> {
    pages: P[];
    complete: boolean;
    problem: Problem | null;
    loading: boolean;
    again: () => void;
    more: () => void;
}

/** `address` without `after`; null asks nothing. */
export function useList<P extends Page>(address: string | null): Listed<P> {
    const first = useAsk<P>(address);
    const [state, setState] = useState<{ of: P | null; rest: P[]; problem: Problem | null; loading: boolean }>({
        of: null,
        rest: [],
        problem: null,
        loading: false,
    });
    const rest = state.of === first.data ? state.rest : [];
    const pages = first.data === null ? [] : [first.data, ...rest];
    const last = pages[pages.length - 1];
    useEffect(() => setState({ of: first.data, rest: [], problem: null, loading: false }), [first.data]);
    const more = () => {
        if (address === null || last === undefined || last.next === undefined || state.loading) {
            return;
        }
        const joint = address.includes("?") ? "&" : "?";
        setState({ ...state, loading: true });
        ask<P>(`${address}${joint}after=${encodeURIComponent(last.next)}`).then(
            (page) => {
                if (page.cut.position === last.cut.position) {
                    setState({ of: first.data, rest: [...rest, page], problem: null, loading: false });
                } else {
                    first.again();
                }
            },
            (problem: Problem) => setState({ of: first.data, rest, problem, loading: false }),
        );
    };
    return {
        pages,
        complete: last !== undefined && last.complete,
        problem: first.problem ?? state.problem,
        loading: first.loading || state.loading,
        again: first.again,
        more,
    };
}
