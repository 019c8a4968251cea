# SPDX-License-Identifier: Apache-2.0
"""What every part of the bench uses: the programs that measure, a cluster for them, one line of JSON for each result."""
import csv
import json
import pathlib
import subprocess
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "lib"))

from hosotest.cluster import Cluster, program  # noqa: E402
from hosotest.protocol import pb  # noqa: E402

PUBLISHERS = 64
PER_DAY = 4000          # events of a working day
FIRST_DAY = "2024-01-02"
ROOT_UNIT = "H27"


def progress(text):
    print(time.strftime("%H:%M:%S"), text, file=sys.stderr, flush=True)


def emit(bench, **line):
    print(json.dumps({"bench": bench, **line}), flush=True)


def make_catalogue():
    """230 units (a province, 20 departments, 13 districts with communes below them), 2,700 procedures, 24 fields."""
    catalogue = pb.Catalogue()

    def unit(unit_id, name, tier, parent, order):
        catalogue.units.add(id=unit_id, code=unit_id, name=name, tier=tier, parent=parent, print_order=order)
    unit(ROOT_UNIT, "Ủy ban nhân dân tỉnh", pb.TIER_PROVINCE, "", 1)
    for i in range(20):
        unit(f"H27.{i + 1:02}", f"Sở {i + 1}", pb.TIER_DEPARTMENT, ROOT_UNIT, i)
    for i in range(13):
        unit(f"H27.D{i + 1:02}", f"Ủy ban nhân dân huyện {i + 1}", pb.TIER_DISTRICT, ROOT_UNIT, 100 + i)
    for i in range(196):
        district = i % 13 + 1
        unit(f"H27.D{district:02}.{i // 13 + 1:02}", f"Ủy ban nhân dân xã {i + 1}", pb.TIER_COMMUNE,
             f"H27.D{district:02}", i)
    for i in range(24):
        catalogue.fields.add(id=f"linh-vuc-{i + 1:02}", name=f"Lĩnh vực {i + 1}", print_order=i)
    for i in range(2700):
        catalogue.procedures.add(id=f"1.{i + 1:06}", name=f"Thủ tục hành chính {i + 1}",
                                 field=f"linh-vuc-{i * 7 % 24 + 1:02}", service_level=i % 3 + 1)
    return catalogue


def make_even_catalogue():
    """The 230 units and 300 procedures of the even load, all units below one."""
    catalogue = pb.Catalogue()
    catalogue.units.add(id=ROOT_UNIT, code=ROOT_UNIT, name="Ủy ban nhân dân tỉnh", tier=pb.TIER_PROVINCE)
    for i in range(230):
        unit = f"{ROOT_UNIT}.{i + 1:03}"
        catalogue.units.add(id=unit, code=unit, name=f"Ủy ban nhân dân xã {i + 1}", tier=pb.TIER_COMMUNE,
                            parent=ROOT_UNIT, print_order=i)
    for i in range(24):
        catalogue.fields.add(id=f"linh-vuc-{i + 1:02}", name=f"Lĩnh vực {i + 1}", print_order=i)
    for i in range(300):
        catalogue.procedures.add(id=f"1.{i + 1:06}", name=f"Thủ tục hành chính {i + 1}",
                                 field=f"linh-vuc-{i * 7 % 24 + 1:02}", service_level=i % 3 + 1)
    return catalogue


def write_csv(catalogue, folder):
    """As `hoso simulate` reads it: which units and procedures the events have."""
    def table(name, columns, rows):
        with open(folder / name, "w", encoding="utf-8", newline="") as file:
            out = csv.writer(file)
            out.writerow(columns)
            out.writerows(rows)
    folder.mkdir(exist_ok=True)
    table("units.csv", ["id", "code", "name", "name_en", "tier", "parent", "print_order", "valid_from", "valid_to"],
          ([u.id, u.code, u.name, "", pb.Tier.Name(u.tier).removeprefix("TIER_"), u.parent, u.print_order, "", ""]
           for u in catalogue.units))
    table("fields.csv", ["id", "name", "name_en", "print_order"],
          ([f.id, f.name, "", f.print_order] for f in catalogue.fields))
    table("procedures.csv", ["id", "name", "field", "service_level", "valid_from", "valid_to"],
          ([p.id, p.name, p.field, pb.ServiceLevel.Name(p.service_level).removeprefix("SERVICE_LEVEL_"), "", ""]
           for p in catalogue.procedures))
    return folder


