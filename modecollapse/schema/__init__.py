"""The JSON Schema of a report, as a file for programs that are not written in Python."""

from __future__ import annotations

import json
from importlib import resources
from typing import Any

NAME = "report-1.schema.json"


def shipped() -> dict[str, Any]:
    """The schema in the package."""
    document: dict[str, Any] = json.loads((resources.files(__name__) / NAME).read_text(encoding="utf-8"))
    return document


def generated() -> dict[str, Any]:
    """The schema that the dataclasses of ``modecollapse.report`` have now.

    Unknown fields are allowed, and a field with a default is not required: additions keep the version.
    """
    from modecollapse.report import SCHEMA_VERSION, json_schema

    definitions = json_schema()["$defs"]
    whole = definitions["Report"]
    whole["properties"]["schema_version"] = {"type": "integer", "const": SCHEMA_VERSION}
    whole["required"] = ["schema_version", *whole["required"]]
    document = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "modecollapse report",
        "$ref": "#/$defs/Report",
        "$defs": dict(sorted(definitions.items())),
    }
    plain: dict[str, Any] = json.loads(json.dumps(document))
    return plain
