"""Near duplicates: texts that say the same words as others of the corpora, nearly or exactly.

Word 3-shingles, MinHash with 64 permutations in 16 bands of 4 (Broder 1997), every candidate verified by its exact
Jaccard similarity. Texts are taken in content-hash order; each joins the first earlier text that it resembles or
becomes one to be joined, so that groups do not chain and depend on nothing but the texts.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from modecollapse.facets.shingles import Hashes, unpacked

SIMILARITY = 0.7
PERMUTATIONS = 64
BANDS = (16, 4)


@dataclass(frozen=True)
class Duplicates:
    """Texts that others resemble, as packed shingles: enough to know another copy, not enough to read the text."""

    originals: Sequence[bytes]

    def have(self, texts: Sequence[bytes | None]) -> NDArray[np.bool_]:
        """Which texts, by their shingles, resemble one of the originals, as each of them does itself: ``(texts,)``."""
        found = [unpacked(text or b"") for text in texts]
        # Most have too little in common with any of them, and that is quick to see.
        have = _mostly_in(found, self._said)
        for place in np.flatnonzero(have).tolist():
            have[place] = self._index.resembled(found[place], _signature(found[place])) is not None
        return have

    @cached_property
    def _said(self) -> Hashes:
        """What any of the originals says, once each."""
        return np.unique(_in_a_row([unpacked(original) for original in self.originals]))

    @cached_property
    def _index(self) -> _Index:
        index = _Index()
        for original in map(unpacked, self.originals):
            index.add(original, _signature(original))
        return index


def learn_duplicates(texts: Iterable[bytes | None], copies: int) -> Duplicates:
    """The texts that stand there at least ``copies`` times (two or more), themselves included.

    ``texts`` are the packed shingles of each text, in content-hash order.
    """
    found = [unpacked(text) for text in texts if text is not None]
    said = np.sort(_in_a_row(found))
    alike = [found[i] for i in np.flatnonzero(_mostly_in(found, np.unique(said[1:][said[1:] == said[:-1]])))]
    signatures = [_signature(own) for own in alike]
    index, counts = _Index(), []
    for place in np.flatnonzero(_meet(signatures)).tolist():
        original = index.resembled(alike[place], signatures[place])
        if original is None:
            original = index.add(alike[place], signatures[place])
            counts.append(0)
        counts[original] += 1
    return Duplicates([index.originals[i].tobytes() for i, count in enumerate(counts) if count >= copies])


def _in_a_row(texts: Sequence[Hashes]) -> Hashes:
    return np.concatenate([np.empty(0, dtype=np.uint64), *texts])


def _mostly_in(texts: Sequence[Hashes], known: Hashes) -> NDArray[np.bool_]:
    """Which texts have so many shingles among the ``known`` ones that a text of these may resemble them."""
    sizes = np.array([len(text) for text in texts], dtype=np.int64)
    owners = np.repeat(np.arange(len(texts)), sizes)
    inside = np.bincount(owners[np.isin(_in_a_row(texts), known)], minlength=len(texts))
    return np.asarray((inside >= SIMILARITY * sizes) & (sizes > 0))


def _meet(signatures: Sequence[Any]) -> NDArray[np.bool_]:
    """Which signatures share a band with another one, shape ``(signatures,)``: the index would find none of the others.

    Bands are compared by a hash of each: one that only seems to be shared is found out by the index.
    """
    bands, rows = BANDS
    values = np.array([signature.hashvalues for signature in signatures], dtype=np.uint64)
    keys = (values.reshape(len(signatures), bands, rows) * _odd(rows)).sum(axis=2, dtype=np.uint64)
    shared = np.zeros(len(signatures), dtype=bool)
    for band in keys.T:
        _, inverse, counts = np.unique(band, return_inverse=True, return_counts=True)
        shared |= counts[inverse] > 1
    return shared


def _odd(count: int) -> NDArray[np.uint64]:
    """So many odd numbers: a sum of numbers times these, modulo 2^64, is a hash of them all."""
    return np.random.default_rng(1).integers(1 << 63, size=count, dtype=np.uint64) * np.uint64(2) + np.uint64(1)


class _Index:
    """Texts to be resembled, findable by the bands of their MinHash signatures."""

    def __init__(self) -> None:
        from datasketch import MinHashLSH

        self.originals: list[Hashes] = []
        self._bands = MinHashLSH(num_perm=PERMUTATIONS, params=BANDS)

    def add(self, found: Hashes, signature: Any) -> int:  # noqa: ANN401 - datasketch has no types
        self._bands.insert(len(self.originals), signature)
        self.originals.append(found)
        return len(self.originals) - 1

    def resembled(self, found: Hashes, signature: Any) -> int | None:  # noqa: ANN401
        """The first original that ``found`` resembles."""
        for candidate in sorted(self._bands.query(signature)):
            original = self.originals[candidate]
            both = len(np.intersect1d(found, original, assume_unique=True))
            if both >= SIMILARITY * (len(found) + len(original) - both):
                return int(candidate)
        return None


def _signature(found: Hashes) -> Any:  # noqa: ANN401
    signature = _blank().copy()
    signature.update_batch((found & np.uint64(0xFFFFFFFF)).tolist())
    return signature


@cache
def _blank() -> Any:  # noqa: ANN401
    from datasketch import MinHash

    return MinHash(num_perm=PERMUTATIONS, seed=1, hashfunc=int)
