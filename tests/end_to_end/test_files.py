# SPDX-License-Identifier: Apache-2.0
"""Reports and lists as files: every cell of a workbook is the one of the JSON, on paper as on the form."""
import fcntl
import html
import html.parser
import os
import pathlib
import pty
import re
import select
import signal
import struct
import subprocess
import termios
import time
import zipfile

import openpyxl
import pytest

from hosotest.cluster import program
from hosotest.cut import Cut

SHIM = pathlib.Path(__file__).parents[1] / "faults" / "fail_sync.c"
MONTH = ["--unit", "H27.45", "--from", "2024-01-19", "--to", "2024-02-19"]
FORMS = ["bao-cao-thang", "II.06a", "07a", "07a-btp", "truc-tuyen", "muc-do", "thu-tuc", "so-hoa", "tong-hop-06", "pakn", "thong-ke"]


@pytest.fixture(scope="module")
def position(counter):
    month = subprocess.run([program("hoso"), "simulate", "golden"], capture_output=True, check=True).stdout.decode()
    return Cut.parse(counter.run("publish", "-", "--print-position", stdin=month).stdout)


@pytest.fixture(scope="module")
def report(agency, position):
    """report(FORM, …): the arguments that print it."""
    return lambda form, *more: ["report", form, *MONTH, "--min-position", position, *more]


def first_row(sheet):
    """The first row of figures: below the frozen headings."""
    return openpyxl.utils.cell.coordinate_from_string(sheet.freeze_panes)[1]


@pytest.mark.parametrize("form", FORMS)
def test_a_workbook_is_the_report(agency, report, tmp_path, form):
    told = agency.json(*report(form))
    agency.run(*report(form, "--out", tmp_path / "bieu.xlsx"))
    book = openpyxl.load_workbook(tmp_path / "bieu.xlsx")
    assert book.sheetnames == [form, "Ghi chú"]
    sheet = book[form]
    told["rows"] = [row for row in told["rows"] if row["cells"] or row.get("kind") != "LINE"]     # a sentence's second line is no row
    first, stub = first_row(sheet), len(told.get("stub", [None]))
    assert sheet.max_row == first + len(told["rows"]) - 1
    assert sheet.max_column == stub + len(told["columns"])
    assert_no_empty_column(sheet)
    for number, row in enumerate(told["rows"], first):
        for place, text in enumerate(row.get("stub", [row["label"]]), 1):
            cell = sheet.cell(number, place)
            assert (cell.value or "") == text and (cell.value is None or cell.data_type == "s")
        for place, column in enumerate(told["columns"], stub + 1):
            assert_cell(sheet.cell(number, place), row["cells"].get(column["id"]))
    assert any(sheet.cell(first, place).font.b for place in range(1, stub + 1)) or form == "bao-cao-thang"


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("lang", ["vi", "en"])
def test_headings_of_csv_differ(agency, report, form, lang):
    head = agency.run(*report(form, "--format", "csv", "--lang", lang, "--separator", ";")).stdout.lstrip("\ufeff").splitlines()[0]
    assert len(set(head.split(";"))) == len(head.split(";"))


def test_there_are_no_other_forms(agency):
    assert sorted(line["form"] for line in agency.json("forms")) == sorted(FORMS)


def assert_cell(cell, told):
    if told is None:
        assert cell.value is None
    elif isinstance(told, int):
        assert cell.value == told and cell.data_type == "n" and "#,##0" in cell.number_format
    elif told["d"] == 0:
        assert cell.value == told["text"] == "—"
    else:
        assert cell.value == pytest.approx(told["n"] / told["d"], abs=1e-12) and "0.00%" in cell.number_format


def assert_no_empty_column(sheet):
    for column in range(1, sheet.max_column + 1):
        assert any(sheet.cell(row, column).value is not None for row in range(1, sheet.max_row + 1)), column


