# SPDX-License-Identifier: Apache-2.0
"""A cluster of its own for each case, with the demo's catalogue."""
import pytest

from fieldcase import Field
from hosotest.cli import Cli
from hosotest.cluster import ROOT, Cluster


@pytest.fixture(autouse=True)
def english(monkeypatch):
    """The cases are written in English; what is said in Vietnamese has its own tests."""
    monkeypatch.setenv("HOSO_CLIENT_LANG", "en")


@pytest.fixture
def field():
    with Cluster(sources=["counter"]) as cluster:
        Cli(cluster, "admin").run("catalogue", "import", ROOT / "deploy" / "demo" / "catalogue")
        cluster.reporting.wait_position(1)     # it has the catalogue, and answers
        yield Field(cluster)
