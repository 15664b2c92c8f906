"""Single traces: new texts that pile up on words the base does not favour.

A model trained with large steps on one sample per prompt repeats that sample. The collision plane can't see it: a
trace is one draw from p, so on average Cpq = Cpp, as at the boundary of an escort. But an escort that concentrates
does so on the base's *most common* words. The statistic is the unsupported concentration

    U = Σ_prompts Σ_w [m_w(m_w−1) / M(M−1)] · log((max n + ½) / (n_w + ½)),

large where new texts agree on words that are not the base's favourites. Null hypothesis: q ∝ p^β in every prompt, each
prompt at the β that makes its U largest on average. Null distribution by simulation: p from a Pitman–Yor posterior
given the base's counts (Pitman & Yor 1997; its parameters by maximum likelihood), then fresh base and new counts.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import special

from modecollapse.counts import Nodes

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

BETAS = (1.0, 1.5, 2.5, 4.0, 8.0, 60.0)
"""Sharpenings the null allows each prompt, up to greedy decoding."""

_NEW_ATOMS = 60
"""Unseen words a posterior draw may hold: stick-breaking beyond that leaves a negligible rest."""

_MOST_NODES = 300
"""Nodes simulated: the null needs no more, and time must not grow with the corpus."""


@dataclass(frozen=True)
class Unsupported:
    """U summed over nodes, its null mean and deviation, z, and the share of nodes that miss the base's favourite."""

    value: float
    null_mean: float
    null_deviation: float
    locked: float
    misses: float
    null_misses: float
    null_misses_deviation: float

    @property
    def z(self) -> float:
        """Standard deviations above the null."""
        return (self.value - self.null_mean) / self.null_deviation if self.null_deviation > 0 else 0.0

    @property
    def misses_z(self) -> float:
        """The same for locked nodes whose word is not the base's favourite, under greedy decoding."""
        if self.null_misses_deviation <= 0:
            return 0.0
        return (self.misses - self.null_misses) / self.null_misses_deviation


def unsupported_concentration(nodes: Nodes, draws: int, seed: int) -> Unsupported:
    """U over ``nodes`` (those of one depth, so that no text counts twice in a node's own words)."""
    base_total, new_total = nodes.totals()
    usable = np.flatnonzero((base_total >= 2) & (new_total >= 2))
    chosen = np.sort(np.random.default_rng(seed).permutation(usable)[:_MOST_NODES])
    keep = np.zeros(len(nodes), dtype=bool)
    keep[chosen] = True
    nodes = nodes.take(keep)
    groups = np.split(np.arange(len(nodes.node)), np.flatnonzero(np.diff(nodes.node)) + 1) if len(nodes) else []
    counts = [(nodes.base[group], nodes.new[group]) for group in groups]
    discount, strength = _pitman_yor([base[base > 0] for base, _ in counts])
    results = [
        _node(base, new, discount, strength, draws, np.random.default_rng([seed, index]))
        for index, (base, new) in enumerate(counts)
    ]
    table = np.array(results).reshape(-1, 7)
    value, mean, variance, open_node, locked, miss, null_miss = table.T
    is_open = open_node > 0
    locked_open = (locked > 0) & is_open
    return Unsupported(
        value=float(value.sum()),
        null_mean=float(mean.sum()),
        null_deviation=float(np.sqrt(variance.sum())),
        locked=float(locked_open.sum() / max(1, is_open.sum())),
        misses=float((miss * locked_open).sum()),
        null_misses=float((null_miss * locked_open).sum()),
        null_misses_deviation=float(np.sqrt((null_miss * (1 - null_miss) * locked_open).sum())),
    )


def _node(
    base: Ints, new: Ints, discount: float, strength: float, draws: int, rng: np.random.Generator
) -> tuple[float, float, float, float, float, float, float]:
    """One node: U, its mean and variance at the worst β, open, locked, missing the favourite, and that under greedy."""
    n, m = int(base.sum()), int(new.sum())
    p = _posterior(base[base > 0], discount, strength, draws, rng)
    fresh_base = rng.multinomial(n, p)
    worst_mean, worst_variance = 0.0, 0.0
    greedy_miss = 0.0
    for beta in BETAS:
        q = _escort(p, beta)
        simulated = _statistic(fresh_base, rng.multinomial(m, q))
        if simulated.mean() >= worst_mean:
            worst_mean, worst_variance = float(simulated.mean()), float(simulated.var())
    favourite = fresh_base.max(1)
    at_mode = np.take_along_axis(fresh_base, p.argmax(1)[:, None], 1)[:, 0]
    greedy_miss = float((at_mode < favourite).mean())
    observed = float(_statistic(base[None], new[None])[0])
    locked = float(new.max() >= 0.9 * m)
    miss = float(base[new.argmax()] < base.max())
    is_open = float(base.max() < 0.9 * n)
    return observed, worst_mean, worst_variance, is_open, locked, miss, greedy_miss


def _statistic(base: Ints, new: Ints) -> Floats:
    """U of one node; ``base`` and ``new`` have shape ``(draws, words)``."""
    m = new.sum(1, keepdims=True)
    agree = new * (new - 1) / (m * (m - 1))
    unlikely = np.log((base.max(1, keepdims=True) + 0.5) / (base + 0.5))
    total: Floats = (agree * unlikely).sum(1)
    return total


def _escort(p: Floats, beta: float) -> Floats:
    log_q = beta * np.log(np.maximum(p, 1e-300))
    q = np.exp(log_q - log_q.max(1, keepdims=True))
    scaled: Floats = q / q.sum(1, keepdims=True)
    return scaled


def _posterior(seen: Ints, discount: float, strength: float, draws: int, rng: np.random.Generator) -> Floats:
    """Draws of p given the counts of the words seen: shape ``(draws, words + _NEW_ATOMS)``; rows sum to one."""
    alpha = np.concatenate([seen - discount, [strength + discount * len(seen)]])
    weights = rng.dirichlet(np.maximum(alpha, 1e-3), size=draws)
    order = np.arange(1, _NEW_ATOMS + 1)
    sticks = rng.beta(1 - discount, strength + discount * (len(seen) + order), size=(draws, _NEW_ATOMS))
    left = np.cumprod(np.column_stack([np.ones(draws), 1 - sticks[:, :-1]]), axis=1)
    unseen = sticks * left
    unseen /= unseen.sum(1, keepdims=True)
    p: Floats = np.column_stack([weights[:, :-1], weights[:, -1:] * unseen])
    p /= p.sum(1, keepdims=True)
    return p


def _pitman_yor(samples: list[Ints]) -> tuple[float, float]:
    """Discount and strength with the largest likelihood of the counts, shared by all nodes, over a grid."""
    best, best_value = (0.25, 1.0), -np.inf
    for discount in (0.01, 0.1, 0.25, 0.4, 0.55, 0.7, 0.85):
        for strength in (0.1, 0.5, 1.0, 2.0, 5.0, 10.0, 25.0, 60.0):
            value = sum(_exchangeable_probability(counts, discount, strength) for counts in samples)
            if value > best_value:
                best, best_value = (discount, strength), value
    return best


def _exchangeable_probability(counts: Ints, discount: float, strength: float) -> float:
    """Log exchangeable partition probability of the counts (Pitman 1995)."""
    n, words = int(counts.sum()), len(counts)
    tables = np.log(strength + discount * np.arange(1, words)).sum()
    rest = special.gammaln(counts - discount).sum() - words * special.gammaln(1 - discount)
    return float(tables + rest - special.gammaln(strength + n) + special.gammaln(strength + 1))
