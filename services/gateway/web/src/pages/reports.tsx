// SPDX-License-Identifier: Apache-2.0
//
// Reports: form, unit and period, then the form as on paper. The address has all of it:
// form, unit, from, to, compare, asClosed = whose figures or compared with which close, and cell = the figure whose
// dossiers are shown, with restated = 1 those behind its difference.

import { useCallback, useEffect, useMemo } from "preact/hooks";
import { fileLink, link, useAsk, type Close, type Column, type Form, type Report, type Row } from "../api";
import {
    baseOf,
    basePeriod,
    beside,
    differenceOf,
    differs,
    splitCompared,
    type Base,
    type Comparison,
} from "../compare";
import { CellDossiers } from "../parts/cell_dossiers";
import { Download } from "../parts/download";
import { KnownUnit } from "../parts/known_unit";
import { Answer } from "../parts/notice";
import { PeriodPicker } from "../parts/period_picker";
import { Sheet } from "../parts/sheet";
import { UnitPicker } from "../parts/unit_picker";
import { say } from "../language";
import { writeDate, writeInstant } from "../numbers";
import { lastEnded, type Period } from "../period";
import { address, change, usePlace } from "../place";
import { reportingDay, today, useWho } from "../session";
import { chosenUnit, useUnits } from "../units";
import type { Tree } from "../tree";

const FIRST_FORM = "II.06a";
const LATEST = "latest";
const NO_CELL = { cell: null, restated: null };

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
    const comparison = comparisonOf(given.get("compare"));
    const asClosed = given.get("asClosed");
    // a close by its number is one of this unit and period
    const elsewhere = { ...NO_CELL, asClosed: asClosed === null ? null : LATEST };
    return (
        <>
            <h1 class="hidden">{say("Báo cáo", "Reports")}</h1>
            <div class="bar no-print" role="group" aria-label={say("Chọn báo cáo", "Choose a report")}>
                <div class="field grow">
                    <label for="form">{say("Biểu mẫu", "Form")}</label>
                    <select
                        id="form"
                        value={asking.form}
                        onChange={(event) => change({ form: event.currentTarget.value, ...NO_CELL })}
                    >
                        {forms.map((form) => (
                            <option key={form.form} value={form.form}>
                                {form.form} – {sentenceCase(form.title)}
                            </option>
                        ))}
                    </select>
                </div>
                <UnitPicker tree={tree} chosen={unit} choose={(next) => change({ unit: next, ...elsewhere })} />
                <PeriodPicker
                    period={period}
                    today={today(session)}
                    reportingDay={reportingDay(session)}
                    choose={(next) => change({ ...next, ...elsewhere })}
                />
                <Comparisons chosen={comparison} />
                {comparison !== "closed" && <ClosedSwitch on={asClosed !== null} />}
            </div>
            <KnownUnit tree={tree} unit={unit} day={period.to}>
                <Result
                    {...asking}
                    cell={given.get("cell")}
                    restated={given.get("restated") !== null}
                    comparison={comparison}
                    asClosed={asClosed}
                />
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

const COMPARISONS: Comparison[] = ["previous", "year-ago", "closed"];

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

function Comparisons({ chosen }: { chosen: Comparison | null }) {
    // asClosed names the figures themselves, or with "closed" what they are compared with: it does not pass from one to the other
    const choose = (next: string) =>
        change({
            compare: next,
            ...NO_CELL,
            ...(next === "closed" || chosen === "closed" ? { asClosed: null } : {}),
        });
    return (
        <div class="field">
            <label for="compare">{say("So sánh với", "Compare with")}</label>
            <select id="compare" value={chosen ?? ""} onChange={(event) => choose(event.currentTarget.value)}>
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

function ClosedSwitch({ on }: { on: boolean }) {
    return (
        <label class="switch">
            <input
                type="checkbox"
                checked={on}
                onChange={(event) => change({ asClosed: event.currentTarget.checked ? LATEST : null, ...NO_CELL })}
            />
            {say("Số liệu đã chốt", "The closed figures")}
        </label>
    );
}

interface ResultProps extends Asking {
    cell: string | null;
    restated: boolean;
    comparison: Comparison | null;
    asClosed: string | null;
}

function Result(props: ResultProps) {
    const { form, unit, period, comparison, asClosed } = props;
    const path = `reports/${encodeURIComponent(form)}`;
    const restating = comparison === "closed";
    const query = { unit, from: period.from, to: period.to, asClosed, compare: restating ? comparison : null };
    const before = comparison === null || restating ? null : basePeriod(comparison, period);
    const report = useAsk<Report>(link(path, query));
    // the units of both are those of the report's last day, so that the rows are the same; and both are of one close
    const other = useAsk<Report>(
        before === null || report.data === null
            ? null
            : link(path, { unit, ...before, treeAt: period.to, asClosed: report.data.closed?.number }),
    );
    const shown = useMemo(() => {
        if (report.data === null) {
            return null;
        }
        const compared = report.data.columns.some((column) => column.id.endsWith(".other"));
        return compared
            ? splitCompared(report.data)
            : { report: report.data, base: other.data === null ? null : baseOf(other.data) };
    }, [report.data, other.data]);
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
                    {data.closed && <ClosedNote closed={data.closed} compared={restating} />}
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
                    {shown !== null && (
                        <Figures {...props} {...shown} extracted={report.at} restating={restating} />
                    )}
                </>
            )}
        </Answer>
    );
}

