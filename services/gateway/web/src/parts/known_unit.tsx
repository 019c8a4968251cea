// SPDX-License-Identifier: Apache-2.0
//
// What is below needs a unit of that day's tree; where there is none it says so, and what to do.

import type { ComponentChildren } from "preact";
import { say } from "../language";
import { writeDate } from "../numbers";
import type { Tree } from "../tree";
import { Empty } from "./notice";

export function KnownUnit(props: { tree: Tree; unit: string; day: string; children: ComponentChildren }) {
    const { tree, unit, day } = props;
    if (unit === "") {
        return <Empty>{say("Tài khoản chưa được giao đơn vị nào.", "You have no units yet.")}</Empty>;
    }
    if (!tree.byId.has(unit)) {
        return (
            <p class="notice failed" role="alert">
                {say(
                    `Đơn vị ${unit} không có trong danh mục ngày ${writeDate(day)}, hoặc tài khoản không có quyền xem; hãy chọn đơn vị khác hoặc kỳ khác.`,
                    `The catalogue of ${writeDate(day)} has no unit ${unit}, or you may not see it; choose another unit or period.`,
                )}
            </p>
        );
    }
    return <>{props.children}</>;
}
