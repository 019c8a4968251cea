// SPDX-License-Identifier: Apache-2.0
//
// The page's pure parts, without a browser: periods, numbers, headings, comparisons, the unit tree; and its words beside
// those that `hoso` prints.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";

const root = join(dirname(fileURLToPath(import.meta.url)), "../..");
const web = join(root, "services/gateway/web");

globalThis.localStorage = { getItem: () => null, setItem: () => undefined };
globalThis.document = { documentElement: {} };

const MODULES = ["compare", "heading", "live", "language", "numbers", "period", "tree", "words"];
const bundled = await createRequire(join(web, "package.json"))("esbuild").build({
    stdin: {
        contents: MODULES.map((name) => `export * from "./${name}";`).join("\n"),
        resolveDir: join(web, "src"),
        loader: "ts",
    },
    bundle: true,
    write: false,
    format: "esm",
    logLevel: "warning",
});
const page = await import(
    `data:text/javascript;base64,${Buffer.from(bundled.outputFiles[0].contents).toString("base64")}`
);

function inLanguage(language, run) {
    page.setLanguage(language);
    run();
    page.setLanguage("vi");
}

test("numbers as people write them", () => {
    const table = [
        [0, "0"],
        [999, "999"],
        [2705, "2.705"],
        [1234567, "1.234.567"],
        [-1000, "−1.000"],
    ];
    table.forEach(([value, text]) => assert.equal(page.writeNumber(value), text));
    assert.equal(page.writeDifference(205), "+205");
    assert.equal(page.writeDifference(0), "0");
    inLanguage("en", () => assert.equal(page.writeNumber(2705), "2,705"));
});

test("dates as people type them", () => {
    for (const text of ["19/1/2024", "19-01-2024", " 19.01.2024 ", "2024-01-19"]) {
        assert.equal(page.readDate(text), "2024-01-19", text);
    }
    for (const text of ["", "31/2/2024", "29/02/2023", "1/13/2024", "19/01/24", "19/01/1999", "hôm nay"]) {
        assert.equal(page.readDate(text), null, text);
    }
    assert.equal(page.writeDate("2024-02-29"), "29/02/2024");
    assert.equal(page.writeInstant("2024-01-19T08:12:00+07:00"), "08:12 19/01/2024");
});

test("named periods", () => {
    const at = (kind, day, step, begins = 1) => {
        const period = page.periodAt(kind, day, step, begins);
        return `${period.from} ${period.to}`;
    };
    const table = [
        ["month", "2024-02-10", 0, 1, "2024-02-01 2024-02-29"],
        ["month", "2024-01-31", -1, 1, "2023-12-01 2023-12-31"],
        ["quarter", "2024-05-01", -1, 1, "2024-01-01 2024-03-31"],
        ["half", "2024-07-01", 0, 1, "2024-07-01 2024-12-31"],
        ["year", "2024-07-01", -1, 1, "2023-01-01 2023-12-31"],
        ["office", "2024-02-19", 0, 20, "2024-01-20 2024-02-19"],
        ["office", "2024-02-20", 0, 20, "2024-02-20 2024-03-19"],
        ["office", "2024-01-05", 0, 15, "2023-12-15 2024-01-14"],
    ];
    table.forEach(([kind, day, step, begins, wanted]) => assert.equal(at(kind, day, step, begins), wanted));
});

