"""Which mode holds which: the same texts stand in modes of several granularities, and their loss is one loss."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from modecollapse.findings import HOLDS

_BLOCK = 1 << 16
"""Rows that are counted at a time: what is held for a row and level is many times what its label is."""


def within(labels: NDArray[np.int32], modes: int) -> NDArray[np.int64]:
    """Index of the smallest mode that holds each one, int64 ``(modes,)``; -1 where none does.

    ``labels`` has shape ``(rows, levels)``: the mode of each row at each level, negative for none. A mode holds another
    where it has nine tenths of its texts or more, and more texts in all; of modes of the same size the one that comes
    first holds the others.
    """
    common = np.zeros((modes, modes))
    for start in range(0, len(labels), _BLOCK):
        common += _common(labels[start : start + _BLOCK], modes)
    size = common.diagonal()
    order = np.lexsort((np.arange(modes), -size))
    found = np.full(modes, -1, dtype=np.int64)
    for place, mode in enumerate(order):
        larger = order[:place]
        holding = larger[common[mode, larger] >= HOLDS * size[mode]]
        if size[mode] and len(holding):
            found[mode] = holding[-1]
    return found


def _common(labels: NDArray[np.int32], modes: int) -> NDArray[np.float64]:
    """How many rows have both of two modes, ``(modes, modes)``."""
    from scipy import sparse

    rows, levels = np.nonzero(labels >= 0)
    member = sparse.csr_array((np.ones(len(rows)), (rows, labels[rows, levels])), shape=(len(labels), modes))
    return np.asarray((member.T @ member).toarray())
