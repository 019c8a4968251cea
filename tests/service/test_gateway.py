# SPDX-License-Identifier: Apache-2.0
"""The gateway over HTTP: every answer is held against docs/openapi.yaml (hosotest.gateway), and against what `hoso` prints
for the same principal."""
import io
import json
import re
import socket
import struct
import subprocess
import threading
import time

import openpyxl
import pytest

from hosotest.cli import Cli
from hosotest.cluster import ROOT, Cluster, program
from hosotest.cut import Cut
from hosotest.gateway import Gateway
from hosotest.messages import VIETNAMESE, english_in
from hosotest.openapi import Document

PASSWORD = "mật khẩu dài"
MONTH = "unit=H27.45&from=2024-01-19&to=2024-02-19"
MONTH_OPTIONS = ["--unit", "H27.45", "--from", "2024-01-19", "--to", "2024-02-19"]
CATALOGUE = {name: (ROOT / "deploy/demo/catalogue" / f"{name}.csv").read_text(encoding="utf-8")
             for name in ("units", "fields", "procedures")}
NDJSON, JSON = "application/x-ndjson", "application/json"


def published(cluster, *arguments):
    lines = subprocess.run([program("hoso"), "simulate", *arguments], capture_output=True, check=True).stdout
    path = cluster.directory / "events.ndjson"
    path.write_bytes(lines)
    return Cut.parse(Cli(cluster, "counter").run("publish", path, "--print-position").stdout)


@pytest.fixture(scope="module")
def cluster():
    with Cluster(sources=["counter"]) as cluster:
        for name, role, units in [("agency", "agency", "H27.45"), ("province", "agency", "H27"),
                                  ("software", "source", "H27.45")]:
            cluster.add(name, role=role, units=units)
        for name in ("agency", "province", "software", "counter", "admin"):
            cluster.let_log_in(name, PASSWORD)
        cluster.admit("software", service=cluster.reporting)
        Cli(cluster, "admin").run("catalogue", "import", ROOT / "deploy/demo/catalogue")
        cluster.reporting.wait_position(published(cluster, "golden"))
        yield cluster


@pytest.fixture(scope="module")
def gateway(cluster):
    with Gateway(cluster) as gateway:
        yield gateway


@pytest.fixture(scope="module")
def cookies(gateway):
    return {name: gateway.log_in(name, PASSWORD) for name in ("agency", "province", "software", "counter", "admin")}


# Reports and lists are those of the command

@pytest.mark.parametrize("form", ["bao-cao-thang", "II.06a", "truc-tuyen", "thong-ke"])
def test_a_report_is_the_commands(cluster, gateway, cookies, form):
    answer = gateway.get(f"/v1/reports/{form}?{MONTH}", cookie=cookies["agency"])
    assert answer.status == 200
    assert answer.json() == Cli(cluster, "agency").json("report", form, *MONTH_OPTIONS)


def test_periods_and_languages(cluster, gateway, cookies):
    cli = Cli(cluster, "agency")
    for query, options in [("month=2024-02", ["--month", "2024-02"]), ("quarter=2024-Q1", ["--quarter", "2024-Q1"]),
                           ("year=2024", ["--year", "2024"]), ("period=last-month&treeAt=2024-02-01",
                                                               ["--last-month", "--tree-at", "2024-02-01"]),
                           ("month=2024-02&cumulative=true", ["--month", "2024-02", "--cumulative"])]:
        answer = gateway.get(f"/v1/reports/II.06a?unit=H27.45&{query}", cookie=cookies["agency"])
        assert answer.json() == cli.json("report", "II.06a", "--unit", "H27.45", *options)
    english = cli.json("report", "II.06a", *MONTH_OPTIONS, "--lang", "en")
    path = f"/v1/reports/II.06a?{MONTH}"
    assert gateway.get(f"{path}&lang=en", cookie=cookies["agency"]).json() == english
    assert gateway.get(path, cookie=cookies["agency"], headers={"Accept-Language": "fr, en-GB;q=0.9"}).json() == english
    assert gateway.get(path, cookie=cookies["agency"], headers={"Accept-Language": "en;q=0.2, vi"}).json() != english


def cells_of(workbook):
    book = openpyxl.load_workbook(workbook)
    return {sheet.title: [[cell.value for cell in row] for row in sheet] for sheet in book}


def without_moment(value):
    """Without the moment at which it was asked for."""
    return re.sub(r"\d\d:\d\d ngày \d\d/\d\d/\d{4}", "", str(value))


def test_files_are_the_commands(cluster, gateway, cookies, tmp_path):
    cli = Cli(cluster, "agency")
    for ending, form in [("xlsx", "II.06a"), ("csv", "II.06a"), ("html", "II.06a"), ("docx", "bao-cao-thang")]:
        cli.run("report", form, *MONTH_OPTIONS, "--out", tmp_path / f"theirs.{ending}")
        answer = gateway.get(f"/v1/reports/{form}?{MONTH}&format={ending}", cookie=cookies["agency"])
        theirs = (tmp_path / f"theirs.{ending}").read_bytes()
        assert answer.status == 200, answer
        assert ending == "html" or f'filename="{form}-H27.45-2024-01-19-2024-02-19.{ending}"' in answer.headers["content-disposition"]
        if ending == "xlsx":
            assert without_moment(cells_of(io.BytesIO(answer.body))) == without_moment(cells_of(io.BytesIO(theirs)))
        elif ending == "docx":
            assert answer.body[:2] == b"PK" and abs(len(answer.body) - len(theirs)) < 64
        else:
            assert without_moment(answer.body.decode()) == without_moment(theirs.decode())


@pytest.mark.parametrize("compare", ["previous", "year-ago"])
def test_a_comparison_is_the_commands(cluster, gateway, cookies, compare):
    answer = gateway.get(f"/v1/reports/II.06a?{MONTH}&compare={compare}", cookie=cookies["agency"])
    assert answer.json() == Cli(cluster, "agency").json("report", "II.06a", *MONTH_OPTIONS, "--compare", compare)


