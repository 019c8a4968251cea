// SPDX-License-Identifier: Apache-2.0
//
// Today: live totals of a unit and of the units below it, and the last 30 days. The figures move as events come.

import { useMemo } from "preact/hooks";
import { say } from "../language";
import { flow, stock, useLive, type Live, type UnitTotals } from "../live";
import { writeDate, writeNumber, writeTime } from "../numbers";
import { Chart } from "../parts/chart";
import { KnownUnit } from "../parts/known_unit";
import { Answer } from "../parts/notice";
import { UnitPicker } from "../parts/unit_picker";
import { address, change, usePlace } from "../place";
import { RESOLVED, useSeries } from "../series";
import { today, useWho } from "../session";
import type { Tree } from "../tree";
import { chosenUnit, useUnits } from "../units";

const LATE = ["resolved_late_apology", "resolved_late_no_apology"];
const WAITING = ["waiting_supplement", "waiting_payment", "stopped"];

export function Today() {
    const { session } = useWho();
    const { query } = usePlace();
    const units = useUnits(today(session));
    return (
        <>
            <Answer of={units}>
                {(tree) => {
                    const unit = chosenUnit(tree, query.get("unit"));
                    return <Unit key={unit} tree={tree} unit={unit} />;
                }}
            </Answer>
        </>
    );
}

function Unit({ tree, unit }: { tree: Tree; unit: string }) {
    const known = tree.byId.has(unit);
    const live = useLive(known ? unit : null);
    const { session } = useWho();
    const totals = live.units.get(unit);
    const day = live.day || today(session);
    const series = useSeries(known ? unit : null, day);
    const days = useMemo(
        () =>
            totals === undefined || totals.day !== day
                ? series.days
                : series.days.map((one) =>
                      one.day === day
                          ? { day, received: flow(totals, "received").today, resolved: flow(totals, ...RESOLVED).today }
                          : one,
                  ),
        [series.days, totals, day],
    );
    return (
        <>
            <div class="title-line">
                <h1>{say(`Hôm nay, ${writeDate(day)}`, `Today, ${writeDate(day)}`)}</h1>
                <State live={live} />
            </div>
            <div class="bar no-print">
                <UnitPicker tree={tree} chosen={unit} choose={(next) => change({ unit: next })} />
            </div>
            <KnownUnit tree={tree} unit={unit} day={day}>
                <Tiles totals={totals} unit={unit} />
                <h2>{say("Những ngày gần đây", "The last days")}</h2>
                {series.problem !== null ? (
                    <p class="notice failed" role="alert">
                        {series.problem.message}
                    </p>
                ) : (
                    <Chart days={days} />
                )}
                <Below tree={tree} unit={unit} live={live} />
            </KnownUnit>
        </>
    );
}

function State({ live }: { live: Live }) {
    const texts: Record<Live["state"], string> = {
        connecting: say("Đang kết nối…", "Connecting…"),
        synchronising: say("Đang lấy số liệu…", "Fetching the figures…"),
        live: say("Số liệu thời gian thực", "Live"),
        stale: say("Số liệu có thể chưa mới; đang chờ máy chủ", "The figures may be old; waiting for the server"),
        cut: say("Mất kết nối; đang kết nối lại", "The connection is lost; connecting again"),
    };
    return (
        <p class={`live ${live.state}`} role="status">
            {texts[live.state]}
            {live.heard !== null && (
                <span class="small" aria-hidden="true">
                    {" "}
                    {say("cập nhật", "updated")} {writeTime(live.heard)}
                </span>
            )}
        </p>
    );
}

interface TileProps {
    name: string;
    value: number;
    known: boolean;
    parts: [name: string, count: number, href?: string][];
    class?: string;
    href?: string;
}

function Tile({ name, value, known, parts, href, ...given }: TileProps) {
    const figure = known ? writeNumber(value) : "…";
    return (
        <section class={`tile ${given.class ?? ""}`}>
            <h2>{name}</h2>
            <p class="figure">{href !== undefined && known ? <a href={href}>{figure}</a> : figure}</p>
            <dl>
                {parts.map(([part, count, to]) => (
                    <div key={part}>
                        <dt>{part}</dt>
                        <dd>
                            {!known ? (
                                "…"
                            ) : to === undefined ? (
                                writeNumber(count)
                            ) : (
                                <a href={to}>{writeNumber(count)}</a>
                            )}
                        </dd>
                    </div>
                ))}
            </dl>
        </section>
    );
}

