# SPDX-License-Identifier: Apache-2.0
"""What every form looks like in every format: the golden month, held against the files beside the forms, byte for byte but
for the moment and the cut. After a change that is meant HOSO_WRITE_EXPECTED=1 writes them anew: read the difference.

A workbook is kept as its cells, with which are merged and which bold; a letter as its paragraphs and tables."""
import os
import re
import zipfile
from xml.etree import ElementTree

import openpyxl
import pytest

from hosotest.cli import Cli
from hosotest.cluster import ROOT, Cluster

EXPECTED = ROOT / "services" / "reporting" / "forms" / "expected"
FORMS = sorted(path.stem for path in EXPECTED.parent.glob("*.yaml"))
FORMATS = ["txt", "csv", "json", "html", "xlsx"]
MONTH = ["--unit", "H27.45", "--from", "2024-01-19", "--to", "2024-02-19"]
WORD = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
PASSING = [(r"\d\d:\d\d ngày \d\d/\d\d/\d{4}", "HH:MM ngày DD/MM/YYYY"), (r"\d+@\d{10,}", "CUT"), (r"\b\d{16,20}\b", "INCARNATION"),
           (r"(?i)((?:vị trí|position)\W{1,4})\d+", r"\1POSITION")]


@pytest.fixture(scope="module")
def golden():
    with Cluster(sources=["counter"]) as cluster:
        cluster.add("agency", role="agency", units="H27.45")
        cluster.reload()
        Cli(cluster, "admin").run("catalogue", "import", ROOT / "deploy" / "demo" / "catalogue")
        events = cluster.directory / "golden.ndjson"
        events.write_text(Cli(cluster, "counter").run("simulate", "golden").stdout, encoding="utf-8")
        Cli(cluster, "counter").run("publish", events)
        cluster.reporting.wait_position(cluster.intake.status().cut.position)
        yield Cli(cluster, "agency")


def lasting(text):
    for pattern, word in PASSING:
        text = re.sub(pattern, word, text)
    return text


def workbook_text(path):
    lines = []
    for sheet in openpyxl.load_workbook(path):
        lines.append(f"== {sheet.title}, {sheet.page_setup.orientation}, frozen at {sheet.freeze_panes}, "
                     f"repeated {sheet.print_title_rows}, merged {' '.join(sorted(map(str, sheet.merged_cells.ranges)))}")
        for row in sheet:
            lines.append("\t".join("" if cell.value is None else f"*{cell.value}*" if cell.font.bold else f"{cell.value}"
                                   for cell in row).rstrip())
    return "\n".join(lines) + "\n"


def letter_text(path):
    root = ElementTree.fromstring(zipfile.ZipFile(path).read("word/document.xml"))

    def words(node):
        return "".join(text.text or "" for text in node.iter(f"{WORD}t"))
    lines = []
    for block in root.find(f"{WORD}body"):
        if block.tag == f"{WORD}tbl":
            lines += ["\t".join(words(cell) for cell in row.iter(f"{WORD}tc")) for row in block.iter(f"{WORD}tr")]
        elif block.tag == f"{WORD}p":
            lines.append(words(block))
    return "\n".join(lines) + "\n"


def check(name, text):
    path, text = EXPECTED / name, lasting(text)
    if os.environ.get("HOSO_WRITE_EXPECTED"):
        EXPECTED.mkdir(exist_ok=True)
        path.write_bytes(text.encode())
    assert text == path.read_bytes().decode(), f"{path.relative_to(ROOT)} says otherwise"


@pytest.mark.parametrize("form", FORMS)
def test_a_form_looks_as_beside_it(golden, tmp_path, form):
    for ending in FORMATS:
        out = tmp_path / f"report.{ending}"
        golden.run("report", form, *MONTH, "--out", out)
        check(*((f"{form}.xlsx.tsv", workbook_text(out)) if ending == "xlsx" else (out.name.replace("report", form), out.read_bytes().decode())))


def test_the_letter_looks_as_beside_it(golden, tmp_path):
    golden.run("report", "bao-cao-thang", *MONTH, "--out", tmp_path / "letter.docx")
    check("bao-cao-thang.docx.txt", letter_text(tmp_path / "letter.docx"))


def test_nothing_else_is_expected():
    known = {f"{form}.{ending.replace('xlsx', 'xlsx.tsv')}" for form in FORMS for ending in FORMATS} | {"bao-cao-thang.docx.txt"}
    assert {path.name for path in EXPECTED.iterdir()} == known
