# SPDX-License-Identifier: Apache-2.0
"""The command line itself: help, short options, completion, what was meant, pager, folders, services that are not there."""
import os
import pathlib
import re
import subprocess
import time

import openpyxl
import pytest

from hosotest.cli import Cli
from hosotest.cluster import ROOT, program
from hosotest.cut import Cut
from test_files import FORMS, on_a_terminal

MONTH = ["-u", "H27.45", "--month", "2024-02"]


@pytest.fixture(scope="module")
def position(counter):
    month = subprocess.run([program("hoso"), "simulate", "golden"], capture_output=True, check=True).stdout.decode()
    return Cut.parse(counter.run("publish", "-", "--print-position", stdin=month).stdout)


def commands_of(agency):
    return re.findall(r"^  ([a-z]+)  ", agency.run("help").stdout, re.M)


def test_help_of_every_command_is_in_both_languages(agency):
    names = commands_of(agency)
    assert {"report", "dossiers", "overdue", "units"} <= set(names)
    assert agency.run("help").stdout == agency.run("--help").stdout == agency.run("-h").stdout
    for name in names:
        vietnamese, english = (agency.run("-l", language, "help", name).stdout for language in ("vi", "en"))
        assert agency.run(name, "-h", "-l", "vi").stdout == vietnamese
        assert "tùy chọn" in vietnamese and "options" in english
        assert vietnamese.split("\n\n")[1] != english.split("\n\n")[1], name      # the summary
    for name in ("report", "dossiers", "overdue", "units"):
        lines = re.findall(r"^  (?:-., |    )--\S+(?: \S+)? +(\S.*)$", agency.run("help", name).stdout, re.M)
        assert all(re.search(r"[à-ỹ]", line) for line in lines if not re.match(r"20", line)), name


def test_help_names_subcommands(agency):
    assert "FILE.yaml" in agency.run("help", "form", "check").stdout
    agency.run("help", "nothing", code=2)
    agency.run("help", "form", "show", "II.06a", code=2)


def test_short_options(agency, position):
    assert agency.run("-V").stdout == agency.run("--version").stdout
    long = agency.run("report", "truc-tuyen", "--unit", "H27.45", "--month", "2024-02", "--lang", "en", "--format", "csv",
                      "--min-position", position).stdout
    assert agency.run("report", "truc-tuyen", "-uH27.45", "--month", "2024-02", "-l", "en", "-fcsv").stdout == long
    assert "-x" in agency.run("report", "truc-tuyen", "-x", code=2).stderr
    assert "--unit" in agency.run("report", "truc-tuyen", "-u", code=2).stderr


@pytest.mark.parametrize("arguments, meant", [
    (["report", "ii.06a", *MONTH], "II.06a"),
    (["report", "BAO-CAO-THANG", *MONTH], "bao-cao-thang"),
    (["report", "trucuyen", *MONTH], "truc-tuyen"),
    (["report", "II.06a", "-u", "h27.45", "--month", "2024-02"], "H27.45"),
    (["dossiers", "II.06a", "--column", "overdu", *MONTH], "overdue"),
])
def test_what_was_meant(agency, position, arguments, meant):
    assert f'có phải "{meant}" không?' in agency.run(*arguments, code=1).stderr
    assert f'did you mean "{meant}"?' in agency.run(*arguments, "--lang", "en", code=1).stderr


def test_a_column_has_its_printed_number_for_a_name(agency, position):
    by_id, by_number, in_brackets = (agency.json("dossiers", "II.06a", *MONTH, "--column", column, "--all")
                                     for column in ("carried_over", "6", "(6)"))
    assert by_id["sum"] > 0 and by_id == by_number == in_brackets
    agency.run("dossiers", "II.06a", *MONTH, "--column", "(99)", code=1)


def completed(agency, *words):
    """What bash offers after these words; the last one is being typed."""
    script = f'. "{ROOT}/deploy/completion/hoso.bash"; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _hoso; printf "%s\\n" "${{COMPREPLY[@]}}"'
    environment = {**os.environ, "HOSO_CONFIG": str(agency.config),
                   "PATH": f"{pathlib.Path(program('hoso')).parent}:{os.environ['PATH']}"}
    done = subprocess.run(["bash", "-c", script, "bash", "hoso", *words], capture_output=True, text=True, env=environment, check=True)
    return done.stdout.split()


