"""Word frequencies behind counts: a mixture of Pitman–Yor processes and its posterior (Pitman & Yor 1997).

One discount and strength do not fit prompts of which some have one favourite word and others none. Each node has its
own pair, drawn from a distribution over a grid whose weights are fitted by maximum likelihood (Kiefer & Wolfowitz
1956; by EM, with one node's worth of equal weights added). Negative discounts are symmetric Dirichlets over finitely
many words: the grid reaches from a single sure word to nearly equal ones.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from scipy import special

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

NEW_WORDS = 60
"""Unseen words that a posterior draw may hold: stick-breaking beyond that leaves little."""

_HEAVY = [(d, s) for d in (0.0, 0.2, 0.4, 0.6, 0.8, 0.92) for s in (0.1, 0.3, 1.0, 3.0, 10.0, 30.0, 100.0)]
_COUNTS = (2, 3, 4, 5, 7, 10, 14, 20, 28, 40, 56, 80, 110, 160, 300)
_FINITE = [(-a, a * words) for a in (0.5, 3.0, 20.0, 200.0) for words in _COUNTS]
GRID = np.array(_HEAVY + _FINITE)
"""Pairs of discount and strength, shape ``(pairs, 2)``."""

Mixture = Floats
"""Weights over ``GRID``."""


def mixture(samples: Sequence[Ints]) -> Mixture:
    """Weights fitted to the counts of the words seen at each node; equal ones where there is no node."""
    weights: Mixture = np.full(len(GRID), 1 / len(GRID))
    if not len(samples):
        return weights
    log_likelihood = np.array([log_probability(counts) for counts in samples])
    likelihood = np.exp(log_likelihood - log_likelihood.max(1, keepdims=True))
    for _ in range(60):
        shares = likelihood * weights
        shares /= shares.sum(1, keepdims=True)
        weights = (shares.sum(0) + 1 / len(GRID)) / (len(samples) + 1)
    return weights


def posterior(weights: Mixture, seen: Ints, draws: int, rng: np.random.Generator) -> Floats:
    """Draws of p given counts of the words seen: shape ``(draws, words + NEW_WORDS)``; rows sum to one."""
    log_shares = np.log(weights) + log_probability(seen)
    shares = np.exp(log_shares - log_shares.max())
    discount, strength = GRID[rng.choice(len(GRID), size=draws, p=shares / shares.sum())].T[:, :, None]
    words = len(seen)
    order = np.arange(1, NEW_WORDS + 1)
    sticks = rng.beta(1 - discount, np.maximum(strength + discount * (words + order), 1e-9))
    left = np.cumprod(np.column_stack([np.ones(draws), 1 - sticks[:, :-1]]), axis=1)
    unseen = sticks * left
    unseen /= np.maximum(unseen.sum(1, keepdims=True), 1e-300)
    if not words:
        return np.asarray(unseen)
    alpha = np.column_stack([seen - discount, strength + discount * words])
    mass = rng.standard_gamma(np.maximum(alpha, 1e-3))
    mass /= mass.sum(1, keepdims=True)
    p: Floats = np.column_stack([mass[:, :-1], mass[:, -1:] * unseen])
    p /= p.sum(1, keepdims=True)
    return p


def escort(p: Floats, beta: float) -> Floats:
    """q ∝ p^β by rows; the likeliest word alone at infinity."""
    if np.isinf(beta):
        return np.asarray(np.eye(p.shape[1])[p.argmax(1)])
    log_q = beta * np.log(np.maximum(p, 1e-300))
    q = np.exp(log_q - log_q.max(1, keepdims=True))
    scaled: Floats = q / q.sum(1, keepdims=True)
    return scaled


def log_probability(counts: Ints) -> Floats:
    """Log exchangeable partition probability of the counts (Pitman 1995) under each pair of ``GRID``."""
    n, words = int(counts.sum()), len(counts)
    if not words:
        return np.zeros(len(GRID))
    discount, strength = GRID.T
    # A finite process has no further word once all of its words are seen: log 0.
    tables = np.log(np.maximum(strength[:, None] + discount[:, None] * np.arange(1, words), 1e-300)).sum(1)
    rest = special.gammaln(counts[None] - discount[:, None]).sum(1) - words * special.gammaln(1 - discount)
    value: Floats = tables + rest - special.gammaln(strength + n) + special.gammaln(strength + 1)
    return value
