"""In which ways a facet lost modes, and whether a mode came up that the base hardly knew."""

from __future__ import annotations

import numpy as np

from modecollapse.judgement.evidence import FacetEvidence, Settings
from modecollapse.judgement.modes import share_interval, vanished

RARE = 0.02
ACROSS = 3
"""Prompts that it takes to see a mode across prompts."""


def losses(evidence: FacetEvidence, settings: Settings) -> tuple[str, ...]:
    """Reason codes of each way in which the facet lost modes."""
    reasons = []
    if evidence.taken_over:
        reasons.append("taken-over")
    if any(vanished(evidence, int(mode)) for mode in np.flatnonzero(evidence.gone)):
        reasons.append("vanished")
    gone, tolerance = evidence.gone, settings.tolerance
    halved = evidence.new_share[gone].sum() < 0.5 * evidence.prediction.low[gone].sum()
    gave_way = evidence.lost_share(displaced=True) > tolerance and evidence.gained_share() > tolerance
    thinned = (evidence.lost_share() > tolerance and halved) or evidence.halved_share() > tolerance
    if thinned or (gave_way and _redirected(evidence)):
        reasons.append("thinned")
    return tuple(reasons)


def _redirected(evidence: FacetEvidence) -> bool:
    if evidence.direction is None:
        return False
    return bool(evidence.plane.qq.mean() > evidence.plane.pp.mean() and evidence.direction < 0.25)


def dominates(evidence: FacetEvidence) -> bool:
    """One mode stands for half of all new rows, far beyond prediction, where the base was spread."""
    takers = np.zeros(len(evidence.grown), dtype=bool)
    takers[evidence.taken_over] = True
    takers |= evidence.grown & evidence.traits.telling & (evidence.base_share <= 0.25)
    return bool((evidence.new_share[takers] >= 0.5).any())


def surely_rare_in_base(evidence: FacetEvidence, part: float = 0.0) -> bool:
    """A mode that took over, across prompts, is not just rare in the base, but not met at all or surely rare.

    Of those that have such a ``part`` of the new texts. Not one word of thousands: near zero a rare one may come up.
    """
    base, _ = evidence.table.by_mode()
    rows = int(evidence.table.base.sum())
    modes = [mode for mode in evidence.taken_over if not evidence.traits.catchword[mode]]
    counts = [int(base[:, mode].sum()) for mode in modes if evidence.new_share[mode] >= part]
    rare = any(count == 0 or share_interval(count, rows)[1] < RARE for count in counts)
    return rare and evidence.table.n_prompts >= ACROSS


def overwhelming(evidence: FacetEvidence) -> bool:
    """Half of all new texts or more, across prompts, are of a mode that the base hardly has, if at all."""
    return surely_rare_in_base(evidence, 0.5)


def unheard_of(evidence: FacetEvidence) -> bool:
    """Half of all new texts or more are of modes that took over and of which the base has no text."""
    base, _ = evidence.table.by_mode()
    caught = evidence.traits.catchword
    new_ones = [mode for mode in evidence.taken_over if base[:, mode].sum() == 0 and not caught[mode]]
    unmet = np.zeros_like(evidence.new_share)
    unmet[new_ones] = evidence.new_share[new_ones]
    return evidence.most(unmet) >= 0.5
