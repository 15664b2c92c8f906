"""What a sample of this size could have shown."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

_POWER_80 = 2.8
"""Standard errors between the null and an alternative that is found four times in five at a two-sided 5%."""


def minimum_detectable(standard_error: Floats) -> Floats:
    """Smallest change of a share found with power .8 at 5%, given the standard errors of the difference."""
    return _POWER_80 * standard_error


def loss_upper_bound(base_share: Floats, new_share: Floats, standard_error: Floats) -> Floats:
    """One-sided 95% upper bound on the loss of share, base − new."""
    bound: Floats = base_share - new_share + 1.645 * standard_error
    return bound


def samples_needed(standard_error: float, margin: float, samples: float) -> int:
    """Samples per prompt and side at which a loss of ``margin`` is detectable, from the error at ``samples``.

    Never fewer than one more than there are.
    """
    factor = (_POWER_80 * standard_error / margin) ** 2
    return max(math.floor(samples) + 1, math.ceil(samples * factor))
