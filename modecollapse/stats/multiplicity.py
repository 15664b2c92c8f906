"""Many tests, one error rate."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


def holm(p_values: Floats) -> Floats:
    """Family-wise adjusted p-values (Holm 1979), same shape."""
    from statsmodels.stats.multitest import multipletests

    if len(p_values) == 0:
        return p_values
    adjusted: Floats = multipletests(p_values, method="holm")[1]
    return adjusted


def false_discovery(p_values: Floats) -> Floats:
    """q-values (Benjamini & Hochberg 1995), same shape."""
    from scipy.stats import false_discovery_control

    if len(p_values) == 0:
        return p_values
    q: Floats = false_discovery_control(np.clip(p_values, 0, 1))
    return q
