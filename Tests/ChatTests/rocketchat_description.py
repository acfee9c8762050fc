"""Holds calls and their answers against Rocket.Chat's own description of its API (OpenAPI).

Arguments: the folder of the descriptions; a file with one JSON object a line: method, path, query,
status, request, response. The last line of the output counts.
"""
import json
import pathlib
import sys

import jsonschema
import yaml

operations = {}
for path in pathlib.Path(sys.argv[1]).glob("*.yaml"):
    with open(path) as file:
        described = yaml.load(file, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))
    for address, methods in described["paths"].items():
        for method, operation in methods.items():
            operations[method.upper(), address] = described, operation


def resolved(node, described):
    while isinstance(node, dict) and "$ref" in node:
        target = described
        for part in node["$ref"].lstrip("#/").split("/"):
            target = target.get(part, {})
        node = target
    return node


def loosened(node):
    """The alternatives of `dm.create` allow each other, so one of them is any of them."""
    if isinstance(node, dict):
        return {("anyOf" if k == "oneOf" else k): loosened(v) for k, v in node.items()}
    return [loosened(v) for v in node] if isinstance(node, list) else node


def check(value, body, described):
    schema = resolved(body, described).get("content", {}).get("application/json", {}).get("schema")
    if schema:
        whole = {**loosened(schema), "components": described.get("components", {})}
        jsonschema.Draft4Validator(whole).validate(value)


def faults(call):
    found = operations.get((call["method"], call["path"]))
    if found is None:
        return "is not in the description"
    described, operation = found
    known = {resolved(p, described).get("name") for p in operation.get("parameters", [])}
    unknown = set(call["query"]) - known
    if unknown:
        return f"has parameters that are not described: {sorted(unknown)}"
    if "requestBody" in operation:
        check(call["request"], operation["requestBody"], described)
    answer = operation["responses"].get(str(call["status"]))
    if answer is None:
        return f"answers {call['status']}, which is not described"
    check(call["response"], answer, described)
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
