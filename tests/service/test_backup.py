# SPDX-License-Identifier: Apache-2.0
"""Backups taken while everything runs, and what a restore means for everybody who had counted or published more."""
import os
import pathlib
import random
import re
import shutil
import subprocess
import threading

import pytest

from events import TREES, series
from histories import DAY0, SOURCES, SPACES, SPAN, catalogue, date_of
from hosotest.cli import Cli
from hosotest.client import Refused, cells, make_event
from hosotest.cluster import ROOT, Cluster, program
from hosotest.cut import Cut
from hosotest.journal import entries_of, manifest_of
from hosotest.protocol import pb
from recount import COLUMNS, Recount
from walks import random_events

PERIOD = (date_of(DAY0), date_of(DAY0 + SPAN))


def key_of(source, event):
    return source, event["dossier"], event["event_id"]


def expected(events):
    """{unit: {column: number}} of the whole period, each unit with everything below it."""
    own = Recount(events, SPACES).figures(DAY0, DAY0 + SPAN + 1)
    return {unit: {column: sum(own[member][column] for member in below) for column in COLUMNS}
            for tree in TREES for unit, below in tree.below.items()}


def check_reports(cluster, events, position):
    cluster.aggregation.wait_position(position)
    right, reporter = expected(events), cluster.reporter()
    for tree in TREES:
        report = reporter.run_report("thong-ke", tree.p, PERIOD, min_position=position)
        shown = cells(report)
        assert {u: {c: shown[u][c] for c in COLUMNS} for u in tree.units} == {u: right[u] for u in tree.units}
        assert all(check.ok for check in report.checks)
    return report.cut


def restore(backup, data, *more, code=0):
    """As intake's user, without any configuration."""
    return run("restore", backup, "--to", data, "--any-filesystem", "--lang", "en", *more, code=code)


def run(*arguments, code=0):
    done = subprocess.run([program("hoso"), *map(str, arguments)], capture_output=True, text=True, timeout=120)
    assert done.returncode == code, f"{arguments}: exit {done.returncode}, not {code}\n{done.stdout}\n{done.stderr}"
    return done


@pytest.fixture
def walk():
    """[(source, event)] without conflicts, of three sources in two spaces."""
    return random_events(random.Random(7), TREES, 1500)


def publish_all(cluster, events):
    """Each source its own events, in order. Returns the last position."""
    end = 0
    for source in SOURCES:
        publisher = cluster.publisher(source)
        assert not publisher.publish([make_event(e) for s, e in events if s == source])
        end = max(end, publisher.position)
    return end


class Load(threading.Thread):
    """Publishes one source's events as fast as answers come, and keeps what was acknowledged where."""

    def __init__(self, cluster, source, events, chunk=7):
        super().__init__()
        self.publisher, self.source, self.chunk = cluster.publisher(source), source, chunk
        self.events, self.acknowledged, self.halfway = events, [], threading.Event()

    def run(self):
        self.publisher.open()
        for at in range(0, len(self.events), self.chunk):
            part = self.events[at:at + self.chunk]
            assert not self.publisher.publish([make_event(event) for event in part])
            self.acknowledged.append((self.publisher.position, part))
            if at > len(self.events) // 8:
                self.halfway.set()


def test_a_backup_under_load_holds_all_that_was_acknowledged(tmp_path, walk):
    events = {key_of(source, event): event for source, event in walk}
    backup = tmp_path / "backup"
    with Cluster(sources=SOURCES, spaces=SPACES) as cluster:
        cluster.put_catalogue(catalogue(TREES))
        admin = Cli(cluster, "admin")
        loads = [Load(cluster, source, [e for s, e in walk if s == source]) for source in SOURCES]
        for load in loads:
            load.start()
        for load in loads:
            load.halfway.wait(60)
        cuts, sizes = [], []
        while any(load.is_alive() for load in loads) or len(cuts) < 3:
            before = [(load.source, load.acknowledged[:]) for load in loads]
            told = admin.json("backup", backup)
            held = entries_of(backup)
            assert len(held) == told["cut"]["position"] == int(manifest_of(backup)["position"])
            for source, acknowledged in before:
                for position, part in acknowledged:
                    assert position <= len(held)
                    for n, event in enumerate(reversed(part)):
                        entry = held[position - n]
                        assert (entry.source, entry.dossier, entry.event_id) == key_of(source, event)
                        assert entry.space == SPACES.get(source, source)
            cuts.append(told["cut"]["position"])
            sizes.append((told["bytes"], told["newBytes"]))
        for load in loads:
            load.join()
        assert cuts == sorted(cuts) and cuts[0] < cuts[-1], "nothing was published while the backups ran"
        assert all(later - new == earlier for (earlier, _), (later, new) in zip(sizes, sizes[1:]))
        incarnation = cluster.intake.status().cut.incarnation
    run("restore", backup, "--check")
    standing = [(entry.source, events[entry.source, entry.dossier, entry.event_id])
                for entry in entries_of(backup).values() if entry]
    other = Cluster(sources=SOURCES, spaces=SPACES)
    restore(backup, other.intake.data)
    with other:
        cut = check_reports(other, standing, cuts[-1])
        assert cut.position == cuts[-1] and cut.incarnation not in (0, incarnation)
        assert Cli(other, "admin").json("verify", "--work", tmp_path)["records"] > 0


