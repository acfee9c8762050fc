"""Holds calls and their answers against Mattermost's own description of its API (OpenAPI).

Arguments: a file with one JSON object a line: method, path, status, request,
response; the description. The last line of the output counts.
"""
import sys

import jsonschema

from description import loaded, matching, report, resolved, unknown_parameters

described = loaded(sys.argv[2])


def check(value, schema):
    jsonschema.Draft4Validator({**schema, "components": described["components"]}).validate(value)


def faults(call):
    # A path without a parameter is meant before one with a parameter in the same place.
    method = call["method"].lower()
    operation = next((operations[method] for path, operations in described["paths"].items()
                      if matching(path, call["path"]) and method in operations), None)
    if operation is None:
        return "is not in the description"
    unknown = unknown_parameters(call, operation, described)
    if unknown:
        return unknown
    body = resolved(operation.get("requestBody", {}), described)
    if body:
        check(call["request"], resolved(body["content"]["application/json"]["schema"], described))
    answer = resolved(operation["responses"].get(str(call["status"]), {}), described)
    if not answer:
        return f"answers {call['status']}, which is not described"
    check(call["response"], resolved(answer["content"]["application/json"]["schema"], described))
    return None


report(sys.argv[1], faults)
