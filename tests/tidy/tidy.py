#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Checks what a reader would otherwise argue about: licence lines, sizes, borders between folders, forbidden calls, tags.

usage: tidy.py ROOT [FILE…]   prints file:line: what, why; exits 1 if there is anything to say.
"""
import pathlib
import re
import subprocess
import sys
import unicodedata

COLUMNS, FUNCTION_LINES, SOURCE_LINES, HEADER_LINES = 100, 70, 500, 150

# call → what to use instead
FORBIDDEN = {
    "strcpy": "snprintf or arena_string", "strcat": "buffer_printf", "sprintf": "snprintf", "gets": "getline",
    "atoi": "strtoll with its end checked", "atol": "strtoll with its end checked", "atof": "strtod",
    "strtok": "strsep or a reader", "alloca": "an arena", "rand": "a seeded generator of the caller's",
    "localtime": "base/localday.h", "gmtime": "base/localday.h", "sleep": "bus_poll with a deadline",
    "usleep": "bus_poll with a deadline", "assert": "require", "mktime": "base/localday.h",
}
# header → the folder that alone may include it
OWNED = {"lmdb.h": ("common/store/",), "zmq.h": ("common/bus/",), "microhttpd.h": ("common/service/", "services/gateway/")}
# what the pure parts may not know of
PURE = {"common/fold/": ("store/store.h", "bus/", "log/"), "common/event/": ("store/", "bus/", "log/"),
        "common/wire/": ("store/", "bus/", "log/"), "common/journal/": ("store/", "bus/", "log/"),
        "common/catalogue/": ("store/", "bus/", "log/"), "common/form/": ("store/", "bus/", "log/")}
# a definition, not a use
TAG = re.compile(r"^(?:(?:static|const|typedef) )*((?:struct|enum|union) \w+)\s*\{", re.M)
SECRET = re.compile(r"secret|password|passphrase|token|credential|private_?key")
SPDX = "SPDX-License-Identifier: Apache-2.0"
# every id of log_event() has a row here, and each row an id
LOG_TABLE = pathlib.Path("docs/log-messages.md")
LOG_ID = re.compile(r'\bLOG_(?:ERROR|WARNING|INFO|DEBUG)\b[^;"]*"([a-z]+\.[a-z_]+)"(?:\s*:\s*"([a-z]+\.[a-z_]+)")?')
LOG_ROW = re.compile(r"\| `([a-z]+\.[a-z_]+)` \| [a-z, ]+ \| [^|]+ \| [^|]+ \|$")


def complain(found, path, line, text):
    found.append(f"{path}:{line}: {text}")


def check_text(found, path, lines, text):
    if SPDX not in "\n".join(lines[:3]):
        complain(found, path, 1, f"no licence line; the first lines must say {SPDX}")
    if unicodedata.normalize("NFC", text) != text and "NFD" not in text:
        complain(found, path, 1, "not in NFC; normalise the file")
    for number, line in enumerate(lines, 1):
        if line != line.rstrip():
            complain(found, path, number, "white space at the end of the line")
        if "\t" in line and path.suffix in (".c", ".h"):
            complain(found, path, number, "a tab; indent with four spaces")


def check_sizes(found, path, lines):
    limit = HEADER_LINES if path.suffix == ".h" else SOURCE_LINES
    if len(lines) > limit:
        complain(found, path, limit, f"{len(lines)} lines, at most {limit}; split it by role")
    start = None
    for number, line in enumerate(lines, 1):
        if len(line) > COLUMNS:
            complain(found, path, number, f"{len(line)} columns, at most {COLUMNS}")
        if line == "{":
            start = number
        elif line == "}" and start is not None:
            if number - start - 1 > FUNCTION_LINES:
                complain(found, path, start, f"a function of {number - start - 1} lines, at most {FUNCTION_LINES}")
            start = None


def check_code(found, path, lines):
    name = path.as_posix()
    in_comment = False
    for number, line in enumerate(lines, 1):
        code = re.sub(r'"(\\.|[^"\\])*"', '""', line)
        if in_comment or code.lstrip().startswith(("*", "/*")):
            in_comment = "*/" not in code and (in_comment or "/*" in code)
            continue
        code = re.sub(r"/\*.*?(\*/|$)", "", code)
        in_comment = "/*" in line and "*/" not in line.split("/*")[-1]
        for call in re.findall(r"(?<![\w.>])(\w+) ?\(", code):
            if call in FORBIDDEN:
                complain(found, path, number, f"{call}() is not used here; use {FORBIDDEN[call]}")
        check_table(found, path, number, line)
        include = re.match(r'#include [<"]([^">]+)[">]', line)
        if include:
            check_include(found, path, name, number, include.group(1))


def check_table(found, path, number, line):
    """Rows of settings and options: what is secret stands in files, never in the environment or in arguments."""
    row = re.match(r'\s*\{(?:"([\w-]+)", OPTION_|\w+\((?:struct \w+, )?(\w+), (?:TEXT|NUMBER|ENDPOINT|PUBLIC_KEY)\))', line)
    name = row and (row.group(1) or row.group(2))
    if name and SECRET.search(name):
        complain(found, path, number, f'"{name}" would hold a secret; let it name a file')


def check_include(found, path, name, number, header):
    owner = OWNED.get(header)
    if owner and not name.startswith((*owner, "tests/")):
        complain(found, path, number, f"<{header}> is the business of {' and '.join(owner)}")
    home = "/".join((header if header.startswith("services/") else f"common/{header}").split("/")[:2]) + "/"
    if header.endswith("_internal.h") and not name.startswith((home, "tests/")):
        complain(found, path, number, f"{header} is private to {home}; include what is meant for others")
    if name.startswith("common/") and header.startswith("services/"):
        complain(found, path, number, "common/ must not include services/")
    if name.startswith("services/"):
        mine = "/".join(name.split("/")[:2]) + "/"
        if header.startswith("services/") and not header.startswith(mine):
            complain(found, path, number, "one service must not include another")
    for folder, banned in PURE.items():
        if name.startswith(folder) and header.startswith(banned):
            complain(found, path, number, f"{folder} is pure; it must not include {header}")


def check_tags(found, root, names):
    """A struct's tag means one thing in the whole product: a reader who looks for it finds it."""
    seen = {}
    for path in names:
        if path.suffix in (".c", ".h") and path.parts[0] in ("common", "services") and (root / path).exists():
            text = (root / path).read_text(encoding="utf-8")
            for match in TAG.finditer(text):
                line = text.count("\n", 0, match.start(1)) + 1
                first = seen.setdefault(match.group(1), f"{path}:{line}")
                if first != f"{path}:{line}":
                    complain(found, path, line, f"{match.group(1)} is defined in {first}, too; give one another name")


