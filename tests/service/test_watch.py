# SPDX-License-Identifier: Apache-2.0
"""libhoso's subscriber of the live totals, through the programs that use it."""
import os
import pathlib
import subprocess

import pytest

from events import series
from hosotest.cli import Cli
from hosotest.cluster import ROOT, program

EXAMPLE = ROOT / "examples" / "watch_totals.c"


def test_the_c_example_follows(cluster, publisher, tmp_path):
    """Compiled as a stranger would, against the shared library."""
    library = pathlib.Path(program("hoso")).parents[2] / "common" / "client"
    if b"__asan_init" in (library / "libhoso.so").read_bytes():
        pytest.skip("a sanitized library wants a sanitized program")
    watch_totals = tmp_path / "watch_totals"
    subprocess.run(["cc", "-Wall", "-Wextra", "-Werror", "-I", ROOT / "common" / "client", "-o", watch_totals, EXAMPLE,
                    "-L", library, "-lhoso"], check=True)
    example = subprocess.Popen([watch_totals, Cli(cluster, "admin").config, "t00000.a"], text=True, stdout=subprocess.PIPE,
                               env={**os.environ, "LD_LIBRARY_PATH": str(library)})
    try:
        assert example.stdout.readline().split()[2] == "t00000.a"
        publisher.publish(series("c-example", 3))
        while int((line := example.stdout.readline().split())[1]) < publisher.position:
            pass
    finally:
        example.kill()
        example.wait()
    assert line[2] == "t00000.a" and line[3].startswith("received=")
