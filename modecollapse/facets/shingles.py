"""What a text says, word for word: three words in a row at a time, as hashes."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from modecollapse.words import weight

SHINGLE = 3
LEAST_WORDS = 8
MOST_WORDS = 1_000

Hashes = NDArray[np.uint64]

_TYPE = np.dtype("<u8")


def shingles(words: Sequence[str]) -> bytes | None:
    """Word 3-shingles, hashed to 64 bits and ``packed``; None for a text so short that equals are no surprise."""
    if not is_long(words):
        return None
    hashes = np.array([_hash_of_word(word) for word in words[:MOST_WORDS]], dtype=np.uint64)
    triples = np.lib.stride_tricks.sliding_window_view(hashes, SHINGLE)
    return packed((triples * _FACTORS).sum(axis=1, dtype=np.uint64))


def is_long(words: Sequence[str]) -> bool:
    """Whether a text of these words is so long that an equal one is a surprise."""
    return sum(map(weight, words[: 4 * LEAST_WORDS])) >= LEAST_WORDS


def packed(found: Hashes) -> bytes:
    """Each hash once, in ascending order: a set of them would take ten times as much."""
    return np.unique(found).astype(_TYPE).tobytes()


def unpacked(found: bytes) -> Hashes:
    """What was ``packed``."""
    return np.frombuffer(found, dtype=_TYPE)


_FACTORS = np.array([0x9E3779B97F4A7C15, 0xC2B2AE3D27D4EB4F, 0x165667B19E3779F9], dtype=np.uint64)
"""Odd numbers, one for each place of a triple: sums modulo 2^64 of hashes times these are hashes of the triple (linear
hashing, Carter & Wegman 1979)."""


def hashed(text: str) -> int:
    """A hash of 64 bits."""
    return int.from_bytes(hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=8).digest(), "little")


_hash_of_word = lru_cache(maxsize=65_536)(hashed)