function Tiles({ totals, unit }: { totals: UnitTotals | undefined; unit: string }) {
    const known = totals !== undefined;
    const received = flow(totals, "received");
    const resolved = flow(totals, ...RESOLVED);
    const late = flow(totals, ...LATE);
    const inTime = stock(totals, "processing_in_time");
    const overdue = stock(totals, "processing_overdue");
    return (
        <div class="tiles">
            <Tile
                name={say("Tiếp nhận", "Received")}
                value={received.today}
                known={known}
                parts={[
                    [say("trong tháng", "this month"), received.month],
                    [say("trong năm", "this year"), received.year],
                ]}
            />
            <Tile
                name={say("Đã giải quyết", "Resolved")}
                value={resolved.today}
                known={known}
                parts={[
                    [say("trong tháng", "this month"), resolved.month],
                    [say("quá hạn trong tháng", "late this month"), late.month],
                ]}
            />
            <Tile
                name={say("Đang giải quyết", "In process")}
                value={inTime + overdue}
                known={known}
                parts={[[say("trong hạn", "in time"), inTime]]}
            />
            <Tile
                name={say("Quá hạn", "Overdue")}
                value={overdue}
                known={known}
                class={overdue > 0 ? "late" : ""}
                href={address({ unit }, "/qua-han", "")}
                parts={[[say("trên tổng đang giải quyết", "of all in process"), inTime + overdue]]}
            />
            <Tile
                name={say("Đang chờ", "Waiting")}
                value={stock(totals, ...WAITING)}
                known={known}
                parts={[
                    [
                        say("bổ sung", "supplement"),
                        stock(totals, "waiting_supplement"),
                        address({ unit, list: "waiting" }, "/qua-han", ""),
                    ],
                    [say("nghĩa vụ tài chính", "payment"), stock(totals, "waiting_payment")],
                    [say("dừng xử lý", "stopped"), stock(totals, "stopped")],
                ]}
            />
        </div>
    );
}

function Below({ tree, unit, live }: { tree: Tree; unit: string; live: Live }) {
    const children = tree.byId.get(unit)?.children ?? [];
    if (children.length === 0) {
        return null;
    }
    return (
        <>
            <h2>{say("Các đơn vị trực thuộc", "The units below")}</h2>
            <div
                class="wide-table"
                tabIndex={0}
                role="region"
                aria-label={say("Các đơn vị trực thuộc", "The units below")}
            >
                <table class="list totals">
                    <thead>
                        <tr>
                            <th scope="col" rowSpan={2}>
                                {say("Đơn vị", "Unit")}
                            </th>
                            <th scope="colgroup" colSpan={3}>
                                {say("Tiếp nhận", "Received")}
                            </th>
                            <th scope="colgroup" colSpan={2}>
                                {say("Đã giải quyết", "Resolved")}
                            </th>
                            <th scope="colgroup" colSpan={2}>
                                {say("Đang giải quyết", "In process")}
                            </th>
                            <th scope="col" rowSpan={2}>
                                {say("Đang chờ", "Waiting")}
                            </th>
                        </tr>
                        <tr>
                            <th scope="col">{say("Hôm nay", "Today")}</th>
                            <th scope="col">{say("Tháng", "Month")}</th>
                            <th scope="col">{say("Năm", "Year")}</th>
                            <th scope="col">{say("Hôm nay", "Today")}</th>
                            <th scope="col">{say("Tháng", "Month")}</th>
                            <th scope="col">{say("Trong hạn", "In time")}</th>
                            <th scope="col">{say("Quá hạn", "Overdue")}</th>
                        </tr>
                    </thead>
                    <tbody>
                        {children.map(({ unit: child }) => (
                            <Line
                                key={child.unit}
                                id={child.unit}
                                name={child.name}
                                totals={live.units.get(child.unit)}
                                changed={live.changed.has(child.unit)}
                            />
                        ))}
                    </tbody>
                </table>
            </div>
        </>
    );
}

function Line(props: { id: string; name: string; totals: UnitTotals | undefined; changed: boolean }) {
    const { id, name, totals } = props;
    const received = flow(totals, "received");
    const resolved = flow(totals, ...RESOLVED);
    const overdue = stock(totals, "processing_overdue");
    const figures = [
        received.today,
        received.month,
        received.year,
        resolved.today,
        resolved.month,
        stock(totals, "processing_in_time"),
    ];
    return (
        <tr class={props.changed ? "changed" : ""}>
            <th scope="row">
                <a href={address({ unit: id })}>{name}</a>
            </th>
            {figures.map((figure, at) => (
                <td key={at} class="n">
                    {totals ? writeNumber(figure) : "…"}
                </td>
            ))}
            <td class={overdue > 0 ? "n late" : "n"}>{totals ? writeNumber(overdue) : "…"}</td>
            <td class="n">{totals ? writeNumber(stock(totals, ...WAITING)) : "…"}</td>
        </tr>
    );
}
