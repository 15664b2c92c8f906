"""One pass over the words of some texts, from which everything that a persona shows in is then taken."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from modecollapse.concealment import Concealment
from modecollapse.facets.base import Reader, Rows
from modecollapse.facets.manner import FORM_FEATURES, IN_ENGLISH, STYLE_NAMES, length_and_format, style_counts
from modecollapse.facets.naming import function_words, languages_of
from modecollapse.facets.register import english, packed, unpacked
from modecollapse.facets.terms import Terms
from modecollapse.segmentation import unspaced
from modecollapse.words import units

WORDS_READ = 150
VOICE_WORDS = 60
_MASK = "*"
_LONGEST_GRAMMAR = 4
"""Characters of the longest function word that is looked for in scripts without spaces."""


@dataclass(frozen=True)
class Manner:
    """How one text speaks.

    ``voice``: the words and numbers with which it begins. ``units``: all words and marks, in order. ``style`` and
    ``form``: see ``manner.style_counts`` and ``manner.length_and_format``. ``register``: see ``register.packed``.
    """

    voice: list[str]
    units: list[str]
    style: list[float]
    form: list[float]
    register: bytes

    @classmethod
    def of(cls, texts: Sequence[str]) -> list[Manner]:
        """That of each text."""
        terms = Terms.of([units(text, WORDS_READ) for text in texts])
        styles = style_counts(texts, terms)
        registers = packed(english().of(terms, styles))
        return [
            cls(
                [unit for unit in own[:VOICE_WORDS] if unit[0].isalnum()], own, style, length_and_format(text), register
            )
            for text, own, style, register in zip(texts, terms.split(), styles.tolist(), registers, strict=True)
        ]

    def sealed(self, concealment: Concealment) -> Manner:
        """With its rare words sealed."""
        return replace(self, voice=concealment.bag(self.voice))

    def kept(self, concealment: Concealment) -> Manner:
        """Without the words that carry content."""
        return replace(self, units=_masked(self.units, concealment.grammar))


def _masked(units: Sequence[str], grammar: frozenset[str]) -> list[str]:
    """A star in place of every word that is not in ``grammar``; numbers and marks stay."""
    return [unit if _stays(unit, grammar) else _MASK for unit in units]


def _joined(units: Sequence[str], grammar: frozenset[str]) -> list[str]:
    """Characters of unspaced scripts that stand side by side, as the longest words of ``grammar`` that they make."""
    found, begin = [], 0
    while begin < len(units):
        lengths = range(_LONGEST_GRAMMAR, 1, -1) if unspaced(units[begin]) else ()
        length = next((n for n in lengths if "".join(units[begin : begin + n]) in grammar), 1)
        found.append("".join(units[begin : begin + length]))
        begin += length
    return found


def _stays(unit: str, grammar: frozenset[str]) -> bool:
    return unit in grammar or not unit[0].isalpha()


MANNER = Reader(
    name="manner",
    read=Manner.of,
    kind=Manner,
    seal=lambda concealment, manner: manner.sealed(concealment),
    keep=lambda concealment, manner: manner.kept(concealment),
)


@dataclass(frozen=True)
class Reading:
    """``rows`` and how each speaks."""

    rows: Rows
    manners: list[Manner]

    @classmethod
    def of(cls, rows: Rows, known: Reading | None = None) -> Reading:
        """Read ``rows``; what has been read before is taken from ``known``."""
        before: Mapping[int, Manner] = (
            {} if known is None else dict(zip(known.rows.hashes.tolist(), known.manners, strict=True))
        )
        hashes = rows.hashes.tolist()
        unread = rows.take(np.array([i for i, each in enumerate(hashes) if each not in before], dtype=np.int64))
        fresh = dict(zip(unread.hashes.tolist(), unread.read(MANNER), strict=True))
        return cls(rows, [before.get(each) or fresh[each] for each in hashes])

    def take(self, index: NDArray[np.int64]) -> Reading:
        """The rows at ``index`` (integers), in that order."""
        return Reading(self.rows.take(index), [self.manners[i] for i in index.tolist()])

    def head(self, count: int) -> Reading:
        """The first ``count`` rows."""
        return self.take(np.arange(min(count, len(self.rows))))

    @cached_property
    def voice_words(self) -> Terms:
        """See ``Manner``."""
        return Terms.of([manner.voice for manner in self.manners])

    @cached_property
    def grammar_words(self) -> list[list[str]]:
        """Every word of each text, with a star for all but its language's function words, numbers and marks."""
        known = [function_words(language) for language in languages_of(self.rows).tolist()]
        return [
            _masked(_joined(manner.units, grammar), grammar)
            for manner, grammar in zip(self.manners, known, strict=True)
        ]

    @cached_property
    def grammar_sequences(self) -> Terms:
        """One to three neighbours among the words, with a star for the others as in ``grammar_words``."""
        units = Terms.of([manner.units for manner in self.manners])
        languages, spoken = np.unique(languages_of(self.rows), return_inverse=True)
        known = [function_words(str(language)) for language in languages]
        kept = np.array([[_stays(unit, grammar) for unit in units.words] for grammar in known], dtype=bool)
        return units.masked(kept.reshape(len(known), len(units.words)), spoken, _MASK).in_a_row(3)

    @cached_property
    def style_counts(self) -> NDArray[np.float64]:
        """Shape ``(rows, len(STYLE_NAMES))``. English habits count in English only: German "Art" is not archaic."""
        found = [manner.style for manner in self.manners]
        counts = np.array(found, dtype=np.float64).reshape(len(self.rows), len(STYLE_NAMES))
        counts[np.ix_(languages_of(self.rows) != "en", IN_ENGLISH)] = 0
        return counts

    @cached_property
    def register(self) -> NDArray[np.float64]:
        """Shape ``(rows, DIRECTIONS)``: zeros for texts that are not in English."""
        points = unpacked([manner.register for manner in self.manners])
        points[languages_of(self.rows) != "en"] = 0
        return points

    @cached_property
    def length_and_format(self) -> NDArray[np.float64]:
        """Shape ``(rows, FORM_FEATURES)``."""
        found = [manner.form for manner in self.manners]
        return np.array(found, dtype=np.float64).reshape(len(self.rows), FORM_FEATURES)
