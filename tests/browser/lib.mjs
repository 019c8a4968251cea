// SPDX-License-Identifier: Apache-2.0
//
// What the browser tests share: Debian's chromium, a page that is watched for what must not happen, and the command `hoso`
// to compare with. The environment comes from test_browser.py:
//
//   HOSO_PAGE      where the gateway answers          HOSO_SHOTS   folder for screenshots and downloads
//   HOSO_OFFICER, HOSO_ADMIN, HOSO_COUNTER            configuration files of `hoso` (HOSO_COMMAND)
//   HOSO_PASSWORD  of the principals can-bo and quan-tri
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { chromium } from "playwright-core";

export const base = process.env.HOSO_PAGE;
export const password = process.env.HOSO_PASSWORD;
export const shots = process.env.HOSO_SHOTS;
export const DEADLINE_MS = 60_000; // a slow machine with sanitizers
const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

export const MONTH = { unit: "H27.45", from: "2024-01-19", to: "2024-02-19" };
export const month = (form) => `/bao-cao?${new URLSearchParams({ form, ...MONTH })}`;

export async function launch() {
    return chromium.launch({ executablePath: "/usr/bin/chromium", args: ["--no-sandbox", "--disable-dev-shm-usage"] });
}

/** What `hoso` prints, as one of the demo's people. */
export function hoso(who, args, input) {
    const config = process.env[`HOSO_${who.toUpperCase()}`];
    return execFileSync(process.env.HOSO_COMMAND, ["--config", config, ...args], {
        encoding: "utf8",
        maxBuffer: 1 << 28,
        ...(input === undefined ? {} : { input }),
        stdio: ["pipe", "pipe", "ignore"],
    });
}

export function hosoJson(who, args) {
    return JSON.parse(hoso(who, [...args, "--format", "json"]));
}

/**
 * A page in a browser profile of its own. `wrong` collects what must not happen: messages in the console, failures, and
 * requests to any other host; `expected` are pieces of messages that this test brings about.
 */
export async function openPage(browser, options = {}) {
    const context = await browser.newContext({
        viewport: { width: 1366, height: 768 },
        locale: "vi-VN",
        acceptDownloads: true,
        ...options,
    });
    context.setDefaultTimeout(DEADLINE_MS);
    const page = await context.newPage();
    page.expected = [];
    page.wrong = [];
    page.on("console", (message) => {
        const text = message.text();
        if (["error", "warning"].includes(message.type()) && !page.expected.some((piece) => text.includes(piece))) {
            page.wrong.push(text);
        }
    });
    page.on("pageerror", (error) => page.wrong.push(String(error)));
    page.on("request", (request) => {
        if (new URL(request.url()).origin !== new URL(base).origin && !request.url().startsWith("blob:")) {
            page.wrong.push(`a request to ${request.url()}`);
        }
    });
    return page;
}

export async function closePage(page) {
    assert.deepEqual(page.wrong, []);
    await page.context().close();
}

export async function signIn(page, name = "can-bo") {
    await page.fill("#name", name);
    await page.fill("#password", password);
    await page.keyboard.press("Enter");
    await page.waitForSelector("header.top");
}

/** Opens an address of the page as somebody who is signed in. */
export async function open(page, address, name = "can-bo") {
    await page.goto(base + address);
    await page.waitForSelector("#name, header.top");
    if (await page.$("#name")) {
        await signIn(page, name);
    }
}

export async function shot(page, name, fullPage = false) {
    await page.screenshot({ path: join(shots, `${name}.png`), fullPage });
}

/** Insists that axe finds nothing serious. */
export async function checkAccess(page, where) {
    await page.evaluate(axe);
    const found = await page.evaluate(() =>
        window.axe.run(document, { runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "best-practice"] }),
    );
    const serious = found.violations
        .filter((violation) => ["serious", "critical"].includes(violation.impact))
        .map((violation) => `${violation.id}: ${violation.nodes.map((node) => node.target).join(" ")}`);
    assert.deepEqual(serious, [], where);
}

/** "2.705" → 2705 */
export function readNumber(text) {
    return Number(text.replace("−", "-").replaceAll(".", ""));
}
