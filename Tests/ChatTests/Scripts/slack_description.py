"""Holds calls and their answers against Slack's own description of its Web API (Swagger 2).

Arguments: a file with one JSON object a line: method, path, query, request, status,
response; the description. The last line of the output counts.
"""
import sys

import jsonschema

from description import loaded, report

described = loaded(sys.argv[2])
# Newer than the description, which is of 2020: docs.slack.dev/messaging/message-metadata.
newer = {"metadata", "include_all_metadata"}


def schema(node):
    """Its `items` with a list of schemas, where nothing says array, means one of them."""
    if isinstance(node, list):
        return [schema(part) for part in node]
    if not isinstance(node, dict):
        return node
    node = {name: schema(part) for name, part in node.items()}
    if isinstance(node.get("items"), list) and node.get("type") != "array":
        node["anyOf"] = node.pop("items")
    if isinstance(node.get("properties"), dict):
        # What every list has had since pages came, and what messages have had all along or since.
        node["properties"].setdefault("response_metadata", {"type": "object"})
        if {"ts", "text"} <= set(node["properties"]):
            for name in ("edited", "metadata"):
                node["properties"].setdefault(name, {"type": "object"})
            node["properties"].setdefault("blocks", {"type": "array"})
            node["properties"].setdefault("bot_id", {"type": "string"})
    return node


definitions = schema(described["definitions"])


def check(value, wanted):
    jsonschema.Draft4Validator({**schema(wanted), "definitions": definitions}).validate(value)


def fits(value, kind):
    """A form carries everything as text, JSON what it is; lists and objects stand in for text."""
    if kind == "boolean":
        return isinstance(value, bool) or value in ("true", "false")
    if kind in ("integer", "number"):
        try:
            return float(value) >= 0
        except (TypeError, ValueError):
            return False
    return isinstance(value, (str, list)) or isinstance(value, bool)


def faults(call):
    name = call["path"].removeprefix("/api")
    operation = described["paths"].get(name, {}).get(call["method"].lower())
    if operation is None:
        return "is not in the description"
    given = {**call["query"], **(call["request"] or {})}
    known = {p["name"]: p for p in operation["parameters"]}
    unknown = set(given) - set(known) - newer
    if unknown:
        return f"has parameters that are not described: {sorted(unknown)}"
    missing = {n for n, p in known.items() if p.get("required") and n != "token"} - set(given)
    if missing:
        return f"lacks {sorted(missing)}"
    for key, value in given.items():
        if key in known and not fits(value, known[key]["type"]):
            return f"gives {key} as {value!r}"
    isWell = call["response"].get("ok") is True
    check(call["response"], operation["responses"]["200" if isWell else "default"]["schema"])
    return None


report(sys.argv[1], faults)
