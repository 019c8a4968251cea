# SPDX-License-Identifier: Apache-2.0
"""A site adds and changes forms without compiling: files in a folder, read again on SIGHUP, all of them or none."""
import subprocess
import time

import pytest

from events import received
from histories import Tree, catalogue
from hosotest.cli import Cli
from hosotest.client import Refused, cells
from hosotest.cluster import Cluster, ROOT, program
from hosotest.protocol import pb

BUILT_IN = ROOT / "services" / "reporting" / "forms"
DAY = ("2024-01-30", "2024-01-30")
DUE_SOON = """\
id: sap-den-han
title: {vi: HỒ SƠ SẮP ĐẾN HẠN, en: DUE SOON}
rows: units
columns:
  - {id: overdue, caption: {vi: [Quá hạn]}, value: close(processing_overdue)}
  - id: due_soon
    caption: {vi: ["Đến hạn, trong 3 ngày"]}
    value: close(processing_overdue, +3) - overdue
  - id: share
    caption: {vi: [Tỷ lệ]}
    value: "due_soon / (due_soon + overdue)"
notes:
  - vi: Sắp đến hạn {due_soon} hồ sơ.
"""


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    folder = tmp_path_factory.mktemp("forms")
    cluster = Cluster(sources=["s1"])
    cluster.reporting.configure(forms=folder)
    with cluster:
        cluster.put_catalogue(catalogue([Tree(0)]))
        yield cluster, folder


@pytest.fixture
def folder(site):
    """Empty, and in force, before and after."""
    cluster, folder = site
    yield folder
    for path in folder.iterdir():
        path.unlink()
    assert "forms_read" in reload(cluster)


def reload(cluster):
    """SIGHUP, and the line of the log that says what came of it."""
    before = cluster.reporting.log_text().count('"reporting.forms_')
    cluster.reporting.reload()
    deadline = time.monotonic() + 20
    while True:
        lines = [line for line in cluster.reporting.log_text().splitlines() if '"reporting.forms_' in line]
        if len(lines) > before:
            return lines[-1]
        assert time.monotonic() < deadline, cluster.reporting.log_tail()
        cluster.reporting.status()


def titles(cluster):
    return {line.form: line.title for line in cluster.reporter().list_forms()}


def test_a_form_is_added(site, folder):
    cluster, _ = site
    publisher, noon = cluster.publisher("s1"), received("x").occurred_at
    for n, due in enumerate([0, 1, 2, 3, 4]):
        publisher.publish([received(f"soon-{n}", due_at=noon + due * 86_400_000)])
    assert "sap-den-han" not in titles(cluster)
    (folder / "sap.yaml").write_text(DUE_SOON, encoding="utf-8")
    (folder / "notes.txt").write_text("no form")
    assert "forms_read" in reload(cluster)
    reporter = cluster.reporter()
    assert titles(cluster)["sap-den-han"] == "HỒ SƠ SẮP ĐẾN HẠN"
    report = reporter.run_report("sap-den-han", "t00000.a", DAY, min_position=publisher.position)
    # due on 30 January to 3 February: at the end of 30 January one is due the next day at the earliest, of those due on
    # 30 and 31 January and 1 February three are overdue from 2 February on
    assert cells(report)["t00000.a"] == {"overdue": 1, "due_soon": 3, "share": (3, 4, "75%")}
    assert report.notes[0] == "Sắp đến hạn 3 hồ sơ."
    assert list(report.columns[1].captions) == ["Đến hạn, trong 3 ngày"]
    listed = [line.dossier for line in reporter.list_dossiers("sap-den-han", "due_soon", report.rows[0], DAY)]
    assert sorted(listed) == ["soon-1", "soon-2", "soon-3"]


def test_a_built_in_form_is_changed_and_comes_back(site, folder):
    cluster, _ = site
    before = {line.form: (line.title, line.digest, line.file) for line in cluster.reporter().list_forms()}
    text = (BUILT_IN / "II.06a.yaml").read_text(encoding="utf-8")
    own = folder / "ours.yaml"
    own.write_text(text.replace("vi: TÌNH HÌNH, KẾT QUẢ", "vi: TRUNG TÂM KẾT QUẢ", 1), encoding="utf-8")
    assert "forms_read" in reload(cluster)
    after = {line.form: (line.title, line.digest, line.file) for line in cluster.reporter().list_forms()}
    assert list(after) == list(before)
    assert after["II.06a"][0].startswith("TRUNG TÂM KẾT QUẢ") and after["II.06a"][2] == str(own)
    assert [form for form in after if after[form] != before[form]] == ["II.06a"]
    assert cluster.reporter().run_report("II.06a", "t00000", DAY).digest == after["II.06a"][1]
    own.unlink()
    assert "forms_read" in reload(cluster)
    assert {line.form: (line.title, line.digest, line.file) for line in cluster.reporter().list_forms()} == before


