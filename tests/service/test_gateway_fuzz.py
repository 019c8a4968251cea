# SPDX-License-Identifier: Apache-2.0
"""A client generated from docs/openapi.yaml: right and wrong parameters, headers and bodies, malformed and oversized requests, all beside thousands of
connections that are idle or slow on purpose. Each answer is held against the document (hosotest.gateway). HOSO_EXAMPLES says how many requests (150);
`tests/run.sh http [N]` makes a long round of it, under sanitizers."""
import json
import os
import socket
import threading
import time
import urllib.parse

import pytest
from hypothesis import HealthCheck, given, settings, strategies as st

from hosotest.cli import Cli
from hosotest.cluster import ROOT, Cluster
from hosotest.gateway import Gateway
from hosotest.openapi import Document

EXAMPLES = int(os.environ.get("HOSO_EXAMPLES", "150"))
IDLE, SLOW = 2000, 40
SOON_S = 1
SLOW_S = 60          # by then none of them is left: their heads have 30 s
PASSWORD = "mật khẩu dài"
DOCUMENT = Document()
PEOPLE = ("agency", "software", "admin")
FUZZ = settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck), print_blob=True)


@pytest.fixture(scope="module")
def gateway():
    with Cluster(sources=["counter"]) as cluster:
        for name, role in (("agency", "agency"), ("software", "source")):
            cluster.add(name, role=role, units="H27.45")
        for name in PEOPLE:
            cluster.let_log_in(name, PASSWORD)
        cluster.admit("software", service=cluster.reporting)
        Cli(cluster, "admin").run("catalogue", "import", ROOT / "deploy/demo/catalogue")
        cluster.reporting.wait_position(1)
        with Gateway(cluster) as gateway:
            gateway.reads_problems = False
            yield gateway


@pytest.fixture(scope="module")
def crowd(gateway):
    """Connections that do nothing, and those that send a byte now and then: a head, or a body, that never ends. They are still there while the others ask."""
    idle = [socket.create_connection((gateway.host, int(gateway.port))) for _ in range(IDLE)]
    slow = [socket.create_connection((gateway.host, int(gateway.port))) for _ in range(SLOW)]
    for number, connection in enumerate(slow):
        connection.settimeout(SLOW_S)
        if number % 2:
            connection.sendall(b"POST /v1/session HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 9999\r\n\r\n")
        else:
            connection.sendall(b"GET /v1/me HTTP/1.1\r\nX: ")
    ending = threading.Event()

    def trickle():
        while not ending.wait(1):
            for connection in slow[:SLOW]:
                try:
                    connection.send(b"x")
                except OSError:
                    pass       # it was ended
    thread = threading.Thread(target=trickle)
    thread.start()
    yield slow
    ending.set()
    thread.join()
    for connection in idle + slow:
        connection.close()


@pytest.fixture(scope="module")
def cookies(gateway):
    return {name: gateway.log_in(name, PASSWORD) for name in PEOPLE}


# What a parameter may be, and what it may not

LIKELY = {"unit": ["H27.45", "H27", "H27.45.01", "nowhere"], "reportUnit": ["H27.45", "H27"], "form": ["II.06a", "thong-ke", "bao-cao-thang", "none"],
          "column": ["received_total", "received", "4", "x"], "row": ["own", "online", "tier_commune", "x"], "month": ["2024-02", "02/2024", "2024-13"],
          "quarter": ["I/2024", "2024-Q1", "Q5"], "year": ["2024", "1999"], "asClosed": ["latest", "1", "0", "x"], "field": ["dat-dai", "x"],
          "procedure": ["1.004221", "x"], "code": ["H27.45-240222-0006", "x"], "path": ["openapi.yaml", "x"]}
