// SPDX-License-Identifier: Apache-2.0
//
// Makes the page: bundles src into hashed files, and writes them compressed into one C file, as services/gateway/http/assets.h
// says. node build.mjs FOLDER: into FOLDER/web_assets.c and, to look at, FOLDER/files.
import { createHash } from "node:crypto";
import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync, constants } from "node:zlib";

const LIMIT = 300 * 1024; // of all files together, compressed
const source = join(dirname(fileURLToPath(import.meta.url)), "src");
const folder = process.argv[2];
if (folder === undefined) {
    console.error("usage: node build.mjs FOLDER");
    process.exit(2);
}

const digest = (bytes) => createHash("sha256").update(bytes).digest("hex").slice(0, 12);

async function bundle() {
    const { build } = await import("esbuild");
    const made = await build({
        entryPoints: [join(source, "main.tsx"), join(source, "main.css")],
        bundle: true,
        minify: true,
        write: false,
        outdir: "/",
        target: ["es2020"],
        jsx: "automatic",
        jsxImportSource: "preact",
        charset: "utf8",
        legalComments: "none",
        logLevel: "warning",
    });
    return made.outputFiles.map((file) => ({
        name: file.path.endsWith(".js") ? "main.js" : "main.css",
        type: file.path.endsWith(".js") ? "text/javascript; charset=utf-8" : "text/css; charset=utf-8",
        bytes: Buffer.from(file.contents),
    }));
}

/** Every file with its path in a URL; the page names the others by their hashed names. */
async function files() {
    const parts = [
        ...(await bundle()),
        { name: "icon.svg", type: "image/svg+xml", bytes: readFileSync(join(source, "icon.svg")) },
    ];
    let page = readFileSync(join(source, "index.html"), "utf8");
    const hashed = parts.map((part) => {
        const [stem, ending] = part.name.split(".");
        const path = `/${stem}-${digest(part.bytes)}.${ending}`;
        page = page.replace(`/${part.name}`, path);
        return { ...part, path, immutable: true };
    });
    const index = { path: "/", type: "text/html; charset=utf-8", bytes: Buffer.from(page), immutable: false };
    return [index, ...hashed].map((file) => ({
        ...file,
        gzip: gzipSync(file.bytes, { level: constants.Z_BEST_COMPRESSION }),
    }));
}

function cBytes(bytes) {
    const lines = [];
    for (let at = 0; at < bytes.length; at += 24) {
        lines.push(`    ${[...bytes.subarray(at, at + 24)].join(",")},`);
    }
    return lines.join("\n");
}

function cFile(made) {
    const arrays = made.map((file, at) => `static const uint8_t file_${at}[] = {\n${cBytes(file.gzip)}\n};\n`);
    const rows = made.map(
        (file, at) =>
            `    {"${file.path}", "${file.type}", "\\"${digest(file.bytes)}\\"", file_${at}, sizeof file_${at}, ` +
            `${file.immutable ? 1 : 0}},`,
    );
    return [
        "/* Made by services/gateway/web/build.mjs. */",
        '#include "services/gateway/http/assets.h"',
        "",
        ...arrays,
        "const struct asset gateway_assets[] = {",
        ...rows,
        "};",
        "const size_t gateway_asset_count = sizeof gateway_assets / sizeof *gateway_assets;",
        "",
    ].join("\n");
}

const made = await files();
const size = made.reduce((sum, file) => sum + file.gzip.length, 0);
if (size > LIMIT) {
    console.error(`The page has ${size} bytes compressed, at most ${LIMIT}.`);
    process.exit(1);
}
rmSync(join(folder, "files"), { recursive: true, force: true });
for (const file of made) {
    const path = join(folder, "files", file.path === "/" ? "index.html" : file.path);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, file.bytes);
}
writeFileSync(join(folder, "web_assets.c.new"), cFile(made));
renameSync(join(folder, "web_assets.c.new"), join(folder, "web_assets.c"));
console.log(`The page: ${made.length} files, ${size} bytes compressed.`);
