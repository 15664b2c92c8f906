"""Register: how a text is written, in directions learnt once from what tells many English authors and tones apart.

Linear discriminant analysis (Fisher 1936; Rao 1948), as is usual in author verification: the features of a text (words
that most authors use, sequences of words with the content masked, habits) are mapped to directions in which texts of
one author or tone scatter alike and those of different ones differ most. ``python -m benchmarks.register`` learns them.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from modecollapse.facets.naming import function_words
from modecollapse.facets.terms import Terms

Floats = NDArray[np.float64]
Places = NDArray[np.int64]

FILE = Path(__file__).with_name("register.npz")
DIRECTIONS = 64
CLIPPED = 3.0
_ENDINGS = (
    *("ness", "tion", "sion", "ment", "ity", "ing", "ed", "ly", "eth", "est"),
    *("ous", "ful", "able", "ive", "al", "er", "s", "y", "en"),
)
_SHORTEST_STEM = 3
_UNIT = 100
_BEGIN = "^"


@lru_cache(maxsize=65_536)
def _shape(unit: str) -> str:
    """Function words and marks as they are, "0" for a number, "*ing" for a word of content by its ending."""
    if unit[0].isdigit():
        return "0"
    if unit in function_words("en") or not unit[0].isalpha():
        return unit
    return "*" + next((end for end in _ENDINGS if unit.endswith(end) and len(unit) >= len(end) + _SHORTEST_STEM), "")


def features(units: Sequence[str]) -> tuple[Sequence[str], list[str]]:
    """The words and marks of a text, and what they are put together like: shapes by one (content), two and three."""
    shapes = [_shape(unit) for unit in units]
    return units, [
        *(shape for shape in shapes if shape[0] == "*"),
        *map(" ".join, pairwise([_BEGIN, *shapes])),
        *map(" ".join, zip(shapes, shapes[1:], shapes[2:], strict=False)),
    ]


class _Features:
    """Finds ``features`` by number: a text's sequences are looked up as numbers, not put together as strings."""

    def __init__(self, names: Sequence[str]) -> None:
        """``names`` are the known features in their order: words, then sequences."""
        parts = [name.split(" ") for name in names]
        self._words = {name: i for i, (name, part) in enumerate(zip(names, parts, strict=True)) if _is_word(part)}
        shapes = [_BEGIN, *dict.fromkeys(shape for part in parts if not _is_word(part) for shape in part)]
        self._shapes = {shape: number for number, shape in enumerate(shapes, 1)}
        known = np.array([self._key(part) for part in parts if not _is_word(part)], dtype=np.int64)
        place = np.array([i for i, part in enumerate(parts) if not _is_word(part)], dtype=np.int64)
        order = np.argsort(known)
        self._keys, self._places = known[order], place[order]

    def _key(self, shapes: Sequence[str]) -> int:
        key = 0
        for shape in shapes:
            key = key * (len(self._shapes) + 1) + self._shapes[shape]
        return key

    def words(self, units: Terms) -> Places:
        """The place of each word, -1 for those that are not known."""
        return np.array([self._words.get(word, -1) for word in units.words], dtype=np.int64)[units.numbers - 1]

    def sequences(self, units: Terms) -> Iterator[Places]:
        """Places of the sequences of one, two and three shapes that end at each word, -1 where there is none."""
        base = len(self._shapes) + 1
        shapes = np.array([self._shapes.get(_shape(word), 0) for word in units.words], dtype=np.int64)
        shape = shapes[units.numbers - 1]
        first = np.diff(units.owners, prepend=-1) > 0
        before = np.where(first, self._shapes[_BEGIN], np.roll(shape, 1))
        two_before = np.where(first | np.roll(first, 1), 0, np.roll(shape, 2))
        yield self._found(shape)
        yield self._found(before * base + shape, (before > 0) & (shape > 0))
        yield self._found((two_before * base + before) * base + shape, (two_before > 0) & (before > 0) & (shape > 0))

    def _found(self, keys: Places, possible: NDArray[np.bool_] | bool = True) -> Places:
        at = np.searchsorted(self._keys, keys).clip(max=len(self._keys) - 1)
        return np.where((self._keys[at] == keys) & possible, self._places[at], -1)


