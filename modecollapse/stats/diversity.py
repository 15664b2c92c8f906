"""How many modes there are in effect."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


def hill_number(shares: Floats) -> Floats:
    """Hill number of order 1 (Hill 1973): exp of the Shannon entropy of ``shares`` along the last axis."""
    total = shares.sum(-1, keepdims=True)
    p = shares / np.where(total > 0, total, 1)
    with np.errstate(divide="ignore", invalid="ignore"):
        terms = np.where(p > 0, p * np.log(p), 0.0)
    number: Floats = np.exp(-terms.sum(-1))
    return number


def hill_interval(counts: NDArray[np.int64], resamples: int, seed: int) -> tuple[float, float, float]:
    """Hill number of pooled mode counts with a 95% interval by the bootstrap over prompts.

    ``counts`` has shape ``(prompts, modes)``. Returns (value, low, high).
    """
    value = float(hill_number(counts.sum(0).astype(float)))
    rng = np.random.default_rng(seed)
    picks = rng.multinomial(len(counts), np.full(len(counts), 1 / len(counts)), size=resamples)
    low, high = np.quantile(hill_number((picks @ counts).astype(float)), [0.025, 0.975])
    return value, float(min(low, value)), float(max(high, value))
