# SPDX-License-Identifier: Apache-2.0
"""What a service does not start on: each refusal says what is wrong, why, and what to do, and changes nothing."""
import ctypes
import json
import os
import pathlib
import shutil
import subprocess
import tempfile

import pytest

from hosotest.cluster import Cluster, program

SERVICES = ["intake", "aggregation", "reporting"]
TMPFS = 0x01021994
OTHER_USER = 65534
META_BYTES = 24     # of the store's meta record, before their checksum: "HOSO", version, incarnation, time


def run(service, *arguments, before=()):
    return subprocess.run([*before, program(f"hoso-{service.name}"), "--config", str(service.config), *arguments],
                          capture_output=True, text=True, timeout=20)


def refused(service, *said, before=(), code=1):
    """It ends with 1 (2: starting again is of no use), logs the refusal once, and that has all of `said`. A check beforehand says the same."""
    result = run(service, before=before)
    events = [json.loads(line) for line in result.stderr.splitlines() if line.startswith("{")]
    refusals = [event for event in events if event["id"] == "service.refused"]
    assert result.returncode == code and len(refusals) == 1, result.stderr
    assert not any(event["id"] == "service.started" for event in events)
    for part in said:
        assert part in refusals[0]["why"]
    return refusals[0]["why"]


def check_says(service, *said, before=()):
    result = run(service, "--check", before=before)
    assert result.returncode == 2 and not result.stdout and all(part in result.stderr for part in said), result.stderr


def after_mounting(mount):
    """Goes before a command: a mount namespace of its own with that mount, where that is allowed."""
    before = ["unshare", *([] if os.geteuid() == 0 else ["-U", "-r"]), "-m", "sh", "-c", f'{mount} && exec "$@"', "sh"]
    if subprocess.run([*before, "true"], capture_output=True).returncode != 0:
        pytest.skip("no right to mount")
    return before


@pytest.fixture
def cluster_of_files(tmp_path):
    """A cluster of which nothing runs."""
    return Cluster(directory=tmp_path)


@pytest.mark.parametrize("name", SERVICES)
def test_memory_is_no_place_for_a_store(cluster_of_files, name):
    place = pathlib.Path("/dev/shm")
    if subprocess.run(["stat", "-fc", "%t", place], capture_output=True, text=True).stdout.strip() != f"{TMPFS:x}":
        pytest.skip("/dev/shm is not tmpfs")
    service = getattr(cluster_of_files, name)
    folder = pathlib.Path(tempfile.mkdtemp(prefix="hoso-test-", dir=place))
    try:
        service.configure(data=folder, any_filesystem=0)
        said = str(folder), "is on tmpfs", "it is memory and lost at a restart", "Put it on a local disk", "a volume"
        refused(service, *said)
        check_says(service, *said)
        assert not list(folder.iterdir())
    finally:
        shutil.rmtree(folder)


@pytest.mark.parametrize("name", SERVICES)
def test_a_containers_own_file_system_is_no_place_for_a_store(cluster_of_files, name):
    service = getattr(cluster_of_files, name)
    folder = pathlib.Path(tempfile.mkdtemp(prefix="hoso-test-"))
    for part in ("lower", "upper", "work", "merged"):
        (folder / part).mkdir()
    service.configure(data=folder / "merged", any_filesystem=0)
    mount = f"mount -t overlay overlay -o lowerdir={folder}/lower,upperdir={folder}/upper,workdir={folder}/work {folder}/merged"
    try:
        before = after_mounting(mount)
        said = f"{folder}/merged", "is on overlay", "it goes away with its container", "a volume"
        refused(service, *said, before=before)
        check_says(service, *said, before=before)
        assert not list((folder / "upper").iterdir())
    finally:
        shutil.rmtree(folder)


@pytest.mark.parametrize("name", SERVICES)
def test_two_fuse_mounts_of_one_directory_are_no_place_for_a_store(cluster_of_files, name):
    if shutil.which("bindfs") is None or os.geteuid() != 0 or not pathlib.Path("/dev/fuse").exists():
        pytest.skip("no bindfs here, or no right to use it")
    service = getattr(cluster_of_files, name)
    folder = pathlib.Path(tempfile.mkdtemp(prefix="hoso-test-"))
    for part in ("kept", "seen"):
        (folder / part).mkdir()
    service.configure(data=folder / "seen", any_filesystem=0)
    try:
        before = after_mounting(f"bindfs {folder}/kept {folder}/seen")
        said = f"{folder}/seen", "is on FUSE", "two services write one store", "Put it on a local disk"
        refused(service, *said, before=before)
        check_says(service, *said, before=before)
        assert not list((folder / "kept").iterdir())
    finally:
        shutil.rmtree(folder)


def test_a_directory_that_nobody_can_write_into(cluster_of_files):
    service = cluster_of_files.intake
    service.data.mkdir()
    before = after_mounting(f"mount -t tmpfs -o ro,mode=700 tmpfs {service.data}")
    said = f"cannot write into the data directory {service.data}", "Read-only file system", "mount a writable volume"
    refused(service, *said, before=before)
    check_says(service, *said, before=before)


