"""Single traces: new texts that pile up on words the base does not favour.

A model trained with large steps on one sample per prompt repeats that sample. The collision plane can't see it: a
trace is one draw from p, so on average Cpq = Cpp, as at the boundary of an escort. But an escort that concentrates
does so on the base's *most common* words. The statistic is the unsupported concentration

    U = Σ_prompts Σ_w [m_w(m_w−1) / M(M−1)] · log((max n + ½) / (n_w + ½)),

large where new texts agree on words that are not the base's favourites. Null hypothesis: q ∝ p^β in every prompt, each
prompt at the β that makes its U largest on average. Null distribution by simulation: p from a mixture of Pitman–Yor
posteriors given the base's counts (``stats.pitman_yor``), then fresh base and new counts.

That null rests on p, which a few texts hardly tell where several words are nearly as likely. A second statistic does
without it: every escort with β > 0 keeps the order of the words, so the clear favourite w of the new texts must be the
base's likeliest word. R sums log((max n + ½) / (n_w + ½)) over prompts with a clear favourite; in its null, w is pooled
with the words that exceed it in the posterior draw of p: a tie, the least favourable case.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from modecollapse.counts import Nodes
from modecollapse.stats import pitman_yor

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

BETAS = (1.0, 1.5, 2.5, 4.0, 8.0, np.inf)
"""Sharpenings the null allows each prompt, up to greedy decoding."""

_MOST_NODES = 150
"""Nodes simulated: the null needs no more, and time must not grow with the corpus."""


_CLEAR = 0.6
"""A word with this share of a node's new texts is their favourite for sure enough."""


@dataclass(frozen=True)
class Unsupported:
    """U and R with their null means and deviations, summed over nodes."""

    value: float
    null_mean: float
    null_deviation: float
    reversal: float
    null_reversal: float
    null_reversal_deviation: float

    @property
    def z(self) -> float:
        """U in standard deviations above its null."""
        return (self.value - self.null_mean) / self.null_deviation if self.null_deviation > 0 else 0.0

    @property
    def reversal_z(self) -> float:
        """R in standard deviations above its null."""
        if self.null_reversal_deviation <= 0:
            return 0.0
        return (self.reversal - self.null_reversal) / self.null_reversal_deviation


def unsupported_concentration(nodes: Nodes, draws: int, seed: int) -> Unsupported:
    """U and R over ``nodes`` (those of one depth, so that no text counts twice in a node's own words)."""
    base_total, new_total = nodes.totals()
    usable = np.flatnonzero((base_total >= 2) & (new_total >= 2))
    chosen = np.sort(np.random.default_rng(seed).permutation(usable)[:_MOST_NODES])
    keep = np.zeros(len(nodes), dtype=bool)
    keep[chosen] = True
    nodes = nodes.take(keep)
    groups = np.split(np.arange(len(nodes.node)), np.flatnonzero(np.diff(nodes.node)) + 1) if len(nodes) else []
    counts = [(nodes.base[group], nodes.new[group]) for group in groups]
    weights = pitman_yor.mixture([base[base > 0] for base, _ in counts])
    results = []
    for index, (base, new) in enumerate(counts):
        rng = np.random.default_rng([seed, index])
        p = pitman_yor.posterior(weights, base[base > 0], draws, rng)
        results.append((*_concentration(base, new, p, rng), *_reversal(base, new, p, rng)))
    value, mean, variance, reversal, null_reversal, reversal_variance = np.array(results).reshape(-1, 6).sum(0).tolist()
    return Unsupported(value, mean, variance**0.5, reversal, null_reversal, reversal_variance**0.5)


def _concentration(base: Ints, new: Ints, p: Floats, rng: np.random.Generator) -> tuple[float, float, float]:
    """One node's U, and its mean and variance at the worst β."""
    n, m = int(base.sum()), int(new.sum())
    fresh_base = rng.multinomial(n, p)
    worst_mean, worst_variance = 0.0, 0.0
    for beta in BETAS:
        simulated = _statistic(fresh_base, rng.multinomial(m, pitman_yor.escort(p, beta)))
        if simulated.mean() >= worst_mean:
            worst_mean, worst_variance = float(simulated.mean()), float(simulated.var())
    return float(_statistic(base[None], new[None])[0]), worst_mean, worst_variance


def _reversal(base: Ints, new: Ints, p: Floats, rng: np.random.Generator) -> tuple[float, float, float]:
    """One node's R, and its mean and variance where the new favourite is the base's likeliest; zeros if unclear."""
    favourite = int(new.argmax())
    if new[favourite] < _CLEAR * new.sum() or new.sum() < 4:
        return 0.0, 0.0, 0.0
    known = int((base > 0).sum())
    at = np.full(len(p), int((base[:favourite] > 0).sum()))
    if base[favourite] == 0:
        at = known + p[:, known:].argmax(1)
    fresh = rng.multinomial(int(base.sum()), _favouring(p, at))
    simulated = np.log((fresh.max(1) + 0.5) / (fresh[np.arange(len(p)), at] + 0.5))
    observed = np.log((base.max() + 0.5) / (base[favourite] + 0.5))
    return float(observed), float(simulated.mean()), float(simulated.var())


def _favouring(p: Floats, at: Ints) -> Floats:
    """Each row of ``p`` with no word above the one ``at``: that word is pooled with the likelier ones."""
    row = np.arange(len(p))
    others = p.copy()
    others[row, at] = np.inf
    ordered = -np.sort(-others, axis=1)
    ordered[:, 0] = p[row, at]
    level = (np.cumsum(ordered, axis=1) / np.arange(1, p.shape[1] + 1)).max(1)
    pooled = np.minimum(p, level[:, None])
    pooled[row, at] = level
    scaled: Floats = pooled / pooled.sum(1, keepdims=True)
    return scaled


def _statistic(base: Ints, new: Ints) -> Floats:
    """U of one node; ``base`` and ``new`` have shape ``(draws, words)``."""
    m = new.sum(1, keepdims=True)
    agree = new * (new - 1) / (m * (m - 1))
    unlikely = np.log((base.max(1, keepdims=True) + 0.5) / (base + 0.5))
    total: Floats = (agree * unlikely).sum(1)
    return total
