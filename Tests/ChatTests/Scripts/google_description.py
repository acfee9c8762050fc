"""Holds calls and their answers against Google's own discovery documents.

Arguments: a file with one JSON object a line: url, method, request, status, response; the
discovery documents. The last line of the output counts.
"""
import base64
import json
import re
import sys
import urllib.parse

import jsonschema

from description import loaded, matching, report

documents = [loaded(path) for path in sys.argv[2:]]


def converted(node):
    """A schema of a discovery document as JSON Schema that knows no other members."""
    if isinstance(node, list):
        return [converted(item) for item in node]
    if not isinstance(node, dict):
        return node
    if isinstance(node.get("$ref"), str):
        return {"$ref": "#/schemas/" + node["$ref"]}
    out = {key: converted(node[key]) for key in ("items", "additionalProperties", "enum", "pattern")
           if key in node}
    kind = node.get("type")
    if kind and kind != "any":
        out["type"] = kind
    if kind == "object" and "properties" in node and "additionalProperties" not in node:
        out["additionalProperties"] = False
    if "properties" in node:
        out["properties"] = {name: converted(value) for name, value in node["properties"].items()}
    return out


def schemas(document):
    return {name: converted(schema) for name, schema in document["schemas"].items()}


def methods(resources):
    for resource in resources.values():
        yield from resource.get("methods", {}).values()
        yield from methods(resource.get("resources", {}))


def check(value, name, document):
    schema = {"$ref": "#/schemas/" + name, "schemas": schemas(document)}
    jsonschema.Draft202012Validator(schema).validate(value)


def faults(call):
    url = urllib.parse.urlsplit(call["url"])
    document = next((d for d in documents if d["rootUrl"].startswith(
        f"{url.scheme}://{url.netloc}")), None)
    if document is None:
        return "goes to an address that no document has"
    path = url.path.lstrip("/")
    found = [m for m in methods(document["resources"]) if m["httpMethod"] == call["method"]
             and matching(m["flatPath"], path)]
    if len(found) != 1:
        return f"is {len(found)} methods"
    method = found[0]
    for name, value in urllib.parse.parse_qsl(url.query):
        known = method["parameters"].get(name)
        if known is None or known["location"] != "query":
            return f"has the parameter {name}, which is not described"
        if "enum" in known and value not in known["enum"]:
            return f"has {name}={value}"
    for name, known in method["parameters"].items():
        if known["location"] == "path" and not re.match(known["pattern"], path[3:].split(":")[0]
                                                        if name == "subscription" else
                                                        path[3:].removesuffix("/messages")):
            return f"has no {name}"
    if not set(method["scopes"]) & {"https://www.googleapis.com/auth/chat.bot",
                                    "https://www.googleapis.com/auth/pubsub"}:
        return "needs another scope"
    if "request" in method:
        check(call["request"], method["request"]["$ref"], document)
    elif call["request"] is not None:
        return "has a body where none is described"
    if call["status"] == 200:
        check(call["response"], method["response"]["$ref"], document)
    return None


# Events are described in prose only; what they hold are resources of the Chat API.
def event_faults(event):
    for member, name in (("message", "Message"), ("user", "User"), ("space", "Space"),
                         ("thread", "Thread")):
        if member in event:
            check(event[member], name, documents[0])
    known = {"type", "eventTime", "user", "space", "message", "thread"}
    return None if set(event) <= known else f"says {sorted(set(event) - known)}"


def events(call):
    """What an answer of Pub/Sub brings, in base64."""
    return [json.loads(base64.b64decode(received["message"]["data"]))
            for received in (call["response"] or {}).get("receivedMessages", [])]


with open(sys.argv[1]) as file:
    brought = sum(len(events(json.loads(line))) for line in file)
report(
    sys.argv[1], more=f"{brought} events, ",
    faults=lambda call: faults(call) or next(filter(None, map(event_faults, events(call))), None))