@pytest.mark.parametrize("name", SERVICES)
def test_somebody_elses_directory(cluster_of_files, name):
    service = getattr(cluster_of_files, name)
    if os.geteuid() == 0:
        service.data.mkdir()
        os.chown(service.data, OTHER_USER, OTHER_USER)
        owner = OTHER_USER
    else:
        service.configure(data="/usr")
        owner = os.stat("/usr").st_uid
    said = f"belongs to user {owner}", f"this process runs as user {os.geteuid()}", "chown -R"
    refused(service, *said)
    check_says(service, *said)


@pytest.mark.parametrize("name", SERVICES)
def test_a_directory_that_cannot_be_made(cluster_of_files, name):
    service = getattr(cluster_of_files, name)
    service.configure(data=service.data / "no" / "parent")
    refused(service, "cannot make the data directory", "No such file or directory", "make its parent directory first")
    check_says(service, "cannot make the data directory", "make its parent directory first")


@pytest.mark.parametrize("file", ["owner.lock", "data.mdb"])
def test_a_file_that_another_user_left_behind(file):
    """As when the service once ran as root: the directory is its own, a file in it is not."""
    if os.geteuid() != 0:
        pytest.skip("only root can make another user's file")
    directory = pathlib.Path(tempfile.mkdtemp(prefix="hoso-test-"))
    try:
        cluster = Cluster(directory=directory)
        service = cluster.intake
        service.data.mkdir()
        (service.data / file).touch(mode=0o600)
        for path in [directory, *directory.glob("*"), cluster.directory, *cluster.directory.glob("*"), service.data]:
            os.chown(path, OTHER_USER, OTHER_USER)
        try:
            said = subprocess.run([program("hoso-intake"), "--config", str(service.config)], capture_output=True, text=True,
                                  timeout=20, user=OTHER_USER, group=OTHER_USER, extra_groups=[])
        except PermissionError:
            pytest.skip("the programs are in a folder that others may not enter")
        assert said.returncode == 1, said.stderr
        assert "Permission denied: it is another user's" in said.stderr and "chown -R" in said.stderr
    finally:
        shutil.rmtree(directory)


@pytest.mark.parametrize("name", SERVICES)
def test_http_only_at_an_address(cluster_of_files, name):
    service = getattr(cluster_of_files, name)
    service.configure(http_listen="localhost:7311")
    said = "http_listen: \"localhost:7311\" is no address", "write it like 127.0.0.1:7311"
    refused(service, *said)
    check_says(service, *said)


def test_a_store_has_one_owner(cluster):
    """The second one is told who the first is; the check before a restart does not mind."""
    for service in cluster.services:
        refused(service, str(service.data), f"is in use by process {service.process.pid} ", "another data directory")
        assert run(service, "--check").returncode == 0
        assert service.status().service == service.name


def write_version(data, change):
    """Changes the schema version in every copy of the store's meta record."""
    xxhash = ctypes.CDLL("libxxhash.so.0").XXH3_64bits
    xxhash.restype, xxhash.argtypes = ctypes.c_uint64, [ctypes.c_char_p, ctypes.c_size_t]
    content, at, seen = bytearray((data / "data.mdb").read_bytes()), -1, None
    while (at := content.find(b"HOSO", at + 1)) >= 0:
        record = content[at:at + META_BYTES]
        if xxhash(bytes(record), META_BYTES).to_bytes(8, "big") == content[at + META_BYTES:at + META_BYTES + 8]:
            seen = int.from_bytes(record[4:8], "big")
            record[4:8] = (seen + change).to_bytes(4, "big")
            content[at:at + META_BYTES + 8] = record + xxhash(bytes(record), META_BYTES).to_bytes(8, "big")
    (data / "data.mdb").write_bytes(content)
    return seen


def test_a_store_of_another_version():
    with Cluster() as cluster:
        for service in cluster.services:
            assert service.stop() == 0
            version = write_version(service.data, 1)
            refused(service, str(service.data), f"has schema version {version + 1}", f"this hoso knows {version}",
                    "run a newer hoso", code=2)
            check_says(service, f"has schema version {version + 1}", "run a newer hoso")
            write_version(service.data, -2)
            refused(service, f"has schema version {version - 1}", f"this hoso writes {version}", "run the hoso that wrote it",
                    code=2)
            write_version(service.data, 1)
            service.start()


@pytest.mark.parametrize("name", SERVICES)
def test_a_damaged_store(name):
    with Cluster() as cluster:
        service = getattr(cluster, name)
        assert service.stop() == 0
        whole = (service.data / "data.mdb").read_bytes()
        (service.data / "data.mdb").write_bytes(whole[:len(whole) // 2])
        remedy = "backup" if name == "intake" else "empty the directory"
        refused(service, str(service.data), remedy, code=2)
        check_says(service, str(service.data), remedy)
        (service.data / "data.mdb").write_bytes(whole)
        assert run(service, "--check").returncode == 0
        service.start()
