// SPDX-License-Identifier: Apache-2.0
//
// Who publishes for a unit, and who fell silent: a small figure and a missing one look alike.

import { fileLink, link, type Page } from "../api";
import { say } from "../language";
import { useList } from "../list";
import { writeInstant, writeNumber } from "../numbers";
import { word } from "../words";
import { Download } from "./download";
import { ListBody } from "./list_body";

interface Source {
    source: string;
    units: string;
    lastEvent: string;
    events: number;
    eventsToday: number;
    eventsMonth: number;
    conflicts: number;
    findings: number;
    state: string;
}

interface SourcePage extends Page {
    sources: Source[];
}

export function Sources({ unit }: { unit: string | null }) {
    const list = useList<SourcePage>(link("sources", { unit }));
    const sources = list.pages.flatMap((page) => page.sources);
    return (
        <>
            <h2>{say("Nguồn dữ liệu", "Sources")}</h2>
            <p class="actions no-print">
                <Download name="Excel" href={fileLink("sources", { unit }, "xlsx")} />
            </p>
            <ListBody list={list} shown={sources.length} empty={say("Không có nguồn nào.", "There are no sources.")}>
                <table class="list sources">
                    <thead>
                        <tr>
                            <th scope="col">{say("Nguồn", "Source")}</th>
                            <th scope="col">{say("Tình trạng", "State")}</th>
                            <th scope="col">{say("Sự kiện cuối", "Last event")}</th>
                            <th scope="col" class="n">
                                {say("Hôm nay", "Today")}
                            </th>
                            <th scope="col" class="n">
                                {say("Tháng", "Month")}
                            </th>
                            <th scope="col" class="n">
                                {say("Tất cả", "All")}
                            </th>
                            <th scope="col" class="n">
                                {say("Trùng mã", "Conflicts")}
                            </th>
                            <th scope="col" class="n">
                                {say("Sai sót", "Findings")}
                            </th>
                        </tr>
                    </thead>
                    <tbody>
                        {sources.map((source) => (
                            <tr key={source.source}>
                                <th scope="row">{source.source}</th>
                                <td class={source.state === "SENDING" ? "good" : "late"}>
                                    {word("source", source.state)}
                                </td>
                                <td class="date">{writeInstant(source.lastEvent)}</td>
                                {[
                                    source.eventsToday,
                                    source.eventsMonth,
                                    source.events,
                                    source.conflicts,
                                    source.findings,
                                ].map((figure, at) => (
                                    <td key={at} class="n">
                                        {writeNumber(figure)}
                                    </td>
                                ))}
                            </tr>
                        ))}
                    </tbody>
                </table>
            </ListBody>
        </>
    );
}