def test_a_workbook_is_laid_out_as_paper(agency, report, tmp_path):
    told = agency.json(*report("II.06a"))
    agency.run(*report("II.06a", "--out", tmp_path / "bieu.xlsx"))
    sheet = openpyxl.load_workbook(tmp_path / "bieu.xlsx")["II.06a"]
    first = first_row(sheet)
    head = [str(sheet.cell(row, 1).value) for row in range(1, first)]
    assert told["title"] in head and told["unitName"] in head
    assert any("Từ ngày 19/01/2024 đến ngày 19/02/2024" in line for line in head)
    assert any(line.startswith("Trích xuất lúc ") for line in head)
    numbers = [sheet.cell(first - 1, column).value for column in range(1, sheet.max_column + 1)]
    assert numbers[-len(told["columns"]):] == [column["number"] for column in told["columns"]]
    assert sheet.page_setup.orientation == "landscape" and sheet.page_setup.paperSize == 9
    assert sheet.sheet_properties.pageSetUpPr.fitToPage and sheet.page_setup.fitToHeight == 0
    assert sheet.print_title_rows.endswith(f"${first - 1}")
    assert sheet.cell(first, 1).border.left.style == "thin"
    labels = {row["level"]: number for number, row in enumerate(told["rows"], first)}
    assert sheet.cell(labels[2], first_label(sheet, told)).alignment.indent == 2
    figure = sheet.cell(first, sheet.max_column)
    assert (figure.alignment.horizontal, figure.alignment.indent) == ("right", 1), "figures keep off the border"


def first_label(sheet, told):
    return len(told.get("stub", [None]))


def test_notes_checks_and_cut_have_a_sheet(agency, report, tmp_path):
    told = agency.json(*report("II.06a"))
    agency.run(*report("II.06a", "--out", tmp_path / "bieu.xlsx"))
    notes = openpyxl.load_workbook(tmp_path / "bieu.xlsx")["Ghi chú"]
    texts = [str(row[1].value) for row in notes.iter_rows()]
    for words in [*told["notes"], *(f"[đúng] {check['text']}" for check in told["checks"]), told["unit"],
                  f"vị trí {told['cut']['position']} (nhật ký {told['cut']['incarnation']})"]:
        assert any(words in text for text in texts), words


def test_each_commune_has_a_sheet(agency, report, tmp_path):
    units = agency.json("units", "H27.45", "--at", "2024-02-19")
    agency.run(*report("II.06a", "--communes", "--out", tmp_path / "xa.xlsx"))
    book = openpyxl.load_workbook(tmp_path / "xa.xlsx")
    communes = [unit for unit in units if unit["tier"] == "COMMUNE"]
    assert len(book.sheetnames) == len(communes) + 2 and book.sheetnames[-1] == "Ghi chú"
    for name, unit in zip(book.sheetnames[1:], communes):
        told = agency.json("report", "II.06a", "--unit", unit["unit"], *MONTH[2:])
        sheet = book[name]
        figures = [sheet.cell(first_row(sheet), len(told.get("stub", [None])) + 1 + i).value
                   for i in range(len(told["columns"]))]
        assert figures == [told["rows"][0]["cells"][column["id"]] for column in told["columns"]]
    both = agency.run(*report("II.06a", "--unit", "H27.45.01", "--format", "table")).stdout
    assert both.count("Từ ngày 19/01/2024") == 2
    agency.run(*report("II.06a", "--unit", "H27.45.01", "--format", "csv"), code=2)


def test_codes_in_a_list_stay_text(agency, report, tmp_path):
    agency.json(*report("thong-ke"))               # waits until reporting has the month
    listed = agency.json("dossiers", "thong-ke", "--column", "returned", *MONTH)
    agency.run("dossiers", "thong-ke", "--column", "returned", *MONTH, "--out", tmp_path / "ho-so.xlsx")
    sheet = openpyxl.load_workbook(tmp_path / "ho-so.xlsx").worksheets[0]
    rows = list(sheet.iter_rows())
    head = next(at for at, row in enumerate(rows) if "Mã hồ sơ" in [cell.value for cell in row])
    columns = {cell.value: at for at, cell in enumerate(rows[head])}
    rows = [row for row in rows[head + 1:] if row[columns["Mã hồ sơ"]].value]
    for caption, member in (("Mã hồ sơ", "dossier"), ("Mã thủ tục", "procedure"), ("Số ngày còn lại (âm: quá hạn)", "daysLeft")):
        assert [row[columns[caption]].value for row in rows] == [line[member] for line in listed["dossiers"]], caption
    for caption, member in (("Ngày tiếp nhận", "received"), ("Ngày hẹn trả", "due"), ("Ngày kết thúc", "ended")):
        cells = [row[columns[caption]] for row in rows]
        assert [f"{cell.value:%Y-%m-%d}" for cell in cells] == [line[member] for line in listed["dossiers"]], caption
        assert all(cell.is_date and cell.number_format == "dd/mm/yyyy" for cell in cells), caption
    texts = [columns[caption] for caption in ("Mã hồ sơ", "Mã thủ tục", "Lĩnh vực", "Tình trạng")]
    assert all(row[index].data_type == "s" and row[index].number_format == "@" for row in rows for index in texts)


