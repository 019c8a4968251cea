# SPDX-License-Identifier: Apache-2.0
"""What goes wrong is said in Vietnamese, or in English with --lang or `lang`; po/vi.po has no message that no source has."""
import re
import unicodedata

import pytest

from hosotest.cli import Cli
from hosotest.cluster import ROOT

DAY = ["--from", "2024-02-01", "--to", "2024-02-02"]


@pytest.fixture(scope="module", autouse=True)
def catalogue(agency):
    """It is the journal's first event, and reporting has it."""
    agency.run("report", "II.06a", "--unit", "H27.45", *DAY, "--min-position", 1)


def texts_of(source):
    """C's string literals, neighbours joined."""
    literal = r'"((?:[^"\\\n]|\\.)*)"'
    for group in re.finditer(rf"{literal}(?:\s*(?:\\\n\s*)?{literal})*", source):
        yield "".join(re.findall(literal, group.group()))


def test_every_message_is_in_a_source():
    messages = re.findall(r'^msgid "(.+)"$\nmsgstr "(.+)"$', (ROOT / "po" / "vi.po").read_text(encoding="utf-8"), re.M)
    sources = {text for folder in ("services/hoso", "common/options", "common/render") for path in (ROOT / folder).rglob("*.[ch]")
               for text in texts_of(path.read_text(encoding="utf-8"))}
    assert len(messages) > 40
    for english, vietnamese in messages:
        assert english in sources, english
        assert vietnamese == unicodedata.normalize("NFC", vietnamese) != english


@pytest.mark.parametrize("arguments, code, vietnamese, english", [
    (["report", "II.06a", "--unit", "nowhere", *DAY], 1, "Không có đơn vị này", 'unit: there is no unit "nowhere"'),
    (["report", "nothing", "--unit", "H27.45", *DAY], 1, "Không có biểu này", 'form: there is no form "nothing"'),
    (["report", "II.06a", "--unit", "H27", *DAY], 1, "không có quyền xem đơn vị này", "unit: \"agency\" has no right to unit H27"),
    (["dossiers", "II.06a", "--column", "none", "--unit", "H27.45", *DAY], 1, "Biểu không có cột này", "column: form II.06a has no cell"),
    (["overdue", "--unit", "nowhere"], 1, "Không có đơn vị này", "unit: there is no unit"),
    (["report", "II.06a", "--unit", "H27.45", "--from", "2024-02-03", "--to", "2024-02-02"], 1, "ngày cuối trước ngày đầu", "period: it ends"),
    (["report", "II.06a", "--unit", "H27.45", "--from", "2024-02-30", "--to", "2024-03-01"], 2, "tháng 2024-02 có 29 ngày", "2024-02 has 29 days"),
    (["report", "II.06a", "--unit", "H27.45", "--from", "soon", "--to", "2024-03-01"], 2, "không phải là ngày", "is not a date"),
    (["report", "II.06a", "--unit", "H27.45"], 2, "chưa chọn kỳ báo cáo", "which period?"),
    (["report", "II.06a", "--unti", "H27.45"], 2, "có phải --unit không?", "did you mean --unit?"),
    (["report", "II.06a", "--unit", "H27.45", *DAY, "--columns", "none"], 2, "không có cột", "there is no column"),
], ids=lambda value: " ".join(value)[:30] if isinstance(value, list) else "")
def test_errors(agency, arguments, code, vietnamese, english):
    assert vietnamese in agency.run(*arguments, code=code).stderr
    said = agency.run("--lang", "en", *arguments, code=code).stderr
    assert english in said and vietnamese not in said
    assert english in agency.run(*arguments, "--lang=en", code=code).stderr
    if code == 1:                                             # the service's own words stand behind the sentence
        assert f"({english}" in agency.run(*arguments, code=code).stderr


def test_a_silent_service(agency):
    own = Cli.__new__(Cli)
    own.config = agency.config.with_name("silent.conf")
    own.config.write_text(re.sub(r"(?m)^reporting = .*$", "reporting = tcp://127.0.0.1:9", agency.config.read_text()))
    said = own.run("units", "--timeout", "200", code=4).stderr
    assert "Không kết nối được với dịch vụ. (reporting at tcp://127.0.0.1:9 did not answer" in said


def test_the_configuration_has_a_language(agency):
    own = Cli.__new__(Cli)
    own.config = agency.config.with_name("english.conf")
    own.config.write_text(agency.config.read_text() + "lang = en\n")
    assert own.run("--format", "csv", "units", "H27.45", "--at", "2024-02-01").stdout.lstrip("\ufeff").startswith("Name,Unit,Tier")
    assert "District" in own.run("units", "H27.45", "--at", "2024-02-01").stdout
    shown = own.run("units", "H27.45", "--at", "2024-02-01", "--lang", "vi").stdout
    assert "Cấp huyện" in shown and "30/06/2025" in shown
