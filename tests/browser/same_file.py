#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Do two files of one report say the same? same_file.py ONE OTHER: workbooks cell by cell, documents by their text, without
the moment of extraction; csv by byte. Exit code 1 and the first difference if not."""
import re
import sys
import zipfile

import openpyxl

MOMENT = re.compile(r"\d\d:\d\d(:\d\d)?,? \d\d/\d\d/\d{4}|\d{4}-\d\d-\d\d \d\d:\d\d(:\d\d)?")


def content(path):
    if path.endswith(".xlsx"):
        book = openpyxl.load_workbook(path)
        return [(sheet.title, cell.coordinate, cell.data_type, MOMENT.sub("", str(cell.value)), cell.number_format)
                for sheet in book for row in sheet.iter_rows() for cell in row]
    if path.endswith(".docx"):
        with zipfile.ZipFile(path) as archive:
            return [MOMENT.sub("", text) for text in re.findall(r"<w:t[^>]*>([^<]*)", archive.read("word/document.xml").decode())]
    with open(path, "rb") as file:
        return [MOMENT.sub("", line) for line in file.read().decode("utf-8-sig").splitlines()]


one, other = content(sys.argv[1]), content(sys.argv[2])
for mine, theirs in zip(one, other):
    if mine != theirs:
        sys.exit(f"{mine!r} is not {theirs!r}")
if len(one) != len(other) or not one:
    sys.exit(f"{len(one)} parts are not {len(other)}")
