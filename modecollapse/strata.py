"""Rows in strata: where each stands among those of its own, and a part of them that is as large in each."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def places(strata: NDArray[np.integer], order: NDArray[np.number]) -> NDArray[np.int64]:
    """The place of each row, from 0, among those of its stratum when they are sorted by ``order``."""
    by_stratum = np.lexsort((order, strata))
    ordered = strata[by_stratum]
    found = np.empty(len(strata), dtype=np.int64)
    found[by_stratum] = np.arange(len(strata)) - np.searchsorted(ordered, ordered)
    return found


def thinned(strata: NDArray[np.integer], order: NDArray[np.number], most: int, fewest: int) -> NDArray[np.bool_]:
    """Which rows stay where about ``most`` may: the same part of each stratum, the first by ``order``.

    ``fewest`` of a stratum stay at least, if it has as many. Shape of ``strata``, which count from 0.
    """
    quota = np.maximum(fewest, most / max(1, len(strata)) * np.bincount(strata)).astype(np.int64)
    kept: NDArray[np.bool_] = places(strata, order) < quota[strata]
    return kept
