"""What ``temperature`` returns."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from modecollapse.report import Corpora, ReportWarning, Temperature, encode

SCHEMA_VERSION = 1


@dataclass(frozen=True, kw_only=True)
class TemperatureReport:
    """How much sharper or flatter the new model is than its base: the temperature that a report of the pair holds.

    ``movement`` says how the first words moved (the words of ``modecollapse.judgement.verdict``).
    """

    schema_version: int = SCHEMA_VERSION
    headline: str
    movement: str
    temperature: Temperature
    corpora: Corpora
    warnings: Sequence[ReportWarning]
    config: Mapping[str, Any]
    provenance: Mapping[str, Any]

    def to_json(self, indent: int | None = 2) -> str:
        """The result as JSON in a stable order, without NaN."""
        return encode(self, indent)
