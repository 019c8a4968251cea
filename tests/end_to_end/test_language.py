# SPDX-License-Identifier: Apache-2.0
"""What goes wrong is said in Vietnamese, or in English with --lang or `lang`; po/vi.po has no message that no source has."""
import os
import re
import subprocess
import unicodedata

import pytest

from hosotest.cli import Cli
from hosotest.cluster import ROOT
from hosotest.messages import VIETNAMESE, english_in, literals, messages, shape, sources

DAY = ["--from", "2024-02-01", "--to", "2024-02-02"]


@pytest.fixture(scope="module", autouse=True)
def catalogue(cluster):
    """It is the journal's first event, and reporting has it."""
    cluster.reporting.wait_position(1)


# Whose sentences a clerk can come to read: the commands, what they are linked with, and what the services refuse.
CLERK = [*(f"services/hoso/{name}" for name in (
    "main.c", "options.c", "output.c", "pager.c", "connect.c", "language.c", "command.h", "cmd_status.c", "report", "unit", "period", "watch",
    "catalogue")), "common/options", "common/form", "common/render", "common/catalogue", "common/base/file.c", "common/base/text.c", "common/bus/peers.c",
    "common/client/call", "common/client/client.c", "common/client/watch", "common/service/endpoint_request.c", "common/service/endpoint_reply.c",
    "services/reporting/answers", "services/reporting/server.c", "services/gateway/answers", *(f"services/gateway/{name}.c" for name in (
        "http/parameters", "http/period", "http/problem", "login/credentials", "login/session", "live/stream")),
    "common/event/event.c", "common/event/event_attribute.c", "common/event/event_json.c", "services/intake/front.c", "services/intake/upload.c",
    "services/intake/uses.c"]
SENTENCE = re.compile(r"[a-z]{3,} [a-z%]|[a-z]{2,}[,:;'] ?.*[a-z]{2,}")
# Not sentences: usage lines, HTML, names. Joined into one that has a translation: pieces of successions. To programmers: asserts.
NOT_A_SENTENCE = re.compile(r"[<{]|body[{]|; did you mean ..$| .and more: hoso|http:|(\w+ )?(\w+ )+([A-Z]+[ .|]|[A-Z]+$|\[|list|show|-)|Times New Roman|Kinh doanh|form list$|hoso %s|\\n%s|%s · "
                            r"|wire_unpack|a unit begins|has (successors|too many)|goes on|json csv|true false|urn:|attachment;|hoso_session|is its own|give valid_to|only a unit|name the unit|a unit that")


def test_every_message_is_in_a_source():
    """Or a library says it (a comment marks it), or it is joined of two pieces."""
    text = (ROOT / "po" / "vi.po").read_text(encoding="utf-8")
    apart = set(re.findall(r'^#\. (?:of a library|composed)\n(?:#, c-format\n)?msgid "(.+)"$', text, re.M))
    known = {shape(found).removesuffix("\\n") for path in sources("services", "common") for found in literals(path.read_text(encoding="utf-8"), pairs=True)}
    assert len(messages()) > 400
    for english, vietnamese in messages().items():
        form = shape(english).removesuffix("\\n")
        assert english in apart or known & {form, form.removeprefix("%s")}, english
        assert vietnamese == unicodedata.normalize("NFC", vietnamese) != english


def test_every_sentence_of_a_clerk_has_a_message():
    known = {shape(english) for english in messages()}
    missing = {(path.name, text) for path in sources(*CLERK) for text in literals(path.read_text(encoding="utf-8"))
               if SENTENCE.search(text) and not VIETNAMESE.search(text) and not NOT_A_SENTENCE.match(text)
               and not {form for form in (shape(text), "%s" + shape(text), shape(text).removesuffix("\\n"))} & known}
    assert not missing


def test_no_message_is_fuzzy_or_empty():
    said = subprocess.run(["msgfmt", "--check", "--statistics", "-o", "/dev/null", ROOT / "po" / "vi.po"], capture_output=True, text=True, check=True,
                          env={**os.environ, "LC_ALL": "C"}).stderr
    assert re.fullmatch(r"\d+ translated messages\.\n", said), said
    assert "#, fuzzy" not in (ROOT / "po" / "vi.po").read_text(encoding="utf-8")


