"""Which mode holds which: the same texts stand in modes of several granularities, and their loss is one loss."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from modecollapse.findings import HOLDS


def within(labels: NDArray[np.int32], modes: int) -> NDArray[np.int64]:
    """Index of the smallest mode that holds each one, int64 ``(modes,)``; -1 where none does.

    ``labels`` has shape ``(rows, levels)``: the mode of each row at each level, negative for none. A mode holds another
    where it has nine tenths of its texts or more, and more texts in all; of modes of the same size the one that comes
    first holds the others.
    """
    from scipy import sparse

    rows, levels = np.nonzero(labels >= 0)
    member = sparse.csr_array((np.ones(len(rows)), (rows, labels[rows, levels])), shape=(len(labels), modes))
    common = (member.T @ member).toarray()
    size = common.diagonal()
    order = np.lexsort((np.arange(modes), -size))
    found = np.full(modes, -1, dtype=np.int64)
    for place, mode in enumerate(order):
        larger = order[:place]
        holding = larger[common[mode, larger] >= HOLDS * size[mode]]
        if size[mode] and len(holding):
            found[mode] = holding[-1]
    return found
