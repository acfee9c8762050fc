"""Holds calls against the Matrix specification's own description (OpenAPI 3.1).

Argument: the folder of the client-server API. Input: one JSON object a line: method, path, query,
body. The last line of the output counts; the line before it names the operations that were met.
"""
import json
import pathlib
import re
import sys
from urllib.parse import unquote

import jsonschema
import referencing
import referencing.jsonschema
import yaml

folder = pathlib.Path(sys.argv[1]).resolve()
PREFIX = "/_matrix/client/v3"


def retrieve(uri):
    with open(unquote(uri.removeprefix("file://"))) as file:
        return referencing.Resource.from_contents(
            yaml.load(file, yaml.CSafeLoader),
            default_specification=referencing.jsonschema.DRAFT202012)


registry = referencing.Registry(retrieve=retrieve)
operations = []
for page in sorted(folder.glob("*.yaml")):
    for path, methods in retrieve(page.as_uri()).contents.get("paths", {}).items():
        pattern = "".join(
            "([^/]+)" if part.startswith("{") else re.escape(part)
            for part in re.split(r"({[^}]+})", path))
        for method, operation in methods.items():
            if method in ("get", "put", "post", "delete"):
                place = f"{page.as_uri()}#/paths/{path.replace('~', '~0').replace('/', '~1')}/{method}"
                operations.append((method, re.compile(pattern + "$"), operation, place))


def check(value, place):
    jsonschema.Draft202012Validator({"$ref": place}, registry=registry).validate(value)


def described(call):
    path = call["path"].removeprefix(PREFIX)
    # "When an empty string, the trailing slash on this endpoint is optional" (state with a key).
    if re.fullmatch("/rooms/[^/]+/state/[^/]+", path):
        path += "/%22%22"
    found = [
        (len(match.groups()), operation, place) for method, pattern, operation, place in operations
        if method == call["method"].lower() and (match := pattern.match(path))
    ]
    return min(found, key=lambda entry: entry[0])[1:] if found else (None, None)


def faults(call, operation, place):
    queries = {}
    for number, parameter in enumerate(operation.get("parameters", [])):
        if "$ref" in parameter:
            return f"{operation['operationId']}: a parameter by reference is not read here"
        if parameter["in"] == "query":
            queries[parameter["name"]] = (number, parameter)
    unknown = set(call["query"]) - set(queries)
    if unknown:
        return f"has parameters that are not described: {sorted(unknown)}"
    missing = {n for n, (_, p) in queries.items() if p.get("required")} - set(call["query"])
    if missing:
        return f"lacks {sorted(missing)}"
    for name, text in call["query"].items():
        number, parameter = queries[name]
        kind = parameter["schema"].get("type")
        value = text
        if kind in ("integer", "boolean", "number"):
            value = json.loads(text)
        elif kind == "array":
            value = [text]
        check(value, f"{place}/parameters/{number}/schema")
    wanted = "requestBody" in operation
    if (call["body"] is None) != (not wanted):
        if operation.get("requestBody", {}).get("required") or call["body"] is not None:
            return "has a body and should not" if not wanted else "lacks a body"
    if call["body"] is not None:
        check(call["body"], f"{place}/requestBody/content/application~1json/schema")
    return None


count = wrong = 0
met = set()
for line in sys.stdin:
    call = json.loads(line)
    count += 1
    operation, place = described(call)
    if operation is None:
        why = "is not in the description"
    else:
        met.add(operation["operationId"])
        try:
            why = faults(call, operation, place)
        except jsonschema.ValidationError as error:
            why = f"{error.json_path}: {error.message[:300]}"
    if why:
        wrong += 1
        print(f"{call['method']} {call['path']} {why}")
print(" ".join(sorted(met)))
print(f"{count} calls, {wrong} do not fit")