DATES = st.sampled_from(["2024-01-19", "2024-02-19", "2024-02-29", "2099-12-31", "2000-01-01", "19/02/2024"])
HOSTILE = st.one_of(st.text(max_size=40), st.binary(max_size=20), st.sampled_from(["", "%00", "\u202e", "'", "<script>", "../../etc/passwd", "-1", "1e9", "9" * 30,
                                                                             "x" * 1025, "x" * 5000, "a\r\nSet-Cookie: b=c"]))


def likely(name, schema):
    schema = DOCUMENT.resolve(schema)
    if "enum" in schema:
        return st.sampled_from(schema["enum"])
    if schema.get("type") == "boolean":
        return st.sampled_from(["true", "false"])
    if schema.get("type") == "integer":
        return st.integers(schema.get("minimum", 0), min(schema.get("maximum", 50), 50)).map(str)
    return st.sampled_from(LIKELY[name]) if name in LIKELY else DATES


def quoted(value):

    return urllib.parse.quote(value if isinstance(value, bytes) else value.encode("utf-8", "surrogatepass"), safe="")


def operations():
    return [(method.upper(), path, operation) for path, item in DOCUMENT.document["paths"].items() for method, operation in item.items()
            if operation["operationId"] not in ("logIn", "logOut", "totals")]       # the sessions are others' too; a stream has no end


@st.composite
def requests(draw):
    method, path, operation = draw(st.sampled_from(operations()))
    query = []
    for parameter in map(DOCUMENT.resolve, operation.get("parameters", [])):
        value = draw(st.one_of(likely(parameter["name"], parameter["schema"]), *([HOSTILE] if draw(st.integers(0, 9)) == 0 else [])))
        if parameter["in"] == "path":
            path = path.replace("{" + parameter["name"] + "}", quoted(value) or "x")
        elif draw(st.integers(0, 9)) < (9 if parameter.get("required") or parameter["name"] == "month" else 2):
            query.append((parameter["name"], value))
    if draw(st.integers(0, 9)) == 0:
        query.append((draw(st.sampled_from([name for name, _ in query] + ["x", "Unit", ""])), draw(HOSTILE)))
    headers = draw(st.fixed_dictionaries({}, optional={
        "Accept": st.sampled_from(["text/csv", "*/*;q=0.1, text/html", "application/json;q=", "a/b", ",,;;", "x" * 3000]),
        "Accept-Language": st.sampled_from(["en", "vi;q=0.1, en-GB", "fr", ";q=9", "*"]), "Accept-Encoding": st.sampled_from(["gzip", "gzip;q=0", "br"]),
        "If-None-Match": st.sampled_from(["*", 'W/"x"', '"', "x" * 500]), "Origin": st.sampled_from(["null", "https://evil.example"]),
        "Last-Event-ID": st.sampled_from(["x", "1-2-3", "9" * 40]), "Range": st.just("bytes=0-1"), "Expect": st.just("x")}))
    body, type = None, None
    if "requestBody" in operation:
        body, type = draw(bodies(operation["requestBody"]["content"]))
    return draw(st.sampled_from([method] * 9 + ["HEAD", "OPTIONS", "PATCH", "TRACE"])), path, query, headers, body, type


EVENT = {"eventId": "f-1", "dossier": "f-1", "kind": "RECEIVED", "occurredAt": "2024-05-02T08:12:00+07:00", "unit": "H27.45", "procedure": "1.004221",
         "field": "dat-dai", "channel": "ONLINE", "serviceLevel": "FULL"}
JSON = st.recursive(st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=8)),
                    lambda inner: st.one_of(st.lists(inner, max_size=4), st.dictionaries(st.text(max_size=8), inner, max_size=4)), max_leaves=12)