def check_log_ids(found, root, names):
    told, logged = {}, {}
    for number, line in enumerate((root / LOG_TABLE).read_text(encoding="utf-8").split("\n"), 1):
        row = LOG_ROW.match(line)
        if line.startswith("| `") and not row:
            complain(found, LOG_TABLE, number, "a row has an id, a level, what it means, what to do")
        elif row and row.group(1) in told:
            complain(found, LOG_TABLE, number, f"{row.group(1)} has two rows")
        elif row:
            told[row.group(1)] = number
    for path in names:
        if path.suffix == ".c" and path.parts[0] in ("common", "services") and (root / path).exists():
            text = (root / path).read_text(encoding="utf-8")
            for match in LOG_ID.finditer(text):
                line = text.count("\n", 0, match.start(1)) + 1
                logged.update((name, (path, line)) for name in match.groups() if name)
    for name in sorted(logged.keys() - told.keys()):
        complain(found, *logged[name], f"the log id {name} has no row in {LOG_TABLE}")
    for name in sorted(told.keys() - logged.keys()):
        complain(found, LOG_TABLE, told[name], f"nothing logs {name}")


def tracked(root):
    listing = subprocess.run(["git", "-C", root, "ls-files"], check=True, capture_output=True, text=True)
    return [pathlib.Path(line) for line in listing.stdout.splitlines()]


def main():
    root = pathlib.Path(sys.argv[1])
    names = [pathlib.Path(name) for name in sys.argv[2:]] or tracked(root)
    found = []
    checked = 0
    for path in names:
        if path.suffix not in (".c", ".h", ".py", ".sh", ".proto", ".ts", ".tsx", ".mjs", ".css") or not (root / path).exists():
            continue
        text = (root / path).read_text(encoding="utf-8")
        lines = text.split("\n")[:-1]
        checked += 1
        check_text(found, path, lines, text)
        if re.search(r"_(private|impl|inner|priv)\.h$", path.name):
            complain(found, path, 1, "a private header is called NAME_internal.h")
        if path.suffix in (".c", ".h"):
            check_sizes(found, path, lines)
            check_code(found, path, lines)
    check_tags(found, root, names)
    if LOG_TABLE in names:
        check_log_ids(found, root, names)
    print("\n".join(found + [f"tidy: {checked} files, {len(found)} complaints"]))
    return 1 if found or not checked else 0


if __name__ == "__main__":
    sys.exit(main())