/** Which close the figures are of, or are compared with. */
function ClosedNote({ closed, compared }: { closed: Close; compared: boolean }) {
    const label = closed.label === "" ? "" : ` (${closed.label})`;
    const which = say(
        `lần chốt số ${closed.number}${label}: ${closed.unit}, đến hết ngày ${writeDate(closed.to)}, do ${closed.by} chốt lúc ${writeInstant(closed.closedAt)}`,
        `close ${closed.number}${label}: ${closed.unit}, up to ${writeDate(closed.to)}, closed by ${closed.by} at ${writeInstant(closed.closedAt)}`,
    );
    return (
        <p class="notice compared">
            {compared
                ? say(
                      `Số liệu hiện nay; dòng nhỏ dưới mỗi số là số liệu đã chốt, trong ngoặc là chênh lệch. Ô có chênh lệch được đóng khung; bấm vào chênh lệch để xem hồ sơ thay đổi. Theo ${which}.`,
                      `Figures of now; the small line under each is the closed one, in brackets the difference. Cells that differ are framed; click a difference for the dossiers that changed. By ${which}.`,
                  )
                : say(`Số liệu đã chốt, theo ${which}.`, `Closed figures, by ${which}.`)}
        </p>
    );
}

interface FiguresProps extends ResultProps {
    report: Report;
    extracted: Date | null;
    base: Base | null;
    restating: boolean;
}

function Figures(props: FiguresProps) {
    const { report, base, restating, cell, restated } = props;
    const closed = report.closed?.number ?? null;
    const under = useCallback(
        (row: Row, column: Column) => base && <Beside base={base} row={row} column={column} restating={restating} />,
        [base, restating],
    );
    const row = cell === null ? undefined : report.rows.find((one) => cell === cellKey(one, columnOf(cell)));
    const difference = base && row && cell !== null ? differenceOf(base, row, columnOf(cell)) : null;
    return (
        <>
            <Sheet
                report={report}
                extracted={props.extracted}
                drill={drill}
                under={base === null ? undefined : under}
            />
            {cell !== null && (
                <CellDossiers
                    key={`${cell} ${restated}`}
                    report={report}
                    cell={cell}
                    asClosed={restating && !restated ? null : closed}
                    restated={restating && restated ? { difference: difference ?? 0 } : null}
                    close={() => change(NO_CELL)}
                />
            )}
        </>
    );
}

function Beside(props: { base: Base; row: Row; column: Column; restating: boolean }) {
    const { base, row, column, restating } = props;
    const text = beside(base, row, column);
    const moved = text !== "" && differs(base, row, column);
    const countable = restating && moved && differenceOf(base, row, column.id) !== null;
    const behind = countable ? drill(row, column, "1") : null;
    if (text === "") {
        return null;
    }
    return (
        <span class={`under${moved ? " moved" : ""}${moved && restating ? " restated" : ""}`}>
            {behind === null ? (
                text
            ) : (
                <a href={behind} title={say("Hồ sơ thay đổi sau khi chốt", "Dossiers that changed after the close")}>
                    {text}
                </a>
            )}
        </span>
    );
}

/** A figure's address: the row's unit, field, procedure and id, and the column; together one part of the query. */
function drill(row: Row, column: Column, restated: string | null = null): string | null {
    const countable = row.kind === "UNIT" || row.kind === "DETAIL" || row.kind === "LINE" || row.kind === "OWN";
    return countable ? address({ cell: cellKey(row, column.id), restated }) : null;
}

export function cellKey(row: Row, column: string): string {
    return [row.unit, row.field ?? "", row.procedure ?? "", row.id ?? "", column].join("~");
}

function columnOf(cell: string): string {
    return cell.split("~")[4] ?? "";
}

/** A form with sentences is a letter, and comes with a template for Word. */
function Downloads({ path, query, letter }: { path: string; query: Record<string, string | null>; letter: boolean }) {
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
