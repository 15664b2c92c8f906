"""Principal components."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray


def principal_components(points: NDArray[Any], dimensions: int) -> NDArray[np.float32]:
    """Directions of largest variance of centred ``points``, float32 ``(at most dimensions, width)``."""
    points = points.astype(np.float64)
    values, vectors = np.linalg.eigh(points.T @ points)
    order = np.argsort(-values)[: min(dimensions, len(points))]
    return np.asarray(vectors[:, order].T, dtype=np.float32)