def test_what_was_closed(cluster, gateway, cookies):
    close = {"unit": "H27.45", "to": "2024-02-19", "label": "Báo cáo"}
    closed = gateway.post_json("/v1/closes", close, cookie=cookies["admin"])
    assert closed.status == 201
    cluster.reporting.wait_position(closed.json()["cut"]["position"])
    path, number = f"/v1/reports/II.06a?{MONTH}", closed.json()["number"]
    for query in ("asClosed=latest", f"asClosed={number}", "compare=closed"):
        answer = gateway.get(f"{path}&{query}", cookie=cookies["agency"])
        assert answer.status == 200 and answer.json()["closed"]["number"] == number, answer
    assert gateway.get(f"{path}&asClosed=x", cookie=cookies["agency"]).json()["parameter"] == "asClosed"
    restated = gateway.get(f"/v1/dossiers?form=II.06a&column=received_total&asClosed=latest&restated=true&{MONTH}",
                           cookie=cookies["agency"])
    assert restated.status == 200 and restated.json()["dossiers"] == []


def test_communes(gateway, cookies):
    path = f"/v1/reports/truc-tuyen?{MONTH}&communes=true"
    book = cells_of(io.BytesIO(gateway.get(f"{path}&format=xlsx", cookie=cookies["agency"]).body))
    assert len(book) >= 24
    assert gateway.get(path, cookie=cookies["agency"]).json()["parameter"] == "communes"


def test_the_format_is_negotiated(gateway, cookies):
    def type_of(accept):
        return gateway.get(f"/v1/reports/II.06a?{MONTH}", cookie=cookies["agency"], headers={"Accept": accept}).type
    assert type_of("*/*") == type_of("image/png") == JSON
    assert type_of("text/csv") == "text/csv"
    assert type_of("text/html, application/xhtml+xml, */*;q=0.8") == "text/html"
    assert type_of("text/*;q=0.5, application/json;q=0.4") == "text/csv"


def test_lists_are_the_commands(cluster, gateway, cookies):
    cli = Cli(cluster, "agency")
    for path, command in [
            ("/v1/units?unit=H27.45&at=2024-02-01", ["units", "H27.45", "--at", "2024-02-01"]),
            ("/v1/units?unit=H27.45&at=2024-02-01&all=true", ["units", "H27.45", "--at", "2024-02-01", "--all"]),
            ("/v1/forms", ["forms"]),
            (f"/v1/dossiers?form=II.06a&column=received_total&limit=7&{MONTH}",
             ["dossiers", "II.06a", "--column", "received_total", "--limit", 7, *MONTH_OPTIONS]),
            ("/v1/overdue?unit=H27.45&treeAt=2024-02-01&limit=9", ["overdue", "--unit", "H27.45", "--tree-at", "2024-02-01", "--limit", 9]),
            ("/v1/overdue?unit=H27.45&treeAt=2024-02-01&count=true", ["overdue", "--unit", "H27.45", "--tree-at", "2024-02-01", "--count"]),
            ("/v1/overdue?unit=H27.45&treeAt=2024-02-01&waiting=true", ["overdue", "--unit", "H27.45", "--tree-at", "2024-02-01", "--waiting"]),
            ("/v1/quality?unit=H27.45", ["quality", "--unit", "H27.45"]),
            ("/v1/dossiers/H27.45-240222-0006", ["dossier", "H27.45-240222-0006"]),
            ("/v1/sources?unit=H27.45", ["sources", "--unit", "H27.45"]), ("/v1/closes?unit=H27.45", ["period", "list", "H27.45"])]:
        answer = gateway.get(path, cookie=cookies["agency"])
        assert answer.status == 200, (path, answer)
        ours = answer.json()
        if isinstance(ours, dict):
            assert ("next" in ours) != ours.get("complete", True)
            ours.pop("next", None)
        assert ours == cli.json(*command), path


def test_a_series_is_the_report_of_each_day(gateway, cookies):
    series = gateway.get(f"/v1/series?{MONTH}", cookie=cookies["agency"]).json()
    assert [one["day"] for one in series["days"][:1] + series["days"][-1:]] == ["2024-01-19", "2024-02-19"] and len(series["days"]) == 32
    whole = gateway.get(f"/v1/reports/thong-ke?{MONTH}", cookie=cookies["agency"]).json()["rows"][0]["cells"]
    assert series["unitName"] and sum(one["flows"].get("received", 0) for one in series["days"]) == whole["received"] > 0
    for one in series["days"][::7]:
        report = gateway.get(f"/v1/reports/thong-ke?unit=H27.45&from={one['day']}&to={one['day']}&treeAt=2024-02-19", cookie=cookies["agency"]).json()
        assert {**one["flows"], **one["stocks"]} == {measure: value for measure, value in report["rows"][0]["cells"].items() if value and measure != "carried_over"}
    wrong = gateway.get("/v1/series?unit=H27.45&from=2023-01-01&to=2024-02-19", cookie=cookies["agency"])
    assert wrong.status == 400 and wrong.json()["parameter"] == "from"


def test_pages_add_up_to_the_cell(gateway, cookies):
    report = gateway.get(f"/v1/reports/II.06a?{MONTH}", cookie=cookies["agency"]).json()
    total, dossiers, after = report["rows"][0]["cells"]["received_total"], [], ""
    while True:
        page = gateway.get(f"/v1/dossiers?form=II.06a&column=received_total&limit=1000&{MONTH}{after}",
                           cookie=cookies["agency"]).json()
        dossiers += page["dossiers"]
        if page["complete"]:
            break
        after = f"&after={page['next']}"
    assert sum(line["amount"] for line in dossiers) == total > 1000
    assert len({line["dossier"] for line in dossiers}) == len(dossiers)


# What is wrong is named

