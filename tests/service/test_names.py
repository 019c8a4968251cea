# SPDX-License-Identifier: Apache-2.0
"""A short round of tests/faults/names.py: a name server that falls silent stops nobody but who needs the name."""
import os
import pathlib
import subprocess
import sys

import pytest

SCRIPT = pathlib.Path(__file__).resolve().parents[1] / "faults" / "names.py"
ROUND_S = "6"


def namespaces():
    return os.geteuid() == 0 and subprocess.run(["unshare", "--net", "--mount", "true"], capture_output=True,
                                                check=False).returncode == 0


@pytest.mark.skipif(not namespaces(), reason="needs root, to make network and mount namespaces")
def test_a_name_server_falls_silent():
    done = subprocess.run([sys.executable, SCRIPT, ROUND_S], capture_output=True, text=True, timeout=110, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
