// SPDX-License-Identifier: Apache-2.0
//
// The page as a clerk and her leader use it, against the real services and the golden month.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { after, before, test } from "node:test";
import { fileURLToPath } from "node:url";
import * as lib from "./lib.mjs";
import { DEADLINE_MS, MONTH, hoso, hosoJson, month, open, openPage, readNumber, shot } from "./lib.mjs";

const PAGE_LIMIT = 300 * 1024;
const here = dirname(fileURLToPath(import.meta.url));
let browser;
before(async () => {
    browser = await lib.launch();
});
after(() => browser.close());

/** A test with a page of its own that nothing bad happens on. */
function onPage(name, run, options = {}) {
    test(name, { timeout: 5 * DEADLINE_MS }, async () => {
        const page = await openPage(browser, options);
        await run(page);
        await lib.closePage(page);
    });
}

const period = (from, to) => ["--from", from, "--to", to];
const monthOf = (form) => hosoJson("officer", ["report", form, "--unit", MONTH.unit, ...period(MONTH.from, MONTH.to)]);

/** The table's rows of figures as texts, without their comparisons. */
async function tableOf(page) {
    await page.waitForFunction(() => !document.querySelector("[aria-busy=true]"));
    await page.waitForFunction(
        () => {
            const count = document.querySelectorAll(".paper tbody tr").length;
            const same = window.rowsSeen === count;
            window.rowsSeen = count;
            return count > 0 && same;
        },
        undefined,
        { polling: 200 },
    );
    return page.$$eval(".paper tbody tr", (rows) =>
        rows.map((row) => [...row.querySelectorAll("td.n")].map((cell) => cell.firstChild?.textContent ?? "")),
    );
}

function textOf(cell) {
    return cell === undefined
        ? ""
        : typeof cell === "number"
          ? String(cell).replace(/\B(?=(\d{3})+(?!\d))/g, ".")
          : cell.text;
}

onPage("a wrong password is told, the right one opens the page", async (page) => {
    page.expected.push("401");
    await page.goto(lib.base + "/bao-cao?form=pakn");
    await page.waitForSelector("#name");
    await shot(page, "dang-nhap");
    await lib.checkAccess(page, "log-in");
    await page.fill("#name", "can-bo");
    await page.fill("#password", "sai mat khau");
    await page.click("button[type=submit]");
    await page.waitForSelector("[role=alert]");
    await shot(page, "dang-nhap-sai");
    await lib.signIn(page);
    await page.waitForSelector(".sheet");
    assert.match(page.url(), /form=pakn/, "the address that was asked for");
});

onPage("today's totals move when an event comes", async (page) => {
    await open(page, "/hom-nay");
    await page.waitForSelector(".live.live");
    const received = () => page.$eval(".tile .figure", (figure) => figure.textContent);
    await page.waitForFunction(() => /^[\d.]+$/.test(document.querySelector(".tile .figure").textContent));
    const first = readNumber(await received());
    const now = new Date(Date.now() + 7 * 3_600_000).toISOString().slice(0, 19) + "+07:00";
    const events = [1, 2, 3].map((number) =>
        JSON.stringify({
            eventId: "e-1",
            dossier: `browser-${Date.now()}-${number}`,
            kind: "RECEIVED",
            occurredAt: now,
            unit: "H27.101",
            procedure: "1.004221",
            field: "dat-dai",
            channel: "ONLINE",
            serviceLevel: "FULL",
        }),
    );
    hoso("counter", ["publish", "-"], events.join("\n") + "\n");
    await page.waitForFunction(
        (least) => Number(document.querySelector(".tile .figure").textContent.replaceAll(".", "")) === least,
        first + 3,
    );
    const commune = page.locator(".totals tbody tr", { hasText: "Xã Cẩm Xuyên" }).locator("td").first();
    assert.ok(readNumber(await commune.textContent()) >= 3);
    await page.waitForFunction(() => document.querySelectorAll(".chart rect.received").length === 30);
    await shot(page, "hom-nay", true);
    await lib.checkAccess(page, "today");
});