def test_a_list_in_a_file_is_whole(agency, report, tmp_path):
    """Nobody who opens the file sees what stderr said of it."""
    agency.json(*report("thong-ke"))
    asked = ["dossiers", "thong-ke", "--column", "received", *MONTH]
    whole = agency.json(*asked, "--all")
    assert len(whole["dossiers"]) > 1000 and len(agency.json(*asked)["dossiers"]) == 100
    agency.run(*asked, "--out", tmp_path / "ho-so.xlsx")
    sheet = openpyxl.load_workbook(tmp_path / "ho-so.xlsx").worksheets[0]
    numbers = [row[0].value for row in sheet.iter_rows() if isinstance(row[0].value, int)]
    assert numbers == list(range(1, len(whole["dossiers"]) + 1))
    agency.run(*asked, "--limit", 7, "--out", tmp_path / "bay.xlsx")
    book = openpyxl.load_workbook(tmp_path / "bay.xlsx")
    assert [row[0].value for row in book.worksheets[0].iter_rows() if isinstance(row[0].value, int)] == list(range(1, 8))
    notes = {row[1].value for row in book["Ghi chú"].iter_rows()}
    assert any("đây là 7 dòng đầu" in note for note in notes if note)


def test_a_list_looks_as_on_paper(agency, report, tmp_path):
    """Title, unit, period, a line for each unit with its number of dossiers, and what a report's workbook has, too."""
    agency.json(*report("thong-ke"))
    asked = ["dossiers", "thong-ke", "--column", "returned", *MONTH]
    listed = agency.json(*asked, "--all")["dossiers"]
    agency.run(*asked, "--out", tmp_path / "ho-so.xlsx")
    book = openpyxl.load_workbook(tmp_path / "ho-so.xlsx")
    sheet = book.worksheets[0]
    column = [str(row[0].value).strip() for row in sheet.iter_rows() if row[0].value is not None]
    assert column[:3] == ["DANH SÁCH HỒ SƠ: Trả lại", "UBND huyện Cẩm Xuyên", "Từ ngày 19/01/2024 đến ngày 19/02/2024"]
    assert column[3].startswith("Trích xuất lúc ") and column[4] == "STT"
    groups = {line["unitName"]: 0 for line in listed}
    for line in listed:
        groups[line["unitName"]] += 1
    assert [text for text in column[5:] if not text.isdigit()] == [f"{name}: {count} hồ sơ" for name, count in groups.items()]
    bold = [row[0] for row in sheet.iter_rows() if row[0].value in [f"{name}: {count} hồ sơ" for name, count in groups.items()]]
    assert all(cell.font.bold for cell in bold) and len(sheet.merged_cells.ranges) >= len(groups)
    heading = next(row[0].row for row in sheet.iter_rows() if row[0].value == "STT")
    assert (sheet.freeze_panes, sheet.print_title_rows) == (f"C{heading + 1}", f"${heading}:${heading}")
    assert (sheet.page_setup.orientation, int(sheet.page_setup.paperSize), sheet.page_setup.fitToWidth) == ("landscape", 9, None)
    notes = [[cell.value for cell in row] for row in book["Ghi chú"].iter_rows()]
    assert ["Tên biểu", column[0]] in notes and ["Mã đơn vị", "H27.45"] in notes
    assert any(note[1] and note[1].startswith("Xếp theo đơn vị, rồi theo ngày hẹn trả") and "19/02/2024" in note[1] for note in notes)
    assert any(note[1] and note[1].startswith("Số liệu tính đến vị trí") for note in notes)

    text = agency.run(*asked, "--all", "--format", "csv").stdout.lstrip("\ufeff").splitlines()
    remarks = [line for line in text if line.startswith("# ")]
    assert remarks[:3] == [f"# {line}" for line in column[:3]] and len(text) == len(listed) + 1 + len(remarks)
    assert not [line for line in agency.run(*asked, "--all", "--format", "csv", "--plain").stdout.splitlines() if line.startswith("#")]
    page = agency.run(*asked, "--all", "--format", "html").stdout
    assert f"<h1>{column[0]}</h1>" in page and page.count('scope="rowgroup"') == len(groups)
    table = agency.run(*asked, "--all").stdout
    assert all(f"\n{name}: {count} hồ sơ\n" in table for name, count in groups.items())
    counts = agency.run("overdue", "--count", "--tree-at", "2024-02-19", "--at", "2024-02-19", "--within", 0, "--format", "csv").stdout
    assert "# Tính đến hết ngày 19/02/2024" in counts


