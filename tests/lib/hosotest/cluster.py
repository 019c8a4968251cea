# SPDX-License-Identifier: Apache-2.0
"""The three services on loopback addresses of their own, with keys, registry, configuration and data in a temporary directory.

    with Cluster(sources=["s1"]) as cluster:
        cluster.publisher("s1").publish(…)
        cluster.reporter().run_report(…)

Ready means: the service answered a Status over ZeroMQ. Programs come from $HOSO_BIN (a folder with them, or a
build folder), else from build/*/. Leaving the block stops all with SIGTERM and insists on exit code 0.
"""
import ipaddress
import itertools
import os
import pathlib
import re
import shutil
import signal
import subprocess
import tempfile
import time

import zmq

from hosotest.client import Channel, Keys, NoAnswer, Publisher, Refused, Reporter
from hosotest.protocol import pb
from hosotest.totals import Follower

ROOT = pathlib.Path(__file__).resolve().parents[3]
READY_S = 30
STOP_S = 20


def program(name):
    """The path of hoso-intake, hoso-aggregation, hoso-reporting or hoso."""
    places = [pathlib.Path(os.environ["HOSO_BIN"])] if os.environ.get("HOSO_BIN") else sorted(ROOT.glob("build/*"))
    for place in places:
        for path in [place / name, *place.glob(f"*/{name}"), *place.glob(f"services/*/{name}")]:
            if path.is_file() and os.access(path, os.X_OK):
                return str(path)
    raise FileNotFoundError(f"{name} is not in {[str(p) for p in places]}: build it, or set HOSO_BIN")


def make_keys():
    return Keys(*(half.decode() for half in zmq.curve_keypair()))


PORTS = itertools.count(7301)


def loopback_addresses(count):
    """Addresses ("127.x.y.z:port") that nobody else takes: every test process has a loopback host of its own, made from
    its process id. Outgoing connections start at 127.0.0.1, so none of their ports can come in the way either."""
    host = ipaddress.IPv4Address("127.0.0.1") + 4 * os.getpid()
    return [f"{host}:{next(PORTS)}" for _ in range(count)]


class Service:
    """One process and its files."""

    def __init__(self, cluster, name, request_type, reply_type, files=None):
        self.cluster, self.name = cluster, name
        self.request_type, self.reply_type = request_type, reply_type
        self.keys, self.process, self.settings, self.endpoint = make_keys(), None, {}, None
        self.environment = {}      # on top of ours
        files = files or name
        self.config = cluster.directory / f"{files}.conf"
        self.key_file = cluster.directory / f"{files}.key"
        self.data = cluster.directory / "data" / files
        self.log = cluster.directory / f"{files}.log"

    def configure(self, **settings):
        self.settings.update(settings)
        self.config.write_text("".join(f"{k} = {v}\n" for k, v in self.settings.items()))

    def start(self, wait=True):
        assert self.process is None, f"{self.name} is running"
        with open(self.log, "ab") as log:
            self.process = subprocess.Popen([program(f"hoso-{self.name}"), "--config", str(self.config)],
                                            stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                                            env={**os.environ, **self.environment})
        if wait:
            self.wait_ready()

    def wait_ready(self, timeout_s=READY_S):
        deadline = time.monotonic() + timeout_s
        while True:
            try:
                return self.status(timeout_s=0.5)
            except NoAnswer:
                if self.process.poll() is not None:
                    raise AssertionError(f"{self.name} ended with {self.process.returncode}\n{self.log_tail()}") from None
                if time.monotonic() > deadline:
                    raise AssertionError(f"{self.name} is not ready after {timeout_s} s\n{self.log_tail()}") from None

    def channel(self, keys=None):
        return Channel(self.endpoint, self.keys.public, keys or self.cluster.admin, self.request_type, self.reply_type)

    def status(self, timeout_s=5.0):
        channel = self.channel()
        try:
            return channel.call(timeout_s, status=pb.StatusRequest())
        finally:
            channel.close()

    def gauges(self):
        return {gauge.name: gauge.value for gauge in self.status().gauges}

    def wait_position(self, position, timeout_s=60.0):
        """Until the service's cut has reached `position`."""
        channel, deadline = self.channel(), time.monotonic() + timeout_s
        try:
            while (at := channel.call(timeout_s, status=pb.StatusRequest()).cut.position) < position:
                assert time.monotonic() < deadline, f"{self.name} is at {at}, not {position}\n{self.log_tail()}"
                channel.socket.poll(5)
        finally:
            channel.close()

    def kill(self):
        """kill -9."""
        self.process.kill()
        self.process.wait()
        self.process = None

    def stop(self):
        """SIGTERM; the exit code."""
        self.process.send_signal(signal.SIGTERM)
        try:
            code = self.process.wait(STOP_S)
        except subprocess.TimeoutExpired:
            self.kill()
            raise AssertionError(f"{self.name} did not stop in {STOP_S} s\n{self.log_tail()}") from None
        self.process = None
        return code

    def reload(self):
        """Re-read the registry."""
        self.process.send_signal(signal.SIGHUP)

    def wipe(self):
        """Forget everything: only when it is not running."""
        assert self.process is None
        shutil.rmtree(self.data, ignore_errors=True)

    def log_text(self):
        return self.log.read_text(errors="replace") if self.log.exists() else ""

    def log_tail(self, lines=30):
        return "\n".join([f"--- {self.log}"] + self.log_text().splitlines()[-lines:])


