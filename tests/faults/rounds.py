#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Rounds of faults against the real services, each with a line of figures: rounds, lost, doubled, wrong.

    rounds.py kill [ROUNDS]    a service, or the publishing command, is killed (-9) at a random moment
    rounds.py nth [EVERY]      the n-th write, sync or malloc of a service fails, for every n of a small run (every n-th malloc)
    rounds.py power [ROUNDS]   the file system under intake's journal is shut down; as root. With the negative control:
                               the same with syncs that do nothing must lose something
    rounds.py soak [SECONDS]   steady load with reports; memory, descriptors and the time of a report at the start and the end

What was acknowledged and is not in the journal is lost. What was sent again with its sequence and is in the journal twice, or
counts twice, is doubled (a file that is published again is journaled again, and counts once). A figure of a report below the
number of events, or a difference that `hoso verify` finds, is wrong. Any of them makes the exit code 1. HOSO_SEED repeats
the choices of a run.
"""
import collections
import contextlib
import fcntl
import json
import os
import pathlib
import random
import subprocess
import sys
import tempfile
import threading
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / "tests" / "lib"), str(ROOT / "tests" / "service"), str(ROOT / "tests" / "property")]

from events import TREES, series  # noqa: E402
from histories import catalogue  # noqa: E402
from hosotest.cli import Cli  # noqa: E402
from hosotest.client import NoAnswer, Refused, cells  # noqa: E402
from hosotest.cluster import Cluster  # noqa: E402
from hosotest.faults import build  # noqa: E402
from hosotest.journal import entries_of  # noqa: E402

UNIT, YEARS = "t00000.a", ("2000-01-01", "2098-12-31")      # of series()
GOING_DOWN, WITHOUT_LOG = 0x8004587D, 2                     # XFS: as if the power went, nothing more is written
Tally = collections.namedtuple("Tally", "rounds lost doubled wrong")


class World:
    """A cluster, what was acknowledged, and the check at the end."""

    def __init__(self, folder, sources=("s1", "hand")):
        self.folder, self.cluster = folder, Cluster(sources=sources)
        self.acknowledged, self.number = set(), 0

    def __enter__(self):
        self.cluster.__enter__()
        self.cluster.put_catalogue(catalogue(TREES))
        return self

    def __exit__(self, *why):
        return self.cluster.__exit__(*why)

    def publish(self, publisher, count, deadline_s=120.0):
        """New events, until all are acknowledged."""
        events = series(f"fault-{self.number}", count)
        self.number += 1
        assert not publisher.publish(events, deadline_s=deadline_s)
        self.acknowledged |= {("s1", event.dossier) for event in events}

    def tally(self, rounds):
        cluster, backup = self.cluster, self.folder / "backup"
        end = cluster.intake.status().cut.position
        Cli(cluster, "admin").run("backup", backup)
        held = collections.Counter((e.source, e.dossier) for e in entries_of(backup).values() if e)
        cluster.reporting.wait_position(end)
        report = cluster.reporter().run_report("thong-ke", UNIT, YEARS, min_position=end)
        shown = cells(report)[UNIT]["received"]
        doubled = sum(n - 1 for (source, _), n in held.items() if source == "s1") + max(0, shown - len(held))
        wrong = max(0, len(held) - shown) + sum(not check.ok for check in report.checks)
        found = json.loads(Cli(cluster, "admin").run("verify", "--work", self.folder, "--format", "json", code=None).stdout)
        wrong += found["different"] + found["missing"] + found["extra"]
        return Tally(rounds, len(self.acknowledged - set(held)), doubled, wrong)


@contextlib.contextmanager
def restarting(cluster, services, settled):
    """In the block: whichever of the services ends is started again."""
    ended = threading.Event()

    def watch():
        while not ended.wait(0.02):
            for service in services:
                if service.process is not None and service.process.poll() is not None:
                    service.process = None
                    settled(service)
                    service.start(wait=False)
    thread = threading.Thread(target=watch)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()


def kill(folder, rounds=60):
    """One of the services, or `hoso publish` with its outbox, in turns of chance; publishing goes on all the while."""
    with World(folder) as world:
        cluster, hand, done = world.cluster, Cli(world.cluster, "hand"), threading.Event()
        failures = []

        def publish_on():
            publisher = cluster.publisher("s1")
            try:
                while not done.is_set():
                    world.publish(publisher, random.randrange(1, 400))
            except BaseException as failure:       # it is raised where the rounds are counted
                failures.append(failure)
        thread = threading.Thread(target=publish_on)
        thread.start()
        try:
            for n in range(rounds):
                time.sleep(random.random() * 0.4)  # the moment
                victim = random.choice([*cluster.services, hand])
                if victim is hand:
                    lines = folder / "lines"
                    lines.write_text("".join(hand_line(n, k) for k in range(500)))
                    process = hand.start("publish", lines)
                    time.sleep(random.random() * 0.15)
                    process.kill()
                    process.communicate()
                    hand.run("publish", lines)     # the outbox and the file again: nothing is doubled
                    world.acknowledged |= {("hand", f"hand-{n}-{k}") for k in range(500)}
                else:
                    victim.kill()
                    victim.start()
        finally:
            done.set()
            thread.join()
        assert not failures, failures
        return world.tally(rounds)


def hand_line(n, k):
    return json.dumps({"eventId": "1", "dossier": f"hand-{n}-{k}", "kind": "RECEIVED", "occurredAt": "2024-01-30T09:00:00+07:00",
                       "unit": UNIT, "procedure": "1.000", "field": "dat-dai", "channel": "ONLINE",
                       "serviceLevel": "FULL"}) + "\n"


def nth(folder, every=25):
    shim, armed, hit = build(folder, "fail_nth"), folder / "armed", folder / "hit"
    rounds = 0
    with World(folder) as world:
        cluster = world.cluster
        publisher = cluster.publisher("s1")
        world.publish(publisher, 10)
        for service in cluster.services:
            for call, step in (("write", 1), ("sync", 1), ("malloc", every)):
                n, begun = 1, rounds
                while n < 4000:                    # a run that makes fewer calls than n ends it
                    armed.unlink(missing_ok=True)
                    hit.unlink(missing_ok=True)
                    service.stop()
                    service.environment = {"LD_PRELOAD": shim, "HOSO_FAIL_CALL": call, "HOSO_FAIL_AT": n,
                                           "HOSO_FAIL_ARMED": armed, "HOSO_FAIL_HIT": hit}
                    service.environment = {name: str(value) for name, value in service.environment.items()}
                    service.start()
                    armed.touch()
                    with restarting(cluster, [service], lambda one: one.environment.clear()):
                        world.publish(publisher, 5)
                        settle(cluster, publisher.position)
                        for stored in (cluster.aggregation, cluster.reporting):
                            stored.wait_position(publisher.position)
                    service.environment.clear()
                    if not hit.exists():
                        service.stop()             # or the failure would come later
                        service.start()
                        break
                    rounds, n = rounds + 1, n + step
                print(f"nth: {service.name} {call}: {rounds - begun} failures", flush=True)
        return world.tally(rounds)


def settle(cluster, position, timeout_s=60.0):
    """Until a report has it, whoever is restarted meanwhile."""
    deadline = time.monotonic() + timeout_s
    while True:
        try:
            return cluster.reporter().run_report("thong-ke", UNIT, YEARS, min_position=position, wait_ms=5000)
        except (NoAnswer, Refused):
            assert time.monotonic() < deadline, "\n".join(service.log_tail() for service in cluster.services)


def power(folder, rounds=10):
    tally = cuts(folder, rounds, None)
    if tally.rounds:
        control = cuts(folder, 3, build(folder, "fail_nth"))
        print(f"power, syncs that do nothing: rounds {control.rounds}, lost {control.lost}: {'as expected' if control.lost else ''}")
        if not control.lost:
            print("power: the negative control lost nothing, so the rounds before it prove nothing")
            return tally._replace(wrong=tally.wrong + 1)
    return tally


def cuts(folder, rounds, no_sync):
    image, disk = folder / f"disk-{bool(no_sync)}", folder / f"mount-{bool(no_sync)}"
    image.touch()
    os.truncate(image, 1 << 30)
    disk.mkdir()
    subprocess.run(["mkfs.xfs", "-q", image], check=True)

    def mount():
        subprocess.run(["mount", "-o", "loop", image, disk], check=True)
    mount()
    lost = doubled = done = 0
    world = World(folder / f"world-{bool(no_sync)}")
    world.folder.mkdir()
    cluster = world.cluster
    cluster.intake.configure(data=disk / "intake")
    if no_sync:
        cluster.intake.environment = {"LD_PRELOAD": str(no_sync), "HOSO_NO_SYNC": "1"}
    try:
        with world:
            for n in range(rounds):
                publisher = cluster.publisher("s1")
                world.publish(publisher, random.randrange(200, 3000))
                descriptor = os.open(disk, os.O_RDONLY)
                fcntl.ioctl(descriptor, GOING_DOWN, WITHOUT_LOG.to_bytes(4, "little"))
                os.close(descriptor)
                cluster.intake.kill()
                publisher.close()
                subprocess.run(["umount", disk], check=True)
                mount()
                done += 1
                try:
                    cluster.intake.start()
                except AssertionError:
                    if not no_sync:
                        raise
                    cluster.intake.process = None          # it says that the store was cut short
                    return Tally(done, len(world.acknowledged), 0, 0)
            if not no_sync:
                return world.tally(rounds)
            end = cluster.intake.status().cut.position
            return Tally(done, max(0, len(world.acknowledged) + 1 - end), doubled, lost)
    finally:
        subprocess.run(["umount", disk])


def soak(folder, seconds=3600, per_second=5000):
    def measured():
        memory = {s.name: int(pathlib.Path(f"/proc/{s.process.pid}/statm").read_text().split()[1]) * 4096 >> 20
                  for s in cluster.services}
        files = {s.name: len(os.listdir(f"/proc/{s.process.pid}/fd")) for s in cluster.services}
        begun = time.monotonic()
        cluster.reporter().run_report("thong-ke", UNIT, YEARS)
        return memory, files, time.monotonic() - begun
    with World(folder) as world:
        cluster, publisher = world.cluster, world.cluster.publisher("s1", chunk=1000)
        begun = printed = time.monotonic()
        count, first = 0, None
        while (now := time.monotonic()) - begun < seconds:
            if count <= (now - begun) * per_second:
                world.publish(publisher, 1000)
                count += 1000
            else:
                time.sleep(0.01)
            if first is None and now - begun > seconds / 6:
                first = measured()                 # warm
            if now - printed > 60:
                printed = now
                print(f"soak: {count} events, MiB, descriptors, seconds of a report: {measured()}", flush=True)
        last, tally = measured(), world.tally(1)
        print(f"soak: {count} events in {seconds} s; after a sixth of it {first}, at the end {last}")
        grown = sum(last[1][name] > first[1][name] + 16 for name in first[1])
        return tally._replace(wrong=tally.wrong + grown)


def main(name, *arguments):
    if name == "power" and "HOSO_OWN_MOUNTS" not in os.environ:    # else a container that starts now keeps our mounts alive
        os.execvpe("unshare", ["unshare", "--mount", "--propagation", "private", sys.executable, *sys.argv],
                   {**os.environ, "HOSO_OWN_MOUNTS": "1"})
    seed = int(os.environ.get("HOSO_SEED", time.time()))
    random.seed(seed)
    with tempfile.TemporaryDirectory(prefix="hoso-rounds-") as folder:
        begun = time.monotonic()
        tally = {"kill": kill, "nth": nth, "power": power, "soak": soak}[name](pathlib.Path(folder), *map(int, arguments))
    print(f"{name}: rounds {tally.rounds}, lost {tally.lost}, doubled {tally.doubled}, wrong {tally.wrong} "
          f"({time.monotonic() - begun:.0f} s, seed {seed})", flush=True)
    sys.exit(1 if tally.lost or tally.doubled or tally.wrong else 0)


if __name__ == "__main__":
    main(*sys.argv[1:]) if len(sys.argv) > 1 else sys.exit(__doc__)
