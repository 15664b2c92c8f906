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

    ``stability``: see ``CensusMode``. Little is promised of modes that come and go with the sample.
    """

    id: str
    label: str
    description: str
    level: int
    base_share: Share
    stability: float | None
    outlooks: Sequence[ModeOutlook]


@dataclass(frozen=True)
class FacetOutlook:
    """``smallest_removal``: every *firm* mode with this share of the base or more is found when removed (None: not so).

    ``smallest_lost``: the same for removals that make the facet *lost*. ``found`` of the facet's modes would be found,
    removed completely, four times in five. ``samples_needed``: at which it would be the loss asked for, of every firm
    mode that holds so much (None: no number, or no such mode).
    """

    inverse_temperature: float
    found: int
    smallest_removal: float | None
    smallest_lost: float | None
    samples_needed: int | None


@dataclass(frozen=True)
class FacetPower:
    """One facet: its modes by falling share. ``firm`` of them are found again well enough to promise anything."""

    name: str
    firm: int
    outlooks: Sequence[FacetOutlook]
    modes: Sequence[ModePower]


@dataclass(frozen=True, kw_only=True)
class Power:
    """What a comparison with this base could reveal, with ``samples`` new texts per prompt, before they are drawn.

    ``loss`` is the loss, in share of the new texts, that ``samples_needed`` is about.
    """

    schema_version: int = SCHEMA_VERSION
    headline: str
    samples: int
    loss: float
    facets: Sequence[FacetPower]
    corpus: CorpusSummary
    warnings: Sequence[ReportWarning]
    config: Mapping[str, Any]
    provenance: Mapping[str, Any]

    def to_json(self, indent: int | None = 2) -> str:
        """The result as JSON in a stable order, without NaN."""
        return encode(self, indent)