onPage("a clerk finds her month: form, period and unit by hand, 2.705", async (page) => {
    await open(page, "/bao-cao");
    await page.waitForSelector(".sheet");
    await page.selectOption("#period-kind", "days");
    await page.fill("input.date >> nth=0", "19/1/2024");
    await page.fill("input.date >> nth=1", "31/2/2024");
    await page.keyboard.press("Enter");
    await page.waitForSelector("#period-wrong");
    await page.fill("input.date >> nth=1", "19/2/2024");
    await page.keyboard.press("Enter");
    await page.waitForURL(/from=2024-01-19&to=2024-02-19/);
    await page.click(".chooser");
    await page.waitForSelector(".tree li");
    await lib.checkAccess(page, "unit tree");
    await page.keyboard.type("huyen cam xuyen");
    await page.waitForFunction(() => document.querySelectorAll(".tree li").length === 1);
    await shot(page, "chon-don-vi");
    await page.keyboard.press("Enter");
    await page.selectOption("#form", "II.06a");
    await page.waitForURL(/unit=H27\.45/);
    await page.waitForSelector(".sheet-head .unit >> text=UBND huyện Cẩm Xuyên");
    const rows = await tableOf(page);
    assert.equal(rows[0][0], "2.705");
    const report = monthOf("II.06a");
    assert.deepEqual(
        rows,
        report.rows.map((row) => report.columns.map((column) => textOf(row.cells[column.id]))),
    );
    await shot(page, "bao-cao");
    await lib.checkAccess(page, "report");
});

for (const form of [
    "bao-cao-thang",
    "07a",
    "07a-btp",
    "muc-do",
    "truc-tuyen",
    "thu-tuc",
    "tong-hop-06",
    "so-hoa",
    "pakn",
    "thong-ke",
]) {
    onPage(`${form} shows every figure that hoso prints`, async (page) => {
        await open(page, month(form));
        await page.waitForSelector(".sheet");
        const rows = (await tableOf(page)).filter((row) => row.length > 0);
        const report = monthOf(form);
        const told = report.rows
            .filter((row) => Object.keys(row.cells).length > 0)
            .map((row) => report.columns.map((column) => textOf(row.cells[column.id])));
        assert.deepEqual(rows, told);
        const checks = await page.$$eval(".checks li", (lines) => lines.map((line) => line.className));
        assert.deepEqual(
            checks,
            report.checks.map(() => "ok"),
        );
        await shot(page, `bieu-${form}`);
    });
}

onPage("the heading is the paper's: merged, numbered", async (page) => {
    await open(page, month("II.06a"));
    await page.waitForSelector(".paper thead");
    const heads = await page.$$eval(".paper thead tr", (rows) =>
        rows.map((row) =>
            [...row.children].map((cell) => [cell.textContent, cell.colSpan, cell.rowSpan, cell.scope ?? ""]),
        ),
    );
    assert.deepEqual(heads[0][0], ["STT", 1, 3, "col"]);
    assert.deepEqual(heads[0][2], ["Số hồ sơ nhận giải quyết", 4, 1, "colgroup"]);
    assert.deepEqual(
        heads[1].slice(0, 3).map((cell) => cell[0]),
        ["Tổng số", "Trong kỳ", "Từ kỳ trước"],
    );
    assert.equal(heads[3][2][0], "(3)=(4)+(5)+(6)");
});

async function download(page, name, file) {
    const [given] = await Promise.all([page.waitForEvent("download"), page.click(`a.button >> text=${name}`)]);
    await given.saveAs(file);
    return given.suggestedFilename();
}

for (const [name, ending, form] of [
    ["Excel", "xlsx", "II.06a"],
    ["CSV", "csv", "II.06a"],
    ["Word", "docx", "bao-cao-thang"],
]) {
    onPage(`the file for ${name} is that of hoso report --out`, async (page) => {
        await open(page, month(form));
        await page.waitForSelector(".sheet");
        const mine = join(lib.shots, `trang.${ending}`);
        const other = join(lib.shots, `lenh.${ending}`);
        assert.match(await download(page, name, mine), new RegExp(`^${form}.*\\.${ending}$`));
        hoso("officer", ["report", form, "--unit", MONTH.unit, ...period(MONTH.from, MONTH.to), "--out", other]);
        execFileSync("/usr/bin/python3", [join(here, "same_file.py"), mine, other], { stdio: "inherit" });
    });
}