class Bench:
    """The programs that measure, and one cluster for them at a time."""

    def __init__(self, build, directory, quick):
        self.programs, self.directory, self.quick = pathlib.Path(build) / "tests" / "bench", directory, quick
        self.catalogue = make_catalogue()
        self.catalogue_folder = write_csv(self.catalogue, self.path("catalogue"))
        self.seed = 0

    def cluster(self):
        cluster = Cluster(sources=[f"s{i}" for i in range(PUBLISHERS)], directory=self.directory, log_level=1)
        for service in cluster.services:
            service.configure(any_filesystem=0, map_bytes=64 << 30)
        return cluster

    def path(self, name):
        """A file that goes with the bench."""
        return pathlib.Path(self.directory) / name

    def keys(self, cluster, names, file="clients.keys"):
        path = self.path(file)
        path.touch(mode=0o600)
        path.write_text("".join(f"{k.public} {k.secret}\n" for k in map(cluster.keys_of, names)))
        return path

    def _start(self, name, service, keys, options, **more):
        arguments = [self.programs / name, "--endpoint", service.endpoint, "--key", service.keys.public, "--keys", keys]
        for option, value in options.items():
            arguments += [f"--{option.replace('_', '-')}", value]
        return subprocess.Popen([str(a) for a in arguments], stdout=subprocess.PIPE, text=True, **more)

    def simulate(self, events, per_day, first_day):
        """`hoso simulate random`, which writes the next history."""
        self.seed += 1
        days = -(-events * 7 // (5 * per_day))     # five of seven are working days
        return subprocess.Popen([str(a) for a in (
            program("hoso"), "simulate", "random", "--unequal", "--events", events, "--seed", self.seed, "--units-from",
            self.catalogue_folder, "--days", days, "--start", first_day)], stdout=subprocess.PIPE)

    def even_load(self, total, skip, count):
        """A part of the even load; after it, the file even.json says what a report must."""
        return subprocess.Popen([str(a) for a in (
            self.programs / "even_load", "--events", total, "--skip", skip, "--count", count, "--counts",
            self.path("even.json"))], stdout=subprocess.PIPE)

    def append(self, cluster, events, batch=1000, window=16, publishers=1, per_day=PER_DAY, first_day=FIRST_DAY,
               first=0, history=None, **options):
        """Publishers, from the `first` on, that have encoded everything and begin: the process, and what it says of its
        history: the process that writes it, or what simulate writes."""
        history = history or self.simulate(events, per_day, first_day)
        names = [f"s{i}" for i in range(first, first + publishers)]
        process = self._start("append_bench", cluster.intake, self.keys(cluster, names),
                              {"batch": batch, "window": window, "publishers": publishers, **options},
                              stdin=history.stdout)
        history.stdout.close()
        begun = json.loads(process.stdout.readline() or "null")
        if history.wait() != 0:
            raise SystemExit(f"the history's program failed with {history.returncode}")
        return process, begun

    def report(self, cluster, period, unit=ROOT_UNIT, form="thong-ke", **options):
        process = self._start("report_bench", cluster.reporting, self.keys(cluster, ["admin"]), {
            "form": form, "unit": unit, "from": period[0], "to": period[1], **options},
            stdin=subprocess.PIPE)
        return process

    def floor(self, bytes_per_write, writes):
        answer = subprocess.run([self.programs / "floor_bench", "--directory", self.directory, "--bytes",
                                 str(bytes_per_write), "--writes", str(writes)], check=True, stdout=subprocess.PIPE)
        return json.loads(answer.stdout)


def result_line(process):
    """The last line as soon as it is there; the program may still be tidying up."""
    line = process.stdout.readline()
    if not line:
        raise SystemExit(f"{process.args[0]} failed with {process.wait()}")
    return json.loads(line)


def result(process):
    """The last line of a program that has to end well."""
    line = result_line(process)
    if process.wait() != 0:
        raise SystemExit(f"{process.args[0]} failed with {process.returncode}")
    return line
