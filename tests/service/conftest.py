# SPDX-License-Identifier: Apache-2.0
"""One cluster for all protocol tests that only need fresh sources and dossiers; a small catalogue in force."""
import itertools

import pytest

from events import TREES
from histories import catalogue
from hosotest.cluster import Cluster


@pytest.fixture(scope="session")
def cluster():
    with Cluster(sources=["s1", "s2"]) as cluster:
        cluster.put_catalogue(catalogue(TREES))
        yield cluster


@pytest.fixture(scope="session")
def serial():
    return itertools.count(1)


@pytest.fixture
def source(cluster, serial):
    """The name of a source that has never published, with the rights to all units."""
    name = f"fresh-{next(serial)}"
    cluster.add(name, role="source", units="*")
    cluster.admit(name)
    return name


@pytest.fixture
def publisher(cluster, source):
    publisher = cluster.publisher(source)
    publisher.open()
    return publisher
