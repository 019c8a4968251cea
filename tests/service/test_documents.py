# SPDX-License-Identifier: Apache-2.0
"""Every command in README, docs, examples and the manual pages is run: here, against a site with the golden month and a reform; or
by another test, which the table of exceptions names. What stands in a sentence is a command of hoso with options that it has."""
import os
import pathlib
import re
import shutil
import subprocess

import pytest

from hosotest.cli import Cli
from hosotest.cluster import Cluster, ROOT, program
from hosotest.cut import Cut
from hosotest.gateway import Gateway

DOCUMENTS = ["README.md", "ARCHITECTURE.md", "CONTRIBUTING.md", "SECURITY.md", "examples/README.md",
             *sorted(str(path.relative_to(ROOT)) for path in (ROOT / "docs").glob("*.md"))]
PROGRAM = re.compile(r"(?:[A-Z_]+=\S* )*(?:sudo |hoso(?:-[a-z-]+)?|docker(?:-compose)?|kubectl|cmake|deploy/\S+|tests/\S+|examples/\S+|curl|cc|cp|"
                     r"systemctl|apt|protoc|journalctl)(?: |$|(?<= ))")

# A command, and who runs it instead. The reason is the test, or what cannot be had in one.
EXCEPTIONS = {
    r"deploy/demo\.sh": "tests/demo, and .ci/run",
    r"tests/(run|bench/run|containers/run|packages/run)\.sh|tests/\S+\.py": "this is how tests are run",
    r"(HOSO_VERSION=\S+ |HOSO_IMPORT=\S+ |sudo )?docker-compose |(cd deploy && )?docker-compose |docker (build|run|volume) ": "tests/containers has these steps",
    r"deploy/web\.sh": "tests/containers builds the image with it",
    r"deploy/package\.sh|sudo apt install \./build/packages|sudo hoso-first-run |sudo systemctl (start|enable) ": "tests/packages has these steps",
    r"cmake --preset release|sudo cmake --install": "tests/run.sh builds so; deploy/debian/rules installs so",
    r"kubectl |cp -r deploy/kubernetes": "there is no cluster here: tests/service/test_kubernetes.py renders and checks it",
    r"apt install python3-zmq|protoc -I proto|examples/python/|cmake --install build/release --prefix|cc -o build/": "tests/service/test_examples.py, test_totals.py",
    r"hoso publish \"\$file\"": "the script for cron: tests/service/test_guide.py",
    r"HOSO_TOKEN=… examples/http/": "tests/service/test_http_examples.py",
    r"sudo hoso --config /etc/hoso/admin.conf status": "tests/packages",
    r"sudo (chown|install|systemd-sysusers) ": "systemd's and the administrator's own: tests/packages and tests/containers have what comes of it",
}
QUIET = re.compile(r"--out |--to | -o |key password")     # what they make is a file
ENDLESS = re.compile(r"hoso watch (?!.*--once)|curl -N ")


def code_lines(text):
    """Lines of code: indented by four outside of lists of a table, or fenced, but not JSON."""
    fence = None
    for line in re.sub(r"\\\n\s*", "", text).splitlines():
        if line.startswith("```"):
            fence = None if fence is not None else line[3:]
        elif fence in ("sh", "") or (fence is None and line.startswith("    ")):
            yield line.strip()


def manual_lines(path):
    text = path.read_text(encoding="utf-8").replace("\\-", "-")
    examples = text[text.index(".SH EXAMPLES"):] if ".SH EXAMPLES" in text else text
    return [line for line in examples.splitlines() if line.startswith("hoso ")]


def commands_of(name):
    path = ROOT / name
    lines = manual_lines(path) if path.parent.name == "man" else code_lines(path.read_text(encoding="utf-8"))
    for line in lines:
        command = re.split(r"\s{2,}#|\s+# ", line)[0].strip()
        command = re.sub(r"^(\S+ )?.*? && (?=hoso )", "", command) if "export-events" in command else command
        if PROGRAM.match(command) or re.match(r"cd \S+ && docker", command):
            yield command


