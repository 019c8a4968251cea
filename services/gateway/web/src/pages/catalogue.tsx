// SPDX-License-Identifier: Apache-2.0
//
// The catalogue of units, fields and procedures; for administrators its import: first a dry run that lists what would
// change, then the import of the same files.

import { useState } from "preact/hooks";
import { Problem, link, send, useAsk } from "../api";
import { say } from "../language";
import { writeDate, writeNumber } from "../numbers";
import { Answer, Failed } from "../parts/notice";
import { change, usePlace } from "../place";
import { isAdmin, today, useWho } from "../session";
import { plain, searchWords } from "../tree";
import { word } from "../words";

interface Catalogue {
    units: { name: string; id: string; tier: string; parent: string; validFrom: string; validTo: string }[];
    fields: { name: string; id: string; nameEn: string }[];
    procedures: { id: string; field: string; serviceLevel: string; validFrom: string; validTo: string; name: string }[];
}

interface Change {
    table: string;
    change: string;
    id: string;
    before: string;
    after: string;
}

interface Outcome {
    changes?: Change[];
    warnings: string[];
}

type Files = Record<TableName, string>;
type TableName = "units" | "fields" | "procedures";

const TABLES: TableName[] = ["units", "fields", "procedures"];
const SHOWN_MAX = 300;

function tableName(table: string): string {
    const names: Record<string, [string, string]> = {
        units: ["Đơn vị", "Units"],
        fields: ["Lĩnh vực", "Fields"],
        procedures: ["Thủ tục hành chính", "Procedures"],
    };
    const texts = names[table];
    return texts === undefined ? table : say(texts[0], texts[1]);
}

export function CataloguePage() {
    const { session } = useWho();
    const { query } = usePlace();
    const table = TABLES.find((name) => name === query.get("table")) ?? "units";
    const catalogue = useAsk<Catalogue>(link("catalogue", { at: today(session) }));
    const [text, setText] = useState("");
    return (
        <>
            <h1>{say("Danh mục", "Catalogue")}</h1>
            <Answer of={catalogue}>
                {(data) => (
                    <>
                        <div class="bar no-print">
                            <div class="tabs" role="group" aria-label={say("Danh mục", "Catalogue")}>
                                {TABLES.map((name) => (
                                    <button
                                        key={name}
                                        type="button"
                                        aria-pressed={name === table}
                                        onClick={() => change({ table: name })}
                                    >
                                        {tableName(name)} ({writeNumber(data[name].length)})
                                    </button>
                                ))}
                            </div>
                            <div class="field grow">
                                <label for="search">{say("Tìm theo tên hoặc mã", "Find by name or code")}</label>
                                <input
                                    id="search"
                                    type="search"
                                    value={text}
                                    onInput={(event) => setText(event.currentTarget.value)}
                                />
                            </div>
                        </div>
                        <Lines catalogue={data} table={table} text={text} />
                        {isAdmin(session) && <Import done={catalogue.again} />}
                    </>
                )}
            </Answer>
        </>
    );
}