@pytest.mark.parametrize("arguments", [
    ["reprot"], ["report"], ["nothing"], [], ["form"], ["form", "shwo"], ["form", "show", "nothing"], ["form", "check", "/nowhere.yaml"],
    ["report", "II.06a", *DAY], ["report", "nothing", "--unit", "H27.45", *DAY], ["report", "II.06a", "--unit", "H27.45", *DAY, "--out", "x.pdf"],
    ["report", "II.06a", "--unit", "H27.45", *DAY, "--out", "/nowhere/x.csv"], ["report", "II.06a", "--unit", "H27.45", *DAY, "--format", "xlsx"],
    ["report", "II.06a", "--unit", "H27.45", *DAY, "--format", "word"], ["report", "II.06a", "--unit", "H27.45", *DAY, "--compare", "yesterday"],
    ["report", "II.06a", "--unit", "H27.45", *DAY, "--as-closed", "first"], ["report", "II.06a", "--unit", "H27.45", *DAY, "--as-closed", "7"],
    ["report", "II.06a", "--unit", "H27.45", *DAY, "--out", "x.docx"], ["report", "II.06a", "--unit", "H27.45", *DAY, "--template", "x"],
    ["report", "bao-cao-thang", "--unit", "H27.45", *DAY, "--out", "/nowhere/x.docx", "--template", "/nowhere.docx"],
    ["report", "II.06a", "--unit", "H27.45", "--unit", "H27", *DAY, "--format", "json"], ["report", "II.06a", "--unit", "H27.45", "--communes",
     "--unit", "H27", *DAY], ["report", "II.06a", "--unit", "H27.45", "--month", "13/2024"], ["report", "II.06a", "--unit", "H27.45", "--quarter", "Q9"],
    ["report", "II.06a", "--unit", "H27.45", "--from", "31/02/2024", "--to", "2024-03-01"], ["report", "II.06a", "--unit", "H27.45", "--from", "1/2"],
    ["report", "II.06a", "--unit", "H27.45", "--month", "02/2024", "--cumulative", "--office-year"], ["report", "II.06a", "--unit", "H27.45", "x", *DAY],
    ["report", "II.06a", "--unit", "H27.45", *DAY, "--tree-at", "1999-01-01"], ["report", "II.06a", "--unit", "nowhere", *DAY], ["-x"],
    ["report", "II.06a", "--unit", "H27", *DAY], ["units", "nowhere"], ["units", "--at", "soon"], ["units", "--separator", "xy"], ["units", "--lang"],
    ["overdue", "--within", "400"], ["overdue", "--within", "3", "--waiting"], ["overdue", "--limit", "0"], ["overdue", "--unit", "H27"],
    ["dossiers", "II.06a", "--column", "none", "--unit", "H27.45", *DAY], ["dossiers", "II.06a", "--column", "4", "--unit", "nowhere", *DAY],
    ["dossiers", "II.06a", "--unit", "H27.45", *DAY], ["dossier", "nothing"], ["dossier"], ["dossier", "x" * 100], ["quality", "--kind", "BAD"],
    ["quality", "--unit", "nowhere"], ["sources", "--unit", "nowhere"], ["period"], ["period", "close"], ["period", "close", "H27.45", "--to", "2099-01-01"],
    ["period", "close", "nowhere", "--to", "2024-01-01"], ["period", "list", "nowhere"], ["watch", "--queue", "99999999"], ["watch", "--measures", "x"],
    ["watch", "--min-position", "1@2"], ["watch", "--format", "csv"], ["unit", "split", "H27.45", "--to", "x"], ["unit", "split", "H27.45", "--to", "x.csv"],
    ["unit", "split", "H27.45", "--to", "x.ndjson"], ["unit", "split", "nowhere", "--to", "x.csv"], ["help", "a", "b", "c"], ["help", "nothing"],
    ["units", "--timeout", "99999999999"], ["catalogue", "show", "things"], ["catalogue", "import", "/nowhere"], ["catalogue", "show", "--at", "soon"],
    ["units", "--config", "/nowhere.conf"], ["units", "--out", "x.docx"], ["units", "--columns", "none"],
], ids=lambda value: " ".join(value)[:60])
def test_nothing_wrong_is_said_in_english(agency, arguments):
    ran = agency.run(*arguments, code=None)
    assert ran.returncode in (1, 2, 4) and ran.stderr.strip()
    assert not english_in(ran.stderr), ran.stderr