@pytest.mark.parametrize("query, parameter", [
    ("", "unit"), ("unit=H27.45", "from"), ("unit=H27.45&month=2024-13", "month"), ("unit=H27.45&mont=2024-02", "mont"),
    ("unit=H27.45&month=2024-02&month=2024-03", "month"), ("unit=H27.45&month=", "month"),
    ("unit=H27.45&from=2024-02-30&to=2024-03-01", "from"), ("unit=H27.45&from=2024-02-02&to=2024-02-01", "from"),
    ("unit=H27.45&from=2024-02-02", "from"), ("unit=H27.45&month=2024-02&year=2024", "month"),
    ("unit=H27.45&month=2024-02&all=yes", "all"), ("unit=H27.45&month=2024-02&format=pdf", "format"),
    ("unit=H27.45&month=2024-02&minPosition=-1", "minPosition"), ("unit=%00&month=2024-02", "unit"),
    ("unit=%ff&month=2024-02", "unit"), ("unit=" + "x" * 2000 + "&month=2024-02", "unit"),
    ("unit=H27.45&month=2024-02&treeAt=x", "treeAt")])
def test_a_wrong_parameter_is_named(gateway, cookies, query, parameter):
    answer = gateway.get(f"/v1/reports/II.06a?{query}", cookie=cookies["agency"])
    assert answer.status == 400 and answer.json()["parameter"] == parameter, answer
    assert answer.json()["title"] == "Yêu cầu không hợp lệ"
    english = gateway.get(f"/v1/reports/II.06a?{query}", cookie=cookies["agency"], headers={"Accept-Language": "en"})
    assert english.json()["title"] == "The request is not valid"


def test_paths_and_methods(gateway, cookies):
    assert gateway.get("/v1/nothing", cookie=cookies["admin"]).status == 404
    answer = gateway.request("PATCH", "/v1/catalogue", cookie=cookies["admin"])
    assert (answer.status, answer.headers["allow"]) == (405, "GET, PUT")
    assert gateway.request("OPTIONS", "/v1/session").headers["allow"] == "POST, DELETE"
    head = gateway.request("HEAD", "/v1/forms", cookie=cookies["agency"])
    assert (head.status, head.body) == (200, b"") and int(head.headers["content-length"]) > 100


def test_headers(gateway, cookies):
    for path in ("/", "/v1/forms", "/v1/nothing", f"/v1/reports/II.06a?{MONTH}&format=html"):
        headers = gateway.get(path, cookie=cookies["agency"]).headers
        policy = headers["content-security-policy"]
        assert "unsafe" not in policy and "default-src 'none'" in policy and "frame-ancestors 'none'" in policy
        assert headers["x-content-type-options"] == "nosniff" and "referrer-policy" in headers
        assert "strict-transport-security" not in headers and "access-control-allow-origin" not in headers
    assert "style=" not in gateway.get(f"/v1/reports/II.06a?{MONTH}&format=html", cookie=cookies["agency"]).body.decode()


def test_etag_and_gzip(gateway, cookies):
    path = f"/v1/reports/II.06a?{MONTH}"
    plain = gateway.get(path, cookie=cookies["agency"])
    packed = gateway.get(path, cookie=cookies["agency"], headers={"Accept-Encoding": "gzip"})
    assert packed.headers["content-encoding"] == "gzip" and packed.body == plain.body
    assert int(packed.headers["content-length"]) < len(plain.body) / 3
    again = gateway.get(path, cookie=cookies["agency"], headers={"If-None-Match": f'"x", {plain.headers["etag"]}'})
    assert (again.status, again.body, again.headers["etag"]) == (304, b"", plain.headers["etag"])
    for other in (f"{path}&lang=en", f"{path}&all=true", path.replace("02-19", "02-18")):
        assert gateway.get(other, cookie=cookies["agency"], headers={"If-None-Match": plain.headers["etag"]}).status == 200


# Rights are the registry's, checked behind the gateway

QUESTIONS = [
    ("/v1/reports/II.06a?unit={unit}&month=2024-02", ["report", "II.06a", "--unit", "{unit}", "--month", "2024-02"]),
    ("/v1/units?unit={unit}&at=2024-02-01", ["units", "{unit}", "--at", "2024-02-01"]),
    ("/v1/dossiers?form=II.06a&column=received_total&unit={unit}&month=2024-02",
     ["dossiers", "II.06a", "--column", "received_total", "--unit", "{unit}", "--month", "2024-02"]),
    ("/v1/overdue?unit={unit}&treeAt=2024-02-01", ["overdue", "--unit", "{unit}", "--tree-at", "2024-02-01"]),
    ("/v1/quality?unit={unit}", ["quality", "--unit", "{unit}"]),
    ("/v1/quality", ["quality"]),
    ("/v1/catalogue", ["catalogue", "show"])]


@pytest.mark.parametrize("name", ["agency", "province", "software", "admin"])
def test_the_same_rights_over_http_and_over_zeromq(cluster, gateway, cookies, name):
    cli = Cli(cluster, name)
    for path, command in QUESTIONS:
        for unit in ("H27", "H27.02", "H27.45", "H27.45.01", "nowhere"):
            answer = gateway.get(path.format(unit=unit), cookie=cookies[name], headers={"Accept-Language": "en"})
            arguments = [part.format(unit=unit) for part in command]
            code = 0 if answer.status == 200 else 1
            done = cli.run(*arguments, "--format", "json", "--lang", "en", code=code)
            if code == 0:
                theirs, ours = json.loads(done.stdout), answer.json()
                if isinstance(ours, dict):
                    ours.pop("next", None)
                assert ours == theirs, (name, path, unit)
            else:
                assert answer.status in (403, 404) and answer.json()["detail"] in done.stderr, (name, path, unit, answer, done.stderr)


def test_roles(gateway, cookies):
    for name in ("agency", "software", "counter"):
        assert gateway.get("/v1/status", cookie=cookies[name]).status == 403
        assert gateway.request("PUT", "/v1/catalogue", body=json.dumps(CATALOGUE).encode(), type=JSON,
                               cookie=cookies[name]).status == 403
    for name in ("agency", "admin"):
        assert gateway.request("POST", "/v1/events", body=b"{}", type=NDJSON, cookie=cookies[name]).status == 403
    services = gateway.get("/v1/status", cookie=cookies["admin"]).json()
    assert {service["service"]: service["up"] for service in services} == {"intake": True, "reporting": True}


