# SPDX-License-Identifier: Apache-2.0
"""Measures the real services on loopback with a directory on disk. README.md says what each line means.

usage: run.py --build DIR [--quick] [--directory DIR] [--even EVENTS] [--only acknowledge|beside|history|even|feed]…
"""
import argparse
import datetime
import json
import os
import pathlib
import tempfile
import time

import machine
from harness import PER_DAY, PUBLISHERS, ROOT_UNIT, Bench, emit, make_even_catalogue, progress, result, result_line
from feed import live_totals
from hosotest.client import Refused
from hosotest.protocol import pb

REPEATS = 3
DISTRICT = "H27.D03"
# batch, publishers, window, events (full, quick)
APPENDS = [(1, 1, 1, 2_000, 500), (1, 1, 16, 20_000, 5_000), (1, PUBLISHERS, 1, 60_000, 10_000),
           (100, 1, 1, 60_000, 20_000), (100, 1, 16, 300_000, 40_000),
           (1000, 1, 1, 300_000, 40_000), (1000, 1, 16, 1_000_000, 100_000)]
EVEN_EVENTS, EVEN_STEP = {False: 2_000_000, True: 100_000}, 1_000_000
HISTORIES = {False: [200_000, 2_000_000], True: [20_000, 200_000]}


def acknowledge(bench):
    """How fast intake acknowledges, alone on the machine, beside the bare disk."""
    for batch, publishers, window, *events in APPENDS:
        count = events[bench.quick]
        cluster = bench.cluster()
        try:
            cluster.intake.start()
            cluster.publisher("admin").put_catalogue(bench.catalogue)
            runs = []
            for _ in range(1 if bench.quick else REPEATS):
                progress(f"acknowledge: Appends of {batch}, {publishers} publishers, window {window}, {count} events")
                process, begun = bench.append(cluster, count, batch, window, publishers)
                watch = machine.Watch(cluster.services) if begun else None
                commits = cluster.intake.gauges()["commits"]
                run = result(process)
                run.update(watch.end(run["client_cpu_s"]), commits=cluster.intake.gauges()["commits"] - commits)
                per_append = round(run["message_bytes"] / run["appends"])
                writes = max(20, min(run["appends"], 200 if bench.quick else 1000))
                floor = bench.floor(per_append * publishers, writes)
                run.update(floor_events_per_s=round(floor["writes_per_s"] * batch * publishers),
                           floor_sync_ms_p50=floor["sync_ms_p50"])
                runs.append(run)
            cluster.stop()
        except BaseException:
            cluster.abandon()
            raise
        middle = sorted(runs, key=lambda r: r["events_per_s"])[len(runs) // 2]
        drop = ("started_s", "ended_s", "position")
        emit("acknowledge", **{k: v for k, v in middle.items() if k not in drop},
             all_events_per_s=[r["events_per_s"] for r in runs])


def beside_a_flood(bench):
    """What one key waits for each Append of one event, alone, and while another key sends as fast as it can."""
    events, flood = (20, 400_000) if bench.quick else (100, 4_000_000)
    with bench.cluster() as cluster:
        cluster.put_catalogue(bench.catalogue)
        progress(f"beside a flood: Appends of 1 event, alone and beside {flood} events in Appends of 1000")
        lines = {"quiet": result(bench.append(cluster, events, 1, 1)[0])}
        loud, _ = bench.append(cluster, flood, first=1)
        watch = machine.Watch([cluster.intake])
        lines["beside"] = result(bench.append(cluster, events, 1, 1, first=2)[0])
        went_on = loud.poll() is None
        flooded = result(loud)
        emit("beside_a_flood", flood_events_per_s=flooded["events_per_s"], flood_went_on=went_on,
             **{f"{name}_{key}": line[key] for name, line in lines.items() for key in ("ack_ms_p50", "ack_ms_p99")},
             **watch.end(lines["beside"]["client_cpu_s"] + flooded["client_cpu_s"]))


def date_of(unix_ms):
    return (datetime.datetime.fromtimestamp(unix_ms / 1000, datetime.timezone.utc) + datetime.timedelta(hours=7)).date()


def wait_report(cluster, position, day):
    """Until a report that has seen `position` answers; the time of its arrival."""
    reporter = cluster.reporter()
    while True:
        try:
            report = reporter.run_report("thong-ke", ROOT_UNIT, (day, day), min_position=position, wait_ms=10_000)
            assert report.cut.position >= position
            return time.monotonic()
        except Refused as refusal:
            if refusal.code != pb.ERROR_CODE_NOT_READY:
                raise


def publish_history(bench, cluster, events):
    """End to end. Returns the history's last day."""
    progress(f"end to end: {events} events")
    process, begun = bench.append(cluster, events)
    watch = machine.Watch(cluster.services)
    run = result_line(process)
    acknowledged = run["ended_s"]
    lag = {s.name: run["position"] - s.status().cut.position for s in cluster.services}
    last_day = date_of(begun["last_ms"])
    done = wait_report(cluster, run["position"], last_day.isoformat())
    seconds = done - run["started_s"]
    emit("end_to_end", events=events, batch=run["batch"], window=run["window"], per_day=PER_DAY,
         events_per_s=round(events / seconds), seconds=round(seconds, 3),
         acknowledged_per_s=run["events_per_s"], catch_up_s=round(done - acknowledged, 3),
         lag_events={k: v for k, v in lag.items() if k != "intake"},
         **watch.end(run["client_cpu_s"]), client_cpu_s=run["client_cpu_s"])
    process.wait()
    return last_day


def months_before(day, months):
    """The period of so many months that ends on `day`, inclusive."""
    index = day.year * 12 + day.month - 1 - months
    first = datetime.date(index // 12, index % 12 + 1, min(day.day, 28)) + datetime.timedelta(days=1)
    return first.isoformat(), day.isoformat()


def balanced(run):
    if run["failed_checks"]:
        raise SystemExit(f"{run['failed_checks']} checks of reports failed")


def measure_reports(bench, cluster, history, last_day):
    requests = 500 if bench.quick else 2000
    questions = [("thong-ke", ROOT_UNIT, 1), ("thong-ke", ROOT_UNIT, 12),
                 ("II.06a", DISTRICT, 1), ("II.06a", DISTRICT, 12)]
    for form, unit, months in questions:
        progress(f"reports: {form} of {unit}, {months} months, {history} events of history")
        watch = machine.Watch(cluster.services)
        run = result(bench.report(cluster, months_before(last_day, months), unit, form, requests=requests))
        emit("report", history=history, unit=unit, months=months, publishing=False, **run,
             **watch.end(run["client_cpu_s"]))
        balanced(run)


def measure_loaded_reports(bench, cluster, history, last_day):
    """thong-ke for a month while another history is published as fast as it goes."""
    events = 200_000 if bench.quick else 2_000_000
    progress(f"reports while publishing: {events} more events")
    process, _ = bench.append(cluster, events)
    watch = machine.Watch(cluster.services)
    asking = bench.report(cluster, months_before(last_day, 1), until_input_ends=1)
    published = result_line(process)
    asking.stdin.close()
    run = result(asking)
    emit("report", history=history, unit=ROOT_UNIT, months=1, publishing=True, **run,
         acknowledged_per_s=published["events_per_s"], **watch.end(run["client_cpu_s"] + published["client_cpu_s"]))
    balanced(run)
    process.wait()
    wait_report(cluster, published["position"], last_day.isoformat())


def measure_space(cluster, history, phase):
    """Once all is committed everywhere."""
    position = cluster.intake.status().cut.position
    for service in cluster.services:
        service.wait_position(position)
        gauges = service.gauges()
        emit("space", history=history, phase=phase, service=service.name, **machine.memory(service.process.pid),
             store_used_bytes=gauges["used_bytes"], disk_bytes=machine.disk_bytes(service.data),
             disk_bytes_per_event=round(machine.disk_bytes(service.data) / position, 1),
             **{k: gauges[k] for k in ("dossiers", "ledger_records") if k in gauges})


def histories(bench):
    """End to end, reports and space, for each size of history in services of its own."""
    for events in HISTORIES[bench.quick]:
        with bench.cluster() as cluster:
            cluster.put_catalogue(bench.catalogue)
            last_day = publish_history(bench, cluster, events)
            measure_space(cluster, events, "published")
            measure_reports(bench, cluster, events, last_day)
            measure_loaded_reports(bench, cluster, events, last_day)
            measure_space(cluster, events, "published more")


def check_even(bench, cluster):
    """The year's report says what was sent."""
    sent = json.loads(bench.path("even.json").read_text())
    report = cluster.reporter().run_report("thong-ke", ROOT_UNIT, ("2024-01-01", "2024-12-31"))
    total = dict(zip((column.id for column in report.columns), (cell.number for cell in report.rows[0].cells)))
    resolved = sum(total[name] for name in total if name.startswith("resolved_"))
    counted = {"received": total["received"], "resolved": resolved, "returned": total["returned"]}
    if counted != sent:
        raise SystemExit(f"sent {sent}, but the report says {counted}")


def publish_even(bench, cluster, total, sent, count):
    """A part of the even load, from its first Append until a report has seen its last event."""
    progress(f"even load: events {sent} to {sent + count} of a year of {total}")
    process, _ = bench.append(cluster, count, history=bench.even_load(total, sent, count))
    watch = machine.Watch(cluster.services)
    written = {s.name: machine.written_bytes(s.process.pid) for s in cluster.services}
    run = result_line(process)
    done = wait_report(cluster, run["position"], "2024-12-31")
    written = {s.name: machine.written_bytes(s.process.pid) - written[s.name] for s in cluster.services}
    events = run["events"]
    emit("even", history=sent, events=events, year_events=total, seconds=round(done - run["started_s"], 3),
         events_per_s=round(events / (done - run["started_s"])), acknowledged_per_s=run["events_per_s"],
         written_bytes_per_event={name: round(n / events) for name, n in written.items()},
         **watch.end(run["client_cpu_s"]), client_cpu_s=run["client_cpu_s"])
    process.wait()
    return events


def even(bench):
    """The even load, in parts: how fast it is counted as the history grows, what that writes, and how large it becomes."""
    total, sent = bench.even_events, 0
    with bench.cluster() as cluster:
        cluster.put_catalogue(make_even_catalogue())
        while sent < total:
            part = EVEN_STEP // 5 if sent == 0 else EVEN_STEP
            sent += (events := publish_even(bench, cluster, total, sent, min(part, total - sent)))
            if events < min(part, EVEN_STEP // 10):
                break
        check_even(bench, cluster)
        measure_space(cluster, sent, "even")
        for form, requests in (("thong-ke", 500), ("II.06a", 100)):
            for months in (1, 12):
                period = months_before(datetime.date(2024, 12, 19), months)
                run = result(bench.report(cluster, period, form=form, requests=requests))
                emit("report", history=sent, unit=ROOT_UNIT, months=months, publishing=False, load="even", **run)
                balanced(run)


def main():
    parts = {"acknowledge": acknowledge, "beside": beside_a_flood, "history": histories, "even": even, "feed": live_totals}
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--build", required=True, help="a release build directory")
    parser.add_argument("--directory", default="/var/tmp", help="on the disk to measure (default /var/tmp)")
    parser.add_argument("--quick", action="store_true", help="small histories and one run each: does it work")
    parser.add_argument("--even", type=int, metavar="EVENTS", help="a year of the even load (default 2,000,000)")
    parser.add_argument("--only", action="append", choices=sorted(parts), help="this part alone")
    options = parser.parse_args()
    os.environ["HOSO_BIN"] = str(pathlib.Path(options.build).resolve() / "services")
    with tempfile.TemporaryDirectory(prefix="hoso-bench-", dir=options.directory) as directory:
        emit("machine", quick=options.quick, **machine.describe(directory))
        bench = Bench(pathlib.Path(options.build).resolve(), directory, options.quick)
        bench.even_events = options.even or EVEN_EVENTS[options.quick]
        for name, part in parts.items():
            if not options.only or name in options.only:
                part(bench)


if __name__ == "__main__":
    main()
