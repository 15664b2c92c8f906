"""What was found, before it is put into a report."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from modecollapse.judgement.evidence import FacetEvidence, TreeEvidence
from modecollapse.judgement.movement import Movement
from modecollapse.judgement.verdict import Finding
from modecollapse.labelling import Labelled
from modecollapse.pairing import Side
from modecollapse.report import Evidence
from modecollapse.stats import equivalence
from modecollapse.stats.exchangeability import Dependence


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