def test_an_id_that_no_event_named_may_go(gateway, cookies):
    """As with the command: it is counted, shown by a dry run, and let go; what events name stays, by name."""
    def put(procedures, path="/v1/catalogue"):
        return gateway.request("PUT", path, body=json.dumps({**CATALOGUE, "procedures": procedures}).encode(), type=JSON,
                               cookie=cookies["admin"])
    procedures = CATALOGUE["procedures"].rstrip("\r\n") + "\n"
    first = procedures.splitlines()[1]
    more = procedures + first.replace(first.split(",")[0], "9.999997", 1) + "\n"
    assert put(more).status == 200
    deadline = time.monotonic() + 60
    while not (changes := put(procedures, "/v1/catalogue?dryRun=true").json()["changes"]):
        assert time.monotonic() < deadline, "the new catalogue does not come into the copy"
    assert [(change["id"], change["events"]) for change in changes] == [("9.999997", 0)]
    assert put(procedures).status == 200
    refused = put("\n".join(procedures.splitlines()[:2]) + "\n")
    assert refused.status == 400 and "danh mục chưa thay đổi" in refused.json()["detail"], refused
    assert all(re.fullmatch(r"procedures: thiếu \S+, mã này có trong \d+ sự kiện", fault) for fault in refused.json()["faults"]), refused


# Who asks

def test_log_in_and_out(gateway):
    answer = gateway.post_json("/v1/session", {"name": "agency", "password": PASSWORD})
    assert answer.status == 200 and answer.json()["units"] == ["H27.45"] and answer.json()["role"] == "agency"
    cookie = answer.headers["set-cookie"]
    assert "HttpOnly" in cookie and "SameSite=Strict" in cookie and "Secure" not in cookie
    cookie = cookie.split(";")[0]
    assert gateway.get("/v1/me", cookie=cookie).json() | {"expiresAt": ""} == answer.json() | {"expiresAt": ""}
    out = gateway.request("DELETE", "/v1/session", cookie=cookie)
    assert out.status == 204 and "Max-Age=0" in out.headers["set-cookie"]
    assert gateway.get("/v1/me", cookie=cookie).status == 401


def test_wrong_passwords(cluster):
    with Gateway(cluster) as gateway:
        def attempt(name, password):
            return gateway.post_json("/v1/session", {"name": name, "password": password})
        wrong, unknown = attempt("agency", "x"), attempt("nobody", PASSWORD)
        assert wrong.status == unknown.status == 401 and wrong.body == unknown.body
        assert attempt(gateway.name, PASSWORD).status == 401      # a service's name is nobody's
        for _ in range(7):
            assert attempt("agency", "x").status == 401
        for password in ("x", PASSWORD):                       # now the right one is not even looked at
            answer = attempt("agency", password)
            assert answer.status == 429 and 0 < int(answer.headers["retry-after"]) <= 900
        assert attempt("province", PASSWORD).status == 200
        assert attempt("agency", PASSWORD).status == 429


def test_another_password_ends_sessions(cluster):
    cluster.add("leaver", role="agency", units="H27.45")
    cluster.let_log_in("leaver", PASSWORD)
    with Gateway(cluster) as gateway:
        cluster.admit("leaver", service=cluster.reporting)
        cookie = gateway.log_in("leaver", PASSWORD)
        assert gateway.get("/v1/forms", cookie=cookie).status == 200
        cluster.let_log_in("leaver", PASSWORD + "2")
        gateway.reload()
        await_that(lambda: gateway.get("/v1/me", cookie=cookie).status == 401)
        cookie = gateway.log_in("leaver", PASSWORD + "2")
        cluster.remove("leaver")
        gateway.reload()
        await_that(lambda: gateway.get("/v1/me", cookie=cookie).status == 401)


def test_tokens(cluster):
    token = cluster.give_token("software")
    cluster.reload()
    with Gateway(cluster) as gateway:
        assert gateway.get("/v1/me", token=token).json()["name"] == "software"
        assert gateway.get("/v1/me", token=token[:-1] + ("A" if token[-1] != "A" else "B")).status == 401
        assert gateway.get("/v1/me", headers={"Authorization": "Basic eDp5"}).status == 401
        # a token comes from no browser: no Origin is needed
        answer = gateway.request("POST", "/v1/events", body=b"[]", type=JSON, token=token)
        assert answer.status == 400 and answer.json()["detail"] == "nội dung gửi lên không có sự kiện nào"


def test_what_changes_something_comes_from_the_page(gateway, cookies):
    def post(**headers):
        headers.setdefault("Cookie", cookies["software"])
        return gateway.request("POST", "/v1/events", body=b"{}", type=NDJSON, headers=headers).status
    assert post() == 403
    assert post(**{"Sec-Fetch-Site": "cross-site"}) == post(**{"Sec-Fetch-Site": "same-site"}) == 403
    assert post(Origin="https://evil.example") == post(Origin="null") == 403
    assert post(**{"Sec-Fetch-Site": "same-origin", "Origin": "https://evil.example"}) == 403
    assert post(**{"Sec-Fetch-Site": "same-origin"}) == post(Origin=f"http://{gateway.address}") == 200
    login = {"name": "agency", "password": PASSWORD}
    assert gateway.post_json("/v1/session", login, headers={"Sec-Fetch-Site": "cross-site"}).status == 403


def test_a_trusted_proxy(cluster):
    forwarded = {"X-Remote-User": "agency", "X-Forwarded-For": "1.2.3.4, 192.0.2.7", "X-Forwarded-Proto": "https"}
    with Gateway(cluster, trusted_proxies="192.0.2.1 127.0.0.1", proxy_user="X-Remote-User", cors_origins="https://other.example") as gateway:
        answer = gateway.get("/v1/me", headers=forwarded)
        assert answer.json()["name"] == "agency" and "strict-transport-security" in answer.headers
        assert gateway.get("/v1/me", headers={**forwarded, "X-Remote-User": "nobody"}).status == 401
        assert gateway.get("/v1/forms", headers=forwarded).status == 200
        assert gateway.audited()[-1]["address"] == "192.0.2.7" and gateway.audited()[-1]["by"] == "proxy"
        login = gateway.post_json("/v1/session", {"name": "agency", "password": PASSWORD}, headers={"X-Forwarded-Proto": "https"})
        assert "; Secure" in login.headers["set-cookie"]
        foreign = gateway.get("/v1/openapi.yaml", headers={"Origin": "https://other.example"})
        assert foreign.headers["access-control-allow-origin"] == "https://other.example"
        assert "access-control-allow-credentials" not in foreign.headers
        assert "access-control-allow-origin" not in gateway.get("/v1/openapi.yaml", headers={"Origin": "https://evil.example"}).headers
    with Gateway(cluster, trusted_proxies="192.0.2.1", proxy_user="X-Remote-User") as gateway:
        answer = gateway.get("/v1/me", headers=forwarded)
        assert answer.status == 401 and "strict-transport-security" not in answer.headers


