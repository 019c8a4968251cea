// SPDX-License-Identifier: Apache-2.0
//
// The page's two languages. A text is written where it is used, as say("Vietnamese", "English"), so that both are read
// together; the choice is kept in the browser.

import { useEffect, useState } from "preact/hooks";

export type Language = "vi" | "en";

const STORED = "hoso.language";
const listeners = new Set<() => void>();
let chosen: Language = localStorage.getItem(STORED) === "en" ? "en" : "vi";
document.documentElement.lang = chosen;

export function language(): Language {
    return chosen;
}

export function say(vietnamese: string, english: string): string {
    return chosen === "vi" ? vietnamese : english;
}

export function setLanguage(next: Language): void {
    chosen = next;
    localStorage.setItem(STORED, next);
    document.documentElement.lang = next;
    listeners.forEach((listener) => listener());
}

/** Draws the caller again when the language changes. */
export function useLanguage(): Language {
    const [, draw] = useState(0);
    useEffect(() => {
        const listener = () => draw((count) => count + 1);
        listeners.add(listener);
        return () => void listeners.delete(listener);
    }, []);
    return chosen;
}
