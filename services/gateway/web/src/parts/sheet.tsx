// SPDX-License-Identifier: Apache-2.0
//
// A report as on paper: heading, merged column heads with their numbers, rows, checks and notes. Each figure is a link to
// its dossiers. One figure is in the tab order; arrow keys move among them.

import type { ComponentChildren } from "preact";
import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";
import type { Cell, Column, Report, Row } from "../api";
import { headingOf } from "../heading";
import { say } from "../language";
import { writeDate, writeMoment, writeNumber } from "../numbers";

const FIRST_ROWS = 120;
const MORE_ROWS = 600;
/** More columns than that are set smaller. */
const DENSE = 16;

export interface SheetOptions {
    report: Report;
    /** When the server gave it. */
    extracted: Date | null;
    /** The address of a figure's dossiers; null = it has none. */
    drill?: ((row: Row, column: Column) => string | null) | undefined;
    /** What stands under a figure: its comparison. */
    under?: ((row: Row, column: Column) => ComponentChildren) | undefined;
}

export function Sheet(props: SheetOptions) {
    const { report } = props;
    const sentences = report.rows.filter((row) => row.text);
    return (
        <article class={`sheet${report.paper?.includes("portrait") ? " portrait" : ""}`}>
            <SheetHead report={report} extracted={props.extracted} />
            {sentences.length > 0 && <Letter rows={sentences} />}
            <SheetTable {...props} />
            <SheetFoot report={report} />
        </article>
    );
}

function SheetHead({ report, extracted }: Pick<SheetOptions, "report" | "extracted">) {
    return (
        <header class="sheet-head">
            {report.legalBasis && <p class="basis">{report.legalBasis}</p>}
            <h2>{report.title}</h2>
            <p class="unit">{report.unitName ?? report.unit}</p>
            <p>
                {say("Từ ngày", "From")} {writeDate(report.period.from)} {say("đến ngày", "to")}{" "}
                {writeDate(report.period.to)}
            </p>
            {extracted && (
                <p class="small">
                    {say("Trích xuất lúc", "Extracted at")} {writeMoment(extracted)}
                </p>
            )}
            {report.countedIn && (
                <p class="counted">
                    {say("Đơn vị tính", "Counted in")}: {report.countedIn}
                </p>
            )}
        </header>
    );
}

/** The sentences of a letter, to be copied into one. */
function Letter({ rows }: { rows: Row[] }) {
    const [copied, setCopied] = useState(false);
    const copy = () => {
        void navigator.clipboard.writeText(rows.map((row) => row.text).join("\n")).then(() => setCopied(true));
    };
    return (
        <section class="letter" aria-label={say("Nội dung báo cáo", "The letter's text")}>
            {rows.map((row) => (
                <p key={row.id} class={row.kind === "HEADING" ? "strong" : ""}>
                    {row.text}
                </p>
            ))}
            {navigator.clipboard && (
                <p class="no-print">
                    <button type="button" onClick={copy}>
                        {copied ? say("Đã chép", "Copied") : say("Chép đoạn văn", "Copy the text")}
                    </button>
                </p>
            )}
        </section>
    );
}

function stubOf(report: Report): Column[] {
    return report.stub ?? [{ id: "label", label: say("Nội dung", "Item") }];
}

function isHeading(row: Row): boolean {
    return row.kind === "HEADING" || (row.kind === undefined && (row.id ?? "").startsWith("section"));
}

/** A line that is a sentence of the letter and has no figures. */
function isSentence(row: Row): boolean {
    return row.text !== undefined && !isHeading(row) && Object.keys(row.cells).length === 0;
}

/** A total: of everything, of a tier, or of the rows below it that are indented further. */
function isTotal(report: Report, at: number): boolean {
    const row = report.rows[at]!;
    const next = report.rows[at + 1];
    const line = row.kind === "LINE" || row.text !== undefined;
    return row.kind === "GROUP" || (!line && (row.level === 0 || (next !== undefined && next.level > row.level)));
}