# Events

def event(number, **more):
    return {"eventId": "e-1", "dossier": f"http-{number}", "kind": "RECEIVED", "unit": "H27.45.01", "procedure": "1.009994",
            "field": "xay-dung", "channel": "ONLINE", "serviceLevel": "FULL", "occurredAt": "2024-05-06T08:00:00+07:00", **more}


def received_in_may(gateway, cookie, cut=None):
    wait = f"&minPosition={cut}" if cut else ""
    report = gateway.get(f"/v1/reports/thong-ke?unit=H27.45&month=2024-05{wait}", cookie=cookie).json()
    return report["rows"][0]["cells"]["received"]


def test_events(cluster, gateway, cookies):
    cookie = cookies["software"]
    before = received_in_may(gateway, cookie)
    lines = "\n".join(json.dumps(event(n)) for n in range(500)).encode()
    first = gateway.request("POST", "/v1/events", body=lines, type=NDJSON, cookie=cookie)
    assert first.status == 200, first
    first = first.json()
    assert (first["taken"], first["refused"], len(first["results"])) == (500, 0, 500)
    again = gateway.post_json("/v1/events", [event(n) for n in range(490, 510)], cookie=cookie).json()
    assert again["taken"] == 20
    assert received_in_may(gateway, cookie, Cut(int(again["cut"]["position"]), again["cut"]["incarnation"])) == before + 510
    position = Cli(cluster, "software").run("publish", "-", "--print-position", stdin=json.dumps(event(509)) + "\n")
    assert received_in_may(gateway, cookie, position.stdout.strip()) == before + 510      # one source, one identity


def test_refused_events_do_not_keep_the_others(gateway, cookies):
    events = [event(600), event(601, unit="nowhere"), {"eventId": "x"}, event(602, unit="H27.02"), event(603), 7]
    answer = gateway.post_json("/v1/events", events, cookie=cookies["software"]).json()
    assert [result["result"] for result in answer["results"]] == ["TAKEN", "REFUSED", "REFUSED", "REFUSED", "TAKEN", "REFUSED"]
    assert [result.get("field") for result in answer["results"]][1] == "unit"
    assert answer["results"][3]["reason"] == '"H27.02" nằm ngoài các đơn vị của khóa này (software)' and answer["taken"] == 2
    nothing = gateway.post_json("/v1/events", [event(601, unit="nowhere")], cookie=cookies["software"]).json()
    assert nothing["taken"] == 0 and "cut" not in nothing


def test_a_code_of_two_spaces(cluster, gateway, cookies):
    line = event(900, dossier="two-spaces")
    assert gateway.post_json("/v1/events", [line], cookie=cookies["software"]).json()["taken"] == 1
    cut = Cli(cluster, "counter").run("publish", "-", "--print-position", stdin=json.dumps(line) + "\n").stdout.strip()
    received_in_may(gateway, cookies["software"], cut)

    def spaces(query=""):
        answer = gateway.get(f"/v1/dossiers/two-spaces{query}", cookie=cookies["agency"])
        return answer.status, sorted(life["space"] for life in answer.json().get("dossiers", []))
    assert spaces() == (200, ["counter", "software"]) and spaces("?space=counter") == (200, ["counter"])
    assert spaces("?space=nobody") == (404, [])


FAULTY = [{"kind": "RECIEVED"}, {"kind": "received", "channel": "WEB", "serviceLevel": "4", "petitionClass": "x"}, {"occurredAt": "19/02/2024"},
          {"occurredAt": "2024-02-19T08:00:00"}, {"occurredAt": "1900-01-01T00:00:00+07:00", "dueAt": "9999-12-31T00:00:00+07:00"}, {"dosier": "x"},
          {"dossier": 7, "outOfTerritory": "yes"}, {"eventId": "x" * 200}, {"eventId": "a\tb", "dossier": "một hai"}, {"unit": "nowhere", "procedure": "none"},
          {"unit": "H27.02", "field": "none"}, {"eventId": None, "unit": ""}]


def test_what_is_wrong_is_said_in_the_askers_language(gateway, cookies):
    """Problems are looked at by every test (hosotest.gateway); here the reasons of events, and the faults of a catalogue."""
    bodies = [(JSON, json.dumps([event(700 + number, **faulty) for number, faulty in enumerate(FAULTY)]).encode())]
    bodies += [(NDJSON, text) for text in (b"{", b"[]", b"nothing", b'{"eventId":"1","eventId":"2"}', b'{"a":"\xff"}', b"7", b"{}x", b'{"a":"' + b"x" * 70000 + b'"}')]
    for type, body in bodies:
        for language in ("vi", "en"):
            answer = gateway.request("POST", "/v1/events", body=body, type=type, cookie=cookies["software"], headers={"Accept-Language": language}).json()
            assert answer["taken"] == 0 and answer["refused"] == len(answer["results"])
            for reason in (result["reason"] for result in answer["results"]):
                bare = re.sub(r'"[^"]*"', "", reason)
                assert (not VIETNAMESE.search(bare)) if language == "en" else (VIETNAMESE.search(bare) and not english_in(reason)), reason
    for text in (b"[1", b"7", b'{"a":1,"a":2}'):
        gateway.request("POST", "/v1/events", body=text, type=JSON, cookie=cookies["software"])
    broken = {"units": CATALOGUE["units"].replace("H27.45,", "H27.45,x,", 1), "fields": "id\n", "procedures": CATALOGUE["procedures"] + "x,y\n"}
    refused = gateway.request("PUT", "/v1/catalogue?dryRun=true", body=json.dumps(broken).encode(), type=JSON, cookie=cookies["admin"])
    assert refused.status == 400 and len(refused.json()["faults"]) >= 2
    english = gateway.request("PUT", "/v1/catalogue?dryRun=true&lang=en", body=json.dumps(broken).encode(), type=JSON, cookie=cookies["admin"]).json()
    assert not any(VIETNAMESE.search(re.sub(r'"[^"]*"', "", fault)) for fault in english["faults"])


