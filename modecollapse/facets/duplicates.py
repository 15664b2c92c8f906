"""Duplicates: texts that say the same words as others of the corpora, nearly or exactly.

Word 3-shingles, MinHash with 64 permutations in 16 bands of 4 (Broder 1997), every candidate verified by its exact
Jaccard similarity. Texts are taken in content-hash order; each joins the first earlier text that it resembles or
becomes one to be joined, so that groups do not chain and depend on nothing but the texts.

Exact copies within a prompt are another matter (:func:`copies`): a cache, a retry or one seed for all samples makes
them, and then they are fewer samples than they look.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache, cached_property, lru_cache
from itertools import chain
from typing import Any

import numpy as np
from numpy.typing import NDArray

from modecollapse.facets.base import Reader, of_each
from modecollapse.words import units, weight

SIMILARITY = 0.7
PERMUTATIONS = 64
BANDS = (16, 4)
SHINGLE = 3
LEAST_WORDS = 8
MOST_WORDS = 1_000

Shingles = frozenset[int]


@dataclass(frozen=True)
class Duplicates:
    """Texts that others resemble, as hashed shingles: enough to know another copy, not enough to read the text."""

    originals: Sequence[Shingles]

    def has(self, found: Shingles | None) -> bool:
        """Whether a text with these shingles resembles one of the originals (as each of them does itself)."""
        if found is None or len(found & self._said) < SIMILARITY * len(found):
            return False  # most texts, and quick to see
        return self._index.resembled(found, _signature(found)) is not None

    @cached_property
    def _said(self) -> Shingles:
        """What any of the originals says."""
        return frozenset(chain.from_iterable(self.originals))

    @cached_property
    def _index(self) -> _Index:
        index = _Index()
        for original in self.originals:
            index.add(original, _signature(original))
        return index


def learn_duplicates(texts: Iterable[Shingles | None], copies: int) -> Duplicates:
    """The texts that stand there at least ``copies`` times (two or more), themselves included.

    ``texts`` are the shingles of each text, in content-hash order.
    """
    index, counts = _Index(), []
    alike = _alike([found for found in texts if found is not None])
    signatures = [_signature(found) for found in alike]
    for place in np.flatnonzero(_meet(signatures)).tolist():
        found, signature = alike[place], signatures[place]
        original = index.resembled(found, signature)
        if original is None:
            original = index.add(found, signature)
            counts.append(0)
        counts[original] += 1
    return Duplicates([index.originals[i] for i, count in enumerate(counts) if count >= copies])


def _alike(texts: Sequence[Shingles]) -> list[Shingles]:
    """Those of which so many shingles stand in another text as well that one of these may resemble it."""
    said = np.fromiter(chain.from_iterable(texts), dtype=np.uint64)
    said.sort()
    shared = frozenset(said[1:][said[1:] == said[:-1]].tolist())
    return [found for found in texts if len(found & shared) >= SIMILARITY * len(found)]


def _meet(signatures: Sequence[Any]) -> NDArray[np.bool_]:
    """Which signatures share a band with another one, shape ``(signatures,)``: the index would find none of the others.

    Bands are compared by a hash of each: one that only seems to be shared is found out by the index.
    """
    bands, rows = BANDS
    values = np.array([signature.hashvalues for signature in signatures], dtype=np.uint64)
    values = values.reshape(len(signatures), PERMUTATIONS)[:, : bands * rows].reshape(-1, bands, rows)
    keys = (values * _odd(rows)).sum(axis=2, dtype=np.uint64)
    shared = np.zeros(len(signatures), dtype=bool)
    for band in keys.T:
        _, inverse, counts = np.unique(band, return_inverse=True, return_counts=True)
        shared |= counts[inverse] > 1
    return shared


def _odd(count: int) -> NDArray[np.uint64]:
    """So many odd numbers: a sum of numbers times these, modulo 2^64, is a hash of them all."""
    return np.random.default_rng(1).integers(1 << 63, size=count, dtype=np.uint64) * np.uint64(2) + np.uint64(1)


@dataclass(frozen=True)
class WholeText:
    """A text as a whole: a hash of it, and whether it is so long that an equal one is a surprise."""

    hash: int
    is_long: bool

    @classmethod
    def of(cls, text: str) -> WholeText:
        """That of ``text``."""
        return cls(_hash(text), _is_long(units(text, 4 * LEAST_WORDS)))


WHOLE = Reader("whole_text", of_each(WholeText.of), WholeText)


def copies(prompts: NDArray[np.integer], texts: Sequence[WholeText]) -> NDArray[np.bool_]:
    """Which texts repeat an earlier one of their prompt word for word, shape ``(texts,)``.

    Not those so short that equals are no surprise, nor any that stands under another prompt as well: a stock answer is
    said again because it is likely, and each time is a sample of its own.
    """
    first, number, telling = _equals(prompts, texts)
    return np.asarray((np.arange(len(texts)) != first[number]) & telling, dtype=bool)


def chance_of_copies(prompts: NDArray[np.integer], texts: Sequence[WholeText], size: int) -> NDArray[np.float64]:
    """The chance that two texts of a prompt are copies as above, shape ``(size,)``; NaN where there are not two."""
    _, number, telling = _equals(prompts, texts)
    equals = np.bincount(number, weights=telling)
    prompt_of = np.zeros(len(equals), dtype=np.int64)
    prompt_of[number] = prompts
    pairs = np.bincount(prompt_of, weights=equals * (equals - 1), minlength=size)
    total = np.bincount(prompts, minlength=size).astype(np.float64)
    return np.asarray(np.divide(pairs, total * (total - 1), out=np.full(size, np.nan), where=total > 1))


def _equals(
    prompts: NDArray[np.integer], texts: Sequence[WholeText]
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.bool_]]:
    """Where each distinct text stands first, which one each text is, and whether that it stands there twice tells."""
    hashes = np.array([text.hash for text in texts], dtype=np.uint64)
    long = np.array([text.is_long for text in texts], dtype=bool)
    _, first, number = np.unique(hashes, return_index=True, return_inverse=True)
    elsewhere = np.bincount(number, weights=prompts != prompts[first][number]) > 0
    return first, number, long & ~elsewhere[number]


def _is_long(words: Sequence[str]) -> bool:
    return sum(map(weight, words[: 4 * LEAST_WORDS])) >= LEAST_WORDS


def shingles(words: Sequence[str]) -> Shingles | None:
    """Word 3-shingles, hashed to 64 bits; None for a text so short that equals are no surprise."""
    if not _is_long(words):
        return None
    hashes = np.array([_hash_of_word(word) for word in words[:MOST_WORDS]], dtype=np.uint64)
    triples = np.lib.stride_tricks.sliding_window_view(hashes, SHINGLE)
    return frozenset((triples * _FACTORS).sum(axis=1, dtype=np.uint64).tolist())


_FACTORS = np.array([0x9E3779B97F4A7C15, 0xC2B2AE3D27D4EB4F, 0x165667B19E3779F9], dtype=np.uint64)
"""Odd numbers, one for each place of a triple: sums modulo 2^64 of hashes times these are hashes of the triple (linear
hashing, Carter & Wegman 1979)."""


def _hash(text: str) -> int:
    return int.from_bytes(hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=8).digest(), "little")


_hash_of_word = lru_cache(maxsize=65_536)(_hash)


class _Index:
    """Texts to be resembled, findable by the bands of their MinHash signatures."""

    def __init__(self) -> None:
        from datasketch import MinHashLSH

        self.originals: list[Shingles] = []
        self._bands = MinHashLSH(num_perm=PERMUTATIONS, params=BANDS)

    def add(self, found: Shingles, signature: Any) -> int:  # noqa: ANN401 - datasketch has no types
        self._bands.insert(len(self.originals), signature)
        self.originals.append(found)
        return len(self.originals) - 1

    def resembled(self, found: Shingles, signature: Any) -> int | None:  # noqa: ANN401
        """The first original that ``found`` resembles."""
        for candidate in sorted(self._bands.query(signature)):
            original = self.originals[candidate]
            if len(found & original) >= SIMILARITY * len(found | original):
                return int(candidate)
        return None


def _signature(found: Shingles) -> Any:  # noqa: ANN401
    signature = _blank().copy()
    signature.update_batch(found)
    return signature


@cache
def _blank() -> Any:  # noqa: ANN401
    from datasketch import MinHash

    return MinHash(num_perm=PERMUTATIONS, seed=1, hashfunc=_low_bits)


def _low_bits(hashed: int) -> int:
    return hashed & 0xFFFFFFFF