class Cluster:
    def __init__(self, sources=("s1", "s2"), spaces=None, directory=None, **settings):
        base = directory or os.environ.get("HOSO_TEST_DIR")
        self.directory = pathlib.Path(tempfile.mkdtemp(prefix="hoso-test-", dir=base))
        self.principals, self.open_clients = {}, []
        self.intake = Service(self, "intake", pb.IntakeRequest, pb.IntakeReply)
        self.aggregation = Service(self, "aggregation", pb.LedgerRequest, pb.LedgerReply)
        self.reporting = Service(self, "reporting", pb.ReportingRequest, pb.ReportingReply)
        self.services = [self.intake, self.aggregation, self.reporting]
        self.registry = self.directory / "registry.conf"
        self.admin = self.add("admin", role="admin")
        for service in self.services:
            self.add(service.name, role="service", keys=service.keys)
        for source in sources:
            self.add(source, role="source", units="*", space=(spaces or {}).get(source))
        self._configure(settings)

    def _configure(self, settings):
        (self.directory / "data").mkdir()
        intake, journal, aggregation, reporting, totals = (f"tcp://{address}" for address in loopback_addresses(5))
        self.intake.endpoint, self.aggregation.endpoint, self.reporting.endpoint = intake, aggregation, reporting
        for service in self.services:
            self.write_keys(service.key_file, service.keys)
            service.configure(data=service.data, key=service.key_file, registry=self.registry,
                              any_filesystem=1, map_bytes=4 << 30, **settings)
        self.intake.configure(listen=intake, journal_listen=journal)
        self.aggregation.configure(listen=aggregation, journal=journal, journal_key=self.intake.keys.public)
        self.reporting.configure(listen=reporting, aggregation=aggregation, aggregation_key=self.aggregation.keys.public,
                                 totals_listen=totals)
        self.journal_endpoint = journal

    @staticmethod
    def write_keys(path, keys):
        path.touch(mode=0o600)
        path.write_text(f"public = {keys.public}\nsecret = {keys.secret}\n")

    # The registry

    def add(self, name, role="source", units=None, expires=None, keys=None, space=None, close=None):
        """A principal; running services learn of it by reload()."""
        keys = keys or make_keys()
        self.principals[name] = {"keys": keys, "key": keys.public, "role": role, "units": units, "expires": expires,
                                 "space": space, "close": close}
        self.write_registry()
        return keys

    def remove(self, name):
        del self.principals[name]
        self.write_registry()

    def let_log_in(self, name, password):
        """Services learn of it by reload()."""
        self._key("password", name, stdin=password + "\n")
        self._keep(name, "password")

    def give_token(self, name):
        """The token; services learn of it by reload()."""
        token = self._key("token", name)
        self._keep(name, "token")
        return token

    def _key(self, verb, name, stdin=None):
        done = subprocess.run([program("hoso"), "key", verb, name, "--registry", str(self.registry)], input=stdin,
                              capture_output=True, text=True)
        assert done.returncode == 0, done
        return done.stdout.strip()

    def _keep(self, name, setting):
        """What `hoso key` wrote into the entry stays when the registry is written again."""
        entry = self.registry.read_text().split(f"[{name}]\n")[1].split("\n[")[0]
        self.principals[name][setting] = re.search(rf"^{setting} = (.*)$", entry, re.MULTILINE)[1]

    def write_registry(self):
        lines = []
        for name, entry in self.principals.items():
            lines.append(f"[{name}]")
            names = ("key", "role", "units", "space", "close", "expires", "password", "token")
            lines += [f"{k} = {entry[k]}" for k in names if entry.get(k) is not None]
        text = "\n".join(lines) + "\n"
        fresh = self.registry.with_suffix(".new")
        fresh.write_text(text)
        fresh.rename(self.registry)

    def reload(self):
        for service in self.services:
            service.reload()

    def admit(self, name, service=None, timeout_s=10.0):
        """Reload, then until the service (intake) answers this principal. A refused key ends its socket: each try has
        its own. Returns a publisher."""
        self.reload()
        service, deadline = service or self.intake, time.monotonic() + timeout_s
        while True:
            channel = service.channel(self.keys_of(name))
            try:
                channel.call(0.3, status=pb.StatusRequest())
                return self.publisher(name)
            except (NoAnswer, Refused):
                if time.monotonic() > deadline:
                    raise AssertionError(f"{service.name} does not know {name}\n{service.log_tail()}") from None
            finally:
                channel.close()

    def keys_of(self, name):
        return self.principals[name]["keys"]

    def wait_for_copy(self, timeout_s=60.0):
        """Until reporting has a copy to answer from: on a new site it looks for one once a second."""
        reporter, deadline = self.reporter(), time.monotonic() + timeout_s
        while True:
            try:
                return reporter.list_units()
            except Refused as refused:
                assert refused.code == pb.ERROR_CODE_NOT_READY and time.monotonic() < deadline, refused
                reporter.channel.socket.poll(20)

    # Life

    def start(self):
        for service in self.services:
            service.start(wait=False)
        for service in self.services:
            service.wait_ready()
        return self

    def stop(self, keep=False):
        for client in self.open_clients:
            client.close()
        self.open_clients.clear()
        codes = {s.log.stem: s.stop() for s in reversed(self.services) if s.process is not None}
        tails = "\n".join(s.log_tail() for s in self.services if codes.get(s.log.stem))
        reports = [s.name for s in self.services if re.search(r"AddressSanitizer|runtime error:", s.log_text())]
        if not keep and not any(codes.values()) and not reports:
            shutil.rmtree(self.directory, ignore_errors=True)
        assert not any(codes.values()), f"exit codes {codes}\n{tails}"
        assert not reports, f"sanitizer reports of {reports} in {self.directory}"

    def __enter__(self):
        try:
            return self.start()
        except BaseException:
            self.abandon()
            raise

    def __exit__(self, kind, value, trace):
        if kind is None:
            self.stop()
        else:
            self.abandon()

    def abandon(self):
        """After a failure: end what runs, keep the files, say where they are."""
        for client in self.open_clients:
            client.close()
        for service in self.services:
            if service.process is not None:
                service.kill()
        print(f"cluster files are kept in {self.directory}")

    # Clients

    def publisher(self, name, **options):
        client = Publisher(self.intake.endpoint, self.intake.keys.public, self.keys_of(name), **options)
        self.open_clients.append(client)
        return client

    def reporter(self, name="admin"):
        client = Reporter(self.reporting.endpoint, self.reporting.keys.public, self.keys_of(name))
        self.open_clients.append(client)
        return client

    def follower_parameters(self, name, restricted=False, reporting=None, **options):
        service = reporting or self.reporting
        feed = service.settings["totals_restricted_listen" if restricted else "totals_listen"]
        return {"reporting": service.endpoint, "feed": feed, "server_key": service.keys.public, "keys": self.keys_of(name),
                "restricted": restricted, **options}

    def follower(self, name="admin", **options):
        """Follows the live totals."""
        client = Follower(**self.follower_parameters(name, **options))
        self.open_clients.append(client)
        return client

    def add_replica(self):
        """One more reporting, with a store and endpoints of its own. Start and stop it yourself."""
        number = len(self.services)
        replica = Service(self, "reporting", pb.ReportingRequest, pb.ReportingReply, files=f"reporting-{number}")
        self.add(f"reporting-{number}", role="service", keys=replica.keys)
        self.write_keys(replica.key_file, replica.keys)
        listen, totals = (f"tcp://{address}" for address in loopback_addresses(2))
        replica.endpoint = listen
        replica.configure(**{**self.reporting.settings, "data": replica.data, "key": replica.key_file, "listen": listen,
                             "totals_listen": totals})
        self.services.append(replica)
        return replica

    def put_catalogue(self, catalogue):
        """Puts it in force and waits for reporting to have it. Returns the answer."""
        admin = self.publisher("admin")
        answer = admin.put_catalogue(catalogue)
        self.reporting.wait_position(answer.cut.position)
        return answer

    def ledger(self):
        """{key: value} of aggregation's whole ledger, page by page, and the cut of all pages."""
        channel, entries, after = self.aggregation.channel(), {}, b""
        try:
            while True:
                page = channel.call(30.0, every_s=10.0, snapshot=pb.SnapshotRequest(after_key=after, max_bytes=1 << 20))
                entries.update((entry.key, entry.value) for entry in page.entries)
                if page.last:
                    return entries, page.cut
                after = page.entries[-1].key
        finally:
            channel.close()
