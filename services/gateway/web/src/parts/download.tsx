// SPDX-License-Identifier: Apache-2.0
//
// A file of the gateway's. It is fetched first, so that a failure is told in words where the button is, and is not a broken
// file in a folder.

import { useState } from "preact/hooks";
import { FILE_LINES_MAX, Problem, askFile } from "../api";
import { say } from "../language";
import { writeNumber } from "../numbers";

/** Long enough for the browser to have taken the file. */
const KEPT_MS = 60_000;

function save(file: Blob, name: string): void {
    const link = document.createElement("a");
    link.href = URL.createObjectURL(file);
    link.download = name;
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), KEPT_MS);
}

/** Said beside the files of a list that has more lines than a file. */
export function FileNote({ lines }: { lines: number }) {
    return lines > FILE_LINES_MAX ? (
        <span class="hint">
            {say(
                `Tệp có ${writeNumber(FILE_LINES_MAX)} dòng đầu trong ${writeNumber(lines)}; chọn đơn vị nhỏ hơn để có đủ.`,
                `A file has the first ${writeNumber(FILE_LINES_MAX)} of ${writeNumber(lines)} lines; choose a smaller unit for all.`,
            )}
        </span>
    ) : null;
}

export function Download({ href, name }: { href: string; name: string }) {
    const [busy, setBusy] = useState(false);
    const [problem, setProblem] = useState<Problem | null>(null);
    const fetchAndSave = (event: MouseEvent) => {
        event.preventDefault();
        if (busy) {
            return;
        }
        setBusy(true);
        setProblem(null);
        askFile(href)
            .then(
                (file) => save(file.content, file.name),
                (failure: Problem) => setProblem(failure),
            )
            .finally(() => setBusy(false));
    };
    return (
        <>
            <a class="button" href={href} download aria-busy={busy} onClick={fetchAndSave}>
                {busy ? say("Đang tải…", "Downloading…") : say(`Tải ${name}`, `Download ${name}`)}
            </a>
            {problem !== null && (
                <span class="wrong" role="alert">
                    {problem.message} {problem.detail}
                </span>
            )}
        </>
    );
}