function Lines({ catalogue, table, text }: { catalogue: Catalogue; table: TableName; text: string }) {
    const words = searchWords(text);
    const fits = (...parts: string[]) => {
        const line = plain(parts.join(" "));
        return words.every((one) => line.includes(one));
    };
    const names = new Map(catalogue.units.map((unit) => [unit.id, unit.name]));
    const fields = new Map(catalogue.fields.map((field) => [field.id, field.name]));
    const heads: Record<TableName, string[]> = {
        units: [
            say("Mã", "Code"),
            say("Tên", "Name"),
            say("Cấp", "Tier"),
            say("Trực thuộc", "Parent"),
            say("Từ ngày", "From"),
            say("Đến ngày", "To"),
        ],
        fields: [say("Mã", "Code"), say("Tên", "Name"), say("Tên tiếng Anh", "English name")],
        procedures: [
            say("Mã", "Code"),
            say("Tên", "Name"),
            say("Lĩnh vực", "Field"),
            say("Mức độ", "Level"),
            say("Từ ngày", "From"),
            say("Đến ngày", "To"),
        ],
    };
    const rows: Record<TableName, () => string[][]> = {
        units: () =>
            catalogue.units
                .filter((unit) => fits(unit.id, unit.name))
                .map((unit) => [
                    unit.id,
                    unit.name,
                    word("tier", unit.tier),
                    names.get(unit.parent) ?? unit.parent,
                    writeDate(unit.validFrom),
                    writeDate(unit.validTo),
                ]),
        fields: () =>
            catalogue.fields
                .filter((field) => fits(field.id, field.name))
                .map((field) => [field.id, field.name, field.nameEn]),
        procedures: () =>
            catalogue.procedures
                .filter((one) => fits(one.id, one.name))
                .map((one) => [
                    one.id,
                    one.name,
                    fields.get(one.field) ?? one.field,
                    word("level", one.serviceLevel),
                    writeDate(one.validFrom),
                    writeDate(one.validTo),
                ]),
    };
    const found = rows[table]();
    return (
        <>
            <div class="wide-table" tabIndex={0} role="region" aria-label={tableName(table)}>
                <table class="list">
                    <thead>
                        <tr>
                            {heads[table].map((head) => (
                                <th key={head} scope="col">
                                    {head}
                                </th>
                            ))}
                        </tr>
                    </thead>
                    <tbody>
                        {found.slice(0, SHOWN_MAX).map((cells) => (
                            <tr key={cells.join("\t")}>
                                {cells.map((cell, at) =>
                                    at === 0 ? (
                                        <th key={at} scope="row" class="code">
                                            {cell}
                                        </th>
                                    ) : (
                                        <td key={at}>{cell}</td>
                                    ),
                                )}
                            </tr>
                        ))}
                    </tbody>
                </table>
            </div>
            <p class="more" role="status">
                {found.length > SHOWN_MAX
                    ? say(
                          `${SHOWN_MAX} trong ${writeNumber(found.length)} dòng; gõ thêm để thu hẹp.`,
                          `${SHOWN_MAX} of ${writeNumber(found.length)} lines; type on to narrow it down.`,
                      )
                    : say(`${writeNumber(found.length)} dòng.`, `${writeNumber(found.length)} lines.`)}
            </p>
        </>
    );
}

async function readFiles(list: FileList): Promise<Files | string> {
    const files: Partial<Files> = {};
    for (const file of list) {
        const table = TABLES.find((name) => file.name.toLowerCase() === `${name}.csv`);
        if (table !== undefined) {
            files[table] = await file.text();
        }
    }
    const missing = TABLES.filter((name) => files[name] === undefined).map((name) => `${name}.csv`);
    return missing.length === 0
        ? (files as Files)
        : say(
              `Thiếu tệp ${missing.join(", ")}; chọn cả ba tệp cùng lúc.`,
              `${missing.join(", ")} is missing; choose all three files at once.`,
          );
}