test("the kind of a period, its neighbours, the one that ended last", () => {
    const kind = (from, to, begins = 1) => page.kindOf({ from, to }, begins);
    assert.equal(kind("2024-02-01", "2024-02-29"), "month");
    assert.equal(kind("2024-01-20", "2024-02-19", 20), "office");
    assert.equal(kind("2024-01-20", "2024-02-19"), "days");
    assert.equal(kind("2024-01-19", "2024-02-19", 20), "days");
    assert.deepEqual(page.neighbour({ from: "2024-01-19", to: "2024-02-19" }, -1, 1), {
        from: "2023-12-18",
        to: "2024-01-18",
    });
    assert.deepEqual(page.neighbour({ from: "2024-03-01", to: "2024-03-31" }, -1, 1), {
        from: "2024-02-01",
        to: "2024-02-29",
    });
    assert.deepEqual(page.lastEnded("2024-02-28", 20), { from: "2024-01-20", to: "2024-02-19" });
    assert.deepEqual(page.lastEnded("2024-01-28", 1), { from: "2023-12-01", to: "2023-12-31" });
    const base = (comparison, from, to) => {
        const period = page.basePeriod(comparison, { from, to });
        return `${period.from} ${period.to}`;
    };
    const table = [
        ["previous", "2024-02-01", "2024-02-29", "2024-01-01 2024-01-31"],
        ["previous", "2024-01-19", "2024-02-19", "2023-12-19 2024-01-18"],
        ["previous", "2024-02-20", "2024-03-19", "2024-01-20 2024-02-19"],
        ["previous", "2024-01-01", "2024-03-31", "2023-10-01 2023-12-31"],
        ["previous", "2024-02-05", "2024-02-11", "2024-01-29 2024-02-04"],
        ["previous", "2024-02-05", "2024-02-05", "2024-02-04 2024-02-04"],
        ["year-ago", "2024-02-01", "2024-02-29", "2023-02-01 2023-02-28"],
        ["year-ago", "2024-01-19", "2024-02-19", "2023-01-19 2023-02-19"],
    ];
    table.forEach(([comparison, from, to, wanted]) => assert.equal(base(comparison, from, to), wanted));
});

test("headings are merged as on paper", () => {
    const columns = [["STT"], ["A", "x"], ["A", "B", "y"], ["A", "B", "z"], ["B", "x"]].map((captions, at) => ({
        id: `${at}`,
        label: "",
        captions,
    }));
    assert.deepEqual(page.headingOf(columns), [
        [
            { text: "STT", columns: 1, rows: 3 },
            { text: "A", columns: 3, rows: 1 },
            { text: "B", columns: 1, rows: 1 },
        ],
        [
            { text: "x", columns: 1, rows: 2 },
            { text: "B", columns: 2, rows: 1 },
            { text: "x", columns: 1, rows: 2 },
        ],
        [
            { text: "y", columns: 1, rows: 1 },
            { text: "z", columns: 1, rows: 1 },
        ],
    ]);
});

test("a figure beside its base", () => {
    const column = { id: "c", label: "" };
    const row = (cell) => ({
        unit: "U",
        label: "",
        level: 0,
        kind: "UNIT",
        cells: cell === undefined ? {} : { c: cell },
    });
    const beside = (now, then) =>
        page.beside(page.baseOf({ rows: then === null ? [] : [row(then)] }), row(now), column);
    assert.equal(beside(2705, 2500), "2.500 (+205)");
    assert.equal(beside(1, 1001), "1.001 (−1.000)");
    assert.equal(beside(5, null), "—");
    assert.equal(beside(undefined, 5), "");
    const ratio = (n, d, text) => ({ n, d, text });
    assert.equal(beside(ratio(891, 1019, "87,44%"), ratio(1, 2, "50%")), "50% (+37,44)");
    assert.equal(beside(ratio(1, 2, "50%"), ratio(891, 1019, "87,44%")), "87,44% (−37,44)");
    assert.equal(beside(ratio(497, 1000, "49,7%"), ratio(1, 2, "50%")), "50% (−0,30)");
    assert.equal(beside(ratio(0, 0, "—"), ratio(1, 2, "50%")), "50%");
});

test("a unit is found without diacritics", () => {
    const unit = (id, name, parent) => ({ unit: id, name, parent, tier: "COMMUNE", validFrom: "", validTo: "" });
    const tree = page.treeOf([
        unit("H27", "UBND tỉnh Hà Tĩnh", ""),
        unit("H27.45", "UBND huyện Cẩm Xuyên", "H27"),
        unit("H27.45.05", "Xã Đức Thọ", "H27.45"),
    ]);
    assert.equal(tree.roots.length, 1);
    assert.equal(tree.byId.get("H27.45.05").depth, 2);
    const finds = (text) =>
        [...tree.byId.values()]
            .filter((node) => page.matches(node.unit, page.searchWords(text)))
            .map((node) => node.unit.unit);
    assert.deepEqual(finds("cam xuyen"), ["H27.45"]);
    assert.deepEqual(finds("DUC tho"), ["H27.45.05"]);
    assert.deepEqual(finds("h27.45"), ["H27.45", "H27.45.05"]);
    assert.deepEqual(page.ancestors(tree, "H27.45.05"), ["H27", "H27.45", "H27.45.05"]);
});

