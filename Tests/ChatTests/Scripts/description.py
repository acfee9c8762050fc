"""What the scripts that hold calls against a vendor's description have in common."""
import json
import re

import jsonschema
import yaml


def loaded(path):
    """A description, in JSON or YAML."""
    with open(path) as file:
        if str(path).endswith(".json"):
            return json.load(file)
        return yaml.load(file, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))


def resolved(node, described):
    """What a reference stands for."""
    while isinstance(node, dict) and "$ref" in node:
        target = described
        for part in node["$ref"].removeprefix("#/").split("/"):
            target = target[part]
        node = target
    return node


def matching(template, path):
    """Whether a path is one of `/a/{b}/c`."""
    return re.fullmatch(re.sub(r"\{[^}]+\}", "[^/]+", template), path) is not None


def unknown_parameters(call, operation, described):
    """What is wrong with a query; nothing if it has only what is described."""
    known = {resolved(p, described)["name"] for p in operation.get("parameters", [])}
    unknown = sorted(set(call["query"]) - known)
    return f"has parameters that are not described: {unknown}" if unknown else None


def report(path, faults, more=""):
    """Calls `faults` with each line of a file of JSON, and prints what it finds wrong. It says so in
    words, or throws. The last line of the output counts."""
    count = wrong = 0
    with open(path) as file:
        for line in file:
            call = json.loads(line)
            count += 1
            try:
                why = faults(call)
            except jsonschema.ValidationError as error:
                causes = [cause.message[:200] for cause in error.context]
                why = f"{error.json_path}: {error.message[:400]} {causes}"
            if why:
                wrong += 1
                print(f"{call['method']} {call.get('path') or call['url']} {why}")
    print(f"{count} calls, {more}{wrong} do not fit")
