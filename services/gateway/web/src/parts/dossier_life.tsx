// SPDX-License-Identifier: Apache-2.0
//
// One dossier's life: its events, which of them took effect, and what it counts in. The address has the code.

import { link, useAsk, type Cut } from "../api";
import { say } from "../language";
import { writeDate, writeDifference, writeInstant } from "../numbers";
import { address, change, usePlace } from "../place";
import { word } from "../words";
import { Dialog } from "./dialog";
import { Answer } from "./notice";

interface Life {
    dossier: string;
    state?: string;
    unit?: string;
    unitName?: string;
    procedure?: string;
    procedureName?: string;
    fieldName?: string;
    due?: string;
    events: {
        occurredAt: string;
        kind: string;
        dueAt?: string;
        effect: string;
        source: string;
        eventId: string;
        position: number;
    }[];
    counts: { day: string; unit: string; measure: string; amount: number }[];
}

interface Answered {
    cut: Cut;
    dossiers: Life[];
}

/** A dossier's code, as a link to its life. */
export function DossierCode({ code }: { code: string }) {
    return <a href={address({ dossier: code })}>{code}</a>;
}

/** The window with the life of the dossier that the address names, if it names one. */
export function DossierWindow() {
    const { query } = usePlace();
    const code = query.get("dossier");
    return code === null ? null : <Window key={code} code={code} />;
}

function Window({ code }: { code: string }) {
    const asked = useAsk<Answered>(link(`dossiers/${encodeURIComponent(code)}`));
    return (
        <Dialog
            title={say(`Hồ sơ ${code}`, `Dossier ${code}`)}
            class="drawer life"
            close={() => change({ dossier: null })}
        >
            <Answer of={asked}>
                {(answer) => (
                    <>
                        {answer.dossiers.map((life, at) => (
                            <LifeOf key={at} life={life} />
                        ))}
                    </>
                )}
            </Answer>
        </Dialog>
    );
}

function LifeOf({ life }: { life: Life }) {
    return (
        <>
            <dl class="facts">
                <dt>{say("Tình trạng", "State")}</dt>
                <dd class="strong">{word("state", life.state ?? "NOTHING")}</dd>
                <dt>{say("Đơn vị", "Unit")}</dt>
                <dd>{life.unitName ?? life.unit ?? "—"}</dd>
                <dt>{say("Thủ tục", "Procedure")}</dt>
                <dd>{life.procedureName ?? life.procedure ?? "—"}</dd>
                <dt>{say("Lĩnh vực", "Field")}</dt>
                <dd>{life.fieldName ?? "—"}</dd>
                <dt>{say("Ngày hẹn trả", "Due")}</dt>
                <dd>{life.due ? writeDate(life.due) : "—"}</dd>
            </dl>
            <h3>{say("Các sự kiện", "Events")}</h3>
            <div class="wide-table" tabIndex={0} role="region" aria-label={say("Các sự kiện", "Events")}>
                <table class="list">
                    <thead>
                        <tr>
                            <th scope="col">{say("Thời điểm", "When")}</th>
                            <th scope="col">{say("Sự kiện", "Event")}</th>
                            <th scope="col">{say("Hiệu lực", "Effect")}</th>
                            <th scope="col">{say("Hẹn trả", "Due")}</th>
                            <th scope="col">{say("Nguồn", "Source")}</th>
                            <th scope="col">{say("Mã sự kiện", "Event id")}</th>
                        </tr>
                    </thead>
                    <tbody>
                        {life.events.map((event) => (
                            <tr key={event.position}>
                                <td class="date">{writeInstant(event.occurredAt)}</td>
                                <th scope="row">{word("event", event.kind)}</th>
                                <td>{word("effect", event.effect)}</td>
                                <td class="date">{event.dueAt ? writeDate(event.dueAt) : ""}</td>
                                <td>{event.source}</td>
                                <td class="code">{event.eventId}</td>
                            </tr>
                        ))}
                    </tbody>
                </table>
            </div>
            <h3>{say("Được tính vào", "Counts in")}</h3>
            <div class="wide-table narrow" tabIndex={0} role="region" aria-label={say("Được tính vào", "Counts in")}>
                <table class="list">
                    <thead>
                        <tr>
                            <th scope="col">{say("Ngày", "Day")}</th>
                            <th scope="col">{say("Chỉ tiêu", "Measure")}</th>
                            <th scope="col">{say("Đơn vị", "Unit")}</th>
                            <th scope="col" class="n">
                                {say("Số", "Amount")}
                            </th>
                        </tr>
                    </thead>
                    <tbody>
                        {life.counts.map((count, at) => (
                            <tr key={at}>
                                <td class="date">{writeDate(count.day)}</td>
                                <th scope="row">{word("measure", count.measure)}</th>
                                <td>{count.unit}</td>
                                <td class="n">{writeDifference(count.amount)}</td>
                            </tr>
                        ))}
                    </tbody>
                </table>
            </div>
        </>
    );
}
