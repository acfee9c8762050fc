"""Holds calls and their answers against Rocket.Chat's own description of its API (OpenAPI).

Arguments: a file with one JSON object a line: method, path, query,
status, request, response; the folder of the descriptions. The last line of the output counts.
"""
import pathlib
import sys

import jsonschema

from description import loaded, report, resolved, unknown_parameters

operations = {}
for path in pathlib.Path(sys.argv[2]).glob("*.yaml"):
    described = loaded(path)
    for address, methods in described["paths"].items():
        for method, operation in methods.items():
            operations[method.upper(), address] = described, operation


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
    unknown = unknown_parameters(call, operation, described)
    if unknown:
        return unknown
    if "requestBody" in operation:
        check(call["request"], operation["requestBody"], described)
    answer = operation["responses"].get(str(call["status"]))
    if answer is None:
        return f"answers {call['status']}, which is not described"
    check(call["response"], answer, described)
    return None


report(sys.argv[1], faults)
