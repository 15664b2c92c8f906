"""Texts as wholes: which repeat another one of their prompt word for word.

A cache, a retry or one seed for all samples makes such copies, and then they are fewer samples than they look.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from modecollapse.facets.base import Reader, of_each
from modecollapse.facets.shingles import LEAST_WORDS, hashed, is_long
from modecollapse.words import units


@dataclass(frozen=True)
class WholeText:
    """A text as a whole: a hash of it, and whether it is so long that an equal one is a surprise."""

    hash: int
    is_long: bool

    @classmethod
    def of(cls, text: str) -> WholeText:
        """That of ``text``."""
        return cls(hashed(text), is_long(units(text, 4 * LEAST_WORDS)))


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
