// SPDX-License-Identifier: Apache-2.0
//
// One day, written as dd/mm/yyyy.

import { useEffect, useState } from "preact/hooks";
import { say } from "../language";
import { readDate, writeDate } from "../numbers";

export function DayField({ label, day, choose }: { label: string; day: string; choose: (day: string) => void }) {
    const [text, setText] = useState(writeDate(day));
    const [wrong, setWrong] = useState(false);
    useEffect(() => setText(writeDate(day)), [day]);
    const take = () => {
        const read = readDate(text);
        setWrong(read === null);
        if (read !== null && read !== day) {
            choose(read);
        }
    };
    return (
        <div class="field">
            <label for="day">{label}</label>
            <input
                id="day"
                class="date"
                inputMode="numeric"
                placeholder={say("ngày/tháng/năm", "dd/mm/yyyy")}
                aria-invalid={wrong}
                aria-describedby={wrong ? "day-wrong" : undefined}
                value={text}
                onInput={(event) => setText(event.currentTarget.value)}
                onKeyDown={(event) => event.key === "Enter" && take()}
                onBlur={take}
            />
            {wrong && (
                <p id="day-wrong" class="wrong" role="alert">
                    {say("Viết ngày như 15/02/2024.", "Write the day like 15/02/2024.")}
                </p>
            )}
        </div>
    );
}
