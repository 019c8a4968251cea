# SPDX-License-Identifier: Apache-2.0
"""What the machine says beside a measurement: who used the processors, how much memory and disk a service holds."""
import os
import pathlib
import platform
import subprocess
import time

TICKS = os.sysconf("SC_CLK_TCK")
ROOT = pathlib.Path(__file__).resolve().parents[2]


def describe(directory):
    """One line's worth of what two runs must share to be compared."""
    model = next((line.split(":", 1)[1].strip() for line in pathlib.Path("/proc/cpuinfo").read_text().splitlines()
                  if line.startswith("model name")), platform.machine())
    commit = subprocess.run(["git", "-C", ROOT, "describe", "--always", "--dirty"], capture_output=True, text=True)
    kind = subprocess.run(["stat", "-f", "-c", "%T", directory], capture_output=True, text=True, check=True)
    return {"cpu": model, "cpus": os.cpu_count(), "kernel": platform.release(), "filesystem": kind.stdout.strip(),
            "memory_gib": round(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30, 1),
            "commit": commit.stdout.strip() or "unknown", "at": time.strftime("%Y-%m-%dT%H:%M:%S%z")}


def process_cpu_s(pid):
    fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / TICKS


def machine_cpu_s():
    """Seconds that processors were busy since boot."""
    user, nice, system, _idle, _iowait, irq, softirq, steal = map(
        int, pathlib.Path("/proc/stat").read_text().split("\n", 1)[0].split()[1:9])
    return (user + nice + system + irq + softirq) / TICKS, steal / TICKS


class Watch:
    """Processor seconds from here to end(): of each service, of others (who disturb), and stolen by the host."""

    def __init__(self, services):
        self.services = {s.name: s.process.pid for s in services if s.process is not None}
        self.load = os.getloadavg()[0]
        self.began, self.machine, self.own = time.monotonic(), machine_cpu_s(), self._own()

    def _own(self):
        return {name: process_cpu_s(pid) for name, pid in self.services.items()}

    def end(self, client_cpu_s):
        own = {name: round(now - self.own[name], 2) for name, now in self._own().items()}
        busy, steal = machine_cpu_s()
        others = busy - self.machine[0] - sum(own.values()) - client_cpu_s
        return {"watched_s": round(time.monotonic() - self.began, 2), "service_cpu_s": own,
                "other_cpu_s": round(max(0.0, others), 2), "stolen_cpu_s": round(steal - self.machine[1], 2),
                "load_before": round(self.load, 2)}


def written_bytes(pid):
    """That the process caused to be written to the disk."""
    return next(int(line.split()[1]) for line in pathlib.Path(f"/proc/{pid}/io").read_text().splitlines()
                if line.startswith("write_bytes"))


def memory(pid):
    """Resident bytes now, of them without files (a store's map is a file), and the most there ever were."""
    fields = dict(line.split(":", 1) for line in pathlib.Path(f"/proc/{pid}/status").read_text().splitlines())
    return {key: int(fields[name].split()[0]) * 1024
            for key, name in (("rss_bytes", "VmRSS"), ("rss_anonymous_bytes", "RssAnon"), ("rss_peak_bytes", "VmHWM"))}


def disk_bytes(directory):
    return sum(path.stat().st_blocks * 512 for path in pathlib.Path(directory).rglob("*") if path.is_file())
