# SPDX-License-Identifier: Apache-2.0
"""deploy/kubernetes, rendered: the services accept what their pods would find, and each port, probe, name, right and path is the
one of the services. Where kubectl is, it renders the same."""
import base64
import os
import pathlib
import re
import shutil
import subprocess

import pytest
import yaml

from hosotest.cluster import ROOT, program
from hosotest.kustomize import containers, render

SERVICES = ["intake", "aggregation", "reporting", "gateway"]
VERSION = re.search(r"project\(hoso VERSION (\S+)", (ROOT / "CMakeLists.txt").read_text())[1]
USER = 10001
ENDPOINT = re.compile(r"tcp://([a-z0-9.]+):(\d+)$")


@pytest.fixture(scope="module")
def overlay(tmp_path_factory):
    """The example, with the site that its first lines make."""
    folder = tmp_path_factory.mktemp("kubernetes")
    shutil.copytree(ROOT / "deploy/kubernetes", folder / "kubernetes")
    example = folder / "kubernetes/overlays/example"
    subprocess.run(["sh", ROOT / "deploy/container/first-run.sh", example / "site"], check=True, capture_output=True,
                   env={**os.environ, "HOSO": program("hoso")})
    return example


@pytest.fixture(scope="module")
def found(overlay):
    return render(overlay)


def pod(resource):
    spec = resource["spec"]
    return spec.get("jobTemplate", {}).get("spec", spec)["template"]


def workloads(found):
    return [resource for resource in found.values() if containers(resource)]


def files_of(found, resource, folder):
    """Writes what the pod's volumes hold under `folder`, as the container would see it. Returns {mount path: volume}."""
    spec = pod(resource)["spec"]
    container, = spec["containers"]
    mounts = {mount["name"]: mount["mountPath"] for mount in container["volumeMounts"]}
    for volume in spec.get("volumes", []):
        for source in volume.get("projected", {}).get("sources", [volume]):
            held = source.get("configMap") or source.get("secret")
            if not held:
                continue
            kind, name = ("ConfigMap", held["name"]) if "configMap" in source else ("Secret", held["secretName"])
            content = found[(kind, name)].get("data") or found[(kind, name)]["stringData"]
            items = {item["key"]: item["path"] for item in held.get("items", [])} or {key: key for key in content}
            for key, path in items.items():
                file = folder / mounts[volume["name"]].lstrip("/") / path
                file.parent.mkdir(parents=True, exist_ok=True)
                file.write_text(content[key], encoding="utf-8")
                file.chmod(0o600)
    return mounts


def settings_of(found, name, folder):
    """The settings in force in a service's pod, by its own --print-config."""
    resource = found[("StatefulSet", name)]
    container, = containers(resource)
    files_of(found, resource, folder)
    config = folder / container["args"][2].lstrip("/")
    given = {entry["name"]: entry["value"] for entry in container.get("env", [])}
    printed = subprocess.run([program(container["args"][0]), "--config", config, "--print-config"], capture_output=True, text=True,
                             check=True, env={**given, "PATH": os.environ["PATH"]}).stdout
    return dict(re.findall(r"^(\w+) = (.*?)(?: +;.*)?$", printed, re.M))


def test_it_renders_as_kubectl_does(overlay, found):
    if shutil.which("kubectl") is None:
        pytest.skip("no kubectl here")
    done = subprocess.run(["kubectl", "kustomize", overlay], capture_output=True, text=True)
    assert done.returncode == 0 and not done.stderr, done.stderr
    made = {}
    text = re.sub(r"\b(hoso-[a-z-]+?)-[0-9a-z]{10}\b", r"\1", done.stdout)     # suffixes of what is generated
    for resource in yaml.safe_load_all(text):
        if resource["kind"] == "Secret":
            resource["stringData"] = {key: base64.b64decode(value).decode() for key, value in resource.pop("data").items()}
            del resource["type"]
        made[(resource["kind"], resource["metadata"]["name"])] = resource
    assert made == found


def test_each_service_accepts_what_its_pod_finds(found, tmp_path):
    for name in SERVICES:
        settings = settings_of(found, name, tmp_path / name)
        resource = found[("StatefulSet", name)]
        mounts = files_of(found, resource, tmp_path / name)
        assert settings["key"] == f"{mounts['key']}/{name}" and (tmp_path / name / settings["key"].lstrip("/")).exists()
        assert (tmp_path / name / settings["registry"].lstrip("/")).exists()
        kept = settings["audit"] if name == "gateway" else settings["data"]
        assert pathlib.PurePath(kept).parent == pathlib.PurePath(mounts["data"])    # the volume's root is not the service's own
        checked = {f"HOSO_{name.upper()}_{part.upper()}": f"{tmp_path / name}{settings[part]}" for part in ("key", "registry")}
        (tmp_path / name / "data").mkdir()
        if name != "gateway":
            checked |= {f"HOSO_{name.upper()}_DATA": f"{tmp_path / name}/data/store", f"HOSO_{name.upper()}_ANY_FILESYSTEM": "1"}
        done = subprocess.run([program(f"hoso-{name}"), "--config", f"{tmp_path / name}/etc/hoso/{name}.conf", "--check"],
                              capture_output=True, text=True, env=checked)
        assert done.returncode == 0, done.stderr


