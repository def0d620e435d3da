"""Documents as JSON schemas see them: YAML by its core words, keys as text."""
import json
import os
import re

import jsonschema
import yaml

from lib import ROOT


class Loader(yaml.SafeLoader):
    """YAML 1.2's core words: yes, no, on and off are text, as in the flow language; keys are
    text."""


Loader.yaml_implicit_resolvers = {}
Loader.add_implicit_resolver("tag:yaml.org,2002:null", re.compile(r"^(~|null|)$"), ["~", "n", ""])
Loader.add_implicit_resolver("tag:yaml.org,2002:bool", re.compile(r"^(true|false)$"), ["t", "f"])
Loader.add_implicit_resolver(
    "tag:yaml.org,2002:int", re.compile(r"^-?(0|[1-9][0-9]*)$"), list("-0123456789")
)
Loader.add_implicit_resolver(
    "tag:yaml.org,2002:float", re.compile(r"^-?[0-9]+\.[0-9]+$"), list("-0123456789")
)


def text_keys(node):
    if isinstance(node, dict):
        return {
            str(k).lower() if isinstance(k, bool) else str(k): text_keys(v) for k, v in node.items()
        }
    return [text_keys(v) for v in node] if isinstance(node, list) else node


def document(text):
    """As drydial reads it: what is JSON as JSON, the rest as YAML."""
    try:
        return json.loads(text)
    except ValueError:
        return text_keys(yaml.load(text, Loader))


def validator(path):
    """`path` from the root; what a schema refers to lies beside it."""
    full = os.path.join(ROOT, path)
    with open(full, encoding="utf-8") as file:
        schema = json.load(file)
    jsonschema.Draft7Validator.check_schema(schema)
    return jsonschema.Draft7Validator(
        schema, resolver=jsonschema.RefResolver("file://" + full, schema)
    )
