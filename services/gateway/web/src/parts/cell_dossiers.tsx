// SPDX-License-Identifier: Apache-2.0
//
// The dossiers behind one figure of a report. Their amounts add up to the figure.

import { fileLink, link, type Dossier, type Page, type Report } from "../api";
import { headingPath } from "../heading";
import { say } from "../language";
import { useList } from "../list";
import { writeDifference, writeNumber } from "../numbers";
import { Dialog } from "./dialog";
import { DossierTable } from "./dossier_table";
import { Download, FileNote } from "./download";
import { ListBody } from "./list_body";

interface CellPage extends Page {
    sum: number;
    dossiers: Dossier[];
}

export interface CellOptions {
    report: Report;
    cell: string;
    /** The number of the close whose dossiers these are; null = those of today. */
    asClosed: number | null;
    /** Those behind what changed since the close, and the difference they add up to; null = all of the figure. */
    restated: { difference: number } | null;
    close: () => void;
}

export function CellDossiers({ report, cell, asClosed, restated, close }: CellOptions) {
    const [unit, field, procedure, row, columnId] = cell.split("~");
    const column = report.columns.find((one) => one.id === columnId);
    const line = report.rows.find(
        (one) =>
            one.unit === unit &&
            (one.field ?? "") === field &&
            (one.procedure ?? "") === procedure &&
            (one.id ?? "") === row,
    );
    const query = {
        form: report.form,
        column: columnId,
        unit,
        reportUnit: report.unit,
        field,
        procedure,
        row,
        asClosed,
        restated: restated === null ? null : true,
        from: report.period.from,
        to: report.period.to,
    };
    const list = useList<CellPage>(link("dossiers", { ...query, limit: 100 }));
    const dossiers = list.pages.flatMap((page) => page.dossiers);
    const figure = line?.cells[columnId ?? ""];
    const written = restated === null ? writeNumber : writeDifference;
    return (
        <Dialog title={titleOf(asClosed, restated !== null)} class="drawer" close={close}>
            <p class="about">
                <span class="strong">{line?.label ?? unit}</span>
                {" – "}
                {column ? headingPath(column) : columnId}
                {restated !== null && (
                    <>
                        : {say("chênh lệch", "difference")} {writeDifference(restated.difference)}
                    </>
                )}
                {restated === null && typeof figure === "number" && (
                    <>: {say(`${writeNumber(figure)} hồ sơ`, `${writeNumber(figure)} dossiers`)}</>
                )}
            </p>
            <p class="actions">
                <Download name="Excel" href={fileLink("dossiers", query, "xlsx")} />
                <Download name="CSV" href={fileLink("dossiers", query, "csv")} />
                <FileNote lines={restated === null && typeof figure === "number" ? figure : 0} />
            </p>
            <ListBody list={list} empty={say("Không có hồ sơ nào.", "There are no dossiers.")} shown={dossiers.length}>
                <DossierTable dossiers={dossiers} complete={list.complete} amount={written} />
            </ListBody>
        </Dialog>
    );
}

function titleOf(asClosed: number | null, restated: boolean): string {
    if (restated) {
        return say(`Hồ sơ thay đổi sau lần chốt số ${asClosed}`, `Dossiers that changed after close ${asClosed}`);
    }
    return asClosed === null
        ? say("Danh sách hồ sơ", "Dossiers")
        : say(`Danh sách hồ sơ theo lần chốt số ${asClosed}`, `Dossiers as of close ${asClosed}`);
}
