# SPDX-License-Identifier: Apache-2.0
"""Events as connectors really write them: what is read, what is refused with which words, and what it counts."""
import json
import re

from fieldcase import EVENTS
from hosotest.cluster import ROOT
from hosotest.cut import Cut


def lines_of(path):
    return path.read_text(encoding="utf-8").splitlines()


def guide_block(heading):
    """The first block of events under a heading of the guide, and the measures that it adds."""
    guide = (ROOT / "docs" / "integration.md").read_text(encoding="utf-8")
    events, said = re.search(r"```json\n(.*?)```\n\nAdds (.*?)\n\n", guide[guide.index(heading):], re.DOTALL).groups()
    return events, {measure: int(n) for measure, n in re.findall(r"`(\w+)` (\d+)", said)}


# Times and empty values

def test_an_empty_due_date_is_none(field):
    done = field.publish("02-empty-due.ndjson")
    assert (done.read, done.acknowledged, done.refused) == (6, 6, 0)
    assert field.june() == {"received": 6, "processing_in_time": 6}         # never overdue


def test_default_dates_are_refused_with_what_to_do(field):
    done = field.publish("03-default-dates.ndjson", code=3)
    assert done.lines == [1, 2, 3, 4, 5] and (done.read, done.acknowledged, done.refused) == (5, 0, 5)
    for line in done.said:
        assert ": dueAt: " in line and line.endswith("leave it out if there is none"), line


def test_javas_times_without_seconds(field):
    done = field.publish("04-java-offsetdatetime.ndjson")
    assert (done.read, done.acknowledged, done.refused) == (60, 60, 0)
    assert field.june()["received"] == 60


def test_other_clocks(field):
    """Taken: +0700, +07, a blank for T, milliseconds. Refused: a zone's name, no separators, no offset, 24:00."""
    done = field.publish("05-other-clocks.ndjson", code=3)
    assert done.lines == [5, 6, 7, 8, 9] and (done.read, done.acknowledged, done.refused) == (9, 4, 5)
    assert '"2024-06-03T09:00:00" does not say its offset from UTC' in done.said[3]
    assert all(": occurredAt: " in line and "2024-01-19T08:12:00+07:00" in line for line in done.said)
    assert field.june()["received"] == 4


# The way of a dossier

def test_handed_over_without_a_result_is_resolved(field):
    """100 dossiers of status 10 without 9, due on the 10th and handed over on the 5th; the result of one comes later."""
    field.publish("01-handed-over-without-resolved.ndjson")
    assert field.june() == {"received": 100, "resolved_early": 100, "handed_over": 100}
    found = field.quality("--kind", "RESULT_IMPLIED", "--all")
    assert len(found) == 100 and {(f["eventKind"], f["unit"], f["count"]) for f in found} == {("HANDED_OVER", "H27.45.01", 1)}
    done = field.counter.run("publish", "-", "--print-position", stdin=json.dumps({
        "eventId": "RESOLVED-1", "dossier": found[0]["dossier"], "kind": "RESOLVED", "occurredAt": "2024-06-12T09:00:00+07:00"}))
    field.position = Cut.parse(done.stdout)
    assert field.june() == {"received": 100, "resolved_early": 99, "resolved_late_no_apology": 1, "handed_over": 100}
    assert len(field.quality("--kind", "RESULT_IMPLIED", "--all")) == 99


def test_refused_then_submitted_again(field):
    field.publish("07-refused-then-submitted-again.ndjson")
    assert field.june() == {"submitted": 2, "refused": 1, "awaiting_reception": 1}
    assert not field.quality()


def test_one_code_from_two_offices(field, tmp_path):
    """The second reception is not counted, and its own office finds it in its list. With the unit before the code, as the
    guide says, both count."""
    field.publish("06-one-code-two-dossiers.ndjson")
    assert field.june() == {"received": 1, "resolved_early": 1, "result_waiting": 1}
    listed = {f["unit"] for f in field.quality("--kind", "IGNORED", "--all") if f["eventKind"] == "RECEIVED"}
    assert listed == {"H27.45.02"}
    offices, unique = ["H27.45.01", "H27.45.02", "H27.45.01", "H27.45.02"], tmp_path / "unique.ndjson"
    unique.write_text("".join(line.replace('"dossier":"', f'"dossier":"{office}/') + "\n" for line, office in
                              zip(lines_of(EVENTS / "06-one-code-two-dossiers.ndjson"), offices)), encoding="utf-8")
    field.publish(unique)
    assert field.june("H27.45.02") == {"received": 1, "resolved_late_no_apology": 1, "result_waiting": 1}
    assert field.june()["received"] == 3


