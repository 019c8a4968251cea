// SPDX-License-Identifier: Apache-2.0
//
// What the page asks of the gateway (docs/openapi.yaml), and what may go wrong with it in words.

import { useCallback, useEffect, useRef, useState } from "preact/hooks";
import { language, say } from "./language";

export interface Cut {
    incarnation: string;
    position: number;
}

export interface Column {
    id: string;
    label: string;
    number?: string;
    captions?: string[];
}

export interface Ratio {
    n: number;
    d: number;
    text: string;
}

export type Cell = number | Ratio;

export interface Row {
    unit: string;
    label: string;
    field?: string;
    procedure?: string;
    id?: string;
    level: number;
    kind?: "UNIT" | "OWN" | "GROUP" | "DETAIL" | "LINE" | "HEADING";
    text?: string;
    stub?: string[];
    cells: Record<string, Cell>;
}

export interface Check {
    id: string;
    ok: boolean;
    text: string;
}

/** What a period was closed with: the figures of a unit and its subtree for days up to `to`. */
export interface Close {
    number: number;
    unit: string;
    to: string;
    label: string;
    by: string;
    closedAt: string;
}

export interface Report {
    form: string;
    title: string;
    unit: string;
    unitName?: string;
    period: { from: string; to: string };
    closed?: Close;
    cut: Cut;
    legalBasis?: string;
    paper?: string;
    countedIn?: string;
    stub?: Column[];
    columns: Column[];
    rows: Row[];
    checks: Check[];
    notes: string[];
}

export interface Unit {
    unit: string;
    name: string;
    tier: string;
    parent: string;
    validFrom: string;
    validTo: string;
}

export interface Form {
    form: string;
    title: string;
}

export interface Session {
    name: string;
    role: "source" | "agency" | "admin";
    units: string[];
    reportingDay: number;
    today: string;
}

/** The gateway gives at most so many lines at once, */
export const LINES_MAX = 1000;
/** and so many in a file. */
export const FILE_LINES_MAX = 20_000;

/** A page of a list. */
export interface Page {
    cut: Cut;
    complete: boolean;
    next?: string;
}

/** A line of any list of dossiers; where it stands is said as of the list's day. */
export interface Dossier {
    unit: string;
    unitName: string;
    dossier: string;
    procedure: string;
    procedureName: string;
    field: string;
    fieldName: string;
    received: string;
    due: string;
    daysLeft: number | "";
    state: string;
    channel: string;
    serviceLevel: string;
    /** Of a cell's list. */
    ended?: string;
    amount?: number;
}

/** RFC 9457, or what stands in for it when there was no answer at all (status 0). */
export class Problem extends Error {
    constructor(
        readonly status: number,
        title: string,
        readonly detail: string,
        readonly retryAfter: number | null = null,
        readonly faults: string[] = [],
    ) {
        super(title);
    }
}

type Query = Record<string, string | number | boolean | null | undefined>;

export function link(path: string, query: Query = {}): string {
    const given = new URLSearchParams();
    for (const [name, value] of Object.entries(query)) {
        if (value !== null && value !== undefined && value !== "") {
            given.set(name, String(value));
        }
    }
    const text = given.toString();
    return `/v1/${path}${text === "" ? "" : `?${text}`}`;
}

/** A link for a download: a plain link sends no language of ours, so the query has it. */
export function fileLink(path: string, query: Query, format: string): string {
    return link(path, { ...query, format, lang: language() });
}

function silent(): Problem {
    return new Problem(
        0,
        say("Không kết nối được với máy chủ.", "The server cannot be reached."),
        say("Kiểm tra mạng rồi thử lại.", "Check the network, then try again."),
    );
}

async function problemOf(response: Response): Promise<Problem> {
    const wait = Number(response.headers.get("Retry-After"));
    let title = say(`Máy chủ trả lời lỗi ${response.status}.`, `The server answered ${response.status}.`);
    let detail = "";
    let faults: string[] = [];
    try {
        const body = (await response.json()) as { title?: string; detail?: string; faults?: string[] };
        title = body.title ?? title;
        detail = body.detail ?? "";
        faults = body.faults ?? [];
    } catch {
        // no problem document: the status must do
    }
    return new Problem(response.status, title, detail, Number.isFinite(wait) && wait > 0 ? wait : null, faults);
}

let onSignedOut: () => void = () => undefined;

/** Called when an answer says that nobody is signed in any more. */
export function whenSignedOut(call: () => void): void {
    onSignedOut = call;
}

async function answerOf(address: string, options: RequestInit): Promise<Response> {
    let response: Response;
    try {
        response = await fetch(address, {
            ...options,
            credentials: "same-origin",
            headers: { "Accept-Language": language(), ...options.headers },
        });
    } catch (error) {
        throw options.signal?.aborted ? error : silent();
    }
    if (!response.ok) {
        if (response.status === 401 && address !== "/v1/session") {
            onSignedOut();
        }
        throw await problemOf(response);
    }
    return response;
}

/** The answer, and when the server gave it; a counter's own clock may be wrong by years. */
async function askTimed<T>(address: string, options: RequestInit): Promise<{ data: T; at: Date }> {
    const headers = { Accept: "application/json", ...options.headers };
    const response = await answerOf(address, { ...options, headers });
    const at = new Date(response.headers.get("Date") ?? Number.NaN);
    return { data: response.status === 204 ? (undefined as T) : ((await response.json()) as T), at };
}

export async function ask<T>(address: string, options: RequestInit = {}): Promise<T> {
    return (await askTimed<T>(address, options)).data;
}

/** A file with the name that the gateway gives it. */
export async function askFile(address: string): Promise<{ content: Blob; name: string }> {
    const response = await answerOf(address, {});
    const named = /filename="([^"]+)"/.exec(response.headers.get("Content-Disposition") ?? "");
    try {
        return { content: await response.blob(), name: named?.[1] ?? "hoso" };
    } catch {
        throw silent();
    }
}

export function send<T>(method: "POST" | "PUT" | "DELETE", address: string, body?: unknown): Promise<T> {
    const given: RequestInit =
        body === undefined ? {} : { body: JSON.stringify(body), headers: { "Content-Type": "application/json" } };
    return ask<T>(address, { method, ...given });
}

export interface Asked<T> {
    data: T | null;
    /** When the server answered that. */
    at: Date | null;
    problem: Problem | null;
    loading: boolean;
    again: () => void;
}

/** What `address` answers; the answer before it stays until the next is there. Null asks nothing. */
export function useAsk<T>(address: string | null): Asked<T> {
    const [state, setState] = useState<Pick<Asked<T>, "data" | "at" | "problem">>({
        data: null,
        at: null,
        problem: null,
    });
    const [count, setCount] = useState(0);
    const answered = useRef("");
    const key = `${language()} ${count} ${address}`;
    useEffect(() => {
        if (address === null) {
            return undefined;
        }
        const abort = new AbortController();
        askTimed<T>(address, { signal: abort.signal }).then(
            ({ data, at }) => {
                answered.current = key;
                setState({ data, at, problem: null });
            },
            (problem: unknown) => {
                if (!abort.signal.aborted) {
                    answered.current = key;
                    setState({ data: null, at: null, problem: problem instanceof Problem ? problem : silent() });
                }
            },
        );
        return () => abort.abort();
    }, [key]);
    const again = useCallback(() => setCount((before) => before + 1), []);
    return {
        data: address === null ? null : state.data,
        at: address === null ? null : state.at,
        problem: address === null ? null : state.problem,
        loading: address !== null && answered.current !== key,
        again,
    };
}
