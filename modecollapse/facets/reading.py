"""One pass over the words of some texts, from which everything that a persona shows in is then taken."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from modecollapse.facets.base import Rows
from modecollapse.facets.manner import length_and_format, style_counts
from modecollapse.facets.naming import function_words, languages_of
from modecollapse.words import units

WORDS_READ = 150
VOICE_WORDS = 60


@dataclass(frozen=True)
class Reading:
    """``rows`` and the first words of each."""

    rows: Rows
    units: list[list[str]]

    @classmethod
    def of(cls, rows: Rows, known: Reading | None = None) -> Reading:
        """Read ``rows``; what has been read before is taken from ``known``."""
        before: Mapping[int, list[str]] = (
            {} if known is None else dict(zip(known.rows.hashes, known.units, strict=True))
        )
        return cls(rows, [before.get(h) or units(t, WORDS_READ) for h, t in zip(rows.hashes, rows.texts, strict=True)])

    def head(self, count: int) -> Reading:
        """The first ``count`` rows."""
        return Reading(self.rows.take(np.arange(min(count, len(self.rows)))), self.units[:count])

    @cached_property
    def voice_words(self) -> list[list[str]]:
        """Words and numbers with which each text begins."""
        return [[unit for unit in read[:VOICE_WORDS] if unit[0].isalnum()] for read in self.units]

    @cached_property
    def grammar(self) -> list[list[str]]:
        """Every word of each text, with a star for all but function words, numbers and marks."""
        known = [function_words(str(language)) for language in languages_of(self.rows)]
        return [
            [unit if unit in grammar or not unit[0].isalpha() else "*" for unit in read]
            for read, grammar in zip(self.units, known, strict=True)
        ]

    @cached_property
    def grammar_sequences(self) -> list[list[str]]:
        """One to three neighbours of ``grammar``."""
        return [
            [
                *masked,
                *map(" ".join, pairwise(masked)),
                *map(" ".join, zip(masked, masked[1:], masked[2:], strict=False)),
            ]
            for masked in self.grammar
        ]

    @cached_property
    def style_counts(self) -> NDArray[np.float64]:
        """See ``manner.style_counts``."""
        return style_counts(self.rows.texts, self.units, languages_of(self.rows))

    @cached_property
    def length_and_format(self) -> NDArray[np.float64]:
        """See ``manner.length_and_format``."""
        return length_and_format(self.rows.texts)
