// SPDX-License-Identifier: Apache-2.0
//
// Reports: form, unit and period, then the form as on paper. The address has all of it:
// form, unit, from, to, compare, and cell = the figure whose dossiers are shown.

import { useCallback, useEffect, useMemo } from "preact/hooks";
import { fileLink, link, useAsk, type Column, type Form, type Report, type Row } from "../api";
import { baseOf, basePeriod, beside, differs, type Base, type Comparison } from "../compare";
import { CellDossiers } from "../parts/cell_dossiers";
import { Download } from "../parts/download";
import { KnownUnit } from "../parts/known_unit";
import { Answer } from "../parts/notice";
import { PeriodPicker } from "../parts/period_picker";
import { Sheet } from "../parts/sheet";
import { UnitPicker } from "../parts/unit_picker";
import { say } from "../language";
import { writeDate } from "../numbers";
import { lastEnded, type Period } from "../period";
import { address, change, usePlace } from "../place";
import { reportingDay, today, useWho } from "../session";
import { chosenUnit, useUnits } from "../units";
import type { Tree } from "../tree";

const FIRST_FORM = "II.06a";

interface Asking {
    form: string;
    unit: string;
    period: Period;
}

export function Reports() {
    const { session } = useWho();
    const { query } = usePlace();
    const day = today(session);
    const usual = lastEnded(day, reportingDay(session));
    const period = { from: query.get("from") ?? usual.from, to: query.get("to") ?? usual.to };
    const forms = useAsk<Form[]>(link("forms"));
    const units = useUnits(period.to);
    return (
        <Answer of={units}>
            {(tree) => (
                <Answer of={forms}>
                    {(list) => <Chosen tree={tree} forms={list} period={period} given={query} />}
                </Answer>
            )}
        </Answer>
    );
}

function Chosen(props: { tree: Tree; forms: Form[]; period: Period; given: URLSearchParams }) {
    const { session } = useWho();
    const { tree, forms, period, given } = props;
    const unit = chosenUnit(tree, given.get("unit"));
    const usual = forms.some((form) => form.form === FIRST_FORM) ? FIRST_FORM : (forms[0]?.form ?? "");
    const asking = { form: given.get("form") ?? usual, unit, period };
    return (
        <>
            <h1 class="hidden">{say("Báo cáo", "Reports")}</h1>
            <div class="bar no-print" role="group" aria-label={say("Chọn báo cáo", "Choose a report")}>
                <div class="field grow">
                    <label for="form">{say("Biểu mẫu", "Form")}</label>
                    <select
                        id="form"
                        value={asking.form}
                        onChange={(event) => change({ form: event.currentTarget.value, cell: null })}
                    >
                        {forms.map((form) => (
                            <option key={form.form} value={form.form}>
                                {form.form} – {sentenceCase(form.title)}
                            </option>
                        ))}
                    </select>
                </div>
                <UnitPicker tree={tree} chosen={unit} choose={(next) => change({ unit: next, cell: null })} />
                <PeriodPicker
                    period={period}
                    today={today(session)}
                    reportingDay={reportingDay(session)}
                    choose={(next) => change({ ...next, cell: null })}
                />
                <Comparisons chosen={given.get("compare") ?? ""} />
            </div>
            <KnownUnit tree={tree} unit={unit} day={period.to}>
                <Result {...asking} cell={given.get("cell")} comparison={comparisonOf(given.get("compare"))} />
            </KnownUnit>
        </>
    );
}

/** Titles are printed in capitals; a list of them reads better without. */
function sentenceCase(title: string): string {
    const kept = /^(TTHC|DVC|PAKN|UBND|07A\/BTP|QĐ|NĐ)$/;
    const words = title.split(" ").map((word) => (kept.test(word.replace(/[(),]/g, "")) ? word : word.toLowerCase()));
    const text = words.join(" ");
    return text.charAt(0).toUpperCase() + text.slice(1);
}

const COMPARISONS: Comparison[] = ["previous", "year-ago"];

function comparisonOf(text: string | null): Comparison | null {
    return COMPARISONS.find((one) => one === text) ?? null;
}