def test_a_catalogue_is_three_sheets(admin, tmp_path):
    shown = admin.json("catalogue", "show")
    admin.run("catalogue", "show", "--out", tmp_path / "danh-muc.xlsx")
    book = openpyxl.load_workbook(tmp_path / "danh-muc.xlsx")
    assert book.sheetnames == ["Đơn vị", "Lĩnh vực", "Thủ tục"]
    for sheet, part in zip(book.worksheets, ["units", "fields", "procedures"]):
        assert [[cell.value or "" for cell in row] for row in sheet.iter_rows(min_row=2)] == \
            [list(line.values()) for line in shown[part]]


class Table(html.parser.HTMLParser):
    """The cells of every row of the page's table bodies."""

    def __init__(self, text):
        super().__init__()
        self.rows, self.inside = [], False
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.inside = tag == "td"
        if tag == "tr":
            self.rows.append([])
        elif tag == "td":
            self.rows[-1].append("")

    def handle_endtag(self, tag):
        self.inside = False

    def handle_data(self, data):
        if self.inside:
            self.rows[-1][-1] += data


def test_a_page_is_the_report(agency, report, tmp_path):
    told = agency.json(*report("truc-tuyen"))
    agency.run(*report("truc-tuyen", "--out", tmp_path / "trang.html"))
    rows = [row for row in Table((tmp_path / "trang.html").read_text(encoding="utf-8")).rows if row]
    assert len(rows) == len(told["rows"])
    for shown, row in zip(rows, told["rows"]):
        cells = [row["cells"][column["id"]] for column in told["columns"]]
        assert shown[-len(cells):] == [cell["text"] if isinstance(cell, dict) else f"{cell:,}".replace(",", ".")
                                       for cell in cells]


def words_of(path):
    """The text of a Word document, a line for each paragraph."""
    with zipfile.ZipFile(path) as parts:
        xml = parts.read("word/document.xml").decode("utf-8")
    return [html.unescape(re.sub("<[^>]*>", "", paragraph)) for paragraph in xml.split("</w:p>")]


def test_the_monthly_report_fills_its_word_template(agency, report, tmp_path):
    told = agency.json(*report("bao-cao-thang"))
    agency.run(*report("bao-cao-thang", "--out", tmp_path / "bao-cao.docx"))
    words = words_of(tmp_path / "bao-cao.docx")
    for row in told["rows"]:
        if row.get("text"):
            assert any(row["text"] in paragraph for paragraph in words), row["text"]
    assert not any(re.search(r"\{[a-z.]+\}", paragraph) for paragraph in words)


def test_an_unknown_field_of_a_template_is_named(agency, report, tmp_path):
    agency.run(*report("bao-cao-thang", "--out", tmp_path / "bao-cao.docx"))
    with zipfile.ZipFile(tmp_path / "bao-cao.docx") as old, zipfile.ZipFile(tmp_path / "mau.docx", "w") as new:
        for part in old.namelist():
            new.writestr(part, old.read(part).replace(b"</w:body>", b"<w:p><w:r><w:t>{no.such}</w:t></w:r></w:p></w:body>")
                         if part == "word/document.xml" else old.read(part))
    failed = agency.run(*report("bao-cao-thang", "--out", tmp_path / "x.docx", "--template", tmp_path / "mau.docx"), code=1)
    assert "no.such" in failed.stderr and not (tmp_path / "x.docx").exists()
    failed = agency.run(*report("thong-ke", "--out", tmp_path / "x.docx"), code=1)
    assert "--template" in failed.stderr


@pytest.mark.parametrize("ending", ["xlsx", "html", "csv", "json", "txt"])
def test_a_file_is_whole_or_as_it_was(agency, report, tmp_path, ending):
    path = tmp_path / f"bieu.{ending}"
    path.write_text("old", encoding="utf-8")
    agency.run("report", "no-such-form", *MONTH, "--out", path, code=1)
    assert path.read_text(encoding="utf-8") == "old"
    agency.run(*report("II.06a", "--out", path))
    assert path.stat().st_size > 1000
    assert [file.name for file in tmp_path.iterdir()] == [path.name]
    failed = agency.run(*report("II.06a", "--out", tmp_path / "no-folder" / f"bieu.{ending}"), code=1)
    assert "no-folder" in failed.stderr


