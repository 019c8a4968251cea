# SPDX-License-Identifier: Apache-2.0
"""hoso-gateway beside a cluster, and requests to it over http.client.

    with Gateway(cluster) as gateway:
        cookie = gateway.log_in("officer", "…")
        answer = gateway.get("/v1/reports/II.06a?unit=H27&month=2024-02", cookie=cookie)
"""
import gzip
import http.client
import itertools
import json
import os
import re
import signal
import subprocess
import time

from hosotest.cluster import READY_S, STOP_S, loopback_addresses, make_keys, program
from hosotest.messages import VIETNAMESE, english_in
from hosotest.openapi import Document


class Answer:
    def __init__(self, response, body):
        self.status, self.body = response.status, body
        self.headers = {name.lower(): value for name, value in response.getheaders()}

    @property
    def type(self):
        return self.headers.get("content-type", "").split(";")[0]

    def json(self):
        return json.loads(self.body)

    def __repr__(self):
        return f"<{self.status} {self.type} {self.body[:400]!r}>"


NUMBERS = itertools.count(1)


class Gateway:
    """Several may run beside one cluster, each with a key of its own."""
    reads_problems = True      # no: they quote what has no language

    def __init__(self, cluster, document=None, **settings):
        self.document = document or Document()     # every answer is held against it
        self.cluster, self.process, self.keys = cluster, None, make_keys()
        self.name = f"gateway-{next(NUMBERS)}"
        files = cluster.directory / self.name
        self.config, self.log, self.audit = (files.with_suffix(ending) for ending in (".conf", ".log", ".audit"))
        self.address = loopback_addresses(1)[0]
        self.host, self.port = self.address.rsplit(":", 1)
        key_file = files.with_suffix(".key")
        cluster.write_keys(key_file, self.keys)
        cluster.add(self.name, role="gateway", keys=self.keys)
        self.settings = {"key": key_file, "registry": cluster.registry, "listen": self.address,
                         "intake": cluster.intake.endpoint, "intake_key": cluster.intake.keys.public,
                         "reporting": cluster.reporting.endpoint, "reporting_key": cluster.reporting.keys.public,
                         "totals": cluster.reporting.settings["totals_listen"], "audit": self.audit, **settings}

    def start(self):
        self.config.write_text("".join(f"{name} = {value}\n" for name, value in self.settings.items()))
        self.cluster.admit(self.name, service=self.cluster.reporting)
        with open(self.log, "ab") as log:
            self.process = subprocess.Popen([program("hoso-gateway"), "--config", str(self.config)],
                                            stdin=subprocess.DEVNULL, stdout=log, stderr=log, env=os.environ)
        deadline = time.monotonic() + READY_S
        while True:
            try:
                return self.get("/livez")
            except OSError:
                assert self.process.poll() is None, self.log_text()
                assert time.monotonic() < deadline, self.log_text()
                time.sleep(0.02)

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        code = self.process.wait(STOP_S)
        self.process = None
        return code

    def reload(self):
        self.process.send_signal(signal.SIGHUP)

    def log_text(self):
        return self.log.read_text(errors="replace")

    def audited(self):
        return [json.loads(line) for line in self.audit.read_text().splitlines()]

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, kind, value, trace):
        if kind is None:
            code = self.stop()
            assert code == 0 and not re.search(r"AddressSanitizer|ThreadSanitizer|runtime error:", self.log_text()), (
                code, self.log_text()[-4000:])
        elif self.process is not None:
            self.process.kill()
            self.process.wait()

    def connection(self, timeout_s=30.0):
        return http.client.HTTPConnection(self.host, int(self.port), timeout=timeout_s)

    def request(self, method, path, body=None, headers=None, cookie=None, token=None, type=None, connection=None):
        """One request; with a cookie as the page sends it."""
        headers = dict(headers or {})
        if cookie is not None:
            headers["Cookie"] = cookie
            headers.setdefault("Sec-Fetch-Site", "same-origin")
        if token is not None:
            headers["Authorization"] = f"Bearer {token}"
        if type is not None:
            headers["Content-Type"] = type
        own = connection or self.connection()
        try:
            own.request(method, path, body, headers)
            response = own.getresponse()
            answer = Answer(response, response.read())
            if answer.headers.get("content-encoding") == "gzip":
                answer.body = gzip.decompress(answer.body)
            if method != "HEAD":
                self.document.check(method, path, answer)
                if self.reads_problems:
                    self.check_language(path, headers, answer)
            return answer
        finally:
            if connection is None:
                own.close()

    @staticmethod
    def check_language(path, headers, answer):
        """What goes wrong is said in Vietnamese, to the last word, unless English was asked for."""
        if answer.type != "application/problem+json":
            return
        problem = answer.json()
        said = [re.sub(r"\bfrom\b", "", text) for text in (problem["title"], problem["detail"], *problem.get("faults", []))]     # a parameter
        wanted = headers.get("Accept-Language", "vi")
        english = "lang=en" in path or wanted.startswith("en")
        if wanted != "vi" and not english or "lang=" in path:       # both are given, or a preference: either, but all of it
            english = not VIETNAMESE.search(problem["title"])
        if english:
            assert not any(VIETNAMESE.search(re.sub(r'"[^"]*"', "", text)) for text in said), answer
        else:
            assert all(VIETNAMESE.search(text) and not english_in(text) for text in said), answer

    def get(self, path, **options):
        return self.request("GET", path, **options)

    def post_json(self, path, value, **options):
        return self.request("POST", path, body=json.dumps(value).encode(), type="application/json", **options)

    def log_in(self, name, password):
        """The cookie."""
        answer = self.post_json("/v1/session", {"name": name, "password": password})
        assert answer.status == 200, answer
        return answer.headers["set-cookie"].split(";")[0]