def test_procedures_without_figures_are_asked_for(site):
    reporter = site[0].reporter()
    some, all_rows = (reporter.run_report("thu-tuc", "t00000.b", DAY, all_rows=all_rows) for all_rows in (False, True))
    assert [row.procedure for row in some.rows] == [""]
    assert [row.procedure for row in all_rows.rows][1:] == ["1.000", "1.003", "1.001", "1.004", "1.002"]
    assert [list(row.stub)[:2] for row in all_rows.rows][1:3] == [["1", "1.000"], ["2", "1.003"]]


def test_a_faulty_file_changes_nothing(site, folder):
    cluster, _ = site
    (folder / "sap.yaml").write_text(DUE_SOON, encoding="utf-8")
    assert "forms_read" in reload(cluster)
    (folder / "sap.yaml").write_text(DUE_SOON.replace("SẮP ĐẾN HẠN", "KHÁC"), encoding="utf-8")
    (folder / "z.yaml").write_text(DUE_SOON.replace("id: sap", "id: z").replace("- overdue", "- overdew"), encoding="utf-8")
    line = reload(cluster)
    assert "reporting.forms_refused" in line and f"{folder}/z.yaml:8: columns[1].value: " in line and "overdew" in line
    assert titles(cluster)["sap-den-han"] == "HỒ SƠ SẮP ĐẾN HẠN" and "z-den-han" not in titles(cluster)
    (folder / "z.yaml").write_text(DUE_SOON, encoding="utf-8")
    assert "stands in another file of this folder" in reload(cluster)


def test_reports_go_on_while_forms_are_read(site, folder):
    """A report is made of one set of forms, the one before or the one after."""
    cluster, _ = site
    reporter, seen, n, deadline = cluster.reporter(), set(), 0, time.monotonic() + 60
    while len(seen) < 3 and time.monotonic() < deadline:
        n += 1
        (folder / "sap.new").write_text(DUE_SOON.replace("SẮP ĐẾN HẠN", f"{n}").replace("due_soon", f"soon{n}"),
                                        encoding="utf-8")
        (folder / "sap.new").replace(folder / "sap.yaml")
        cluster.reporting.reload()
        for _ in range(5):
            try:
                report = reporter.run_report("sap-den-han", "t00000", DAY)
            except Refused as refused:
                assert not seen and refused.code == pb.ERROR_CODE_NOT_FOUND
                continue
            assert report.title.removeprefix("HỒ SƠ ") == report.columns[1].id.removeprefix("soon")
            seen.add(report.title)
    assert len(seen) >= 3


def test_a_service_does_not_start_with_a_faulty_form(tmp_path):
    (tmp_path / "forms").mkdir()
    (tmp_path / "forms" / "a.yaml").write_text("id: a\nrows: units\n")
    cluster = Cluster(sources=[])
    cluster.reporting.configure(forms=tmp_path / "forms")
    done = subprocess.run([program("hoso-reporting"), "--config", str(cluster.reporting.config)], capture_output=True,
                          text=True, timeout=30, stdin=subprocess.DEVNULL)
    assert done.returncode == 1 and f'{tmp_path}/forms/a.yaml:1: the key \\"title\\" is missing' in done.stderr
    cluster.stop()


def test_the_contributors_example_is_the_form():
    guide = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    assert f"```yaml\n{(BUILT_IN / 'truc-tuyen.yaml').read_text(encoding='utf-8')}```" in guide


def test_the_command_lists_shows_and_checks(site, tmp_path):
    command = Cli(site[0], "admin")
    listed = command.json("form", "list")
    assert [line["form"] for line in listed] == [line["form"] for line in command.json("forms")]
    assert [line["form"] for line in listed] == ["bao-cao-thang", "II.06a", "07a", "truc-tuyen", "muc-do", "thu-tuc", "so-hoa",
                                                 "tong-hop-06", "pakn", "07a-btp", "thong-ke"]
    shown = command.run("form", "show", "II.06a").stdout
    assert "Thông tư 01/2020/TT-VPCP" in shown and "(3)=(4)+(5)+(6)" in shown and "received[direct|postal]" in shown
    lines = {line["id"]: line for line in command.json("form", "show", "bao-cao-thang")}
    assert lines["rate_full"]["value"] == "received[online, full] / received[full]" and "commune" in lines
    assert "no form" in command.run("form", "show", "II.07", "--lang", "en", code=2).stderr
    for path in sorted(BUILT_IN.glob("*.yaml")):
        assert path.stem in command.run("form", "check", path).stdout
    bad = tmp_path / "bad.yaml"
    bad.write_text(DUE_SOON.replace("close(processing_overdue)", "close(received)").replace("- overdue", "- overdew"),
                   encoding="utf-8")
    faults = command.run("form", "check", bad, code=1).stderr.splitlines()
    assert [fault.startswith(f"{bad}:{line}: ") for fault, line in zip(faults, (5, 8))] == [True, True]
    assert "cannot" in command.run("form", "check", tmp_path / "none.yaml", "--lang", "en", code=1).stderr