def test_faults_of_both_sides_come_in_one_answer(gateway, cookies):
    """What the gateway finds wrong with an event, and what only intake knows: unit, procedure and field."""
    faulty = [event(610, occurredAt="2024-05-06T08:00:00", unit="nowhere"), event(611),
              event(612, dueAt="1900-01-01T00:00:00+07:00", procedure="9.999", field="none")]
    for body, type in [("\n".join(map(json.dumps, faulty)).encode(), NDJSON), (json.dumps(faulty).encode(), JSON)]:
        answer = gateway.request("POST", "/v1/events", body=body, type=type, cookie=cookies["software"],
                                 headers={"Accept-Language": "en"}).json()
        first, second, third = answer["results"]
        assert (answer["taken"], answer["refused"], second["result"]) == (1, 2, "TAKEN")
        assert first["field"] == "occurredAt" and 'unit: "nowhere"' in first["reason"], first
        assert third["field"] == "dueAt" and 'procedure: "9.999"' in third["reason"] and 'field: "none"' in third["reason"], third


def test_bodies(gateway, cookies):
    def post(body, type=NDJSON, **more):
        return gateway.request("POST", "/v1/events", body=body, type=type, cookie=cookies["software"], **more)
    assert post(b"").status == post(b"\n \n").status == post(b"{}", JSON).status == post(b"[1", JSON).status == 400
    assert post(b"{}", "text/plain").status == 415
    assert post(b"x" * (5 << 20)).status == 413
    assert post(iter([b"x" * 65536] * 80)).status == 413            # in chunks, without a length
    assert post(b"{}\n" * 5000).status == 400                       # too many events


def test_intake_is_down(cluster, gateway, cookies):
    with Gateway(cluster, timeout_ms=500) as impatient:
        cookie = impatient.log_in("software", PASSWORD)
        cluster.intake.stop()
        answer = impatient.post_json("/v1/events", [event(700)], cookie=cookie)
        assert answer.status == 503 and int(answer.headers["retry-after"]) >= 1
        cluster.intake.start()
        await_that(lambda: impatient.post_json("/v1/events", [event(700)], cookie=cookie).status == 200)


# Live totals

class Stream:
    """A stream of Server-Sent Events."""

    def __init__(self, gateway, path, cookie, last=None):
        self.socket = socket.create_connection((gateway.host, int(gateway.port)), timeout=30)
        headers = f"Last-Event-ID: {last}\r\n" if last else ""
        self.socket.sendall(f"GET {path} HTTP/1.1\r\nHost: x\r\nCookie: {cookie}\r\n{headers}\r\n".encode())
        self.file, self.last, self.text = self.socket.makefile("rb"), last, b""
        self.status = int(self.file.readline().split()[1])
        while self.file.readline().strip():
            pass

    def events(self, timeout_s=60):
        deadline = time.monotonic() + timeout_s
        while True:
            while b"\n\n" in self.text:
                one, self.text = self.text.split(b"\n\n", 1)
                fields = dict(line.split(": ", 1) for line in one.decode().strip().splitlines())
                self.last = fields["id"]
                data = json.loads(fields["data"])
                assert data["type"] == fields["event"]
                yield data
            assert time.monotonic() < deadline
            self.text += self.file.read(int(self.file.readline(), 16))
            self.file.readline()

    def until(self, type, **members):
        for data in self.events():
            if data["type"] == type and all(data.get(name) == value for name, value in members.items()):
                return data

    def close(self):
        self.file.close()
        self.socket.close()


def today(number, unit):
    stamp = time.strftime("%Y-%m-%dT%H:%M:%S+00:00", time.gmtime())
    return event(number, dossier=f"today-{number}", unit=unit, occurredAt=stamp)


def test_totals(cluster, gateway, cookies):
    stream = Stream(gateway, "/v1/totals", cookies["province"])
    assert stream.status == 200 and stream.until("reset")
    first = {data["unit"]: data for data in iter_until(stream, "heartbeat")}
    assert "H27" in first and "H27.04" in first
    Cli(cluster, "counter").run("publish", "-", stdin=json.dumps(today(1, "H27.04")) + "\n")
    changed = units_until(stream, "H27.04", "H27")["H27.04"]
    assert changed["flows"]["received"]["today"] == first["H27.04"]["flows"].get("received", {"today": 0})["today"] + 1
    stream.close()
    Cli(cluster, "counter").run("publish", "-", stdin=json.dumps(today(2, "H27.04")) + "\n")
    again = Stream(gateway, "/v1/totals", cookies["province"], last=stream.last)   # goes on: no reset, and what changed
    assert set(units_until(again, "H27.04", "H27")) == {"H27", "H27.04"}
    again.close()
    table = {line["unit"]: line for line in map(json.loads, Cli(cluster, "province").run("watch", "--once", "--unit", "H27", "--format", "json").stdout.splitlines()) if line["type"] == "unit"}
    fresh = Stream(gateway, "/v1/totals?unit=H27", cookies["province"], last="0123456789abcdef.7")
    assert fresh.until("reset")
    ours = {data["unit"]: data for data in iter_until(fresh, "heartbeat")}
    assert {unit: (data["flows"], data["stocks"]) for unit, data in ours.items()} == \
        {unit: (data["flows"], data["stocks"]) for unit, data in table.items()}
    fresh.close()


def units_until(stream, *units):
    """The units that come until all of these have; no reset."""
    seen = {}
    for data in stream.events():
        assert data["type"] != "reset"
        if data["type"] == "unit":
            seen[data["unit"]] = data
        if set(units) <= set(seen):
            return seen


def iter_until(stream, type):
    """The units that come before an event of another type."""
    for data in stream.events():
        if data["type"] == type:
            return
        if data["type"] == "unit":
            yield data


