# SPDX-License-Identifier: Apache-2.0
"""What cmake installs is what the packages of deploy/debian hold, and they are built with what any build needs; tests/packages
builds and tries them."""
import fnmatch
import os
import pathlib
import re
import subprocess

import pytest

from hosotest.cluster import ROOT, program

DEBIAN = ROOT / "deploy" / "debian"
MULTIARCH = "x86_64-linux-gnu"


@pytest.fixture(scope="module")
def installed(tmp_path_factory):
    """The paths that `cmake --install` makes, as a package has them."""
    build = pathlib.Path(program("hoso")).parents[2]
    if not (build / "CMakeCache.txt").exists():
        pytest.skip("the programs are not in a build's folder")
    folder = tmp_path_factory.mktemp("installed")
    subprocess.run(["cmake", "--install", build, "--prefix", folder / "usr"], check=True, stdout=subprocess.DEVNULL)
    return [str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file() or path.is_symlink()]


def claims():
    return [line.split()[0] for file in DEBIAN.glob("*.install") for line in file.read_text().splitlines() if line]


def covers(claim, path):
    """Debian has its libraries in a folder for each architecture, and its units in /lib."""
    for kept in (path, re.sub(r"^usr/lib/(lib|cmake|pkgconfig)", rf"usr/lib/{MULTIARCH}/\1", path),
                 re.sub(r"^usr/lib/systemd/system/", "lib/systemd/system/", path)):
        if fnmatch.fnmatch(kept, claim) or fnmatch.fnmatch(kept, f"{claim}/*"):
            return True
    return False


def test_every_installed_file_is_in_a_package(installed):
    assert len(installed) > 50
    homeless = [path for path in installed if not any(covers(claim, path) for claim in claims())]
    assert not homeless


def test_every_claim_is_installed(installed):
    assert not [claim for claim in claims() if not any(covers(claim, path) for path in installed)]


def test_the_packages_are_built_with_what_a_build_needs():
    text = (ROOT / "deploy/lib/setup.sh").read_text()
    needed = set(re.search(r'build_packages="([^"]*)"', text)[1].split()) - {"gcc"}       # build-essential
    control = (DEBIAN / "control").read_text()
    depends = re.search(r"Build-Depends: (.*?)\nStandards", control, re.DOTALL)[1]
    assert needed <= {part.split()[0] for part in depends.split(",")}
    version = re.search(r"project\(hoso VERSION (\S+)", (ROOT / "CMakeLists.txt").read_text())[1]
    assert (DEBIAN / "changelog").read_text().startswith(f"hoso ({version}) ")


def test_every_service_has_its_user_its_directory_and_its_unit(installed):
    users = (ROOT / "deploy/systemd/hoso.sysusers.conf").read_text()
    folders = (ROOT / "deploy/systemd/hoso.tmpfiles.conf").read_text()
    for name in ("intake", "aggregation", "reporting", "gateway"):
        assert f"u hoso-{name} " in users and f"/var/lib/hoso-{name} 0700 hoso-{name} hoso-{name}" in folders
        assert any(os.path.basename(path) == f"hoso-{name}.service" for path in installed)