function comparisonName(comparison: Comparison): string {
    const names: Record<Comparison, string> = {
        previous: say("Kỳ trước", "The period before"),
        "year-ago": say("Cùng kỳ năm trước", "The year before"),
        closed: say("Số liệu đã chốt", "The closed figures"),
    };
    return names[comparison];
}

function Comparisons({ chosen }: { chosen: string }) {
    return (
        <div class="field">
            <label for="compare">{say("So sánh với", "Compare with")}</label>
            <select id="compare" value={chosen} onChange={(event) => change({ compare: event.currentTarget.value })}>
                <option value="">{say("Không so sánh", "Nothing")}</option>
                {COMPARISONS.map((comparison) => (
                    <option key={comparison} value={comparison}>
                        {comparisonName(comparison)}
                    </option>
                ))}
            </select>
        </div>
    );
}

interface ResultProps extends Asking {
    cell: string | null;
    comparison: Comparison | null;
}

function Result({ form, unit, period, cell, comparison }: ResultProps) {
    const path = `reports/${encodeURIComponent(form)}`;
    const query = { unit, from: period.from, to: period.to };
    const before = comparison === null ? null : basePeriod(comparison, period);
    const report = useAsk<Report>(link(path, query));
    // the units of both are those of the report's last day, so that the rows are the same
    const other = useAsk<Report>(
        before === null
            ? null
            : link(path, { unit, ...before, treeAt: period.to, asClosed: comparison === "closed" ? "latest" : null }),
    );
    const base = useMemo(() => (other.data === null ? null : baseOf(other.data)), [other.data]);
    const under = useCallback(
        (row: Row, column: Column) => base && <Beside base={base} row={row} column={column} />,
        [base],
    );
    useEffect(() => {
        if (report.data) {
            document.title = `${report.data.form} – ${report.data.unitName ?? unit}`;
        }
    });
    return (
        <Answer of={report}>
            {(data) => (
                <>
                    <Downloads path={path} query={query} letter={data.rows.some((row) => row.text)} />
                    {comparison !== null && before !== null && (
                        <Answer of={other}>
                            {() => (
                                <p class="notice compared">
                                    {say("Dòng nhỏ dưới mỗi số", "The small line under a figure")}:{" "}
                                    {comparisonName(comparison).toLowerCase()} ({writeDate(before.from)} –{" "}
                                    {writeDate(before.to)}),{" "}
                                    {say("trong ngoặc là chênh lệch", "in brackets the difference")}.
                                </p>
                            )}
                        </Answer>
                    )}
                    <Sheet report={data} drill={drill} under={base === null ? undefined : under} />
                    {cell !== null && <CellDossiers report={data} cell={cell} close={() => change({ cell: null })} />}
                </>
            )}
        </Answer>
    );
}

function Beside({ base, row, column }: { base: Base; row: Row; column: Column }) {
    const text = beside(base, row, column);
    return text === "" ? null : <span class={differs(base, row, column) ? "under moved" : "under"}>{text}</span>;
}

/** A figure's address: the row's unit, field, procedure and id, and the column; together one part of the query. */
function drill(row: Row, column: Column): string | null {
    const countable = row.kind === "UNIT" || row.kind === "DETAIL" || row.kind === "LINE" || row.kind === "OWN";
    return countable ? address({ cell: cellKey(row, column.id) }) : null;
}

export function cellKey(row: Row, column: string): string {
    return [row.unit, row.field ?? "", row.procedure ?? "", row.id ?? "", column].join("~");
}

/** A form with sentences is a letter, and comes with a template for Word. */
function Downloads({ path, query, letter }: { path: string; query: Record<string, string>; letter: boolean }) {
    return (
        <p class="actions no-print">
            <Download name="Excel" href={fileLink(path, query, "xlsx")} />
            {letter && <Download name="Word" href={fileLink(path, query, "docx")} />}
            <Download name="CSV" href={fileLink(path, query, "csv")} />
            <button type="button" onClick={() => print()}>
                {say("In", "Print")}
            </button>
        </p>
    );
}
