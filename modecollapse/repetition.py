"""Texts that repeat themselves: loops and soft repetition, in time linear in the text."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import chain
from typing import Any

import numpy as np
import regex
from numpy.typing import NDArray

from modecollapse.words import weight

MOST_CHARACTERS = 40_000

LOOP_PERIODS = range(1, 9)  # units
LOOP_REPEATS = 4
LOOP_UNITS = 8
LOOP_SHARE = 0.2
CHARACTER_PERIODS = range(1, 17)
CHARACTER_LOOP = 20
CHARACTER_SHARE = 0.15

SOFT_UNITS = 30
SOFT_SHARE = 0.5
SOFT_SENTENCES = 4

_SENTENCE_END = regex.compile(r"[.!?。！？।\n]++\s*+")


def is_loop(text: str, found: Sequence[str]) -> bool:
    """Whether a stretch of words, or of characters inside a word, comes round again and again.

    Words (punctuation aside): a period of at most 8, four times or more, over at least 8 words and a fifth of the
    text. Characters: a period of at most 16 without a space, four times or more, over at least 20 characters and 15%
    of the text. A period without a letter ("-----", "0, 0, 0") is no loop. ``found`` are the words of ``text``
    (:func:`modecollapse.words.units`).
    """
    return _has_word_loop([unit for unit in found if weight(unit)]) or _has_character_loop(_evened(text))


def may_loop(texts: Sequence[str], found: Sequence[Sequence[str]]) -> NDArray[np.bool_]:
    """Which of many texts :func:`is_loop` is worth asking for, shape ``(texts,)``: it is false of the others.

    So few of their words and characters come again after any period that no stretch can be long enough. ``found`` are
    the words of each.
    """
    import pandas as pd

    lengths = np.array([len(words) for words in found], dtype=np.int64)
    codes, vocabulary = pd.factorize(np.fromiter(chain.from_iterable(found), dtype=object))
    spoken = np.array([weight(word) > 0 for word in vocabulary], dtype=bool)[codes]
    owners = np.repeat(np.arange(len(texts), dtype=np.int32), lengths)[spoken]
    evened = [_evened(text) for text in texts]
    letters = np.frombuffer("".join(evened).encode("utf-32-le", "surrogatepass"), dtype=np.uint32)
    writers = np.repeat(np.arange(len(texts), dtype=np.int32), [len(text) for text in evened])
    return _may_return(codes[spoken], owners, len(texts), LOOP_PERIODS, LOOP_UNITS, LOOP_SHARE) | _may_return(
        letters, writers, len(texts), CHARACTER_PERIODS, CHARACTER_LOOP, CHARACTER_SHARE
    )


def _may_return(
    codes: NDArray[Any], owners: NDArray[np.int32], texts: int, periods: Iterable[int], least: int, share: float
) -> NDArray[np.bool_]:
    """Whether enough items equal the one a period before them. ``owners`` says of which text each item is."""
    sizes = np.bincount(owners, minlength=texts)
    may = np.zeros(texts, dtype=bool)
    for period in periods:
        again = np.flatnonzero(codes[period:] == codes[:-period])
        within = owners[again] == owners[again + period]
        returned = np.bincount(owners[again[within]], minlength=texts)
        may |= returned + period >= np.maximum(share * sizes, max(least, LOOP_REPEATS * period))
    return may


def _evened(text: str) -> str:
    """The part that is read, in lower case, with single spaces."""
    return " ".join(text[:MOST_CHARACTERS].split()).lower()


def is_softly_repetitive(text: str, found: Sequence[str]) -> bool:
    """Whether half of the 4-grams, or of the sentences, have been there before, in a text of 30 words or more."""
    if len(found) < SOFT_UNITS:
        return False
    fourgrams = list(zip(found, found[1:], found[2:], found[3:], strict=False))
    sentences = [s.strip().lower() for s in _SENTENCE_END.split(text[:MOST_CHARACTERS]) if any(map(str.isalpha, s))]
    return _repeated(fourgrams) >= SOFT_SHARE or (
        len(sentences) >= SOFT_SENTENCES and _repeated(sentences) >= SOFT_SHARE
    )


def _repeated(items: Sequence[object]) -> float:
    return 1 - len(set(items)) / len(items)


def _has_word_loop(found: Sequence[str]) -> bool:
    index = {word: i for i, word in enumerate(dict.fromkeys(found))}
    codes = np.array([index[word] for word in found], dtype=np.int32)
    least = max(LOOP_UNITS, LOOP_SHARE * len(found))
    for period in LOOP_PERIODS:
        for start in _stretches(codes, period, max(least, LOOP_REPEATS * period)):
            if any(map(str.isalpha, "".join(found[start : start + period]))):
                return True
    return False


def _has_character_loop(text: str) -> bool:
    codes = np.frombuffer(text.encode("utf-32-le", "surrogatepass"), dtype=np.uint32)
    least = max(CHARACTER_LOOP, CHARACTER_SHARE * len(text))
    for period in CHARACTER_PERIODS:
        for start in _stretches(codes, period, max(least, LOOP_REPEATS * period)):
            once = text[start : start + period]
            if " " not in once and any(map(str.isalpha, once)):
                return True
    return False


def _stretches(codes: NDArray[np.int32] | NDArray[np.uint32], period: int, least: float) -> list[int]:
    """Starts of the stretches of at least ``least`` items in which each item equals the one ``period`` before it."""
    same = codes[period:] == codes[:-period]
    edges = np.concatenate([[-1], np.flatnonzero(~same), [len(same)]])
    lengths = np.diff(edges) - 1 + period
    return [int(start) for start in edges[:-1][lengths >= least] + 1]
