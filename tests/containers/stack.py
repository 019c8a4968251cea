# SPDX-License-Identifier: Apache-2.0
"""docker and docker-compose as the tests use them: one project, one site directory, one image."""
import datetime
import json
import os
import pathlib
import re
import resource
import shutil
import signal
import subprocess
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
SERVICES = ["intake", "aggregation", "reporting", "gateway"]
VERSION = os.environ["HOSO_VERSION"]
IMAGE = f"hoso:{VERSION}"
PROJECT = "hoso-test"
DEADLINE_S = 90
# Not every machine's root may raise its limits.
NOFILE = min(65536, resource.getrlimit(resource.RLIMIT_NOFILE)[1])


def run(*command, code=0, stdin=None, timeout_s=300, **more):
    """The finished process; insists on its exit code unless that is None."""
    done = subprocess.run([str(part) for part in command], input=stdin, capture_output=True, text=True, encoding="utf-8",
                          timeout=timeout_s, **more)
    assert code is None or done.returncode == code, \
        f"{command}: exit {done.returncode}, not {code}\n{done.stdout}\n{done.stderr}"
    return done


def docker(*arguments, **more):
    return run("docker", *arguments, **more)


def await_that(what, holds, timeout_s=DEADLINE_S):
    """Asks again and again; returns what `holds` returned once it is true."""
    deadline = time.monotonic() + timeout_s
    while not (answer := holds()):
        assert time.monotonic() < deadline, f"not within {timeout_s} s: {what}"
        time.sleep(0.1)
    return answer


def moment(text):
    """Seconds since 1970 of the engine's RFC 3339, which has nanoseconds."""
    seconds, fraction = re.match(r"(.*T[0-9:]+)(\.[0-9]+)?Z", text).groups()
    return datetime.datetime.fromisoformat(seconds + "+00:00").timestamp() + float(fraction or 0)


class Person:
    """`hoso` on the host, as one of the site's people."""

    def __init__(self, stack, name):
        self.stack, self.name = stack, name

    def start(self, *arguments):
        """A running process, text in and out."""
        return subprocess.Popen(self.stack.hoso_command(self.name, *arguments), text=True, encoding="utf-8",
                                stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE)


class Stack:
    def __init__(self):
        self.work = pathlib.Path(tempfile.mkdtemp(prefix="site-", dir=os.environ["HOSO_CONTAINERS_DIR"]))
        self.site = self.work / "site"
        self.hoso_program = self.work / "hoso"
        self.environment = {**os.environ, "HOSO_SITE": str(self.site), "HOSO_VERSION": VERSION,
                            "HOSO_NOFILE": str(NOFILE), "HOSO_BACKUP": str(self.site / "backup")}

    # The administrator's steps, as docs/operations.md has them

    def first_run(self):
        self.site.mkdir(exist_ok=True)
        return docker("run", "--rm", "--network", "none", "--user", "0:0", "-v", f"{self.site}:/site", IMAGE,
                      "hoso-first-run", "/site", "--demo")

    def compose(self, *arguments, files=("compose.yaml",), **more):
        named = [part for file in files for part in ("-f", ROOT / "deploy" / file)]
        return run("docker-compose", "-p", PROJECT, *named, *arguments, env=self.environment, **more)

    def demo(self, *arguments, **more):
        return self.compose(*arguments, files=("compose.yaml", "compose.demo.yaml"), **more)

    def admin(self, *arguments, **more):
        return self.compose("run", "--rm", "-T", "admin", *arguments, **more)

    # `hoso` on the host: the image's own program

    def hoso_command(self, person, *arguments):
        if not self.hoso_program.exists():
            name = f"{PROJECT}-copy"
            docker("create", "--name", name, IMAGE)
            docker("cp", f"{name}:/usr/bin/hoso", self.hoso_program)
            docker("rm", name)
        return [str(part) for part in (self.hoso_program, "--config", self.site / f"{person}.conf", *arguments)]

    def person(self, name):
        return Person(self, name)

    def hoso(self, person, *arguments, **more):
        return run(*self.hoso_command(person, *arguments), **more)

    def json(self, person, *arguments):
        return json.loads(self.hoso(person, *arguments, "--format", "json").stdout)

    def position(self, service):
        """How far intake or reporting is; −1 if it does not answer."""
        done = self.hoso("admin", "--timeout", "1000", "status", "--format", "json", code=None)
        answers = {answer["service"]: answer for answer in json.loads(done.stdout or "[]")}
        return answers.get(service, {}).get("cut", {}).get("position", -1)

    # Containers

    def inspect(self, service):
        return json.loads(docker("inspect", f"{PROJECT}_{service}_1").stdout)[0]

    def inside(self, service, *command, **more):
        return docker("exec", f"{PROJECT}_{service}_1", *command, **more)

    def logs(self, service):
        return docker("logs", "--timestamps", f"{PROJECT}_{service}_1").stderr

    def answers(self, service):
        """Whether the service in the container says that it is well."""
        done = self.inside(service, f"hoso-{service}", "--config", f"/etc/hoso/{service}.conf", "--health", code=None)
        return done.returncode == 0

    def await_answers(self):
        for service in SERVICES:
            await_that(f"{service} answers", lambda name=service: self.answers(name))

    def start_ms(self, service):
        """From the container's start to the service's first answer-ready line, in its last life."""
        ready = [line.split(" ", 1)[0] for line in self.logs(service).splitlines() if "service.started" in line][-1]
        return 1000 * (moment(ready) - moment(self.inspect(service)["State"]["StartedAt"]))

    def crash(self, service):
        """kill -9, from outside, as if by the kernel; the engine's restart policy has to see to it."""
        before = self.inspect(service)
        os.kill(before["State"]["Pid"], signal.SIGKILL)
        await_that(f"{service} is restarted", lambda: self.inspect(service)["RestartCount"] > before["RestartCount"])
        await_that(f"{service} answers again", lambda: self.answers(service))

    def remove(self):
        self.demo("--profile", "tools", "down", "-v", "--remove-orphans", code=None)
        shutil.rmtree(self.work, ignore_errors=True)
