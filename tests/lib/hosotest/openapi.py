# SPDX-License-Identifier: Apache-2.0
"""docs/openapi.yaml, held against answers: is this answer documented, and which documented ones have not been seen?"""
import json
import re

import yaml

from hosotest.cluster import ROOT


class Document:
    def __init__(self, path=ROOT / "docs" / "openapi.yaml"):
        self.document = yaml.safe_load(path.read_text(encoding="utf-8"))
        self.seen = set()      # (operationId, status, media type or "")

    def resolve(self, node):
        while isinstance(node, dict) and "$ref" in node:
            target = self.document
            for part in node["$ref"].removeprefix("#/").split("/"):
                target = target[part]
            node = target
        return node

    def operation(self, method, path):
        """The operation of a request, or None if the document has none."""
        for template, item in self.document["paths"].items():
            pattern = re.sub(r"\\\{\w+\\\}", "[^/]+", re.escape(template))
            if re.fullmatch(pattern, path.split("?")[0]) and method.lower() in item:
                return item[method.lower()]
        return None

    def answers(self):
        """Every documented (operationId, status, media type)."""
        for item in self.document["paths"].values():
            for operation in item.values():
                for status, response in operation["responses"].items():
                    for media in self.resolve(response).get("content", {"": None}):
                        yield operation["operationId"], int(status), media

    def unseen(self):
        return set(self.answers()) - self.seen

    def check(self, method, path, answer):
        """Insists that an answer is documented; remembers it."""
        operation = self.operation(method, path)
        if operation is None:
            return
        what = f"{method} {path}: {answer}"
        response = self.resolve(operation["responses"].get(str(answer.status)))
        assert response is not None, f"not documented: {what}"
        content = response.get("content", {})
        assert (answer.type in content) if content else (answer.body == b""), f"another media type: {what}"
        for header in response.get("headers", {}):
            assert header == "Content-Disposition" or header.lower() in answer.headers, f"no {header}: {what}"
        if answer.type.endswith("json"):
            self.validate(json.loads(answer.body), content[answer.type]["schema"], what)
        self.seen.add((operation["operationId"], answer.status, answer.type if content else ""))

    def validate(self, value, schema, where):
        """The part of JSON Schema that the document uses; a property that it does not name is an error."""
        schema = self.resolve(schema)
        names = self.names(schema)
        if names and isinstance(value, dict):
            assert not set(value) - names, f"{where}: not documented: {set(value) - names}"
        self.validate_one(value, schema, where)

    def names(self, schema):
        """The properties that a schema and its parts name; empty = any."""
        schema = self.resolve(schema)
        names = set(schema.get("properties", {}))
        for part in schema.get("allOf", []):
            names |= self.names(part)
        return names

    def validate_one(self, value, schema, where):
        schema = self.resolve(schema)
        types = {"object": dict, "array": list, "string": str, "integer": int, "boolean": bool}
        if "type" in schema:
            right = isinstance(value, types[schema["type"]]) and not (schema["type"] == "integer" and isinstance(value, bool))
            assert right, f"{where}: {value!r} is no {schema['type']}"
        assert "const" not in schema or value == schema["const"], f"{where}: {value!r}"
        assert "enum" not in schema or value in schema["enum"], f"{where}: {value!r} is none of {schema['enum']}"
        if "pattern" in schema:
            assert re.search(schema["pattern"], value), f"{where}: {value!r}"
        for part in schema.get("allOf", []):
            self.validate_one(value, part, where)
        if "oneOf" in schema:
            fits = 0
            for part in schema["oneOf"]:
                try:
                    self.validate(value, part, where)
                    fits += 1
                except AssertionError:
                    pass
            assert fits == 1, f"{where}: {value!r} fits {fits} of {schema['oneOf']}"
        if isinstance(value, list) and "items" in schema:
            for element in value:
                self.validate(element, schema["items"], where)
        if isinstance(value, dict):
            missing = set(schema.get("required", [])) - set(value)
            assert not missing, f"{where}: {missing} is missing"
            properties, more = schema.get("properties", {}), schema.get("additionalProperties")
            for name, member in value.items():
                if name in properties:
                    self.validate(member, properties[name], f"{where}: {name}")
                elif more is not None:
                    self.validate(member, more, f"{where}: {name}")