onPage("a file that cannot be made is told where its button is", async (page) => {
    page.expected.push("503");
    await open(page, month("II.06a"));
    await page.waitForSelector(".sheet");
    await page.route("**/v1/reports/**format=csv**", (route) =>
        route.fulfill({
            status: 503,
            contentType: "application/problem+json",
            body: '{"title":"Dịch vụ đang bận","status":503,"detail":""}',
        }),
    );
    await page.click("a.button >> text=CSV");
    await page.waitForSelector(".actions [role=alert] >> text=Dịch vụ đang bận");
});

onPage("behind a figure are its dossiers, and the back button closes them", async (page) => {
    await open(page, month("II.06a"));
    await page.waitForSelector(".paper tbody tr");
    const figure = page.locator(".paper tbody tr").first().locator("td.n").nth(5);
    assert.equal(await figure.textContent(), "901");
    await figure.locator("a").click();
    await page.waitForSelector(".drawer tbody tr");
    assert.match(await page.textContent(".drawer .about"), /Trước hạn: 901 hồ sơ/);
    await shot(page, "ho-so-cua-mot-so");
    await lib.checkAccess(page, "dossiers");
    while (await page.$(".drawer .more button")) {
        const count = await page.locator(".drawer tbody tr").count();
        await page.click(".drawer .more button");
        await page.waitForFunction((least) => document.querySelectorAll(".drawer tbody tr").length > least, count);
    }
    const amounts = await page.$$eval(".drawer tbody tr td:last-child", (cells) =>
        cells.map((cell) => Number(cell.textContent)),
    );
    assert.equal(
        amounts.reduce((sum, amount) => sum + amount, 0),
        901,
    );
    await page.goBack();
    await page.waitForSelector(".drawer", { state: "detached" });
    assert.ok(await page.$(".sheet"));
});

onPage("figures beside those of the period before", async (page) => {
    await open(page, month("II.06a"));
    await page.waitForSelector(".sheet");
    await page.selectOption("#compare", "previous");
    await page.waitForSelector(".under");
    const cell = page.locator(".paper tbody tr").first().locator("td.n").first();
    const told = hosoJson("officer", [
        ...["report", "II.06a", "--unit", MONTH.unit, ...period(MONTH.from, MONTH.to)],
        ...["--compare", "previous"],
    ]);
    const total = told.rows[0].cells["received_total.other"];
    assert.equal(await cell.locator(".under").textContent(), `${textOf(total)} (+${textOf(2705 - total)})`);
    await shot(page, "so-sanh");
    await lib.checkAccess(page, "comparison");
});

onPage("an address shows another person the same", async (page) => {
    await open(page, month("truc-tuyen") + "&compare=year-ago");
    await page.waitForSelector(".under");
    const shown = await page.textContent(".sheet-head");
    const other = await openPage(browser);
    await open(other, new URL(page.url()).pathname + new URL(page.url()).search);
    await other.waitForSelector(".under");
    assert.equal((await other.textContent(".sheet-head")).replace(/\d\d:\d\d/, ""), shown.replace(/\d\d:\d\d/, ""));
    await lib.closePage(other);
});

onPage("what is overdue, by unit and by day", async (page) => {
    await open(page, "/qua-han");
    await page.waitForSelector(".counts tbody tr");
    const counts = hosoJson("officer", ["overdue", "--unit", "H27", "--count"]);
    assert.equal(readNumber(await page.textContent(".counts tbody tr td")), counts.sum);
    assert.match(await page.textContent(".list .late"), /quá [\d.]+ ngày/);
    await shot(page, "qua-han");
    await lib.checkAccess(page, "overdue");
    await page.click(".tabs >> text=Chờ bổ sung");
    await page.waitForURL(/list=waiting/);
    const waiting = hosoJson("officer", ["overdue", "--unit", "H27", "--count", "--waiting"]);
    await page.waitForFunction(
        (sum) => document.querySelector(".counts tbody td")?.textContent === sum,
        textOf(waiting.sum),
    );
    const file = join(lib.shots, "cho-bo-sung.xlsx");
    assert.match(await download(page, "Excel", file), /\.xlsx$/);
});

