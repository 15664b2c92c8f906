"""The degeneration facet: texts that are broken or worn rather than different.

Four properties, each a level of its own because one text may have several:

* what makes a text *degenerate* – empty, a loop, soft repetition: such rows are no evidence for the other facets;
* near duplicates, which stay (a locked answer must remain visible to the other facets);
* nothing but a refusal;
* cut off in the middle of a sentence, as every text is that a token limit ended.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cache, lru_cache

import numpy as np
import regex
from numpy.typing import NDArray

from modecollapse.facets.base import Mode, Reader, Rows, of_each
from modecollapse.facets.duplicates import SIMILARITY, Duplicates, learn_duplicates
from modecollapse.facets.refusals import is_refusal
from modecollapse.facets.shingles import shingles
from modecollapse.repetition import MOST_CHARACTERS, is_loop, is_softly_repetitive, may_loop
from modecollapse.words import units, weight

LEARNING_ROWS = 50_000
MOST_WORDS = 4_000  # read of a text
COPIES = 3
SLICE = 512
SLICE_CHARACTERS = 500_000

MODES = (
    Mode("empty", "empty", "holds no visible character"),
    Mode("loop", "loops", "the same few words or characters again and again over a fifth of the text", level=0),
    Mode("soft-repetition", "soft repetition", "half of its 4-grams or sentences stand there more than once", level=0),
    Mode(
        "near-duplicate",
        "near duplicates",
        f"shares {SIMILARITY:.0%} of its word triples with a text that both corpora together hold {COPIES} times",
        level=1,
        bare=True,
    ),
    Mode("refusal", "refusals", "a short text that opens with a refusal", level=2),
    Mode("cut-off", "cut off", "ends in the middle of a sentence", level=3, bare=True),
)
"""Loops are often alike, and ended by a token limit: then they are the finding, not copies or broken sentences."""

EMPTY, LOOP, SOFT_REPETITION, NEAR_DUPLICATE, REFUSAL, CUT_OFF = range(len(MODES))
LEVELS = 4

_CUT_OFF_WORDS = 8
_LIST_ITEM = regex.compile(r"\s*(?:[-*•–#|>+]|\p{N}{1,3}[.)])")
_UNPUNCTUATED = regex.compile(r"[\p{Thai}\p{Lao}\p{Khmer}\p{Myanmar}]")
_OPEN_ENDED = regex.compile(r"[\p{L}\p{M}\p{N},;:،、\-–—(\[{]")


def degenerate_rows(labels: NDArray[np.int32]) -> NDArray[np.bool_]:
    """Which rows leave the other facets: the empty, loops and soft repetition. ``labels`` of shape ``(rows, 4)``."""
    return labels[:, 0] >= 0


@dataclass(frozen=True)
class Condition:
    """What is wrong with one text; ``defect`` is a mode, -1 where it is not degenerate."""

    defect: int
    refusal: bool
    cut_off: bool


def conditions(texts: Sequence[str]) -> list[Condition]:
    """That of each text."""
    found: list[Condition] = []
    for some in _slices(texts):
        words = [_words(text) for text in some]
        for text, said, suspect in zip(some, words, may_loop(some, words), strict=True):
            defect = _defect(text, said, bool(suspect))
            found.append(Condition(defect, is_refusal(text, said), is_cut_off(text, said)))
    return found


def _slices(texts: Sequence[str]) -> Iterator[list[str]]:
    """The texts, so many at a time that what is looked at together does not grow with their lengths."""
    some, size = [], 0
    for text in texts:
        some.append(text)
        size += min(len(text), MOST_CHARACTERS)
        if len(some) == SLICE or size >= SLICE_CHARACTERS:
            yield some
            some, size = [], 0
    if some:
        yield some


@lru_cache(maxsize=2 * SLICE)
def _words(text: str) -> list[str]:
    """Cutting a text into words takes longer than all that is then done with them."""
    return units(text, MOST_WORDS)


CONDITION = Reader("condition", conditions, Condition)
SHINGLES = Reader("shingles", of_each(lambda text: shingles(_words(text))), bytes | None)


@dataclass(frozen=True)
class DegenerationPartition:
    """The fixed modes, and the texts by which near duplicates are known."""

    duplicates: Duplicates
    modes: Sequence[Mode] = MODES
    notes: Sequence[tuple[str, str]] = field(default=())

    def label(self, rows: Rows) -> NDArray[np.int32]:
        """See :class:`~modecollapse.facets.base.Partition`; four levels."""
        slices = np.split(np.arange(len(rows)), range(SLICE, len(rows), SLICE))
        return np.concatenate([self._label(rows.take(part)) for part in slices])

    def _label(self, rows: Rows) -> NDArray[np.int32]:
        labels = np.full((len(rows), LEVELS), -1, dtype=np.int32)
        if self.duplicates.originals:
            labels[self.duplicates.have(rows.read(SHINGLES)), 1] = NEAR_DUPLICATE
        for row, condition in enumerate(rows.read(CONDITION)):
            labels[row, 0] = condition.defect
            labels[row, 2] = REFUSAL if condition.refusal else -1
            labels[row, 3] = CUT_OFF if condition.cut_off else -1
        return labels


@dataclass(frozen=True)
class DegenerationFacet:
    """Cuts generations by what is wrong with them."""

    name: str = "degeneration"
    needs_vectors: bool = False

    def learn(self, rows: Rows, anchor: Rows, seed: int) -> DegenerationPartition:
        """Only near duplicates are learnt: texts that ``rows``, both sides together, hold at least ``COPIES`` times.

        Blind to the side, so under no change both sides have the same rate whatever their sizes. It is not blind to
        size where they differ: a text that one side alone repeats counts once it has ``COPIES`` copies there, which
        the side with fewer samples reaches later. Its rate is then a lower bound.
        """
        sample = rows.sample(LEARNING_ROWS)
        return DegenerationPartition(learn_duplicates(rows.take(sample).read(SHINGLES), COPIES))


def is_cut_off(text: str, words: Sequence[str]) -> bool:
    """Whether a text of eight words or more stops in the middle of a sentence. A list may end without punctuation."""
    body = _without_marks_at_the_end(text[-2_000:])
    last_line = body.rsplit("\n", 1)[-1]
    if not body or _LIST_ITEM.match(last_line) or _UNPUNCTUATED.match(body[-1]):
        return False
    said = sum(map(weight, words[: 4 * _CUT_OFF_WORDS]))
    return said >= _CUT_OFF_WORDS and _OPEN_ENDED.match(body[-1]) is not None


def _without_marks_at_the_end(text: str) -> str:
    while text != (shorter := text.rstrip().rstrip("*_~")):
        text = shorter
    return text


def _defect(text: str, words: Sequence[str], suspect: bool) -> int:
    if all(map(_is_invisible, text)):
        return EMPTY
    if suspect and is_loop(text, words):
        return LOOP
    return SOFT_REPETITION if is_softly_repetitive(text, words) else -1


@cache
def _is_invisible(character: str) -> bool:
    return unicodedata.category(character)[0] in "ZC"
