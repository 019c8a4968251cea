# SPDX-License-Identifier: Apache-2.0
"""Workbooks and documents keep the main rules of OOXML; and what breaks one of the rules is found."""
import shutil
import zipfile

import pytest

from hosotest.ooxml import faults
from test_files import FORMS, MONTH, position, report  # noqa: F401 (fixtures)


@pytest.fixture(scope="module")
def files(agency, admin, report, tmp_path_factory):
    """{name: path} of one of every kind."""
    folder = tmp_path_factory.mktemp("ooxml")
    asked = {f"{form}.xlsx": report(form) for form in FORMS}
    asked |= {"compared.xlsx": report("II.06a", "--compare", "previous"), "communes.xlsx": report("II.06a", "--communes"),
              "english.xlsx": report("muc-do", "--lang", "en"), "bao-cao-thang.docx": report("bao-cao-thang"),
              "commune.docx": ["report", "bao-cao-thang", *MONTH[2:], "--unit", "H27.45.03"],
              "units.xlsx": ["units", "--all", "--at", "2024-02-01"], "overdue.xlsx": ["overdue"], "forms.xlsx": ["forms"],
              "dossiers.xlsx": ["dossiers", "II.06a", "--column", "4", *MONTH], "quality.xlsx": ["quality", "--unit", "H27.45"]}
    for name, arguments in asked.items():
        agency.run(*arguments, "--out", folder / name)
    admin.run("catalogue", "show", "--out", folder / "catalogue.xlsx")
    return {path.name: path for path in folder.iterdir()}


def test_every_file_keeps_the_rules(files):
    assert len(files) > 20
    for name, path in files.items():
        assert faults(path) == [], name


BROKEN = [
    ("II.06a.xlsx", "[Content_Types].xml", 'PartName="/xl/styles.xml"', 'PartName="/xl/style.xml"', "style.xml, which is not there"),
    ("II.06a.xlsx", "[Content_Types].xml", "spreadsheetml.worksheet+xml", "spreadsheetml.sheet+xml", "is a worksheet of the content type"),
    ("II.06a.xlsx", "xl/_rels/workbook.xml.rels", "worksheets/sheet1.xml", "worksheets/sheet9.xml", "sheet9.xml is not there"),
    ("II.06a.xlsx", "xl/workbook.xml", 'r:id="rId1"', 'r:id="rId77"', "leads to rId77"),
    ("II.06a.xlsx", "xl/worksheets/sheet1.xml", "<sheetData>", "<pageMargins/><sheetData>", "in the order"),
    ("II.06a.xlsx", "xl/worksheets/sheet1.xml", "<sheetData>", "<pages/><sheetData>", "has a <pages>"),
    ("II.06a.xlsx", "xl/worksheets/sheet1.xml", '<row r="2"', '<row r="1"', "row 1 behind row 1"),
    ("II.06a.xlsx", "xl/worksheets/sheet1.xml", '<c r="A1" s="', '<c r="A1" s="99', "a format that is not there"),
    ("II.06a.xlsx", "xl/worksheets/sheet1.xml", '<mergeCell ref="', '<mergeCell ref="A1:Z99"/><mergeCell ref="', "merged cells overlap"),
    ("II.06a.xlsx", "xl/worksheets/sheet1.xml", "<v>2705</v>", "<v>2.705,0</v>", "which is no number"),
    ("bao-cao-thang.docx", "word/document.xml", "</w:pPr>", "</w:pPr><w:pPr/>", "or twice"),
    ("bao-cao-thang.docx", "word/document.xml", "<w:pPr>", "<w:pPr><w:jc/><w:keepNext/>", "<pPr> has its elements in the order"),
    ("bao-cao-thang.docx", "word/document.xml", "</w:tc>", "<w:tbl/></w:tc>", "does not end with <p>"),
    ("bao-cao-thang.docx", "word/document.xml", "</w:tr>", "<w:tc><w:p/></w:tc></w:tr>", "a row of 3 cells in a table of 2 columns"),
    ("bao-cao-thang.docx", "word/document.xml", "<w:body>", "<w:body><w:r/>", "<r> stands in <body>"),
]


@pytest.mark.parametrize("name, part, what, broken, said", BROKEN, ids=[row[4] for row in BROKEN])
def test_what_breaks_a_rule_is_found(files, tmp_path, name, part, what, broken, said):
    path = shutil.copy(files[name], tmp_path)
    with zipfile.ZipFile(files[name]) as given, zipfile.ZipFile(path, "w") as written:
        for entry in given.namelist():
            content = given.read(entry)
            if entry == part:
                assert what.encode() in content, what
                content = content.replace(what.encode(), broken.encode(), 1)
            written.writestr(entry, content)
    found = faults(path)
    assert any(said in fault for fault in found), found