PAGES = [f"man/{path.name}" for path in sorted((ROOT / "man").glob("hoso*.[1-8]"))]
COMMANDS = [(name, command) for name in [*DOCUMENTS, *PAGES] for command in commands_of(name)]


def excepted(command):
    return [pattern for pattern in EXCEPTIONS if re.match(pattern, command)]


def test_every_exception_is_needed():
    used = {pattern for _, command in COMMANDS for pattern in excepted(command)}
    assert used == set(EXCEPTIONS), set(EXCEPTIONS) - used
    assert len(COMMANDS) > 80


REFORM = """42,42,UBND tỉnh Mẫu,Model province,PROVINCE,,99,2000-01-01,,
18685,18685,UBND xã Cũ,Old commune,COMMUNE,42,1,2000-01-01,2025-06-30,18690 18691
18690,18690,UBND xã Đông,East commune,COMMUNE,42,2,2025-07-01,,
18691,18691,UBND xã Tây,West commune,COMMUNE,42,3,2025-07-01,,
"""
OPEN = ('{"eventId":"1","dossier":"42-1","kind":"RECEIVED","occurredAt":"2025-06-20T08:00:00+07:00","unit":"18685",'
        '"procedure":"1.004221","field":"dat-dai","channel":"ONLINE","serviceLevel":"FULL","dueAt":"2025-07-20T17:00:00+07:00"}\n')


def make_catalogue(folder):
    shutil.copytree(ROOT / "deploy/demo/catalogue", folder)
    units = (folder / "units.csv").read_text(encoding="utf-8").splitlines()
    (folder / "units.csv").write_text("\n".join([units[0] + ",successors", *(line + "," for line in units[1:])]) + "\n" + REFORM,
                                      encoding="utf-8")


class Site:
    """A running site as the documents assume it, and a folder from which the commands are run."""

    def __init__(self, folder):
        self.folder = folder
        self.cluster = Cluster(sources=["counter"])
        for name, role, units in (("officer", "agency", "H27"), ("reader", "agency", "*"), ("mot-cua-phan-mem", "source", "H27")):
            self.cluster.add(name, role=role, units=units)
        self.cluster.start()
        self.gateway = Gateway(self.cluster)
        self.gateway.start()
        self.token = {name: self.cluster.give_token(name) for name in ("officer", "counter")}
        self.gateway.reload()
        for name in ("admin", "counter", "officer"):
            shutil.copy(Cli(self.cluster, name).config, folder / f"{name}.conf")
        shutil.copy(folder / "counter.conf", folder / "client.conf")
        make_catalogue(folder / "catalogue")
        admin, counter = Cli(self.cluster, "admin"), Cli(self.cluster, "counter")
        admin.run("catalogue", "import", folder / "catalogue")
        events = re.search(r"```json\n(.*?)```", (ROOT / "README.md").read_text(encoding="utf-8"), re.DOTALL)[1]
        for name in ("events.ndjson", "mine.ndjson"):
            (folder / name).write_text(events, encoding="utf-8")
        golden = admin.run("simulate", "golden").stdout
        self.cut = counter.run("publish", "-", "--print-position", stdin=golden + OPEN + events).stdout.strip()
        self.cluster.reporting.wait_position(Cut.parse(self.cut))
        admin.run("period", "close", "H27.45", "--to", "2024-02-29")

    def fitted(self, command):
        """The command with this site's places in place of the document's."""
        verb = command.split()[1:3]
        folder = "catalogue" if "catalogue" in verb else "journal-backup"
        for old, new in ((r"…/registry\b", str(self.cluster.registry)), (r"/etc/hoso/intake\.conf", str(self.cluster.intake.config)),
                         (r"build/demo/(\w+\.conf)", r"\1"), (r"\bCUT\b", self.cut), (r"\bDIR\b", folder),
                         (r"\ble-thi-lan\b(?= --registry)", "reader"), (r"^sudo ", "")):
            command = re.sub(old, new, command)
        return command

    def environment(self, command):
        services = [str(pathlib.Path(program(name)).parent) for name in ("hoso", "hoso-intake")]
        person = "counter" if "POST" in command else "officer"
        return {**os.environ, "PATH": ":".join([*services, os.environ["PATH"]]), "HOSO_CONFIG": str(self.folder / ("counter.conf" if command.startswith("hoso publish") else "admin.conf")),
                "HOSO_CLIENT_TIMEOUT_MS": "60000", "at": f"http://{self.gateway.address}", "TOKEN": self.token[person],
                "BASH_ENV": str(self.folder / "curl.sh")}

    def run(self, command):
        shell = ["bash", "-c", self.fitted(command)]
        more = {"cwd": self.folder, "env": self.environment(command), "text": True, "encoding": "utf-8"}
        if ENDLESS.match(command):
            with subprocess.Popen(["bash", "-c", "exec " + re.sub("^curl", f"env curl -sSf -H 'Authorization: Bearer {self.token['officer']}'",
                                                                    self.fitted(command))],
                                  stdout=subprocess.PIPE, **{key: value for key, value in more.items()}) as process:
                said = process.stdout.readline()
                process.kill()
            return 0 if said else 1, said
        done = subprocess.run(shell, input="mat-khau-dai-1\n", stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=120, **more)
        return done.returncode, done.stdout

    def stop(self):
        self.gateway.stop()
        self.cluster.stop()


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    site = Site(tmp_path_factory.mktemp("documents"))
    wrapper = [line for _, line in all_lines("docs/operations.md") if line.startswith("curl() ")]
    (site.folder / "curl.sh").write_text("\n".join(wrapper) + "\n", encoding="utf-8")
    yield site
    site.stop()


