// SPDX-License-Identifier: Apache-2.0
//
// A list with what stands around it: it loads, it failed, it is empty, there are more.

import type { ComponentChildren } from "preact";
import type { Page } from "../api";
import { say } from "../language";
import type { Listed } from "../list";
import { writeNumber } from "../numbers";
import { Empty, Failed, Loading } from "./notice";

export function ListBody<P extends Page>(props: {
    list: Listed<P>;
    shown: number;
    empty: string;
    children: ComponentChildren;
}) {
    const { list, shown } = props;
    if (list.problem !== null && !list.loading) {
        return <Failed problem={list.problem} again={list.again} />;
    }
    if (list.pages.length === 0) {
        return <Loading />;
    }
    if (shown === 0) {
        return <Empty>{props.empty}</Empty>;
    }
    return (
        <div class={list.loading ? "dimmed" : ""} aria-busy={list.loading}>
            <div class="wide-table" tabIndex={0} role="region" aria-label={say("Danh sách", "List")}>
                {props.children}
            </div>
            <p class="more no-print" role="status">
                {list.complete
                    ? say(`Tất cả ${writeNumber(shown)} dòng.`, `All ${writeNumber(shown)} lines.`)
                    : say(`${writeNumber(shown)} dòng đầu.`, `The first ${writeNumber(shown)} lines.`)}
                {!list.complete && (
                    <button type="button" onClick={list.more} disabled={list.loading}>
                        {say("Xem thêm", "Show more")}
                    </button>
                )}
            </p>
        </div>
    );
}
