#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""tidy must complain about each thing it looks for, and about nothing in a clean file."""
import pathlib
import subprocess
import sys
import tempfile

HEAD = "/* SPDX-License-Identifier: Apache-2.0\n *\n * A file.\n */\n"
CASES = [
    ("common/base/a.c", HEAD + "int a(void);\n", None),
    ("common/base/a.c", "int a(void);\n", "no licence line"),
    ("common/base/a.c", HEAD + "int a = strcpy(x, y);\n", "strcpy()"),
    ("common/base/a.c", HEAD + "/* strcpy(x, y) */\n", None),
    ("common/base/a.c", HEAD + "#include <lmdb.h>\n", "business of common/store/"),
    ("common/store/a.c", HEAD + "#include <lmdb.h>\n", None),
    ("services/x/a.c", HEAD + "#include <zmq.h>\n", "business of common/bus/"),
    ("common/base/a.c", HEAD + '#include "services/intake/a.h"\n', "must not include services/"),
    ("services/x/a.c", HEAD + '#include "services/y/a.h"\n', "must not include another"),
    ("common/fold/a.c", HEAD + '#include "store/store.h"\n', "is pure"),
    ("services/x/a.c", HEAD + '#include "bus/bus_internal.h"\n', "is private to common/bus/"),
    ("services/x/y/a.c", HEAD + '#include "services/x/a_internal.h"\n', None),
    ("common/bus/a.c", HEAD + '#include "bus/bus_internal.h"\n', None),
    ("tests/unit/a.c", HEAD + '#include "bus/bus_internal.h"\n', None),
    ("common/base/a_private.h", HEAD + "int a;\n", "NAME_internal.h"),
    ("common/base/a.c", HEAD + "{\n" + "    x();\n" * 71 + "}\n", "a function of 71 lines"),
    ("common/base/a.h", HEAD + "int a;\n" * 150, "at most 150"),
    ("common/base/a.c", HEAD + "int a; " + "b" * 100 + "\n", "at most 100"),
    ("common/base/a.c", HEAD + "int a; \n", "white space"),
    ("common/base/a.c", HEAD + "\tint a;\n", "a tab"),
    ("services/x/a.c", HEAD + "    {SETTING(struct x, secret_key, TEXT), NULL},\n", "would hold a secret"),
    ("services/x/a.c", HEAD + "    {OWN(password, TEXT), NULL},\n", "would hold a secret"),
    ("services/x/a.c", HEAD + '    {"token", OPTION_TEXT, &token},\n', "would hold a secret"),
    ("services/x/a.c", HEAD + "    {SETTING(struct x, key, TEXT), NULL},\n", None),
    ("common/base/a.c", HEAD + "/* e\u0301 */\n", "NFC"),
]

# what a service logs, the rows of docs/log-messages.md, what tidy says
ROW = "| `x.{}` | error | it means this | do that |\n"
LOG_CASES = [
    ('log_event(LOG_ERROR, "x.a", "…");', ROW.format("a"), None),
    ('log_event(LOG_ERROR,\n    full ? "x.a" : "x.b", "…");', ROW.format("a") + ROW.format("b"), None),
    ('log_event(bad ? LOG_ERROR : LOG_INFO, "x.a", "…");', ROW.format("a"), None),
    ('[NEWS] = {LOG_INFO, "x.a", "…"},', ROW.format("a"), None),
    ('log_event(LOG_ERROR, "x.a", "…");', "", "the log id x.a has no row"),
    ('log_event(LOG_ERROR,\n    full ? "x.a" : "x.b", "…");', ROW.format("a"), "services/x/a.c:6: the log id x.b has no row"),
    ("", ROW.format("a"), "nothing logs x.a"),
    ('log_event(LOG_ERROR, "x.a", "…");', ROW.format("a") * 2, "x.a has two rows"),
    ('log_event(LOG_ERROR, "x.a", "…");', "| `x.a` | error | it means this | |\n", "a row has an id"),
]


# two files of the product, what tidy says
TAG_CASES = [
    ("struct a {\n", "struct b {\n", None),
    ("struct a {\n", "static struct a *a(void);\n", None),
    ("struct a {\n", "enum a {\n", None),
    ("struct a {\n", "struct a {\n", "struct a is defined in common/x/a.c:5, too"),
    ("struct a {\n", "static const struct a {\n", "struct a is defined in common/x/a.c:5, too"),
    ("enum a {\n", "enum a {\n", "enum a is defined in common/x/a.c:5, too"),
]


def complaint(files, wanted):
    """None, or in which way tidy says something else of these files than is wanted."""
    with tempfile.TemporaryDirectory() as root:
        for name, text in files.items():
            path = pathlib.Path(root, name)
            path.parent.mkdir(parents=True)
            path.write_text(text, encoding="utf-8")
        tidy = pathlib.Path(__file__).with_name("tidy.py")
        run = subprocess.run([sys.executable, tidy, root, *files], capture_output=True, text=True)
        good = run.returncode == (1 if wanted else 0) and (wanted or "0 complaints") in run.stdout
        return None if good else f"{list(files)}: wanted {wanted!r}, got {run.stdout!r}"


def main():
    cases = [({name: text}, wanted) for name, text, wanted in CASES]
    cases += [({"services/x/a.c": HEAD + code + "\n", "docs/log-messages.md": rows}, wanted) for code, rows, wanted in LOG_CASES]
    cases += [({"common/x/a.c": HEAD + one, "services/y/b.c": HEAD + other}, wanted) for one, other, wanted in TAG_CASES]
    failed = [said for files, wanted in cases if (said := complaint(files, wanted))]
    print("\n".join(failed + [f"{len(cases) - len(failed)} passed, {len(failed)} failed"]))
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
