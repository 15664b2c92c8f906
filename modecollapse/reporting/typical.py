"""Which texts of a mode are typical of it: what examples are chosen by."""

from __future__ import annotations

from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from modecollapse.embed.vectors import Vectors
from modecollapse.pairing import Pair, Side

Index = NDArray[np.int64]
Bools = NDArray[np.bool_]

_MOST_LOOKED_AT = 2_000
"""Rows among which examples of a mode are sought, and whose mean is the centre: the first by content hash."""


class Typicality:
    """Puts the most typical rows first, where rows have vectors.

    Typical is what lies most in the direction of the members' mean, seen from the mean of all texts of base and new
    (``facets.identity.exemplars`` says why). Seen from its own side's mean, a mode that has taken a side over would lie
    in no direction at all.
    """

    def __init__(self, pair: Pair, sound: Bools, found: Vectors | None) -> None:
        """``found`` are the vectors of the ``sound`` rows that a baseline does not come with, in their order."""
        self._pair, self._found = pair, found
        self._held: Bools = (
            np.zeros_like(sound) if pair.encoded is None else np.asarray(pair.encoded.any(axis=1), dtype=bool)
        )
        self._place = np.cumsum(sound & ~self._held) - 1
        embedded = sound if found is not None else self._held
        self._known: Bools = np.ones_like(sound) if pair.rows.vectors is not None else embedded

    def order(self, member: Index) -> Index:
        """Rows of one side and mode, in order of content hash → the most typical first; those without vectors last."""
        known = member[self._known[member]][:_MOST_LOOKED_AT]
        if not len(known):
            return member
        own = self._vectors(known) - self._centre
        toward = own @ own.mean(0) / np.maximum(np.linalg.norm(own, axis=1), 1e-9)
        # Beyond five digits, sums differ between machines.
        first = known[np.argsort(-toward.round(5), kind="stable")]
        return np.concatenate([first, member[~self._known[member]]])

    @cached_property
    def _centre(self) -> NDArray[np.float32]:
        compared = np.flatnonzero(self._known & (self._pair.side <= Side.NEW))
        mean: NDArray[np.float32] = self._vectors(compared[:_MOST_LOOKED_AT]).mean(0)
        return mean

    def _vectors(self, index: Index) -> NDArray[np.float32]:
        if (own := self._pair.rows.vectors) is not None:
            return np.asarray(own[index], dtype=np.float32)
        held, encoded = self._held[index], self._pair.encoded
        if self._found is not None and not held.any():
            return self._found.take(self._place[index])
        assert encoded is not None
        vectors: NDArray[np.float32] = encoded[index].astype(np.float32)
        if self._found is not None:
            vectors[~held] = self._found.take(self._place[index[~held]])
        return vectors