class CuttingRelay:
    """A network that cuts each connection after so many bytes of the answer: in a chunk, an event, a snapshot, or at its head. None = no more."""

    def __init__(self, gateway, budgets):
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.host, self.port = self.listener.getsockname()
        self.there, self.budgets = (gateway.host, int(gateway.port)), budgets
        threading.Thread(target=self.run, daemon=True).start()

    def run(self):
        for budget in self.budgets:
            threading.Thread(target=self.pass_on, args=(self.listener.accept()[0], budget), daemon=True).start()

    def pass_on(self, near, budget):
        with near, socket.create_connection(self.there) as far:
            far.sendall(near.recv(65536))
            left = 1 << 62 if budget is None else budget
            while left and (piece := far.recv(min(left, 4096))):
                left -= len(piece)
                try:
                    near.sendall(piece)
                except OSError:
                    break       # the browser left
            near.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))       # cut, not closed


def test_a_stream_through_a_network_that_cuts(cluster, gateway, cookies):
    """What a browser knows after each cut, and goes on from by Last-Event-ID, is in the end what one knows that was never cut."""
    budgets = [30, 700, 900, 1500, 4000, 9000, 100000, 1100, 1300, 800, 2500, 1701, 650, 1999, 3000, 1234]
    relay, units, last, resets, number = CuttingRelay(gateway, [*budgets, None]), {}, None, 0, 1000
    for budget in [*budgets, None]:
        number += 1
        published = gateway.post_json("/v1/events", [today(number, "H27.04")], cookie=cookies["counter"])
        assert published.json()["taken"] == 1, published
        stream = None
        try:
            stream = Stream(relay, "/v1/totals?unit=H27", cookies["province"], last=last)
            for data in stream.events():
                last = stream.last
                if data["type"] == "reset":
                    resets += 1
                    units = {}
                elif data["type"] == "unit":
                    units[data["unit"]] = data
                elif data["type"] == "gone":
                    units.pop(data["unit"], None)
                seen = data.get("cut", {}).get("position", 0) >= published.json()["cut"]["position"]
                if seen and data["type"] in ("heartbeat", "unit" if budget is not None else ""):
                    break
        except (ConnectionResetError, ValueError, IndexError):
            assert budget is not None       # it was cut
        if stream is not None:
            stream.close()
    fresh = Stream(gateway, "/v1/totals?unit=H27", cookies["province"], last="0123456789abcdef.7")
    assert fresh.until("reset")
    whole = {data["unit"]: data for data in iter_until(fresh, "heartbeat")}
    fresh.close()
    assert {unit: (data["flows"], data["stocks"]) for unit, data in units.items()} == \
        {unit: (data["flows"], data["stocks"]) for unit, data in whole.items()}
    assert last and resets < len(budgets) / 2, resets


def test_totals_have_rights(gateway, cookies):
    assert gateway.get("/v1/totals?unit=H27", cookie=cookies["agency"]).status == 403
    assert gateway.get("/v1/totals?unit=nowhere", cookie=cookies["admin"]).status == 404
    stream = Stream(gateway, "/v1/totals?unit=H27.04", cookies["province"])
    assert {data["unit"] for data in iter_until(stream, "heartbeat")} == {"H27.04"}
    stream.close()


# Bounds

def await_that(holds, timeout_s=30):
    deadline = time.monotonic() + timeout_s
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def test_the_audit_log(cluster, gateway, cookies):
    gateway.get(f"/v1/reports/II.06a?{MONTH}&format=csv", cookie=cookies["agency"])
    line = gateway.audited()[-1]
    assert (line["who"], line["by"], line["path"], line["form"], line["unit"], line["from"], line["status"]) == (
        "agency", "session", "/v1/reports/{form}", "II.06a", "H27.45", "2024-01-19", 200)
    page = gateway.get(f"/v1/dossiers?form=II.06a&column=received_total&{MONTH}", cookie=cookies["agency"]).json()
    gateway.get(f"/v1/dossiers?form=II.06a&column=received_total&{MONTH}&after={page['next']}", cookie=cookies["agency"])
    gateway.post_json("/v1/events", [event(800)], cookie=cookies["software"])
    text = gateway.audit.read_text()
    assert "http-800" not in text and page["next"] not in text and PASSWORD not in text
    assert gateway.audited()[-1]["taken"] == "1"


def test_the_audit_log_is_bounded(cluster, tmp_path):
    audit = tmp_path / "audit"
    with Gateway(cluster, audit=audit, audit_bytes=65536) as gateway:
        cookie, connection = gateway.log_in("agency", PASSWORD), gateway.connection()
        for _ in range(600):
            gateway.get("/v1/forms", cookie=cookie, connection=connection)
        connection.close()
        files = [audit, tmp_path / "audit.1"]
        assert 32768 < sum(file.stat().st_size for file in files) <= 65536
        assert all(json.loads(line) for file in files for line in file.read_text().splitlines())


def test_hostile_bytes(gateway, cookies):
    for text in (b"\x00\xff\x16\x03\x01" * 100, b"GET / HTTP/9.9\r\n\r\n", b"GET /" + b"a" * 70000, b"POST /v1/events HTTP/1.1\r\n"
                 b"Content-Length: -1\r\n\r\n", b"GET /v1/forms HTTP/1.1\r\n" + b"X: y\r\n" * 20000):
        with socket.create_connection((gateway.host, int(gateway.port)), timeout=10) as connection:
            try:
                connection.sendall(text)
                connection.shutdown(socket.SHUT_WR)
                connection.recv(65536)
            except OSError:
                pass       # it was cut off
    assert gateway.get("/v1/forms", cookie=cookies["agency"]).status == 200


def test_idle_connections_keep_nobody_out(cluster):
    with Gateway(cluster, http_listen="") as gateway:
        cookie = gateway.log_in("agency", PASSWORD)
        idle = [socket.create_connection((gateway.host, int(gateway.port))) for _ in range(500)]
        for connection in idle[:250]:
            connection.sendall(b"POST /v1/session HTTP/1.1\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{")
        for _ in range(20):
            assert gateway.get(f"/v1/reports/truc-tuyen?{MONTH}", cookie=cookie).status == 200
        for connection in idle:
            connection.close()


