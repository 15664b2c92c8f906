"""One cause, told once: a facet whose loss is mostly that of another facet's mode only follows from it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from modecollapse.counts import CountTable
from modecollapse.judgement.base import Judged
from modecollapse.judgement.evidence import FacetEvidence, shares
from modecollapse.judgement.movement import LOST_OPENINGS, Movement
from modecollapse.judgement.weighing import count
from modecollapse.pairing import Pair
from modecollapse.report import Verdict

Bools = NDArray[np.bool_]

_WEIGHT_OF_CAUSE = {"language": 2.0, "opening": 2.0}
"""A language or an opening explains a topic sooner than the reverse, unless the topic took twice as many rows."""

_ONE_PHRASE = 0.25
"""A phrase that took less than this share of all rows is one trace among several, not the cause."""

_LEAST_CAUSE = 0.05
"""A mode that moved by less than this part of all rows explains no other facet."""

_OWN_LOSS = 0.25
"""A facet that keeps less than this part of its loss without another facet's mode has no loss of its own."""

_LOSSES = (Verdict.LOST, Verdict.COLLAPSED)
_MOVED = (*_LOSSES, Verdict.SHIFTED)


def traced(
    judged: dict[str, Judged], pair: Pair, compared: Bools, moved: Movement, replaced_beside: Callable[[Bools], bool]
) -> dict[str, Judged]:
    """One cause, told once: a facet whose loss is mostly that of another facet's mode only follows.

    Modes that took over come first: what made room for them was not lost by itself. ``replaced_beside`` says of some
    rows whether their first words are replaced as well.
    """
    takers = _culprits(judged, _taken)
    traces = "opening" in takers and LOST_OPENINGS[Movement.TRACES] in judged["opening"].finding.reasons
    if traces and takers["opening"].distance < _ONE_PHRASE:
        # Many traces and no one phrase: whatever else moved, moved because the texts are copies.
        return {name: _copied(name, facet) for name, facet in judged.items()}
    found = dict(judged)
    for culprits in (takers, _culprits(judged, _gone)):
        stronger: set[str] = set()
        for cause in sorted(culprits, key=lambda name: -culprits[name].distance * _WEIGHT_OF_CAUSE.get(name, 1.0)):
            if found[cause].caused_by:
                continue
            stronger.add(cause)
            source, culprit = judged[cause].labelled, culprits[cause]
            mode = culprit.mode
            others = ~np.isin(source.labels[:, source.levels[mode]], culprit.modes)
            for name, facet in found.items():
                may_follow = facet.finding.verdict in _MOVED and not facet.caused_by and name not in stronger
                if not may_follow or _left_without(facet, pair, compared, others) >= _OWN_LOSS:
                    continue
                if name != "opening" or moved not in LOST_OPENINGS or not replaced_beside(others):
                    found[name] = replace(facet, caused_by=f"{cause}:{source.modes[mode].id}")
    return found


def _copied(name: str, facet: Judged) -> Judged:
    follows = name != "opening" and facet.finding.verdict in _MOVED
    return replace(facet, caused_by="opening:single-traces") if follows else facet


@dataclass(frozen=True)
class _Culprit:
    """The ``mode`` of a facet that moved most, how far, and all ``modes`` of its level that moved far: its texts."""

    mode: int
    distance: float
    modes: NDArray[np.int64]


def _culprits(
    judged: Mapping[str, Judged], moved: Callable[[FacetEvidence], NDArray[np.float64]]
) -> dict[str, _Culprit]:
    """What ``moved`` in each facet that is lost; no facet in which nothing did.

    One topic that took over may be several clusters: what is left without one of them would still look changed.
    """
    found = {}
    for name, facet in judged.items():
        if facet.finding.verdict in _LOSSES and name != "degeneration":
            distance = moved(facet.evidence)
            if distance.max(initial=0.0) > _LEAST_CAUSE:
                mode, levels = int(distance.argmax()), facet.labelled.levels
                modes = np.flatnonzero((distance > _LEAST_CAUSE) & (levels == levels[mode]))
                found[name] = _Culprit(mode, float(distance.max()), modes)
    return found


def _taken(evidence: FacetEvidence) -> NDArray[np.float64]:
    """How many rows each mode took beyond prediction, as a part of all: where the base hardly had it."""
    gain = evidence.new_share - evidence.prediction.high
    return np.where(evidence.grown & (evidence.base_share <= 0.25), gain, 0.0)


def _gone(evidence: FacetEvidence) -> NDArray[np.float64]:
    """How many rows each mode lost beyond prediction, as a part of all: one that left the others as they were."""
    lost = evidence.prediction.low - evidence.new_share
    alone = evidence.gone & (evidence.displaced_by < 0) & (evidence.base_share <= 0.5)
    return np.where(alone, lost, 0.0)


def _left_without(facet: Judged, pair: Pair, compared: Bools, others: Bools) -> float:
    """How much of a facet's change in shares is left among ``others``, as a part of all, weighted by new rows.

    Of the modes that are beyond prediction, where there are any: the others move by chance.
    """
    kept = compared & others & facet.labelled.member
    before = facet.evidence
    table = count(facet.labelled, pair, kept)
    if table.n_prompts == 0:
        return 0.0
    told = before.gone | before.grown
    told = told if told.any() else np.ones(len(told), dtype=bool)
    left = float(_beyond_chance(table)[told].max(initial=0.0)) * int(table.new.sum())
    moved = float(np.abs(before.new_share - before.base_share)[told].max(initial=0.0)) * int(before.table.new.sum())
    return left / max(1e-9, moved)


def _beyond_chance(table: CountTable) -> NDArray[np.float64]:
    """How far the share of each mode moved, less a standard error: of many modes some move by chance."""
    base, new = shares(table)
    n_base, n_new = max(1, int(table.base.sum())), max(1, int(table.new.sum()))
    share = np.minimum(1.0, (base * n_base + new * n_new) / (n_base + n_new))
    return np.asarray(np.abs(new - base) - np.sqrt(share * (1 - share) * (1 / n_base + 1 / n_new)))
