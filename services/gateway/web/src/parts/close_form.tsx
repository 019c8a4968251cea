// SPDX-License-Identifier: Apache-2.0
//
// Closing a unit up to a day. What that means is said before it is done. A close is sent with an id that stays until it is
// answered, so that trying again after no answer closes once.

import { useState } from "preact/hooks";
import { Problem, send, type Cut } from "../api";
import { say } from "../language";
import { readDate, writeDate } from "../numbers";
import { lastEnded } from "../period";
import { change } from "../place";
import { reportingDay, today, useWho } from "../session";
import type { Tree } from "../tree";
import { Dialog } from "./dialog";
import { Failed } from "./notice";
import { UnitPicker } from "./unit_picker";

const LABEL_BYTES_MAX = 200; // docs/journal-format.md
const ID_BYTES = 16;
const DENIED = 403;

export interface Closed {
    number: number;
    cut: Cut;
}

interface Closing {
    id: string;
    unit: string;
    to: string;
    label: string;
}

function drawId(): string {
    const bytes = crypto.getRandomValues(new Uint8Array(ID_BYTES));
    return [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

function wrongDay(day: string | null, last: string): string | null {
    if (day === null) {
        return say("Ngày viết như 19/01/2024.", "Write the day as 19/01/2024.");
    }
    return day > last
        ? say(
              `Ngày cuối muộn nhất là hôm nay, ${writeDate(last)}.`,
              `The last day is today at the latest, ${writeDate(last)}.`,
          )
        : null;
}

function wrongLabel(label: string): string | null {
    return new TextEncoder().encode(label).length > LABEL_BYTES_MAX
        ? say("Nội dung quá dài; hãy viết ngắn hơn.", "The label is too long; write a shorter one.")
        : null;
}

export function CloseForm({ tree, unit, done }: { tree: Tree; unit: string; done: (closed: Closed) => void }) {
    const { session } = useWho();
    const [day, setDay] = useState(() => writeDate(lastEnded(today(session), reportingDay(session)).to));
    const [label, setLabel] = useState("");
    const [wrong, setWrong] = useState<string | null>(null);
    const [closing, setClosing] = useState<Closing | null>(null);
    const [denied, setDenied] = useState<{ unit: string; problem: Problem } | null>(null);
    const refused = denied !== null && denied.unit === unit ? denied.problem : null;
    const ask = (event: Event) => {
        event.preventDefault();
        const to = readDate(day);
        const fault = wrongDay(to, today(session)) ?? wrongLabel(label.trim());
        setWrong(fault);
        if (fault === null && to !== null && refused === null) {
            setClosing({ id: drawId(), unit, to, label: label.trim() });
        }
    };
    return (
        <section class="no-print">
            <h2>{say("Chốt số liệu của một đơn vị", "Close a unit")}</h2>
            <form class="bar" onSubmit={ask}>
                <UnitPicker tree={tree} chosen={unit} choose={(next) => change({ unit: next })} />
                <div class="field">
                    <label for="close-day">{say("Đến hết ngày", "Up to the day")}</label>
                    <input
                        id="close-day"
                        class="date"
                        inputMode="numeric"
                        placeholder={say("ngày/tháng/năm", "dd/mm/yyyy")}
                        aria-invalid={wrong !== null}
                        aria-describedby={wrong === null ? undefined : "close-wrong"}
                        value={day}
                        onInput={(event) => setDay(event.currentTarget.value)}
                    />
                </div>
                <div class="field grow">
                    <label for="close-label">{say("Nội dung (nếu có)", "Label (if any)")}</label>
                    <input
                        id="close-label"
                        placeholder={say("Báo cáo tháng …", "Report of …")}
                        value={label}
                        onInput={(event) => setLabel(event.currentTarget.value)}
                    />
                </div>
                <button
                    type="submit"
                    class="primary"
                    disabled={refused !== null}
                    aria-describedby={refused === null ? undefined : "close-denied"}
                >
                    {say("Chốt số liệu…", "Close…")}
                </button>
            </form>
            {wrong !== null && (
                <p id="close-wrong" class="wrong" role="alert">
                    {wrong}
                </p>
            )}
            {refused !== null && (
                <div id="close-denied">
                    <p class="wrong">
                        {say(
                            "Tài khoản này không có quyền chốt số liệu của đơn vị đã chọn; hãy đề nghị quản trị viên chốt hoặc cấp quyền chốt.",
                            "This account may not close the chosen unit; ask an administrator to close it or to give the right.",
                        )}
                    </p>
                    <Failed problem={refused} />
                </div>
            )}
            {closing !== null && (
                <Confirm
                    closing={closing}
                    unitName={tree.byId.get(closing.unit)?.unit.name ?? closing.unit}
                    leave={() => setClosing(null)}
                    denied={(problem) => {
                        setClosing(null);
                        setDenied({ unit: closing.unit, problem });
                    }}
                    done={(closed) => {
                        setClosing(null);
                        setLabel("");
                        done(closed);
                    }}
                />
            )}
        </section>
    );
}

function Confirm(props: {
    closing: Closing;
    unitName: string;
    leave: () => void;
    denied: (problem: Problem) => void;
    done: (closed: Closed) => void;
}) {
    const { closing, unitName, leave, denied, done } = props;
    const [busy, setBusy] = useState(false);
    const [problem, setProblem] = useState<Problem | null>(null);
    const close = () => {
        setBusy(true);
        setProblem(null);
        send<Closed>("POST", "/v1/closes", closing)
            .then(done, (failure: Problem) => (failure.status === DENIED ? denied(failure) : setProblem(failure)))
            .finally(() => setBusy(false));
    };
    return (
        <Dialog title={say("Xác nhận chốt số liệu", "Confirm the close")} class="confirm" close={leave}>
            <p class="strong">
                {say(
                    `${unitName} và các đơn vị trực thuộc, đến hết ngày ${writeDate(closing.to)}`,
                    `${unitName} and the units below it, up to ${writeDate(closing.to)}`,
                )}
                {closing.label !== "" && ` (${closing.label})`}
            </p>
            <ul>
                <li>
                    {say(
                        "Số liệu đến hết ngày này được giữ nguyên như lúc chốt; báo cáo theo số liệu đã chốt không thay đổi nữa.",
                        "The figures up to that day are kept as they are now; a report of closed figures does not change any more.",
                    )}
                </li>
                <li>
                    {say(
                        "Việc cập nhật hồ sơ không bị khóa: thay đổi sau khi chốt vẫn được tính vào số liệu hiện nay, và được liệt kê là chênh lệch so với số liệu đã chốt.",
                        "Nothing is locked: what changes afterwards counts in the figures of now, and is listed as the difference from the closed ones.",
                    )}
                </li>
                <li>
                    {say(
                        "Không hủy được lần chốt. Nếu chốt quá sớm thì chốt lại cùng đơn vị và ngày; lần chốt trước vẫn được giữ theo số của nó.",
                        "A close cannot be undone. Closed too early? Close the same unit and day again; the older close stays under its number.",
                    )}
                </li>
            </ul>
            {problem !== null && <Failed problem={problem} />}
            <p class="actions">
                <button type="button" class="primary" disabled={busy} onClick={close}>
                    {busy ? say("Đang chốt…", "Closing…") : say("Chốt số liệu", "Close")}
                </button>
                <button type="button" onClick={leave}>
                    {say("Chưa chốt", "Do not close")}
                </button>
            </p>
        </Dialog>
    );
}
