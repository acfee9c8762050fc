"""Holds calls and their answers against Discord's own description of its API (OpenAPI 3.1).

Arguments: the description; a file with one JSON object a line: method, path, query, status,
request, response. The last line of the output counts.
"""
import json
import re
import sys

import jsonschema

with open(sys.argv[1]) as file:
    described = json.load(file)
paths = [(re.compile(re.sub(r"\{[^}]+\}", "[^/]+", path) + "$"), path.count("{"), operations)
         for path, operations in described["paths"].items()]


def resolved(node):
    while isinstance(node, dict) and "$ref" in node:
        target = described
        for part in node["$ref"].lstrip("#/").split("/"):
            target = target[part]
        node = target
    return node


def check(value, schema):
    whole = {**schema, "components": described["components"]}
    jsonschema.Draft202012Validator(whole).validate(value)


def unknown_members(value, schema):
    """What a body says that the description does not know."""
    known = resolved(schema).get("properties", {})
    return sorted(set(value) - set(known)) if isinstance(value, dict) and known else []


def faults(call):
    found = sorted((count, operations) for pattern, count, operations in paths
                   if pattern.match(call["path"])
                   for operations in [json.dumps(operations)])
    method = call["method"].lower()
    operation = next((o[method] for o in (json.loads(text) for _, text in found) if method in o),
                     None)
    if operation is None:
        return "is not in the description"
    known = {p["name"] for p in map(resolved, operation.get("parameters", []))}
    if set(call["query"]) - known:
        return f"has parameters that are not described: {sorted(set(call['query']) - known)}"
    body = resolved(operation.get("requestBody", {}))
    if body:
        schema = body["content"]["application/json"]["schema"]
        check(call["request"], schema)
        if unknown_members(call["request"], schema):
            return f"says what is not described: {unknown_members(call['request'], schema)}"
    status = str(call["status"])
    answers = operation["responses"]
    answer = resolved(answers.get(status) or answers.get(status[0] + "XX", {}))
    if not answer:
        return f"answers {status}, which is not described"
    if "content" in answer:
        check(call["response"], answer["content"]["application/json"]["schema"])
    elif call["response"] is not None:
        return "has an answer where none is described"
    return None


count = wrong = 0
for line in open(sys.argv[2]):
    call = json.loads(line)
    count += 1
    try:
        why = faults(call)
    except jsonschema.ValidationError as error:
        why = f"{error.json_path}: {error.message[:300]}"
    if why:
        wrong += 1
        print(f"{call['method']} {call['path']} {why}")
print(f"{count} calls, {wrong} do not fit")
