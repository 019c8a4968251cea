# SPDX-License-Identifier: Apache-2.0
"""Runs the command `hoso` as one of the cluster's principals."""
import json
import subprocess

from hosotest.cluster import program


class Cli:
    def __init__(self, cluster, name):
        self.config = cluster.directory / f"client-{name}.conf"
        key_file = cluster.directory / f"client-{name}.key"
        cluster.write_keys(key_file, cluster.keys_of(name))
        settings = {
            "intake": cluster.intake.endpoint, "intake_key": cluster.intake.keys.public,
            "reporting": cluster.reporting.endpoint, "reporting_key": cluster.reporting.keys.public,
            "totals": cluster.reporting.settings["totals_listen"],
            "journal": cluster.journal_endpoint,
            "ledger": cluster.aggregation.endpoint, "ledger_key": cluster.aggregation.keys.public,
            "key": key_file, "outbox": cluster.directory / f"outbox-{name}", "any_filesystem": 1,
        }
        if "totals_restricted_listen" in cluster.reporting.settings:
            settings["totals_restricted"] = cluster.reporting.settings["totals_restricted_listen"]
        self.config.write_text("".join(f"{k} = {v}\n" for k, v in settings.items()))

    def command(self, *arguments):
        return [program("hoso"), "--config", str(self.config), *map(str, arguments)]

    def run(self, *arguments, code=0, stdin=None, timeout_s=120):
        """The finished process; insists on its exit code, unless that is None."""
        done = subprocess.run(self.command(*arguments), input=stdin, capture_output=True, text=True, timeout=timeout_s,
                              encoding="utf-8")
        assert code is None or done.returncode == code, f"{arguments}: exit {done.returncode}, not {code}\n{done.stdout}\n{done.stderr}"
        return done

    def json(self, *arguments, **more):
        return json.loads(self.run(*arguments, "--format", "json", **more).stdout)

    def start(self, *arguments, **more):
        """A running process, text in and out."""
        return subprocess.Popen(self.command(*arguments), text=True, encoding="utf-8", stdin=subprocess.PIPE,
                                stdout=subprocess.PIPE, stderr=subprocess.PIPE, **more)
