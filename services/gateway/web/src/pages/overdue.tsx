// SPDX-License-Identifier: Apache-2.0
//
// What a unit has to see to: overdue, due soon, waiting for a supplement. First how many each unit has, then the dossiers.

import { LINES_MAX, fileLink, link, type Dossier, type Page } from "../api";
import { say } from "../language";
import { useList } from "../list";
import { readDate, writeDate, writeNumber } from "../numbers";
import { DayField } from "../parts/day_field";
import { DossierTable } from "../parts/dossier_table";
import { Download, FileNote } from "../parts/download";
import { KnownUnit } from "../parts/known_unit";
import { Answer } from "../parts/notice";
import { ListBody } from "../parts/list_body";
import { UnitPicker } from "../parts/unit_picker";
import { address, change, usePlace } from "../place";
import { today, useWho } from "../session";
import type { Tree } from "../tree";
import { chosenUnit, useUnits } from "../units";

type Which = "overdue" | "soon" | "waiting";

const SOON_DAYS = 3;
/** `hoso` allows as many days ahead as a year has. */
const MORE_DAYS = [0, 1, 2, 3, 5, 7, 10, 15, 30];

interface CountPage extends Page {
    sum?: number;
    units: { unit: string; unitName: string; count: number }[];
}

interface OpenPage extends Page {
    dossiers: Dossier[];
}

export function Overdue() {
    const { session } = useWho();
    const { query } = usePlace();
    const day = readDate(query.get("at") ?? "") ?? today(session);
    const units = useUnits(day);
    const which = (["soon", "waiting"] as Which[]).find((one) => one === query.get("list")) ?? "overdue";
    const given = query.get("within");
    const within = given !== null && /^\d{1,3}$/.test(given) ? Math.min(365, Number(given)) : SOON_DAYS;
    return (
        <>
            <h1>{say("Hồ sơ quá hạn", "Overdue dossiers")}</h1>
            <Answer of={units}>
                {(tree) => {
                    const unit = chosenUnit(tree, query.get("unit"));
                    const asked = {
                        unit,
                        at: day === today(session) ? null : day,
                        within: which === "soon" ? within : null,
                        waiting: which === "waiting" ? true : null,
                    };
                    return (
                        <>
                            <div class="bar no-print">
                                <UnitPicker tree={tree} chosen={unit} choose={(next) => change({ unit: next })} />
                                <Tabs which={which} />
                                {which === "soon" && <Within within={within} />}
                                <DayField
                                    label={say("Tính đến hết ngày", "At the end of")}
                                    day={day}
                                    choose={(next) => change({ at: next === today(session) ? null : next })}
                                />
                            </div>
                            <KnownUnit tree={tree} unit={unit} day={day}>
                                <Lists key={which} tree={tree} day={day} asked={asked} which={which} />
                            </KnownUnit>
                        </>
                    );
                }}
            </Answer>
        </>
    );
}

function Tabs({ which }: { which: Which }) {
    const names: [Which, string][] = [
        ["overdue", say("Quá hạn", "Overdue")],
        ["soon", say("Quá hạn và sắp đến hạn", "Overdue and due soon")],
        ["waiting", say("Chờ bổ sung", "Waiting for a supplement")],
    ];
    return (
        <nav class="tabs" aria-label={say("Danh sách", "Lists")}>
            {names.map(([name, text]) => (
                <a
                    key={name}
                    href={address({ list: name === "overdue" ? null : name, within: null })}
                    aria-current={name === which ? "true" : undefined}
                >
                    {text}
                </a>
            ))}
        </nav>
    );
}

function Within({ within }: { within: number }) {
    const days = MORE_DAYS.includes(within) ? MORE_DAYS : [...MORE_DAYS, within].sort((a, b) => a - b);
    return (
        <div class="field">
            <label for="within">{say("Đến hạn trong", "Due within")}</label>
            <select
                id="within"
                value={String(within)}
                onChange={(event) => change({ within: event.currentTarget.value })}
            >
                {days.map((count) => (
                    <option key={count} value={String(count)}>
                        {count === 0 ? say("ngày đó", "the day") : say(`${count} ngày tới`, `${count} days`)}
                    </option>
                ))}
            </select>
        </div>
    );
}

interface ListsProps {
    tree: Tree;
    day: string;
    asked: Record<string, string | number | boolean | null>;
    which: Which;
}

function Lists({ tree, day, asked, which }: ListsProps) {
    const counts = useList<CountPage>(link("overdue", { ...asked, count: true, limit: LINES_MAX }));
    const list = useList<OpenPage>(link("overdue", { ...asked, limit: 100 }));
    const dossiers = list.pages.flatMap((page) => page.dossiers);
    const units = counts.pages.flatMap((page) => page.units);
    const sizes = new Map(units.map((unit) => [unit.unit, unit.count]));
    const nothing =
        which === "waiting"
            ? say("Không có hồ sơ nào chờ bổ sung.", "No dossier waits for a supplement.")
            : which === "soon"
              ? say("Không có hồ sơ nào quá hạn hoặc sắp đến hạn.", "No dossier is overdue or due soon.")
              : say("Không có hồ sơ nào quá hạn.", "No dossier is overdue.");
    return (
        <>
            <p class="actions no-print">
                <Download name="Excel" href={fileLink("overdue", asked, "xlsx")} />
                <Download name="CSV" href={fileLink("overdue", asked, "csv")} />
                <FileNote lines={units.reduce((sum, unit) => sum + unit.count, 0)} />
                <button type="button" onClick={() => print()}>
                    {say("In", "Print")}
                </button>
            </p>
            <div class={units.length > 1 ? "side-by-side" : ""}>
                {units.length > 1 && <Counts tree={tree} units={units} />}
                <section>
                    <h2>{say(`Danh sách đến hết ngày ${writeDate(day)}`, `List at the end of ${day}`)}</h2>
                    <ListBody list={list} shown={dossiers.length} empty={nothing}>
                        <DossierTable dossiers={dossiers} complete={list.complete} counts={sizes} />
                    </ListBody>
                </section>
            </div>
        </>
    );
}

function Counts({ tree, units }: { tree: Tree; units: CountPage["units"] }) {
    const sum = units.reduce((total, unit) => total + unit.count, 0);
    return (
        <section>
            <h2>{say("Theo đơn vị", "By unit")}</h2>
            <div class="wide-table counts" tabIndex={0} role="region" aria-label={say("Theo đơn vị", "By unit")}>
                <table class="list">
                    <thead>
                        <tr>
                            <th scope="col">{say("Đơn vị", "Unit")}</th>
                            <th scope="col" class="n">
                                {say("Số hồ sơ", "Dossiers")}
                            </th>
                        </tr>
                    </thead>
                    <tbody>
                        <tr class="strong">
                            <th scope="row">{say("Tổng số", "Total")}</th>
                            <td class="n">{writeNumber(sum)}</td>
                        </tr>
                        {units.map((unit) => (
                            <tr key={unit.unit}>
                                <th scope="row">
                                    {tree.byId.has(unit.unit) ? (
                                        <a href={address({ unit: unit.unit })}>{unit.unitName || unit.unit}</a>
                                    ) : (
                                        <>
                                            {unit.unitName} <span class="small">{unit.unit}</span>
                                        </>
                                    )}
                                </th>
                                <td class="n">{writeNumber(unit.count)}</td>
                            </tr>
                        ))}
                    </tbody>
                </table>
            </div>
        </section>
    );
}
