"""What ``power`` returns."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from modecollapse.report import CorpusSummary, ReportWarning, Share, encode

SCHEMA_VERSION = 1


@dataclass(frozen=True)
class ModeOutlook:
    """What could be seen of one mode if the new model were sharpened by ``inverse_temperature``.

    ``share`` is the share expected of the new texts if nothing is lost. ``removal_power``: how often its complete
    removal would be found, that is told as *thinned* or *vanished*; ``lost_power``: how often it would by itself make
    the facet *lost*, so that the default gate fails. ``smallest_loss``, in share of the new texts, is the smallest that
    is found four times in five (None: not even a complete removal is). ``samples_needed``: new samples per prompt at
    which the loss asked for is found so often, or, of a mode with a smaller share, its removal (None: no number does).
    """

    inverse_temperature: float
    share: float
    removal_power: float
    lost_power: float
    smallest_loss: float | None
    samples_needed: int | None


@dataclass(frozen=True)
class ModePower:
    """One mode of the base, with its outlooks: without sharpening, and under a strong one.

    A ``firm`` mode can be promised: it is found again in half of the texts (``stability``, see ``CensusMode``), and is
    not mostly the topic, persona or opening of one prompt, which could be answered otherwise without any of it lost.
    """

    id: str
    label: str
    description: str
    level: int
    base_share: Share
    prompts: int
    stability: float | None
    firm: bool
    outlooks: Sequence[ModeOutlook]


@dataclass(frozen=True)
class FacetOutlook:
    """What could be seen in one facet.

    ``found`` of the modes would be found, if removed, four times in five. ``smallest_removal``: every *firm* mode with
    this share of the base or more is among them (None: no such share); ``smallest_lost``: would make the facet *lost*.
    ``samples_needed``: new samples per prompt at which the loss asked for is found of every firm mode that holds so
    much (None: no number, or no such mode).
    """

    inverse_temperature: float
    found: int
    smallest_removal: float | None
    smallest_lost: float | None
    samples_needed: int | None


@dataclass(frozen=True)
class FacetPower:
    """One facet: its modes by falling share, ``firm`` of which can be promised."""

    name: str
    firm: int
    outlooks: Sequence[FacetOutlook]
    modes: Sequence[ModePower]


@dataclass(frozen=True, kw_only=True)
class Power:
    """What a comparison with this base could reveal, with ``samples`` new texts per prompt, before they are drawn.

    ``samples_needed`` is about ``loss``, in share of the new texts. ``temperature_known``: whether the base is large
    enough for a comparison to tell a temperature, without which none of its losses is told for certain.
    """

    schema_version: int = SCHEMA_VERSION
    headline: str
    samples: int
    loss: float
    temperature_known: bool
    facets: Sequence[FacetPower]
    corpus: CorpusSummary
    warnings: Sequence[ReportWarning]
    config: Mapping[str, Any]
    provenance: Mapping[str, Any]

    def to_json(self, indent: int | None = 2) -> str:
        """The result as JSON in a stable order, without NaN."""
        return encode(self, indent)