onPage("what was due on a past day", async (page) => {
    await open(page, "/qua-han?list=soon&within=10&unit=H27");
    await page.fill("#day", "19/02/2024");
    await page.press("#day", "Enter");
    await page.waitForURL(/at=2024-02-19/);
    const then = hosoJson("officer", ["overdue", "--unit", "H27", "--at", MONTH.to, "--within", "10", "--count"]);
    assert.ok(then.sum > 0);
    await page.waitForFunction(
        (sum) => document.querySelector(".counts tbody td")?.textContent === sum,
        textOf(then.sum),
    );
    await page.waitForSelector(".dossiers .group");
    const groups = await page.$$eval(".dossiers .group th", (cells) => cells.map((cell) => cell.textContent));
    const counted = await page.$$eval(".counts tbody tr:not(.strong)", (rows) =>
        rows.map((row) => `${row.querySelector("th").textContent}: ${row.querySelector("td").textContent} hồ sơ`),
    );
    assert.deepEqual(groups, counted.slice(0, groups.length));
    await shot(page, "qua-han-ngay");
    await page.setViewportSize({ width: 360, height: 740 });
    assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= 360), "nothing to scroll sideways");
    const card = page.locator(".dossiers tbody tr:not(.group)").first();
    assert.ok((await card.boundingBox()).width <= 360);
    assert.match(await card.textContent(), /còn [\d.]+ ngày|đến hạn/);
    await card.scrollIntoViewIfNeeded();
    await shot(page, "qua-han-360");
    await lib.checkAccess(page, "overdue on a small screen");
});

onPage("a dossier's life, from a list", async (page) => {
    await open(page, "/qua-han");
    await page.waitForSelector(".list .code a");
    const code = await page.textContent(".list .code a");
    await page.click(".list .code a");
    await page.waitForSelector(".life .list tbody tr");
    const [life] = hosoJson("officer", ["dossier", code]).dossiers;
    assert.equal(await page.locator(".life .list").first().locator("tbody tr").count(), life.events.length);
    assert.equal(await page.locator(".life .list").last().locator("tbody tr").count(), life.counts.length);
    await shot(page, "mot-ho-so");
    await lib.checkAccess(page, "a dossier's life");
    await page.keyboard.press("Escape");
    await page.waitForSelector(".life", { state: "detached" });
    assert.equal(await page.evaluate(() => document.activeElement.textContent), code);
});

onPage("data quality lists who publishes and what does not count", async (page) => {
    await open(page, "/chat-luong", "quan-tri");
    await page.waitForSelector(".findings tbody tr");
    await page.waitForSelector(".sources tbody tr");
    const { sources } = hosoJson("admin", ["sources"]);
    assert.deepEqual(
        await page.$$eval(".sources tbody th", (names) => names.map((name) => name.textContent)),
        sources.map((source) => source.source),
    );
    const found = hosoJson("admin", ["quality", "--limit", "100"]).findings;
    assert.ok(found.length >= 3);
    assert.equal(await page.locator(".findings tbody tr").count(), found.length);
    await page.selectOption("#kind", "ORPHAN");
    await page.waitForURL(/kind=ORPHAN/);
    await shot(page, "chat-luong");
    await lib.checkAccess(page, "quality");
});

onPage("the catalogue is searched; only an administrator may import one", async (page) => {
    await open(page, "/danh-muc");
    await page.waitForSelector(".list tbody tr");
    await page.fill("#search", "thien cam");
    await page.waitForFunction(() => document.querySelectorAll(".list tbody tr").length === 1);
    assert.equal(await page.$("#files"), null);
    await lib.checkAccess(page, "catalogue");
});

onPage("an administrator tries a catalogue out before it is in force", async (page) => {
    page.expected.push("400");
    await open(page, "/danh-muc", "quan-tri");
    await page.waitForSelector("#files");
    const files = ["units.csv", "fields.csv", "procedures.csv"].map((name) => ({
        name,
        mimeType: "text/csv",
        buffer: readFileSync(join(here, "../../deploy/demo/catalogue", name)),
    }));
    await page.setInputFiles("#files", files.slice(0, 2));
    await page.waitForSelector("text=Thiếu tệp procedures.csv");
    await page.setInputFiles("#files", files);
    await page.waitForSelector("text=không có gì thay đổi");
    const changed = files[0].buffer.toString().replace("Xã Thiên Cầm,", "Phường Thiên Cầm,");
    await page.setInputFiles("#files", [{ ...files[0], buffer: Buffer.from(changed) }, ...files.slice(1)]);
    await page.waitForSelector("text=Sẽ thay đổi 1 mục");
    await shot(page, "danh-muc", true);
    await lib.checkAccess(page, "dry run");
    await page.setInputFiles("#files", [{ ...files[0], buffer: Buffer.from(changed + "X,X,X\n") }, ...files.slice(1)]);
    await page.waitForSelector(".notice.failed");
});