function Import({ done }: { done: () => void }) {
    const [files, setFiles] = useState<Files | null>(null);
    const [outcome, setOutcome] = useState<Outcome | null>(null);
    const [wrong, setWrong] = useState<string | null>(null);
    const [problem, setProblem] = useState<Problem | null>(null);
    const [busy, setBusy] = useState(false);
    const [imported, setImported] = useState(false);
    const put = (given: Files, dryRun: boolean) => {
        setBusy(true);
        setProblem(null);
        return send<Outcome>("PUT", link("catalogue", { dryRun: dryRun ? true : null }), given)
            .then(
                (answer) => {
                    setOutcome(dryRun ? answer : null);
                    setImported(!dryRun);
                    if (!dryRun) {
                        done();
                    }
                },
                (failure: Problem) => setProblem(failure),
            )
            .finally(() => setBusy(false));
    };
    const choose = (list: FileList | null) => {
        setOutcome(null);
        setFiles(null);
        setImported(false);
        setProblem(null);
        if (list !== null && list.length > 0) {
            void readFiles(list).then((read) => {
                setWrong(typeof read === "string" ? read : null);
                if (typeof read !== "string") {
                    setFiles(read);
                    void put(read, true);
                }
            });
        }
    };
    return (
        <section class="no-print">
            <h2>{say("Nhập danh mục", "Import a catalogue")}</h2>
            <p>
                {say(
                    "Chọn ba tệp units.csv, fields.csv, procedures.csv. Hệ thống kiểm tra và liệt kê các thay đổi trước; chưa có gì thay đổi cho đến khi xác nhận.",
                    "Choose units.csv, fields.csv and procedures.csv. They are checked and the changes are listed first; nothing changes until you confirm.",
                )}
            </p>
            <div class="field">
                <label for="files">{say("Các tệp CSV", "CSV files")}</label>
                <input
                    id="files"
                    type="file"
                    multiple
                    accept=".csv"
                    onChange={(event) => choose(event.currentTarget.files)}
                />
            </div>
            {wrong !== null && (
                <p class="notice failed" role="alert">
                    {wrong}
                </p>
            )}
            {busy && <p role="status">{say("Đang kiểm tra…", "Checking…")}</p>}
            {problem !== null && <ImportFailed problem={problem} />}
            {imported && (
                <p class="notice" role="status">
                    {say("Danh mục mới đã có hiệu lực.", "The new catalogue is in force.")}
                </p>
            )}
            {outcome !== null && files !== null && (
                <DryRun outcome={outcome} busy={busy} confirm={() => void put(files, false)} />
            )}
        </section>
    );
}

function ImportFailed({ problem }: { problem: Problem }) {
    return (
        <>
            <Failed problem={problem} />
            {problem.faults.length > 0 && (
                <ul class="faults">
                    {problem.faults.map((fault) => (
                        <li key={fault}>{fault}</li>
                    ))}
                </ul>
            )}
        </>
    );
}

function DryRun({ outcome, busy, confirm }: { outcome: Outcome; busy: boolean; confirm: () => void }) {
    const changes = outcome.changes ?? [];
    return (
        <>
            {outcome.warnings.length > 0 && (
                <>
                    <h3>{say("Cảnh báo", "Warnings")}</h3>
                    <ul>
                        {outcome.warnings.map((warning) => (
                            <li key={warning}>{warning}</li>
                        ))}
                    </ul>
                </>
            )}
            {changes.length === 0 ? (
                <p class="notice">
                    {say(
                        "Các tệp giống danh mục hiện hành; không có gì thay đổi.",
                        "The files are the catalogue in force; nothing changes.",
                    )}
                </p>
            ) : (
                <>
                    <h3>
                        {say(
                            `Sẽ thay đổi ${writeNumber(changes.length)} mục`,
                            `${writeNumber(changes.length)} changes`,
                        )}
                    </h3>
                    <div class="wide-table" tabIndex={0} role="region" aria-label={say("Các thay đổi", "Changes")}>
                        <table class="list">
                            <thead>
                                <tr>
                                    <th scope="col">{say("Danh mục", "Table")}</th>
                                    <th scope="col">{say("Thay đổi", "Change")}</th>
                                    <th scope="col">{say("Mã", "Code")}</th>
                                    <th scope="col">{say("Trước", "Before")}</th>
                                    <th scope="col">{say("Sau", "After")}</th>
                                </tr>
                            </thead>
                            <tbody>
                                {changes.slice(0, SHOWN_MAX).map((one, at) => (
                                    <tr key={at}>
                                        <td>{tableName(one.table)}</td>
                                        <td>{one.change}</td>
                                        <th scope="row" class="code">
                                            {one.id}
                                        </th>
                                        <td>{one.before}</td>
                                        <td>{one.after}</td>
                                    </tr>
                                ))}
                            </tbody>
                        </table>
                    </div>
                    <p class="actions">
                        <button type="button" class="primary" disabled={busy} onClick={confirm}>
                            {say("Xác nhận nhập danh mục", "Import it")}
                        </button>
                    </p>
                </>
            )}
        </>
    );
}