def all_lines(name):
    return [(name, line) for line in code_lines((ROOT / name).read_text(encoding="utf-8"))]


@pytest.mark.parametrize("document", [*DOCUMENTS, *PAGES])
def test_each_command_works(site, document):
    for command in commands_of(document):
        if not excepted(command) and not command.startswith("curl()"):
            code, said = site.run(command)
            assert code == 0, f"{document}: {command}\n{said}"
            assert said or QUIET.search(command), f"{document}: {command} prints nothing"


def anchors(path):
    """The anchors of a document's headings, as GitHub makes them."""
    heads = re.findall(r"^#+ (.*)$", path.read_text(encoding="utf-8"), re.M)
    return {re.sub(r"[^\w\- ]", "", head.lower()).replace(" ", "-") for head in heads}


def test_links_lead_somewhere():
    links = [(name, link) for name in DOCUMENTS for link in re.findall(r"\]\(([^) ]+)\)", (ROOT / name).read_text(encoding="utf-8"))
             if not link.startswith(("http:", "https:"))]
    assert len(links) > 80
    for name, link in links:
        path, _, anchor = link.partition("#")
        target = (ROOT / name).parent / path if path else ROOT / name
        assert target.exists(), f"{name}: {link}"
        assert not anchor or anchor in anchors(target), f"{name}: {link}"


def test_the_index_has_every_document():
    index = (ROOT / "docs/README.md").read_text(encoding="utf-8")
    for path in (ROOT / "docs").iterdir():
        assert path.is_dir() or path.name == "README.md" or f"({path.name}" in index, path.name
    pages = [path.name.removesuffix(".in") for path in (ROOT / "man").glob("hoso*") if path.suffix != ".part"]
    assert len(pages) > 10 and all(re.sub(r"\.(\d)$", r"(\1)", page) in index for page in pages), pages


def test_commands_in_sentences_are_commands_of_hoso():
    """`hoso VERB … --option` between quotation marks of code."""
    helps = {}
    checked = 0
    for name in DOCUMENTS:
        for words in re.findall(r"`(hoso [a-z][^`]*)`", (ROOT / name).read_text(encoding="utf-8")):
            verb = words.split()[1]
            if verb not in helps:
                done = subprocess.run([program("hoso"), "help", verb], capture_output=True, text=True)
                assert done.returncode == 0, f"{name}: `{words}`"
                helps[verb] = done.stdout
            for option in re.findall(r"--[a-z-]+", words):
                subcommands = subprocess.run([program("hoso"), *words.split()[1:3], "--help"], capture_output=True, text=True)
                assert option in helps[verb] + subcommands.stdout, f"{name}: `{words}`"
                checked += 1
    assert checked >= 10
