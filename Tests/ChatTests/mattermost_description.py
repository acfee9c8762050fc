"""Holds calls and their answers against Mattermost's own description of its API (OpenAPI).

Arguments: the description; a file with one JSON object a line: method, path, status, request,
response. The last line of the output counts.
"""
import json
import re
import sys

import jsonschema
import yaml

with open(sys.argv[1]) as file:
    described = yaml.load(file, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))
paths = [(re.compile(re.sub(r"\{[^}]+\}", "[^/]+", path) + "$"), operations)
         for path, operations in described["paths"].items()]


def resolved(node):
    while isinstance(node, dict) and "$ref" in node:
        target = described
        for part in node["$ref"].lstrip("#/").split("/"):
            target = target[part]
        node = target
    return node


def check(value, schema):
    jsonschema.Draft4Validator({**schema, "components": described["components"]}).validate(value)


def faults(call):
    found = [operations for pattern, operations in paths if pattern.match(call["path"])]
    # A path without a parameter is meant before one with a parameter in the same place.
    operation = next((o[call["method"].lower()] for o in found if call["method"].lower() in o), None)
    if operation is None:
        return "is not in the description"
    known = {p["name"] for p in map(resolved, operation.get("parameters", []))}
    unknown = set(call["query"]) - known
    if unknown:
        return f"has parameters that are not described: {sorted(unknown)}"
    body = resolved(operation.get("requestBody", {}))
    if body:
        check(call["request"], resolved(body["content"]["application/json"]["schema"]))
    answer = resolved(operation["responses"].get(str(call["status"]), {}))
    if not answer:
        return f"answers {call['status']}, which is not described"
    check(call["response"], resolved(answer["content"]["application/json"]["schema"]))
    return None


count = wrong = 0
for line in open(sys.argv[2]):
    call = json.loads(line)
    count += 1
    try:
        why = faults(call)
    except jsonschema.ValidationError as error:
        why = f"{error.json_path}: {error.message}"
    if why:
        wrong += 1
        print(f"{call['method']} {call['path']} {why}")
print(f"{count} calls, {wrong} do not fit")
