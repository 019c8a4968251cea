# SPDX-License-Identifier: Apache-2.0
"""Libraries of tests/faults for LD_PRELOAD: disks and stores that fail on request."""
import subprocess

from hosotest.cluster import ROOT


def build(folder, name):
    """Compiles tests/faults/NAME.c into the folder; its path."""
    library = folder / f"{name}.so"
    source = ROOT / "tests" / "faults" / f"{name}.c"
    subprocess.run(["cc", "-std=c17", "-D_GNU_SOURCE", "-shared", "-fPIC", "-o", library, source, "-ldl"], check=True)
    return library