def _is_word(part: Sequence[str]) -> bool:
    return len(part) == 1 and part[0][0] != "*"


@dataclass(frozen=True)
class Register:
    """What was learnt.

    ``idf`` has one weight per feature; ``directions`` is ``(features and habits, DIRECTIONS)``, ``habit_means`` and
    ``habit_scales`` are of the square roots of ``manner.style_counts``, ``centre`` is where the texts that were learnt
    from lie on average.
    """

    features: _Features
    idf: Floats
    directions: Floats
    habit_means: Floats
    habit_scales: Floats
    centre: Floats

    def of(self, units: Terms, habits: Floats) -> Floats:
        """Where texts lie, ``(texts, DIRECTIONS)``, by their words, one by one, and habits ``(texts, width)``.

        In each direction texts of one author scatter by about 1. Double precision, as a product in single precision
        has other last digits at another place of a batch, and a text's place is not to hang on its company.
        """
        words, sequences = self.features.words(units), list(self.features.sequences(units))
        points = self._projected(units.owners, words, units.documents)
        several = np.tile(units.owners, len(sequences)), np.concatenate(sequences)
        points += self._projected(*several, units.documents)
        points += self.habits(habits) @ self.directions[len(self.idf) :] - self.centre
        return points

    def habits(self, counts: Floats) -> Floats:
        """Habits ``(texts, width)`` on a scale of their own, that together weigh as much as the words."""
        width = len(self.habit_means)
        scaled = (np.sqrt(counts) - self.habit_means) / self.habit_scales
        return np.asarray(scaled.clip(-CLIPPED, CLIPPED) / np.sqrt(width), dtype=np.float64)

    def _projected(self, text: Places, places: Places, texts: int) -> Floats:
        """TF-IDF of known features (logarithmic, of unit length), in the directions."""
        from scipy.sparse import csr_array

        known = places >= 0
        cells, counts = np.unique(text[known] * len(self.idf) + places[known], return_counts=True)
        row, place = np.divmod(cells, len(self.idf))
        weights = (1 + np.log(counts)) * self.idf[place]
        weights /= np.sqrt(np.bincount(row, weights**2, minlength=texts))[row]
        weighted = csr_array((weights, (row, place)), shape=(texts, len(self.idf)))
        return np.asarray(weighted @ self.directions[: len(self.idf)])


def packed(points: Floats) -> list[bytes]:
    """Points ``(texts, DIRECTIONS)`` in hundredths, 16 bits each: a list of numbers would take ten times as much."""
    limits = np.iinfo(np.int16)
    return [row.tobytes() for row in np.rint(points * _UNIT).clip(limits.min, limits.max).astype("<i2")]


def unpacked(rows: Sequence[bytes]) -> Floats:
    """Points ``(texts, DIRECTIONS)`` from what ``packed`` gave."""
    return np.frombuffer(b"".join(rows), dtype="<i2").reshape(len(rows), DIRECTIONS) / _UNIT


@lru_cache(maxsize=1)
def english() -> Register:
    """The one that comes with the program; directions are kept as bytes, with a scale per feature."""
    with np.load(FILE, allow_pickle=False) as kept:
        return Register(
            features=_Features(bytes(kept["features"]).decode().split("\n")),
            idf=kept["idf"].astype(np.float64),
            directions=kept["directions"].astype(np.float64) * kept["scales"].astype(np.float64)[:, None],
            habit_means=kept["habit_means"].astype(np.float64),
            habit_scales=kept["habit_scales"].astype(np.float64),
            centre=kept["centre"].astype(np.float64),
        )