onPage("the state of the system is for administrators", async (page) => {
    await open(page, "/he-thong", "quan-tri");
    await page.waitForSelector(".list tbody tr");
    assert.equal(await page.locator(".list .good").count(), 3);
    await shot(page, "he-thong");
    await lib.checkAccess(page, "system");
    const other = await openPage(browser);
    await open(other, "/hom-nay");
    assert.equal(await other.locator("nav >> text=Hệ thống").count(), 0);
    await lib.closePage(other);
});

/** A day in Viet Nam, so many days ago. */
function daysAgo(count) {
    return new Date(Date.now() + 7 * 3_600_000 - count * 86_400_000).toISOString().slice(0, 10);
}

const COMMUNE = { unit: "H27.101", from: daysAgo(30), to: daysAgo(1) };
const written = (day) => day.split("-").reverse().join("/");

/** Fills in the form that closes the commune up to yesterday, and comes to the question whether to. */
async function askToClose(page, label) {
    await page.waitForSelector("#close-day");
    await page.fill("#close-day", written(COMMUNE.to));
    await page.fill("#close-label", label);
    await page.keyboard.press("Enter");
    await page.waitForSelector("dialog.confirm");
}

onPage("an administrator closes; a late event is in the figures of now, and the closed ones stay", async (page) => {
    await open(page, `/chot-so-lieu?unit=${COMMUNE.unit}`, "quan-tri");
    await page.waitForSelector("#close-day");
    await page.fill("#close-day", "31/12/2099");
    await page.keyboard.press("Enter");
    await page.waitForSelector("#close-wrong >> text=muộn nhất là hôm nay");
    await askToClose(page, "Báo cáo thử nghiệm");
    await shot(page, "chot-so-lieu-xac-nhan");
    await lib.checkAccess(page, "confirm a close");
    assert.deepEqual(hosoJson("admin", ["period", "list"]).closes, [], "only asked so far");
    await page.click("dialog.confirm button.primary");
    const line = page.locator(".closes tbody tr", { hasText: "Báo cáo thử nghiệm" });
    await line.waitFor();
    const [close] = hosoJson("admin", ["period", "list"]).closes;
    assert.equal(close.to, COMMUNE.to);
    assert.deepEqual((await line.locator("th, td").allTextContents()).slice(0, 5), [
        ...[String(close.number), "Xã Cẩm Xuyên", written(COMMUNE.to), "Báo cáo thử nghiệm", "quan-tri"],
    ]);
    await shot(page, "chot-so-lieu", true);
    await lib.checkAccess(page, "closes");

    const asked = ["report", "II.06a", "--unit", COMMUNE.unit, ...period(COMMUNE.from, COMMUNE.to)];
    const before = hosoJson("admin", asked).rows[0].cells;
    const late = {
        ...{ eventId: "late-1", dossier: `muon-${Date.now()}`, kind: "RECEIVED", unit: COMMUNE.unit },
        ...{ occurredAt: `${daysAgo(5)}T09:00:00+07:00`, procedure: "1.004221", field: "dat-dai" },
        ...{ channel: "ONLINE", serviceLevel: "FULL" },
    };
    const position = hoso("counter", ["publish", "-", "--print-position"], JSON.stringify(late) + "\n").trim();
    const now = hosoJson("admin", [...asked, "--min-position", position]).rows[0].cells;
    assert.equal(now.received_total, before.received_total + 1);

    await line.locator("text=So sánh với hiện nay").click();
    await page.waitForURL(new RegExp(`asClosed=${close.number}&compare=closed`));
    await page.waitForSelector(`.compared >> text=lần chốt số ${close.number}`);
    await page.waitForSelector(".under");
    await open(page, `/bao-cao?${new URLSearchParams({ form: "II.06a", ...COMMUNE, compare: "closed" })}`);
    const total = page.locator(".paper tbody tr").first().locator("td.n").first();
    await total.locator(".under").waitFor();
    assert.equal(await total.locator("> a").textContent(), textOf(now.received_total));
    assert.equal(await total.locator(".restated").textContent(), `${textOf(before.received_total)} (+1)`);
    assert.equal(await total.evaluate((cell) => getComputedStyle(cell).outlineStyle), "solid", "not by colour alone");
    const same = page.locator(".paper tbody tr").first().locator("td.n").nth(2);
    assert.equal(await same.locator(".under").textContent(), `${textOf(before.direct_postal)} (0)`);
    assert.equal(await same.locator(".under a").count(), 0, "nothing is behind no difference");
    await shot(page, "so-sanh-da-chot");
    await lib.checkAccess(page, "compared with the close");

    await page.setViewportSize({ width: 360, height: 740 });
    assert.ok((await page.evaluate(() => document.documentElement.scrollWidth)) <= 360, "as wide as a telephone");
    await page.setViewportSize({ width: 1366, height: 768 });

    await total.locator(".restated a").click();
    await page.waitForURL(/restated=1/);
    await page.waitForSelector(".drawer tbody tr");
    assert.match(await page.textContent(".drawer .about"), /chênh lệch \+1/);
    assert.deepEqual(await page.locator(".drawer tbody th.code").allTextContents(), [late.dossier]);
    await shot(page, "ho-so-thay-doi");
    await lib.checkAccess(page, "restated dossiers");
    await page.keyboard.press("Escape");
    await page.waitForSelector(".drawer", { state: "detached" });

    await page.selectOption("#compare", "");
    await page.waitForURL((url) => !url.searchParams.has("compare"));
    await page.check(".switch input");
    await page.waitForURL(/asClosed=latest/);
    await page.waitForSelector(`.compared >> text=lần chốt số ${close.number}`);
    assert.equal((await tableOf(page))[0][0], textOf(before.received_total));
    await shot(page, "so-lieu-da-chot");
    await total.locator("a").click();
    await page.waitForSelector(".drawer tbody tr");
    assert.equal(await page.locator(".drawer tbody th", { hasText: late.dossier }).count(), 0);
});

