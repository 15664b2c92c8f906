"""One pass over the words of some texts, from which everything that a persona shows in is then taken."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from modecollapse.concealment import Concealment
from modecollapse.facets.base import Reader, Rows
from modecollapse.facets.manner import FORM_FEATURES, STYLE_NAMES, length_and_format, style_counts
from modecollapse.facets.naming import function_words, languages_of
from modecollapse.words import units

WORDS_READ = 150
VOICE_WORDS = 60


@dataclass(frozen=True)
class Manner:
    """How one text speaks.

    ``voice``: the words and numbers with which it begins. ``grammar``: every word, with a star for all but function
    words, numbers and marks. ``style`` and ``form``: see ``manner.style_counts`` and ``manner.length_and_format``.
    """

    voice: list[str]
    grammar: list[str]
    style: list[float]
    form: list[float]

    @classmethod
    def of(cls, text: str, language: str) -> Manner:
        """That of ``text``."""
        read = units(text, WORDS_READ)
        known = function_words(language)
        return cls(
            voice=[unit for unit in read[:VOICE_WORDS] if unit[0].isalnum()],
            grammar=[unit if unit in known or not unit[0].isalpha() else "*" for unit in read],
            style=style_counts(text, read, language),
            form=length_and_format(text),
        )

    def sealed(self, concealment: Concealment) -> Manner:
        """Without its rare words."""
        return replace(self, voice=concealment.bag(self.voice))


MANNER = Reader("manner", Manner.of, Manner, seal=lambda concealment, manner: manner.sealed(concealment))


@dataclass(frozen=True)
class Reading:
    """``rows`` and how each speaks."""

    rows: Rows
    manners: list[Manner]

    @classmethod
    def of(cls, rows: Rows, known: Reading | None = None) -> Reading:
        """Read ``rows``; what has been read before is taken from ``known``."""
        rows = replace(rows, languages=languages_of(rows))
        before: Mapping[int, Manner] = (
            {} if known is None else dict(zip(known.rows.hashes.tolist(), known.manners, strict=True))
        )
        hashes = rows.hashes.tolist()
        unread = rows.take(np.array([i for i, each in enumerate(hashes) if each not in before], dtype=np.int64))
        fresh = dict(zip(unread.hashes.tolist(), unread.read(MANNER), strict=True))
        return cls(rows, [before.get(each) or fresh[each] for each in hashes])

    def head(self, count: int) -> Reading:
        """The first ``count`` rows."""
        return Reading(self.rows.take(np.arange(min(count, len(self.rows)))), self.manners[:count])

    @cached_property
    def voice_words(self) -> list[list[str]]:
        """See ``Manner``."""
        return [manner.voice for manner in self.manners]

    @cached_property
    def grammar(self) -> list[list[str]]:
        """See ``Manner``."""
        return [manner.grammar for manner in self.manners]

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
        """Shape ``(rows, len(STYLE_NAMES))``."""
        found = [manner.style for manner in self.manners]
        return np.array(found, dtype=np.float64).reshape(len(self.rows), len(STYLE_NAMES))

    @cached_property
    def length_and_format(self) -> NDArray[np.float64]:
        """Shape ``(rows, FORM_FEATURES)``."""
        found = [manner.form for manner in self.manners]
        return np.array(found, dtype=np.float64).reshape(len(self.rows), FORM_FEATURES)
