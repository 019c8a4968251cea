// SPDX-License-Identifier: Apache-2.0
//
// What stands in a page's place while there is nothing else: it loads, it failed, it is empty.

import type { ComponentChildren } from "preact";
import type { Asked, Problem } from "../api";
import { say } from "../language";

export function Loading() {
    return (
        <p class="notice" role="status">
            {say("Đang lấy số liệu…", "Fetching the figures…")}
        </p>
    );
}

export function Empty(props: { children: ComponentChildren }) {
    return <p class="notice">{props.children}</p>;
}

export function Failed(props: { problem: Problem; again?: () => void }) {
    const { problem, again } = props;
    return (
        <div class="notice failed" role="alert">
            <p class="strong">{problem.message}</p>
            {problem.detail !== "" && <p>{problem.detail}</p>}
            {problem.retryAfter !== null && (
                <p>
                    {say(`Hãy thử lại sau ${problem.retryAfter} giây.`, `Try again in ${problem.retryAfter} seconds.`)}
                </p>
            )}
            {again && (
                <button type="button" onClick={again}>
                    {say("Thử lại", "Try again")}
                </button>
            )}
        </div>
    );
}

/** The answer, or what stands in its place. A new answer under way leaves the old one visible, dimmed. */
export function Answer<T>(props: { of: Asked<T>; children: (data: T) => ComponentChildren }) {
    const { of: asked, children } = props;
    if (asked.problem !== null && !asked.loading) {
        return <Failed problem={asked.problem} again={asked.again} />;
    }
    if (asked.data === null) {
        return <Loading />;
    }
    return (
        <div class={asked.loading ? "dimmed" : ""} aria-busy={asked.loading}>
            {children(asked.data)}
        </div>
    );
}
