# SPDX-License-Identifier: Apache-2.0
"""Starting and stopping: usage, configuration, SIGTERM under load."""
import os
import signal
import subprocess

import pytest

from events import TREES, series
from histories import catalogue
from hosotest.client import NoAnswer, Refused
from hosotest.cluster import Cluster, program
from hosotest.faults import build
from hosotest.protocol import pb

PROGRAMS = ["hoso-intake", "hoso-aggregation", "hoso-reporting"]


def run(name, *arguments):
    return subprocess.run([program(name), *arguments], capture_output=True, text=True, timeout=20)


@pytest.mark.parametrize("name", PROGRAMS)
def test_help_version_sample(name):
    assert run(name, "--help").returncode == 0 and "--config" in run(name, "--help").stdout
    assert run(name, "--version").stdout.strip()
    sample = run(name, "--print-sample")
    assert sample.returncode == 0 and "map_bytes" in sample.stdout and "registry" in sample.stdout


@pytest.mark.parametrize("arguments", [[], ["--nonsense"], ["--config"], ["--config", "/nonexistent/file"]])
@pytest.mark.parametrize("name", PROGRAMS)
def test_wrong_usage_is_two(name, arguments):
    result = run(name, *arguments)
    assert result.returncode == 2 and result.stderr and not result.stdout


@pytest.mark.parametrize("name", ["intake", "aggregation", "reporting"])
@pytest.mark.parametrize("line, named", [("map_byte = 5", "map_byte"), ("log_level = 9", "log_level"),
                                         ("map_bytes = lots", "map_bytes"), ("data =", "data")])
def test_a_faulty_configuration_is_two_and_named(tmp_path, name, line, named):
    cluster = Cluster(directory=tmp_path)
    service = getattr(cluster, name)
    assert run(f"hoso-{name}", "--config", str(service.config), "--check").returncode == 0
    key = line.split(" ")[0]
    kept = [text for text in service.config.read_text().splitlines() if not text.startswith(key + " ")]
    service.config.write_text("\n".join(kept + [line]) + "\n")
    result = run(f"hoso-{name}", "--config", str(service.config), "--check")
    assert result.returncode == 2 and named in result.stderr


@pytest.mark.parametrize("name", ["intake", "aggregation", "reporting"])
def test_a_key_file_that_others_can_read_is_refused(tmp_path, name):
    cluster = Cluster(directory=tmp_path)
    service = getattr(cluster, name)
    os.chmod(service.key_file, 0o644)
    result = run(f"hoso-{name}", "--config", str(service.config))
    assert result.returncode in (1, 2) and service.key_file.name in result.stderr


def test_health_asks_the_running_service(tmp_path):
    cluster = Cluster(directory=tmp_path)
    with cluster:
        for service in cluster.services:
            result = run(f"hoso-{service.name}", "--config", str(service.config), "--health")
            assert result.returncode == 0 and result.stdout.startswith(service.name) and "position" in result.stdout
        cluster.intake.process.send_signal(signal.SIGSTOP)
        try:
            result = run("hoso-intake", "--config", str(cluster.intake.config), "--health")
            assert result.returncode == 1 and cluster.intake.endpoint in result.stderr
        finally:
            cluster.intake.process.send_signal(signal.SIGCONT)


def test_sigterm_under_load_loses_nothing_acknowledged():
    with Cluster(sources=["s1"]) as cluster:
        start = cluster.put_catalogue(catalogue(TREES)).cut.position
        publisher, events = cluster.publisher("s1", chunk=20, timeout_s=0.5), series("load", 4000)
        for n in range(4):
            part, sends = events[1000 * n:1000 * (n + 1)], [0]
            send = type(publisher.channel).send.__get__(publisher.channel)

            def send_and_stop(**body):
                request_id = send(**body)
                sends[0] += 1
                if sends[0] == 20:
                    assert cluster.intake.stop() == 0
                    cluster.intake.start(wait=False)
                return request_id

            publisher.channel.send = send_and_stop
            assert not publisher.publish(part)
        assert cluster.intake.wait_ready().cut.position == start + 4000
        cluster.aggregation.wait_position(start + 4000)


def test_without_a_catalogue_events_are_kept_not_refused():
    """It is not their fault: the answer is "try again", so that no publisher drops them."""
    with Cluster(sources=["s1"]) as cluster:
        publisher = cluster.publisher("s1")
        publisher.open()
        with pytest.raises(Refused) as refused:
            publisher.append(1, series("early", 3))
        assert refused.value.code == pb.ERROR_CODE_NOT_READY and "catalogue" in refused.value.text
        cluster.put_catalogue(catalogue(TREES))
        assert not publisher.publish(series("early", 3))
        assert publisher.next_sequence == 4


def test_a_second_sigterm_ends_at_once(tmp_path):
    """A stop waits for the commit under way, here on a disk that hangs; the second signal does not."""
    hold = tmp_path / "hold"
    cluster = Cluster(sources=["s1"])
    cluster.intake.environment = {"LD_PRELOAD": build(tmp_path, "fail_sync"), "HOSO_HOLD_SYNC": hold,
                                  "ASAN_OPTIONS": "verify_asan_link_order=0"}
    with cluster:
        cluster.put_catalogue(catalogue(TREES))
        publisher, process = cluster.publisher("s1"), cluster.intake.process
        publisher.open()
        hold.touch()
        with pytest.raises(NoAnswer):
            publisher.append(1, series("held", 1), timeout_s=0.5)
        process.send_signal(signal.SIGTERM)
        with pytest.raises(subprocess.TimeoutExpired):
            process.wait(2)
        log = cluster.intake.log_text()
        assert "service.stopping" in log and "service.aborted" not in log
        process.send_signal(signal.SIGTERM)
        assert process.wait(2) == 1, cluster.intake.log_tail()
        log = cluster.intake.log_text()
        assert "service.aborted" in log and "service.overdue" not in log
        cluster.intake.process = None
        hold.unlink()
        cluster.intake.start()
        assert not publisher.publish(series("held", 1))       # it was never acknowledged, and counts once
        assert cluster.intake.status().cut.position == 2