test("live totals: a unit changes, goes, and all are forgotten at a reset", () => {
    const live = { state: "connecting", day: "", units: new Map(), changed: new Set(), heard: null };
    const unit = {
        type: "unit",
        unit: "U",
        path: ["U"],
        day: "2024-02-19",
        flows: { received: { today: 2, month: 3, year: 4 } },
        stocks: { stopped: 1 },
    };
    assert.ok(page.take(live, unit));
    assert.equal(page.flow(live.units.get("U"), "received", "refused").month, 3);
    assert.equal(page.stock(live.units.get("U"), "stopped", "waiting_payment"), 1);
    assert.equal(live.day, "2024-02-19");
    page.take(live, { type: "gone", path: ["U"] });
    assert.equal(live.units.size, 0);
    page.take(live, unit);
    page.take(live, { type: "reset" });
    assert.equal(live.units.size, 0);
    page.take(live, { type: "state", state: "stale" });
    assert.equal(live.state, "stale");
});

test("the page's names of measures are those of hoso", () => {
    const source = readFileSync(join(root, "common/ledger/measure.h"), "utf8");
    const told = [...source.matchAll(/X\(\w+, "(\w+)", (?:FLOW|STOCK), "([^"]+)",[\s\\]*"([^"]+)"\)/g)];
    assert.deepEqual(
        page.wordNames("measure"),
        told.map(([, name]) => name),
    );
    told.forEach(([, name, vietnamese]) => assert.equal(page.word("measure", name), vietnamese));
});

test("the page's words are those of hoso", () => {
    const source = readFileSync(join(root, "common/render/words.c"), "utf8");
    const tables = {
        state: "states",
        channel: "channels",
        level: "levels",
        tier: "tiers",
        finding: "findings",
        event: "events",
        effect: "effects",
        source: "sources",
    };
    for (const [kind, table] of Object.entries(tables)) {
        const [, rows] = new RegExp(`struct word ${table}\\[\\] = \\{([^;]*)\\};`).exec(source);
        const told = [...rows.matchAll(/\{"([A-Z_]+)",\s*\{"([^"]+)",\s*"([^"]+)"\}\}/g)];
        assert.deepEqual(
            page.wordNames(kind),
            told.map(([, name]) => name),
            kind,
        );
        told.forEach(([, name, vietnamese]) => assert.equal(page.word(kind, name), vietnamese));
    }
});

test("a report compared with a close is the one of now, and the closed one beside it", () => {
    const captions = (...own) => ({ label: own.join(": "), captions: own });
    const columns = [
        { id: "total", number: "(3)", ...captions("Nhận", "Tổng số", "Hiện nay") },
        { id: "total.other", ...captions("Nhận", "Tổng số", "Khi chốt") },
        { id: "total.difference", ...captions("Nhận", "Tổng số", "Tăng, giảm") },
        { id: "total.percent", ...captions("Nhận", "Tổng số", "Tỷ lệ") },
    ];
    const row = (field, now, then) => ({
        ...{ unit: "H", field, kind: "DETAIL", label: field, level: 1 },
        cells: { total: now, "total.other": then, "total.difference": now - then },
    });
    const { report, base } = page.splitCompared({ columns, rows: [row("a", 7, 5), row("b", 0, 3), row("c", 4, 4)] });
    assert.deepEqual(report.columns, [{ id: "total", number: "(3)", label: "Tổng số", captions: ["Nhận", "Tổng số"] }]);
    const [total] = report.columns;
    const table = [
        ["5 (+2)", true, 2],
        ["3 (−3)", true, -3],
        ["4 (0)", false, 0],
    ];
    table.forEach(([text, moved, difference], at) => {
        assert.equal(page.beside(base, report.rows[at], total), text);
        assert.equal(page.differs(base, report.rows[at], total), moved);
        assert.equal(page.differenceOf(base, report.rows[at], "total"), difference);
    });
    assert.equal(page.differenceOf(base, { ...report.rows[0], field: "d" }, "total"), null, "no such row");
});
