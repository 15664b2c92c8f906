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
class Cut:
    """The texts cut by the modes of one ``level``, ``modes`` in number, which ``placed`` of the facet's texts are in.

    ``effective_modes`` is the Hill number of order 1 of those texts (no interval where one prompt has them all),
    ``half_in`` the fewest modes that half of the facet's texts are in (None where all of them hold less).
    """

    level: int
    modes: int
    placed: float
    effective_modes: Estimate
    half_in: int | None


@dataclass(frozen=True)
class CensusFacet:
    """One facet of the corpus: ``texts`` take part in it, the most frequent mode of ``modes`` comes first.

    ``cuts`` are the finest ones: a level with more modes than the one before, and hardly a text less in them, is taken
    for a finer cut of the same.
    """

    name: str
    texts: int
    cuts: Sequence[Cut]
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