# Codes

def test_what_cannot_be_seen_is_refused_by_name_and_place(field):
    done = field.publish("10-invisible-characters.ndjson", code=3)
    expected = {
        2: 'dossier: "H27.45.01-240603-0901<U+200B>" holds U+200B (zero width space) as character 22',
        6: 'dossier: "H27.45.01<U+2011>240603<U+2011>0903" holds U+2011 (no-break hyphen) as character 10',
        7: 'unit: "H27.45.01<U+00A0>" holds U+00A0 (no-break space) as character 10',
        8: 'unit: "h27.45.01" is not in the catalogue',
        9: 'procedure: "1.001193.000.00.00.H27" is not in the catalogue',
        10: 'dossier: "<U+FEFF>H27.45.01-240603-0907" holds U+FEFF (byte order mark) as character 1',
    }
    assert done.lines == sorted(expected), done.text
    assert all(expected[n] in line for n, line in zip(done.lines, done.said)), done.text
    assert (done.read, done.acknowledged, done.refused) == (10, 4, 6)
    # 0902, resolved with a blank after its code, is one dossier
    assert field.june()["resolved_early"] == 1 and field.june()["received"] == 3


def test_uuids_are_ids(field):
    """36 bytes: refused only because the catalogue has no such ids."""
    done = field.publish("16-uuid-ids.ndjson", code=3)
    assert done.lines == [1, 2] and all("is not in the catalogue" in line for line in done.said), done.text


def test_the_time_of_export_in_place_of_a_missing_one(field):
    """Every night the same ids with another time: the first stands, and the list names the cause."""
    assert field.publish("08-now-instead-of-null-a.ndjson").acknowledged == 20
    assert field.publish("08-now-instead-of-null-b.ndjson").acknowledged == 20      # taken, and listed
    assert field.june() == {"received": 20, "processing_overdue": 20}
    listed = field.admin.run("quality", "--kind", "CONFLICTING", "--lang", "vi")
    assert listed.stdout.count("Trùng mã, khác nội dung") == 20
    assert "ghi thời điểm kết xuất vào chỗ thời điểm còn trống" in listed.stderr
    assert "an export writes its own time" in field.admin.run("quality", "--lang", "en").stderr
    assert "kết xuất" not in field.admin.run("quality", "--kind", "ORPHAN").stderr


def test_a_dossier_reopened(field):
    """Nothing after the end counts, and the dossier is listed with both events. The guide's way counts the second result."""
    field.publish("09-reopened.ndjson")
    assert field.june() == {"received": 1, "resolved_early": 1, "handed_over": 1}
    assert [(f["dossier"], f["eventId"], f["count"]) for f in field.quality("--kind", "IGNORED")] == [("T09", "RESUMED-1", 2)]
    events, said = guide_block("**Reopened.**")
    assert json.loads(events.splitlines()[6])["occurredAt"].startswith("2024-06-18") and said["resolved_early"] == 1


def test_the_payload_that_many_start_from(field, tmp_path):
    """The guide's events say what the payload says, and add what the guide says."""
    payload = {dossier["MaHoSo"]: dossier for dossier in
               json.loads((EVENTS / "17-dongbohosomc-sample.json").read_text(encoding="utf-8"))["data"]}
    events, said = guide_block("### From the payload of the national portal")
    for event in map(json.loads, events.splitlines()):
        dossier = payload[event["dossier"]]
        at = re.sub(r"[-:T]|\+07:00", "", event["occurredAt"])
        if event["kind"] == "RECEIVED":
            assert at == dossier["NgayTiepNhan"] and dossier["MaTTHC"].startswith(f'{event["procedure"]}.')
            assert re.sub(r"[-:T]|\+07:00", "", event.get("dueAt", "")) == dossier["NgayHenTra"]
        if event["kind"] == "HANDED_OVER":
            assert at == dossier["NgayTra"] and dossier["TrangThaiHoSo"] == "10"
    file = tmp_path / "mapped.ndjson"
    file.write_text(events, encoding="utf-8")
    assert field.publish(file).acknowledged == 5
    assert field.june() == said


# Files

def test_utf16_is_said_once(field):
    done = field.publish("11-utf16le-powershell.ndjson", code=3)
    assert len(done.said) == 1 and "UTF-16" in done.said[0], done.text
    assert (done.read, done.acknowledged, done.refused) == (6, 0, 6)


