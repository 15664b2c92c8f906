"""The new model asked for what seems lost. A mode that it can still reach is lost from its own speech all the same."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from modecollapse.judgement.base import Finding, Judged, Judgement
from modecollapse.judgement.modes import share_interval
from modecollapse.pairing import Pair, Side
from modecollapse.second_opinion import questions

REACHABLE = 0.05
"""A mode is reachable where its share of the elicited rows is surely at least this, and not where it is surely less."""


def settle(pair: Pair, judgement: Judgement) -> Judgement:
    """``judgement`` with the bounds of each mode's share among elicited rows, and what they say of lost facets."""
    if not (pair.side == Side.ELICITED).any():
        return judgement
    return replace(judgement, facets={name: _settle(judged, pair) for name, judged in judgement.facets.items()})


def _settle(judged: Judged, pair: Pair) -> Judged:
    rows = (pair.side == Side.ELICITED) & judged.labelled.member
    low, high = _reach(judged, rows)
    judged = replace(judged, reach=(low, high))
    gone = judged.evidence.gone & judged.evidence.traits.stable
    if judged.finding.verdict not in questions.GONE or not gone.any():
        return judged
    reasons = list(judged.finding.reasons)
    if (low[gone] >= REACHABLE).any():
        reasons.append("reachable")
    elif (high[gone] < REACHABLE).all():
        reasons.append("not-reachable")
    return replace(judged, finding=Finding(judged.finding.verdict, tuple(reasons)))


def _reach(judged: Judged, rows: NDArray[np.bool_]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    labels, levels = judged.labelled.labels[rows], judged.labelled.levels
    counts = [int((labels[:, level] == mode).sum()) for mode, level in enumerate(levels.tolist())]
    bounds = np.array([share_interval(count, int(rows.sum())) for count in counts]).reshape(-1, 2)
    return bounds[:, 0], bounds[:, 1]