def ports_of(settings, name):
    listens = {settings[key].rsplit(":", 1)[1] for key in ("listen", "journal_listen", "totals_listen") if settings.get(key)}
    return {int(port) for port in listens}, int(settings["http_listen"].rsplit(":", 1)[1])


def test_ports_probes_and_names_are_those_of_the_services(found, tmp_path):
    for name in SERVICES:
        settings = settings_of(found, name, tmp_path / name)
        listens, http = ports_of(settings, name)
        service, (container,) = found[("Service", name)]["spec"], containers(found[("StatefulSet", name)])
        declared = {port["name"]: port["containerPort"] for port in container["ports"]}
        assert {port["port"] for port in service["ports"]} == listens == set(declared.values()) - {http}
        assert all(declared[port["targetPort"]] == port["port"] for port in service["ports"])
        assert declared["metrics"] == http
        assert pod(found[("StatefulSet", name)])["metadata"]["annotations"]["prometheus.io/port"] == str(http)
        for probe, path in (("livenessProbe", "/livez"), ("readinessProbe", "/readyz"), ("startupProbe", "/livez")):
            assert container[probe]["httpGet"] == {"path": path, "port": "metrics"}
        assert service["selector"].items() <= pod(found[("StatefulSet", name)])["metadata"]["labels"].items()
    assert found[("Service", "intake")]["spec"]["publishNotReadyAddresses"]     # or it never gets its first catalogue


def connections(found, tmp_path):
    """(from, to, port) of every endpoint that a configuration names."""
    settings = {name: settings_of(found, name, tmp_path / f"c-{name}") for name in SERVICES}
    settings["admin"] = dict(re.findall(r"^(\w+) = (.*)$", found[("ConfigMap", "hoso-admin")]["data"]["admin.conf"], re.M))
    for name, values in settings.items():
        for key, value in values.items():
            match = ENDPOINT.match(value)
            if match and not key.endswith("listen") and match[1] != "0.0.0.0":
                yield name, match[1], int(match[2])


def allows(rules, peers, component, port):
    return any(port in [entry["port"] for entry in rule["ports"]] and
               (peers not in rule or any(peer.get("podSelector", {}).get("matchLabels", {}).get("app.kubernetes.io/component") == component
                                         for peer in rule[peers])) for rule in rules)


def test_the_network_allows_what_is_needed_and_no_more(found, tmp_path):
    policies = {name: resource["spec"] for (kind, name), resource in found.items() if kind == "NetworkPolicy"}
    closed = policies.pop("hoso")
    assert closed["policyTypes"] == ["Ingress", "Egress"] and not closed.get("ingress") and not closed.get("egress")
    assert set(policies) == {*SERVICES, "admin"}
    needed = set(connections(found, tmp_path))
    assert {("aggregation", "intake", 7302), ("reporting", "aggregation", 7303), ("gateway", "intake", 7301)} <= needed
    for source, target, port in needed:
        assert ("Service", target) in found, target
        assert allows(policies[source]["egress"], "to", target, port), (source, target, port)
        assert allows(policies[target]["ingress"], "from", source, port), (source, target, port)
    for source in [*SERVICES, "admin"]:
        for target in SERVICES:
            _, http = ports_of(settings_of(found, target, tmp_path / f"n-{target}"), target)
            for port in {7301, 7302, 7303, 7304, 7305, 7306, http}:
                if allows(policies[source].get("egress", []), "to", target, port):
                    assert (source, target, port) in needed, "more than a configuration asks for"
            assert not allows(policies[target]["ingress"], "from", source, http)
    private = {7302, 7303}
    for policy in policies.values():
        for rule in policy.get("ingress", []):
            assert "from" in rule or not private & {entry["port"] for entry in rule["ports"]}


def test_pods_are_restricted_as_the_image_needs(found):
    named = set()
    for resource in workloads(found):
        spec, container = pod(resource)["spec"], containers(resource)[0]
        security = spec["securityContext"]
        assert (security["runAsUser"], security["runAsGroup"], security["fsGroup"]) == (USER, USER, USER)
        assert security["runAsNonRoot"] and security["seccompProfile"] == {"type": "RuntimeDefault"}
        assert container["securityContext"] == {"allowPrivilegeEscalation": False, "readOnlyRootFilesystem": True,
                                                "capabilities": {"drop": ["ALL"]}}
        assert spec["enableServiceLinks"] is False and spec["automountServiceAccountToken"] is False
        keys = [volume["secret"] for volume in spec["volumes"] if "secret" in volume]
        assert [key["defaultMode"] for key in keys] == [0o440]
        named |= {key["secretName"] for key in keys}
        assert container["image"] == f"registry.example.vn/hoso:{VERSION}"
        assert container["resources"]["limits"]["memory"]
    assert named == {name for kind, name in found if kind == "Secret"}
    for name in ("intake", "aggregation"):
        assert found[("StatefulSet", name)]["spec"]["replicas"] == 1
    assert found[("StatefulSet", "intake")]["spec"]["volumeClaimTemplates"][0]["spec"]["storageClassName"] == "fast-block"
    container_file = (ROOT / "deploy/container/Containerfile").read_text()
    assert f"USER {USER}:{USER}" in container_file