onPage("an officer without the right may not close, and reads why", async (page) => {
    page.expected.push("403");
    await open(page, `/chot-so-lieu?unit=${COMMUNE.unit}`);
    const before = hosoJson("admin", ["period", "list"]).closes;
    await askToClose(page, "");
    await page.click("dialog.confirm button.primary");
    await page.waitForSelector("#close-denied [role=alert]");
    assert.equal(await page.isDisabled("form button.primary"), true);
    assert.equal(await page.getAttribute("form button.primary", "aria-describedby"), "close-denied");
    await shot(page, "chot-so-lieu-khong-co-quyen", true);
    await lib.checkAccess(page, "not allowed to close");
    assert.deepEqual(hosoJson("admin", ["period", "list"]).closes, before);
});

onPage("English by a switch", async (page) => {
    await open(page, month("II.06a"));
    await page.waitForSelector(".sheet");
    await page.click("button[lang=en]");
    await page.waitForSelector(".sheet h2 >> text=RECEPTION AND RESOLUTION");
    assert.equal(await page.getAttribute("html", "lang"), "en");
    assert.equal((await tableOf(page))[0][0], "2,705");
    await page.reload();
    await page.waitForSelector("nav >> text=Reports");
});

onPage("keyboard alone: from the log-in to the dossiers behind a figure", async (page) => {
    await page.goto(lib.base + month("II.06a"));
    await page.waitForSelector("#name");
    await page.keyboard.type("can-bo");
    await page.keyboard.press("Tab");
    await page.keyboard.type(lib.password);
    await page.keyboard.press("Enter");
    await page.waitForSelector(".paper tbody a");
    for (let presses = 0; !(await page.evaluate(() => document.activeElement.closest(".paper tbody"))); presses++) {
        assert.ok(presses < 40, "the table is not in the tab order");
        await page.keyboard.press("Tab");
        const seen = await page.evaluate(() => getComputedStyle(document.activeElement).outlineStyle);
        assert.equal(seen, "solid", await page.evaluate(() => document.activeElement.outerHTML.slice(0, 200)));
    }
    const focused = () => page.evaluate(() => document.activeElement.textContent);
    assert.equal(await focused(), "2.705");
    await page.keyboard.press("ArrowRight");
    assert.equal(await focused(), "1.022");
    await page.keyboard.press("ArrowDown");
    const below = await focused();
    await page.keyboard.press("Enter");
    await page.waitForSelector(".drawer tbody tr");
    assert.match(await page.textContent(".drawer .about"), new RegExp(`: ${below} hồ sơ`));
    await page.keyboard.press("Escape");
    await page.waitForSelector(".drawer", { state: "detached" });
    assert.ok((await focused()) === below, "the focus is where it was");
});

