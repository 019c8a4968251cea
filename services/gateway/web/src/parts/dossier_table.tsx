// SPDX-License-Identifier: Apache-2.0
//
// Dossiers as every list has them: a line for each unit with its number of dossiers, its dossiers numbered below. On a
// narrow screen each is a card.

import type { ComponentChildren } from "preact";
import type { Dossier } from "../api";
import { say } from "../language";
import { writeDate, writeNumber } from "../numbers";
import { word } from "../words";
import { DossierCode } from "./dossier_life";

interface Props {
    dossiers: Dossier[];
    /** No more lines follow. */
    complete: boolean;
    /** How many each unit has, where that is known. */
    counts?: Map<string, number>;
    /** Of a cell's list: what each adds, in the last column. */
    amount?: (amount: number) => string;
}

const OPEN = ["PROCESSING", "WAITING_SUPPLEMENT", "WAITING_PAYMENT", "STOPPED", "AWAITING_RECEPTION", "PETITION_OPEN"];

function daysText({ daysLeft: days, state }: Dossier): string {
    if (days === "") {
        return say("không có hạn", "no due day");
    }
    if (!OPEN.includes(state)) {
        return days < 0
            ? say(`trễ ${writeNumber(-days)} ngày`, `${writeNumber(-days)} days late`)
            : days === 0
              ? say("đúng hạn", "on the day")
              : say(`sớm ${writeNumber(days)} ngày`, `${writeNumber(days)} days early`);
    }
    if (days < 0) {
        return say(`quá ${writeNumber(-days)} ngày`, `${writeNumber(-days)} days over`);
    }
    return days === 0
        ? say("đến hạn", "due on the day")
        : say(`còn ${writeNumber(days)} ngày`, `${writeNumber(days)} days left`);
}

/** The lines of one unit after another; `size` is null while more of it may follow. */
function groupsOf({ dossiers, complete, counts }: Props) {
    const groups: { unit: string; name: string; first: number; dossiers: Dossier[]; size: number | null }[] = [];
    dossiers.forEach((dossier, at) => {
        const last = groups[groups.length - 1];
        if (last?.unit === dossier.unit) {
            last.dossiers.push(dossier);
        } else {
            const name = dossier.unitName || dossier.unit;
            groups.push({ unit: dossier.unit, name, first: at, dossiers: [dossier], size: null });
        }
    });
    groups.forEach((group, at) => {
        const whole = complete || at + 1 < groups.length;
        group.size = counts?.get(group.unit) ?? (whole ? group.dossiers.length : null);
    });
    return groups;
}

function Field({ label, children, ...more }: { label: string; class?: string; children: ComponentChildren }) {
    return (
        <td data-label={label} {...more}>
            {children}
        </td>
    );
}

export function DossierTable(props: Props) {
    const { amount } = props;
    const ended = props.dossiers.some((dossier) => dossier.ended);
    const names = {
        procedure: say("Thủ tục", "Procedure"),
        field: say("Lĩnh vực", "Field"),
        received: say("Ngày tiếp nhận", "Received"),
        due: say("Ngày hẹn trả", "Due"),
        ended: say("Ngày kết thúc", "Ended"),
        days: say("Thời hạn", "Term"),
        state: say("Tình trạng", "State"),
        channel: say("Hình thức nộp", "Channel"),
        level: say("Mức độ", "Level"),
        amount: say("Số", "Amount"),
    };
    const shown = Object.entries(names).filter(
        ([name]) => (name !== "ended" || ended) && (name !== "amount" || amount !== undefined),
    );
    return (
        <table class="list dossiers">
            <thead>
                <tr>
                    <th scope="col">{say("STT", "No.")}</th>
                    <th scope="col">{say("Mã hồ sơ", "Dossier")}</th>
                    {shown.map(([name, text]) => (
                        <th key={name} scope="col" class={name === "amount" ? "n" : ""}>
                            {text}
                        </th>
                    ))}
                </tr>
            </thead>
            {groupsOf(props).map((group) => (
                <tbody key={group.unit}>
                    <tr class="group">
                        <th scope="rowgroup" colSpan={shown.length + 2}>
                            {group.name}
                            {group.size !== null &&
                                say(`: ${writeNumber(group.size)} hồ sơ`, `: ${writeNumber(group.size)} dossiers`)}
                        </th>
                    </tr>
                    {group.dossiers.map((dossier, at) => (
                        <tr key={`${dossier.dossier} ${at}`}>
                            <td class="n">{writeNumber(group.first + at + 1)}</td>
                            <th scope="row" class="code">
                                <DossierCode code={dossier.dossier} />
                            </th>
                            <Field label={names.procedure}>{dossier.procedureName || dossier.procedure}</Field>
                            <Field label={names.field}>{dossier.fieldName || dossier.field}</Field>
                            <Field label={names.received} class="date">
                                {writeDate(dossier.received)}
                            </Field>
                            <Field label={names.due} class="date">
                                {writeDate(dossier.due)}
                            </Field>
                            {ended && (
                                <Field label={names.ended} class="date">
                                    {writeDate(dossier.ended ?? "")}
                                </Field>
                            )}
                            <Field
                                label={names.days}
                                class={typeof dossier.daysLeft === "number" && dossier.daysLeft < 0 ? "late" : ""}
                            >
                                {daysText(dossier)}
                            </Field>
                            <Field label={names.state}>{word("state", dossier.state)}</Field>
                            <Field label={names.channel}>{word("channel", dossier.channel)}</Field>
                            <Field label={names.level}>{word("level", dossier.serviceLevel)}</Field>
                            {amount !== undefined && (
                                <Field label={names.amount} class="n">
                                    {amount(dossier.amount ?? 0)}
                                </Field>
                            )}
                        </tr>
                    ))}
                </tbody>
            ))}
        </table>
    );
}
