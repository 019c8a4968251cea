// SPDX-License-Identifier: Apache-2.0
//
// Two columns a day: received and resolved. The same figures stand in a table below for those who cannot see a chart.

import { useEffect, useState } from "preact/hooks";
import { say } from "../language";
import { writeDate, writeNumber } from "../numbers";

export interface Day {
    day: string;
    received: number;
    resolved: number;
}

const HEIGHT = 230;
/** A phone shows fewer days, so that each can be seen. */
const NARROW = { query: "(max-width: 40rem)", width: 420, days: 14 };
const WIDE = { width: 1200, days: 31 };
const LEFT = 48;
const BOTTOM = 26;
const TOP = 12;

/** A round number of which at most five steps reach `most`. */
function stepOf(most: number): number {
    const rough = Math.max(1, most / 5);
    const power = 10 ** Math.floor(Math.log10(rough));
    return power * ([1, 2, 5, 10].find((factor) => factor * power >= rough) ?? 10);
}

function isWeekend(day: string): boolean {
    const weekday = new Date(`${day}T00:00:00Z`).getUTCDay();
    return weekday === 0 || weekday === 6;
}

function useNarrow(): boolean {
    const [narrow, setNarrow] = useState(() => matchMedia(NARROW.query).matches);
    useEffect(() => {
        const media = matchMedia(NARROW.query);
        const listener = () => setNarrow(media.matches);
        media.addEventListener("change", listener);
        return () => media.removeEventListener("change", listener);
    }, []);
    return narrow;
}

export function Chart({ days: all }: { days: Day[] }) {
    const shape = useNarrow() ? NARROW : WIDE;
    const days = all.slice(-shape.days);
    const most = Math.max(1, ...days.map((day) => Math.max(day.received, day.resolved)));
    const step = stepOf(most);
    const top = Math.ceil(most / step) * step;
    const y = (value: number) => TOP + (HEIGHT - TOP - BOTTOM) * (1 - value / top);
    const slot = (shape.width - LEFT) / Math.max(1, days.length);
    const column = Math.max(2, slot * 0.36);
    const lines = Array.from({ length: Math.round(top / step) + 1 }, (_, at) => at * step);
    return (
        <figure class="chart">
            <figcaption>
                <span class="key received">{say("Tiếp nhận", "Received")}</span>
                <span class="key resolved">{say("Đã giải quyết", "Resolved")}</span>
            </figcaption>
            <svg
                viewBox={`0 0 ${shape.width} ${HEIGHT}`}
                role="img"
                aria-label={say(
                    "Hồ sơ tiếp nhận và đã giải quyết từng ngày",
                    "Dossiers received and resolved each day",
                )}
            >
                {lines.map((value) => (
                    <g key={value}>
                        <line class="grid" x1={LEFT} x2={shape.width} y1={y(value)} y2={y(value)} />
                        <text class="axis" x={LEFT - 8} y={y(value) + 4} text-anchor="end">
                            {writeNumber(value)}
                        </text>
                    </g>
                ))}
                {days.map((day, at) => {
                    const x = LEFT + slot * at;
                    const tell = `${writeDate(day.day)}: ${say("tiếp nhận", "received")} ${writeNumber(day.received)}, ${say("đã giải quyết", "resolved")} ${writeNumber(day.resolved)}`;
                    return (
                        <g key={day.day} class="day">
                            <rect
                                class={isWeekend(day.day) ? "slot weekend" : "slot"}
                                x={x}
                                y={TOP}
                                width={slot}
                                height={HEIGHT - TOP - BOTTOM}
                            >
                                <title>{tell}</title>
                            </rect>
                            <rect
                                class="received"
                                x={x + slot / 2 - column}
                                y={y(day.received)}
                                width={column}
                                height={y(0) - y(day.received)}
                            />
                            <rect
                                class="resolved"
                                x={x + slot / 2}
                                y={y(day.resolved)}
                                width={column}
                                height={y(0) - y(day.resolved)}
                            />
                            {(days.length - 1 - at) % 5 === 0 && (
                                <text class="axis" x={x + slot / 2} y={HEIGHT - 8} text-anchor="middle">
                                    {writeDate(day.day).slice(0, 5)}
                                </text>
                            )}
                        </g>
                    );
                })}
            </svg>
            <details class="no-print">
                <summary>{say("Xem dạng bảng", "As a table")}</summary>
                <div class="wide-table narrow" tabIndex={0} role="region" aria-label={say("Từng ngày", "Each day")}>
                    <table class="list">
                        <thead>
                            <tr>
                                <th scope="col">{say("Ngày", "Day")}</th>
                                <th scope="col" class="n">
                                    {say("Tiếp nhận", "Received")}
                                </th>
                                <th scope="col" class="n">
                                    {say("Đã giải quyết", "Resolved")}
                                </th>
                            </tr>
                        </thead>
                        <tbody>
                            {[...all].reverse().map((day) => (
                                <tr key={day.day}>
                                    <th scope="row">{writeDate(day.day)}</th>
                                    <td class="n">{writeNumber(day.received)}</td>
                                    <td class="n">{writeNumber(day.resolved)}</td>
                                </tr>
                            ))}
                        </tbody>
                    </table>
                </div>
            </details>
        </figure>
    );
}
