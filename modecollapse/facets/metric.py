"""A metric in which texts on one subject lie near each other, whatever their form: learnt once, on public texts."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

FILE = Path(__file__).with_name("metric.npz")
STEP = 1 / 256
"""To which entries are rounded. Texts that it was not learnt on are clustered as well with steps of 1/64."""


@lru_cache(maxsize=2)
def metric(name: str) -> NDArray[np.float32]:
    """The one for the vectors of an encoder, float32 ``(dimensions, dimensions)``, symmetric: what to multiply them by.

    Made of two covariances, over classes of several corpora, by ``benchmarks.metric``: what varies among texts on one
    subject is made less, and the more so the less a direction tells subjects apart.
    """
    with np.load(FILE, allow_pickle=False) as arrays:
        above, diagonal = (arrays[f"{name} {part}"].astype(np.float32) * STEP for part in ("above", "diagonal"))
    found = np.zeros((len(diagonal), len(diagonal)), dtype=np.float32)
    found[np.triu_indices(len(diagonal), 1)] = above
    found += found.T
    np.fill_diagonal(found, diagonal)
    return found


def save(metrics: Mapping[str, NDArray[np.float64]], path: Path = FILE) -> None:
    """Write symmetric matrices by their names, each scaled to a mean diagonal of one, rounded to ``STEP``."""
    arrays = {}
    for name, matrix in metrics.items():
        steps = np.rint(matrix / np.diag(matrix).mean() / STEP)
        arrays[f"{name} above"] = steps[np.triu_indices(len(steps), 1)].clip(-127, 127).astype(np.int8)
        arrays[f"{name} diagonal"] = np.diag(steps).astype(np.int16)
    np.savez_compressed(path, **arrays)
