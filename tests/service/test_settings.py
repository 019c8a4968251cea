# SPDX-License-Identifier: Apache-2.0
"""Settings of the real programs: from a file, from the environment, printed."""
import os
import subprocess

import pytest

from hosotest.cli import Cli
from hosotest.cluster import Cluster, program

SERVICES = ["intake", "aggregation", "reporting"]


def variables(name, settings):
    """The settings as the environment of `name`."""
    return {f"HOSO_{name}_{key}".upper(): str(value) for key, value in settings.items()}


def run(name, *arguments, **environment):
    return subprocess.run([program(name), *map(str, arguments)], capture_output=True, text=True, timeout=20,
                          env={**os.environ, **environment})


def printed(result):
    """{setting: (value, where it comes from)}"""
    assert result.returncode == 0, result.stderr
    rows = [line.split(" ; ") for line in result.stdout.splitlines() if not line.startswith("#")]
    return {setting.split(" = ")[0].removesuffix(" ="): (setting.partition("= ")[2].rstrip() if "= " in setting else "",
                                                         origin) for setting, origin in rows}


@pytest.mark.parametrize("name", SERVICES)
def test_the_printed_settings_are_those_in_force(tmp_path, name):
    cluster = Cluster(directory=tmp_path)
    service = getattr(cluster, name)
    first = run(f"hoso-{name}", "--config", service.config, "--print-config", **variables(name, {"log_level": 3}))
    settings = printed(first)
    for line, (key, value) in enumerate(service.settings.items(), 1):
        assert settings[key] == (str(value), f"{service.config}:{line}")
    assert settings["log_level"] == ("3", f"HOSO_{name.upper()}_LOG_LEVEL")
    assert settings["utc_offset_minutes"] == ("420", "default")
    assert service.keys.secret not in first.stdout
    again = tmp_path / "printed.conf"
    again.write_text(first.stdout)
    second = printed(run(f"hoso-{name}", "--config", again, "--print-config"))
    assert {key: value for key, (value, _) in second.items()} == {key: value for key, (value, _) in settings.items()}
    assert run(f"hoso-{name}", "--config", again, "--check").returncode == 0


def test_services_start_from_the_environment_alone():
    cluster = Cluster()
    try:
        for service in cluster.services:
            service.config.unlink()
            with open(service.log, "ab") as log:
                service.process = subprocess.Popen([program(f"hoso-{service.name}")], stdout=log, stderr=log,
                                                   env={**os.environ, **variables(service.name, service.settings)})
        for service in cluster.services:
            assert service.wait_ready().service == service.name
            health = run(f"hoso-{service.name}", "--health", **variables(service.name, service.settings))
            assert health.returncode == 0 and health.stdout.startswith(service.name)
    except BaseException:
        cluster.abandon()
        raise
    cluster.stop()


@pytest.mark.parametrize("name", SERVICES)
@pytest.mark.parametrize("setting, value, said", [
    ("map_byte", "5", "did you mean HOSO_{}_MAP_BYTES?"), ("log_level", "9", "HOSO_{}_LOG_LEVEL: 9 is not between 0 and 3"),
    ("data", "", "HOSO_{}_DATA: is empty"), ("listen", "7301", "HOSO_{}_LISTEN: \"7301\" is not an endpoint")])
def test_a_fault_in_the_environment_is_two_and_named(tmp_path, name, setting, value, said):
    service = getattr(Cluster(directory=tmp_path), name)
    result = run(f"hoso-{name}", "--config", service.config, **variables(name, {setting: value}))
    assert result.returncode == 2 and said.format(name.upper()) in result.stderr and not result.stdout


def test_the_command_takes_the_environment_over_its_file(cluster):
    cli = Cli(cluster, "admin")
    assert "t00001" in cli.run("units").stdout
    settings = {"reporting": cluster.reporting.endpoint, "reporting_key": cluster.reporting.keys.public,
                "key": cluster.directory / "client-admin.key"}
    nowhere = {"HOME": str(cluster.directory), "HOSO_CONFIG": ""}
    alone = run("hoso", "units", **variables("client", settings), **nowhere)
    assert alone.returncode == 0 and alone.stdout == cli.run("units").stdout
    wrong = run("hoso", "--config", cli.config, "units", **variables("client", {"reporting": "tcp://127.0.0.1:1", "timeout_ms": 50}))
    assert wrong.returncode == 4 and "127.0.0.1:1" in wrong.stderr
    typo = run("hoso", "--config", cli.config, "units", HOSO_CLIENT_REPORTIN="x")
    assert typo.returncode != 0 and "did you mean HOSO_CLIENT_REPORTING?" in typo.stderr
    publish = run("hoso", "publish", os.devnull, **variables("client", settings), **nowhere)
    assert publish.returncode == 2 and "HOSO_CLIENT_OUTBOX" in publish.stderr


def test_the_command_prints_its_settings(cluster):
    cli = Cli(cluster, "admin")
    settings = printed(run("hoso", "--config", cli.config, "config", "show", HOSO_CLIENT_TIMEOUT_MS="5"))
    assert settings["intake"] == (cluster.intake.endpoint, f"{cli.config}:1")
    assert settings["timeout_ms"] == ("5", "HOSO_CLIENT_TIMEOUT_MS")
    assert cluster.keys_of("admin").secret not in str(settings)
    assert "# Where intake takes events." in run("hoso", "config", "sample").stdout
