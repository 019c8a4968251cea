// SPDX-License-Identifier: Apache-2.0
//
// Closed periods: what was closed, by whom and when, each with the way to its figures; and closing one. Everybody sees the
// form: whether somebody may close a unit is for the server to say, in its own words. The address has the unit.

import { useEffect, useState } from "preact/hooks";
import { link, type Close, type Page } from "../api";
import { say } from "../language";
import { useList, type Listed } from "../list";
import { writeDate, writeInstant } from "../numbers";
import { CloseForm, type Closed } from "../parts/close_form";
import { ListBody } from "../parts/list_body";
import { Answer } from "../parts/notice";
import { periodAt } from "../period";
import { address, usePlace } from "../place";
import { reportingDay, today, useWho } from "../session";
import { chosenUnit, useUnits } from "../units";

const AGAIN_MS = 500;

interface ClosePage extends Page {
    closes: (Close & { unitName: string })[];
}

export function Closes() {
    const { session } = useWho();
    const { query } = usePlace();
    const units = useUnits(today(session));
    const list = useList<ClosePage>(link("closes", { limit: 100 }));
    const [closed, setClosed] = useState<Closed | null>(null);
    useUntil(list, closed);
    const done = (answer: Closed) => {
        setClosed(answer);
        list.again();
    };
    return (
        <>
            <h1>{say("Chốt số liệu", "Closed periods")}</h1>
            <p>
                {say(
                    "Số liệu đã chốt giữ nguyên như lúc chốt; thay đổi về sau được tính vào số liệu hiện nay và có thể so sánh.",
                    "Closed figures stay as they were; what changes afterwards counts in the figures of now, and both can be compared.",
                )}
            </p>
            {closed !== null && (
                <p class="notice" role="status">
                    {say(`Đã chốt số liệu, lần chốt số ${closed.number}.`, `Closed: close ${closed.number}.`)}
                </p>
            )}
            <ListBody
                list={list}
                shown={list.pages.flatMap((page) => page.closes).length}
                empty={say("Chưa có lần chốt số liệu nào.", "Nothing was closed yet.")}
            >
                <Table closes={list.pages.flatMap((page) => page.closes)} />
            </ListBody>
            <Answer of={units}>
                {(tree) => <CloseForm tree={tree} unit={chosenUnit(tree, query.get("unit"))} done={done} />}
            </Answer>
        </>
    );
}

/** Asks again until the list counts up to what was closed here. */
function useUntil(list: Listed<ClosePage>, closed: Closed | null): void {
    const cut = list.pages[0]?.cut.position ?? 0;
    const waiting = closed !== null && cut < closed.cut.position && !list.loading && list.problem === null;
    useEffect(() => {
        if (!waiting) {
            return undefined;
        }
        const timer = setTimeout(list.again, AGAIN_MS);
        return () => clearTimeout(timer);
    }, [waiting]);
}

/** The period that a close was most likely for: the office's month, if it ends there, else the calendar's. */
function periodOf(to: string, begins: number): { from: string; to: string } {
    const office = periodAt("office", to, 0, begins);
    return { from: begins > 1 && office.to === to ? office.from : periodAt("month", to, 0, begins).from, to };
}

function Table({ closes }: { closes: ClosePage["closes"] }) {
    const { session } = useWho();
    const report = (close: Close, compare: string | null) =>
        address(
            { unit: close.unit, ...periodOf(close.to, reportingDay(session)), asClosed: String(close.number), compare },
            "/bao-cao",
            "",
        );
    return (
        <table class="list closes">
            <thead>
                <tr>
                    <th scope="col" class="n">
                        {say("Số", "No.")}
                    </th>
                    <th scope="col">{say("Đơn vị", "Unit")}</th>
                    <th scope="col">{say("Đến hết ngày", "Up to")}</th>
                    <th scope="col">{say("Nội dung", "Label")}</th>
                    <th scope="col">{say("Người chốt", "Closed by")}</th>
                    <th scope="col">{say("Chốt lúc", "Closed at")}</th>
                    <th scope="col">{say("Xem", "Look at")}</th>
                </tr>
            </thead>
            <tbody>
                {closes.map((close) => (
                    <tr key={close.number}>
                        <th scope="row" class="n">
                            {close.number}
                        </th>
                        <td>{close.unitName || close.unit}</td>
                        <td class="date">{writeDate(close.to)}</td>
                        <td>{close.label}</td>
                        <td>{close.by}</td>
                        <td class="date">{writeInstant(close.closedAt)}</td>
                        <td>
                            <a href={report(close, null)}>{say("Số liệu đã chốt", "The closed figures")}</a>
                            {" · "}
                            <a href={report(close, "closed")}>{say("So sánh với hiện nay", "Compare with now")}</a>
                        </td>
                    </tr>
                ))}
            </tbody>
        </table>
    );
}