def test_json_over_several_lines_is_said_once(field):
    done = field.publish("17-dongbohosomc-sample.json", code=3)
    assert done.lines == [1] and "the JSON goes over several lines" in done.said[0], done.text
    assert (done.read, done.acknowledged, done.refused) == (1, 0, 1)


def test_utf16_without_a_mark(field, tmp_path):
    file = tmp_path / "utf16.ndjson"
    file.write_bytes((EVENTS / "11-utf16le-powershell.ndjson").read_bytes()[2:])
    done = field.publish(file, code=3)
    assert len(done.said) == 1 and "UTF-16" in done.said[0] and done.refused == 6, done.text


def test_a_mark_in_the_middle(field):
    done = field.publish("12-bom-in-the-middle.ndjson")
    assert done.lines == [4] and "byte order mark" in done.said[0], done.text
    assert (done.read, done.acknowledged, done.refused) == (6, 6, 0) and field.june()["received"] == 6


def test_two_events_on_a_line(field):
    done = field.publish("13-no-newline-between-files.ndjson")
    assert done.lines == [3] and "two events on one line" in done.said[0], done.text
    assert (done.read, done.acknowledged, done.refused) == (6, 6, 0) and field.june()["received"] == 6


def test_a_stream_without_any_newline(field, tmp_path):
    """Far longer than one record may be."""
    file = tmp_path / "stream.ndjson"
    events = lines_of(EVENTS / "04-java-offsetdatetime.ndjson") * 2
    file.write_text("".join(event.replace("T04", f"U{n}") for n, event in enumerate(events)), encoding="utf-8")
    done = field.publish(file)
    assert len(done.said) == 1 and (done.read, done.acknowledged) == (120, 120), done.text
    assert field.june()["received"] == 120


def test_nul_bytes_after_a_power_cut(field):
    done = field.publish("15-nul-tail-after-power-cut.ndjson", code=3)      # something was lost: a person must look
    assert done.lines == [7] and "power cut" in done.said[0], done.text
    assert (done.read, done.acknowledged, done.refused) == (6, 6, 0) and field.june()["received"] == 6


def test_half_an_event_before_the_nul_bytes(field, tmp_path):
    file = tmp_path / "half.ndjson"
    whole = (EVENTS / "13-no-newline-between-files.ndjson").read_bytes().splitlines()[0]
    file.write_bytes(whole + b"\n" + whole[:100] + bytes(4096))
    done = field.publish(file, code=3)
    assert set(done.lines) == {2} and "power cut" in done.text and "is not JSON" in done.text
    assert (done.read, done.acknowledged, done.refused) == (2, 1, 1)


# Refused events

def faulty_file(path):
    """Every third event is faulty: by the command's rules, or by intake's. Returns the numbers of their lines."""
    lines, bad = lines_of(EVENTS / "04-java-offsetdatetime.ndjson"), []
    for number in range(3, 61, 3):
        lines[number - 1] = lines[number - 1].replace("H27.45.01", "H99.nowhere") if number % 2 else \
            lines[number - 1].replace("1.001193", "1.0\\u200b").replace("2024-06-10T", "1900-01-01T")
        bad.append(number)
    lines[20] = "this is not JSON"
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return bad


def test_faults_come_in_the_order_of_the_lines_all_of_a_line_at_once(field, tmp_path):
    file = tmp_path / "faulty.ndjson"
    bad = faulty_file(file)
    done = field.publish(file, "--batch", "7", code=3)
    assert done.lines == bad and (done.read, done.acknowledged, done.refused) == (60, 40, 20), done.text
    for line in done.said:
        if int(line.split(":")[0]) % 2 == 0:
            assert 'dueAt: "1900-01-01T' in line and 'procedure: "1.0<U+200B>" holds U+200B' in line, line
    assert field.june()["received"] == 40