function SheetTable({ report, drill, under }: SheetOptions) {
    const stub = stubOf(report);
    const columns = [...stub, ...report.columns];
    const shown = useGrowing(report);
    useLayoutEffect(() => void performance.mark("hoso.sheet"), [report]);
    const fallback = report.stub === undefined;
    const table = useRef<HTMLTableElement>(null);
    useEffect(() => {
        if (table.current?.querySelector('a[tabindex="0"]') === null) {
            table.current.querySelector("a")?.setAttribute("tabindex", "0");
        }
    });
    return (
        <>
            <p class="hint no-print">
                {say(
                    "Bấm vào một số để xem danh sách hồ sơ; trong bảng dùng các phím mũi tên.",
                    "Click a figure for its dossiers; within the table use the arrow keys.",
                )}
            </p>
            <div class="wide-table" tabIndex={0} role="region" aria-label={report.title}>
                <table
                    class={columns.length > DENSE ? "paper dense" : "paper"}
                    ref={table}
                    onKeyDown={moveAmongFigures}
                >
                    <caption class="hidden">{report.title}</caption>
                    <Heads columns={columns} />
                    <tbody>
                        {report.rows.slice(0, shown).map((row, at) => (
                            <SheetRow
                                key={at}
                                row={row}
                                strong={isHeading(row) || isTotal(report, at)}
                                stub={stub}
                                texts={fallback ? [row.label] : (row.stub ?? [])}
                                columns={report.columns}
                                drill={drill}
                                under={under}
                            />
                        ))}
                    </tbody>
                </table>
            </div>
        </>
    );
}

/** How many rows are drawn: a screenful at once, then the rest, so that a province's form appears without delay. */
function useGrowing(report: Report): number {
    const [state, setState] = useState({ report, shown: FIRST_ROWS });
    const shown = state.report === report ? state.shown : FIRST_ROWS;
    useEffect(() => {
        if (shown >= report.rows.length) {
            return undefined;
        }
        const timer = setTimeout(() => setState({ report, shown: shown + MORE_ROWS }), 16);
        return () => clearTimeout(timer);
    }, [report, shown]);
    return shown;
}

/** A formula may go on in the next line after each sign. */
function breakable(formula: string): ComponentChildren {
    return formula.split(/(?<=[=+])/).flatMap((part, at) => (at === 0 ? [part] : [<wbr key={at} />, part]));
}

export function Heads({ columns }: { columns: Column[] }) {
    const numbered = columns.some((column) => column.number);
    return (
        <thead>
            {headingOf(columns).map((cells, row) => (
                <tr key={row}>
                    {cells.map((cell, at) => (
                        <th
                            key={at}
                            scope={cell.columns > 1 ? "colgroup" : "col"}
                            colSpan={cell.columns > 1 ? cell.columns : undefined}
                            rowSpan={cell.rows > 1 ? cell.rows : undefined}
                        >
                            {cell.text}
                        </th>
                    ))}
                </tr>
            ))}
            {numbered && (
                <tr class="numbers">
                    {columns.map((column) => (
                        <td key={column.id}>{breakable(column.number ?? "")}</td>
                    ))}
                </tr>
            )}
        </thead>
    );
}

interface RowOptions extends Pick<SheetOptions, "drill" | "under"> {
    row: Row;
    strong: boolean;
    stub: Column[];
    texts: string[];
    columns: Column[];
}

function SheetRow({ row, strong, stub, texts, columns, drill, under }: RowOptions) {
    const label = stub.findIndex((column) => column.id === "label");
    if (isSentence(row)) {
        return null;
    }
    if (isHeading(row) && Object.keys(row.cells).length === 0) {
        return (
            <tr class="strong">
                <th scope="colgroup" colSpan={stub.length + columns.length}>
                    {row.label}
                </th>
            </tr>
        );
    }
    return (
        <tr class={strong ? "strong" : ""}>
            {stub.map((column, at) =>
                at === (label < 0 ? 0 : label) ? (
                    <th key={column.id} scope="row" class={`depth-${Math.min(row.level, 5)}`}>
                        {texts[at] ?? ""}
                    </th>
                ) : (
                    <td key={column.id} class="stub">
                        {texts[at] ?? ""}
                    </td>
                ),
            )}
            {columns.map((column) => (
                <td key={column.id} class="n">
                    <Figure cell={row.cells[column.id]} address={drill?.(row, column) ?? null} />
                    {under?.(row, column)}
                </td>
            ))}
        </tr>
    );
}

