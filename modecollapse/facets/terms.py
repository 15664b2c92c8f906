"""Documents as terms by number: a word, or some words in a row, that is never put together as a string."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import chain, pairwise

import numpy as np
from numpy.typing import NDArray

Integers = NDArray[np.int64]

_NONE = 0
"""Number of a term that stands in no document; those that do have positive ones."""


@dataclass(frozen=True)
class Terms:
    """The terms of some documents, one after the other, and the document that each stands in.

    ``numbers`` and ``owners`` have shape ``(terms,)``. A term is the number whose digits are places in ``words``, from
    1, to a base one above their count. ``documents`` counts those without a term as well.
    """

    words: Sequence[str]
    numbers: Integers
    owners: Integers
    documents: int

    @classmethod
    def of(cls, documents: Sequence[Sequence[str]]) -> Terms:
        """Each word by itself. No word holds a space."""
        import pandas as pd

        places, words = pd.factorize(np.fromiter(chain.from_iterable(documents), dtype=object))
        lengths = np.array([len(document) for document in documents], dtype=np.int64)
        owners = np.repeat(np.arange(len(lengths)), lengths)
        return cls(words.tolist(), places.astype(np.int64) + 1, owners, len(lengths))

    def split(self) -> list[list[str]]:
        """Of single words: those of each document. The same word is one string, wherever it stands."""
        flat = np.array(self.words, dtype=object)[self.numbers - 1].tolist()
        ends = np.cumsum(np.bincount(self.owners, minlength=self.documents)).tolist()
        return [flat[begin:end] for begin, end in pairwise([0, *ends])]

    def masked(self, kept: NDArray[np.bool_], groups: Integers, mask: str) -> Terms:
        """Of single words: ``mask`` in place of those that are not kept.

        ``kept`` has shape ``(groups, words)``; ``groups``, shape ``(documents,)``, says whose words are whose.
        """
        stays = kept[groups[self.owners], self.numbers - 1]
        # Numbers anew, of the few words that are left: those of content are most, and three in a row would not fit.
        some = np.flatnonzero(kept.any(axis=0)).tolist()
        words = [mask, *(self.words[place] for place in some if self.words[place] != mask)]
        place = {word: number for number, word in enumerate(words, 1)}
        anew = np.array([place.get(word, 1) for word in self.words], dtype=np.int64)
        return replace(self, words=words, numbers=np.where(stays, anew[self.numbers - 1], 1))

    def spoken_as(self, form: Callable[[str], str]) -> Terms:
        """Of single words: each in another ``form``, which several of them may share."""
        places: dict[str, int] = {}
        number = [places.setdefault(form(word), len(places) + 1) for word in self.words]
        return replace(self, words=list(places), numbers=np.array(number, dtype=np.int64)[self.numbers - 1])

    def where(self, kept: Sequence[bool]) -> Terms:
        """Of single words: those that are ``kept``, shape ``(words,)``."""
        stays = np.array(kept, dtype=bool)[self.numbers - 1]
        return replace(self, numbers=self.numbers[stays], owners=self.owners[stays])

    def once(self) -> Terms:
        """Of single words: each once in a document."""
        cells = np.unique(self.owners * self._base + self.numbers)
        return replace(self, numbers=cells % self._base, owners=cells // self._base)

    def without(self, others: Terms, of_document: NDArray[np.integer]) -> Terms:
        """Of single words: those that do not stand in the document's own one of ``others``."""
        theirs = np.array([self.numbered(word) for word in others.words], dtype=np.int64)[others.numbers - 1]
        held = others.owners * self._base + theirs
        stays = ~np.isin(of_document.astype(np.int64)[self.owners] * self._base + self.numbers, held[theirs != _NONE])
        return replace(self, numbers=self.numbers[stays], owners=self.owners[stays])

    def in_a_row(self, most: int) -> Terms:
        """Of single words: all terms of one to ``most`` words that stand next to each other in a document."""
        if self._base**most > np.iinfo(np.int64).max:
            raise OverflowError(f"{most} of {len(self.words)} words in a row have no number of 64 bits")
        found = [(self.numbers, self.owners)]
        for length in range(2, most + 1):
            ends = self.numbers[length - 1 :]
            number = np.zeros(len(ends), dtype=np.int64)
            for shift in range(length):
                number = number * self._base + self.numbers[shift : shift + len(ends)]
            owners = self.owners[: len(ends)]
            within = owners == self.owners[length - 1 :]
            found.append((number[within], owners[within]))
        numbers, owners = (np.concatenate(part) for part in zip(*found, strict=True))
        return replace(self, numbers=numbers, owners=owners)

    def spelled(self, number: int) -> str:
        """The words of a term, with a space between them."""
        words = []
        while number:
            number, place = divmod(number, self._base)
            words.append(self.words[place - 1])
        return " ".join(reversed(words))

    def numbered(self, term: str) -> int:
        """The number of a term that is ``spelled`` so: 0 where a word of it stands in no document."""
        number = 0
        for word in term.split(" "):
            place = self._places.get(word, _NONE)
            if place == _NONE:
                return _NONE
            number = number * self._base + place
        return number

    @property
    def _base(self) -> int:
        return len(self.words) + 1

    @cached_property
    def _places(self) -> dict[str, int]:
        return {word: place for place, word in enumerate(self.words, 1)}
