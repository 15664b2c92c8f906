"""What was found, before it is put into a report."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from modecollapse.judgement.evidence import FacetEvidence, TreeEvidence
from modecollapse.judgement.movement import Movement
from modecollapse.labelling import Labelled
from modecollapse.pairing import Side
from modecollapse.report import Evidence, Verdict
from modecollapse.stats import equivalence
from modecollapse.stats.exchangeability import Dependence


@dataclass(frozen=True)
class Finding:
    """A facet's verdict with its reason codes."""

    verdict: Verdict
    reasons: tuple[str, ...] = ()

    @property
    def of_missing_modes(self) -> bool:
        """Whether it rests on modes that are missing, and on nothing that came up or was replaced."""
        return set(self.reasons) <= {"vanished", "thinned", "temperature-ruled-out"}

    @property
    def of_a_rise(self) -> bool:
        """Whether it rests on nothing but a mode that was there and grew."""
        return set(self.reasons) == {"dominates"}


@dataclass(frozen=True)
class Judged:
    """One facet, weighed and judged. ``p_value`` is that of *any change*, Holm-adjusted over the facets.

    ``rests_on`` names the evidence that settled the finding. ``ladder`` is that against the base at the new corpus's
    own temperature, ``recovery`` what came back in the reheated corpus, ``reach`` 95% bounds of each mode's share among
    elicited rows, each of shape ``(modes,)``; ``samples_factor`` how many times the samples would settle what is open.
    """

    labelled: Labelled
    evidence: FacetEvidence
    finding: Finding
    p_value: float
    caused_by: str | None = None
    rests_on: Evidence = Evidence.TEXT
    ladder: FacetEvidence | None = None
    recovery: equivalence.Recovery | None = None
    reach: tuple[NDArray[np.float64], NDArray[np.float64]] | None = None
    samples_factor: float | None = None


@dataclass(frozen=True)
class Unlike:
    """A mode of which new texts and reheated ones differ as no heat explains: the two are hardly of one model."""

    facet: str
    mode: int
    new_share: float
    reheated_share: float
    everywhere: bool
    """Whether the reheated corpus settles nothing for that; else it settles nothing of this facet."""


@dataclass(frozen=True)
class Judgement:
    """All that the report is made from. ``unlike`` says why the reheated corpus proves nothing, if that is so."""

    tree: TreeEvidence
    movement: Movement
    betas: tuple[float, float, float]
    facets: Mapping[str, Judged]
    dependence: Mapping[Side, Dependence] = field(default_factory=dict)
    unlike: Unlike | None = None
