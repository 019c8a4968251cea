// SPDX-License-Identifier: Apache-2.0
//
// Who is signed in, and what the whole page shares with it: the units that person may see.

import { createContext } from "preact";
import { useContext } from "preact/hooks";
import type { Session } from "./api";

export interface Who {
    session: Session;
    signOut: () => void;
}

export const WhoContext = createContext<Who | null>(null);

export function useWho(): Who {
    const who = useContext(WhoContext);
    if (who === null) {
        throw new Error("nobody is signed in");
    }
    return who;
}

export function reportingDay(session: Session): number {
    return session.reportingDay;
}

/** The server's day; a counter's own clock may be wrong by years. */
export function today(session: Session): string {
    return session.today;
}

export function isAdmin(session: Session): boolean {
    return session.role === "admin";
}
