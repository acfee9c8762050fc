"""Holds calls and their answers against Discord's own description of its API (OpenAPI 3.1).

Arguments: a file with one JSON object a line: method, path, query, status,
request, response; the description. The last line of the output counts.
"""
import sys

import jsonschema

from description import loaded, matching, report, resolved, unknown_parameters

described = loaded(sys.argv[2])


def check(value, schema):
    whole = {**schema, "components": described["components"]}
    jsonschema.Draft202012Validator(whole).validate(value)


def unknown_members(value, schema):
    """What a body says that the description does not know."""
    known = resolved(schema, described).get("properties", {})
    return sorted(set(value) - set(known)) if isinstance(value, dict) and known else []


def faults(call):
    # The version of the API is not part of its paths.
    call["path"] = call["path"].removeprefix("/api/v10")
    # A path with fewer parameters is meant before one with more.
    found = sorted((path.count("{"), path) for path in described["paths"]
                   if matching(path, call["path"]))
    method = call["method"].lower()
    operation = next((described["paths"][path][method] for _, path in found
                      if method in described["paths"][path]), None)
    if operation is None:
        return "is not in the description"
    unknown = unknown_parameters(call, operation, described)
    if unknown:
        return unknown
    body = resolved(operation.get("requestBody", {}), described)
    if body:
        schema = body["content"]["application/json"]["schema"]
        check(call["request"], schema)
        if unknown_members(call["request"], schema):
            return f"says what is not described: {unknown_members(call['request'], schema)}"
    status = str(call["status"])
    answers = operation["responses"]
    answer = resolved(answers.get(status) or answers.get(status[0] + "XX", {}), described)
    if not answer:
        return f"answers {status}, which is not described"
    if "content" in answer:
        check(call["response"], answer["content"]["application/json"]["schema"])
    elif call["response"] is not None:
        return "has an answer where none is described"
    return None


report(sys.argv[1], faults)
