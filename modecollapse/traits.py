"""What is known of a facet's modes beside how many texts each has."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Bools = NDArray[np.bool_]


@dataclass(frozen=True)
class Traits:
    """Arrays of shape ``(modes,)``.

    ``stable`` is false where a mode comes and goes with the sample, and no finding is built on it; ``telling`` where it
    says little by itself. ``depleted`` is true where hardly a text is left that says its words, ``catchword`` where it
    was chosen among all words as one that took over, ``remainder`` where it holds the texts that have no mode: nothing
    is lost where these go; ``prefix`` where it is how texts begin. ``holders`` is the index of the mode that holds each
    one whole, or -1, and None where levels do not nest.
    """

    stable: Bools
    telling: Bools
    depleted: Bools
    catchword: Bools
    remainder: Bools
    prefix: Bools
    holders: NDArray[np.int64] | None = None

    @classmethod
    def usual(cls, modes: int) -> Traits:
        """Of modes of which nothing is known that would set them apart."""
        yes, no = np.ones(modes, dtype=bool), np.zeros(modes, dtype=bool)
        return cls(yes, yes, no, no, no, no)