export function cellText(cell: Cell | undefined): string {
    return cell === undefined ? "" : typeof cell === "number" ? writeNumber(cell) : cell.text;
}

function Figure({ cell, address }: { cell: Cell | undefined; address: string | null }) {
    const text = cellText(cell);
    return address === null || typeof cell !== "number" || cell === 0 ? (
        <>{text}</>
    ) : (
        <a href={address} tabIndex={-1}>
            {text}
        </a>
    );
}

/** Arrow keys, Home and End among the figures of a table; the one that has the focus is the one in the tab order. */
function moveAmongFigures(event: KeyboardEvent): void {
    const from = (event.target as Element).closest("td");
    const row = from?.parentElement as HTMLTableRowElement | null;
    const figure = (cell: Element | null | undefined) => cell?.querySelector<HTMLAnchorElement>("a") ?? null;
    if (!from || !row) {
        return;
    }
    const along = (next: (cell: Element) => Element | null) => {
        let cell = next(from);
        while (cell && !figure(cell)) {
            cell = next(cell);
        }
        return figure(cell);
    };
    const across = (next: (row: Element) => Element | null) => {
        let other = next(row);
        while (other && !figure(other.children[from.cellIndex])) {
            other = next(other);
        }
        return figure(other?.children[from.cellIndex]);
    };
    const keys: Record<string, () => HTMLAnchorElement | null | undefined> = {
        ArrowRight: () => along((cell) => cell.nextElementSibling),
        ArrowLeft: () => along((cell) => cell.previousElementSibling),
        ArrowDown: () => across((other) => other.nextElementSibling),
        ArrowUp: () => across((other) => other.previousElementSibling),
        Home: () => row.querySelector("a"),
        End: () => [...row.querySelectorAll("a")].pop(),
    };
    const target = keys[event.key]?.();
    if (target) {
        event.preventDefault();
        figure(from)?.setAttribute("tabindex", "-1");
        target.setAttribute("tabindex", "0");
        target.focus();
    }
}

function SheetFoot({ report }: { report: Report }) {
    const wrong = report.checks.filter((check) => !check.ok);
    return (
        <footer class="sheet-foot">
            {wrong.length > 0 && (
                <p class="wrong" role="alert">
                    {say(
                        `${wrong.length} phép kiểm tra sai: chưa dùng số liệu này, hãy báo quản trị viên.`,
                        `${wrong.length} checks fail: do not use these figures; tell the administrator.`,
                    )}
                </p>
            )}
            {report.checks.length > 0 && (
                <>
                    <h3>{say("Kiểm tra số liệu", "Checks")}</h3>
                    <ul class="checks">
                        {report.checks.map((check) => (
                            <li key={check.id} class={check.ok ? "ok" : "wrong"}>
                                <span class="verdict">{check.ok ? say("đúng", "ok") : say("SAI", "WRONG")}</span>
                                {check.text}
                            </li>
                        ))}
                    </ul>
                </>
            )}
            {report.notes.length > 0 && (
                <>
                    <h3>{say("Ghi chú", "Notes")}</h3>
                    <ul>
                        {report.notes.map((note) => (
                            <li key={note}>{note}</li>
                        ))}
                    </ul>
                </>
            )}
            <p class="small">
                {say(
                    `Số liệu tính đến vị trí ${report.cut.position} (nhật ký ${report.cut.incarnation})`,
                    `Figures up to position ${report.cut.position} (journal ${report.cut.incarnation})`,
                )}
            </p>
        </footer>
    );
}
