#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The manual pages are sound and whole: every command, setting, kind of event and column has its place in them.

usage: manual_test.py SOURCE BUILD MANDOC
"""
import pathlib
import re
import subprocess
import sys
import unittest

SOURCE, BUILD, MANDOC = pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2]), sys.argv[3]
PAGES = {path.name: path for folder in (SOURCE / "man", BUILD / "man") for path in folder.glob("*.[1-8]")}
SERVICES = ["intake", "aggregation", "reporting", "gateway"]


def output(*command):
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def program(name):
    return BUILD / "services" / name.removeprefix("hoso-") / name


def tags(page, macro="Cm "):
    """{tag: its text} of the lists of a mdoc page."""
    parts = re.split(rf"^\.It {macro}", PAGES[page].read_text(encoding="utf-8"), flags=re.MULTILINE)[1:]
    return {part.split("\n")[0]: part.partition("\n")[2] for part in parts}


def camel(name):
    return re.sub("_(.)", lambda match: match[1].upper(), name)


class Manual(unittest.TestCase):
    def test_mandoc_has_nothing_to_say(self):
        self.assertEqual(len(PAGES), 12, sorted(PAGES))
        for path in PAGES.values():
            lint = subprocess.run([MANDOC, "-T", "lint", "-W", "warning", path], capture_output=True, text=True)
            self.assertEqual((lint.returncode, lint.stdout), (0, ""))

    def test_references_lead_to_pages(self):
        for name, path in PAGES.items():
            for page, section in re.findall(r"^\.Xr (hoso\S*) (\d)", path.read_text(encoding="utf-8"), re.MULTILINE):
                self.assertIn(f"{page}.{section}", PAGES, f"from {name}")

    def test_every_command_is_in_hoso_1(self):
        listed = re.search(r"^commands:\n(.*?)\n\n", output(program("hoso"), "--lang", "en", "--help"), re.DOTALL | re.MULTILINE)[1]
        commands = [line.split()[0] for line in listed.splitlines()]
        self.assertIn("publish", commands)
        page = PAGES["hoso.1"].read_text(encoding="utf-8")
        section = page[page.index(".SH COMMANDS"):page.index(".SH OPTIONS")]
        heads = " ".join(re.findall(r"^\.TP\n(?:\.\w+ )?(.*)$", section, re.MULTILINE))
        for command in commands:
            self.assertRegex(heads, rf"\b{command}\b", "has no entry in man/hoso.1")

    def test_every_setting_is_in_its_page(self):
        samples = {f"hoso-{name}.8": (name, [program(f"hoso-{name}"), "--print-sample"]) for name in SERVICES}
        samples["hoso.conf.5"] = "client", [program("hoso"), "config", "sample"]
        for page, (name, command) in samples.items():
            settings = re.findall(r"^;?(\w+) =", output(*command), re.MULTILINE)
            self.assertGreater(len(settings), 5)
            for setting in settings:
                self.assertIn(f"{setting} Pq Ev HOSO_{name}_{setting}".upper(), [tag.upper() for tag in tags(page)])

    def test_every_option_is_in_its_page(self):
        for name in SERVICES:
            options = re.findall(r"^  (?:-., |    )--([\w-]+)", output(program(f"hoso-{name}"), "--help"), re.MULTILINE)
            self.assertIn("print-config", options)
            self.assertEqual(options, [tag.split()[0] for tag in tags(f"hoso-{name}.8", r"Fl \\-")])

    def test_events_are_those_of_the_code(self):
        event_h = (SOURCE / "common/event/event.h").read_text(encoding="utf-8")
        kinds = re.findall(r"^    X\(([A-Z_]+), \d+\)", event_h, re.MULTILINE)
        names = re.findall(r'"(\w+)", +"\w+"\)', (SOURCE / "common/event/event_names.h").read_text(encoding="utf-8"))
        page = tags("hoso-events.5")
        self.assertEqual((len(kinds), len(names)), (21, 16))
        self.assertEqual(sorted(page), sorted(kinds + names))

    def test_what_a_kind_must_carry_is_what_the_code_asks_for(self):
        """In the page a field that is not optional names the kinds that must have it."""
        members = {"UNIT": "unit", "PROCEDURE": "procedure", "FIELD": "field", "CHANNEL": "channel",
                   "LEVEL": "serviceLevel", "CLASS": "petitionClass", "VOIDS": "voids"}
        code = (SOURCE / "common/event/event.c").read_text(encoding="utf-8")
        table = re.findall(r"\[KIND_(\w+)\] = ([^,{]+),", code[code.index("needs[KIND_COUNT]"):code.index("kind_names")])
        page = tags("hoso-events.5")
        for need, field in members.items():
            asked = {kind for kind, needs in table if f"NEED_{need}" in needs.split(" | ") or needs == f"NEED_{need}"}
            told = set(re.findall(r"\b[A-Z]{4,}[A-Z_]*\b", page[field].split("\n")[0]))
            self.assertEqual(told, asked, field)

    def test_every_key_of_a_form_is_in_its_page(self):
        page = re.sub(r"^\.\w+ ", "", PAGES["hoso-form.5"].read_text(encoding="utf-8"), flags=re.MULTILINE)
        schema = (SOURCE / "common" / "form" / "form_file.c").read_text(encoding="utf-8")
        keys = set(re.findall(r'(?:TEXT|GROUP|LIST|CHOICE|CYAML_FIELD_\w+)\("(\w+)"', schema))
        self.assertTrue({"columns", "each", "level", "tiers", "notes"} <= keys, keys)
        for key in keys | set(re.findall(r'^    \{"(\w+)", (?:ROWS|STUB)_', schema, re.MULTILINE)):
            self.assertRegex(page, rf"\b{key}\b")

    def test_columns_are_those_of_the_code(self):
        code = (SOURCE / "common/catalogue/catalogue_csv.c").read_text(encoding="utf-8")
        columns = re.findall(r"(?:TEXT|CODE|CODES|NUMBER|CHOICE)\((?:Unit|Field|Procedure), (\w+)", code)
        text = PAGES["hoso-catalogue.5"].read_text(encoding="utf-8")
        self.assertEqual(sorted(re.findall(r"^\.It Cm (\w+)$", text, re.MULTILINE)), sorted(columns))


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
