// SPDX-License-Identifier: Apache-2.0
//
// Data quality: events that do not count, and why. The address has the unit and the kind of finding.

import { fileLink, link, type Page } from "../api";
import { say } from "../language";
import { useList } from "../list";
import { writeInstant, writeNumber } from "../numbers";
import { DossierCode } from "../parts/dossier_life";
import { Download } from "../parts/download";
import { KnownUnit } from "../parts/known_unit";
import { Sources } from "../parts/sources";
import { ListBody } from "../parts/list_body";
import { Answer } from "../parts/notice";
import { UnitPicker } from "../parts/unit_picker";
import { change, usePlace } from "../place";
import { isAdmin, today, useWho } from "../session";
import { chosenUnit, useUnits } from "../units";
import { word, wordNames } from "../words";

interface Finding {
    kind: string;
    dossier: string;
    eventId: string;
    eventKind: string;
    occurredAt: string;
    unit: string;
    source: string;
    position: number;
    count: number;
}

interface FindingPage extends Page {
    findings: Finding[];
}

/** What a counter's software has to mend for each kind. */
function advice(kind: string): string {
    switch (kind) {
        case "ORPHAN":
            return say(
                "Có sự kiện nhưng chưa có sự kiện tiếp nhận của hồ sơ; phần mềm cần gửi bổ sung sự kiện tiếp nhận.",
                "The dossier has events but was never received; its software has to send the reception.",
            );
        case "IGNORED":
            return say(
                "Sự kiện không có hiệu lực, ví dụ tiếp nhận lần hai hoặc xảy ra sau khi đã giải quyết.",
                "The event has no effect: a second reception, or something after the dossier's end.",
            );
        case "CONFLICTING":
            return say(
                "Trùng mã, khác nội dung: sự kiện đến trước được tính. Nguyên nhân thường gặp: phần mềm ghi thời điểm kết xuất vào chỗ thời điểm còn trống.",
                "The same id with other content: the first one stands. Often an export writes its own time where a time is missing.",
            );
        case "VOID_UNMATCHED":
            return say("Hủy một sự kiện không có trong hệ thống.", "It voids an event that is not there.");
        case "OVER_LIMIT":
            return say("Một hồ sơ có quá nhiều sự kiện.", "A dossier has too many events.");
        case "RESULT_IMPLIED":
            return say(
                "Đã trả kết quả nhưng thiếu sự kiện có kết quả; được tính là giải quyết tại thời điểm trả.",
                "Handed over without a result: counted as resolved when it was handed over.",
            );
        case "UNIT_NOT_VALID":
            return say(
                "Sự kiện được tính, nhưng đơn vị không có trong danh mục vào ngày đó; phần mềm cần dùng mã đơn vị hiện hành.",
                "The event counts, but its unit is not in the catalogue on that day; its software has to use the code in force.",
            );
        default:
            return "";
    }
}

export function Quality() {
    const { session } = useWho();
    const { query } = usePlace();
    const units = useUnits(today(session));
    return (
        <>
            <h1>{say("Chất lượng dữ liệu", "Data quality")}</h1>
            <Answer of={units}>
                {(tree) => {
                    const unit = chosenUnit(tree, query.get("unit"));
                    // findings without a unit are in the list of all alone, which is for administrators
                    const asked = query.get("unit") ?? (isAdmin(session) ? null : unit);
                    const kind = query.get("kind") ?? "";
                    return (
                        <>
                            <div class="bar no-print">
                                <UnitPicker tree={tree} chosen={unit} choose={(next) => change({ unit: next })} />
                                <div class="field">
                                    <label for="kind">{say("Loại sai sót", "Kind")}</label>
                                    <select
                                        id="kind"
                                        value={kind}
                                        onChange={(event) => change({ kind: event.currentTarget.value })}
                                    >
                                        <option value="">{say("Tất cả", "All")}</option>
                                        {wordNames("finding").map((name) => (
                                            <option key={name} value={name}>
                                                {word("finding", name)}
                                            </option>
                                        ))}
                                    </select>
                                </div>
                            </div>
                            {kind !== "" && <p class="notice">{advice(kind)}</p>}
                            <KnownUnit tree={tree} unit={unit} day={today(session)}>
                                <Sources unit={asked} />
                                <Findings unit={asked} kind={kind} />
                            </KnownUnit>
                        </>
                    );
                }}
            </Answer>
        </>
    );
}

function Findings({ unit, kind }: { unit: string | null; kind: string }) {
    const asked = { unit, kind };
    const list = useList<FindingPage>(link("quality", { ...asked, limit: 100 }));
    const findings = list.pages.flatMap((page) => page.findings);
    return (
        <>
            <h2>{say("Sự kiện không được tính hoặc cần xem lại", "Events that do not count, or need a look")}</h2>
            <p class="actions no-print">
                <Download name="Excel" href={fileLink("quality", asked, "xlsx")} />
            </p>
            <ListBody
                list={list}
                shown={findings.length}
                empty={say("Không có sai sót nào.", "There is nothing to mend.")}
            >
                <table class="list findings">
                    <thead>
                        <tr>
                            <th scope="col">{say("Loại", "Kind")}</th>
                            <th scope="col">{say("Mã hồ sơ", "Dossier")}</th>
                            <th scope="col">{say("Sự kiện", "Event")}</th>
                            <th scope="col">{say("Mã sự kiện", "Event id")}</th>
                            <th scope="col">{say("Thời điểm", "When")}</th>
                            <th scope="col">{say("Đơn vị", "Unit")}</th>
                            <th scope="col">{say("Nguồn", "Source")}</th>
                            <th scope="col" class="n">
                                {say("Số lần", "Count")}
                            </th>
                        </tr>
                    </thead>
                    <tbody>
                        {findings.map((finding) => (
                            <tr key={`${finding.position} ${finding.kind} ${finding.eventId}`}>
                                <td title={advice(finding.kind)}>{word("finding", finding.kind)}</td>
                                <th scope="row" class="code">
                                    <DossierCode code={finding.dossier} />
                                </th>
                                <td>{word("event", finding.eventKind)}</td>
                                <td class="code">{finding.eventId}</td>
                                <td class="date">{writeInstant(finding.occurredAt)}</td>
                                <td>{finding.unit}</td>
                                <td>{finding.source}</td>
                                <td class="n">{writeNumber(finding.count)}</td>
                            </tr>
                        ))}
                    </tbody>
                </table>
            </ListBody>
        </>
    );
}
