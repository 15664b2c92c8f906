"""Many tests, one error rate."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


def holm(p_values: Floats) -> Floats:
    """Family-wise adjusted p-values (Holm 1979), same shape."""
    order = np.argsort(p_values, kind="stable")
    adjusted = np.empty_like(p_values)
    adjusted[order] = np.maximum.accumulate(p_values[order] * np.arange(len(order), 0, -1)).clip(max=1)
    return adjusted


def false_discovery(p_values: Floats) -> Floats:
    """q-values (Benjamini & Hochberg 1995), same shape."""
    from scipy.stats import false_discovery_control

    if len(p_values) == 0:
        return p_values
    q: Floats = false_discovery_control(np.clip(p_values, 0, 1))
    return q
