// SPDX-License-Identifier: Apache-2.0
//
// Where the reader is: path and query of the address, which hold all of the page's state. So a link shows another person
// the same, and the back button goes back.

import { useEffect, useState } from "preact/hooks";

export interface Place {
    path: string;
    query: URLSearchParams;
}

type Changes = Record<string, string | null | undefined>;

const listeners = new Set<() => void>();

export function here(): Place {
    return { path: location.pathname, query: new URLSearchParams(location.search) };
}

export function usePlace(): Place {
    const [place, setPlace] = useState(here);
    useEffect(() => {
        const listener = () => setPlace(here());
        listeners.add(listener);
        return () => void listeners.delete(listener);
    }, []);
    return place;
}

function notify(): void {
    listeners.forEach((listener) => listener());
}

export function go(address: string, replace = false): void {
    if (replace) {
        history.replaceState(null, "", address);
    } else if (address !== location.pathname + location.search) {
        history.pushState(null, "", address);
    }
    notify();
}

/** This place with some of its query changed; null and "" take a part away. */
export function address(changes: Changes, path = location.pathname, from = location.search): string {
    const query = new URLSearchParams(from);
    for (const [name, value] of Object.entries(changes)) {
        if (value === null || value === undefined || value === "") {
            query.delete(name);
        } else {
            query.set(name, value);
        }
    }
    const text = query.toString();
    return text === "" ? path : `${path}?${text}`;
}

export function change(changes: Changes, replace = false): void {
    go(address(changes), replace);
}

/** Follows the page's own links without loading it again. */
export function followLinks(): void {
    addEventListener("popstate", notify);
    document.addEventListener("click", (event) => {
        const link = (event.target as Element | null)?.closest?.("a");
        const plain = event.button === 0 && !event.metaKey && !event.ctrlKey && !event.shiftKey && !event.altKey;
        if (!link || !plain || link.hasAttribute("download") || link.target !== "" || event.defaultPrevented) {
            return;
        }
        const target = new URL(link.href);
        if (target.origin !== location.origin || target.pathname.startsWith("/v1/")) {
            return;
        }
        event.preventDefault();
        if (target.hash !== "") {
            document.getElementById(target.hash.slice(1))?.focus();
            return;
        }
        const moved = target.pathname !== location.pathname;
        go(target.pathname + target.search);
        if (moved) {
            scrollTo(0, 0);
        }
    });
}
