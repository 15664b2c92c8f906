"""Is the order in which a model favours words still the same?

Null hypothesis: at every node, whatever word the base gives more probability than another one, the new model gives no
less. Every escort with β > 0 keeps that order, up to greedy decoding, and so does every truncation (top-p, top-k,
min-p): so a reversal is beyond all temperatures, and samples of a single prompt can show it. A model that was
retrained reverses words that are nearly as likely; by itself it is no loss.

For a pair of words each side is a sign test of the texts that say either; a reversal takes both (intersection-union:
Berger 1982, "Multiparameter hypothesis testing and acceptance sampling"). Over all pairs at all nodes Bonferroni's
factor counts those alone that have texts enough to show anything (Tarone 1990, "A modified Bonferroni method for
discrete data").
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy import special

from modecollapse.counts import Nodes

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

_MOST_WORDS = 200
"""Of a node, the commonest of either side: rarer ones show nothing."""


def reversal(nodes: Nodes, alpha: float) -> float:
    """The p-value, adjusted for the number of pairs that could be told from chance at ``alpha``; 1 without nodes."""
    found = [_pairs(nodes.base[of], nodes.new[of]) for of in _groups(nodes)]
    if not found:
        return 1.0
    p_values, least = (np.concatenate(parts) for parts in zip(*found, strict=True))
    least = np.sort(least)
    tellable = np.searchsorted(least, alpha / np.arange(1, len(least) + 2), "right")
    factor = int(np.flatnonzero(tellable <= np.arange(1, len(least) + 2))[0]) + 1
    return float(min(1.0, factor * p_values.min(initial=1.0)))


def _groups(nodes: Nodes) -> list[Ints]:
    return np.split(np.arange(len(nodes.node)), np.flatnonzero(np.diff(nodes.node)) + 1) if len(nodes) else []


def _pairs(base: Ints, new: Ints) -> tuple[Floats, Floats]:
    """Per pair of words, the one before the other in the base: p-value, and the least that it could be."""
    common = np.argsort(-np.maximum(base, new), kind="stable")[:_MOST_WORDS]
    base, new = base[common], new[common]
    here, there = np.meshgrid(np.arange(len(base)), np.arange(len(base)), indexing="ij")
    here, there = here[here != there], there[here != there]
    before, after = _sign_test(base[here], base[there]), _sign_test(new[there], new[here])
    totals = np.minimum(base[here] + base[there], new[here] + new[there])
    return np.maximum(before, after), 0.5**totals


def _sign_test(more: Ints, less: Ints) -> Floats:
    """One-sided p-values of *more is not the likelier one*, given the texts of both."""
    found: Floats = np.where(more > 0, special.betainc(np.maximum(more, 1), less + 1.0, 0.5), 1.0)
    return found
