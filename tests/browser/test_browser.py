# SPDX-License-Identifier: Apache-2.0
"""The page in the browser: Debian's chromium, driven by page.test.mjs, against the real services, gateway and golden month.

$HOSO_BROWSER_ONLY is a pattern of the tests' names. It needs the packages of package-lock.json in tests/browser/node_modules; tests/run.sh browser installs them. Screenshots
and downloads are left in $HOSO_SHOTS (build/browser).
"""
import os
import pathlib
import subprocess

import pytest

from hosotest.cli import Cli
from hosotest.cluster import ROOT, Cluster, program
from hosotest.cut import Cut
from hosotest.gateway import Gateway

HERE = pathlib.Path(__file__).resolve().parent
CATALOGUE = ROOT / "deploy" / "demo" / "catalogue"
TODAY = ["simulate", "random", "--events", "3000", "--days", "45", "--units-from", CATALOGUE]
LONG_S = 1800
PASSWORD = "mật khẩu thử nghiệm"


def days_ago(count):
    return subprocess.run(["date", "-d", f"{count} days ago", "+%F"], env={**os.environ, "TZ": "UTC-7"}, text=True,
                          capture_output=True, check=True).stdout.strip()


def simulated(*arguments):
    return subprocess.run([program("hoso"), *map(str, arguments)], capture_output=True, text=True, check=True, encoding="utf-8").stdout


@pytest.fixture(scope="module")
def environment():
    """The services with the golden month, a month and a half of today's communes and a few events that do not count."""
    shots = pathlib.Path(os.environ.get("HOSO_SHOTS", ROOT / "build" / "browser"))
    shots.mkdir(parents=True, exist_ok=True)
    with Cluster(sources=["counter"]) as cluster:
        cluster.add("can-bo", role="agency", units="H27")
        cluster.add("quan-tri", role="admin")
        for name in ("can-bo", "quan-tri"):
            cluster.let_log_in(name, PASSWORD)
        with Gateway(cluster, aggregation=cluster.aggregation.endpoint, aggregation_key=cluster.aggregation.keys.public) as gateway:
            people = {name: Cli(cluster, principal) for name, principal in
                      (("officer", "can-bo"), ("admin", "quan-tri"), ("counter", "counter"))}
            people["admin"].run("catalogue", "import", CATALOGUE)
            position = publish_all(people["counter"])
            cluster.reporting.wait_position(position)
            yield {**os.environ, "HOSO_PAGE": f"http://{gateway.address}", "HOSO_PASSWORD": PASSWORD, "HOSO_SHOTS": str(shots),
                   "HOSO_COMMAND": program("hoso"), **{f"HOSO_{name.upper()}": str(cli.config) for name, cli in people.items()}}


def publish_all(counter):
    counter.run("publish", "-", stdin=simulated("simulate", "golden"))
    counter.run("publish", "-", stdin=simulated(*TODAY, "--start", days_ago(45), "--until", days_ago(1)))
    orphans = "".join(f'{{"eventId":"e-1","dossier":"thieu-tiep-nhan-{number}","kind":"RESOLVED","occurredAt":"{days_ago(3)}T09:00:00+07:00"}}\n'
                      for number in range(3))
    return Cut.parse(counter.run("publish", "-", "--print-position", stdin=orphans).stdout)


def test_the_page(environment):
    only = os.environ.get("HOSO_BROWSER_ONLY")
    done = subprocess.run(["node", "--test", "--test-reporter=spec", *([f"--test-name-pattern={only}"] if only else []),
                           "page.test.mjs"], cwd=HERE, env=environment, text=True, encoding="utf-8",
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=LONG_S)
    print(done.stdout)
    assert done.returncode == 0, done.stdout