@pytest.fixture(scope="module")
def small(tmp_path_factory):
    """A cluster with a few events, and a backup of it."""
    backup = tmp_path_factory.mktemp("small") / "backup"
    with Cluster(sources=["s1"]) as cluster:
        cluster.put_catalogue(catalogue(TREES))
        cluster.publisher("s1").publish(series("small", 300))
        Cli(cluster, "admin").run("backup", backup)
        yield cluster, backup


def test_twice_into_the_same_directory(small, tmp_path):
    cluster, backup = small
    copy, admin = tmp_path / "copy", Cli(cluster, "admin")
    shutil.copytree(backup, copy)
    blocks, hash_before = (copy / "blocks").read_bytes(), manifest_of(copy)["hash"]
    again = admin.json("backup", copy)
    assert again["newBytes"] == 0 and again["hash"] == hash_before
    publisher = cluster.publisher("s1")
    publisher.publish(series("more", 50))
    third = admin.json("backup", copy)
    assert third["cut"]["position"] == publisher.position and third["newBytes"] > 0
    assert (copy / "blocks").read_bytes()[:len(blocks)] == blocks
    run("restore", copy, "--check")


@pytest.mark.parametrize("name", ["blocks", "manifest"])
def test_a_flipped_bit_is_refused_and_nothing_is_written(small, tmp_path, name):
    copy, data = tmp_path / "copy", tmp_path / "data"
    shutil.copytree(small[1], copy)
    content = bytearray((copy / name).read_bytes())
    content[len(content) // 2] ^= 16
    (copy / name).write_bytes(content)
    for arguments in (["--check"], ["--to", data, "--any-filesystem"]):
        done = run("restore", copy, *arguments, "--lang", "en", code=5)
        assert f"{copy / name}" in done.stderr and "damaged" in done.stderr
    assert not data.exists()
    assert "damaged" in Cli(small[0], "admin").run("backup", copy, "--lang", "en", code=5).stderr


def test_what_a_backup_is_not(small, tmp_path):
    (tmp_path / "empty").mkdir()
    assert "empty/blocks: No such file" in run("restore", tmp_path / "empty", "--check", "--lang", "en", code=1).stderr
    assert "No such file" in run("restore", tmp_path / "nowhere", "--check", "--lang", "en", code=1).stderr
    for arguments in (["restore"], ["restore", small[1]], ["restore", small[1], "--check", "--to", tmp_path], ["backup"]):
        assert "usage" in run(*arguments, "--lang", "en", code=2).stderr


def test_where_a_restore_does_not_go(small, tmp_path):
    cluster, backup = small
    assert "in use by process" in restore(backup, cluster.intake.data, code=1).stderr
    restore(backup, tmp_path / "data")
    assert "holds a journal already" in restore(backup, tmp_path / "data", code=1).stderr
    assert "make its parent directory first" in restore(backup, tmp_path / "no" / "where", code=1).stderr
    if os.geteuid() == 0:
        (tmp_path / "theirs").mkdir()
        os.chown(tmp_path / "theirs", 65534, 65534)
        assert "belongs to user 65534" in restore(backup, tmp_path / "theirs", code=1).stderr
    done = run("restore", backup, "--to", f"/dev/shm/hoso-test-{os.getpid()}", "--lang", "en", code=1)
    shutil.rmtree(f"/dev/shm/hoso-test-{os.getpid()}", ignore_errors=True)
    assert "on tmpfs" in done.stderr


@pytest.mark.parametrize("role, code", [("source", 1), ("agency", 1), ("service", 0), ("admin", 0)])
def test_who_may(small, tmp_path, role, code):
    cluster, name = small[0], f"backup-{role}"
    cluster.add(name, role=role, units="*" if role in ("source", "agency") else None)
    cluster.admit(name)
    done = Cli(cluster, name).run("backup", tmp_path / "backup", "--lang", "en", code=code)
    assert code == 0 or "the role admin or service" in done.stderr
    assert (tmp_path / "backup" / "manifest").exists() == (code == 0)


def test_another_journal_needs_another_directory(small, tmp_path):
    copy = tmp_path / "copy"
    shutil.copytree(small[1], copy)
    with Cluster(sources=["s1"]) as other:
        other.put_catalogue(catalogue(TREES))
        assert "another system, or it was restored" in Cli(other, "admin").run("backup", copy, code=1).stderr
    assert manifest_of(copy) == manifest_of(small[1])


def test_a_disk_that_is_too_small(small, tmp_path):
    disk = tmp_path / "disk"
    disk.mkdir()
    if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=16m", "none", disk], capture_output=True).returncode != 0:
        pytest.skip("no right to mount a small file system")
    try:
        done = Cli(small[0], "admin").run("backup", disk / "backup", code=1)
        assert "make room" in done.stderr
        assert int(manifest_of(disk / "backup")["position"]) == 0
    finally:
        subprocess.run(["umount", disk], check=True)


def test_kill_nine_leaves_nothing_that_looks_complete(tmp_path):
    """Of the copying command, at several moments; of intake, while it is asked."""
    with Cluster(sources=["s1"]) as cluster:
        cluster.put_catalogue(catalogue(TREES))
        publisher = cluster.publisher("s1", chunk=4096)
        publisher.publish(series("many", 60000))
        admin, backup = Cli(cluster, "admin"), tmp_path / "backup"
        for least in (0, 0, 1, 1 << 20):
            process = admin.start("backup", backup)
            while process.poll() is None and size_of(backup / "blocks") < least:
                pass
            process.kill()
            process.communicate()
            told = run("restore", backup, "--check", "--lang", "en", code=check_code(backup))
            assert told.returncode == 0 or any(why in told.stderr for why in ("manifest", "holds nothing", "No such file"))
        process = admin.start("--lang", "en", "--timeout", 1500, "backup", tmp_path / "other")
        cluster.intake.kill()
        _, said = process.communicate(timeout=60)
        assert process.returncode in (0, 4) and (process.returncode == 0 or "did not answer" in said)
        run("restore", tmp_path / "other", "--check", code=check_code(tmp_path / "other"))
        cluster.intake.start()
        for directory in (backup, tmp_path / "other"):
            assert admin.json("backup", directory)["cut"]["position"] == publisher.position
            assert sorted(p.name for p in directory.iterdir()) == ["blocks", "manifest"]
            assert len(entries_of(directory)) == publisher.position
            assert size_of(directory / "blocks") == int(manifest_of(directory)["bytes"])


def size_of(path):
    return path.stat().st_size if path.exists() else 0


def check_code(backup):
    """What restore --check must say: a backup whose manifest names blocks is whole, whatever was killed."""
    there = (pathlib.Path(backup) / "manifest").exists()
    return 0 if there and int(manifest_of(backup)["blocks"]) != 0 else 1


def ends_with(service, log_id, advice="empty aggregation's data directory"):
    """The service ended by itself, and said why."""
    code = service.process.wait(30)
    service.process = None
    assert code == 1 and log_id in service.log_text(), service.log_tail()
    assert advice in service.log_text()


def test_after_a_restore_from_an_older_copy(tmp_path, walk):
    """Published: `early`, then the backup, then `late`, which is lost; then `other`, under the same positions."""
    third = len(walk) // 3
    early, late, other = walk[:third], walk[third:2 * third], walk[2 * third:]
    backup = tmp_path / "backup"
    with Cluster(sources=[*SOURCES, "shop"], spaces=SPACES) as cluster:
        cluster.put_catalogue(catalogue(TREES))
        publish_all(cluster, early)
        running = {source: cluster.publisher(source) for source in SOURCES}      # survives the restore
        for publisher in running.values():
            publisher.open()
        shop, waiting = Cli(cluster, "shop"), tmp_path / "shop.ndjson"
        waiting.write_text("".join(shop_line(n) for n in range(20)))
        shop.run("publish", waiting)
        channel = cluster.intake.channel(cluster.keys_of("shop"))    # some of it again, without sequences
        channel.call(append=pb.AppendRequest(events=[make_event(event) for _, event in shop_events(5)]))
        channel.close()
        Cli(cluster, "admin").run("backup", backup)
        waiting.write_text("".join(shop_line(n) for n in range(20, 50)))
        shop.run("publish", waiting)
        end = publish_with(running, late)
        old = check_reports(cluster, early + late + shop_events(50), end)
        lost = end

        cluster.intake.stop()
        waiting.write_text("".join(shop_line(n) for n in range(50, 70)))
        shop.run("--timeout", 1500, "publish", waiting, code=4)                  # waits in the outbox
        cluster.intake.data.rename(tmp_path / "lost")
        restore(backup, cluster.intake.data)
        cluster.intake.start()
        ends_with(cluster.aggregation, "aggregation.other_journal")
        cluster.aggregation.start(wait=False)
        ends_with(cluster.aggregation, "aggregation.other_journal")
        report = cluster.reporter().run_report("thong-ke", TREES[0].p, PERIOD)
        assert report.cut.incarnation == old.incarnation                         # what it says is of the old journal

        end = publish_with(running, other)
        shop.run("publish", os.devnull)                                          # takes the outbox along
        cluster.aggregation.wipe()
        cluster.aggregation.start()
        end = max(end, cluster.intake.status().cut.position)
        new = check_after_recount(cluster, early + other + shop_events(20) + shop_events(70, 50), end, old)

        check_lost_cut(cluster, lost)

        end = publish_with(running, late)                                        # from the counters' own records
        waiting.write_text("".join(shop_line(n) for n in range(0, 50)))
        shop.run("publish", waiting)
        end = max(end, cluster.intake.status().cut.position)
        cut = check_reports(cluster, early + late + other + shop_events(70), end)
        assert cut.incarnation == new.incarnation and cut.position > lost
        check_lost_cut(cluster, lost)
        admin = Cli(cluster, "admin")
        done = admin.json("verify", "--work", tmp_path)
        assert done["records"] > 0 and not (done["different"] or done["missing"] or done["extra"])
        assert "it was restored" in admin.run("backup", backup, code=1).stderr
        admin.run("backup", tmp_path / "next")


def check_lost_cut(cluster, lost):
    """A point of the lost journal is never reached, however far the new one is; what to do is said."""
    with pytest.raises(Refused) as refused:
        cluster.reporter().run_report("thong-ke", TREES[0].p, PERIOD, min_position=lost, wait_ms=100)
    assert refused.value.code == pb.ERROR_CODE_NOT_READY and f"is of journal {lost.incarnation}," in refused.value.text
    assert "if intake was restored from a backup, send the events again" in refused.value.text
    asked = ["report", "thong-ke", "--unit", TREES[0].p, "--from", PERIOD[0], "--to", PERIOD[1], "--min-position"]
    admin = Cli(cluster, "admin")
    assert str(lost.incarnation) in admin.run(*asked, lost, "--timeout", 1000, code=4).stderr
    assert "write POSITION@INCARNATION" in admin.run("--lang", "en", *asked, int(lost), code=2).stderr


def publish_with(publishers, events):
    for source, publisher in publishers.items():
        assert not publisher.publish([make_event(e) for s, e in events if s == source])
    return max(publisher.position for publisher in publishers.values())


def check_after_recount(cluster, events, end, old):
    """Until reporting has the new journal; what it answers before is of the old one, whole."""
    cluster.aggregation.wait_position(end)
    reporter = cluster.reporter()
    for _ in range(600):
        cut = reporter.run_report("thong-ke", TREES[0].p, PERIOD).cut
        if cut.incarnation != old.incarnation:
            return check_reports(cluster, events, end)
        assert cut.position == old.position
        reporter.channel.socket.poll(50)
    raise AssertionError(cluster.reporting.log_tail())


def shop_line(number):
    return (f'{{"eventId":"e-1","dossier":"shop-{number}","kind":"RECEIVED","occurredAt":"{PERIOD[0]}T09:00:00+07:00",'
            f'"unit":"{TREES[0].a}","procedure":"1.000","field":"dat-dai","channel":"ONLINE","serviceLevel":"FULL"}}\n')


def shop_events(end, begin=0):
    return [("shop", {"event_id": "e-1", "dossier": f"shop-{n}", "kind": "RECEIVED", "occurred_at": DAY0 * 86_400_000 + 7_200_000,
                      "unit": TREES[0].a, "procedure": "1.000", "field": "dat-dai", "channel": "ONLINE",
                      "service_level": "FULL"}) for n in range(begin, end)]


def test_a_publisher_lives_through_a_restore(tmp_path):
    """`hoso publish -`, which is told nothing: it opens anew, and what comes after the restore arrives."""
    with Cluster(sources=["shop"]) as cluster:
        at = cluster.put_catalogue(catalogue(TREES)).cut.position
        shop = Cli(cluster, "shop")
        process = shop.start("--timeout", 4000, "publish", "-")

        def feed(begin, end):
            process.stdin.write("".join(shop_line(n) for n in range(begin, end)))
            process.stdin.flush()

        feed(0, 20)
        cluster.intake.wait_position(at + 20)
        Cli(cluster, "admin").run("backup", tmp_path / "backup")
        feed(20, 30)
        cluster.intake.wait_position(at + 30)
        cluster.intake.stop()
        cluster.intake.wipe()
        restore(tmp_path / "backup", cluster.intake.data)
        cluster.intake.start()
        feed(30, 50)
        said = process.communicate(timeout=60)[1]
        assert process.returncode == 0 and "restored from a backup" in said, said
        ends_with(cluster.aggregation, "aggregation.other_journal")
        cluster.aggregation.wipe()
        cluster.aggregation.start()
        restored = Cut(at + 40, cluster.intake.status().cut.incarnation)
        check_reports(cluster, shop_events(20) + shop_events(50, 30), restored)


def test_what_is_half_counted_is_not_shown(tmp_path):
    """While aggregation counts anew nobody copies or lists a part of it: reporting answers from what it has."""
    demo = ROOT / "deploy" / "demo" / "catalogue"
    with Cluster(sources=["s1"]) as cluster:
        Cli(cluster, "admin").run("catalogue", "import", demo)
        lines = run("simulate", "random", "--events", 200000, "--units-from", demo).stdout
        end = Cut.parse(Cli(cluster, "s1").run("publish", "-", "--print-position", stdin=lines).stdout)
        reporter, year = cluster.reporter(), ("2024-01-01", "2024-12-31")
        whole = cells(reporter.run_report("thong-ke", "H27", year, min_position=end))
        cluster.aggregation.stop()
        cluster.aggregation.wipe()
        cluster.aggregation.start()
        channel = cluster.aggregation.channel()
        while True:
            page = channel.call(snapshot=pb.SnapshotRequest(max_bytes=1))
            if page.cut.incarnation:
                break
            assert not page.entries and page.last
            report = reporter.run_report("thong-ke", "H27", year)
            assert report.cut.position == end and cells(report) == whole
            try:
                list(reporter.quality())
            except Refused as refused:
                # "is still counting", or "has not counted … up to" before it has seen the journal's end
                assert refused.code == pb.ERROR_CODE_NOT_READY and re.search("still counting|has not counted", refused.text)
        assert page.cut.position == end
        channel.close()


def test_files_put_back_by_hand_are_noticed(tmp_path):
    """The same incarnation, an older end, then as far again: a copied disk. Aggregation and backups refuse to mix."""
    with Cluster(sources=["s1"]) as cluster:
        cluster.put_catalogue(catalogue(TREES))
        publisher = cluster.publisher("s1")
        publisher.publish(series("kept", 10))
        assert cluster.intake.stop() == 0
        shutil.copytree(cluster.intake.data, tmp_path / "copy")
        cluster.intake.start()
        publisher.publish(series("lost", 10))
        cluster.aggregation.wait_position(publisher.position)
        admin = Cli(cluster, "admin")
        admin.run("backup", tmp_path / "backup")
        assert cluster.intake.stop() == 0
        cluster.intake.wipe()
        shutil.copytree(tmp_path / "copy", cluster.intake.data)
        cluster.intake.start()
        ends_with(cluster.aggregation, "aggregation.journal_behind", "Restore a backup with hoso restore")
        assert "an older copy in its place" in admin.run("backup", tmp_path / "backup", code=1).stderr
        publisher = cluster.publisher("s1")
        publisher.publish(series("other", 10))
        assert "another history" in admin.run("backup", tmp_path / "backup", code=1).stderr
        publisher.publish(series("other", 10, 10))
        assert "another history" in admin.run("backup", tmp_path / "backup", code=1).stderr
        admin.run("backup", tmp_path / "new")                    # and so out of it without the lost one
        assert cluster.intake.stop() == 0
        cluster.intake.wipe()
        restore(tmp_path / "new", cluster.intake.data)
        cluster.aggregation.wipe()
        cluster.intake.start()
        cluster.aggregation.start()
        end = cluster.intake.status().cut
        cluster.aggregation.wait_position(end.position)
        reporter = cluster.reporter()
        for _ in range(600):
            report = reporter.run_report("thong-ke", TREES[0].a, ("2024-01-30", "2024-01-30"))
            if report.cut.incarnation == end.incarnation:
                break
            reporter.channel.socket.poll(50)
        assert report.cut == end and cells(report)[TREES[0].a]["received"] == 30
