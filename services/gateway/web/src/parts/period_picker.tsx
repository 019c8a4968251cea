// SPDX-License-Identifier: Apache-2.0
//
// Choosing a period: its kind in words, one step back or on, and the days themselves as dd/mm/yyyy.

import { useEffect, useState } from "preact/hooks";
import { say } from "../language";
import { readDate, writeDate } from "../numbers";
import { kindName, kindOf, neighbour, periodAt, periodChoice, wrongPeriod, type Kind, type Period } from "../period";

interface Picking {
    period: Period;
    today: string;
    reportingDay: number;
    choose: (period: Period) => void;
}

export function PeriodPicker(props: Picking) {
    const { period, today, reportingDay, choose } = props;
    const [days, setDays] = useState(false);
    const kind = days ? "days" : kindOf(period, reportingDay);
    const kinds: Kind[] = [
        "month",
        "quarter",
        "half",
        "year",
        ...(reportingDay > 1 ? (["office"] as Kind[]) : []),
        "days",
    ];
    const chooseKind = (next: Kind) => {
        setDays(next === "days");
        if (next !== "days") {
            choose(periodAt(next, period.to < today ? period.to : today, 0, reportingDay));
        }
    };
    return (
        <div class="field">
            <label for="period-kind">{say("Kỳ báo cáo", "Period")}</label>
            <div class="joined">
                <select
                    id="period-kind"
                    value={kind}
                    onChange={(event) => chooseKind(event.currentTarget.value as Kind)}
                >
                    {kinds.map((name) => (
                        <option key={name} value={name}>
                            {kindName(name)}
                        </option>
                    ))}
                </select>
                {kind === "days" ? (
                    <Days period={period} choose={choose} />
                ) : (
                    <Steps {...props} kind={kind} choose={choose} />
                )}
            </div>
        </div>
    );
}

function Steps({ period, today, reportingDay, choose, kind }: Picking & { kind: Exclude<Kind, "days"> }) {
    const options: Period[] = Array.from({ length: 36 }, (_, count) => periodAt(kind, today, -count, reportingDay));
    if (!options.some((option) => option.from === period.from)) {
        options.push(period);
    }
    return (
        <>
            <button
                type="button"
                class="step"
                aria-label={say("Kỳ trước", "The period before")}
                onClick={() => choose(neighbour(period, -1, reportingDay))}
            >
                ‹
            </button>
            <select
                aria-label={say("Kỳ", "Which one")}
                value={period.from}
                onChange={(event) => {
                    const chosen = options.find((option) => option.from === event.currentTarget.value);
                    if (chosen) {
                        choose(chosen);
                    }
                }}
            >
                {options.map((option) => (
                    <option key={option.from} value={option.from}>
                        {periodChoice(option, kind, today, reportingDay)}
                    </option>
                ))}
            </select>
            <button
                type="button"
                class="step"
                aria-label={say("Kỳ sau", "The period after")}
                onClick={() => choose(neighbour(period, 1, reportingDay))}
            >
                ›
            </button>
        </>
    );
}

function Days({ period, choose }: { period: Period; choose: (period: Period) => void }) {
    const [from, setFrom] = useState(writeDate(period.from));
    const [to, setTo] = useState(writeDate(period.to));
    const [wrong, setWrong] = useState<string | null>(null);
    useEffect(() => {
        setFrom(writeDate(period.from));
        setTo(writeDate(period.to));
    }, [period.from, period.to]);
    const take = () => {
        const first = readDate(from);
        const last = readDate(to);
        const fault = wrongPeriod(first, last);
        setWrong(fault);
        if (fault === null && first !== null && last !== null && (first !== period.from || last !== period.to)) {
            choose({ from: first, to: last });
        }
    };
    const onKey = (event: KeyboardEvent) => event.key === "Enter" && take();
    const shared = {
        class: "date",
        inputMode: "numeric" as const,
        placeholder: say("ngày/tháng/năm", "dd/mm/yyyy"),
        "aria-invalid": wrong !== null,
        "aria-describedby": wrong !== null ? "period-wrong" : undefined,
        onKeyDown: onKey,
    };
    const onLeave = (event: FocusEvent) => {
        if (!(event.currentTarget as Element).contains(event.relatedTarget as Node | null)) {
            take();
        }
    };
    return (
        <span class="joined" onFocusOut={onLeave}>
            <input
                {...shared}
                aria-label={say("Từ ngày", "From")}
                value={from}
                onInput={(event) => setFrom(event.currentTarget.value)}
            />
            <span aria-hidden="true" class="dash">
                –
            </span>
            <input
                {...shared}
                aria-label={say("Đến ngày", "To")}
                value={to}
                onInput={(event) => setTo(event.currentTarget.value)}
            />
            {wrong !== null && (
                <p id="period-wrong" class="wrong" role="alert">
                    {wrong}
                </p>
            )}
        </span>
    );
}