def test_completion(agency, admin, position):
    admin.run("report", "truc-tuyen", *MONTH, "--min-position", position)
    assert set(completed(agency, "")) == set(commands_of(agency))
    assert completed(agency, "ov") == ["overdue"]
    assert set(completed(agency, "report", "")) == set(FORMS)
    assert "--compare" in completed(agency, "report", "II.06a", "--c")
    assert completed(agency, "report", "II.06a", "--compare", "y") == ["year-ago"]
    assert "H27.45.01" in completed(admin, "report", "II.06a", "-u", "H27.45.0")


def on_a_pager(agency, pager, *arguments):
    os.environ["PAGER"] = pager
    try:
        return on_a_terminal(agency.command(*arguments), 80, environment={**os.environ, "TERM": "xterm"})
    finally:
        del os.environ["PAGER"]


def test_a_table_goes_through_the_pager_on_a_terminal_only(agency, position):
    report = ["report", "truc-tuyen", *MONTH]
    assert on_a_pager(agency, "sed s/^/paged:/", *report)[0] == "paged:TỔNG HỢP HỒ SƠ TRỰC TUYẾN"
    assert on_a_pager(agency, "head -n 1", *report) == ["TỔNG HỢP HỒ SƠ TRỰC TUYẾN"]      # it leaves early
    assert on_a_pager(agency, "sed s/^/paged:/", *report, "--no-pager")[0] == "TỔNG HỢP HỒ SƠ TRỰC TUYẾN"
    assert on_a_pager(agency, "sed s/^/paged:/", *report, "-f", "json")[0].startswith("{")
    shown = subprocess.run(agency.command(*report), capture_output=True, text=True, env={**os.environ, "PAGER": "false"}, check=True)
    assert shown.stdout.startswith("TỔNG HỢP")


def test_a_folder_has_a_file_for_each_unit(agency, position, tmp_path):
    folder = tmp_path / "bieu"
    agency.run("report", "II.06a", *MONTH, "--communes", "-o", f"{folder}/")
    units = [unit["unit"] for unit in agency.json("units", "H27.45", "--at", "2024-02-29")
             if unit["unit"] == "H27.45" or unit["tier"] == "COMMUNE"]
    assert {path.name for path in folder.iterdir()} == {f"II.06a_{unit}_2024-02-01_2024-02-29.xlsx" for unit in units}
    one = openpyxl.load_workbook(folder / "II.06a_H27.45.01_2024-02-01_2024-02-29.xlsx")
    assert any("Thị trấn Cẩm Xuyên" in str(cell.value) for cell in one["II.06a"]["A"])
    agency.run("report", "II.06a", "-u", "H27.45", "-u", "H27.45", "--month", "2024-02", "-o", folder, "-f", "csv")
    assert len(list(folder.glob("*.csv"))) == 2
    agency.run("report", "bao-cao-thang", *MONTH, "-o", folder, "-f", "docx")
    assert (folder / "bao-cao-thang_H27.45_2024-02-01_2024-02-29.docx").stat().st_size > 1000
    agency.run("units", "-o", folder, code=2)


def test_a_service_that_is_not_there_is_reported_at_once(agency):
    own = Cli.__new__(Cli)
    own.config = agency.config.with_name("nothing-listens.conf")
    own.config.write_text(re.sub(r"(?m)^reporting = .*$", "reporting = tcp://127.0.0.1:9", agency.config.read_text())
                          + "timeout_ms = 600000\n")
    said = own.run("units", "--lang", "en", code=4, timeout_s=60).stderr
    assert "nothing listens there" in said and "`hoso doctor`" in said
    begun = time.monotonic()
    own.run("units", "--timeout", "4000", code=4)
    assert time.monotonic() - begun >= 4                    # who says how long waits so long


def test_a_report_waits_for_its_position_as_long_as_it_is_told(agency, position):
    begun = time.monotonic()
    agency.run("report", "truc-tuyen", *MONTH, "--min-position", position + 10 ** 6, "--timeout", "32000", code=4)
    assert time.monotonic() - begun >= 32                   # longer than a service waits
