# SPDX-License-Identifier: Apache-2.0
"""The protocol's messages in Python, compiled from proto/ when first imported.

    from hosotest.protocol import pb
    pb.Event(event_id="e-1", kind=pb.KIND_RECEIVED, …)

`pb` has every message and every enum value of all the files, because they share one package and no names.
"""
import atexit
import importlib
import pathlib
import shutil
import subprocess
import sys
import tempfile
import types

PROTO = pathlib.Path(__file__).resolve().parents[3] / "proto"


def _compile():
    target = tempfile.mkdtemp(prefix="hoso-proto-")
    atexit.register(shutil.rmtree, target, ignore_errors=True)
    files = sorted(str(path) for path in (PROTO / "hoso" / "v1").glob("*.proto"))
    subprocess.run(["protoc", f"--proto_path={PROTO}", f"--python_out={target}", *files], check=True)
    sys.path.insert(0, target)
    names = types.SimpleNamespace()
    for path in files:
        module = importlib.import_module(f"hoso.v1.{pathlib.Path(path).stem}_pb2")
        for name in dir(module):
            if not name.startswith("_"):
                setattr(names, name, getattr(module, name))
    return names


pb = _compile()