@st.composite
def bodies(draw, content):
    """Of the documented type or another: an event that is right but for some members, any JSON, or bytes."""
    type = draw(st.sampled_from([*content] * 9 + ["text/plain", "application/json; charset=x", "x"]))
    changes = draw(st.dictionaries(st.sampled_from([*EVENT, "dueAt", "paidOnline", "x", "units", "fields", "procedures", "to", "label", "id"]),
                                   st.one_of(JSON, HOSTILE.filter(lambda value: isinstance(value, str))), max_size=3))
    line = json.dumps({**EVENT, **changes}).encode("utf-8", "replace")
    kind = draw(st.integers(0, 9))
    if kind < 4:
        return (line + b"\n") * draw(st.integers(1, 5)) if "ndjson" in type else b"[" + line + b"]", type
    if kind == 4:
        return b"[" * draw(st.sampled_from([1, 500, 100000])), type
    if kind == 5:
        return b"x" * draw(st.sampled_from([0, 1, 20000, (4 << 20) + 1, 17 << 20])), type
    return (json.dumps(draw(JSON)).encode("utf-8", "replace") if kind < 8 else draw(st.binary(max_size=200))), type


@FUZZ
@given(request=requests(), who=st.sampled_from([*PEOPLE, None]))
def test_every_answer_is_documented(gateway, crowd, cookies, request, who):
    method, path, query, headers, body, type = request
    address = path + ("?" + "&".join(f"{quoted(name)}={quoted(value)}" for name, value in query) if query else "")
    try:
        answer = gateway.request(method, address, body=body, headers=headers, cookie=cookies.get(who), type=type)
    except (BrokenPipeError, ConnectionResetError):
        assert body is not None and len(body) > 1 << 20      # refused while it was being sent
        return
    assert answer.status < 500 or answer.status == 503, answer
    assert answer.headers.get("x-content-type-options") == "nosniff" or answer.status in (400, 413, 414, 417, 431), answer


RAW = [b"GET /v1/me HTTP/1.1\r\nHost: x\r\n\r\n", b"POST /v1/events HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\nContent-Type: application/x-ndjson\r\n\r\n5\r\nabcde\r\n0\r\n\r\n",
       b"GET /v1/reports/II.06a?unit=H27.45&month=2024-02 HTTP/1.1\r\nHost: x\r\nCookie: hoso_session=x\r\nAccept: text/csv\r\n\r\n",
       b"POST /v1/session HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 30\r\n\r\n{\"name\":\"nobody\",\"password\":1}"]


@st.composite
def mutilated(draw):
    raw = bytearray(draw(st.sampled_from(RAW)))
    for _ in range(draw(st.integers(0, 6))):
        at = draw(st.integers(0, len(raw)))
        piece = draw(st.one_of(st.binary(max_size=4), st.sampled_from([b"\r\n", b"\x00", b":", b" ", b"%", b"A" * 40000, b"HTTP/1.1", b"0"])))
        raw[at:at + draw(st.integers(0, 12))] = piece
    return bytes(raw)


@FUZZ
@given(raw=mutilated())
def test_malformed_requests_end(gateway, crowd, raw):
    """Each gets an answer or is cut, if not at once, then with the slow ones."""
    connection = socket.create_connection((gateway.host, int(gateway.port)), timeout=SOON_S)
    try:
        connection.sendall(raw)
        connection.shutdown(socket.SHUT_WR)
        answer = connection.recv(65536)
        assert answer == b"" or answer.startswith(b"HTTP/1."), answer[:200]
    except TimeoutError:
        connection.settimeout(SLOW_S)
        crowd.append(connection)
        return
    except OSError:
        pass       # it was cut
    connection.close()


def test_the_others_are_answered_and_the_slow_are_ended(gateway, crowd, cookies):
    for _ in range(20):
        assert gateway.get("/v1/reports/truc-tuyen?unit=H27.45&month=2024-02", cookie=cookies["agency"]).status == 200
    begun = time.monotonic()
    for connection in crowd:
        try:
            while connection.recv(65536):
                pass
        except ConnectionResetError:
            pass
    assert time.monotonic() - begun < SLOW_S + 30
    assert gateway.get("/v1/me", cookie=cookies["agency"]).status == 200