onPage(
    "a telephone: no page is wider than the screen",
    async (page) => {
        for (const address of [
            "/hom-nay",
            month("II.06a"),
            month("bao-cao-thang"),
            "/qua-han",
            "/chat-luong",
            "/danh-muc",
            "/chot-so-lieu",
        ]) {
            await open(page, address);
            await page.waitForFunction(() =>
                [...document.querySelectorAll("table, .notice:not([role=status])")].some((part) =>
                    part.checkVisibility(),
                ),
            );
            const width = await page.evaluate(() => document.documentElement.scrollWidth);
            assert.ok(width <= 360, `${address} is ${width} wide`);
            await shot(page, `nho${address.split("?")[0].replaceAll("/", "-")}`);
        }
        await lib.checkAccess(page, "small");
    },
    { viewport: { width: 360, height: 740 } },
);

onPage("on paper: A4 landscape, headings on each page, nothing to click", async (page) => {
    await open(page, month("II.06a"));
    await tableOf(page);
    const pdf = await page.pdf({ preferCSSPageSize: true });
    writeFileSync(join(lib.shots, "bao-cao.pdf"), pdf);
    const sizes = [...pdf.toString("latin1").matchAll(/\/MediaBox \[0 0 ([\d.]+) ([\d.]+)\]/g)].map((found) =>
        found.slice(1).map(Number),
    );
    assert.ok(sizes.length > 1, "several pages");
    assert.ok(
        sizes.every(([width, height]) => Math.round(width) === 842 && Math.round(height) === 595),
        String(sizes),
    );
    await page.emulateMedia({ media: "print" });
    assert.equal(await page.isVisible("header.top"), false);
    assert.equal(await page.isVisible(".bar"), false);
    assert.equal(await page.$eval(".paper thead", (head) => getComputedStyle(head).display), "table-header-group");
});

onPage("a session that ends asks for the password and goes on where it was", async (page) => {
    page.expected.push("401");
    await open(page, month("07a"));
    await page.waitForSelector(".sheet");
    await page.context().clearCookies();
    await page.selectOption("#form", "truc-tuyen");
    await page.waitForSelector("text=Phiên làm việc đã hết");
    await lib.signIn(page);
    await page.waitForSelector(".sheet h2 >> text=TỔNG HỢP HỒ SƠ TRỰC TUYẾN");
    await page.click("text=Đăng xuất");
    await page.waitForSelector("#name");
    assert.equal(await page.$("text=Phiên làm việc đã hết"), null);
});

onPage("a unit that is not there is told in words", async (page) => {
    await open(page, "/bao-cao?form=II.06a&unit=H99&from=2024-01-19&to=2024-02-19");
    await page.waitForSelector("[role=alert]");
    assert.match(await page.textContent("[role=alert]"), /^Đơn vị H99 không có trong danh mục ngày 19\/02\/2024/);
    await shot(page, "loi");
});

onPage("the page is small, and a province's form appears at once", async (page) => {
    const sizes = [];
    page.on("response", async (response) => {
        if (!new URL(response.url()).pathname.startsWith("/v1/")) {
            sizes.push(Number(response.headers()["content-length"]));
            assert.match(
                response.headers()["content-security-policy"] ?? "",
                /^(?!.*unsafe-inline).*script-src 'self'/,
            );
        }
    });
    await open(page, "/bao-cao?form=II.06a&unit=H27&from=2024-01-19&to=2024-02-19");
    await page.waitForSelector(".paper tbody tr");
    const total = sizes.reduce((sum, size) => sum + size, 0);
    assert.ok(total > 0 && total < PAGE_LIMIT, `${total} bytes`);
    const times = [];
    for (let round = 0; round < 5; round++) {
        await page.reload();
        await page.waitForSelector(".paper tbody tr");
        times.push(await page.evaluate(() => Math.round(performance.getEntriesByName("hoso.sheet")[0].startTime)));
    }
    times.sort((one, other) => one - other);
    console.log(
        `The page: ${total} bytes compressed. A province's form after ${times[2]} ms (median of 5, from the navigation).`,
    );
});
