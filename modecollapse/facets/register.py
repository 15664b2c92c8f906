"""Register: how a text is written, in directions learnt once from what tells many English authors and tones apart.

Linear discriminant analysis (Fisher 1936; Rao 1948), as is usual in author verification: the features of a text (words
that most authors use, sequences of words with the content masked, habits) are mapped to directions in which texts of
one author or tone scatter alike and those of different ones differ most. ``python -m benchmarks.register`` learns them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from modecollapse.facets.naming import function_words

Array = NDArray[np.float32]

FILE = Path(__file__).with_name("register.npz")
DIRECTIONS = 64
CLIPPED = 3.0
_ENDINGS = (
    *("ness", "tion", "sion", "ment", "ity", "ing", "ed", "ly", "eth", "est"),
    *("ous", "ful", "able", "ive", "al", "er", "s", "y", "en"),
)
_SHORTEST_STEM = 3


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
        *map(" ".join, pairwise(["^", *shapes])),
        *map(" ".join, zip(shapes, shapes[1:], shapes[2:], strict=False)),
    ]


@dataclass(frozen=True)
class Register:
    """What was learnt.

    ``places`` numbers the features. ``idf`` has one weight per feature, ``directions`` is ``(features and habits,
    DIRECTIONS)``, ``habit_means`` and ``habit_scales`` are of the square roots of ``manner.style_counts``, ``centre``
    is where the texts that were learnt from lie on average.
    """

    places: Mapping[str, int]
    idf: Array
    directions: Array
    habit_means: Array
    habit_scales: Array
    centre: Array

    def of(self, units: Sequence[str], habits: Sequence[float]) -> list[float]:
        """Where a text lies, as ``DIRECTIONS`` numbers; in each, texts of one author scatter by about 1."""
        counted = [self._weighted(list(part)) for part in features(units)]
        point = sum((weights @ self.directions[places] for places, weights in counted), start=-self.centre)
        point = point + self.habits(habits) @ self.directions[len(self.idf) :]
        return [float(value) for value in point.round(2)]

    def habits(self, counts: Sequence[float]) -> Array:
        """Habits ``(width,)`` on a scale of their own, that together weigh as much as the words."""
        scaled = (np.sqrt(np.asarray(counts, dtype=np.float32)) - self.habit_means) / self.habit_scales
        return np.asarray(scaled.clip(-CLIPPED, CLIPPED) / np.sqrt(len(scaled)), dtype=np.float32)

    def _weighted(self, found: list[str]) -> tuple[NDArray[np.int64], Array]:
        """Places of known features, and their TF-IDF (logarithmic, of unit length)."""
        known = [place for place in map(self.places.get, found) if place is not None]
        places, counts = np.unique(np.array(known, dtype=np.int64), return_counts=True)
        weights = (1 + np.log(counts.astype(np.float32))) * self.idf[places]
        return places, weights / max(float(np.linalg.norm(weights)), 1e-9)


@lru_cache(maxsize=1)
def english() -> Register:
    """The one that comes with the program; directions are kept as bytes, with a scale per feature."""
    with np.load(FILE, allow_pickle=False) as kept:
        named = bytes(kept["features"]).decode().split("\n")
        return Register(
            places={name: place for place, name in enumerate(named)},
            idf=kept["idf"].astype(np.float32),
            directions=kept["directions"].astype(np.float32) * kept["scales"].astype(np.float32)[:, None],
            habit_means=kept["habit_means"],
            habit_scales=kept["habit_scales"],
            centre=kept["centre"],
        )
