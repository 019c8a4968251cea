# SPDX-License-Identifier: Apache-2.0
"""The examples over HTTP publish all of a file exactly once, whatever becomes of intake meanwhile, and say what was refused.
Each runs where its language is on the machine."""
import json
import os
import shutil
import subprocess

import pytest

from hosotest.cli import Cli
from hosotest.client import cells
from hosotest.cluster import ROOT, Cluster
from hosotest.gateway import Gateway

HTTP = ROOT / "examples" / "http"
EVENTS, FAULTY_LINE = 2_300, 1_501
JUNE = ("2024-06-01", "2024-06-30")


def build_mono(folder):
    program = folder / "publish.exe"
    subprocess.run(["mcs", f"-out:{program}", "-r:System.Net.Http", "-r:System.Runtime.Serialization", "-r:System.Xml.Linq",
                    HTTP / "Publish.cs"], check=True)
    return ["mono", program]


LANGUAGES = {                          # what it needs, how it is started, its unit
    "php": (["php"], lambda _: ["php", HTTP / "publish.php"], "H27.45.01"),
    "node": (["node"], lambda _: ["node", HTTP / "publish.mjs"], "H27.45.02"),
    "java": (["javac", "java"], lambda _: ["java", HTTP / "Publish.java"], "H27.45.03"),
    "c#": (["mcs", "mono"], build_mono, "H27.45.04"),
}


@pytest.fixture(scope="module")
def cluster():
    with Cluster(sources=["counter"]) as cluster:
        cluster.token = cluster.give_token("counter")
        Cli(cluster, "admin").run("catalogue", "import", ROOT / "deploy/demo/catalogue")
        cluster.reporting.wait_position(1)
        yield cluster


@pytest.fixture(scope="module")
def gateway(cluster):
    with Gateway(cluster, timeout_ms=1000) as gateway:
        yield gateway


def write_events(path, unit, count, faulty_line=None):
    """One a line, and a blank line at the end."""
    lines = [json.dumps({"eventId": "1", "dossier": f"{unit}-{n}", "kind": "RECEIVED", "occurredAt": "2024-06-03T08:00:00+07:00",
                         "unit": unit if n + 1 != faulty_line else "nowhere", "procedure": "1.004221", "field": "dat-dai",
                         "channel": "ONLINE", "serviceLevel": "FULL"}) for n in range(count)]
    path.write_text("\n".join(lines) + "\n\n", encoding="utf-8")
    return path


def received(cluster, unit):
    position = cluster.intake.status().cut.position
    report = cluster.reporter().run_report("thong-ke", unit, JUNE, min_position=position)
    return cells(report)[unit]["received"]


def start(command, cluster, gateway, file):
    return subprocess.Popen([*command, f"http://{gateway.host}:{gateway.port}", file], text=True, stdout=subprocess.PIPE,
                            stderr=subprocess.PIPE, env={**os.environ, "HOSO_TOKEN": cluster.token})


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_file_is_published_once(cluster, gateway, tmp_path, language):
    needs, build, unit = LANGUAGES[language]
    if not all(map(shutil.which, needs)):
        pytest.skip(f"{' or '.join(needs)} is not on this machine")
    command, file = build(tmp_path), write_events(tmp_path / "events.ndjson", unit, EVENTS, FAULTY_LINE)
    cluster.intake.stop()
    running = start(command, cluster, gateway, file)
    said = running.stderr.readline()                    # that it sends the same again, in its words
    cluster.intake.start()
    for round in range(2):
        out, errors = running.communicate(timeout=120)
        assert (out.strip(), running.returncode) == (f"{EVENTS - 1} taken, 1 refused", 3), said + errors
        assert "nowhere" in errors and str(FAULTY_LINE) in errors
        assert received(cluster, unit) == EVENTS - 1
        running = start(command, cluster, gateway, file) if round == 0 else None


def test_curl(cluster, gateway, tmp_path):
    unit = "H27.45.05"
    file = write_events(tmp_path / "events.ndjson", unit, 50, faulty_line=7)
    cluster.intake.stop()
    running = start([HTTP / "publish.sh"], cluster, gateway, file)
    assert "sending the same again" in running.stderr.readline()
    cluster.intake.start()
    out, errors = running.communicate(timeout=60)
    answer = json.loads(out)
    assert (answer["taken"], answer["refused"], running.returncode) == (49, 1, 0), errors
    assert received(cluster, unit) == 49
    (tmp_path / "none").write_text("", encoding="utf-8")
    running = start([HTTP / "publish.sh"], cluster, gateway, tmp_path / "none")
    out, errors = running.communicate(timeout=60)
    assert running.returncode == 1 and json.loads(out)["status"] == 400, errors