def test_what_only_intake_knows_is_told_in_the_same_round(field, tmp_path):
    """The command's own faults of an event and intake's stand together, on the screen and in the file; both sides' events are
    counted as refused."""
    event = {"eventId": "RECEIVED-1", "dossier": "X-1", "kind": "RECEIVED", "occurredAt": "2024-06-03T09:00:00+07:00", "unit": "H99",
             "procedure": "9.999", "field": "khong-co", "channel": "ONLINE", "serviceLevel": "FULL"}
    cases = [({"dueAt": "1900-01-01T00:00:00+07:00"}, ("dueAt: ", "unit: \"H99\" is not in the catalogue", "procedure: ", "field: ")),
             ({"kind": "RECIEVED", "procedure": "1.001193"}, ("kind: ", "unit: \"H99\"", "field: \"khong-co\"")),
             ({"unit": "H27\u200b", "field": "ho-tich"}, ("unit: \"H27<U+200B>\"", "procedure: \"9.999\"")),
             ({"channel": "FAX", "unit": "H27.45.01", "procedure": "1.001193", "field": "ho-tich"}, ("channel: ",)),
             ({}, ("unit: ", "procedure: ", "field: "))]
    file, refused = tmp_path / "both.ndjson", tmp_path / "refused.ndjson"
    file.write_text("".join(json.dumps({**event, **change}) + "\n" for change, _ in cases * 200), encoding="utf-8")
    done = field.publish(file, "--refused", refused, code=3)
    assert (done.read, done.refused) == (1000, 1000) and done.lines == list(range(1, 1001))
    comments = [line for line in lines_of(refused) if line.startswith("# ")]
    assert len(comments) == 1000
    for said in (done.said[:5], done.said[-5:], comments[:5]):
        for line, (change, wanted) in zip(said, cases):
            assert all(part in line for part in wanted), (line, wanted)
            assert line.count("unit: ") <= 1 and ("unit: " in line) == any(part.startswith("unit") for part in wanted), line
    [source] = field.admin.json("sources")["sources"]
    assert source["refused"] == 1000


def test_refused_events_are_written_down_mended_and_sent_again(field, tmp_path):
    file, refused = tmp_path / "faulty.ndjson", tmp_path / "refused.ndjson"
    bad = faulty_file(file)
    field.publish(file, "--refused", refused, code=3)
    comments = [line for line in lines_of(refused) if line.startswith("# ")]
    events = [line for line in lines_of(refused) if not line.startswith("# ")]
    assert [line.split(":")[1] for line in comments] == [str(number) for number in bad]
    assert events[6] == "this is not JSON" and len(events) == 20
    original = lines_of(file)
    assert all(json.loads(event)["dossier"] == json.loads(original[number - 1])["dossier"]
               for event, number in zip(events, bad) if number != 21)
    mended = refused.read_text(encoding="utf-8").replace("H99.nowhere", "H27.45.01").replace("1.0\\u200b", "1.001193")
    mended = mended.replace("1900-01-01T", "2024-06-10T").replace("this is not JSON\n", "")
    refused.write_text(mended, encoding="utf-8")
    done = field.publish(refused)
    assert (done.read, done.acknowledged, done.refused) == (19, 19, 0)
    assert field.june()["received"] == 59


def test_what_waited_from_an_earlier_run_is_told_apart(field, tmp_path):
    events, refused = lines_of(EVENTS / "02-empty-due.ndjson"), tmp_path / "refused.ndjson"
    first, second = tmp_path / "first.ndjson", tmp_path / "second.ndjson"
    first.write_text(f"{events[0]}\n{events[1].replace('H27.45.01', 'H99')}\n", encoding="utf-8")
    second.write_text(f"{events[2]}\n{events[3].replace('H27.45.01', 'H99')}\n{events[4]}\n", encoding="utf-8")
    field.cluster.intake.kill()
    done = field.publish(first, "--timeout", "500", code=4)
    assert done.text.endswith("wait in the outbox\n") or "; 2 wait in the outbox" in done.text, done.text
    field.cluster.intake.start()
    done = field.publish(second, "--refused", refused, code=3)
    assert "3 read, 2 acknowledged, 1 refused; from an earlier run 1 acknowledged, 1 refused" in done.text
    assert done.lines == [2] and "outbox: event RECEIVED-1 of dossier T02-1, from an earlier run: unit: " in done.text
    assert [json.loads(line)["dossier"] for line in lines_of(refused)[1::2]] == ["T02-1", "T02-3"]
    assert field.june()["received"] == 3


def test_a_file_is_not_its_own_list_of_refusals(field, tmp_path):
    file = tmp_path / "faulty.ndjson"
    faulty_file(file)
    before = file.read_bytes()
    done = field.counter.run("publish", file, "--refused", file, code=2)
    assert "--refused" in done.stderr and file.read_bytes() == before


def test_no_refusals_leave_no_file(field, tmp_path):
    refused = tmp_path / "refused.ndjson"
    field.publish("02-empty-due.ndjson", "--refused", refused)
    assert not refused.exists()
