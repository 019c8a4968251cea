# SPDX-License-Identifier: Apache-2.0
"""One cluster with the demo's catalogue, and `hoso` as its administrator, its counter and an agency."""
import pathlib

import pytest

from hosotest.cli import Cli
from hosotest.cluster import Cluster

CATALOGUE = pathlib.Path(__file__).resolve().parents[2] / "deploy" / "demo" / "catalogue"


@pytest.fixture(scope="session")
def cluster():
    with Cluster(sources=["counter"]) as cluster:
        cluster.add("agency", role="agency", units="H27.45")
        cluster.add("other-counter", role="source", units="H27.45")
        cluster.admit("other-counter", service=cluster.reporting)
        Cli(cluster, "admin").run("catalogue", "import", CATALOGUE)
        yield cluster


@pytest.fixture(scope="session")
def admin(cluster):
    return Cli(cluster, "admin")


@pytest.fixture(scope="session")
def counter(cluster):
    return Cli(cluster, "counter")


@pytest.fixture(scope="session")
def agency(cluster):
    return Cli(cluster, "agency")