BREAK = [("rows: fields", "rows: feilds"), ("title:", "titel:"), ("number: (9)", "number: (9"), ("value: received[online]", "value: recieved[online]"),
         ("value: received[online]", "value: received[onlin"), ("columns:", "columns: []\nx:"), ("paper: A4 landscape", "paper: A3"), ("id: II.06a", "id: [a"),
         ("id: II.06a", "\tid: II.06a"), ("id: II.06a", "id: *x"), ("checks:", "checks: 3\ny:"), ("rows: fields", "rows: lines"),
         ("value: received[online]", "value: received + returned / received"), ("value: received[online]", "value: close(received)"), ("notes:", "notes: {")]


def test_what_is_wrong_with_a_form_is_not_in_english(agency, tmp_path):
    form = (ROOT / "services/reporting/forms/II.06a.yaml").read_text(encoding="utf-8")
    for what, broken in BREAK:
        assert what in form, what
        path = tmp_path / "x.yaml"
        path.write_text(form.replace(what, broken, 1), encoding="utf-8")
        said = agency.run("form", "check", path, code=1).stderr
        assert re.match(rf"{re.escape(str(path))}:\d+: ", said) and not english_in(said), f"{broken}: {said}"


@pytest.mark.parametrize("command", [[], *([name] for name in (
    "report", "overdue", "dossiers", "dossier", "units", "forms", "form", "period", "quality", "sources", "watch", "unit", "catalogue", "status"
)), ["form", "list"], ["form", "show"], ["form", "check"], ["period", "close"], ["period", "list"], ["unit", "split"], ["catalogue", "import"],
    ["catalogue", "export"], ["catalogue", "show"]], ids=" ".join)
def test_the_help_is_not_in_english(agency, command):
    said = agency.run("help", *command).stdout.split("\n", 1)[1]        # the first line says how it is used
    assert not english_in(said), said


@pytest.mark.parametrize("arguments, code, vietnamese, english", [
    (["report", "II.06a", "--unit", "nowhere", *DAY], 1, "Không có đơn vị này", 'unit: there is no unit "nowhere"'),
    (["report", "nothing", "--unit", "H27.45", *DAY], 1, "Không có biểu này", 'form: there is no form "nothing"'),
    (["report", "II.06a", "--unit", "H27", *DAY], 1, "không có quyền xem đơn vị này", "unit: \"agency\" has no right to unit H27"),
    (["dossiers", "II.06a", "--column", "none", "--unit", "H27.45", *DAY], 1, "Biểu không có cột này", "column: form II.06a has no cell"),
    (["overdue", "--unit", "nowhere"], 1, "Không có đơn vị này", "unit: there is no unit"),
    (["report", "II.06a", "--unit", "H27.45", "--from", "2024-02-03", "--to", "2024-02-02"], 1, "ngày cuối trước ngày đầu", "period: it ends"),
    (["report", "II.06a", "--unit", "H27.45", "--from", "30/02/2024", "--to", "2024-03-01"], 2, "tháng 02/2024 có 29 ngày", "month 02/2024 has 29 days"),
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


def test_a_silent_service(agency):
    own = Cli.__new__(Cli)
    own.config = agency.config.with_name("silent.conf")
    own.config.write_text(re.sub(r"(?m)^reporting = .*$", "reporting = tcp://127.0.0.1:9", agency.config.read_text()))
    said = own.run("units", "--timeout", "200", code=4).stderr
    assert "Không kết nối được với dịch vụ. (dịch vụ reporting tại tcp://127.0.0.1:9 không trả lời" in said


def test_the_configuration_has_a_language(agency):
    own = Cli.__new__(Cli)
    own.config = agency.config.with_name("english.conf")
    own.config.write_text(agency.config.read_text() + "lang = en\n")
    assert own.run("--format", "csv", "units", "H27.45", "--at", "2024-02-01").stdout.lstrip("\ufeff").startswith("Name,Unit,Tier")
    assert "District" in own.run("units", "H27.45", "--at", "2024-02-01").stdout
    shown = own.run("units", "H27.45", "--at", "2024-02-01", "--lang", "vi").stdout
    assert "Cấp huyện" in shown and "30/06/2025" in shown
