"""The census: what ``modes`` returns."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from modecollapse.report import CorpusSummary, Estimate, Example, ReportWarning, Share, encode

SCHEMA_VERSION = 1


@dataclass(frozen=True)
class CensusMode:
    """One mode: its share of the facet's texts, and the ``prompts`` that have it.

    ``level`` and ``parent`` place it among the granularities of its facet: modes of one level exclude each other.
    ``stability``, from 0 to 1, is how well the mode is found again in half of the texts (None where it is not learnt
    from their likeness). ``examples`` are from different prompts where there are several.
    """

    id: str
    label: str
    description: str
    level: int
    parent: str | None
    share: Share
    prompts: int
    stability: float | None
    examples: Sequence[Example]


@dataclass(frozen=True)
class CensusFacet:
    """One facet of the corpus: ``texts`` take part in it, the most frequent mode of ``modes`` comes first.

    ``finest`` is the level with the most modes, which the next two describe: ``effective_modes`` (Hill number of order
    1) and ``half_in``, the fewest modes that half of the texts are in (None where all together hold less).
    """

    name: str
    texts: int
    finest: int
    effective_modes: Estimate
    half_in: int | None
    modes: Sequence[CensusMode]


@dataclass(frozen=True, kw_only=True)
class Census:
    """The modes of one corpus. Only ``provenance`` and line numbers may differ between two runs on the same rows."""

    schema_version: int = SCHEMA_VERSION
    headline: str
    corpus: CorpusSummary
    facets: Sequence[CensusFacet]
    warnings: Sequence[ReportWarning]
    config: Mapping[str, Any]
    provenance: Mapping[str, Any]

    def to_json(self, indent: int | None = 2) -> str:
        """The census as JSON in a stable order, without NaN."""
        return encode(self, indent)
