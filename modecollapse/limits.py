"""Where one side's texts break off earlier than the other's do, as when they were generated with fewer tokens.

What a text would have gone on to say is no lost mode: topics and personas of both sides are read as far as both go.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from modecollapse.facets.degeneration import CONDITION
from modecollapse.facets.surface import SIZE, SURFACE
from modecollapse.pairing import Pair, Side

FEWEST = 20
BROKEN_OFF = 0.2
"""Part of the texts that stop in the middle of a sentence where a limit ends them."""

LONGEST, SHORTEST = 0.95, 0.1
ALIKE = 2.2
"""How many times as long as the shortest of those that break off in the middle the longest texts of a side are, at
most, if a limit ends them (both as quantiles): tokens differ in length by that much. Lengths that answers have by
themselves differ by more."""

BEYOND, MANY = 1.1, 0.25
_A_WORD = 30


@dataclass(frozen=True)
class Limit:
    """Texts of ``side`` break off, ``broken_off`` of them; ``longer`` of the other side's go on beyond its longest.

    ``length`` is in bytes of UTF-8, of which a token takes about as many in every script.
    """

    side: Side
    length: int
    broken_off: float
    longer: float

    def within(self, text: str) -> str:
        """The words of ``text`` within the limit."""
        if len(text) * 4 <= self.length or len(coded := text.encode("utf-8", "surrogatepass")) <= self.length:
            return text
        begun = coded[: self.length].decode("utf-8", "ignore")
        space = begun.rfind(" ", len(begun) - _A_WORD)
        return begun if space < 0 else begun[:space]


def find_limit(pair: Pair, sides: Sequence[NDArray[np.int64]]) -> Limit | None:
    """The limit that one of the ``sides`` has, as rows of base and new, and the other has not, or a higher one."""
    read = [_lengths(pair, index) for index in sides]
    for side, ((lengths, cut), (others, _)) in zip((Side.BASE, Side.NEW), (read, read[::-1]), strict=True):
        if cut.sum() < FEWEST or cut.mean() < BROKEN_OFF:
            continue
        longest, shortest = np.quantile(lengths, LONGEST), np.quantile(lengths[cut], SHORTEST)
        longer = float((others > BEYOND * longest).mean())
        if longest <= ALIKE * shortest and longer >= MANY:
            return Limit(side, int(shortest), float(cut.mean()), longer)
    return None


def _lengths(pair: Pair, index: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
    """How long texts are, in bytes, and which break off in the middle of a sentence."""
    lengths, cut = [], []
    for rows in pair.rows.batches(index):
        lengths += [found[SIZE] for found in rows.read(SURFACE)]
        cut += [condition.cut_off for condition in rows.read(CONDITION)]
    return np.array(lengths, dtype=np.int64), np.array(cut, dtype=bool)