@pytest.mark.parametrize("ending", ["csv", "xlsx", "docx"])
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_leaves_nothing_behind(agency, report, tmp_path, ending, number):
    """While the disk takes its time over the new file: the old one stays, nothing beside it, and the signal ended us."""
    library, hold, out = tmp_path / "shim.so", tmp_path / "hold", tmp_path / "out"
    subprocess.run(["cc", "-std=c17", "-D_GNU_SOURCE", "-shared", "-fPIC", "-o", library, SHIM, "-ldl"], check=True)
    out.mkdir()
    (out / f"bieu.{ending}").write_text("what was there")
    hold.touch()
    process = agency.start(*report("bao-cao-thang", "--out", out / f"bieu.{ending}"),
                           env={**os.environ, "LD_PRELOAD": str(library), "HOSO_HOLD_SYNC": str(hold),
                                "ASAN_OPTIONS": "verify_asan_link_order=0"},
                           # in the background of a shell SIGINT is ignored, and by nohup SIGHUP
                           preexec_fn=lambda: signal.signal(number, signal.SIG_DFL))
    deadline = time.monotonic() + 60
    while len(list(out.iterdir())) < 2:
        assert process.poll() is None and time.monotonic() < deadline, process.stderr.read()
        select.select([], [], [], 0.005)
    process.send_signal(number)
    process.communicate(timeout=60)
    assert process.returncode == -number
    assert [path.name for path in out.iterdir()] == [f"bieu.{ending}"]
    assert (out / f"bieu.{ending}").read_text() == "what was there"


def test_plain_csv_says_what_it_leaves_out(agency, report):
    told = agency.json(*report("II.06a"))
    plain = agency.run(*report("II.06a", "--format", "csv", "--plain"))
    assert "#" not in plain.stdout
    for note in told["notes"]:
        assert note in plain.stderr


@pytest.mark.parametrize("arguments, words", [
    (["--format", "xlsx"], "--out FILE.xlsx"),
    (["--out", "bieu.doc"], "no format has this ending"),
    (["--format", "pdf"], "--format is table, json, csv, html, xlsx or docx"),
    (["--format", "docx"], "--out FILE.docx"),
    (["--template", "a.docx"], "--template goes with --out FILE.docx"),
    (["--columns", "late,nothing"], 'there is no column "nothing"'),
])
def test_a_wrong_use_is_explained(agency, report, arguments, words):
    assert words in agency.run("--lang", "en", *report("II.06a", *arguments), code=2).stderr


def on_a_terminal(command, columns, environment=None):
    """What the command prints on a terminal of so many columns."""
    master, slave = pty.openpty()
    fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", 50, columns, 0, 0))
    process = subprocess.Popen(command, stdout=slave, stderr=subprocess.DEVNULL,
                               env=environment or {**os.environ, "PAGER": ""})
    os.close(slave)
    printed = b""
    with open(master, "rb", buffering=0) as terminal:
        while True:
            try:
                part = terminal.read(65536)
            except OSError:          # the other end is closed
                break
            if not part:
                break
            printed += part
    assert process.wait(timeout=30) == 0
    return printed.decode("utf-8").replace("\r\n", "\n").splitlines()


@pytest.mark.parametrize("columns", [60, 80, 120, 400])
def test_a_wide_table_fits_its_terminal(agency, report, columns):
    lines = on_a_terminal(agency.command(*report("II.06a", "--lang", "en")), columns)
    first = next(number for number, line in enumerate(lines) if line.startswith("STT") or "──" in line)
    last = next(number for number, line in enumerate(lines) if number > first and not line)
    told = agency.json(*report("II.06a"))
    hidden = [line for line in lines if "columns not shown" in line]
    assert all(len(line) <= columns for line in lines[first:last] if line not in hidden)
    shown = len([part for part in lines[last - len(told["rows"]) - 1 - len(hidden)].split() if set(part) == {"─"}])
    assert shown + (int(hidden[0].lstrip("(").split()[0]) if hidden else 0) == len(told["columns"]) + len(told["stub"])
    assert bool(hidden) == (columns < 200)


def test_chosen_columns(agency, report):
    told = agency.json(*report("II.06a"))
    shown = agency.run(*report("II.06a", "--columns", "late,online", "--format", "csv", "--plain")).stdout.splitlines()
    assert [line.split(";")[-2:] for line in shown[1:]] == \
        [[str(row["cells"]["online"]), str(row["cells"]["late"])] for row in told["rows"]]
    for numbers in ("10,4", "(4),(10)", "late,4"):
        by_number = agency.run(*report("II.06a", "--columns", numbers, "--format", "csv", "--plain")).stdout.splitlines()
        assert by_number == shown, "columns by the numbers that the form prints"
    for unknown in ("1", "77", "(4", "4)", "()", ","):
        code = 0 if unknown == "1" else 2
        agency.run(*report("II.06a", "--columns", unknown, "--format", "csv", "--plain"), code=code)
