# SPDX-License-Identifier: Apache-2.0
"""What `kubectl kustomize` makes of a folder, as far as deploy/kubernetes needs it: resources, patches, images, a namespace, and
generators. Generated names get no suffix of their content."""
import copy
import pathlib
import re

import yaml

NAMED_LISTS = {"containers", "volumes", "env", "volumeMounts", "ports"}
CLUSTER_WIDE = {"Namespace"}


def documents(path):
    return [document for document in yaml.safe_load_all(path.read_text(encoding="utf-8")) if document]


def merged(old, patch, key=None):
    """A strategic merge: maps by key, lists of named things by name, anything else is replaced; null takes away."""
    if isinstance(old, dict) and isinstance(patch, dict):
        result = {**old, **{name: merged(old.get(name), value, name) for name, value in patch.items()}}
        return {name: value for name, value in result.items() if value is not None}
    if isinstance(old, list) and key in NAMED_LISTS:
        by_name = {item["name"]: item for item in old}
        return list({**by_name, **{item["name"]: merged(by_name.get(item["name"]), item) for item in patch}}.values())
    return copy.deepcopy(patch)


def identity(resource):
    return resource["kind"], resource["metadata"]["name"]


def generated(kind, field, entry, folder):
    files = [part.partition("=") if "=" in part else (pathlib.PurePath(part).name, "=", part) for part in entry["files"]]
    return {"apiVersion": "v1", "kind": kind, "metadata": {"name": entry["name"]},
            field: {name: (folder / path).read_text(encoding="utf-8") for name, _, path in files}}


def containers(resource):
    spec = resource.get("spec", {})
    template = spec.get("jobTemplate", {}).get("spec", spec).get("template", {})
    return template.get("spec", {}).get("containers", [])


def render(folder):
    """{(kind, name): resource}"""
    folder = pathlib.Path(folder)
    plan = yaml.safe_load((folder / "kustomization.yaml").read_text(encoding="utf-8"))
    unknown = set(plan) - {"apiVersion", "kind", "namespace", "resources", "patches", "images", "configMapGenerator", "secretGenerator"}
    assert not unknown, f"{folder}: this renderer does not know {unknown}"
    found = {}
    for name in plan["resources"]:
        path = folder / name
        parts = render(path).values() if path.is_dir() else documents(path)
        for resource in parts:
            assert identity(resource) not in found, f"{path}: {identity(resource)} twice"
            found[identity(resource)] = resource
    for kind, field, entries in (("ConfigMap", "data", "configMapGenerator"), ("Secret", "stringData", "secretGenerator")):
        for entry in plan.get(entries, []):
            found[(kind, entry["name"])] = generated(kind, field, entry, folder)
    for patch in plan.get("patches", []):
        for change in documents(folder / patch["path"]):
            found[identity(change)] = merged(found[identity(change)], change)
    for resource in found.values():
        if "namespace" in plan and resource["kind"] not in CLUSTER_WIDE:
            resource["metadata"]["namespace"] = plan["namespace"]
        for container in containers(resource):
            for image in plan.get("images", []):
                if re.split("[:@]", container["image"])[0] == image["name"]:
                    container["image"] = f"{image['newName']}:{image['newTag']}"
    return found
