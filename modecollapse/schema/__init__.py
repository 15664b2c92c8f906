"""The JSON Schemas of what the program writes, as files for programs that are not written in Python."""

from __future__ import annotations

import json
from collections.abc import Mapping
from importlib import import_module, resources
from typing import Any

WRITTEN: Mapping[str, tuple[str, str]] = {
    "report": ("modecollapse.report", "Report"),
    "modes": ("modecollapse.results.census", "Census"),
    "temperature": ("modecollapse.results.temperature", "TemperatureReport"),
    "power": ("modecollapse.results.power", "Power"),
}
"""Each document, and the module and class that it is the JSON of."""


def file_name(document: str) -> str:
    """The file of a document's schema, with the version that it describes."""
    return f"{document}-{import_module(WRITTEN[document][0]).SCHEMA_VERSION}.schema.json"


def shipped(document: str = "report") -> dict[str, Any]:
    """The schema in the package."""
    text = (resources.files(__name__) / file_name(document)).read_text(encoding="utf-8")
    schema: dict[str, Any] = json.loads(text)
    return schema


def generated(document: str = "report") -> dict[str, Any]:
    """The schema that the dataclasses have now.

    Unknown fields are allowed, and a field with a default is not required: additions keep the version.
    """
    import msgspec

    module, name = import_module(WRITTEN[document][0]), WRITTEN[document][1]
    definitions = msgspec.json.schema(getattr(module, name))["$defs"]
    whole = definitions[name]
    whole["properties"]["schema_version"] = {"type": "integer", "const": module.SCHEMA_VERSION}
    whole["required"] = ["schema_version", *whole["required"]]
    schema = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": f"modecollapse {document}",
        "$ref": f"#/$defs/{name}",
        "$defs": dict(sorted(definitions.items())),
    }
    plain: dict[str, Any] = json.loads(json.dumps(schema))
    return plain