def test_too_many_connections_of_one_address(cluster):
    with Gateway(cluster, connections_per_address=8) as gateway:
        held = [socket.create_connection((gateway.host, int(gateway.port))) for _ in range(8)]
        await_that(lambda: is_refused(gateway))
        for connection in held:
            connection.close()
        await_that(lambda: not is_refused(gateway))


def is_refused(gateway):
    try:
        return gateway.get("/livez").status != 200
    except OSError:
        return True


def test_health_and_metrics(cluster, gateway):
    for option, text in (("--health", "gateway"), ("--ready", "is ready"), ("--check", "sound")):
        done = subprocess.run([program("hoso-gateway"), "--config", str(gateway.config), option], capture_output=True, text=True)
        assert done.returncode == 0 and text in done.stdout, done
    assert gateway.get("/readyz").body == b"ready\n"


# The document

def test_every_documented_answer_is_given(cluster):
    document, events = Document(), json.dumps(event(900)).encode()
    with Gateway(cluster, document=document) as gateway, Gateway(
            cluster, document=document, audit="", timeout_ms=300, reporting="tcp://127.0.0.1:1", intake="tcp://127.0.0.1:1") as alone:
        admin, agency, software = (gateway.log_in(name, PASSWORD) for name in ("admin", "agency", "software"))
        gets = {"/v1/me": (), "/v1/units": ("unit=nowhere", "unit=H27.02"), "/v1/forms": (), "/v1/openapi.yaml": (),
                f"/v1/reports/bao-cao-thang?{MONTH}": ("unit=nowhere&month=2024-02", "unit=H27&month=2024-02"),
                f"/v1/dossiers?form=II.06a&column=received_total&{MONTH}": (
                    "form=II.06a&column=x&unit=H27.45&month=2024-02", "form=II.06a&column=received_total&unit=H27&month=2024-02"),
                f"/v1/series?{MONTH}": ("unit=nowhere&month=2024-02", "unit=H27&month=2024-02"), "/v1/overdue": ("unit=nowhere", "unit=H27"), "/v1/quality?unit=H27.45": ("unit=nowhere", "unit=H27"),
                "/v1/catalogue": (), "/v1/status": (), "/v1/dossiers/H27.45-240222-0006": (), "/v1/sources?unit=H27.45": ("unit=H27", "unit=nowhere"), "/v1/closes?unit=H27.45": ("unit=H27", "unit=nowhere")}
        lonely = alone.log_in("admin", PASSWORD)
        gateway.get("/v1/dossiers/nowhere", cookie=agency)
        for path, others in gets.items():
            base, cookie = path.split("?")[0], admin if path in ("/v1/catalogue", "/v1/status") else agency
            first = gateway.get(path, cookie=cookie)
            assert first.status == 200, (path, first)
            gateway.get(base)
            gateway.get(f"{base}?nothing=1", cookie=cookie)
            gateway.get(path, cookie=agency)
            alone.get(path, cookie=lonely)
            if "etag" in first.headers:
                gateway.get(path, cookie=cookie, headers={"If-None-Match": first.headers["etag"]})
            for other in others:
                gateway.get(f"{base}?{other}", cookie=agency)
                gateway.get(f"{base}?{other}", cookie=admin)
            for format in ("csv", "html", "xlsx", "docx"):
                gateway.get(f"{path}{'&' if '?' in path else '?'}format={format}", cookie=cookie)
        body = json.dumps(CATALOGUE).encode()
        for method, path, text, type, cookie in [("PUT", "/v1/catalogue", body, JSON, admin), ("POST", "/v1/events", events, NDJSON, software),
                                                 ("POST", "/v1/closes", b'{"unit":"H27.45","to":"2024-01-31","id":"test-close-1"}', JSON, admin)]:
            for options in ({"cookie": cookie}, {"cookie": agency}, {}, {"cookie": cookie, "type": "text/plain"},
                            {"cookie": cookie, "body": b"x" * (17 << 20)}, {"cookie": cookie, "body": b"[]", "type": JSON}):
                gateway.request(method, path, **{"body": text, "type": type, **options})
        gateway.request("PUT", "/v1/catalogue?dryRun=true", body=body, type=JSON, cookie=admin)
        gateway.post_json("/v1/closes", {"unit": "nowhere", "to": "2024-01-31"}, cookie=admin)
        alone.post_json("/v1/closes", {"unit": "H27.45", "to": "2024-01-31"}, cookie=lonely)
        alone.request("PUT", "/v1/catalogue", body=body, type=JSON, cookie=lonely)
        alone.request("POST", "/v1/events", body=events, type=NDJSON, cookie=alone.log_in("software", PASSWORD))
        session = {"name": "agency", "password": PASSWORD}
        gateway.post_json("/v1/session", session, headers={"Origin": "https://evil.example"})
        gateway.request("POST", "/v1/session", body=b"{}", type=JSON)
        gateway.request("POST", "/v1/session", body=b"{}", type="text/plain")
        gateway.request("POST", "/v1/session", body=b" " * 20000, type=JSON)
        for _ in range(9):
            gateway.post_json("/v1/session", {"name": "nobody", "password": "x"})
        gateway.request("DELETE", "/v1/session")
        gateway.request("DELETE", "/v1/session?x=1", cookie=agency)
        gateway.request("DELETE", "/v1/session", cookie=agency, headers={"Sec-Fetch-Site": "cross-site"})
        gateway.request("DELETE", "/v1/session", cookie=agency)
        agency = gateway.log_in("agency", PASSWORD)
        for path, cookie in [("/v1/totals?unit=H27", agency), ("/v1/totals?unit=nowhere", admin), ("/v1/totals?x=1", agency), ("/v1/totals", None)]:
            gateway.get(path, cookie=cookie)
        alone.get("/v1/totals", cookie=lonely)
        stream = Stream(gateway, "/v1/totals", admin)
        assert stream.status == 200
        for data in stream.events():
            document.validate(data, {"$ref": "#/components/schemas/TotalsEvent"}, "a stream")
            if data["type"] == "heartbeat":
                break
        stream.close()
        document.seen.add(("totals", 200, "text/event-stream"))
    assert not document.unseen()
