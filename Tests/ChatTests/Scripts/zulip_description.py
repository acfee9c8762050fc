"""Holds calls and their answers against Zulip's own API description.

Arguments: a file of one JSON object a line with the keys method, path, fields, status and body; the
description. The last line of the output counts.
"""

import json
import sys

import jsonschema

from description import loaded, report, resolved

api = loaded(sys.argv[2])


def look_up(node):
    return resolved(node, api)


def flat(node):
    """Without references, and with `nullable` as JSON Schema has it; parts of an allOf are merged,
    because each of them closes its own properties."""
    node = look_up(node)
    if isinstance(node, list):
        return [flat(part) for part in node]
    if not isinstance(node, dict):
        return node
    node = {key: flat(value) for key, value in node.items() if not isinstance(value, str) or key == "type"}
    if "allOf" in node:
        merged = {"properties": {}, "required": []}
        for part in node.pop("allOf"):
            for name, schema in part.pop("properties", {}).items():
                if schema or name not in merged["properties"]:
                    merged["properties"][name] = schema
            merged["required"] += part.pop("required", [])
            merged.update(part)
        node = merged
    if node.pop("nullable", False) and "type" in node:
        node["type"] = [node["type"], "null"]
    # The description is of one version of the server; others say more.
    node.pop("additionalProperties", None)
    return node


def call(method, path):
    parts = path.split("/")
    for template, methods in api["paths"].items():
        names = template.strip("/").split("/")
        fits = len(names) == len(parts) and all(
            name == part or (name.startswith("{") and part.isdigit())
            for name, part in zip(names, parts))
        if fits and method.lower() in methods:
            return methods[method.lower()]
    raise AssertionError(f"no such call: {method} {path}")


def value(text, schema, is_json):
    if schema.get("type") in ("integer", "boolean", "array", "object") or is_json:
        return json.loads(text)
    if "oneOf" in schema:
        try:
            return json.loads(text)
        except ValueError:
            return text
    return text


def check_fields(operation, fields):
    known, required = {}, set()
    for parameter in map(look_up, operation.get("parameters", [])):
        if parameter["in"] != "query":
            continue
        is_json = "content" in parameter
        schema = parameter["content"]["application/json"]["schema"] if is_json else parameter["schema"]
        known[parameter["name"]] = (flat(schema), is_json)
        if parameter.get("required"):
            required.add(parameter["name"])
    form = operation.get("requestBody", {}).get("content", {}).get("application/x-www-form-urlencoded")
    if form:
        required |= set(form["schema"].get("required", []))
        for name, schema in form["schema"]["properties"].items():
            is_json = form.get("encoding", {}).get(name, {}).get("contentType") == "application/json"
            known[name] = (flat(schema), is_json)
    assert required <= set(fields), f"missing: {required - set(fields)}"
    for name, text in fields.items():
        assert name in known, f"{name} is not a field"
        schema, is_json = known[name]
        # An id as a string of a narrow or an anchor is described by examples only.
        jsonschema.validate(value(text, schema, is_json), schema)


def faults(seen):
    try:
        operation = call(seen["method"], seen["path"])
        check_fields(operation, seen["fields"])
        answer = look_up(operation["responses"].get(str(seen["status"]), {}))
        if "content" in answer:
            schema = flat(answer["content"]["application/json"]["schema"])
            options = schema.pop("oneOf", [])
            jsonschema.validate(seen["body"], schema)
            if options:
                assert any(jsonschema.Draft7Validator(part).is_valid(seen["body"])
                           for part in options)
        elif seen["status"] != 200:
            assert seen["body"]["result"] == "error"
    except AssertionError as error:
        return f"{seen['fields']}: {error}\n{json.dumps(seen['body'])[:2000]}"
    return None


report(sys.argv[1], faults)
